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
	assert_string_equal(identity.issuer, "https://idporten.dev");
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
	assert_string_equal(identity.issuer, "https://idporten.dev");
	assert_string_equal(identity.person_number, "");
	assert_int_equal(identity.roles_count, 0);
	assert_int_equal(identity.scopes_count, 0);
	assert_int_equal(identity.units_count, 0);
	assert_int_equal(identity.mandates_count, 0);
	assert_int_equal(identity.rights_count, 0);
	assert_int_equal(identity.consumer.size, 0);
	assert_int_equal(identity.storage_size, 0);
	free(token);
}

static void
assert_text(struct slice text, const char *wanted)
{
	assert_true(slice_equal(text, wanted));
}

static const char everything[] =
    "\"roles\":[\"a\",\"b\",\"a\"],"
    "\"realm_access\":{\"roles\":[\"b\",\"c\"]},"
    "\"groups\":[\"7d5bc5ae-3a3b-4d2f-8d0f-0c8a2a4c2f11\",\"a\"],"
    "\"scope\":\"openid ks:fiks openid\",\"unit\":[\"0321\",\"0300\"],"
    "\"consumer\":{\"authority\":\"iso6523-actorid-upis\","
    "\"ID\":\"0192:991825827\"},"
    "\"authorization_details\":[{\"type\":\"ansattporten:orgno\","
    "\"authorized_parties\":[{\"orgno\":{"
    "\"authority\":\"iso6523-actorid-upis\",\"ID\":\"0192:911830868\"},"
    "\"rights\":[\"les\",\"skriv\"]}]}]";

static void
assert_everything(const struct identity *identity)
{
	const struct identity_mandate *mandate = &identity->mandates[0];

	assert_int_equal(identity->roles_count, 4);
	assert_text(identity->roles[0], "a");
	assert_text(identity->roles[1], "b");
	assert_text(identity->roles[2], "c");
	assert_text(identity->roles[3], "7d5bc5ae-3a3b-4d2f-8d0f-0c8a2a4c2f11");
	assert_int_equal(identity->scopes_count, 2);
	assert_true(identity_has_scope(identity, "openid"));
	assert_true(identity_has_scope(identity, "ks:fiks"));
	assert_int_equal(identity->units_count, 2);
	assert_text(identity->units[0], "0321");
	assert_text(identity->units[1], "0300");
	assert_text(identity->consumer, "0192:991825827");
	assert_int_equal(identity->mandates_count, 1);
	assert_text(mandate->organisation, "0192:911830868");
	assert_text(mandate->resource, "");
	assert_int_equal(mandate->rights_first, 0);
	assert_int_equal(mandate->rights_count, 2);
	assert_text(identity->rights[0], "les");
	assert_text(identity->rights[1], "skriv");
}

/* The token and the work on it are gone when the identity is used. */
static void
test_all_that_decides_is_read(void **state)
{
	static const char *const roles_claims[] = {
	    "roles", "realm_access.roles", "groups", "absent.at.all"};
	static struct identity identity;
	struct login login = *(const struct login *)*state;
	char *payload = mint_replace(login_payload,
	    "\"roles\":[\"saksbehandler\",\"f\\u00f8rstelinje\"]", everything);
	char *token = mint_token(MINT_RS256, login_header_rs256, payload);
	const char *detail = NULL;

	login.profile.roles_claims = roles_claims;
	login.profile.roles_claims_count = 4;
	login.profile.units_claim = "unit";
	login.expectation.profile = &login.profile;
	if (evidence_check(token, strlen(token), &login.expectation,
		LOGIN_NOW_S, &identity, &detail) != EVIDENCE_GOOD)
		fail_msg("%s", detail);
	memset(token, 'x', strlen(token));
	free(token);
	free(payload);
	assert_everything(&identity);
}

static void
test_each_result_has_its_own_word(void **state)
{
	int a, b;

	(void)state;
	for (a = 0; a <= EVIDENCE_CERTIFICATE_WRONG; a++) {
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

/* It stands in one place, which is known and wiped, and nowhere else. */
static void
test_the_identity_number_is_where_it_is_wiped(void **state)
{
	static struct identity identity;
	const struct login *login = *state;
	char *token = mint_token(MINT_RS256, login_header_rs256, login_payload);

	assert_int_equal(EVIDENCE_GOOD,
	    evidence_check(token, strlen(token), &login->expectation,
		LOGIN_NOW_S, &identity, NULL));
	assert_string_equal(identity.person_number, "21879498012");
	explicit_bzero(identity.person_number, sizeof(identity.person_number));
	assert_null(memmem(&identity, sizeof(identity), "21879498012", 11));
	assert_true(identity_has_role(&identity, "saksbehandler"));
	identity_wipe(&identity);
	assert_null(memmem(&identity, sizeof(identity), "saks", 4));
	free(token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_algorithm_is_good),
	    cmocka_unit_test(test_what_is_absent_is_empty),
	    cmocka_unit_test(test_all_that_decides_is_read),
	    cmocka_unit_test(test_each_result_has_its_own_word),
	    cmocka_unit_test(test_the_identity_number_is_where_it_is_wiped),
	};

	return cmocka_run_group_tests_name("evidence", tests, setup, teardown);
}
