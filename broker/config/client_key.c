#include "broker/config/client_key.h"

#include <errno.h>
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

int
client_key_check(
    const struct secret *pem, const char *algorithm, const char **ret_problem)
{
	__attribute__((cleanup(free_key))) EVP_PKEY *key = NULL;
	bool encrypted = false;

	key = read_key(pem, &encrypted);
	if (encrypted)
		*ret_problem = "the key is encrypted: store it without a "
			       "password, mode 0640";
	else if (!key)
		*ret_problem = "it holds no private key in PEM form";
	else if (strcmp(algorithm, "ES256") == 0 && !is_p256(key))
		*ret_problem = "ES256 needs a P-256 key: openssl genpkey "
			       "-algorithm EC -pkeyopt "
			       "ec_paramgen_curve:P-256";
	else if (strcmp(algorithm, "RS256") == 0 && !EVP_PKEY_is_a(key, "RSA"))
		*ret_problem = "RS256 needs an RSA key: openssl genpkey "
			       "-algorithm RSA -pkeyopt rsa_keygen_bits:3072";
	else if (strcmp(algorithm, "RS256") == 0 &&
		 EVP_PKEY_get_bits(key) < RSA_BITS_MIN)
		*ret_problem = "an RSA key must have 2048 bits or more";
	else
		return 0;
	return -EINVAL;
}
