#include "broker/config/client_key.h"
#include "broker/issuer/assertion.h"
#include "broker/issuer/client_assertion.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <jansson.h>
#include <jwt.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

enum {
	NOW_S = 1700000000,
};

struct keys {
	EVP_PKEY *rsa, *rsa_small, *p256, *p384;
};

static int
make_keys(void **state)
{
	static struct keys keys;

	keys.rsa = EVP_RSA_gen(2048);
	keys.rsa_small = EVP_RSA_gen(1024);
	keys.p256 = EVP_EC_gen("P-256");
	keys.p384 = EVP_EC_gen("P-384");
	*state = &keys;
	return keys.rsa && keys.rsa_small && keys.p256 && keys.p384 ? 0 : -1;
}

static int
drop_keys(void **state)
{
	struct keys *keys = *state;

	EVP_PKEY_free(keys->rsa);
	EVP_PKEY_free(keys->rsa_small);
	EVP_PKEY_free(keys->p256);
	EVP_PKEY_free(keys->p384);
	return 0;
}

static struct secret *
pem(EVP_PKEY *key, const char *passphrase)
{
	struct secret *secret = NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long size;

	assert_int_equal(
	    PEM_write_bio_PrivateKey(bio, key,
		passphrase ? EVP_aes_256_cbc() : NULL,
		(const unsigned char *)passphrase,
		passphrase ? (int)strlen(passphrase) : 0, NULL, NULL),
	    1);
	size = BIO_get_mem_data(bio, &text);
	assert_int_equal(secret_new(text, (size_t)size, &secret), 0);
	BIO_free(bio);
	return secret;
}

static struct client_assertion
assertion(const struct secret *key, const char *algorithm)
{
	return (struct client_assertion){.key = key,
	    .key_id = "key-1",
	    .algorithm = algorithm,
	    .client_id = "portvakt-test",
	    .audience = "https://idp.example/"};
}

/* One part of a JWT; standard base64 with padding is what EVP decodes. */
static size_t
decode_part(const char *part, size_t size, unsigned char *ret_bytes)
{
	char padded[4096];
	size_t i, padding = (4 - size % 4) % 4;
	int decoded;

	assert_true(size + padding < sizeof(padded));
	for (i = 0; i < size; i++)
		padded[i] = part[i] == '-'   ? '+'
			    : part[i] == '_' ? '/'
					     : part[i];
	memset(padded + size, '=', padding);
	decoded = EVP_DecodeBlock(
	    ret_bytes, (unsigned char *)padded, (int)(size + padding));
	assert_true(decoded >= 0);
	return (size_t)decoded - padding;
}

struct parts {
	const char *signing_input;
	size_t signing_input_size;
	json_t *header;
	json_t *payload;
	unsigned char signature[1024];
	size_t signature_size;
};

static json_t *
decode_json(const char *part, size_t size)
{
	unsigned char bytes[4096];
	size_t decoded = decode_part(part, size, bytes);
	json_t *json =
	    json_loadb((char *)bytes, decoded, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(json);
	return json;
}

static void
split(const struct secret *jwt, struct parts *parts)
{
	const char *text = secret_reveal(jwt);
	const char *first = strchr(text, '.');
	const char *second = first ? strchr(first + 1, '.') : NULL;

	assert_non_null(second);
	assert_null(strchr(second + 1, '.'));
	assert_null(strchr(text, '='));
	parts->signing_input = text;
	parts->signing_input_size = (size_t)(second - text);
	parts->header = decode_json(text, (size_t)(first - text));
	parts->payload = decode_json(first + 1, (size_t)(second - first - 1));
	parts->signature_size =
	    decode_part(second + 1, strlen(second + 1), parts->signature);
}

static void
join(struct parts *parts)
{
	json_decref(parts->header);
	json_decref(parts->payload);
}

/* JWS has r and s side by side, OpenSSL wants DER. */
static size_t
der_signature(const unsigned char *raw, size_t size, unsigned char *ret_der)
{
	ECDSA_SIG *signature = ECDSA_SIG_new();
	unsigned char *at = ret_der;
	int length;

	assert_int_equal(size, 64);
	assert_int_equal(ECDSA_SIG_set0(signature, BN_bin2bn(raw, 32, NULL),
			     BN_bin2bn(raw + 32, 32, NULL)),
	    1);
	length = i2d_ECDSA_SIG(signature, &at);
	assert_true(length > 0);
	ECDSA_SIG_free(signature);
	return (size_t)length;
}

static int
openssl_verify(EVP_PKEY *key, const struct parts *parts,
    const unsigned char *signature, size_t size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int result;

	assert_int_equal(
	    EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key), 1);
	result = EVP_DigestVerify(context, signature, size,
	    (const unsigned char *)parts->signing_input,
	    parts->signing_input_size);
	EVP_MD_CTX_free(context);
	return result;
}

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	assert_non_null(text);
	return text;
}

static void
check_claims(const struct parts *parts, const char *algorithm)
{
	const json_t *payload = parts->payload;

	assert_string_equal(text_of(parts->header, "alg"), algorithm);
	assert_string_equal(text_of(parts->header, "kid"), "key-1");
	assert_string_equal(text_of(payload, "iss"), "portvakt-test");
	assert_string_equal(text_of(payload, "sub"), "portvakt-test");
	assert_string_equal(text_of(payload, "aud"), "https://idp.example/");
	assert_int_equal(strlen(text_of(payload, "jti")), 32);
	assert_int_equal(
	    json_integer_value(json_object_get(payload, "iat")), NOW_S);
	assert_int_equal(json_integer_value(json_object_get(payload, "exp")),
	    NOW_S + ASSERTION_LIFETIME_S);
	assert_int_equal(
	    json_integer_value(json_object_get(payload, "nbf")), NOW_S);
	assert_int_equal(json_object_size(payload), 7);
}

/* The second opinion; libjwt 1.10 needs the algorithm checked by its caller. */
static void
check_with_libjwt(EVP_PKEY *key, const struct secret *jwt, jwt_alg_t algorithm)
{
	BIO *bio = BIO_new(BIO_s_mem());
	jwt_t *decoded = NULL;
	char *text;
	long size;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
	size = BIO_get_mem_data(bio, &text);
	assert_int_equal(jwt_decode(&decoded, secret_reveal(jwt),
			     (unsigned char *)text, (int)size),
	    0);
	assert_int_equal(jwt_get_alg(decoded), algorithm);
	assert_string_equal(jwt_get_grant(decoded, "sub"), "portvakt-test");
	jwt_free(decoded);
	BIO_free(bio);
}

static void
test_rs256_verifies(void **state)
{
	struct keys *keys = *state;
	struct secret *key = pem(keys->rsa, NULL), *jwt = NULL;
	struct client_assertion request = assertion(key, "RS256");
	struct parts parts;

	assert_int_equal(client_assertion_mint(&request, NOW_S, &jwt), 0);
	split(jwt, &parts);
	check_claims(&parts, "RS256");
	assert_int_equal(openssl_verify(keys->rsa, &parts, parts.signature,
			     parts.signature_size),
	    1);
	parts.signature[0] ^= 1;
	assert_int_not_equal(openssl_verify(keys->rsa, &parts, parts.signature,
				 parts.signature_size),
	    1);
	check_with_libjwt(keys->rsa, jwt, JWT_ALG_RS256);
	join(&parts);
	secret_free(jwt);
	secret_free(key);
}

static void
test_es256_verifies(void **state)
{
	struct keys *keys = *state;
	struct secret *key = pem(keys->p256, NULL), *jwt = NULL;
	struct client_assertion request = assertion(key, "ES256");
	unsigned char der[128];
	struct parts parts;
	size_t size;
	int i;

	/* r or s is shorter than 32 bytes in one of 128. */
	for (i = 0; i < 300; i++) {
		assert_int_equal(
		    client_assertion_mint(&request, NOW_S, &jwt), 0);
		split(jwt, &parts);
		size =
		    der_signature(parts.signature, parts.signature_size, der);
		assert_int_equal(
		    openssl_verify(keys->p256, &parts, der, size), 1);
		if (i == 0) {
			check_claims(&parts, "ES256");
			check_with_libjwt(keys->p256, jwt, JWT_ALG_ES256);
		}
		join(&parts);
		secret_free(jwt);
	}
	secret_free(key);
}

static void
test_no_two_are_the_same(void **state)
{
	struct keys *keys = *state;
	struct secret *key = pem(keys->rsa, NULL), *one = NULL, *two = NULL;
	struct client_assertion request = assertion(key, "RS256");

	assert_int_equal(client_assertion_mint(&request, NOW_S, &one), 0);
	assert_int_equal(client_assertion_mint(&request, NOW_S, &two), 0);
	assert_string_not_equal(secret_reveal(one), secret_reveal(two));
	secret_free(one);
	secret_free(two);
	secret_free(key);
}

static void
test_the_kid_may_be_left_out(void **state)
{
	struct keys *keys = *state;
	struct secret *key = pem(keys->rsa, NULL), *jwt = NULL;
	struct client_assertion request = assertion(key, "RS256");
	struct parts parts;

	request.key_id = "";
	assert_int_equal(client_assertion_mint(&request, NOW_S, &jwt), 0);
	split(jwt, &parts);
	assert_null(json_object_get(parts.header, "kid"));
	join(&parts);
	secret_free(jwt);
	secret_free(key);
}

static void
refuses(struct secret *key, const char *algorithm, int error)
{
	struct client_assertion request = assertion(key, algorithm);
	struct secret *jwt = NULL;
	const char *problem = NULL;

	assert_int_equal(client_key_check(key, algorithm, &problem), error);
	assert_non_null(problem);
	assert_int_equal(client_assertion_mint(&request, NOW_S, &jwt), error);
	assert_null(jwt);
	secret_free(key);
}

static void
test_refuses_a_key_that_does_not_suit(void **state)
{
	struct keys *keys = *state;

	refuses(pem(keys->rsa, NULL), "ES256", -EKEYREJECTED);
	refuses(pem(keys->p256, NULL), "RS256", -EKEYREJECTED);
	refuses(pem(keys->p384, NULL), "ES256", -EKEYREJECTED);
	refuses(pem(keys->rsa_small, NULL), "RS256", -EKEYREJECTED);
}

static void
test_refuses_other_algorithms(void **state)
{
	struct keys *keys = *state;

	refuses(pem(keys->rsa, NULL), "none", -EINVAL);
	refuses(pem(keys->rsa, NULL), "HS256", -EINVAL);
	refuses(pem(keys->rsa, NULL), "rs256", -EINVAL);
	refuses(pem(keys->rsa, NULL), "", -EINVAL);
}

static void
test_refuses_what_is_no_plain_private_key(void **state)
{
	struct keys *keys = *state;
	struct secret *key = NULL;

	/* Would wait for somebody at a terminal. */
	refuses(pem(keys->rsa, "passord"), "RS256", -ENOKEY);
	assert_int_equal(secret_new("nonsense", 8, &key), 0);
	refuses(key, "RS256", -ENOKEY);
	assert_int_equal(secret_new("", 0, &key), 0);
	refuses(key, "RS256", -ENOKEY);
}

static void
test_refuses_text_that_is_not_utf8(void **state)
{
	struct keys *keys = *state;
	struct secret *key = pem(keys->p256, NULL), *jwt = NULL;
	struct client_assertion request = assertion(key, "ES256");

	request.client_id = "\xff";
	assert_int_equal(client_assertion_mint(&request, NOW_S, &jwt), -EINVAL);
	assert_null(jwt);
	secret_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rs256_verifies),
	    cmocka_unit_test(test_es256_verifies),
	    cmocka_unit_test(test_no_two_are_the_same),
	    cmocka_unit_test(test_the_kid_may_be_left_out),
	    cmocka_unit_test(test_refuses_a_key_that_does_not_suit),
	    cmocka_unit_test(test_refuses_other_algorithms),
	    cmocka_unit_test(test_refuses_what_is_no_plain_private_key),
	    cmocka_unit_test(test_refuses_text_that_is_not_utf8),
	};

	return cmocka_run_group_tests_name(
	    "client_assertion", tests, make_keys, drop_keys);
}
