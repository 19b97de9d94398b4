/*
 * The refused twins of the good login: each row replaces one piece of the
 * claims and signs the result rightly. Then what is expected is changed.
 */
#include "tests/unit/unit.h"
#include "tests/vectors/login_fixture.h"
#include "tests/vectors/mint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ISS "\"iss\":\"https://idporten.dev\""
#define AUD "\"aud\":\"democlient_idporten_systest\""
#define SUB "\"sub\":\"ERIFvpD7pM6j6Xvrnz0ml53V-L_W5ZDSs3kYMs6dTVc\""
#define NONCE "\"nonce\":\"S6tRrJ3tWsilRZl7hqySoORosHDDq4l6du3dxDhXoWc\""
#define ACR "\"acr\":\"idporten-loa-substantial\""
#define AUTH "\"auth_time\":1678375491"
#define EXP "\"exp\":1678375612"
#define IAT "\"iat\":1678375492"
#define ROLES_START "\"roles\":["
#define PID "\"pid\":\"21879498012\""
#define CONSUMER(key, id)                                     \
	"\"consumer\":{\"" key "\":\"iso6523-actorid-upis\"," \
	"\"ID\":\"" id "\"}"
#define JTI "\"jti\":\"prkQoucQJf8\""
#define ROLES "\"roles\":[\"saksbehandler\",\"f\\u00f8rstelinje\"]"
#define TEXT_64 \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct twin {
	const char *from;
	const char *to;
	enum evidence_result result;
	const char *detail;
} twins[] = {
    {JTI, JTI, EVIDENCE_GOOD, NULL},
    {"{" SUB, "{ " SUB, EVIDENCE_GOOD, NULL},

    /* iss, byte for byte */
    {ISS ",", "", EVIDENCE_CLAIM_MISSING, "iss"},
    {ISS, "\"iss\":null", EVIDENCE_CLAIMS_MALFORMED, "iss"},
    {ISS, "\"iss\":1", EVIDENCE_CLAIMS_MALFORMED, "iss"},
    {ISS, "\"iss\":[\"https://idporten.dev\"]", EVIDENCE_CLAIMS_MALFORMED,
	"iss"},
    {ISS, "\"iss\":\"\"", EVIDENCE_CLAIMS_MALFORMED, "iss"},
    {ISS, "\"iss\":\"https://idporten.dev/\"", EVIDENCE_ISSUER_WRONG, "iss"},
    {ISS, "\"iss\":\"https://idporten.de\"", EVIDENCE_ISSUER_WRONG, "iss"},
    {ISS, "\"iss\":\"https://idporten.dev.evil.example\"",
	EVIDENCE_ISSUER_WRONG, "iss"},
    {ISS, "\"iss\":\"https://IDPORTEN.dev\"", EVIDENCE_ISSUER_WRONG, "iss"},
    {ISS, "\"iss\":\"http://idporten.dev\"", EVIDENCE_ISSUER_WRONG, "iss"},
    {ISS, "\"iss\":\"https:\\/\\/idporten.dev\"", EVIDENCE_GOOD, NULL},
    {ISS, "\"iss\":\"https://idporten.dev\\u0000\"", EVIDENCE_CLAIMS_MALFORMED,
	"payload"},
    {ISS, ISS "," ISS, EVIDENCE_CLAIMS_MALFORMED, "payload"},
    {ISS, ISS ",\"\\u0069ss\":\"x\"", EVIDENCE_CLAIMS_MALFORMED, "payload"},

    /* aud and azp */
    {AUD ",", "", EVIDENCE_CLAIM_MISSING, "aud"},
    {AUD, "\"aud\":null", EVIDENCE_CLAIMS_MALFORMED, "aud"},
    {AUD, "\"aud\":{}", EVIDENCE_CLAIMS_MALFORMED, "aud"},
    {AUD, "\"aud\":[]", EVIDENCE_CLAIMS_MALFORMED, "aud"},
    {AUD, "\"aud\":\"\"", EVIDENCE_AUDIENCE_WRONG, "aud"},
    {AUD, "\"aud\":\"unspecified\"", EVIDENCE_AUDIENCE_WRONG, "aud"},
    {AUD, "\"aud\":\"democlient_idporten\"", EVIDENCE_AUDIENCE_WRONG, "aud"},
    {AUD, "\"aud\":\"democlient_idporten_systest2\"", EVIDENCE_AUDIENCE_WRONG,
	"aud"},
    {AUD, "\"aud\":[\"democlient_idporten_systest\"]", EVIDENCE_GOOD, NULL},
    {AUD, "\"aud\":[\"other\"]", EVIDENCE_AUDIENCE_WRONG, "aud"},
    {AUD, "\"aud\":[\"democlient_idporten_systest\",1]",
	EVIDENCE_CLAIMS_MALFORMED, "aud"},
    {AUD, "\"aud\":[[\"democlient_idporten_systest\"]]",
	EVIDENCE_CLAIMS_MALFORMED, "aud"},
    {AUD,
	"\"aud\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\","
	"\"10\",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\",\"17\"]",
	EVIDENCE_CLAIMS_MALFORMED, "aud"},
    {AUD, "\"aud\":[\"democlient_idporten_systest\",\"other\"]",
	EVIDENCE_CLAIM_MISSING, "azp"},
    {AUD,
	"\"aud\":[\"other\",\"democlient_idporten_systest\"],"
	"\"azp\":\"democlient_idporten_systest\"",
	EVIDENCE_GOOD, NULL},
    {AUD,
	"\"aud\":[\"democlient_idporten_systest\",\"other\"],"
	"\"azp\":\"other\"",
	EVIDENCE_AUTHORIZED_PARTY_WRONG, "azp"},
    {AUD, AUD ",\"azp\":\"democlient_idporten_systest\"", EVIDENCE_GOOD, NULL},
    {AUD, AUD ",\"azp\":\"other\"", EVIDENCE_AUTHORIZED_PARTY_WRONG, "azp"},
    {AUD, AUD ",\"azp\":\"\"", EVIDENCE_CLAIMS_MALFORMED, "azp"},
    {AUD, AUD ",\"azp\":null", EVIDENCE_CLAIMS_MALFORMED, "azp"},
    {AUD, AUD ",\"azp\":[\"democlient_idporten_systest\"]",
	EVIDENCE_CLAIMS_MALFORMED, "azp"},

    /* exp: now is 1678375500, the skew is 10 */
    {EXP ",", "", EVIDENCE_CLAIM_MISSING, "exp"},
    {EXP, "\"exp\":null", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {EXP, "\"exp\":\"1678375612\"", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {EXP, "\"exp\":[1678375612]", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {EXP, "\"exp\":1678375612.0", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {EXP, "\"exp\":1.678375612e9", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {EXP, "\"exp\":-1678375612", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {EXP, "\"exp\":-5", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {EXP, "\"exp\":-0", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {EXP, "\"exp\":01678375612", EVIDENCE_CLAIMS_MALFORMED, "payload"},
    {EXP, "\"exp\":+1678375612", EVIDENCE_CLAIMS_MALFORMED, "payload"},
    {EXP, "\"exp\":0x640b4b3c", EVIDENCE_CLAIMS_MALFORMED, "payload"},
    {EXP, "\"exp\":253402300800", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {EXP, "\"exp\":9223372036854775807", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {EXP, "\"exp\":18446744075387927228", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {EXP, "\"exp\":" TEXT_64, EVIDENCE_CLAIMS_MALFORMED, "payload"},
    {EXP, "\"exp\":1678375493", EVIDENCE_GOOD, NULL},
    {EXP, "\"exp\":1678375492", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {EXP, "\"exp\":0", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {EXP, "\"exp\":1678461892", EVIDENCE_GOOD, NULL},
    {EXP, "\"exp\":1678461893", EVIDENCE_CLAIMS_MALFORMED, "exp"},
    {EXP "," IAT, "\"exp\":1678375491,\"iat\":1678375400", EVIDENCE_GOOD, NULL},
    {EXP "," IAT, "\"exp\":1678375490,\"iat\":1678375400", EVIDENCE_EXPIRED,
	"exp"},
    {EXP "," IAT, "\"exp\":1300,\"iat\":1200", EVIDENCE_EXPIRED, "exp"},

    /* iat */
    {IAT ",", "", EVIDENCE_CLAIM_MISSING, "iat"},
    {IAT, "\"iat\":\"1678375492\"", EVIDENCE_CLAIMS_MALFORMED, "iat"},
    {IAT, "\"iat\":1678375492.5", EVIDENCE_CLAIMS_MALFORMED, "iat"},
    {IAT, "\"iat\":-1", EVIDENCE_CLAIMS_MALFORMED, "iat"},
    {IAT, "\"iat\":true", EVIDENCE_CLAIMS_MALFORMED, "iat"},
    {IAT, "\"iat\":1678375510", EVIDENCE_GOOD, NULL},
    {IAT, "\"iat\":1678375511", EVIDENCE_NOT_YET_VALID, "iat"},
    {IAT, "\"iat\":0", EVIDENCE_CLAIMS_MALFORMED, "exp"},

    /* nbf, when it is there */
    {IAT, IAT ",\"nbf\":1678375492", EVIDENCE_GOOD, NULL},
    {IAT, IAT ",\"nbf\":1678375510", EVIDENCE_GOOD, NULL},
    {IAT, IAT ",\"nbf\":1678375511", EVIDENCE_NOT_YET_VALID, "nbf"},
    {IAT, IAT ",\"nbf\":1678379100", EVIDENCE_NOT_YET_VALID, "nbf"},
    {IAT, IAT ",\"nbf\":253402300799", EVIDENCE_NOT_YET_VALID, "nbf"},
    {IAT, IAT ",\"nbf\":253402300800", EVIDENCE_CLAIMS_MALFORMED, "nbf"},
    {IAT, IAT ",\"nbf\":\"0\"", EVIDENCE_CLAIMS_MALFORMED, "nbf"},
    {IAT, IAT ",\"nbf\":null", EVIDENCE_CLAIMS_MALFORMED, "nbf"},
    {IAT, IAT ",\"nbf\":1e3", EVIDENCE_CLAIMS_MALFORMED, "nbf"},

    /* auth_time: an hour at most */
    {AUTH ",", "", EVIDENCE_CLAIM_MISSING, "auth_time"},
    {AUTH, "\"auth_time\":\"1678375491\"", EVIDENCE_CLAIMS_MALFORMED,
	"auth_time"},
    {AUTH, "\"auth_time\":1678375491.0", EVIDENCE_CLAIMS_MALFORMED,
	"auth_time"},
    {AUTH, "\"auth_time\":-1", EVIDENCE_CLAIMS_MALFORMED, "auth_time"},
    {AUTH, "\"auth_time\":1678375511", EVIDENCE_NOT_YET_VALID, "auth_time"},
    {AUTH, "\"auth_time\":1678371890", EVIDENCE_GOOD, NULL},
    {AUTH, "\"auth_time\":1678371889", EVIDENCE_AUTHENTICATION_TOO_OLD,
	"auth_time"},
    {AUTH, "\"auth_time\":0", EVIDENCE_AUTHENTICATION_TOO_OLD, "auth_time"},

    /* sub: 1 to 255 printable characters */
    {SUB ",", "", EVIDENCE_CLAIM_MISSING, "sub"},
    {SUB, "\"sub\":null", EVIDENCE_CLAIMS_MALFORMED, "sub"},
    {SUB, "\"sub\":21879498012", EVIDENCE_CLAIMS_MALFORMED, "sub"},
    {SUB, "\"sub\":\"\"", EVIDENCE_CLAIMS_MALFORMED, "sub"},
    {SUB, "\"sub\":\"a\\nb\"", EVIDENCE_CLAIMS_MALFORMED, "sub"},
    {SUB, "\"sub\":\"a\\u007fb\"", EVIDENCE_CLAIMS_MALFORMED, "sub"},
    {SUB, "\"sub\":\"a\\u0000b\"", EVIDENCE_CLAIMS_MALFORMED, "payload"},
    {SUB, "\"sub\":\"k\\u00e5re\"", EVIDENCE_CLAIMS_MALFORMED, "sub"},
    {SUB, "\"sub\":\"\xff\"", EVIDENCE_CLAIMS_MALFORMED, "payload"},
    {SUB, "\"sub\":\"a\nb\"", EVIDENCE_CLAIMS_MALFORMED, "payload"},
    {SUB,
	"\"sub\":\"" TEXT_64 TEXT_64 TEXT_64
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\"",
	EVIDENCE_GOOD, NULL},
    {SUB, "\"sub\":\"" TEXT_64 TEXT_64 TEXT_64 TEXT_64 "\"",
	EVIDENCE_CLAIMS_MALFORMED, "sub"},

    /* nonce */
    {NONCE ",", "", EVIDENCE_CLAIM_MISSING, "nonce"},
    {NONCE, "\"nonce\":null", EVIDENCE_CLAIMS_MALFORMED, "nonce"},
    {NONCE, "\"nonce\":0", EVIDENCE_CLAIMS_MALFORMED, "nonce"},
    {NONCE, "\"nonce\":\"\"", EVIDENCE_CLAIMS_MALFORMED, "nonce"},
    {NONCE, "\"nonce\":\"S\"", EVIDENCE_NONCE_WRONG, "nonce"},
    {NONCE, "\"nonce\":\"S6tRrJ3tWsilRZl7hqySoORosHDDq4l6du3dxDhXoWC\"",
	EVIDENCE_NONCE_WRONG, "nonce"},
    {NONCE, "\"nonce\":\"S6tRrJ3tWsilRZl7hqySoORosHDDq4l6du3dxDhXoWc \"",
	EVIDENCE_NONCE_WRONG, "nonce"},

    /* acr: substantial is asked */
    {ACR ",", "", EVIDENCE_CLAIM_MISSING, "acr"},
    {ACR, "\"acr\":2", EVIDENCE_CLAIMS_MALFORMED, "acr"},
    {ACR, "\"acr\":[\"idporten-loa-high\"]", EVIDENCE_CLAIMS_MALFORMED, "acr"},
    {ACR, "\"acr\":\"" TEXT_64 TEXT_64 "\"", EVIDENCE_CLAIMS_MALFORMED, "acr"},
    {ACR, "\"acr\":\"idporten-loa-high\"", EVIDENCE_GOOD, NULL},
    {ACR, "\"acr\":\"idporten-loa-low\"", EVIDENCE_ACR_TOO_LOW, "acr"},
    {ACR, "\"acr\":\"idporten-loa-hig\"", EVIDENCE_ACR_TOO_LOW, "acr"},
    {ACR, "\"acr\":\"idporten-loa-high \"", EVIDENCE_ACR_TOO_LOW, "acr"},
    {ACR, "\"acr\":\"IDPORTEN-LOA-HIGH\"", EVIDENCE_ACR_TOO_LOW, "acr"},
    {ACR, "\"acr\":\"selfregistered-email\"", EVIDENCE_ACR_TOO_LOW, "acr"},
    {ACR, "\"acr\":\"eidas-loa-high\"", EVIDENCE_ACR_TOO_LOW, "acr"},
    {ACR, "\"acr\":\"Level4\"", EVIDENCE_ACR_TOO_LOW, "acr"},

    /* roles: an array of texts, or nothing */
    {"," ROLES, "", EVIDENCE_GOOD, NULL},
    {ROLES, "\"roles\":[]", EVIDENCE_GOOD, NULL},
    {ROLES, "\"roles\":null", EVIDENCE_CLAIMS_MALFORMED, "roles"},
    {ROLES, "\"roles\":\"saksbehandler\"", EVIDENCE_CLAIMS_MALFORMED, "roles"},
    {ROLES, "\"roles\":{\"saksbehandler\":true}", EVIDENCE_CLAIMS_MALFORMED,
	"roles"},
    {ROLES, "\"roles\":[\"saksbehandler\",1]", EVIDENCE_CLAIMS_MALFORMED,
	"roles"},
    {ROLES, "\"roles\":[[\"saksbehandler\"]]", EVIDENCE_CLAIMS_MALFORMED,
	"roles"},
    {ROLES,
	"\"roles\":[\"" TEXT_64 TEXT_64 TEXT_64
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\"]",
	EVIDENCE_GOOD, NULL},
    {ROLES, "\"roles\":[\"" TEXT_64 TEXT_64 TEXT_64 TEXT_64 "\"]",
	EVIDENCE_CLAIMS_MALFORMED, "roles"},
    {ROLES, "\"roles\":[\"\"]", EVIDENCE_CLAIMS_MALFORMED, "roles"},
    {ROLES, "\"roles\":[\"a\\nb\"]", EVIDENCE_CLAIMS_MALFORMED, "roles"},

    /* pid: a number of somebody, in text */
    {PID ",", "", EVIDENCE_GOOD, NULL},
    {PID, "\"pid\":\"45840375084\"", EVIDENCE_GOOD, NULL},
    {PID, "\"pid\":\"21879498013\"", EVIDENCE_PERSON_NUMBER_BAD, "pid"},
    {PID, "\"pid\":\"21879498012 \"", EVIDENCE_PERSON_NUMBER_BAD, "pid"},
    {PID, "\"pid\":\"2187949801\"", EVIDENCE_PERSON_NUMBER_BAD, "pid"},
    {PID, "\"pid\":\"\"", EVIDENCE_PERSON_NUMBER_BAD, "pid"},
    {PID, "\"pid\":\"" TEXT_64 "\"", EVIDENCE_PERSON_NUMBER_BAD, "pid"},
    {PID, "\"pid\":21879498012", EVIDENCE_CLAIMS_MALFORMED, "pid"},
    {PID, "\"pid\":null", EVIDENCE_CLAIMS_MALFORMED, "pid"},
    {PID, "\"pid\":[\"21879498012\"]", EVIDENCE_CLAIMS_MALFORMED, "pid"},

    /* scope: words with one space between them */
    {JTI, "\"scope\":\"openid\"", EVIDENCE_GOOD, NULL},
    {JTI, "\"scope\":\"openid openid\"", EVIDENCE_GOOD, NULL},
    {JTI, "\"scope\":\"nav:helse/sykepenger/afp.read ks:fiks\"", EVIDENCE_GOOD,
	NULL},
    {JTI, "\"scope\":\"\"", EVIDENCE_CLAIMS_MALFORMED, "scope"},
    {JTI, "\"scope\":\" openid\"", EVIDENCE_CLAIMS_MALFORMED, "scope"},
    {JTI, "\"scope\":\"openid \"", EVIDENCE_CLAIMS_MALFORMED, "scope"},
    {JTI, "\"scope\":\"a  b\"", EVIDENCE_CLAIMS_MALFORMED, "scope"},
    {JTI, "\"scope\":\"a\\tb\"", EVIDENCE_CLAIMS_MALFORMED, "scope"},
    {JTI, "\"scope\":\"a\\\"b\"", EVIDENCE_CLAIMS_MALFORMED, "scope"},
    {JTI, "\"scope\":\"a\\\\b\"", EVIDENCE_CLAIMS_MALFORMED, "scope"},
    {JTI, "\"scope\":\"k\u00e5re\"", EVIDENCE_CLAIMS_MALFORMED, "scope"},
    {JTI, "\"scope\":\"" TEXT_64 TEXT_64 TEXT_64 TEXT_64 "\"",
	EVIDENCE_CLAIMS_MALFORMED, "scope"},
    {JTI, "\"scope\":[\"openid\"]", EVIDENCE_CLAIMS_MALFORMED, "scope"},
    {JTI, "\"scope\":null", EVIDENCE_CLAIMS_MALFORMED, "scope"},

    /* consumer: one organisation, in one spelling */
    {JTI, CONSUMER("authority", "0192:911830868"), EVIDENCE_GOOD, NULL},
    {JTI, CONSUMER("Authority", "0192:911830868"), EVIDENCE_GOOD, NULL},
    {JTI, CONSUMER("AUTHORITY", "0192:911830868"), EVIDENCE_CLAIMS_MALFORMED,
	"consumer"},
    {JTI, CONSUMER("authority", "0192:911830869"), EVIDENCE_CLAIMS_MALFORMED,
	"consumer"},
    {JTI, CONSUMER("authority", "9908:911830868"), EVIDENCE_AUTHORITY_UNKNOWN,
	"consumer"},
    {JTI, CONSUMER("authority", "0192:911830868:1"), EVIDENCE_CLAIMS_MALFORMED,
	"consumer"},
    {JTI, CONSUMER("authority", "911830868"), EVIDENCE_CLAIMS_MALFORMED,
	"consumer"},
    {JTI,
	"\"consumer\":{\"authority\":\"iso6523-actorid-upis\","
	"\"Authority\":\"iso6523-actorid-upis\","
	"\"ID\":\"0192:911830868\"}",
	EVIDENCE_CLAIMS_MALFORMED, "consumer"},
    {JTI,
	"\"consumer\":{\"authority\":\"iso6523\","
	"\"ID\":\"0192:911830868\"}",
	EVIDENCE_CLAIMS_MALFORMED, "consumer"},
    {JTI, "\"consumer\":{\"ID\":\"0192:911830868\"}", EVIDENCE_CLAIMS_MALFORMED,
	"consumer"},
    {JTI, "\"consumer\":{\"authority\":\"iso6523-actorid-upis\"}",
	EVIDENCE_CLAIMS_MALFORMED, "consumer"},
    {JTI, "\"consumer\":\"0192:911830868\"", EVIDENCE_CLAIMS_MALFORMED,
	"consumer"},
    {JTI, "\"consumer\":null", EVIDENCE_CLAIMS_MALFORMED, "consumer"},

    /* authorization_details: verify/mandate.c has tests of its own */
    {JTI, "\"authorization_details\":[]", EVIDENCE_GOOD, NULL},
    {JTI, "\"authorization_details\":{}", EVIDENCE_CLAIMS_MALFORMED,
	"authorization_details"},

    /* claims that nobody asks for may be anything */
    {JTI, "\"jti\":1.5e300", EVIDENCE_GOOD, NULL},
    {"\"amr\":[\"TestID\"]", "\"amr\":\"BankID\"", EVIDENCE_GOOD, NULL},
    {"\"locale\":\"nb\"", "\"locale\":{\"a\":[1,{\"b\":null}]}", EVIDENCE_GOOD,
	NULL},

    /* payloads that are none */
    {"{" SUB ",", "[", EVIDENCE_CLAIMS_MALFORMED, "payload"},
    {"\"]}", "\"]} x", EVIDENCE_CLAIMS_MALFORMED, "payload"},
    {"\"]}", "\"]}}", EVIDENCE_CLAIMS_MALFORMED, "payload"},
    {"\"]}", "\"],}", EVIDENCE_CLAIMS_MALFORMED, "payload"},
    {"\"]}", "\"]", EVIDENCE_CLAIMS_MALFORMED, "payload"},
    {JTI, "'jti':1", EVIDENCE_CLAIMS_MALFORMED, "payload"},
    {JTI, "\"jti\":NaN", EVIDENCE_CLAIMS_MALFORMED, "payload"},
};

static enum evidence_result
check_payload(const char *payload, const char **ret_detail)
{
	char *token = mint_token(MINT_RS256, login_header_rs256, payload);
	enum evidence_result result;

	result = login_check(&login, token, strlen(token), ret_detail);
	free(token);
	return result;
}

static void
check_twin(const struct twin *twin)
{
	char *payload = mint_replace(login_payload, twin->from, twin->to);
	const char *detail = NULL;
	enum evidence_result result;

	result = check_payload(payload, &detail);
	if (result != twin->result)
		fail_msg("%s for %s: %s, %s", twin->to, twin->from,
		    evidence_result_word(result), detail ? detail : "");
	if (!twin->detail)
		assert_null(detail);
	else
		assert_string_equal(twin->detail, detail);
	free(payload);
}

static void
test_each_claim_wrong_missing_mistyped(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(twins) / sizeof(*twins); i++)
		check_twin(&twins[i]);
}

static void
test_a_payload_is_an_object(void **state)
{
	static const char *const payloads[] = {
	    "[1]", "\"sub\"", "1", "null", " ", "{}{}", "{", "eyJ"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(payloads) / sizeof(*payloads); i++) {
		const char *detail = NULL;

		assert_int_equal(EVIDENCE_CLAIMS_MALFORMED,
		    check_payload(payloads[i], &detail));
		assert_string_equal(detail, "payload");
	}
	assert_int_equal(EVIDENCE_CLAIM_MISSING, check_payload("{}", NULL));
}

/* What is not asked for may be missing, but not of a wrong type. */
static void
test_expectations_ask_for_claims(void **state)
{
	const struct twin no_nonce[] = {
	    {NONCE ",", "", EVIDENCE_GOOD, NULL},
	    {NONCE, NONCE, EVIDENCE_NONCE_WRONG, "nonce"},
	    {NONCE, "\"nonce\":1", EVIDENCE_CLAIMS_MALFORMED, "nonce"},
	};
	const struct twin no_acr[] = {
	    {ACR ",", "", EVIDENCE_GOOD, NULL},
	    {ACR, "\"acr\":\"Level4\"", EVIDENCE_GOOD, NULL},
	    {ACR, "\"acr\":4", EVIDENCE_CLAIMS_MALFORMED, "acr"},
	};
	const struct twin any_age[] = {
	    {AUTH ",", "", EVIDENCE_GOOD, NULL},
	    {AUTH, "\"auth_time\":0", EVIDENCE_GOOD, NULL},
	    {AUTH, "\"auth_time\":1678375511", EVIDENCE_NOT_YET_VALID,
		"auth_time"},
	    {AUTH, "\"auth_time\":\"\"", EVIDENCE_CLAIMS_MALFORMED,
		"auth_time"},
	};
	const struct evidence_expectation before = login.expectation;
	size_t i;

	(void)state;
	login.expectation.nonce = NULL;
	for (i = 0; i < sizeof(no_nonce) / sizeof(*no_nonce); i++)
		check_twin(&no_nonce[i]);
	login.expectation = before;
	login.expectation.acr_rank_min = 0;
	for (i = 0; i < sizeof(no_acr) / sizeof(*no_acr); i++)
		check_twin(&no_acr[i]);
	login.expectation = before;
	login.expectation.max_age_s = 0;
	for (i = 0; i < sizeof(any_age) / sizeof(*any_age); i++)
		check_twin(&any_age[i]);
	login.expectation = before;
	login.expectation.acr_rank_min = 4;
	assert_int_equal(
	    EVIDENCE_ACR_TOO_LOW, check_payload(login_payload, NULL));
	login.expectation = before;
}

/* Who is made up is nobody where people are real. */
static void
test_a_synthetic_person_needs_a_test_issuer(void **state)
{
	const struct twin people[] = {
	    {PID, PID, EVIDENCE_TEST_IDENTITY, "pid"},
	    {PID, "\"pid\":\"45840375084\"", EVIDENCE_TEST_IDENTITY, "pid"},
	    {PID, "\"pid\":\"21879498013\"", EVIDENCE_PERSON_NUMBER_BAD, "pid"},
	    {PID, "\"pid\":\"29024850038\"", EVIDENCE_GOOD, NULL},
	    {PID ",", "", EVIDENCE_GOOD, NULL},
	};
	size_t i;

	(void)state;
	login.profile.test = false;
	for (i = 0; i < sizeof(people) / sizeof(*people); i++)
		check_twin(&people[i]);
	login.profile.test = true;
}

static void
test_units_are_numbers_of_units(void **state)
{
	const struct twin units[] = {
	    {JTI, "\"unit\":\"0321\"", EVIDENCE_GOOD, NULL},
	    {JTI, "\"unit\":[\"0321\",\"KDI-oslo\"]", EVIDENCE_GOOD, NULL},
	    {JTI, "\"unit\":[]", EVIDENCE_GOOD, NULL},
	    {JTI, "\"unit\":\"0123456789abcdef\"", EVIDENCE_GOOD, NULL},
	    {JTI, "\"unit\":\"0123456789abcdefg\"", EVIDENCE_CLAIMS_MALFORMED,
		"units"},
	    {JTI, "\"unit\":\"\"", EVIDENCE_CLAIMS_MALFORMED, "units"},
	    {JTI, "\"unit\":\"03 21\"", EVIDENCE_CLAIMS_MALFORMED, "units"},
	    {JTI, "\"unit\":\"03/21\"", EVIDENCE_CLAIMS_MALFORMED, "units"},
	    {JTI, "\"unit\":\"\u00e5s\"", EVIDENCE_CLAIMS_MALFORMED, "units"},
	    {JTI, "\"unit\":321", EVIDENCE_CLAIMS_MALFORMED, "units"},
	    {JTI, "\"unit\":[321]", EVIDENCE_CLAIMS_MALFORMED, "units"},
	    {JTI, "\"unit\":[[\"0321\"]]", EVIDENCE_CLAIMS_MALFORMED, "units"},
	    {JTI, "\"unit\":null", EVIDENCE_CLAIMS_MALFORMED, "units"},
	    {JTI, "\"unit\":{}", EVIDENCE_CLAIMS_MALFORMED, "units"},
	    {JTI,
		"\"unit\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\","
		"\"8\",\"9\",\"10\",\"11\",\"12\",\"13\",\"14\","
		"\"15\",\"16\",\"1\"]",
		EVIDENCE_GOOD, NULL},
	    {JTI,
		"\"unit\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\","
		"\"8\",\"9\",\"10\",\"11\",\"12\",\"13\",\"14\","
		"\"15\",\"16\",\"17\"]",
		EVIDENCE_CLAIMS_MALFORMED, "units"},
	};
	const struct twin deep[] = {
	    {JTI, "\"a\":{\"unit\":\"0321\"}", EVIDENCE_GOOD, NULL},
	    {JTI, "\"a\":{}", EVIDENCE_GOOD, NULL},
	    {JTI, "\"a\":[]", EVIDENCE_CLAIMS_MALFORMED, "units"},
	};
	size_t i;

	(void)state;
	login.profile.units_claim = "unit";
	for (i = 0; i < sizeof(units) / sizeof(*units); i++)
		check_twin(&units[i]);
	login.profile.units_claim = "a.unit";
	for (i = 0; i < sizeof(deep) / sizeof(*deep); i++)
		check_twin(&deep[i]);
	login.profile.units_claim = NULL;
}

static void
test_the_roles_claim_is_a_path(void **state)
{
	const struct twin paths[] = {
	    {ROLES, "\"a\":{\"b\":{\"c\":[\"x\"]}}", EVIDENCE_GOOD, NULL},
	    {ROLES, "\"a\":{\"b\":{}}", EVIDENCE_GOOD, NULL},
	    {ROLES, "\"a\":{}", EVIDENCE_GOOD, NULL},
	    {ROLES, "\"z\":{}", EVIDENCE_GOOD, NULL},
	    {ROLES, "\"a\":{\"b\":{\"c\":\"x\"}}", EVIDENCE_CLAIMS_MALFORMED,
		"roles"},
	    {ROLES, "\"a\":{\"b\":[\"c\"]}", EVIDENCE_CLAIMS_MALFORMED,
		"roles"},
	    {ROLES, "\"a\":\"b\"", EVIDENCE_CLAIMS_MALFORMED, "roles"},
	    {ROLES, "\"a\":null", EVIDENCE_CLAIMS_MALFORMED, "roles"},
	};
	const struct issuer_profile before = login.profile;
	size_t i;

	(void)state;
	login.profile.roles_claims = (const char *const[]){"a.b.c"};
	for (i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		check_twin(&paths[i]);
	login.profile.roles_claims =
	    (const char *const[]){TEXT_64 TEXT_64 TEXT_64 "." TEXT_64};
	assert_int_equal(EVIDENCE_GOOD, check_payload(login_payload, NULL));
	login.profile.roles_claims_count = 0;
	assert_int_equal(EVIDENCE_GOOD, check_payload(login_payload, NULL));
	login.profile = before;
}

static char *
payload_with_roles(size_t count)
{
	char *roles = calloc(count + 2, 16);
	char *at = stpcpy(roles, "\"roles\":[");
	char *payload;
	size_t i;

	for (i = 0; i < count; i++)
		at += sprintf(at, "%s\"r%zu\"", i > 0 ? "," : "", i);
	(void)stpcpy(at, "]");
	payload = mint_replace(login_payload, ROLES, roles);
	free(roles);
	return payload;
}

static void
test_the_number_of_roles_has_a_limit(void **state)
{
	char *most = payload_with_roles(IDENTITY_ROLES_MAX);
	char *more = payload_with_roles(IDENTITY_ROLES_MAX + 1);

	(void)state;
	assert_int_equal(EVIDENCE_GOOD, check_payload(most, NULL));
	assert_int_equal(EVIDENCE_CLAIMS_MALFORMED, check_payload(more, NULL));
	free(most);
	free(more);
}

/* One resource is a text of each of its mandates: together too much. */
static char *
payload_with_mandates(size_t count)
{
	static const char texts[] = TEXT_64 TEXT_64 TEXT_64 TEXT_64;
	char *payload = NULL;
	size_t size = 0, i;
	FILE *out = open_memstream(&payload, &size);

	assert_non_null(out);
	fprintf(out, "%.*s,\"roles\":[",
	    (int)(strstr(login_payload, "," ROLES_START) - login_payload),
	    login_payload);
	for (i = 0; i < 34; i++)
		fprintf(out, "%s\"%02zu%.253s\"", i > 0 ? "," : "", i, texts);
	fprintf(out,
	    "],\"authorization_details\":[{"
	    "\"type\":\"ansattporten:altinn:service\","
	    "\"resource\":\"%.255s\",\"reportees\":[",
	    texts);
	for (i = 0; i < count; i++)
		fprintf(out,
		    "%s{\"Authority\":\"iso6523-actorid-upis\","
		    "\"ID\":\"0192:911830868\"}",
		    i > 0 ? "," : "");
	fputs("]}]}", out);
	assert_int_equal(fclose(out), 0);
	return payload;
}

static void
test_what_an_identity_does_not_hold_is_refused(void **state)
{
	char *fits = payload_with_mandates(IDENTITY_MANDATES_MAX - 5);
	char *more = payload_with_mandates(IDENTITY_MANDATES_MAX);
	const char *detail = NULL;

	(void)state;
	assert_int_equal(EVIDENCE_GOOD, check_payload(fits, NULL));
	assert_int_equal(EVIDENCE_TOO_LARGE, check_payload(more, &detail));
	assert_string_equal(detail, "authorization_details");
	free(fits);
	free(more);
}

/* What cannot be expected is not checked, and so refused. */
static void
test_an_expectation_must_be_whole(void **state)
{
	const struct login before = login;
	size_t i;

	(void)state;
	for (i = 0; i < 12; i++) {
		const char *detail = NULL;

		login = before;
		login.expectation.profile = i == 0 ? NULL : &login.profile;
		if (i == 1)
			login.profile.issuer = NULL;
		if (i == 2)
			login.profile.issuer = "";
		if (i == 3)
			login.profile.clock_skew_s = -1;
		if (i == 4)
			login.profile.clock_skew_s = 301;
		if (i == 5)
			login.expectation.keys = NULL;
		if (i == 6)
			login.expectation.audience = NULL;
		if (i == 7)
			login.expectation.audience = "";
		if (i == 8)
			login.expectation.nonce = "";
		if (i == 9)
			login.expectation.acr_rank_min = -1;
		if (i == 10)
			login.expectation.max_age_s = -1;
		if (i == 11)
			login.profile.issuer = TEXT_64 TEXT_64 TEXT_64 TEXT_64;
		assert_int_equal(EVIDENCE_NOT_CHECKED,
		    check_payload(login_payload, &detail));
		assert_string_equal(detail, "expectation");
	}
	login = before;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_claim_wrong_missing_mistyped),
	    cmocka_unit_test(test_a_payload_is_an_object),
	    cmocka_unit_test(test_expectations_ask_for_claims),
	    cmocka_unit_test(test_a_synthetic_person_needs_a_test_issuer),
	    cmocka_unit_test(test_units_are_numbers_of_units),
	    cmocka_unit_test(test_the_roles_claim_is_a_path),
	    cmocka_unit_test(test_the_number_of_roles_has_a_limit),
	    cmocka_unit_test(test_what_an_identity_does_not_hold_is_refused),
	    cmocka_unit_test(test_an_expectation_must_be_whole),
	};

	return cmocka_run_group_tests_name(
	    "evidence claims", tests, login_set_up, login_tear_down);
}
