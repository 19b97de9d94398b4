#include "broker/config/client_key.h"

#include <errno.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <string.h>

enum {
	RSA_BITS_MIN = 2048, /* RFC 7518, 3.3 */
};

static void
free_key(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

/* Without one of our own OpenSSL would ask on the terminal. */
static int
no_password(char *buffer, int size, int writing, void *asked)
{
	(void)buffer;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static EVP_PKEY *
read_key(const struct secret *pem, bool *ret_encrypted)
{
	EVP_PKEY *key;
	BIO *bio;

	if (secret_size(pem) > INT_MAX)
		return NULL;
	bio = BIO_new_mem_buf(secret_reveal(pem), (int)secret_size(pem));
	if (!bio)
		return NULL;
	key = PEM_read_bio_PrivateKey(bio, NULL, no_password, ret_encrypted);
	BIO_free(bio);
	ERR_clear_error();
	return key;
}

static bool
is_p256(const EVP_PKEY *key)
{
	char curve[64] = "";

	return EVP_PKEY_is_a(key, "EC") &&
	       EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL) == 1 &&
	       strcmp(curve, "prime256v1") == 0;
}

/* NULL, or why the key is none of ES256's. */
static const char *
object_to_es256(const EVP_PKEY *key)
{
	if (is_p256(key))
		return NULL;
	return "ES256 needs a P-256 key: openssl genpkey -algorithm EC "
	       "-pkeyopt ec_paramgen_curve:P-256";
}

static const char *
object_to_rs256(const EVP_PKEY *key)
{
	if (!EVP_PKEY_is_a(key, "RSA"))
		return "RS256 needs an RSA key: openssl genpkey -algorithm RSA "
		       "-pkeyopt rsa_keygen_bits:3072";
	if (EVP_PKEY_get_bits(key) < RSA_BITS_MIN)
		return "an RSA key must have 2048 bits or more";
	return NULL;
}

int
client_key_check(
    const struct secret *pem, const char *algorithm, const char **ret_problem)
{
	__attribute__((cleanup(free_key))) EVP_PKEY *key = NULL;
	bool encrypted = false, es256 = strcmp(algorithm, "ES256") == 0;
	const char *problem;

	if (!es256 && strcmp(algorithm, "RS256") != 0) {
		*ret_problem = "the algorithm is neither RS256 nor ES256";
		return -EINVAL;
	}
	key = read_key(pem, &encrypted);
	if (!key) {
		*ret_problem = encrypted
				   ? "the key is encrypted: store it without a "
				     "password, mode 0640"
				   : "it holds no private key in PEM form";
		return -ENOKEY;
	}
	problem = es256 ? object_to_es256(key) : object_to_rs256(key);
	ERR_clear_error();
	if (!problem)
		return 0;
	*ret_problem = problem;
	return -EKEYREJECTED;
}
