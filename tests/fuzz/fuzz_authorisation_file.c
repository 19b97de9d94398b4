/*
 * What is accepted has in every row what an authorisation needs, and is the
 * same when it was printed and read again.
 */
#include "ctl/authorisation_file.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
check_row(const json_t *row)
{
	static const char *const texts[] = {
	    "person", "group", "unit", "kind", "basis", "reason"};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		must(json_string_length(json_object_get(row, texts[i])) > 0);
	must(json_integer_value(json_object_get(row, "order")) > 0);
}

static void
check_round(const json_t *rows)
{
	char error_text[AUTHORISATION_FILE_ERROR_SIZE];
	json_t *again = NULL;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	must(file != NULL);
	authorisation_file_print(rows, file);
	must(fclose(file) == 0);
	must(authorisation_file_parse(text, size, &again, error_text) == 0);
	must(json_equal(rows, again));
	json_decref(again);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error_text[AUTHORISATION_FILE_ERROR_SIZE] = "";
	json_t *rows = NULL, *row;
	size_t i;
	int error;

	error = authorisation_file_parse(
	    (const char *)data, size, &rows, error_text);
	if (error) {
		must(error == -EBADMSG && !rows && *error_text);
		return 0;
	}
	must(json_array_size(rows) > 0);
	json_array_foreach (rows, i, row) {
		check_row(row);
	}
	check_round(rows);
	json_decref(rows);
	return 0;
}
