/*
 * The sample tokens of the Norwegian public sector's own documentation, as a
 * login would meet them: signed by a key that it trusts, and expected as
 * generously as can be, so that only the reason in the row stands in the way.
 */
#include "tests/unit/unit.h"
#include "tests/vectors/login_fixture.h"
#include "tests/vectors/mint.h"
#include "tests/vectors/samples.h"

#include <stdlib.h>
#include <string.h>

#define HEADER "{\"x5c\":[\"MIID\"],\"kid\":\"rsa\",\"alg\":\"RS256\"}"

static const char *const idporten[] = {
    "idporten-loa-low", "idporten-loa-substantial", "idporten-loa-high", NULL};
static const char *const legacy[] = {"Level3", "Level4", NULL};
static const char *const ansattporten[] = {"substantial", "high", NULL};
/* A job account is no Norwegian level of assurance: below them all. */
static const char *const with_entra[] = {
    "entraid", "substantial", "high", NULL};

static const struct sample {
	const char *name;
	const char *header;
	const char *payload;
	const char *issuer;
	const char *audience;
	const char *nonce;
	const char *const *ladder;
	int64_t now_s;
	enum evidence_result result;
	const char *detail;
} samples[] = {
    {"ID-porten id_token", HEADER, login_payload, "https://idporten.dev",
	"democlient_idporten_systest",
	"S6tRrJ3tWsilRZl7hqySoORosHDDq4l6du3dxDhXoWc", idporten, 1678375500,
	EVIDENCE_GOOD, NULL},
    {"ID-porten access token", HEADER, sample_idporten_access,
	"https://idporten.dev", "democlient_idporten_systest", NULL, idporten,
	1678375500, EVIDENCE_CLAIM_MISSING, "aud"},
    {"ID-porten of 2017, its own ladder", HEADER, sample_legacy_login,
	"https://oidc-yt2.difi.eon.no/idporten-oidc-provider/", "test_rp_yt2",
	"min_fine_nonce_verdi", legacy, 1497605270, EVIDENCE_GOOD, NULL},
    {"ID-porten of 2017, today's ladder", HEADER, sample_legacy_login,
	"https://oidc-yt2.difi.eon.no/idporten-oidc-provider/", "test_rp_yt2",
	"min_fine_nonce_verdi", idporten, 1497605270, EVIDENCE_ACR_TOO_LOW,
	"acr"},
    {"ID-porten of 2017, without its slash", HEADER, sample_legacy_login,
	"https://oidc-yt2.difi.eon.no/idporten-oidc-provider", "test_rp_yt2",
	"min_fine_nonce_verdi", legacy, 1497605270, EVIDENCE_ISSUER_WRONG,
	"iss"},
    {"Ansattporten id_token", HEADER, sample_ansattporten_login,
	"https://test.ansattporten.no", "ansattporten_demo_client_prod",
	"h3DeaRXe4pVXEdYAwR4hxeOtG2DHwF_zIDvjAAWf-x0", ansattporten, 1671033220,
	EVIDENCE_GOOD, NULL},
    {"Ansattporten, ID-porten's ladder", HEADER, sample_ansattporten_login,
	"https://test.ansattporten.no", "ansattporten_demo_client_prod",
	"h3DeaRXe4pVXEdYAwR4hxeOtG2DHwF_zIDvjAAWf-x0", idporten, 1671033220,
	EVIDENCE_ACR_TOO_LOW, "acr"},
    {"Entra job account", HEADER, sample_entra_login,
	"https://test.ansattporten.no", "ansattporten_demo_client_prod",
	"h3DeaRXe4pVXEdYAwR4hxeOtG2DHwF_zIDvjAAWf-x0", with_entra, 1671033220,
	EVIDENCE_GOOD, NULL},
    {"Entra job account where a level is asked", HEADER, sample_entra_login,
	"https://test.ansattporten.no", "ansattporten_demo_client_prod",
	"h3DeaRXe4pVXEdYAwR4hxeOtG2DHwF_zIDvjAAWf-x0", ansattporten, 1671033220,
	EVIDENCE_ACR_TOO_LOW, "acr"},
    {"Maskinporten, delegated", HEADER, sample_maskinporten_delegated,
	"https://test.maskinporten.no/", "unspecified", NULL, NULL, 1584693500,
	EVIDENCE_CLAIM_MISSING, "sub"},
    {"Maskinporten, with a person", HEADER, sample_maskinporten_with_person,
	"https://test.maskinporten.no/", "democlient_idporten_systest", NULL,
	NULL, 1584693500, EVIDENCE_AUDIENCE_WRONG, "aud"},
    {"Maskinporten, administration", HEADER, sample_maskinporten_admin,
	"https://oidc-ver2.difi.no/idporten-oidc-provider/",
	"if2018_selfservice_client", NULL, NULL, 1631645700,
	EVIDENCE_CLAIM_MISSING, "aud"},
    {"Maskinporten, system user", HEADER, sample_maskinporten_system_user,
	"https://maskinporten.no/", "c", NULL, NULL, 1520589810,
	EVIDENCE_CLAIM_MISSING, "aud"},
    {"TokenX at ID-porten", HEADER, sample_tokenx, "https://idporten.dev",
	"cluster:ns:target", NULL, NULL, 1678375600, EVIDENCE_ISSUER_WRONG,
	"iss"},
    {"TokenX, the caller's audience", HEADER, sample_tokenx,
	"https://tokendings.example", "cluster:ns:caller", NULL, NULL,
	1678375600, EVIDENCE_AUDIENCE_WRONG, "aud"},
    {"back-channel logout",
	"{\"typ\":\"logout+jwt\",\"alg\":\"RS256\",\"kid\":\"rsa\"}",
	sample_logout, "https://idporten.no", "client", NULL, NULL, 1700000001,
	EVIDENCE_TYPE_REFUSED, "typ"},
};

static size_t
ladder_count(const char *const *ladder)
{
	size_t count = 0;

	while (ladder && ladder[count])
		count++;
	return count;
}

static enum evidence_result
check_with(const struct sample *sample, const char *payload,
    struct identity *ret_identity, const char **ret_detail)
{
	char *token = mint_token(MINT_RS256, sample->header, payload);
	enum evidence_result result;

	login.profile.issuer = sample->issuer;
	login.profile.acr_ladder = sample->ladder;
	login.profile.acr_ladder_count = ladder_count(sample->ladder);
	login.expectation.audience = sample->audience;
	login.expectation.nonce = sample->nonce;
	login.expectation.acr_rank_min = sample->ladder ? 1 : 0;
	login.expectation.max_age_s = 0;
	result = evidence_check(token, strlen(token), &login.expectation,
	    sample->now_s, ret_identity, ret_detail);
	free(token);
	return result;
}

static void
check_sample(const struct sample *sample)
{
	const char *detail = NULL;
	struct identity identity;
	enum evidence_result result;

	result = check_with(sample, sample->payload, &identity, &detail);
	if (result != sample->result)
		fail_msg("%s: %s, %s", sample->name,
		    evidence_result_word(result), detail ? detail : "");
	if (!sample->detail)
		assert_null(detail);
	else
		assert_string_equal(sample->detail, detail);
}

static const struct sample *
find_sample(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		if (strcmp(samples[i].name, name) == 0)
			return &samples[i];
	}
	fail_msg("no sample %s", name);
	return NULL;
}

static void
read_sample(const char *name, struct identity *ret_identity)
{
	const struct sample *sample = find_sample(name);

	assert_int_equal(
	    check_with(sample, sample->payload, ret_identity, NULL),
	    EVIDENCE_GOOD);
}

/* A personal eID says who, never on whose behalf. */
static void
test_idporten_alone_acts_for_nobody(void **state)
{
	static struct identity identity;

	(void)state;
	read_sample("ID-porten id_token", &identity);
	assert_string_equal(identity.issuer, "https://idporten.dev");
	assert_string_equal(identity.person_number, "21879498012");
	assert_int_equal(identity.mandates_count, 0);
	assert_int_equal(identity.rights_count, 0);
	assert_int_equal(identity.consumer.size, 0);
}

static void
test_ansattporten_says_for_whom(void **state)
{
	static struct identity identity;
	const struct identity_mandate *mandate = &identity.mandates[0];

	(void)state;
	read_sample("Ansattporten id_token", &identity);
	assert_string_equal(identity.person_number, "45840375084");
	assert_string_equal(identity.acr, "high");
	assert_int_equal(identity.mandates_count, 1);
	assert_true(slice_equal(mandate->organisation, "0192:987464291"));
	assert_true(
	    slice_equal(mandate->resource, "urn:altinn:resource:2480:40"));
	assert_int_equal(mandate->rights_count, 3);
	assert_true(slice_equal(identity.rights[0], "Read"));
	assert_true(slice_equal(identity.rights[2], "ArchiveRead"));
}

/* Who chose to act for themself acts for nobody, and is let in as that. */
static void
test_self_is_no_mandate(void **state)
{
	static struct identity identity;
	const struct sample *sample = find_sample("Entra job account");
	char *payload = mint_replace(sample->payload,
	    "\"type\":\"ansattporten:orgno\",\"authorized_parties\":[{"
	    "\"orgno\":{\"authority\":\"iso6523-actorid-upis\","
	    "\"ID\":\"0192:911830868\"},\"name\":\"KDI\","
	    "\"rights\":[\"arkiv-les\"]}]",
	    "\"type\":\"ansattporten:orgno\"");

	(void)state;
	assert_int_equal(
	    check_with(sample, payload, &identity, NULL), EVIDENCE_GOOD);
	assert_int_equal(identity.mandates_count, 0);
	free(payload);
}

static void
test_an_entra_job_account_has_groups_and_no_number(void **state)
{
	static const char *const claims[] = {"roles", "groups"};
	static struct identity identity;

	(void)state;
	login.profile.roles_claims = claims;
	login.profile.roles_claims_count = 2;
	read_sample("Entra job account", &identity);
	assert_string_equal(identity.person_number, "");
	assert_string_equal(identity.acr, "entraid");
	assert_int_equal(identity.acr_rank, 1);
	assert_int_equal(identity.roles_count, 2);
	assert_true(identity_has_role(
	    &identity, "7d5bc5ae-3a3b-4d2f-8d0f-0c8a2a4c2f11"));
	assert_int_equal(identity.mandates_count, 1);
	assert_true(
	    slice_equal(identity.mandates[0].organisation, "0192:911830868"));
	assert_true(slice_equal(identity.rights[0], "arkiv-les"));
}

/* Who has no number, or one of a person, is not concerned. */
static void
test_people_of_tests_are_nobody_in_production(void **state)
{
	static const char *const names[] = {
	    "ID-porten id_token", "Ansattporten id_token"};
	static struct identity identity;
	size_t i;

	(void)state;
	login.profile.test = false;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct sample *sample = find_sample(names[i]);

		assert_int_equal(
		    check_with(sample, sample->payload, &identity, NULL),
		    EVIDENCE_TEST_IDENTITY);
	}
	read_sample("Entra job account", &identity);
	read_sample("ID-porten of 2017, its own ladder", &identity);
	login.profile.test = true;
}

static void
test_samples(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(*samples); i++)
		check_sample(&samples[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_samples),
	    cmocka_unit_test(test_idporten_alone_acts_for_nobody),
	    cmocka_unit_test(test_ansattporten_says_for_whom),
	    cmocka_unit_test(test_self_is_no_mandate),
	    cmocka_unit_test(
		test_an_entra_job_account_has_groups_and_no_number),
	    cmocka_unit_test(test_people_of_tests_are_nobody_in_production),
	};

	return cmocka_run_group_tests_name(
	    "evidence samples", tests, login_set_up, login_tear_down);
}
