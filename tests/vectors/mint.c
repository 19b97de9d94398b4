#include "tests/vectors/mint.h"

#include <err.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FILE_SIZE_MAX = 65536,
	SIGNATURE_SIZE_MAX = 512,
	RAW_SIZE = 64,
};

/* What the keys are asked for. */
struct method {
	const char *key;
	const char *hash;
	int padding; /* 0: not RSA */
	int salt_size;
	const char *mgf1_hash;
};

static const struct method methods[] = {
    [MINT_RS256] = {"rsa.pem", "SHA256", RSA_PKCS1_PADDING, 0, NULL},
    [MINT_RS256_STRANGER] = {"stranger.pem", "SHA256", RSA_PKCS1_PADDING, 0,
	NULL},
    [MINT_RS256_SHA512] = {"rsa.pem", "SHA512", RSA_PKCS1_PADDING, 0, NULL},
    [MINT_PS256] = {"rsa.pem", "SHA256", RSA_PKCS1_PSS_PADDING, 32, "SHA256"},
    [MINT_PS256_SALT_20] = {"rsa.pem", "SHA256", RSA_PKCS1_PSS_PADDING, 20,
	"SHA256"},
    [MINT_PS256_MGF1_SHA1] = {"rsa.pem", "SHA256", RSA_PKCS1_PSS_PADDING, 32,
	"SHA1"},
    [MINT_ES256] = {"ec.pem", "SHA256", 0, 0, NULL},
};

static void *
must(void *pointer, const char *what)
{
	if (!pointer)
		errx(99, "mint: %s", what);
	return pointer;
}

static void
must_be(int wanted, int is, const char *what)
{
	if (is != wanted)
		errx(99, "mint: %s", what);
}

static char *
vector_path(const char *name)
{
	const char *top = getenv("top_srcdir");
	char *path;

	must_be(1,
	    asprintf(&path, "%s/tests/vectors/%s", top ? top : ".", name) > 0,
	    name);
	return path;
}

char *
mint_file(const char *name)
{
	char *path = vector_path(name);
	char *text = must(calloc(1, FILE_SIZE_MAX), name);
	FILE *file = must(fopen(path, "re"), path);

	must_be(1, fread(text, 1, FILE_SIZE_MAX - 1, file) > 0, path);
	(void)fclose(file);
	free(path);
	return text;
}

static EVP_PKEY *
read_key(const char *name)
{
	char *path = vector_path(name);
	BIO *bio = must(BIO_new_file(path, "r"), path);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	BIO_free(bio);
	free(path);
	return must(key, name);
}

char *
mint_base64url(const void *bytes, size_t size)
{
	char *text = must(malloc(size / 3 * 4 + 5), "no memory");
	char *at;

	EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
	for (at = text; *at && *at != '='; at++) {
		if (*at == '+')
			*at = '-';
		if (*at == '/')
			*at = '_';
	}
	*at = '\0';
	return text;
}

char *
mint_replace(const char *text, const char *from, const char *to)
{
	const char *found = strstr(text, from);
	char *result;

	if (!found || strstr(found + 1, from))
		errx(99, "mint: \"%s\" is not once in %s", from, text);
	must_be(1,
	    asprintf(&result, "%.*s%s%s", (int)(found - text), text, to,
		found + strlen(from)) >= 0,
	    "no memory");
	return result;
}

static void
set_rsa(EVP_PKEY_CTX *context, const struct method *method)
{
	const EVP_MD *mgf1;

	if (!method->padding)
		return;
	must_be(1, EVP_PKEY_CTX_set_rsa_padding(context, method->padding),
	    "padding");
	if (method->padding != RSA_PKCS1_PSS_PADDING)
		return;
	mgf1 = EVP_get_digestbyname(method->mgf1_hash);
	must_be(1, EVP_PKEY_CTX_set_rsa_pss_saltlen(context, method->salt_size),
	    "salt");
	must_be(1, EVP_PKEY_CTX_set_rsa_mgf1_md(context, mgf1), "mgf1");
}

/* Keys are read each time: these are tests, and need not be fast. */
static size_t
sign(const struct method *method, const char *input, uint8_t *signature)
{
	EVP_PKEY *key = read_key(method->key);
	EVP_MD_CTX *context = must(EVP_MD_CTX_new(), "no memory");
	const EVP_MD *hash = EVP_get_digestbyname(method->hash);
	size_t size = SIGNATURE_SIZE_MAX;
	EVP_PKEY_CTX *key_context;

	must_be(1, EVP_DigestSignInit(context, &key_context, hash, NULL, key),
	    "sign");
	set_rsa(key_context, method);
	must_be(1,
	    EVP_DigestSign(context, signature, &size,
		(const unsigned char *)input, strlen(input)),
	    "sign");
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return size;
}

/* DER to r and s of 32 bytes each. */
static void
flatten(const uint8_t *der, size_t size, uint8_t *raw)
{
	ECDSA_SIG *signature =
	    must(d2i_ECDSA_SIG(NULL, &der, (long)size), "no signature");

	must_be(32, BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, 32), "r");
	must_be(
	    32, BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + 32, 32), "s");
	ECDSA_SIG_free(signature);
}

static size_t
sign_es256(enum mint_signature how, const char *input, uint8_t *signature)
{
	uint8_t der[SIGNATURE_SIZE_MAX];
	size_t size = sign(&methods[MINT_ES256], input, der);

	if (how == MINT_ES256_DER) {
		memcpy(signature, der, size);
		return size;
	}
	flatten(der, size, signature);
	signature[RAW_SIZE] = 0;
	if (how == MINT_ES256_R_ZERO || how == MINT_ES256_ZERO)
		memset(signature, 0, RAW_SIZE / 2);
	if (how == MINT_ES256_S_ZERO || how == MINT_ES256_ZERO)
		memset(signature + RAW_SIZE / 2, 0, RAW_SIZE / 2);
	if (how == MINT_ES256_SHORT)
		return RAW_SIZE - 1;
	return how == MINT_ES256_LONG ? RAW_SIZE + 1 : RAW_SIZE;
}

static size_t
sign_hs256(const char *input, uint8_t *signature)
{
	EVP_PKEY *key = read_key("rsa.pem");
	BIO *bio = must(BIO_new(BIO_s_mem()), "no memory");
	unsigned int size;
	long pem_size;
	char *pem;

	must_be(1, PEM_write_bio_PUBKEY(bio, key), "public key");
	pem_size = BIO_get_mem_data(bio, &pem);
	must(HMAC(EVP_sha256(), pem, (int)pem_size,
		 (const unsigned char *)input, strlen(input), signature, &size),
	    "hmac");
	BIO_free(bio);
	EVP_PKEY_free(key);
	return size;
}

static size_t
sign_as(enum mint_signature how, const char *input, uint8_t *signature)
{
	switch (how) {
	case MINT_RS256:
	case MINT_RS256_STRANGER:
	case MINT_RS256_SHA512:
	case MINT_PS256:
	case MINT_PS256_SALT_20:
	case MINT_PS256_MGF1_SHA1:
		return sign(&methods[how], input, signature);
	case MINT_ES256:
	case MINT_ES256_DER:
	case MINT_ES256_SHORT:
	case MINT_ES256_LONG:
	case MINT_ES256_R_ZERO:
	case MINT_ES256_S_ZERO:
	case MINT_ES256_ZERO:
		return sign_es256(how, input, signature);
	case MINT_HS256:
		return sign_hs256(input, signature);
	case MINT_NOTHING:
		return 0;
	}
	return 0;
}

char *
mint_token(enum mint_signature how, const char *header, const char *payload)
{
	char *header_part = mint_base64url(header, strlen(header));
	char *payload_part = mint_base64url(payload, strlen(payload));
	uint8_t signature[SIGNATURE_SIZE_MAX];
	char *input, *signature_part, *token;

	must_be(1, asprintf(&input, "%s.%s", header_part, payload_part) > 0,
	    "no memory");
	signature_part =
	    mint_base64url(signature, sign_as(how, input, signature));
	must_be(1, asprintf(&token, "%s.%s", input, signature_part) > 0,
	    "no memory");
	free(header_part);
	free(payload_part);
	free(input);
	free(signature_part);
	return token;
}
