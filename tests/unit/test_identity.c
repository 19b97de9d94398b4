#include "tests/unit/unit.h"
#include "verify/identity.h"

#include <string.h>

/* CVE-2026-87853 compared a subject by the length of the reply. */
static void
test_texts_are_compared_whole(void **state)
{
	static const char *const others[] = {
	    "", "k", "kar", "kari ", "karin", "Kari", "kari\n", "k\xc3\xa5ri"};
	struct slice kari = slice_of("kari");
	size_t i;

	(void)state;
	assert_true(slice_equal(kari, "kari"));
	assert_true(slice_equal_secret(kari, "kari"));
	assert_true(slice_equal((struct slice){NULL, 0}, ""));
	assert_false(slice_equal((struct slice){NULL, 0}, "kari"));
	assert_false(slice_equal((struct slice){"kari\0x", 6}, "kari"));
	for (i = 0; i < sizeof(others) / sizeof(*others); i++) {
		assert_false(slice_equal(kari, others[i]));
		assert_false(slice_equal(slice_of(others[i]), "kari"));
		assert_false(slice_equal_secret(kari, others[i]));
		assert_false(slice_equal_secret(slice_of(others[i]), "kari"));
	}
	assert_true(slice_equal_nocase(slice_of("Jwt"), "JWT"));
	assert_false(slice_equal_nocase(slice_of("JW"), "JWT"));
	assert_false(slice_equal_nocase(slice_of("JWTs"), "JWT"));
}

static void
test_control_characters_are_seen(void **state)
{
	(void)state;
	assert_true(slice_is_printable(slice_of("a b~!")));
	assert_false(slice_is_printable(slice_of("")));
	assert_false(slice_is_printable(slice_of("a\tb")));
	assert_false(slice_is_printable(slice_of("a\x7f")));
	assert_false(slice_is_printable(slice_of("k\xc3\xa5re")));
	assert_true(slice_has_no_control(slice_of("k\xc3\xa5re")));
	assert_true(slice_has_no_control(slice_of("")));
	assert_false(slice_has_no_control(slice_of("a\x1b[2J")));
	assert_false(slice_has_no_control(slice_of("a\x7f")));
	assert_false(slice_has_no_control((struct slice){"a\0b", 3}));
}

static void
test_a_role_is_held_whole(void **state)
{
	static struct identity identity;

	(void)state;
	identity.roles[0] = slice_of("leder");
	identity.roles[1] = slice_of("saksbehandler");
	identity.roles_count = 1;
	assert_true(identity_has_role(&identity, "leder"));
	assert_false(identity_has_role(&identity, "saksbehandler"));
	identity.roles_count = 2;
	assert_true(identity_has_role(&identity, "saksbehandler"));
	assert_false(identity_has_role(&identity, "lede"));
	assert_false(identity_has_role(&identity, "leder "));
	assert_false(identity_has_role(&identity, ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_texts_are_compared_whole),
	    cmocka_unit_test(test_control_characters_are_seen),
	    cmocka_unit_test(test_a_role_is_held_whole),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
