/*
 * What checking an id_token, and an access token of the same claims, costs
 * beside what nobody can do without: SHA-256
 * over the token and EVP_PKEY_verify() with a context that is kept. Both run
 * in turns over the same distinct tokens; the best of many slices counts, in
 * CPU time of this thread, so that other load disturbs little.
 */
#include "verify/evidence.h"
#include "tests/vectors/login.h"
#include "tests/vectors/mint.h"
#include "verify/base64url.h"
#include "verify/issuer_kind.h"
#include "verify/json.h"
#include "verify/jwk.h"
#include "verify/jws.h"

#include <err.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	TOKENS = 128,
	SLICES = 60,
	RULES = 64,
	DECISIONS = 2048,
};

/* As OpenSSL takes it. */
struct signature {
	uint8_t bytes[256];
	size_t size;
};

/* Tokens, and what the raw limit needs of them, prepared beforehand. */
struct bench {
	struct login login;
	struct service_expectation expectation;
	struct jwk *key;
	EVP_PKEY_CTX *context;
	char *tokens[TOKENS];
	struct jws jws[TOKENS];
	struct signature signatures[TOKENS];
	size_t size_bytes;
};

typedef void measured_fn(struct bench *bench);

static struct bench bench;
static struct identity identity;
static struct service_token service_token;

static int64_t
thread_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
verify_raw(struct bench *b)
{
	uint8_t hash[32];
	size_t i;

	for (i = 0; i < TOKENS; i++) {
		const struct jws *jws = &b->jws[i];

		if (EVP_DigestInit_ex2(b->key->sha256, NULL, NULL) != 1 ||
		    EVP_DigestUpdate(b->key->sha256, jws->signing_input,
			jws->signing_input_size) != 1 ||
		    EVP_DigestFinal_ex(b->key->sha256, hash, NULL) != 1 ||
		    EVP_PKEY_verify(b->context, b->signatures[i].bytes,
			b->signatures[i].size, hash, sizeof(hash)) != 1)
			errx(1, "a good signature is bad");
	}
}

static void
check_evidence(struct bench *b)
{
	size_t i;

	for (i = 0; i < TOKENS; i++) {
		if (evidence_check(b->tokens[i], strlen(b->tokens[i]),
			&b->login.expectation, LOGIN_NOW_S, &identity,
			NULL) != EVIDENCE_GOOD)
			errx(1, "a good token is refused");
	}
}

/* As libportvakt does: the issuer that it names says how it is judged. */
static void
check_service(struct bench *b)
{
	static struct service_reading reading;
	size_t i;

	for (i = 0; i < TOKENS; i++) {
		if (service_token_read(b->tokens[i], strlen(b->tokens[i]),
			&reading, NULL) != EVIDENCE_NOT_CHECKED ||
		    !slice_equal(
			reading.issuer, b->expectation.profile->issuer) ||
		    service_token_judge(&reading, &b->expectation, LOGIN_NOW_S,
			&service_token, NULL) != EVIDENCE_GOOD)
			errx(1, "a good token is refused");
	}
}

static void
split_only(struct bench *b)
{
	static struct jws jws;
	size_t i;

	for (i = 0; i < TOKENS; i++) {
		if (jws_split(b->tokens[i], strlen(b->tokens[i]), &jws) < 0)
			errx(1, "a good token is malformed");
	}
}

static void
read_json_only(struct bench *b)
{
	static struct json_node nodes[2048];
	static char text[4096];
	struct json json;
	size_t i;

	for (i = 0; i < TOKENS; i++) {
		memcpy(text, b->jws[i].payload, b->jws[i].payload_size);
		if (json_read(
			text, b->jws[i].payload_size, nodes, 2048, &json) < 0)
			errx(1, "a good payload is malformed");
	}
}

static int64_t
slice_ns(measured_fn *measured, struct bench *b)
{
	int64_t before = thread_ns();

	measured(b);
	return (thread_ns() - before) / TOKENS;
}

/* Both in turns; the best slice of each. */
static void
measure_two(measured_fn *first, measured_fn *second, struct bench *b,
    int64_t *ret_first_ns, int64_t *ret_second_ns)
{
	int64_t first_ns = INT64_MAX, second_ns = INT64_MAX, ns;
	int i;

	for (i = 0; i < SLICES; i++) {
		ns = slice_ns(first, b);
		first_ns = ns < first_ns ? ns : first_ns;
		ns = slice_ns(second, b);
		second_ns = ns < second_ns ? ns : second_ns;
	}
	*ret_first_ns = first_ns;
	*ret_second_ns = second_ns;
}

/* Fourteen claims; the jti makes each token another. */
static char *
mint_numbered(enum mint_signature how, const char *header, bool is_access,
    unsigned int number)
{
	static const char nonce[] =
	    "\"nonce\":\"S6tRrJ3tWsilRZl7hqySoORosHDDq4l6du3dxDhXoWc\"";
	static const char roles[] =
	    "\"roles\":[\"saksbehandler\",\"f\\u00f8rstelinje\"]";
	char *used, *named, *payload, *token;
	char jti[64];

	(void)snprintf(jti, sizeof(jti), "\"jti\":\"%032u\"", number);
	used = mint_replace(login_payload, nonce,
	    is_access ? "\"scope\":\"openid profile\","
			"\"client_id\":\"democlient_idporten\""
		      : nonce);
	named = mint_replace(used, "\"jti\":\"prkQoucQJf8\"", jti);
	payload = mint_replace(named, roles,
	    "\"roles\":[\"ko-saksbehandler\",\"ko-leder\","
	    "\"ko-vaktleder\",\"ko-innkomst\",\"ko-transport\","
	    "\"ko-helse-les\",\"ko-arkiv\",\"ko-statistikk-les\","
	    "\"ko-besok\",\"ko-post\",\"ko-brev\",\"ko-regnskap\"]");
	token = mint_token(how, header, payload);
	free(used);
	free(named);
	free(payload);
	return token;
}

static void
to_der(struct signature *signature)
{
	uint8_t *at = signature->bytes;
	ECDSA_SIG *pair = ECDSA_SIG_new();
	int size;

	if (!pair || ECDSA_SIG_set0(pair, BN_bin2bn(at, 32, NULL),
			 BN_bin2bn(at + 32, 32, NULL)) != 1)
		errx(1, "no memory");
	size = i2d_ECDSA_SIG(pair, &at);
	if (size <= 0)
		errx(1, "no DER");
	signature->size = (size_t)size;
	ECDSA_SIG_free(pair);
}

static void
prepare_token(struct bench *b, unsigned int i)
{
	b->size_bytes = strlen(b->tokens[i]);
	if (jws_split(b->tokens[i], b->size_bytes, &b->jws[i]) < 0 ||
	    b->jws[i].signature_size > sizeof(b->signatures[i].bytes))
		errx(1, "a good token is malformed");
	b->signatures[i].size = b->jws[i].signature_size;
	memcpy(b->signatures[i].bytes, b->jws[i].signature,
	    b->jws[i].signature_size);
	if (b->context == b->key->es256)
		to_der(&b->signatures[i]);
}

static void
prepare(struct bench *b, enum mint_signature how, const char *header,
    const char *kid, bool is_access)
{
	unsigned int i;

	b->key = key_set_find(
	    b->login.expectation.keys, (struct slice){kid, strlen(kid)});
	b->context = how == MINT_RS256	 ? b->key->rs256
		     : how == MINT_PS256 ? b->key->ps256
					 : b->key->es256;
	for (i = 0; i < TOKENS; i++) {
		free(b->tokens[i]);
		b->tokens[i] = mint_numbered(how, header, is_access, i);
		prepare_token(b, i);
	}
}

static void
report(const char *name, enum mint_signature how, const char *header,
    const char *kid, bool is_access)
{
	int64_t raw_ns, check_ns;

	prepare(&bench, how, header, kid, is_access);
	measure_two(verify_raw, is_access ? check_service : check_evidence,
	    &bench, &raw_ns, &check_ns);
	printf("%-13s %6zu %10.2f %10.2f %10.0f %8.1f %%\n", name,
	    bench.size_bytes, (double)raw_ns / 1000, (double)check_ns / 1000,
	    1e9 / (double)check_ns, 100.0 * (double)raw_ns / (double)check_ns);
}

static void
set_up(void)
{
	login_init(&bench.login);
	bench.expectation = (struct service_expectation){
	    .profile = &bench.login.profile,
	    .rules = &issuer_kind_find("generic")->service,
	    .keys = bench.login.expectation.keys,
	    .audience = bench.login.expectation.audience,
	};
}

static void
report_parts(void)
{
	int64_t split_ns, json_ns;

	measure_two(split_only, read_json_only, &bench, &split_ns, &json_ns);
	printf("of which: take apart and decode %.2f us, read the claims' "
	       "JSON %.2f us\n",
	    (double)split_ns / 1000, (double)json_ns / 1000);
}

int
main(void)
{
	set_up();
	printf("%-13s %6s %10s %10s %10s %10s\n", "", "bytes", "raw us",
	    "check us", "checks/s", "of raw");
	report("ES256 login", MINT_ES256, login_header_es256, "ec", false);
	report("ES256 access", MINT_ES256, login_header_es256, "ec", true);
	report("PS256 login", MINT_PS256, login_header_ps256, "rsa-any", false);
	report("PS256 access", MINT_PS256, login_header_ps256, "rsa-any", true);
	report("RS256 access", MINT_RS256, login_header_rs256, "rsa", true);
	report("RS256 login", MINT_RS256, login_header_rs256, "rsa", false);
	report_parts();
	login_done(&bench.login);
	return 0;
}
