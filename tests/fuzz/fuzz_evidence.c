/*
 * The first line is a header, the rest are claims; the signature counts as
 * good (--wrap=jwk_verify), so that all behind it is reached. A yes must be
 * one to a second reader too, who asks for what a login needs.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/vectors/login.h"
#include "tests/vectors/mint.h"
#include "verify/jwk.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

bool __wrap_jwk_verify(struct jwk *jwk, enum evidence_algorithm algorithm,
    const void *text, size_t size, const uint8_t *signature,
    size_t signature_size);

bool
__wrap_jwk_verify(struct jwk *jwk, enum evidence_algorithm algorithm,
    const void *text, size_t size, const uint8_t *signature,
    size_t signature_size)
{
	(void)text;
	(void)size;
	(void)signature;
	(void)signature_size;
	return (jwk->algorithms & algorithm) != 0;
}

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static bool
is_text(json_t *claims, const char *name, const char *wanted)
{
	const char *text = json_string_value(json_object_get(claims, name));

	return text && strcmp(text, wanted) == 0;
}

static json_int_t
time_of(json_t *claims, const char *name)
{
	json_t *value = json_object_get(claims, name);

	must(json_is_integer(value));
	return json_integer_value(value);
}

static bool
names_audience(json_t *claims, const char *wanted)
{
	json_t *audience = json_object_get(claims, "aud");
	json_t *element;
	size_t i;

	json_array_foreach (audience, i, element) {
		if (strcmp(json_string_value(element), wanted) == 0)
			return true;
	}
	return is_text(claims, "aud", wanted);
}

static void
must_be_a_login(const char *payload, size_t size, const struct login *login)
{
	json_t *claims =
	    json_loadb(payload, size, JSON_REJECT_DUPLICATES, NULL);

	/* Jansson refuses numbers that it cannot hold, wherever they stand. */
	if (!claims)
		return;
	must(is_text(claims, "iss", login->profile.issuer));
	must(names_audience(claims, login->expectation.audience));
	must(is_text(claims, "nonce", login->expectation.nonce));
	must(!json_object_get(claims, "azp") ||
	     is_text(claims, "azp", login->expectation.audience));
	must(is_text(claims, "acr", "idporten-loa-substantial") ||
	     is_text(claims, "acr", "idporten-loa-high"));
	must(json_string_length(json_object_get(claims, "sub")) > 0);
	must(time_of(claims, "exp") > LOGIN_NOW_S - 10);
	must(time_of(claims, "exp") > time_of(claims, "iat"));
	must(time_of(claims, "iat") <= LOGIN_NOW_S + 10);
	must(time_of(claims, "auth_time") <= LOGIN_NOW_S + 10);
	must(time_of(claims, "auth_time") >= LOGIN_NOW_S - 3610);
	must(!json_object_get(claims, "nbf") ||
	     time_of(claims, "nbf") <= LOGIN_NOW_S + 10);
	must(!json_object_get(claims, "pid") ||
	     json_string_length(json_object_get(claims, "pid")) == 11);
	must(!json_object_get(claims, "scope") ||
	     json_string_length(json_object_get(claims, "scope")) > 0);
	json_decref(claims);
}

static char *
build_token(const uint8_t *header, size_t header_size, const uint8_t *payload,
    size_t payload_size)
{
	char *first = mint_base64url(header, header_size);
	char *second = mint_base64url(payload, payload_size);
	char *token = malloc(strlen(first) + strlen(second) + 5);

	must(token != NULL);
	(void)stpcpy(stpcpy(stpcpy(stpcpy(token, first), "."), second), ".AA");
	free(first);
	free(second);
	return token;
}

/* Were the signature looked at after all, nothing would be tested. */
static void
start(struct login *login)
{
	static const char *const roles_claims[] = {
	    "roles", "realm_access.roles", "groups"};
	char *token;

	login_init(login);
	login->profile.roles_claims = roles_claims;
	login->profile.roles_claims_count = 3;
	login->profile.units_claim = "unit";
	token = build_token((const uint8_t *)login_header_rs256,
	    strlen(login_header_rs256), (const uint8_t *)login_payload,
	    strlen(login_payload));
	must(login_check(login, token, strlen(token), NULL) == EVIDENCE_GOOD);
	free(token);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct login login;
	const uint8_t *payload = memchr(data, '\n', size);
	const char *detail = NULL;
	enum evidence_result result;
	char *token;

	if (!payload)
		return 0;
	if (!login.expectation.keys)
		start(&login);
	payload++;
	token = build_token(data, (size_t)(payload - 1 - data), payload,
	    (size_t)(data + size - payload));
	result = login_check(&login, token, strlen(token), &detail);
	must((result == EVIDENCE_GOOD) == (detail == NULL));
	if (result == EVIDENCE_GOOD)
		must_be_a_login((const char *)payload,
		    (size_t)(data + size - payload), &login);
	free(token);
	return 0;
}
