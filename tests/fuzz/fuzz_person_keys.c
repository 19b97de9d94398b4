/*
 * The input is a file of keys without its sum, which is made right: what is
 * taken from it has numbers that fall with age, and makes a link under each.
 */
#include "broker/person_key.h"
#include "lib/buf.h"
#include "tests/fuzz/fuzz.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE_MAX_OF_INPUT = 2048 };

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
put_file(const char *path, const uint8_t *data, size_t size)
{
	uint8_t sum[32], stored[36];
	struct buf_writer w;
	size_t length = 0;
	FILE *file;

	must(EVP_Q_digest(NULL, "SHA256", NULL, data, size, sum, &length) == 1);
	buf_writer_init(&w, stored, sizeof(stored));
	must(buf_put_bytes(&w, sum, sizeof(sum)) == 0);
	file = fopen(path, "w");
	must(file && chmod(path, 0600) == 0);
	must(fwrite(data, 1, size, file) == size);
	must(fwrite(stored, 1, sizeof(stored), file) == sizeof(stored));
	must(fclose(file) == 0);
}

static void
use(const struct person_keys *keys)
{
	unsigned int number, newer = 0;
	struct person_link link;
	size_t age;

	must(person_keys_number(keys, 0) != 0);
	for (age = 0; (number = person_keys_number(keys, age)) != 0; age++) {
		must(age < PERSON_KEYS_MAX);
		must(age == 0 || number < newer);
		must(person_key_link(keys, number, "01017012345", &link) == 0);
		must(link.key == number);
		newer = number;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char dir[] = "/tmp/portvakt-fuzz-XXXXXX", path[64];
	struct person_keys *keys = NULL;
	const char *problem = NULL;
	int error;

	if (size > SIZE_MAX_OF_INPUT)
		return 0;
	must(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/person.keys", dir);
	put_file(path, data, size);
	error = person_keys_open(path, &keys, &problem);
	(void)unlink(path);
	(void)rmdir(dir);
	must((error == 0) == (keys != NULL));
	if (keys)
		use(keys);
	else
		must(problem);
	person_keys_free(keys);
	return 0;
}
