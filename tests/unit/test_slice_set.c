#include "tests/unit/unit.h"
#include "verify/slice_set.h"

#include <stdio.h>
#include <string.h>

static struct slice_set set;

static void
test_has_what_is_in_it_whole(void **state)
{
	const struct slice slices[] = {
	    {"leder", 5}, {"ko-saksbehandler", 15}, {"", 0}, {NULL, 0}};

	(void)state;
	slice_set_init(&set, slices, 4);
	assert_true(slice_set_has(&set, "leder"));
	assert_true(slice_set_has(&set, "ko-saksbehandle"));
	assert_false(slice_set_has(&set, "ko-saksbehandler"));
	assert_false(slice_set_has(&set, "lede"));
	assert_false(slice_set_has(&set, "Leder"));
	assert_false(slice_set_has(&set, ""));
}

static void
test_an_empty_set_has_nothing(void **state)
{
	(void)state;
	slice_set_init(&set, NULL, 0);
	assert_false(slice_set_has(&set, "leder"));
	assert_false(slice_set_has(&set, ""));
}

/* As many as there can be, that differ in their middle alone. */
static void
test_tells_as_many_as_there_can_be_apart(void **state)
{
	static char texts[SLICE_SET_MAX + 1][32];
	static struct slice slices[SLICE_SET_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i <= SLICE_SET_MAX; i++) {
		(void)snprintf(
		    texts[i], sizeof(texts[i]), "saksbeha-%04zu-ndlerne", i);
		slices[i] = slice_of(texts[i]);
	}
	slice_set_init(&set, slices, SLICE_SET_MAX + 1);
	for (i = 0; i < SLICE_SET_MAX; i++)
		assert_true(slice_set_has(&set, texts[i]));
	assert_false(slice_set_has(&set, texts[SLICE_SET_MAX]));
	assert_false(slice_set_has(&set, "saksbeha-9999-ndlerne"));
}

/* However many fall beside it, a beginning of a text is not the text. */
static void
test_a_beginning_is_not_the_whole(void **state)
{
	static char texts[SLICE_SET_MAX][32];
	static struct slice slices[SLICE_SET_MAX];
	char beginning[32];
	size_t i, size;

	(void)state;
	for (i = 0; i < SLICE_SET_MAX; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "%030zu", i * i * 7);
		slices[i] = slice_of(texts[i]);
	}
	slice_set_init(&set, slices, SLICE_SET_MAX);
	for (i = 0; i < SLICE_SET_MAX; i++) {
		assert_true(slice_set_has(&set, texts[i]));
		for (size = 0; size < slices[i].size; size++) {
			(void)snprintf(beginning, sizeof(beginning), "%.*s",
			    (int)size, texts[i]);
			assert_false(slice_set_has(&set, beginning));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_has_what_is_in_it_whole),
	    cmocka_unit_test(test_an_empty_set_has_nothing),
	    cmocka_unit_test(test_tells_as_many_as_there_can_be_apart),
	    cmocka_unit_test(test_a_beginning_is_not_the_whole),
	};

	return cmocka_run_group_tests_name("slice_set", tests, NULL, NULL);
}
