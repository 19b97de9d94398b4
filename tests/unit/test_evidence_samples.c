/*
 * The sample tokens of the Norwegian public sector's own documentation, as a
 * login would meet them: signed by a key that it trusts, and expected as
 * generously as can be, so that only the reason in the row stands in the way.
 */
#include "tests/unit/unit.h"
#include "tests/vectors/login_fixture.h"
#include "tests/vectors/mint.h"

#include <stdlib.h>
#include <string.h>

#define HEADER "{\"x5c\":[\"MIID\"],\"kid\":\"rsa\",\"alg\":\"RS256\"}"

static const char *const idporten[] = {
    "idporten-loa-low", "idporten-loa-substantial", "idporten-loa-high", NULL};
static const char *const legacy[] = {"Level3", "Level4", NULL};
static const char *const ansattporten[] = {"substantial", "high", NULL};

static const char legacy_login[] =
    "{\"sub\":\"-v-lcae5rGG-jlvzuv9Y9H7R8NmAeM2-kh0qWb-vPIE=\","
    "\"aud\":\"test_rp_yt2\",\"acr\":\"Level4\",\"auth_time\":1497605218,"
    "\"amr\":\"BankID\","
    "\"iss\":\"https://oidc-yt2.difi.eon.no/idporten-oidc-provider/\","
    "\"pid\":\"23079410918\",\"exp\":1497605382,\"locale\":\"nb\","
    "\"iat\":1497605262,\"nonce\":\"min_fine_nonce_verdi\","
    "\"jti\":\"Hgb3zwO9g0bjmSbCCtQCxMowsZEu00lCJ2Exg4Zhv3g=\"}";

static const char ansattporten_login[] =
    "{\"sub\":\"z9RuQiLefXmJOBnywa_c75YQMH05nDsHjw0RFzuJC8M\","
    "\"amr\":[\"TestID\"],\"iss\":\"https://test.ansattporten.no\","
    "\"pid\":\"45840375084\",\"locale\":\"en\","
    "\"nonce\":\"h3DeaRXe4pVXEdYAwR4hxeOtG2DHwF_zIDvjAAWf-x0\","
    "\"sid\":\"-EuMkNN8AuLgMhbXgID7ewtpC4Kuw-HS1dXWi7zo8Dc\","
    "\"aud\":\"ansattporten_demo_client_prod\",\"acr\":\"high\","
    "\"authorization_details\":[{"
    "\"resource\":\"urn:altinn:resource:2480:40\","
    "\"type\":\"ansattporten:altinn:service\","
    "\"resource_name\":\"Produkter og tjenester fra "
    "Br\xc3\xb8nn\xc3\xb8ysundregistrene\","
    "\"reportees\":[{\"Rights\":[\"Read\",\"ArchiveDelete\","
    "\"ArchiveRead\"],\"Authority\":\"iso6523-actorid-upis\","
    "\"ID\":\"0192:987464291\","
    "\"Name\":\"DIGITALISERINGSDIREKTORATET AVD LEIKANGER\"}]}],"
    "\"auth_time\":1671033189,\"name\":\"NAMNET TIL SLUTTBRUKER\","
    "\"exp\":1671033331,\"iat\":1671033211,\"jti\":\"raWcGKMobFU\"}";

static const char idporten_access[] =
    "{\"sub\":\"ERIFvpD7pM6j6Xvrnz0ml53V-L_W5ZDSs3kYMs6dTVc\","
    "\"acr\":\"idporten-loa-substantial\",\"scope\":\"openid profile\","
    "\"iss\":\"https://idporten.dev\","
    "\"client_amr\":\"client_secret_basic\",\"pid\":\"21879498012\","
    "\"exp\":1678376092,\"iat\":1678375492,\"jti\":\"UPw8a6-uKGo\","
    "\"client_id\":\"democlient_idporten_systest\","
    "\"consumer\":{\"authority\":\"iso6523-actorid-upis\","
    "\"ID\":\"0192:991825827\"}}";

static const char maskinporten_delegated[] =
    "{\"iss\":\"https://test.maskinporten.no/\","
    "\"client_amr\":\"virksomhetssertifikat\",\"token_type\":\"Bearer\","
    "\"client_id\":\"oidc_difi_delegering_altinn\","
    "\"aud\":\"unspecified\",\"scope\":\"difitest:test2\","
    "\"supplier\":{\"authority\":\"iso6523-actorid-upis\","
    "\"ID\":\"0192:991825827\"},\"exp\":1584694440,"
    "\"delegation_source\":\"https://tt02.altinn.no/\","
    "\"iat\":1584693440,\"client_orgno\":\"991825827\",\"jti\":\"faulA3F\","
    "\"consumer\":{\"authority\":\"iso6523-actorid-upis\","
    "\"ID\":\"0192:910753614\"}}";

/* A person's number in a machine's token: nobody has logged in. */
static const char maskinporten_with_person[] =
    "{\"iss\":\"https://test.maskinporten.no/\",\"pid\":\"21879498012\","
    "\"sub\":\"21879498012\",\"aud\":\"unspecified\","
    "\"exp\":1584694440,\"iat\":1584693440,\"jti\":\"faulA3F\"}";

static const char maskinporten_admin[] =
    "{\"scope\":\"idporten:dcr.write idporten:dcr.read\","
    "\"iss\":\"https://oidc-ver2.difi.no/idporten-oidc-provider/\","
    "\"client_amr\":\"virksomhetssertifikat\",\"token_type\":\"Bearer\","
    "\"exp\":1631652891,\"iat\":1631645691,"
    "\"client_id\":\"if2018_selfservice_client\","
    "\"client_orgno\":\"991825827\","
    "\"jti\":\"ZB8dgmrrZdYV_qz6RuLTWh15Ivs3D2qK_IeN0-ia3vw\","
    "\"consumer\":{\"authority\":\"iso6523-actorid-upis\","
    "\"ID\":\"0192:991825827\"}}";

static const char maskinporten_system_user[] =
    "{\"iss\":\"https://maskinporten.no/\",\"scope\":\"some_scope\","
    "\"client_id\":\"c\",\"consumer\":{\"authority\":"
    "\"iso6523-actorid-upis\",\"ID\":\"0192:991825827\"},"
    "\"authorization_details\":[{\"type\":\"urn:altinn:systemuser\","
    "\"systemuser_id\":[\"u\"],\"systemuser_org\":{\"authority\":"
    "\"iso6523-actorid-upis\",\"ID\":\"0192:910753614\"},"
    "\"system_id\":\"i\"}],\"exp\":1520589928,\"iat\":1520589808,"
    "\"jti\":\"j\"}";

static const char tokenx[] =
    "{\"sub\":\"ERIFvpD7\",\"acr\":\"Level3\",\"scope\":\"openid profile\","
    "\"client_amr\":\"client_secret_basic\",\"pid\":\"21879498012\","
    "\"iss\":\"https://tokendings.example\",\"aud\":\"cluster:ns:target\","
    "\"client_id\":\"cluster:ns:caller\",\"idp\":\"https://idporten.dev\","
    "\"nbf\":1678375500,\"iat\":1678375500,\"exp\":1678376400,"
    "\"jti\":\"j\"}";

static const char logout[] =
    "{\"iss\":\"https://idporten.no\",\"aud\":\"client\",\"sub\":\"s\","
    "\"iat\":1700000000,\"exp\":1700000300,\"jti\":\"j\",\"sid\":\"s\","
    "\"events\":{\"http://schemas.openid.net/event/backchannel-logout\":"
    "{}}}";

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
    {"ID-porten access token", HEADER, idporten_access, "https://idporten.dev",
	"democlient_idporten_systest", NULL, idporten, 1678375500,
	EVIDENCE_CLAIM_MISSING, "aud"},
    {"ID-porten of 2017, its own ladder", HEADER, legacy_login,
	"https://oidc-yt2.difi.eon.no/idporten-oidc-provider/", "test_rp_yt2",
	"min_fine_nonce_verdi", legacy, 1497605270, EVIDENCE_GOOD, NULL},
    {"ID-porten of 2017, today's ladder", HEADER, legacy_login,
	"https://oidc-yt2.difi.eon.no/idporten-oidc-provider/", "test_rp_yt2",
	"min_fine_nonce_verdi", idporten, 1497605270, EVIDENCE_ACR_TOO_LOW,
	"acr"},
    {"ID-porten of 2017, without its slash", HEADER, legacy_login,
	"https://oidc-yt2.difi.eon.no/idporten-oidc-provider", "test_rp_yt2",
	"min_fine_nonce_verdi", legacy, 1497605270, EVIDENCE_ISSUER_WRONG,
	"iss"},
    {"Ansattporten id_token", HEADER, ansattporten_login,
	"https://test.ansattporten.no", "ansattporten_demo_client_prod",
	"h3DeaRXe4pVXEdYAwR4hxeOtG2DHwF_zIDvjAAWf-x0", ansattporten, 1671033220,
	EVIDENCE_GOOD, NULL},
    {"Ansattporten, ID-porten's ladder", HEADER, ansattporten_login,
	"https://test.ansattporten.no", "ansattporten_demo_client_prod",
	"h3DeaRXe4pVXEdYAwR4hxeOtG2DHwF_zIDvjAAWf-x0", idporten, 1671033220,
	EVIDENCE_ACR_TOO_LOW, "acr"},
    {"Maskinporten, delegated", HEADER, maskinporten_delegated,
	"https://test.maskinporten.no/", "unspecified", NULL, NULL, 1584693500,
	EVIDENCE_CLAIM_MISSING, "sub"},
    {"Maskinporten, with a person", HEADER, maskinporten_with_person,
	"https://test.maskinporten.no/", "democlient_idporten_systest", NULL,
	NULL, 1584693500, EVIDENCE_AUDIENCE_WRONG, "aud"},
    {"Maskinporten, administration", HEADER, maskinporten_admin,
	"https://oidc-ver2.difi.no/idporten-oidc-provider/",
	"if2018_selfservice_client", NULL, NULL, 1631645700,
	EVIDENCE_CLAIM_MISSING, "aud"},
    {"Maskinporten, system user", HEADER, maskinporten_system_user,
	"https://maskinporten.no/", "c", NULL, NULL, 1520589810,
	EVIDENCE_CLAIM_MISSING, "aud"},
    {"TokenX at ID-porten", HEADER, tokenx, "https://idporten.dev",
	"cluster:ns:target", NULL, NULL, 1678375600, EVIDENCE_ISSUER_WRONG,
	"iss"},
    {"TokenX, the caller's audience", HEADER, tokenx,
	"https://tokendings.example", "cluster:ns:caller", NULL, NULL,
	1678375600, EVIDENCE_AUDIENCE_WRONG, "aud"},
    {"back-channel logout",
	"{\"typ\":\"logout+jwt\",\"alg\":\"RS256\",\"kid\":\"rsa\"}", logout,
	"https://idporten.no", "client", NULL, NULL, 1700000001,
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

static void
check_sample(const struct sample *sample)
{
	char *token = mint_token(MINT_RS256, sample->header, sample->payload);
	const char *detail = NULL;
	struct identity identity;
	enum evidence_result result;

	login.profile.issuer = sample->issuer;
	login.profile.acr_ladder = sample->ladder;
	login.profile.acr_ladder_count = ladder_count(sample->ladder);
	login.expectation.audience = sample->audience;
	login.expectation.nonce = sample->nonce;
	login.expectation.acr_rank_min = sample->ladder ? 1 : 0;
	login.expectation.max_age_s = 0;
	result = evidence_check(token, strlen(token), &login.expectation,
	    sample->now_s, &identity, &detail);
	if (result != sample->result)
		fail_msg("%s: %s, %s", sample->name,
		    evidence_result_word(result), detail ? detail : "");
	if (!sample->detail)
		assert_null(detail);
	else
		assert_string_equal(sample->detail, detail);
	free(token);
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
	};

	return cmocka_run_group_tests_name(
	    "evidence samples", tests, login_set_up, login_tear_down);
}
