/*
 * The first line is a proof's header, the second an URI, the rest are claims;
 * the signature counts as good (--wrap=jwk_verify), and the token is bound to
 * whatever key the header has. A yes must be one to a second reader too.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/vectors/mint.h"
#include "verify/dpop.h"
#include "verify/http_uri.h"
#include "verify/jwk.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum {
	NOW_S = 1700000000,
	NODES_MAX = 128,
};

static const char token[] = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
static const char token_hash[] = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";

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

struct input {
	struct slice header;
	struct slice uri;
	struct slice claims;
};

static bool
take_line(struct slice *rest, struct slice *ret_line)
{
	const char *end = memchr(rest->at, '\n', rest->size);

	if (!end)
		return false;
	ret_line->at = rest->at;
	ret_line->size = (size_t)(end - rest->at);
	rest->size -= ret_line->size + 1;
	rest->at = end + 1;
	return true;
}

/* Of the key in the header; of none when there is none. */
static void
bind(struct slice header, char jkt[static THUMBPRINT_SIZE])
{
	struct json_node nodes[NODES_MAX];
	const struct json_node *key;
	char *text = malloc(header.size + 1);
	struct json json;

	must(text != NULL);
	memcpy(text, header.at, header.size);
	strcpy(jkt, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
	if (json_read(text, header.size, nodes, NODES_MAX, &json) == 0) {
		key = json_member(&json, json.nodes, "jwk");
		if (key && thumbprint_of_jwk(&json, key, jkt) == 0)
			must(thumbprint_is_valid(slice_of(jkt)));
	}
	free(text);
}

/* What is in its one spelling stays as it is. */
static void
must_be_stable(struct slice uri)
{
	char once[DPOP_URI_SIZE_MAX], twice[DPOP_URI_SIZE_MAX];

	if (http_uri_normalize(uri, once, sizeof(once)) < 0)
		return;
	must(http_uri_normalize(slice_of(once), twice, sizeof(twice)) == 0);
	must(strcmp(once, twice) == 0);
	must(!strpbrk(once, "?#\\ \""));
	must(!strstr(strstr(once, "://") + 3, "/../"));
}

static void
must_have(json_t *object, const char *name, const char *wanted)
{
	const char *text = json_string_value(json_object_get(object, name));

	must(text && strcmp(text, wanted) == 0);
}

static void
must_be_a_proof(const struct input *input)
{
	json_t *header = json_loadb(
	    input->header.at, input->header.size, JSON_REJECT_DUPLICATES, NULL);
	json_t *claims = json_loadb(
	    input->claims.at, input->claims.size, JSON_REJECT_DUPLICATES, NULL);
	json_t *key = json_object_get(header, "jwk");

	/* Jansson refuses numbers that it cannot hold, wherever they stand. */
	if (header && claims) {
		must(json_is_object(key));
		must(!json_object_get(key, "d") && !json_object_get(key, "k"));
		must(!json_object_get(header, "crit"));
		must_have(claims, "htm", "GET");
		must_have(claims, "ath", token_hash);
		must(json_string_length(json_object_get(claims, "jti")) > 0);
		must(json_integer_value(json_object_get(claims, "iat")) >=
		     NOW_S - 60);
		must(json_integer_value(json_object_get(claims, "iat")) <=
		     NOW_S + 60);
	}
	json_decref(header);
	json_decref(claims);
}

static char *
build_proof(const struct input *input)
{
	char *first = mint_base64url(input->header.at, input->header.size);
	char *second = mint_base64url(input->claims.at, input->claims.size);
	char *proof = malloc(strlen(first) + strlen(second) + 5);

	must(proof != NULL);
	(void)stpcpy(stpcpy(stpcpy(stpcpy(proof, first), "."), second), ".AA");
	free(first);
	free(second);
	return proof;
}

static void
check(const struct input *input, const char *uri)
{
	static const uint8_t key[REPLAY_KEY_SIZE];
	uint64_t slots[REPLAY_SLOTS_MIN] = {0};
	char *proof = build_proof(input);
	struct replay replay;
	const struct dpop_request request = {.proof = proof,
	    .proof_size = strlen(proof),
	    .method = "GET",
	    .uri = uri,
	    .window_s = 60,
	    .replay = &replay};
	char jkt[THUMBPRINT_SIZE];
	const char *detail = NULL;
	enum evidence_result result;

	bind(input->header, jkt);
	must(replay_init(&replay, slots, sizeof(slots), key) == 0);
	result =
	    dpop_check(&request, jkt, token, strlen(token), NOW_S, &detail);
	must((result == EVIDENCE_GOOD) == (detail == NULL));
	must(result != EVIDENCE_NOT_CHECKED);
	if (result == EVIDENCE_GOOD) {
		must_be_a_proof(input);
		must(dpop_check(&request, jkt, token, strlen(token), NOW_S,
			 &detail) == EVIDENCE_PROOF_REPLAYED);
	}
	free(proof);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = {(const char *)data, size};
	struct input input;
	char *uri;

	if (size == 0 || !take_line(&rest, &input.header) ||
	    !take_line(&rest, &input.uri))
		return 0;
	input.claims = rest;
	must_be_stable(input.uri);
	uri = strndup(input.uri.at, input.uri.size);
	must(uri != NULL);
	check(&input, uri);
	free(uri);
	return 0;
}
