#include "tests/bench/raw_limit.h"

#include "verify/key_set.h"

#include <err.h>
#include <openssl/ecdsa.h>
#include <string.h>
#include <time.h>

enum {
	SLICES = 60,
	TIMES = 128,
};

/* From r and s side by side. */
static void
to_der(struct raw_limit *limit)
{
	uint8_t *at = limit->signature;
	ECDSA_SIG *pair = ECDSA_SIG_new();
	int size;

	if (!pair || ECDSA_SIG_set0(pair, BN_bin2bn(at, 32, NULL),
			 BN_bin2bn(at + 32, 32, NULL)) != 1)
		errx(1, "no memory");
	size = i2d_ECDSA_SIG(pair, &at);
	if (size <= 0)
		errx(1, "no DER");
	limit->signature_size = (size_t)size;
	ECDSA_SIG_free(pair);
}

void
raw_limit_init(struct raw_limit *limit, struct jwk *key, EVP_PKEY_CTX *context,
    const char *token)
{
	limit->key = key;
	limit->context = context;
	if (jws_split(token, strlen(token), &limit->jws) < 0 ||
	    limit->jws.signature_size > sizeof(limit->signature))
		errx(1, "a good token is malformed");
	limit->signature_size = limit->jws.signature_size;
	memcpy(limit->signature, limit->jws.signature, limit->signature_size);
	if (context == key->es256)
		to_der(limit);
}

void
raw_limit_verify(const struct raw_limit *limit)
{
	const struct jws *jws = &limit->jws;
	uint8_t hash[32];

	if (EVP_DigestInit_ex2(limit->key->sha256, NULL, NULL) != 1 ||
	    EVP_DigestUpdate(limit->key->sha256, jws->signing_input,
		jws->signing_input_size) != 1 ||
	    EVP_DigestFinal_ex(limit->key->sha256, hash, NULL) != 1 ||
	    EVP_PKEY_verify(limit->context, limit->signature,
		limit->signature_size, hash, sizeof(hash)) != 1)
		errx(1, "a good signature is bad");
}

static int64_t
thread_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t
slice_ns(const struct raw_limit *limit)
{
	int64_t before = thread_ns();
	int i;

	for (i = 0; i < TIMES; i++)
		raw_limit_verify(limit);
	return thread_ns() - before;
}

double
raw_limit_us(const char *keys, const char *kid, enum mint_signature how,
    const char *token)
{
	static struct raw_limit limit;
	int64_t best_ns = INT64_MAX, ns;
	struct key_set *set;
	struct jwk *key;
	int i;

	if (key_set_parse(keys, strlen(keys), &set) < 0)
		errx(1, "no keys");
	key = key_set_find(set, (struct slice){kid, strlen(kid)});
	raw_limit_init(
	    &limit, key, how == MINT_ES256 ? key->es256 : key->rs256, token);
	for (i = 0; i < SLICES; i++) {
		ns = slice_ns(&limit);
		best_ns = ns < best_ns ? ns : best_ns;
	}
	(void)key_set_free(set);
	return (double)best_ns / TIMES / 1000;
}
