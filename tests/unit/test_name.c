#include "lib/name.h"
#include "tests/unit/unit.h"

static void
test_accepts_what_useradd_accepts(void **state)
{
	(void)state;
	assert_true(name_is_valid("kari"));
	assert_true(name_is_valid("_svc"));
	assert_true(name_is_valid("ko-saksbehandler_2"));
	assert_true(name_is_valid("abcdefghijklmnopqrstuvwxyz012345"));
}

static void
test_refuses_what_is_dangerous_elsewhere(void **state)
{
	static const char *const refused[] = {"", "Kari", "1kari", "-rf",
	    "kari nordmann", "kari:0", "kari\n", "kari/..", "..", "k\xc3\xa5ri",
	    "kari$", "kari@etat.no", "abcdefghijklmnopqrstuvwxyz0123456"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_false(name_is_valid(refused[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_accepts_what_useradd_accepts),
	    cmocka_unit_test(test_refuses_what_is_dangerous_elsewhere),
	};

	return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
