/*
 * The first line is a header, the rest are claims; the signature counts as
 * good (--wrap=jwk_verify), so that all behind it is reached. Each is shown to
 * a service of each kind of issuer, and a yes must be one to a second reader
 * too, who asks for what a service needs.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/vectors/service.h"
#include "verify/jwk.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum {
	NOW_S = 1678375500,
	KINDS = 3,
};

static const char *const kinds[KINDS][2] = {
    {"idporten", "https://test.idporten.no"},
    {"maskinporten", "https://test.maskinporten.no/"},
    {"generic", "https://sso.example"},
};
static const char *const scopes[] = {"ko:les"};
static const char audience[] = "https://saker.example";

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
is_text(const json_t *value, const char *wanted)
{
	const char *text = json_string_value(value);

	return text && strcmp(text, wanted) == 0;
}

static bool
has_element(const json_t *array, const char *wanted)
{
	const json_t *element;
	size_t i;

	json_array_foreach (array, i, element) {
		if (is_text(element, wanted))
			return true;
	}
	return false;
}

static bool
is_for_us(const json_t *claims, bool optional)
{
	const json_t *aud = json_object_get(claims, "aud");

	if (is_text(aud, audience) || has_element(aud, audience))
		return true;
	return optional && (!aud || is_text(aud, "unspecified") ||
			       (json_array_size(aud) == 1 &&
				   has_element(aud, "unspecified")));
}

static bool
has_scope(const json_t *claims)
{
	const char *list = json_string_value(json_object_get(claims, "scope"));
	size_t size = strlen(scopes[0]);

	while (list && *list) {
		if (strncmp(list, scopes[0], size) == 0 &&
		    (list[size] == '\0' || list[size] == ' '))
			return true;
		list = strchr(list, ' ');
		list = list ? list + 1 : NULL;
	}
	return false;
}

static json_int_t
time_of(const json_t *claims, const char *name)
{
	const json_t *value = json_object_get(claims, name);

	must(json_is_integer(value));
	return json_integer_value(value);
}

static void
must_be_of_its_subject(const struct service *service, const json_t *claims,
    const struct service_token *token)
{
	const json_t *consumer = json_object_get(claims, "consumer");

	if (token->subject == SERVICE_SUBJECT_PERSON) {
		must(service->kind->service.subjects != SERVICE_MACHINES);
		must(is_text(
		    json_object_get(claims, "sub"), token->identity.subject));
		must(*token->identity.subject != '\0');
		return;
	}
	must(service->kind->service.subjects != SERVICE_PEOPLE);
	must(*token->identity.subject == '\0');
	must(*token->identity.person_number == '\0');
	must(token->identity.mandates_count == 0);
	must(service->kind->service.subjects == SERVICE_EITHER ||
	     (json_object_get(consumer, "ID") &&
		 token->identity.consumer.size > 0));
}

static void
must_be_good(const struct service *service, const char *payload, size_t size,
    const struct service_token *token)
{
	json_t *claims =
	    json_loadb(payload, size, JSON_REJECT_DUPLICATES, NULL);

	/* Jansson refuses numbers that it cannot hold, wherever they stand. */
	if (!claims)
		return;
	must(is_text(json_object_get(claims, "iss"), service->profile.issuer));
	must(is_for_us(claims, service->kind->service.audience_optional));
	must(has_scope(claims));
	must(!json_object_get(claims, "nonce"));
	must(!json_object_get(claims, "cnf"));
	must(!json_object_get(claims, "events"));
	must(time_of(claims, "exp") > NOW_S - 10);
	must(time_of(claims, "exp") > time_of(claims, "iat"));
	must(time_of(claims, "iat") <= NOW_S + 10);
	must(!json_object_get(claims, "nbf") ||
	     time_of(claims, "nbf") <= NOW_S + 10);
	must_be_of_its_subject(service, claims, token);
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

static void
start(struct service *services)
{
	size_t i;

	for (i = 0; i < KINDS; i++) {
		service_init(&services[i], kinds[i][0], kinds[i][1], audience);
		services[i].expectation.scopes = scopes;
		services[i].expectation.scopes_count = 1;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct service services[KINDS];
	static struct service_token good;
	const uint8_t *payload = memchr(data, '\n', size);
	char issuer[IDENTITY_ISSUER_SIZE];
	size_t i, payload_size;
	int accepted = 0;
	char *token;

	if (!payload)
		return 0;
	if (!services[0].kind)
		start(services);
	payload++;
	payload_size = (size_t)(data + size - payload);
	token = build_token(
	    data, (size_t)(payload - 1 - data), payload, payload_size);
	for (i = 0; i < KINDS; i++) {
		const char *detail = NULL;
		enum evidence_result result = service_check(
		    &services[i], token, strlen(token), NOW_S, &good, &detail);

		must((result == EVIDENCE_GOOD) == (detail == NULL));
		if (result != EVIDENCE_GOOD)
			continue;
		accepted++;
		must(service_token_issuer(token, strlen(token), issuer) == 0);
		must(strcmp(issuer, kinds[i][1]) == 0);
		must_be_good(
		    &services[i], (const char *)payload, payload_size, &good);
	}
	must(accepted <= 1);
	free(token);
	return 0;
}
