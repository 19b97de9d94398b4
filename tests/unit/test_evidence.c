/* The tokens that are good, and what is read from them. */
#include "tests/unit/unit.h"
#include "tests/vectors/login.h"
#include "tests/vectors/mint.h"
#include "verify/evidence.h"

#include <stdlib.h>
#include <string.h>

static int
setup(void **state)
{
	static struct login login;

	login_init(&login);
	*state = &login;
	return 0;
}

static int
teardown(void **state)
{
	login_done(*state);
	return 0;
}

static void
assert_good(
    const struct login *login, enum mint_signature how, const char *header)
{
	char *token = mint_token(how, header, login_payload);
	struct identity identity;
	const char *detail = NULL;

	assert_int_equal(EVIDENCE_GOOD,
	    evidence_check(token, strlen(token), &login->expectation,
		LOGIN_NOW_S, &identity, &detail));
	assert_null(detail);
	assert_string_equal(
	    identity.subject, "ERIFvpD7pM6j6Xvrnz0ml53V-L_W5ZDSs3kYMs6dTVc");
	assert_string_equal(identity.acr, "idporten-loa-substantial");
	assert_int_equal(identity.acr_rank, 2);
	assert_int_equal(identity.issued_at_s, 1678375492);
	assert_int_equal(identity.expires_at_s, 1678375612);
	assert_int_equal(identity.authenticated_at_s, 1678375491);
	assert_int_equal(identity.roles_count, 2);
	assert_true(identity_has_role(&identity, "saksbehandler"));
	assert_true(identity_has_role(&identity, "f\xc3\xb8rstelinje"));
	free(token);
}

static void
test_each_algorithm_is_good(void **state)
{
	assert_good(*state, MINT_RS256, login_header_rs256);
	assert_good(*state, MINT_PS256, login_header_ps256);
	assert_good(*state, MINT_ES256, login_header_es256);
}

/* What a token does not say is not left over from somebody else's. */
static void
test_what_is_absent_is_empty(void **state)
{
	const struct login *login = *state;
	struct evidence_expectation expectation = login->expectation;
	char *token = mint_token(MINT_RS256, login_header_rs256,
	    "{\"iss\":\"https://idporten.dev\",\"sub\":\"s\","
	    "\"aud\":\"democlient_idporten_systest\","
	    "\"exp\":1678375612,\"iat\":1678375492}");
	struct identity identity;

	memset(&identity, 0x5a, sizeof(identity));
	expectation.nonce = NULL;
	expectation.acr_rank_min = 0;
	expectation.max_age_s = 0;
	assert_int_equal(
	    EVIDENCE_GOOD, evidence_check(token, strlen(token), &expectation,
			       LOGIN_NOW_S, &identity, NULL));
	assert_string_equal(identity.subject, "s");
	assert_string_equal(identity.acr, "");
	assert_int_equal(identity.acr_rank, 0);
	assert_int_equal(identity.authenticated_at_s, 0);
	assert_int_equal(identity.roles_count, 0);
	free(token);
}

static void
test_each_result_has_its_own_word(void **state)
{
	int a, b;

	(void)state;
	for (a = 0; a <= EVIDENCE_AUTHENTICATION_TOO_OLD; a++) {
		for (b = 0; b < a; b++)
			assert_string_not_equal(
			    evidence_result_word((enum evidence_result)a),
			    evidence_result_word((enum evidence_result)b));
	}
	assert_string_equal(
	    "not-checked", evidence_result_word(EVIDENCE_NOT_CHECKED));
	assert_string_equal("good", evidence_result_word(EVIDENCE_GOOD));
	assert_string_equal("expired", evidence_result_word(EVIDENCE_EXPIRED));
}

/* The number of a person must not outlive the check. */
static void
test_the_identity_holds_no_identity_number(void **state)
{
	static struct identity identity;
	const struct login *login = *state;
	char *token = mint_token(MINT_RS256, login_header_rs256, login_payload);

	assert_int_equal(EVIDENCE_GOOD,
	    evidence_check(token, strlen(token), &login->expectation,
		LOGIN_NOW_S, &identity, NULL));
	assert_null(memmem(
	    &identity, sizeof(identity), "21879498012", strlen("21879498012")));
	free(token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_algorithm_is_good),
	    cmocka_unit_test(test_what_is_absent_is_empty),
	    cmocka_unit_test(test_each_result_has_its_own_word),
	    cmocka_unit_test(test_the_identity_holds_no_identity_number),
	};

	return cmocka_run_group_tests_name("evidence", tests, setup, teardown);
}
