#include "broker/login/verdict.h"
#include "tests/unit/unit.h"

#include <string.h>

enum { RESULTS = EVIDENCE_AUTHENTICATION_TOO_OLD + 1 };

static struct verdict_facts
facts_of(
    unsigned int bits, enum evidence_result evidence, enum need_result need)
{
	return (struct verdict_facts){
	    .account_known = bits & 1,
	    .account_locked = bits & 2,
	    .peer_entitled = bits & 4,
	    .evidence_needed = bits & 8,
	    .subject_is_accounts = bits & 16,
	    .evidence = evidence,
	    .need = need,
	};
}

static bool
is_clean(const struct verdict_facts *facts)
{
	return facts->account_known && !facts->account_locked &&
	       facts->peer_entitled && facts->need == NEED_MET &&
	       (!facts->evidence_needed || (facts->evidence == EVIDENCE_GOOD &&
					       facts->subject_is_accounts));
}

/* Everything that may be said, and the few ways to yes. */
static void
test_says_yes_only_when_nothing_speaks_against(void **state)
{
	struct verdict_facts facts;
	enum login_verdict verdict;
	const char *reason;
	unsigned int bits, result, allowed = 0;
	int need;
	bool may;

	(void)state;
	for (bits = 0; bits < 32; bits++) {
		for (result = 0; result < RESULTS; result++) {
			for (need = 0; need <= NEED_GROUP_MISSING; need++) {
				facts =
				    facts_of(bits, (enum evidence_result)result,
					(enum need_result)need);
				verdict = verdict_decide(&facts, &reason);
				may = is_clean(&facts);
				assert_int_equal(verdict == LOGIN_ALLOW, may);
				assert_non_null(reason);
				allowed += may;
			}
		}
	}
	assert_int_equal(allowed, 2 * RESULTS + 1);
}

static void
test_nothing_known_is_no(void **state)
{
	const struct verdict_facts nothing = {0};
	const char *reason;

	(void)state;
	assert_int_not_equal(verdict_decide(&nothing, &reason), LOGIN_ALLOW);
}

static void
test_names_the_first_reason(void **state)
{
	static const struct {
		struct verdict_facts facts;
		const char *reason;
	} rows[] = {
	    {{0}, "unknown-account"},
	    {{.account_known = true}, "peer-not-entitled"},
	    {{.account_known = true,
		 .peer_entitled = true,
		 .account_locked = true,
		 .evidence_needed = true},
		"account-locked"},
	    {{.account_known = true,
		 .peer_entitled = true,
		 .evidence_needed = true,
		 .evidence = EVIDENCE_ACR_TOO_LOW},
		"acr-too-low"},
	    {{.account_known = true,
		 .peer_entitled = true,
		 .evidence_needed = true,
		 .evidence = EVIDENCE_GOOD},
		"other-person"},
	    {{.account_known = true, .peer_entitled = true}, "not-checked"},
	    {{.account_known = true,
		 .peer_entitled = true,
		 .need = NEED_STEP_UP},
		"step-up-needed"},
	    {{.account_known = true,
		 .peer_entitled = true,
		 .need = NEED_LEVEL_UNREACHABLE},
		"level-unreachable"},
	    {{.account_known = true,
		 .peer_entitled = true,
		 .need = NEED_GROUP_MISSING},
		"group-missing"},
	};
	const char *reason;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)verdict_decide(&rows[i].facts, &reason);
		assert_string_equal(reason, rows[i].reason);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_says_yes_only_when_nothing_speaks_against),
	    cmocka_unit_test(test_nothing_known_is_no),
	    cmocka_unit_test(test_names_the_first_reason),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
