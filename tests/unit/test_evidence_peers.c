/*
 * Second opinions: libjwt and liboauth2 (with libcjose below it) on the same
 * tokens, each in a process of its own, since one of them dies of some. They
 * agree on what is good. Where they disagree with us the row says so, so that
 * a newer version of either that thinks otherwise is noticed.
 */
#include "tests/unit/peers.h"
#include "tests/unit/unit.h"
#include "tests/vectors/login_fixture.h"
#include "tests/vectors/mint.h"
#include "verify/issuer_kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EXP "\"exp\":1678375612"
#define JTI "\"jti\":\"prkQoucQJf8\""

/* Times of the payload are moved to now. */
static const struct row {
	const char *name;
	enum mint_signature how;
	const char *header;
	const char *from;
	const char *to;
	enum evidence_result ours;
	enum opinion libjwt;
	enum opinion liboauth2;
} rows[] = {
    /* agreed */
    {"RS256", MINT_RS256, login_header_rs256, JTI, JTI, EVIDENCE_GOOD, ACCEPTS,
	ACCEPTS},
    {"ES256", MINT_ES256, login_header_es256, JTI, JTI, EVIDENCE_GOOD, ACCEPTS,
	ACCEPTS},
    {"a stranger's", MINT_RS256_STRANGER, login_header_rs256, JTI, JTI,
	EVIDENCE_SIGNATURE_BAD, REFUSES, REFUSES},
    {"another hash", MINT_RS256_SHA512, login_header_rs256, JTI, JTI,
	EVIDENCE_SIGNATURE_BAD, REFUSES, REFUSES},
    {"r = s = 0", MINT_ES256_ZERO, login_header_es256, JTI, JTI,
	EVIDENCE_SIGNATURE_BAD, REFUSES, REFUSES},
    {"none", MINT_RS256, "{\"kid\":\"rsa\",\"alg\":\"none\"}", JTI, JTI,
	EVIDENCE_ALGORITHM_REFUSED, REFUSES, REFUSES},
    {"at+jwt", MINT_RS256,
	"{\"typ\":\"at+jwt\",\"kid\":\"rsa\",\"alg\":\"RS256\"}", JTI, JTI,
	EVIDENCE_TYPE_REFUSED, REFUSES, ACCEPTS},

    /* libjwt 1.10 has no PS256 */
    {"PS256", MINT_PS256, login_header_ps256, JTI, JTI, EVIDENCE_GOOD, REFUSES,
	ACCEPTS},

    /* libjwt takes the algorithm from the token, and knows one too many */
    {"HS256 with the public key", MINT_HS256,
	"{\"kid\":\"rsa\",\"alg\":\"HS256\"}", JTI, JTI,
	EVIDENCE_ALGORITHM_REFUSED, ACCEPTS, REFUSES},
    {"rs256", MINT_RS256, "{\"kid\":\"rsa\",\"alg\":\"rs256\"}", JTI, JTI,
	EVIDENCE_ALGORITHM_REFUSED, ACCEPTS, REFUSES},

    /* neither looks at crit, nor at a member that comes twice */
    {"crit", MINT_RS256,
	"{\"kid\":\"rsa\",\"alg\":\"RS256\",\"crit\":[\"x\"],\"x\":1}", JTI,
	JTI, EVIDENCE_HEADER_REFUSED, ACCEPTS, ACCEPTS},
    {"alg twice", MINT_RS256,
	"{\"kid\":\"rsa\",\"alg\":\"none\",\"alg\":\"RS256\"}", JTI, JTI,
	EVIDENCE_MALFORMED, ACCEPTS, ACCEPTS},
    {"a claim twice", MINT_RS256, login_header_rs256, JTI, JTI ",\"jti\":1",
	EVIDENCE_CLAIMS_MALFORMED, ACCEPTS, ACCEPTS},

    /* libjwt checks no claims; liboauth2 few, and not these */
    {"expired", MINT_RS256, login_header_rs256, EXP, "\"exp\":1678375493",
	EVIDENCE_EXPIRED, ACCEPTS, REFUSES},
    {"exp missing", MINT_RS256, login_header_rs256, EXP ",", "",
	EVIDENCE_CLAIM_MISSING, ACCEPTS, REFUSES},
    {"exp negative", MINT_RS256, login_header_rs256, EXP, "\"exp\":-5",
	EVIDENCE_CLAIMS_MALFORMED, ACCEPTS, ACCEPTS},
    {"nbf ahead", MINT_RS256, login_header_rs256, EXP,
	EXP ",\"nbf\":253402300799", EVIDENCE_NOT_YET_VALID, ACCEPTS, ACCEPTS},
    {"iss wrong", MINT_RS256, login_header_rs256,
	"\"iss\":\"https://idporten.dev\"", "\"iss\":\"https://evil.example\"",
	EVIDENCE_ISSUER_WRONG, ACCEPTS, ACCEPTS},
    {"aud wrong", MINT_RS256, login_header_rs256,
	"\"aud\":\"democlient_idporten_systest\"", "\"aud\":\"x\"",
	EVIDENCE_AUDIENCE_WRONG, ACCEPTS, ACCEPTS},
};

/* The peers read the clock, so a time of the sample is moved by so much. */
static char *
move_time(
    const char *payload, const char *name, long long time_s, long long offset_s)
{
	char from[64], to[64];

	(void)snprintf(from, sizeof(from), "\"%s\":%lld", name, time_s);
	(void)snprintf(to, sizeof(to), "\"%s\":%lld", name, time_s + offset_s);
	if (!strstr(payload, from))
		return strdup(payload);
	return mint_replace(payload, from, to);
}

static char *
payload_of(const struct row *row, long long offset_s)
{
	static const struct {
		const char *name;
		long long time_s;
	} times[] = {{"auth_time", 1678375491}, {"iat", 1678375492},
	    {"exp", 1678375612}, {"exp", 1678375493}};
	char *payload = mint_replace(login_payload, row->from, row->to);
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(*times); i++) {
		char *moved = move_time(
		    payload, times[i].name, times[i].time_s, offset_s);

		free(payload);
		payload = moved;
	}
	return payload;
}

static enum evidence_result
ask_us(const char *token, int64_t now_s)
{
	struct identity identity;

	return evidence_check(
	    token, strlen(token), &login.expectation, now_s, &identity, NULL);
}

/* liboauth2 has one key and looks at its kid. */
static char *
jwk_of(const char *header)
{
	char *jwk = mint_file(strstr(header, "ES256") ? "ec.jwk" : "rsa.jwk");
	char *named;

	if (!strstr(header, "rsa-any"))
		return jwk;
	named = mint_replace(jwk, "\"kid\":\"rsa\"", "\"kid\":\"rsa-any\"");
	free(jwk);
	return named;
}

static void
check_row(const struct row *row)
{
	bool is_ec = strstr(row->header, "ES256") != NULL;
	long long now_s = time(NULL);
	char *payload = payload_of(row, now_s - 1678375505);
	char *token = mint_token(row->how, row->header, payload);
	char *pem = peer_public_pem(is_ec ? "ec.pem" : "rsa.pem");
	char *jwk = jwk_of(row->header);
	enum evidence_result ours = ask_us(token, now_s);
	enum opinion libjwt = peer_ask(PEER_LIBJWT, token, pem);
	enum opinion liboauth2 = peer_ask(PEER_LIBOAUTH2, token, jwk);

	if (ours != row->ours || libjwt != row->libjwt ||
	    liboauth2 != row->liboauth2)
		fail_msg("%s: %s, libjwt %d, liboauth2 %d", row->name,
		    evidence_result_word(ours), libjwt, liboauth2);
	free(payload);
	free(token);
	free(pem);
	free(jwk);
}

/* The same claims as an access token's. */
static enum evidence_result
ask_as_service(const struct row *row)
{
	const struct service_expectation expectation = {
	    .profile = &login.profile,
	    .rules = &issuer_kind_find("generic")->service,
	    .keys = login.expectation.keys,
	    .audience = login.expectation.audience,
	};
	static struct service_token filled;
	char *payload = mint_replace(login_payload, row->from, row->to);
	char *claims = mint_replace(payload,
	    "\"nonce\":\"S6tRrJ3tWsilRZl7hqySoORosHDDq4l6du3dxDhXoWc\"",
	    "\"scope\":\"openid profile\",\"client_id\":\"klient\"");
	char *token = mint_token(row->how, row->header, claims);
	enum evidence_result result = service_token_check(
	    token, strlen(token), &expectation, LOGIN_NOW_S + 5, &filled, NULL);

	free(payload);
	free(claims);
	free(token);
	return result;
}

/* What is a good access token differs in one row, and is good to no login. */
static void
test_a_service_disagrees_with_them_alike(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool is_access = strcmp(rows[i].name, "at+jwt") == 0;

		assert_int_equal(ask_as_service(&rows[i]),
		    is_access ? EVIDENCE_GOOD : rows[i].ours);
	}
}

static void
test_peers_agree_on_what_is_good(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check_row(&rows[i]);
}

/* Eight bytes from anybody, and a program that verifies with it is gone. */
static void
test_one_peer_dies_of_padding(void **state)
{
	static const char *const tokens[] = {"A===.A.A",
	    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.A===.AAAA",
	    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.AAAA.A==="};
	char *jwk = mint_file("rsa.jwk");
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tokens) / sizeof(*tokens); i++) {
		assert_int_equal(
		    EVIDENCE_MALFORMED, ask_us(tokens[i], LOGIN_NOW_S));
		assert_int_equal(
		    DIES, peer_ask(PEER_LIBOAUTH2, tokens[i], jwk));
	}
	free(jwk);
}

/* libb64 skips what is none of its characters: many spellings of one token. */
static void
test_one_peer_skips_junk(void **state)
{
	char *good = mint_token(MINT_RS256, login_header_rs256, login_payload);
	char *pem = peer_public_pem("rsa.pem");
	char *token;

	(void)state;
	assert_true(asprintf(&token, "%s!!", good) > 0);
	assert_int_equal(EVIDENCE_GOOD, ask_us(good, LOGIN_NOW_S));
	assert_int_equal(EVIDENCE_MALFORMED, ask_us(token, LOGIN_NOW_S));
	assert_int_equal(ACCEPTS, peer_ask(PEER_LIBJWT, token, pem));
	free(good);
	free(pem);
	free(token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_peers_agree_on_what_is_good),
	    cmocka_unit_test(test_a_service_disagrees_with_them_alike),
	    cmocka_unit_test(test_one_peer_dies_of_padding),
	    cmocka_unit_test(test_one_peer_skips_junk),
	};

	return cmocka_run_group_tests_name(
	    "evidence peers", tests, login_set_up, login_tear_down);
}
