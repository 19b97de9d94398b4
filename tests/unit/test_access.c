#include "tests/unit/unit.h"
#include "verify/access.h"

#include <string.h>

static const struct access_rule rules[] = {
    {"saksbehandler", "ko-sak", 30001, 0, "a.conf", 1},
    {"saksbehandler", "ko-sak-les", 30002, 2, "a.conf", 2},
    {"saksbehandler", "ko-sak-skriv", 30003, 3, "a.conf", 3},
    {"leder", "ko-leder", 30004, 0, "a.conf", 4},
    {"leder", "ko-leder-hoy", 30005, 3, "a.conf", 5},
    {"saksbehandle", "ko-prefix", 30006, 0, "a.conf", 6},
    {"saksbehandler2", "ko-longer", 30007, 0, "a.conf", 7},
    {"Saksbehandler", "ko-case", 30008, 0, "a.conf", 8},
    {"", "ko-empty", 30009, 0, "a.conf", 9},
};

enum {
	RULES_COUNT = sizeof(rules) / sizeof(*rules),
};

static struct identity identity;

static void
identify(int acr_rank, const char *role)
{
	memset(&identity, 0, sizeof(identity));
	identity.acr_rank = acr_rank;
	if (!role)
		return;
	identity.roles[0] = (struct slice){role, strlen(role)};
	identity.roles_count = 1;
}

static void
assert_outcomes(const enum access_outcome *wanted)
{
	struct access_decision decisions[RULES_COUNT];
	size_t i;

	memset(decisions, 0, sizeof(decisions));
	access_decide(rules, RULES_COUNT, &identity, decisions);
	for (i = 0; i < RULES_COUNT; i++) {
		assert_ptr_equal(&rules[i], decisions[i].rule);
		if (wanted[i] != decisions[i].outcome)
			fail_msg("%s: %s", rules[i].group,
			    access_outcome_word(decisions[i].outcome));
	}
}

static void
test_grants_by_role_and_level(void **state)
{
	static const enum access_outcome wanted[RULES_COUNT] = {ACCESS_GRANTED,
	    ACCESS_GRANTED, ACCESS_WITHHELD_ACR_TOO_LOW,
	    ACCESS_WITHHELD_ROLE_MISSING, ACCESS_WITHHELD_ROLE_MISSING,
	    ACCESS_WITHHELD_ROLE_MISSING, ACCESS_WITHHELD_ROLE_MISSING,
	    ACCESS_WITHHELD_ROLE_MISSING, ACCESS_WITHHELD_ROLE_MISSING};

	(void)state;
	identify(2, "saksbehandler");
	assert_outcomes(wanted);
}

static void
test_a_level_off_the_ladder_is_the_lowest(void **state)
{
	static const enum access_outcome wanted[RULES_COUNT] = {ACCESS_GRANTED,
	    ACCESS_WITHHELD_ACR_TOO_LOW, ACCESS_WITHHELD_ACR_TOO_LOW,
	    ACCESS_WITHHELD_ROLE_MISSING, ACCESS_WITHHELD_ROLE_MISSING,
	    ACCESS_WITHHELD_ROLE_MISSING, ACCESS_WITHHELD_ROLE_MISSING,
	    ACCESS_WITHHELD_ROLE_MISSING, ACCESS_WITHHELD_ROLE_MISSING};

	(void)state;
	identify(0, "saksbehandler");
	assert_outcomes(wanted);
}

static void
test_without_roles_nothing_is_granted(void **state)
{
	enum access_outcome wanted[RULES_COUNT];
	size_t i;

	(void)state;
	for (i = 0; i < RULES_COUNT; i++)
		wanted[i] = ACCESS_WITHHELD_ROLE_MISSING;
	identify(3, NULL);
	assert_outcomes(wanted);
}

static void
test_withheld_is_zero(void **state)
{
	struct access_decision decision;

	(void)state;
	memset(&decision, 0, sizeof(decision));
	assert_int_not_equal(ACCESS_GRANTED, decision.outcome);
	assert_int_equal(ACCESS_WITHHELD, decision.outcome);
}

static void
test_each_outcome_has_its_word(void **state)
{
	(void)state;
	assert_string_equal("withheld", access_outcome_word(ACCESS_WITHHELD));
	assert_string_equal(
	    "role-missing", access_outcome_word(ACCESS_WITHHELD_ROLE_MISSING));
	assert_string_equal(
	    "acr-too-low", access_outcome_word(ACCESS_WITHHELD_ACR_TOO_LOW));
	assert_string_equal("granted", access_outcome_word(ACCESS_GRANTED));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_grants_by_role_and_level),
	    cmocka_unit_test(test_a_level_off_the_ladder_is_the_lowest),
	    cmocka_unit_test(test_without_roles_nothing_is_granted),
	    cmocka_unit_test(test_withheld_is_zero),
	    cmocka_unit_test(test_each_outcome_has_its_word),
	};

	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
