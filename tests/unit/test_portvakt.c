/*
 * libportvakt, with a real trust image: what is good and its refused twins, the
 * cache that outlives nothing, and images that change and go.
 */
#include "tests/unit/service_world.h"
#include "tests/unit/unit.h"
#include "tests/vectors/mint.h"
#include "verify/jwk.h"
#include "verify/portvakt.h"
#include "verify/result.h"
#include "verify/thumbprint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct service_world *world;
static struct portvakt *portvakt;
static struct portvakt_result *result;
static int64_t now_s, boot_s;
static unsigned int signatures_checked;

int __wrap_clock_gettime(clockid_t id, struct timespec *ret_time);
bool __real_jwk_verify(struct jwk *jwk, enum evidence_algorithm algorithm,
    const void *text, size_t size, const uint8_t *signature,
    size_t signature_size);
bool __wrap_jwk_verify(struct jwk *jwk, enum evidence_algorithm algorithm,
    const void *text, size_t size, const uint8_t *signature,
    size_t signature_size);

int
__wrap_clock_gettime(clockid_t id, struct timespec *ret_time)
{
	*ret_time =
	    (struct timespec){.tv_sec = id == CLOCK_BOOTTIME ? boot_s : now_s};
	return 0;
}

bool
__wrap_jwk_verify(struct jwk *jwk, enum evidence_algorithm algorithm,
    const void *text, size_t size, const uint8_t *signature,
    size_t signature_size)
{
	signatures_checked++;
	return __real_jwk_verify(
	    jwk, algorithm, text, size, signature, signature_size);
}

static int
set_up(void **state)
{
	(void)state;
	now_s = WORLD_NOW_S;
	boot_s = WORLD_BOOT_S;
	signatures_checked = 0;
	world = service_world_new();
	return portvakt_open(world->path, &portvakt);
}

static int
tear_down(void **state)
{
	(void)state;
	portvakt_result_free(result);
	result = NULL;
	portvakt_close(portvakt);
	service_world_free(world);
	return 0;
}

/* Ask, and keep the result for the test to look at. */
static const char *
ask_with(const char *token, const char *audience,
    const struct portvakt_options *options)
{
	bool good;

	portvakt_result_free(result);
	good = portvakt_verify(
	    portvakt, token, strlen(token), audience, options, &result);
	assert_int_equal(
	    good, portvakt_result_verdict(result) == PORTVAKT_VERDICT_GOOD);
	return portvakt_result_word(result);
}

static const char *
ask(const char *token)
{
	return ask_with(token, WORLD_AUDIENCE, NULL);
}

static char *
kari(void)
{
	return world_token(world_payloads[WORLD_STAFF]);
}

/* With one piece replaced, and signed rightly. */
static char *
twin(enum world_issuer issuer, const char *from, const char *to)
{
	char *payload = mint_replace(world_payloads[issuer], from, to);
	char *token = world_token(payload);

	free(payload);
	return token;
}

static void
expect_twin(const char *from, const char *to, const char *word)
{
	char *token = twin(WORLD_STAFF, from, to);

	assert_string_equal(ask(token), word);
	assert_null(portvakt_result_account(result));
	assert_int_equal(portvakt_result_groups_count(result), 0);
	free(token);
}

static void
knows_a_person(void **state)
{
	char *token = kari();

	(void)state;
	assert_string_equal(ask(token), "good");
	assert_int_equal(
	    portvakt_result_subject_kind(result), PORTVAKT_SUBJECT_PERSON);
	assert_string_equal(portvakt_result_account(result), "kari");
	assert_string_equal(portvakt_result_issuer_name(result), "staff");
	assert_string_equal(
	    portvakt_result_issuer(result), "https://test.idporten.no");
	assert_string_equal(portvakt_result_subject(result), "sub-kari");
	assert_string_equal(
	    portvakt_result_acr(result), "idporten-loa-substantial");
	assert_int_equal(portvakt_result_level(result), 2);
	assert_int_equal(portvakt_result_expires_at(result), WORLD_EXPIRES_S);
	assert_int_equal(portvakt_result_scopes_count(result), 2);
	assert_string_equal(portvakt_result_client_id(result), "klient");
	assert_int_equal(portvakt_result_groups_count(result), 2);
	assert_true(portvakt_result_has_group(result, "ko-arkiv"));
	assert_int_equal(
	    portvakt_result_group_granted_until(result, 1), WORLD_NOW_S + 50);
	free(token);
}

static void
knows_a_machine(void **state)
{
	static const char *const scopes[] = {"ko:saker.read"};
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;
	char *token = world_token(world_payloads[WORLD_MACHINES]);

	(void)state;
	assert_string_not_equal(ask(token), "good");
	options.scopes = scopes;
	options.scopes_count = 1;
	assert_string_equal(ask_with(token, NULL, &options), "good");
	assert_int_equal(
	    portvakt_result_subject_kind(result), PORTVAKT_SUBJECT_MACHINE);
	assert_null(portvakt_result_account(result));
	assert_string_equal(portvakt_result_consumer(result), "0192:991825827");
	assert_int_equal(portvakt_result_groups_count(result), 1);
	assert_string_equal(portvakt_result_group_name(result, 0), "ko-maskin");
	free(token);
}

static void
a_person_without_an_account_has_no_groups(void **state)
{
	char *token = twin(WORLD_STAFF, "sub-kari", "sub-anne");

	(void)state;
	assert_string_equal(ask(token), "good");
	assert_null(portvakt_result_account(result));
	assert_int_equal(portvakt_result_groups_count(result), 0);
	free(token);
	token = twin(WORLD_INTERNAL, "kari-internal", "sub-kari");
	assert_string_equal(ask(token), "good");
	assert_null(portvakt_result_account(result));
	free(token);
}

/* All three sign with headers that are the same. */
static void
takes_no_issuer_for_another(void **state)
{
	static const char *const scopes[] = {"ko:saker.read"};
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;
	char *tokens[WORLD_ISSUERS];
	size_t i;

	(void)state;
	options.scopes = scopes;
	options.scopes_count = 1;
	for (i = 0; i < WORLD_ISSUERS; i++)
		tokens[i] = world_token(world_payloads[i]);
	for (i = 0; i < 3 * (size_t)WORLD_ISSUERS; i++) {
		const char *audience =
		    i % WORLD_ISSUERS == WORLD_MACHINES ? NULL : WORLD_AUDIENCE;

		assert_string_equal(
		    ask_with(tokens[i % WORLD_ISSUERS], audience, &options),
		    "good");
		assert_string_equal(portvakt_result_issuer(result),
		    world->content.issuers[i % WORLD_ISSUERS].profile.issuer);
		service_world_publish(world);
		assert_string_equal(
		    ask_with(tokens[0], WORLD_AUDIENCE, &options), "good");
	}
	expect_twin("test.idporten.no", "sso.example/x", "issuer-wrong");
	for (i = 0; i < WORLD_ISSUERS; i++)
		free(tokens[i]);
}

static void
refuses_the_twins(void **state)
{
	char *token = kari();

	(void)state;
	assert_string_equal(ask(token), "good");
	free(token);
	expect_twin(WORLD_AUDIENCE, "https://lager.example", "audience-wrong");
	expect_twin("test.idporten.no", "idporten.no", "issuer-wrong");
	expect_twin("test.idporten.no", "sso.example/", "issuer-wrong");
	expect_twin("1678375492,\"exp\":1678376092",
	    "1678375400,\"exp\":1678375480", "expired");
	expect_twin(
	    "\"iat\":1678375492", "\"iat\":1678375600", "not-yet-valid");
	expect_twin("\"jti\"", "\"nonce\"", "login-token");
	expect_twin("\"sub\":\"sub-kari\",", "", "claim-missing");
	expect_twin("21879498012", "21879498013", "person-number-bad");
}

static void
refuses_what_is_no_token(void **state)
{
	static const char *const texts[] = {"", ".", "..", "a.b.c", "{}"};
	char *token = mint_token(MINT_RS256_STRANGER,
	    "{\"kid\":\"rsa\",\"alg\":\"RS256\"}", world_payloads[WORLD_STAFF]);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_string_equal(ask(texts[i]), "malformed");
	assert_string_equal(ask(token), "signature-bad");
	free(token);
	assert_false(
	    portvakt_verify(portvakt, NULL, 0, WORLD_AUDIENCE, NULL, NULL));
}

static void
asks_for_what_is_asked(void **state)
{
	static const char *const scopes[] = {"ko:saker.write"};
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;
	char *token = kari();

	(void)state;
	options.issuer = "staff";
	options.level = "substantial";
	options.max_age_s = 60;
	assert_string_equal(ask_with(token, WORLD_AUDIENCE, &options), "good");
	options.issuer = "maskin";
	assert_string_equal(
	    ask_with(token, WORLD_AUDIENCE, &options), "issuer-wrong");
	options.issuer = "staff";
	options.level = "high";
	assert_string_equal(
	    ask_with(token, WORLD_AUDIENCE, &options), "acr-too-low");
	options.level = "low"; /* which this issuer does not have */
	assert_string_equal(
	    ask_with(token, WORLD_AUDIENCE, &options), "acr-too-low");
	options.level = NULL;
	options.scopes = scopes;
	options.scopes_count = 1;
	assert_string_equal(
	    ask_with(token, WORLD_AUDIENCE, &options), "scope-missing");
	assert_int_equal(
	    portvakt_result_verdict(result), PORTVAKT_VERDICT_FORBIDDEN);
	options.size = 1;
	assert_string_equal(
	    ask_with(token, WORLD_AUDIENCE, &options), "not-judged");
	free(token);
}

/* To the record, and to nobody else. */
static void
expect_recorded(const char *account, const char *subject, const char *session)
{
	static const enum result_text silent[] = {
	    RESULT_ACCOUNT, RESULT_SUBJECT, RESULT_SESSION};
	const char *const texts[] = {account, subject, session};
	size_t i;

	for (i = 0; i < 3; i++) {
		const char *said = result_recorded(result, silent[i]);

		assert_int_equal(said == NULL, texts[i] == NULL);
		if (said)
			assert_string_equal(said, texts[i]);
	}
	assert_null(portvakt_result_account(result));
	assert_null(portvakt_result_subject(result));
	assert_null(portvakt_result_client_id(result));
	assert_null(portvakt_result_token_id(result));
	assert_null(portvakt_result_issuer_name(result));
}

/* What came of a token whose signature held, of a person or a machine. */
static void
tells_the_record_whose_a_refused_token_is(void **state)
{
	const struct portvakt_options high = {
	    .size = sizeof(high), .level = "high"};
	char *token = kari();

	(void)state;
	assert_string_equal(
	    ask_with(token, "https://annen.example", NULL), "audience-wrong");
	expect_recorded("kari", "sub-kari", WORLD_SESSION);
	assert_string_equal(
	    ask_with(token, WORLD_AUDIENCE, &high), "acr-too-low");
	expect_recorded("kari", "sub-kari", WORLD_SESSION);
	free(token);
	token = kari();
	now_s = WORLD_EXPIRES_S + 600;
	assert_string_equal(ask(token), "expired");
	now_s = WORLD_NOW_S;
	expect_recorded("kari", "sub-kari", WORLD_SESSION);
	assert_string_equal(
	    result_recorded(result, RESULT_CLIENT_ID), "klient");
	assert_string_equal(
	    result_recorded(result, RESULT_TOKEN_ID), "UPw8a6-uKGo");
	free(token);
	token = twin(WORLD_STAFF, "sub-kari", "sub-nobody");
	assert_string_equal(
	    ask_with(token, "https://annen.example", NULL), "audience-wrong");
	expect_recorded(NULL, "sub-nobody", WORLD_SESSION);
	free(token);
}

/* A machine's token has no person in it, whatever it holds. */
static void
tells_the_record_whose_machine_it_is(void **state)
{
	const char *const scopes[] = {"ko:annet"};
	const struct portvakt_options options = {
	    .size = sizeof(options), .scopes = scopes, .scopes_count = 1};
	char *token = twin(WORLD_MACHINES, "\"consumer\"",
	    "\"sub\":\"sub-kari\",\"consumer\"");

	(void)state;
	assert_string_equal(ask_with(token, NULL, &options), "scope-missing");
	expect_recorded(NULL, NULL, WORLD_SESSION);
	assert_string_equal(
	    result_recorded(result, RESULT_CONSUMER), "0192:991825827");
	now_s = WORLD_EXPIRES_S + 600;
	assert_string_equal(ask_with(token, NULL, &options), "expired");
	expect_recorded(NULL, NULL, WORLD_SESSION);
	assert_string_equal(
	    result_recorded(result, RESULT_CONSUMER), "0192:991825827");
	free(token);
}

/* Another's signature under the same claims is nobody's word. */
static void
tells_nothing_of_what_nobody_signed(void **state)
{
	char *token = kari();
	char *at = strrchr(token, '.') + 10;

	(void)state;
	*at = *at == 'A' ? 'B' : 'A';
	assert_string_equal(ask(token), "signature-bad");
	expect_recorded(NULL, NULL, NULL);
	assert_null(result_recorded(result, RESULT_CLIENT_ID));
	assert_null(result_recorded(result, RESULT_TOKEN_ID));
	free(token);
}

static void
refuses_what_the_administrator_refuses(void **state)
{
	char *token = kari();

	(void)state;
	world->accounts[0].account.locked = true;
	service_world_publish(world);
	assert_string_equal(ask(token), "account-locked");
	expect_recorded("kari", "sub-kari", WORLD_SESSION);
	world->accounts[0].account.locked = false;
	world->accounts[0].account.tokens_from_s = WORLD_NOW_S;
	service_world_publish(world);
	assert_string_equal(ask(token), "revoked");
	world->accounts[0].account.tokens_from_s = TRUST_SINCE_EVER;
	world->content.issuers[WORLD_STAFF].tokens_from_s = WORLD_NOW_S;
	service_world_publish(world);
	assert_string_equal(ask(token), "revoked");
	world->content.issuers[WORLD_STAFF].tokens_from_s = TRUST_SINCE_EVER;
	world->sessions[0] =
	    (struct trust_session){WORLD_SESSION, TRUST_ANY_ISSUER};
	world->content.sessions_count = 1;
	service_world_publish(world);
	assert_string_equal(ask(token), "revoked");
	expect_recorded("kari", "sub-kari", WORLD_SESSION);
	world->sessions[0].session = "session-8";
	service_world_publish(world);
	assert_string_equal(ask(token), "good");
	free(token);
}

static void
checks_a_repeated_token_once(void **state)
{
	char *token = kari();
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		assert_string_equal(ask(token), "good");
	assert_int_equal(signatures_checked, 1);
	assert_string_equal(portvakt_result_account(result), "kari");
	assert_string_equal(
	    ask_with(token, "https://lager.example", NULL), "audience-wrong");
	assert_string_equal(ask(token), "good");
	token[strlen(token) - 6] ^= 1;
	assert_string_not_equal(ask(token), "good");
	free(token);
}

static void
the_cache_outlives_no_token(void **state)
{
	char *token = kari();

	(void)state;
	now_s = WORLD_EXPIRES_S - 1;
	assert_string_equal(ask(token), "good");
	assert_string_equal(ask(token), "good");
	assert_int_equal(signatures_checked, 1);
	now_s = WORLD_EXPIRES_S + 10; /* and the skew */
	assert_string_equal(ask(token), "expired");
	now_s = WORLD_NOW_S;
	assert_string_equal(ask(token), "good");
	now_s = WORLD_NOW_S - 3600; /* the clock was wrong */
	assert_string_equal(ask(token), "not-yet-valid");
	free(token);
}

static void
the_cache_outlives_no_group(void **state)
{
	char *token = kari();

	(void)state;
	assert_string_equal(ask(token), "good");
	assert_true(portvakt_result_has_group(result, "ko-frist"));
	now_s += 50;
	assert_string_equal(ask(token), "good");
	assert_false(portvakt_result_has_group(result, "ko-frist"));
	assert_true(portvakt_result_has_group(result, "ko-arkiv"));
	free(token);
}

static void
the_cache_outlives_no_login(void **state)
{
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;
	char *token = kari();

	(void)state;
	options.max_age_s = 60;
	assert_string_equal(ask_with(token, WORLD_AUDIENCE, &options), "good");
	now_s += 120;
	assert_string_equal(ask_with(token, WORLD_AUDIENCE, &options),
	    "authentication-too-old");
	free(token);
}

static void
the_cache_outlives_no_image(void **state)
{
	char *token = kari();

	(void)state;
	assert_string_equal(ask(token), "good");
	world->accounts[0].account.locked = true;
	service_world_publish(world);
	assert_string_equal(ask(token), "account-locked");
	service_world_withdraw(world);
	assert_string_equal(ask(token), "no-trust-image");
	assert_int_equal(
	    portvakt_result_verdict(result), PORTVAKT_VERDICT_OUTAGE);
	free(token);
}

static void
the_cache_outlives_no_key(void **state)
{
	char *token = kari();

	(void)state;
	boot_s += 899;
	assert_string_equal(ask(token), "good");
	boot_s += 1;
	assert_string_equal(ask(token), "no-keys");
	assert_int_equal(
	    portvakt_result_verdict(result), PORTVAKT_VERDICT_OUTAGE);
	free(token);
}

static void
keys_that_are_gone_are_unknown(void **state)
{
	char *token = kari(), *ec = mint_file("ec.jwk"), *keys;

	(void)state;
	assert_string_equal(ask(token), "good");
	assert_true(asprintf(&keys, "{\"keys\":[%s]}", ec) > 0);
	world->content.keys[WORLD_STAFF].json = keys;
	world->content.keys[WORLD_STAFF].size = strlen(keys);
	service_world_publish(world);
	assert_string_equal(ask(token), "key-unknown");
	free(keys);
	free(ec);
	free(token);
}

static void
says_why_there_is_no_image(void **state)
{
	char *token = kari();
	int fd;

	(void)state;
	service_world_withdraw(world);
	assert_string_equal(ask(token), "no-trust-image");
	assert_int_equal(portvakt_groups_count(portvakt), -ENOENT);
	fd = open(world->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "no image", 8), 8);
	assert_int_equal(close(fd), 0);
	assert_string_equal(ask(token), "trust-image-bad");
	service_world_publish(world);
	boot_s++;
	assert_string_equal(ask(token), "good");
	free(token);
}

/* The broker died when it had just put a new image in place. */
static void
finds_an_image_that_nobody_announced(void **state)
{
	char *token = kari();
	char old[128];

	(void)state;
	assert_string_equal(ask(token), "good");
	assert_true(snprintf(old, sizeof(old), "%s/old", world->folder) > 0);
	assert_int_equal(rename(world->path, old), 0);
	world->accounts[0].account.locked = true;
	service_world_publish(world);
	boot_s++;
	assert_string_equal(ask(token), "account-locked");
	assert_int_equal(unlink(old), 0);
	free(token);
}

static void
a_bound_token_needs_its_certificate_each_time(void **state)
{
	static const unsigned char wrong[32] = "somebody else's";
	unsigned char right[32];
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;
	char *x5t, *bound, *token;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(right); i++)
		right[i] = (unsigned char)i;
	x5t = mint_base64url(right, sizeof(right));
	assert_true(
	    asprintf(&bound, "\"cnf\":{\"x5t#S256\":\"%s\"},\"jti\"", x5t) > 0);
	token = twin(WORLD_STAFF, "\"jti\"", bound);
	assert_string_equal(ask(token), "certificate-missing");
	for (i = 0; i < 3; i++) {
		options.certificate_sha256 = right;
		assert_string_equal(
		    ask_with(token, WORLD_AUDIENCE, &options), "good");
		options.certificate_sha256 = wrong;
		assert_string_equal(ask_with(token, WORLD_AUDIENCE, &options),
		    "certificate-wrong");
		assert_string_equal(ask(token), "certificate-missing");
		options.certificate_sha256 = right;
		options.scheme = PORTVAKT_SCHEME_DPOP;
		assert_string_equal(
		    ask_with(token, WORLD_AUDIENCE, &options), "scheme-wrong");
		options.scheme = PORTVAKT_SCHEME_BEARER;
	}
	free(x5t);
	free(bound);
	free(token);
}

/* A proof that is good for this token, one request, now. */
static char *
prove(const char *token, const char *id, int64_t at_s)
{
	char *jwk = mint_file("ec.jwk"), *header, *claims, *proof;
	char hash[THUMBPRINT_SIZE];

	assert_int_equal(thumbprint_of_bytes(token, strlen(token), hash), 0);
	assert_true(asprintf(&header,
			"{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\","
			"\"jwk\":%s}",
			jwk) > 0);
	assert_true(asprintf(&claims,
			"{\"jti\":\"%s\",\"htm\":\"GET\","
			"\"htu\":\"https://saker.example/api/7\","
			"\"iat\":%lld,\"ath\":\"%s\"}",
			id, (long long)at_s, hash) > 0);
	proof = mint_token(MINT_ES256, header, claims);
	free(jwk);
	free(header);
	free(claims);
	return proof;
}

/* Kari's token, bound to ec.jwk. */
static char *
bound_to_key(void)
{
	char *jwk = mint_file("ec.jwk"), *bound, *token;
	char jkt[THUMBPRINT_SIZE];
	struct json_node nodes[32];
	struct json json;

	assert_int_equal(json_read(jwk, strlen(jwk), nodes, 32, &json), 0);
	assert_int_equal(thumbprint_of_jwk(&json, json.nodes, jkt), 0);
	assert_true(
	    asprintf(&bound, "\"cnf\":{\"jkt\":\"%s\"},\"jti\"", jkt) > 0);
	token = twin(WORLD_STAFF, "\"jti\"", bound);
	free(jwk);
	free(bound);
	return token;
}

static const char *
ask_proved(const char *token, const char *proof, const char *method)
{
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;

	options.scheme = PORTVAKT_SCHEME_DPOP;
	options.dpop = proof;
	options.dpop_size = proof ? strlen(proof) : 0;
	options.method = method;
	options.url = "https://saker.example/api/7";
	return ask_with(token, WORLD_AUDIENCE, &options);
}

static void
a_bound_token_needs_a_new_proof_each_time(void **state)
{
	char *token = bound_to_key();
	char *one = prove(token, "one", now_s);
	char *two = prove(token, "two", now_s);
	char *three = prove(token, "three", now_s);

	(void)state;
	assert_string_not_equal(ask(token), "good");
	assert_string_equal(ask_proved(token, NULL, "GET"), "proof-missing");
	assert_string_equal(ask_proved(token, one, "GET"), "good");
	assert_string_equal(ask_proved(token, one, "GET"), "proof-replayed");
	assert_string_equal(ask_proved(token, two, "POST"), "proof-bad");
	assert_string_equal(ask_proved(token, two, "GET"), "good");
	assert_string_equal(ask_proved(token, NULL, "GET"), "proof-missing");
	assert_string_not_equal(ask(token), "good");
	assert_string_equal(ask_proved(token, three, NULL), "not-judged");
	now_s += 120;
	assert_string_equal(ask_proved(token, three, "GET"), "proof-stale");
	free(token);
	free(one);
	free(two);
	free(three);
}

/* It may have been used with the handle that was there before. */
static void
a_proof_from_before_the_handle_is_stale(void **state)
{
	char *token = bound_to_key();
	char *old = prove(token, "old", now_s - 5);

	(void)state;
	assert_string_equal(ask_proved(token, old, "GET"), "proof-stale");
	free(token);
	free(old);
}

static void
a_proof_is_used_up_for_all_processes(void **state)
{
	char *token = bound_to_key();
	char *one = prove(token, "one", now_s);
	int status = 1;
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(strcmp(ask_proved(token, one, "GET"), "good") != 0);
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_string_equal(ask_proved(token, one, "GET"), "proof-replayed");
	free(token);
	free(one);
}

static void
a_result_outlives_its_handle(void **state)
{
	struct portvakt_result *one = NULL, *other = NULL;
	struct portvakt *handle = NULL;
	char *token = kari();

	(void)state;
	assert_int_equal(portvakt_open(world->path, &handle), 0);
	assert_true(portvakt_verify(
	    handle, token, strlen(token), WORLD_AUDIENCE, NULL, &one));
	assert_true(portvakt_verify(
	    handle, token, strlen(token), WORLD_AUDIENCE, NULL, &other));
	assert_ptr_equal(one, other);
	portvakt_close(handle);
	portvakt_result_free(one);
	assert_string_equal(portvakt_result_account(other), "kari");
	portvakt_result_free(other);
	free(token);
}

/* Both go on, and each sees what comes. */
static void
goes_on_in_a_child(void **state)
{
	char *token = kari();
	int status = 1;
	pid_t child;

	(void)state;
	assert_string_equal(ask(token), "good");
	child = fork();
	if (child == 0) {
		if (strcmp(ask(token), "good") != 0)
			_exit(1);
		world->accounts[0].account.locked = true;
		service_world_publish(world);
		_exit(strcmp(ask(token), "account-locked") != 0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_string_equal(ask(token), "account-locked");
	free(token);
}

static void
lists_the_groups_of_the_rules(void **state)
{
	(void)state;
	assert_int_equal(portvakt_groups_count(portvakt), 4);
	assert_string_equal(portvakt_group_name(portvakt, 0), "ko-arkiv");
	assert_string_equal(portvakt_group_title(portvakt, 0), "Arkivet");
	assert_int_equal(portvakt_group_gid(portvakt, 3), 1900000103);
	assert_null(portvakt_group_name(portvakt, 4));
}

static void
knows_names(void **state)
{
	struct portvakt *none = NULL;

	(void)state;
	assert_int_equal(portvakt_knows_group(portvakt, "ko-arkiv"), 1);
	assert_int_equal(portvakt_knows_group(portvakt, "ko-arkv"), 0);
	assert_int_equal(portvakt_knows_issuer(portvakt, "ko-arkiv"), 0);
	assert_int_equal(portvakt_knows_level(portvakt, NULL, "high"), 1);
	assert_int_equal(portvakt_knows_level(portvakt, NULL, "hihg"), 0);
	assert_int_equal(portvakt_knows_level(portvakt, "nobody", "high"), 0);
	assert_int_equal(portvakt_open("/nowhere/image", &none), 0);
	assert_int_equal(portvakt_knows_group(none, "ko-arkiv"), -ENOENT);
	assert_int_equal(portvakt_knows_issuer(none, "x"), -ENOENT);
	assert_int_equal(portvakt_knows_level(none, NULL, "high"), -ENOENT);
	portvakt_close(none);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(knows_a_person),
	    TEST(knows_names),
	    TEST(knows_a_machine),
	    TEST(a_person_without_an_account_has_no_groups),
	    TEST(takes_no_issuer_for_another),
	    TEST(refuses_the_twins),
	    TEST(refuses_what_is_no_token),
	    TEST(asks_for_what_is_asked),
	    TEST(tells_the_record_whose_a_refused_token_is),
	    TEST(tells_the_record_whose_machine_it_is),
	    TEST(tells_nothing_of_what_nobody_signed),
	    TEST(refuses_what_the_administrator_refuses),
	    TEST(checks_a_repeated_token_once),
	    TEST(the_cache_outlives_no_token),
	    TEST(the_cache_outlives_no_group),
	    TEST(the_cache_outlives_no_login),
	    TEST(the_cache_outlives_no_image),
	    TEST(the_cache_outlives_no_key),
	    TEST(keys_that_are_gone_are_unknown),
	    TEST(says_why_there_is_no_image),
	    TEST(finds_an_image_that_nobody_announced),
	    TEST(a_bound_token_needs_its_certificate_each_time),
	    TEST(a_bound_token_needs_a_new_proof_each_time),
	    TEST(a_proof_from_before_the_handle_is_stale),
	    TEST(a_proof_is_used_up_for_all_processes),
	    TEST(a_result_outlives_its_handle),
	    TEST(goes_on_in_a_child),
	    TEST(lists_the_groups_of_the_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
