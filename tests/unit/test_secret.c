#include "broker/secret.h"
#include "tests/unit/unit.h"

#include <malloc.h>
#include <string.h>

/* Linked with --wrap=free: what a freed block holds can be seen here only. */
static const char *watched;
static size_t watched_size;
static int wiped = -1;

void __real_free(void *block);
void __wrap_free(void *block);

void
__wrap_free(void *block)
{
	size_t i;

	if (watched && block && (char *)block <= watched &&
	    watched < (char *)block + malloc_usable_size(block)) {
		wiped = 1;
		for (i = 0; i < watched_size; i++)
			if (watched[i] != '\0')
				wiped = 0;
		watched = NULL;
	}
	__real_free(block);
}

static void
test_keeps_every_byte(void **state)
{
	struct secret *secret = NULL;

	(void)state;
	assert_int_equal(secret_new("a\0b", 3, &secret), 0);
	assert_int_equal(secret_size(secret), 3);
	assert_memory_equal(secret_reveal(secret), "a\0b", 4);
	assert_null(secret_free(secret));
	assert_int_equal(secret_new(NULL, 0, &secret), 0);
	assert_int_equal(secret_size(secret), 0);
	assert_string_equal(secret_reveal(secret), "");
	assert_null(secret_free(secret));
	assert_null(secret_free(NULL));
}

static void
test_is_wiped_before_it_is_freed(void **state)
{
	struct secret *secret = NULL;

	(void)state;
	assert_int_equal(secret_new("hemmelig", 8, &secret), 0);
	watched = secret_reveal(secret);
	watched_size = 8;
	assert_null(secret_free(secret));
	assert_int_equal(wiped, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keeps_every_byte),
	    cmocka_unit_test(test_is_wiped_before_it_is_freed),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
