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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_algorithm_is_good),
	};

	return cmocka_run_group_tests_name("evidence", tests, setup, teardown);
}
