/* The remedy is a line that is good. */
#include "ctl/nsswitch.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char remedy[NSSWITCH_LINE_SIZE], again[NSSWITCH_LINE_SIZE];
	char *text = malloc(size + 1);
	size_t line;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	(void)nsswitch_judge(text, "passwd", &line, remedy);
	free(text);
	/* A line that does not fit its buffer is cut and no remedy. */
	if (strlen(remedy) + 1 < sizeof(remedy) &&
	    nsswitch_judge(remedy, "passwd", &line, again) != NSSWITCH_GOOD)
		abort();
	return 0;
}
