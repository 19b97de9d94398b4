/*
 * Runs a fuzz target over its corpus, one TAP case per file: what a fuzzer
 * once found stays found, on machines that have no fuzzer. Program fuzz_X
 * reads tests/fuzz/corpus/X below $top_srcdir; arguments name other files.
 * A corpus that is missing or empty is a failure.
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	INPUT_SIZE_MAX = 1 << 20,
};

static void
fail(const char *what, const char *path)
{
	printf("Bail out! %s %s\n", what, path);
	exit(1);
}

/* An exact-size copy, so that a sanitizer sees the first byte beyond it. */
static uint8_t *
read_input(const char *path, size_t *ret_size)
{
	static char bytes[INPUT_SIZE_MAX];
	uint8_t *copy;
	FILE *file;
	size_t size;

	file = fopen(path, "re");
	if (!file)
		fail("cannot open", path);
	size = fread(bytes, 1, sizeof(bytes), file);
	if (ferror(file) || !feof(file))
		fail("cannot read, or too large:", path);
	(void)fclose(file);
	copy = malloc(size > 0 ? size : 1);
	if (!copy)
		fail("no memory for", path);
	memcpy(copy, bytes, size);
	*ret_size = size;
	return copy;
}

static void
replay(unsigned int number, const char *path, const char *name)
{
	uint8_t *data;
	size_t size;

	data = read_input(path, &size);
	(void)LLVMFuzzerTestOneInput(data, size);
	free(data);
	printf("ok %u - %s\n", number, name);
	(void)fflush(stdout);
}

static int
is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static unsigned int
replay_corpus(const char *corpus)
{
	struct dirent **entries;
	char path[4096];
	int count, i;

	count = scandir(corpus, &entries, is_input, alphasort);
	if (count <= 0)
		fail("no corpus in", corpus);
	for (i = 0; i < count; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", corpus,
			entries[i]->d_name) >= (int)sizeof(path))
			fail("path too long in", corpus);
		replay((unsigned int)i + 1, path, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return (unsigned int)count;
}

int
main(int argc, char *argv[])
{
	const char *top = getenv("top_srcdir");
	const char *slash = strrchr(argv[0], '/');
	const char *name = strstr(slash ? slash : argv[0], "fuzz_");
	char corpus[4096];
	unsigned int count = 0;

	if (argc > 1) {
		for (count = 0; count + 1 < (unsigned int)argc; count++)
			replay(count + 1, argv[count + 1], argv[count + 1]);
	} else if (name) {
		(void)snprintf(corpus, sizeof(corpus),
		    "%s/tests/fuzz/corpus/%s", top ? top : ".",
		    name + strlen("fuzz_"));
		count = replay_corpus(corpus);
	}
	printf("1..%u\n", count);
	return 0;
}
