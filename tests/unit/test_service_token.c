/*
 * Accepted access tokens of each kind of issuer, and their refused twins: each
 * row replaces one piece of the claims and signs the result rightly. Then what
 * is expected is changed, and what is filled is looked at.
 */
#include "tests/unit/unit.h"
#include "tests/vectors/service.h"

#include <stdlib.h>
#include <string.h>

#define NOW_S 1678375500
#define ISS_ID "\"iss\":\"https://test.idporten.no\""
#define ISS_MP "\"iss\":\"https://test.maskinporten.no/\""
#define ISS_GE "\"iss\":\"https://sso.example/realms/staff\""
#define EXP "\"exp\":1678376092"
#define IAT "\"iat\":1678375492"
#define SUB "\"sub\":\"ERIFvpD7\""
#define PID "\"pid\":\"21879498012\""
#define SCOPE "\"scope\":\"ko:saker.read openid\""
#define CLIENT "\"client_id\":\"klient\""
#define AUD "\"aud\":\"https://saker.example\""
#define JTI "\"jti\":\"UPw8a6-uKGo\""
#define ORG(name, id)                                           \
	"\"" name "\":{\"authority\":\"iso6523-actorid-upis\"," \
	"\"ID\":\"" id "\"}"
#define CONSUMER ORG("consumer", "0192:991825827")
#define ACR "\"acr\":\"idporten-loa-substantial\""
#define ALTINN(id) "[\"" id "\"]"
#define SYSTEM_USER(ids, org, extra)                                      \
	"\"authorization_details\":[{\"type\":\"urn:altinn:systemuser\"," \
	"\"systemuser_id\":" ids                                          \
	"," ORG("systemuser_org", org) ","                                \
				       "\"system_id\":\"dok\"}" extra "]"
#define MANDATE                                                          \
	"\"authorization_details\":[{"                                   \
	"\"type\":\"ansattporten:orgno\",\"authorized_parties\":[{" ORG( \
	    "orgno", "0192:911830868") "}]}]"
#define X43 "x43x43x43x43x43x43x43x43x43x43x43x43x43x43x0"
#define THUMB "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"

static const char person[] =
    "{" SUB "," ACR "," SCOPE "," ISS_ID "," PID "," EXP "," IAT "," JTI
    "," CLIENT "," AUD "," CONSUMER
    ",\"auth_time\":1678375491,\"client_amr\":\"private_key_jwt\"}";
static const char machine[] =
    "{" ISS_MP "," SCOPE "," CLIENT "," CONSUMER "," EXP "," IAT "," JTI
    ",\"aud\":\"unspecified\","
    "\"token_type\":\"Bearer\",\"client_orgno\":\"x\"}";
static const char internal[] = "{" ISS_GE "," SUB "," SCOPE "," CLIENT "," AUD
			       "," EXP "," IAT "," JTI ",\"sid\":\"-s\"}";

static const char *const read_scope[] = {"ko:saker.read"};

enum which { PERSON, MACHINE, INTERNAL, COUNT };

static const struct kind_case {
	const char *kind;
	const char *issuer;
	const char *payload;
} kinds[COUNT] = {
    [PERSON] = {"idporten", "https://test.idporten.no", person},
    [MACHINE] = {"maskinporten", "https://test.maskinporten.no/", machine},
    [INTERNAL] = {"generic", "https://sso.example/realms/staff", internal},
};

static struct service services[COUNT];

static const struct twin {
	enum which which;
	const char *from;
	const char *to;
	enum evidence_result result;
	const char *detail;
} twins[] = {
    {PERSON, JTI, JTI, EVIDENCE_GOOD, NULL},
    {MACHINE, JTI, JTI, EVIDENCE_GOOD, NULL},
    {INTERNAL, JTI, JTI, EVIDENCE_GOOD, NULL},

    /* iss: none of one's rules for another's token, and no slash to spare */
    {PERSON, ISS_ID, ISS_MP, EVIDENCE_ISSUER_WRONG, "iss"},
    {PERSON, ISS_ID, "\"iss\":\"https://test.idporten.no/\"",
	EVIDENCE_ISSUER_WRONG, "iss"},
    {PERSON, ISS_ID ",", "", EVIDENCE_CLAIM_MISSING, "iss"},
    {MACHINE, ISS_MP, ISS_ID, EVIDENCE_ISSUER_WRONG, "iss"},
    {MACHINE, ISS_MP, "\"iss\":\"https://test.maskinporten.no\"",
	EVIDENCE_ISSUER_WRONG, "iss"},
    {MACHINE, ISS_MP, "\"iss\":\"https://maskinporten.no/\"",
	EVIDENCE_ISSUER_WRONG, "iss"},
    {INTERNAL, ISS_GE, "\"iss\":\"https://sso.example/realms/Staff\"",
	EVIDENCE_ISSUER_WRONG, "iss"},

    /* aud */
    {PERSON, AUD, "\"aud\":\"https://andre.example\"", EVIDENCE_AUDIENCE_WRONG,
	"aud"},
    {PERSON, AUD, "\"aud\":\"https://saker.example/\"", EVIDENCE_AUDIENCE_WRONG,
	"aud"},
    {PERSON, AUD, "\"aud\":\"https://saker.exampl\"", EVIDENCE_AUDIENCE_WRONG,
	"aud"},
    {PERSON, AUD, "\"aud\":[]", EVIDENCE_CLAIMS_MALFORMED, "aud"},
    {PERSON, AUD, "\"aud\":null", EVIDENCE_CLAIMS_MALFORMED, "aud"},
    {PERSON, AUD, "\"aud\":[\"a\",\"https://saker.example\"]", EVIDENCE_GOOD,
	NULL},
    {PERSON, AUD, "\"aud\":[\"unspecified\",\"a\"]", EVIDENCE_AUDIENCE_WRONG,
	"aud"},
    {PERSON, AUD, "\"aud\":\"unspecified\"", EVIDENCE_GOOD, NULL},
    {PERSON, AUD, "\"aud\":[\"unspecified\"]", EVIDENCE_GOOD, NULL},
    {PERSON, AUD ",", "", EVIDENCE_GOOD, NULL},
    {INTERNAL, AUD ",", "", EVIDENCE_CLAIM_MISSING, "aud"},
    {INTERNAL, AUD, "\"aud\":\"unspecified\"", EVIDENCE_AUDIENCE_WRONG, "aud"},
    {INTERNAL, AUD, "\"aud\":\"account\"", EVIDENCE_AUDIENCE_WRONG, "aud"},
    {MACHINE, "\"aud\":\"unspecified\",", "", EVIDENCE_GOOD, NULL},
    {MACHINE, "\"aud\":\"unspecified\"", AUD, EVIDENCE_GOOD, NULL},
    {MACHINE, "\"aud\":\"unspecified\"", "\"aud\":\"Unspecified\"",
	EVIDENCE_AUDIENCE_WRONG, "aud"},
    {MACHINE, "\"aud\":\"unspecified\"", "\"aud\":\"https://andre.example\"",
	EVIDENCE_AUDIENCE_WRONG, "aud"},

    /* scope */
    {PERSON, SCOPE, "\"scope\":\"openid\"", EVIDENCE_SCOPE_MISSING, "scope"},
    {PERSON, SCOPE, "\"scope\":\"ko:saker.reader ko:saker\"",
	EVIDENCE_SCOPE_MISSING, "scope"},
    {PERSON, SCOPE, "\"scope\":[\"ko:saker.read\"]", EVIDENCE_CLAIMS_MALFORMED,
	"scope"},
    {PERSON, SCOPE ",", "", EVIDENCE_CLAIM_MISSING, "scope"},
    {MACHINE, SCOPE, "\"scope\":\"ko:saker.write\"", EVIDENCE_SCOPE_MISSING,
	"scope"},
    {MACHINE, SCOPE ",", "", EVIDENCE_CLAIM_MISSING, "scope"},
    {INTERNAL, SCOPE ",", "", EVIDENCE_SCOPE_MISSING, "scope"},

    /* times */
    {PERSON, EXP, "\"exp\":1678375493", EVIDENCE_GOOD, NULL},
    {PERSON, EXP, "\"exp\":1678375490", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {PERSON, EXP ",", "", EVIDENCE_CLAIM_MISSING, "exp"},
    {PERSON, EXP, "\"exp\":\"1678376092\"", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {PERSON, EXP, "\"exp\":1678461893", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {PERSON, IAT, "\"iat\":1678375511", EVIDENCE_NOT_YET_VALID, "iat"},
    {PERSON, IAT ",", "", EVIDENCE_CLAIM_MISSING, "iat"},
    {PERSON, IAT, IAT ",\"nbf\":1678375511", EVIDENCE_NOT_YET_VALID, "nbf"},
    {MACHINE, EXP ",", "", EVIDENCE_CLAIM_MISSING, "exp"},
    {MACHINE, IAT ",", "", EVIDENCE_CLAIM_MISSING, "iat"},
    {MACHINE, IAT, "\"iat\":1678375511", EVIDENCE_NOT_YET_VALID, "iat"},

    /* what is for a login, a logout or another token gives no access */
    {PERSON, JTI, "\"nonce\":\"n\"", EVIDENCE_LOGIN_TOKEN, "nonce"},
    {PERSON, JTI, "\"at_hash\":\"n\"", EVIDENCE_LOGIN_TOKEN, "at_hash"},
    {MACHINE, JTI, "\"c_hash\":\"n\"", EVIDENCE_LOGIN_TOKEN, "c_hash"},
    {INTERNAL, SCOPE "," CLIENT ",", "", EVIDENCE_LOGIN_TOKEN, "scope"},
    {INTERNAL, JTI, "\"typ\":\"ID\"", EVIDENCE_TYPE_REFUSED, "typ"},
    {INTERNAL, JTI, "\"typ\":\"Refresh\"", EVIDENCE_TYPE_REFUSED, "typ"},
    {INTERNAL, JTI, "\"typ\":\"Bearer\"", EVIDENCE_GOOD, NULL},
    {INTERNAL, JTI, "\"typ\":7", EVIDENCE_GOOD, NULL},
    {INTERNAL, JTI, "\"events\":{}", EVIDENCE_TYPE_REFUSED, "events"},

    /* whom it is about */
    {PERSON, SUB ",", "", EVIDENCE_CLAIM_MISSING, "sub"},
    {PERSON, SUB, "\"sub\":\"\"", EVIDENCE_CLAIMS_MALFORMED, "sub"},
    {PERSON, PID ",", "", EVIDENCE_GOOD, NULL},
    {PERSON, PID, "\"pid\":\"21879498013\"", EVIDENCE_PERSON_NUMBER_BAD, "pid"},
    {PERSON, PID, "\"pid\":21879498012", EVIDENCE_CLAIMS_MALFORMED, "pid"},
    {INTERNAL, SUB ",", "", EVIDENCE_CLAIM_MISSING, "sub"},
    {MACHINE, JTI, JTI "," SUB "," PID, EVIDENCE_GOOD, NULL},
    {MACHINE, JTI, "\"pid\":\"1\"", EVIDENCE_PERSON_NUMBER_BAD, "pid"},

    /* organisations */
    {MACHINE, CONSUMER ",", "", EVIDENCE_CLAIM_MISSING, "consumer"},
    {MACHINE, CONSUMER, "\"consumer\":null", EVIDENCE_CLAIMS_MALFORMED,
	"consumer"},
    {MACHINE, CONSUMER, "\"consumer\":\"0192:991825827\"",
	EVIDENCE_CLAIMS_MALFORMED, "consumer"},
    {MACHINE, CONSUMER, ORG("consumer", "0192:991825828"),
	EVIDENCE_CLAIMS_MALFORMED, "consumer"},
    {MACHINE, CONSUMER, ORG("consumer", "0192:991825827:1"),
	EVIDENCE_CLAIMS_MALFORMED, "consumer"},
    {MACHINE, CONSUMER, ORG("consumer", "9908:991825827"),
	EVIDENCE_AUTHORITY_UNKNOWN, "consumer"},
    {MACHINE, CONSUMER, ORG("consumer", "0088:a:b"), EVIDENCE_AUTHORITY_UNKNOWN,
	"consumer"},
    {MACHINE, CONSUMER, ORG("consumer", "0088:a:b:c"),
	EVIDENCE_AUTHORITY_UNKNOWN, "consumer"},
    {MACHINE, CONSUMER, ORG("consumer", "0088:a:b:c:d"),
	EVIDENCE_CLAIMS_MALFORMED, "consumer"},
    {MACHINE, CONSUMER, ORG("consumer", "0088::b"), EVIDENCE_CLAIMS_MALFORMED,
	"consumer"},
    {MACHINE, CONSUMER, ORG("consumer", "0088:"), EVIDENCE_CLAIMS_MALFORMED,
	"consumer"},
    {MACHINE, CONSUMER, ORG("consumer", "0088"), EVIDENCE_CLAIMS_MALFORMED,
	"consumer"},
    {MACHINE, CONSUMER, ORG("consumer", ""), EVIDENCE_CLAIMS_MALFORMED,
	"consumer"},
    {MACHINE, CONSUMER,
	"\"consumer\":{\"authority\":\"x\",\"ID\":\"0192:991825827\"}",
	EVIDENCE_CLAIMS_MALFORMED, "consumer"},
    {MACHINE, JTI, ORG("supplier", "0192:910753614"), EVIDENCE_GOOD, NULL},
    {MACHINE, JTI, ORG("supplier", "9908:910753614"),
	EVIDENCE_AUTHORITY_UNKNOWN, "supplier"},
    {MACHINE, JTI, "\"supplier\":[]", EVIDENCE_CLAIMS_MALFORMED, "supplier"},

    /* system users */
    {MACHINE, JTI, SYSTEM_USER(ALTINN("u"), "0192:910753614", ""),
	EVIDENCE_GOOD, NULL},
    {MACHINE, JTI,
	SYSTEM_USER(ALTINN("u"), "0192:910753614",
	    ",{\"type\":\"urn:altinn:consent\"}"),
	EVIDENCE_GOOD, NULL},
    {MACHINE, JTI, SYSTEM_USER("[]", "0192:910753614", ""),
	EVIDENCE_CLAIMS_MALFORMED, "authorization_details"},
    {MACHINE, JTI, SYSTEM_USER("\"u\"", "0192:910753614", ""),
	EVIDENCE_CLAIMS_MALFORMED, "authorization_details"},
    {MACHINE, JTI, SYSTEM_USER("[\"u\",\"v\"]", "0192:910753614", ""),
	EVIDENCE_CLAIMS_MALFORMED, "authorization_details"},
    {MACHINE, JTI, SYSTEM_USER(ALTINN("u"), "0192:910753615", ""),
	EVIDENCE_CLAIMS_MALFORMED, "authorization_details"},
    {MACHINE, JTI, SYSTEM_USER(ALTINN("u"), "9908:910753614", ""),
	EVIDENCE_AUTHORITY_UNKNOWN, "authorization_details"},
    {MACHINE, JTI,
	SYSTEM_USER(ALTINN("u"), "0192:910753614",
	    ",{\"type\":\"urn:altinn:systemuser\"}"),
	EVIDENCE_CLAIMS_MALFORMED, "authorization_details"},
    {MACHINE, JTI, "\"authorization_details\":{}", EVIDENCE_CLAIMS_MALFORMED,
	"authorization_details"},
    {MACHINE, JTI, "\"authorization_details\":[1]", EVIDENCE_CLAIMS_MALFORMED,
	"authorization_details"},
    {MACHINE, JTI, MANDATE, EVIDENCE_GOOD, NULL},
    {PERSON, JTI, MANDATE, EVIDENCE_GOOD, NULL},

    /* texts for the log */
    {PERSON, CLIENT, "\"client_id\":\"\"", EVIDENCE_CLAIMS_MALFORMED,
	"client_id"},
    {PERSON, CLIENT, "\"client_id\":1", EVIDENCE_CLAIMS_MALFORMED, "client_id"},
    {PERSON, JTI, "\"jti\":\"a\\nb\"", EVIDENCE_CLAIMS_MALFORMED, "jti"},
    {PERSON, JTI, "\"sid\":[]", EVIDENCE_CLAIMS_MALFORMED, "sid"},
    {MACHINE, JTI, "\"delegation_source\":{}", EVIDENCE_CLAIMS_MALFORMED,
	"delegation_source"},

    /* bound, and nothing with it */
    {PERSON, JTI, "\"cnf\":{\"jkt\":\"" THUMB "\"}", EVIDENCE_PROOF_MISSING,
	"jkt"},
    {PERSON, JTI, "\"cnf\":{\"x5t#S256\":\"" THUMB "\"}",
	EVIDENCE_CERTIFICATE_MISSING, "x5t#S256"},
    {MACHINE, JTI, "\"cnf\":{\"jkt\":\"" THUMB "\"}", EVIDENCE_PROOF_MISSING,
	"jkt"},
    {INTERNAL, JTI, "\"cnf\":{\"jkt\":\"" THUMB "\"}", EVIDENCE_PROOF_MISSING,
	"jkt"},
    {PERSON, JTI, "\"cnf\":{\"jkt\":\"" X43 "\"}", EVIDENCE_CLAIMS_MALFORMED,
	"cnf"},
    {PERSON, JTI, "\"cnf\":{\"jkt\":\"\"}", EVIDENCE_CLAIMS_MALFORMED, "cnf"},
    {PERSON, JTI, "\"cnf\":{}", EVIDENCE_CLAIMS_MALFORMED, "cnf"},
    {PERSON, JTI, "\"cnf\":null", EVIDENCE_CLAIMS_MALFORMED, "cnf"},
    {PERSON, JTI, "\"cnf\":{\"jwk\":{}}", EVIDENCE_PROOF_UNSUPPORTED, "cnf"},
    {PERSON, JTI, "\"cnf\":{\"jkt\":\"" THUMB "\",\"kid\":\"k\"}",
	EVIDENCE_PROOF_UNSUPPORTED, "cnf"},
};

static void
test_twins(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(twins) / sizeof(*twins); i++) {
		const struct twin *twin = &twins[i];
		const char *detail = NULL;
		enum evidence_result result;
		char *payload = mint_replace(
		    kinds[twin->which].payload, twin->from, twin->to);

		result = service_check_payload(
		    &services[twin->which], payload, NOW_S, NULL, &detail);
		if (result != twin->result)
			fail_msg("%zu %s: %s, %s", i, twin->to,
			    evidence_result_word(result), detail ? detail : "");
		if (twin->detail)
			assert_string_equal(detail, twin->detail);
		else
			assert_null(detail);
		free(payload);
	}
}

static const struct header {
	const char *header;
	enum mint_signature how;
	enum evidence_result result;
	const char *detail;
} headers[] = {
    {"{\"kid\":\"rsa\",\"alg\":\"RS256\"}", MINT_RS256, EVIDENCE_GOOD, NULL},
    {"{\"kid\":\"rsa\",\"alg\":\"RS256\",\"typ\":\"JWT\"}", MINT_RS256,
	EVIDENCE_GOOD, NULL},
    {"{\"kid\":\"rsa\",\"alg\":\"RS256\",\"typ\":\"at+jwt\"}", MINT_RS256,
	EVIDENCE_GOOD, NULL},
    {"{\"kid\":\"rsa\",\"alg\":\"RS256\",\"typ\":\"application/at+JWT\"}",
	MINT_RS256, EVIDENCE_GOOD, NULL},
    {"{\"kid\":\"rsa\",\"alg\":\"RS256\",\"typ\":\"logout+jwt\"}", MINT_RS256,
	EVIDENCE_TYPE_REFUSED, "typ"},
    {"{\"kid\":\"rsa\",\"alg\":\"RS256\",\"typ\":\"dpop+jwt\"}", MINT_RS256,
	EVIDENCE_TYPE_REFUSED, "typ"},
    {"{\"kid\":\"rsa\",\"alg\":\"RS256\",\"typ\":\"secevent+jwt\"}", MINT_RS256,
	EVIDENCE_TYPE_REFUSED, "typ"},
    {"{\"kid\":\"rsa\",\"alg\":\"RS256\",\"typ\":\"\"}", MINT_RS256,
	EVIDENCE_TYPE_REFUSED, "typ"},
    {"{\"kid\":\"rsa\",\"alg\":\"RS256\",\"typ\":null}", MINT_RS256,
	EVIDENCE_TYPE_REFUSED, "typ"},
    {"{\"alg\":\"RS256\"}", MINT_RS256, EVIDENCE_HEADER_REFUSED, "kid"},
    {"{\"kid\":\"other\",\"alg\":\"RS256\"}", MINT_RS256, EVIDENCE_KEY_UNKNOWN,
	"kid"},
    {"{\"kid\":\"ec\",\"alg\":\"RS256\"}", MINT_RS256, EVIDENCE_KEY_MISMATCH,
	"alg"},
    {"{\"kid\":\"rsa\",\"alg\":\"RS256\",\"crit\":[]}", MINT_RS256,
	EVIDENCE_HEADER_REFUSED, "crit"},
    {"{\"kid\":\"rsa\",\"alg\":\"RS256\"}", MINT_RS256_STRANGER,
	EVIDENCE_SIGNATURE_BAD, "signature"},
    {"{\"kid\":\"rsa\",\"alg\":\"none\"}", MINT_NOTHING, EVIDENCE_MALFORMED,
	"token"},
    {"{\"kid\":\"rsa\",\"alg\":\"HS256\"}", MINT_HS256,
	EVIDENCE_ALGORITHM_REFUSED, "alg"},
};

static void
test_headers(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT; i++) {
		for (j = 0; j < sizeof(headers) / sizeof(*headers); j++) {
			const char *detail = NULL;
			char *token = mint_token(headers[j].how,
			    headers[j].header, kinds[i].payload);

			if (service_check(&services[i], token, strlen(token),
				NOW_S, NULL, &detail) != headers[j].result)
				fail_msg(
				    "%s: %s", kinds[i].kind, headers[j].header);
			if (headers[j].detail)
				assert_string_equal(detail, headers[j].detail);
			free(token);
		}
	}
}

/* Digdir's issuers sign RS256; a good ES256 signature is not theirs. */
static void
test_algorithms_of_a_kind(void **state)
{
	char *token;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT; i++) {
		token = mint_token(
		    MINT_ES256, login_header_es256, kinds[i].payload);
		assert_int_equal(service_check(&services[i], token,
				     strlen(token), NOW_S, NULL, NULL),
		    i == INTERNAL ? EVIDENCE_GOOD : EVIDENCE_ALGORITHM_REFUSED);
		free(token);
	}
}

/* The rules of one kind are of no use to the tokens of another. */
static void
test_no_token_is_judged_by_anothers_rules(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < COUNT; i++) {
		for (j = 0; j < COUNT; j++) {
			enum evidence_result result = service_check_payload(
			    &services[i], kinds[j].payload, NOW_S, NULL, NULL);

			assert_true((result == EVIDENCE_GOOD) == (i == j));
		}
	}
}

static enum evidence_result
check(enum which which, int64_t now_s)
{
	return service_check_payload(
	    &services[which], kinds[which].payload, now_s, NULL, NULL);
}

static void
test_expiry(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT; i++) {
		assert_int_equal(
		    check((enum which)i, 1678376092 + 9), EVIDENCE_GOOD);
		assert_int_equal(
		    check((enum which)i, 1678376092 + 10), EVIDENCE_EXPIRED);
		assert_int_equal(check((enum which)i, 1678375492 - 11),
		    EVIDENCE_NOT_YET_VALID);
	}
}

/* Without a scope that the caller asks for, nobody's audience is nobody's. */
static void
test_an_audience_for_nobody_needs_a_scope(void **state)
{
	struct service *service = &services[MACHINE];

	(void)state;
	service->expectation.scopes_count = 0;
	assert_int_equal(check(MACHINE, NOW_S), EVIDENCE_AUDIENCE_WRONG);
	service->expectation.audience = NULL;
	assert_int_equal(check(MACHINE, NOW_S), EVIDENCE_NOT_CHECKED);
	service->expectation.scopes_count = 1;
	assert_int_equal(check(MACHINE, NOW_S), EVIDENCE_GOOD);
	service->expectation.audience = "https://saker.example";
}

/* Any client gets the scopes of OpenID Connect: they stand for no audience. */
static void
test_everybodys_scope_is_no_audience(void **state)
{
	static const char *const scopes[] = {"openid", "ko:saker.read"};
	struct service *service = &services[PERSON];
	char *payload = mint_replace(person, AUD, "\"aud\":\"unspecified\"");
	const char *const one = "openid";

	(void)state;
	service->expectation.scopes = &one;
	assert_int_equal(
	    service_check_payload(service, payload, NOW_S, NULL, NULL),
	    EVIDENCE_AUDIENCE_WRONG);
	assert_int_equal(check(PERSON, NOW_S), EVIDENCE_GOOD);
	service->expectation.scopes = scopes;
	service->expectation.scopes_count = 2;
	assert_int_equal(
	    service_check_payload(service, payload, NOW_S, NULL, NULL),
	    EVIDENCE_GOOD);
	service->expectation.scopes = read_scope;
	service->expectation.scopes_count = 1;
	free(payload);
}

/* Who asks for an audience in any case is not content with scopes. */
static void
test_an_audience_that_is_required_must_be_there(void **state)
{
	struct service *service = &services[MACHINE];

	(void)state;
	assert_int_equal(check(MACHINE, NOW_S), EVIDENCE_GOOD);
	service->expectation.audience_required = true;
	assert_int_equal(check(MACHINE, NOW_S), EVIDENCE_AUDIENCE_WRONG);
	service->expectation.audience = NULL;
	assert_int_equal(check(MACHINE, NOW_S), EVIDENCE_NOT_CHECKED);
	service->expectation.audience_required = false;
	service->expectation.audience = "https://saker.example";
}

static void
test_unusable_expectations(void **state)
{
	static const char *const empty[] = {""};
	struct service *service = &services[PERSON];
	const struct service_expectation good = service->expectation;
	struct service_expectation bad[12];
	struct dpop_request request = {.proof = "x"};
	const struct presentation with_proof = {
	    .scheme = PRESENTED_AS_DPOP, .dpop = &request};
	size_t i;

	(void)state;
	for (i = 0; i < 12; i++)
		bad[i] = good;
	bad[0].profile = NULL;
	bad[1].rules = NULL;
	bad[2].keys = NULL;
	bad[3].audience = "";
	bad[4].audience = "unspecified";
	bad[5].scopes = empty;
	bad[6].acr_rank_min = -1;
	bad[7].max_age_s = -1;
	bad[8].audience = NULL;
	bad[8].scopes_count = 0;
	bad[9].audience = NULL;
	bad[9].rules = &issuer_kind_find("generic")->service;
	bad[10].presentation = &with_proof;
	bad[11].scopes = (const char *const[]){NULL};
	for (i = 0; i < 12; i++) {
		const char *detail = NULL;

		service->expectation = bad[i];
		if (service_check_payload(service, person, NOW_S, NULL,
			&detail) != EVIDENCE_NOT_CHECKED)
			fail_msg("%zu", i);
		assert_string_equal(detail, "expectation");
	}
	service->expectation = good;
}

/* Every scope that is asked, not one of them. */
static void
test_every_scope_is_needed(void **state)
{
	static const char *const two[] = {"ko:saker.read", "ko:saker.write"};
	struct service *service = &services[PERSON];

	(void)state;
	service->expectation.scopes = two;
	service->expectation.scopes_count = 2;
	assert_int_equal(check(PERSON, NOW_S), EVIDENCE_SCOPE_MISSING);
	service->expectation.scopes = read_scope;
	service->expectation.scopes_count = 1;
}

/* RFC 9470: what is missing is a step up, not another token. */
static void
test_level_and_age(void **state)
{
	struct service *service = &services[PERSON];

	(void)state;
	service->expectation.acr_rank_min = 2;
	assert_int_equal(check(PERSON, NOW_S), EVIDENCE_GOOD);
	service->expectation.acr_rank_min = 3;
	assert_int_equal(check(PERSON, NOW_S), EVIDENCE_ACR_TOO_LOW);
	service->expectation.acr_rank_min = 0;
	service->expectation.max_age_s = 60;
	assert_int_equal(check(PERSON, NOW_S), EVIDENCE_GOOD);
	assert_int_equal(
	    check(PERSON, NOW_S + 62), EVIDENCE_AUTHENTICATION_TOO_OLD);
	service->expectation.max_age_s = 0;
	services[MACHINE].expectation.max_age_s = 60;
	assert_int_equal(
	    check(MACHINE, NOW_S), EVIDENCE_AUTHENTICATION_TOO_OLD);
	services[MACHINE].expectation.max_age_s = 0;
	services[MACHINE].expectation.acr_rank_min = 1;
	assert_int_equal(check(MACHINE, NOW_S), EVIDENCE_ACR_TOO_LOW);
	services[MACHINE].expectation.acr_rank_min = 0;
}

static void
test_what_a_person_is(void **state)
{
	static struct service_token token;

	(void)state;
	assert_int_equal(service_check_payload(
			     &services[PERSON], person, NOW_S, &token, NULL),
	    EVIDENCE_GOOD);
	assert_int_equal(token.subject, SERVICE_SUBJECT_PERSON);
	assert_string_equal(token.identity.subject, "ERIFvpD7");
	assert_string_equal(token.identity.person_number, "21879498012");
	assert_int_equal(token.identity.acr_rank, 2);
	assert_int_equal(token.identity.expires_at_s, 1678376092);
	assert_true(identity_has_scope(&token.identity, "openid"));
	assert_string_equal(token.client_id, "klient");
	assert_string_equal(token.token_id, "UPw8a6-uKGo");
	assert_string_equal(token.session, "");
	assert_false(confirmation_is_bound(&token.confirmation));
	service_token_wipe(&token);
	assert_string_equal(token.identity.person_number, "");
}

static bool
holds(const struct service_token *token, const char *text)
{
	return memmem(token, sizeof(*token), text, strlen(text)) != NULL;
}

/* Of one that is used again, nothing of the last token is left. */
static void
test_what_was_checked_is_wiped(void **state)
{
	static const char *const texts[] = {"21879498012", "ERIFvpD7",
	    "idporten", "ko:saker.read", "openid", "klient", "UPw8a6-uKGo",
	    "0192:991825827"};
	static struct service_token token;
	int64_t used = 0;
	size_t i;

	(void)state;
	assert_int_equal(service_check_payload(
			     &services[PERSON], person, NOW_S, &token, NULL),
	    EVIDENCE_GOOD);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		used += holds(&token, texts[i]);
	assert_int_equal(used, sizeof(texts) / sizeof(texts[0]));
	service_token_wipe_checked(&token);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(holds(&token, texts[i]));
	assert_int_equal(token.identity.expires_at_s, 0);
	assert_false(identity_has_scope(&token.identity, "openid"));
}

/* R12: Maskinporten may name a person who has not logged in. */
static void
test_a_machine_is_no_person(void **state)
{
	static struct service_token token;
	char *payload = mint_replace(machine, JTI,
	    SUB "," PID ",\"acr\":\"idporten-loa-high\","
		"\"auth_time\":1678375491," MANDATE "," ORG("supplier",
		    "0192:910753614") ","
				      "\"delegation_source\":\"https://"
				      "tt02.altinn.no/\"");

	(void)state;
	assert_int_equal(service_check_payload(
			     &services[MACHINE], payload, NOW_S, &token, NULL),
	    EVIDENCE_GOOD);
	assert_int_equal(token.subject, SERVICE_SUBJECT_MACHINE);
	assert_string_equal(token.identity.subject, "");
	assert_string_equal(token.identity.person_number, "");
	assert_string_equal(token.identity.acr, "");
	assert_int_equal(token.identity.acr_rank, 0);
	assert_int_equal(token.identity.authenticated_at_s, 0);
	assert_int_equal(token.identity.mandates_count, 0);
	assert_true(slice_equal(token.identity.consumer, "0192:991825827"));
	assert_string_equal(token.supplier, "0192:910753614");
	assert_string_equal(token.delegation_source, "https://tt02.altinn.no/");
	free(payload);
}

static void
test_a_system_user(void **state)
{
	static struct service_token token;
	char *payload = mint_replace(
	    machine, JTI, SYSTEM_USER(ALTINN("u-1"), "0192:910753614", ""));

	(void)state;
	assert_int_equal(service_check_payload(
			     &services[MACHINE], payload, NOW_S, &token, NULL),
	    EVIDENCE_GOOD);
	assert_string_equal(token.system_user_organisation, "0192:910753614");
	assert_string_equal(token.system_user_id, "u-1");
	assert_string_equal(token.system_id, "dok");
	assert_int_equal(token.identity.mandates_count, 0);
	free(payload);
}

static enum service_subject
internal_subject(const char *from, const char *to)
{
	static struct service_token token;
	char *payload = mint_replace(internal, from, to);

	assert_int_equal(service_check_payload(
			     &services[INTERNAL], payload, NOW_S, &token, NULL),
	    EVIDENCE_GOOD);
	free(payload);
	if (token.subject == SERVICE_SUBJECT_MACHINE)
		assert_string_equal(token.identity.subject, "");
	return token.subject;
}

/* RFC 9068 section 5: a client that acts for itself is its own subject. */
static void
test_either(void **state)
{
	(void)state;
	assert_int_equal(internal_subject(JTI, JTI), SERVICE_SUBJECT_PERSON);
	assert_int_equal(internal_subject(CLIENT, "\"client_id\":\"ERIFvpD7\""),
	    SERVICE_SUBJECT_MACHINE);
	assert_int_equal(
	    internal_subject(SUB, CONSUMER), SERVICE_SUBJECT_MACHINE);
	assert_int_equal(internal_subject(CLIENT, "\"client_id\":\"ERIFvpD8\""),
	    SERVICE_SUBJECT_PERSON);
}

/* RFC 9068: there the type says it, and no scope need. */
static void
test_a_typed_token_needs_no_other_sign(void **state)
{
	char *payload = mint_replace(internal, SCOPE "," CLIENT ",", "");
	char *typed = mint_token(MINT_RS256,
	    "{\"kid\":\"rsa\",\"alg\":\"RS256\",\"typ\":\"at+jwt\"}", payload);
	struct service *service = &services[INTERNAL];

	(void)state;
	service->expectation.scopes_count = 0;
	assert_int_equal(
	    service_check(service, typed, strlen(typed), NOW_S, NULL, NULL),
	    EVIDENCE_GOOD);
	assert_int_equal(
	    service_check_payload(service, payload, NOW_S, NULL, NULL),
	    EVIDENCE_LOGIN_TOKEN);
	service->expectation.scopes_count = 1;
	free(typed);
	free(payload);
}

static void
test_people_of_tests_are_nobody_in_production(void **state)
{
	(void)state;
	services[PERSON].profile.test = false;
	assert_int_equal(check(PERSON, NOW_S), EVIDENCE_TEST_IDENTITY);
	services[PERSON].profile.test = true;
}

static void
test_the_issuer_that_is_named(void **state)
{
	char issuer[IDENTITY_ISSUER_SIZE] = "untouched";
	char *token = mint_token(MINT_NOTHING, login_header_rs256, machine);
	char *signed_one = mint_token(MINT_RS256, login_header_rs256, machine);
	char *none = mint_token(MINT_RS256, login_header_rs256, "{}");

	(void)state;
	assert_true(service_token_issuer(token, strlen(token), issuer) < 0);
	assert_true(service_token_issuer(none, strlen(none), issuer) < 0);
	assert_true(service_token_issuer("", 0, issuer) < 0);
	assert_string_equal(issuer, "untouched");
	assert_int_equal(
	    service_token_issuer(signed_one, strlen(signed_one), issuer), 0);
	assert_string_equal(issuer, "https://test.maskinporten.no/");
	free(token);
	free(signed_one);
	free(none);
}

static int
set_up(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT; i++) {
		service_init(&services[i], kinds[i].kind, kinds[i].issuer,
		    "https://saker.example");
		services[i].expectation.scopes = read_scope;
		services[i].expectation.scopes_count = 1;
	}
	return 0;
}

static int
tear_down(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT; i++)
		service_done(&services[i]);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_twins),
	    cmocka_unit_test(test_headers),
	    cmocka_unit_test(test_algorithms_of_a_kind),
	    cmocka_unit_test(test_no_token_is_judged_by_anothers_rules),
	    cmocka_unit_test(test_expiry),
	    cmocka_unit_test(test_an_audience_for_nobody_needs_a_scope),
	    cmocka_unit_test(test_everybodys_scope_is_no_audience),
	    cmocka_unit_test(test_an_audience_that_is_required_must_be_there),
	    cmocka_unit_test(test_unusable_expectations),
	    cmocka_unit_test(test_every_scope_is_needed),
	    cmocka_unit_test(test_level_and_age),
	    cmocka_unit_test(test_what_a_person_is),
	    cmocka_unit_test(test_what_was_checked_is_wiped),
	    cmocka_unit_test(test_a_machine_is_no_person),
	    cmocka_unit_test(test_a_system_user),
	    cmocka_unit_test(test_either),
	    cmocka_unit_test(test_a_typed_token_needs_no_other_sign),
	    cmocka_unit_test(test_people_of_tests_are_nobody_in_production),
	    cmocka_unit_test(test_the_issuer_that_is_named),
	};

	return cmocka_run_group_tests_name(
	    "service token", tests, set_up, tear_down);
}
