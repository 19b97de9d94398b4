/*
 * Any key set that stands can be verified with, says no to a signature of
 * nothing, and leaves OpenSSL's error queue empty.
 */
#include "tests/fuzz/fuzz.h"
#include "verify/jwk.h"
#include "verify/key_set.h"

#include <openssl/err.h>
#include <stdlib.h>

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
try_key(struct jwk *key)
{
	static const uint8_t signature[64];

	must(key->algorithms != 0);
	if (key->algorithms & EVIDENCE_RS256)
		must(!jwk_verify(key, EVIDENCE_RS256, "x", 1, signature, 64));
	if (key->algorithms & EVIDENCE_PS256)
		must(!jwk_verify(key, EVIDENCE_PS256, "x", 1, signature, 64));
	if (key->algorithms & EVIDENCE_ES256)
		must(!jwk_verify(key, EVIDENCE_ES256, "x", 1, signature, 64));
	if (key->es256)
		must(key->algorithms == EVIDENCE_ES256);
	else
		must(EVP_PKEY_get_bits(key->key) >= JWK_RSA_BITS_MIN &&
		     EVP_PKEY_get_bits(key->key) <= JWK_RSA_BITS_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const kids[] = {"rsa", "ec", "a", "b", "1"};
	struct key_set *set = NULL;
	size_t i;

	if (key_set_parse((const char *)data, size, &set) == 0) {
		must(key_set_count(set) > 0);
		must(key_set_count(set) + key_set_ignored_count(set) <=
		     KEY_SET_KEYS_MAX);
	}
	for (i = 0; set && i < sizeof(kids) / sizeof(*kids); i++) {
		struct slice kid = {kids[i], i < 1 ? 3 : i < 2 ? 2 : 1};
		struct jwk *key = key_set_find(set, kid);

		if (key)
			try_key(key);
	}
	must(ERR_peek_error() == 0);
	key_set_free(set);
	return 0;
}
