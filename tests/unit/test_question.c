#include "tests/unit/unit.h"
#include "verify/question.h"

#include <errno.h>
#include <string.h>

/* What a later version of the library might add. */
struct later_options {
	struct portvakt_options known;
	uint64_t later;
};

/* Two questions differ in their bytes, or are the same question. */
static bool
is_same(const char *audience_a, const struct portvakt_options *a,
    const char *audience_b, const struct portvakt_options *b)
{
	char storage_a[QUESTION_SIZE_MAX], storage_b[QUESTION_SIZE_MAX];
	struct slice one, other;

	assert_int_equal(question_put(audience_a, a, storage_a, &one), 0);
	assert_int_equal(question_put(audience_b, b, storage_b, &other), 0);
	return one.size == other.size &&
	       memcmp(one.at, other.at, one.size) == 0;
}

static void
each_part_counts(void **state)
{
	static const char *const one[] = {"a:read"};
	static const char *const two[] = {"a:read", "a:write"};
	struct portvakt_options none = PORTVAKT_OPTIONS_INIT;
	struct portvakt_options issuer = none, level = none, age = none;
	struct portvakt_options scope = none, scopes = none;

	(void)state;
	issuer.issuer = "x";
	level.level = "x";
	age.max_age_s = 60;
	scope.scopes = one;
	scope.scopes_count = 1;
	scopes.scopes = two;
	scopes.scopes_count = 2;
	assert_true(is_same("orders", &none, "orders", &none));
	assert_false(is_same("orders", &none, "order", &none));
	assert_false(is_same("", &none, NULL, &none));
	assert_false(is_same("orders", &issuer, "orders", &none));
	assert_false(is_same("orders", &issuer, "orders", &level));
	assert_false(is_same("orders", &age, "orders", &none));
	assert_false(is_same("orders", &scope, "orders", &none));
	assert_false(is_same("orders", &scope, "orders", &scopes));
}

static void
how_the_token_came_does_not(void **state)
{
	struct portvakt_options none = PORTVAKT_OPTIONS_INIT;
	struct portvakt_options bound = none;

	(void)state;
	bound.scheme = PORTVAKT_SCHEME_DPOP;
	bound.dpop = "proof";
	bound.dpop_size = 5;
	assert_true(is_same("orders", &none, "orders", &bound));
}

static void
a_long_one_is_refused(void **state)
{
	struct portvakt_options none = PORTVAKT_OPTIONS_INIT;
	char storage[QUESTION_SIZE_MAX], audience[QUESTION_SIZE_MAX];
	struct slice question = {0};
	size_t size;

	(void)state;
	for (size = 0; size < sizeof(audience) - 1; size++) {
		memset(audience, 'x', size);
		audience[size] = '\0';
		if (question_put(audience, &none, storage, &question) < 0)
			break;
		assert_in_range(question.size, 1, sizeof(storage));
	}
	assert_in_range(size, 1000, sizeof(audience) - 1);
}

static void
reads_options_of_any_size(void **state)
{
	struct later_options later = {.known = PORTVAKT_OPTIONS_INIT};
	struct portvakt_options options;

	(void)state;
	assert_int_equal(question_options(NULL, &options), 0);
	assert_int_equal(options.size, sizeof(options));
	later.known.issuer = "staff";
	later.known.level = "high";
	later.known.size = offsetof(struct portvakt_options, level);
	assert_int_equal(question_options(&later.known, &options), 0);
	assert_string_equal(options.issuer, "staff");
	assert_null(options.level);
	later.known.size = sizeof(later);
	assert_int_equal(question_options(&later.known, &options), 0);
	assert_string_equal(options.level, "high");
}

static void
passes_over_nothing_that_is_asked(void **state)
{
	static const char *const hole[] = {"a:read", NULL};
	static const char *const empty[] = {""};
	struct later_options later = {.known = PORTVAKT_OPTIONS_INIT};
	struct portvakt_options options, given = PORTVAKT_OPTIONS_INIT;

	(void)state;
	later.known.size = sizeof(later);
	later.later = 1;
	assert_int_equal(question_options(&later.known, &options), -EINVAL);
	given.size = 0;
	assert_int_equal(question_options(&given, &options), -EINVAL);
	given = (struct portvakt_options)PORTVAKT_OPTIONS_INIT;
	given.scopes_count = 1;
	assert_int_equal(question_options(&given, &options), -EINVAL);
	given.scopes = empty;
	assert_int_equal(question_options(&given, &options), -EINVAL);
	given.scopes = hole;
	given.scopes_count = 2;
	assert_int_equal(question_options(&given, &options), -EINVAL);
	given.scopes_count = QUESTION_SCOPES_MAX + 1;
	assert_int_equal(question_options(&given, &options), -EINVAL);
	given = (struct portvakt_options)PORTVAKT_OPTIONS_INIT;
	given.max_age_s = -1;
	assert_int_equal(question_options(&given, &options), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_part_counts),
	    cmocka_unit_test(how_the_token_came_does_not),
	    cmocka_unit_test(a_long_one_is_refused),
	    cmocka_unit_test(reads_options_of_any_size),
	    cmocka_unit_test(passes_over_nothing_that_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
