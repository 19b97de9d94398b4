#include "verify/jwk.h"

#include "verify/base64url.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

enum {
	SHA256_SIZE = 32,
	P256_SIZE = 32, /* of a coordinate, and of r and s */
	ES256_DER_SIZE_MAX = 2 + 2 * (2 + 1 + P256_SIZE),
	/*
	 * FIPS 186-5 asks for 2^16 < e < 2^256 and odd. Small exponents have a
	 * history of forged signatures; more than 32 bits, which no issuer
	 * uses, would only cost time.
	 */
	RSA_EXPONENT_MIN = 65537,
};

/* Members of private and symmetric keys: who publishes one has lost it. */
static const char *const secret_members[] = {
    "d", "p", "q", "dp", "dq", "qi", "oth", "k"};

static void
free_pkey_ctx(EVP_PKEY_CTX **context)
{
	EVP_PKEY_CTX_free(*context);
}

static void
free_bignum(BIGNUM **number)
{
	BN_free(*number);
}

/* A text member; absent, of another type, or another text: false. */
static bool
member_is(const struct json *json, const struct json_node *node,
    const char *name, const char *wanted)
{
	const struct json_node *value = json_member(json, node, name);
	struct slice text;

	return value && json_get_text(json, value, &text) == 0 &&
	       slice_equal(text, wanted);
}

/* Bytes behind a base64url member: -ENOKEY when absent, malformed, too long. */
static int
get_bytes(const struct json *json, const struct json_node *node,
    const char *name, uint8_t *bytes, size_t room, size_t *ret_size)
{
	const struct json_node *value = json_member(json, node, name);
	struct slice text;

	if (!value || json_get_text(json, value, &text) < 0)
		return -ENOKEY;
	if (base64url_decode(text.at, text.size, room, bytes, ret_size) < 0)
		return -ENOKEY;
	return 0;
}

/* RFC 7517 section 4.3: an array of what the key is for. */
static bool
key_ops_allow(const struct json *json, const struct json_node *operations)
{
	const struct json_node *operation = NULL;
	struct slice text;

	while ((operation = json_element(json, operations, operation))) {
		if (json_get_text(json, operation, &text) == 0 &&
		    slice_equal(text, "verify"))
			return true;
	}
	return false;
}

/* Public, and meant for signatures as far as it says what it is meant for. */
static bool
is_for_verifying(const struct json *json, const struct json_node *node)
{
	const struct json_node *operations = json_member(json, node, "key_ops");
	size_t i;

	for (i = 0; i < sizeof(secret_members) / sizeof(*secret_members); i++) {
		if (json_member(json, node, secret_members[i]))
			return false;
	}
	if (json_member(json, node, "use") &&
	    !member_is(json, node, "use", "sig"))
		return false;
	return !operations || key_ops_allow(json, operations);
}

static int
get_kid(struct jwk *jwk, const struct json *json, const struct json_node *node)
{
	const struct json_node *value = json_member(json, node, "kid");
	struct slice kid;

	if (!value || json_get_text(json, value, &kid) < 0)
		return -ENOKEY;
	if (kid.size == 0 || kid.size >= sizeof(jwk->kid))
		return -ENOKEY;
	memcpy(jwk->kid, kid.at, kid.size);
	jwk->kid[kid.size] = '\0';
	return 0;
}

/* Narrows what the type of the key allows to what "alg" says, if it does. */
static int
limit_algorithms(
    struct jwk *jwk, const struct json *json, const struct json_node *node)
{
	const struct json_node *value = json_member(json, node, "alg");
	struct slice name;

	if (!value)
		return 0;
	if (json_get_text(json, value, &name) < 0)
		return -ENOKEY;
	jwk->algorithms &= algorithm_from_name(name);
	return jwk->algorithms ? 0 : -ENOKEY;
}

static int
make_key(struct jwk *jwk, const char *type, OSSL_PARAM *parameters)
{
	__attribute__((cleanup(free_pkey_ctx))) EVP_PKEY_CTX *context = NULL;

	context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	if (!context)
		return -ENOMEM;
	if (EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(
		context, &jwk->key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		return -ENOKEY;
	return 0;
}

static int
get_exponent(const struct json *json, const struct json_node *node,
    uint32_t *ret_exponent)
{
	uint8_t bytes[sizeof(*ret_exponent)];
	uint32_t exponent = 0;
	size_t size, i;

	if (get_bytes(json, node, "e", bytes, sizeof(bytes), &size) < 0)
		return -ENOKEY;
	for (i = 0; i < size; i++)
		exponent = exponent << 8 | bytes[i];
	if (exponent < RSA_EXPONENT_MIN || exponent % 2 == 0)
		return -ENOKEY;
	*ret_exponent = exponent;
	return 0;
}

static int
make_rsa(struct jwk *jwk, const struct json *json, const struct json_node *node)
{
	__attribute__((cleanup(free_bignum))) BIGNUM *modulus = NULL;
	uint8_t bytes[JWK_RSA_BITS_MAX / 8];
	OSSL_PARAM parameters[3];
	uint32_t exponent;
	size_t size;

	if (get_bytes(json, node, "n", bytes, sizeof(bytes), &size) < 0 ||
	    get_exponent(json, node, &exponent) < 0)
		return -ENOKEY;
	modulus = BN_bin2bn(bytes, (int)size, NULL);
	if (!modulus)
		return -ENOMEM;
	if (!BN_is_odd(modulus) || BN_num_bits(modulus) < JWK_RSA_BITS_MIN)
		return -ENOKEY;
	if (BN_bn2nativepad(modulus, bytes, (int)size) < 0)
		return -ENOMEM;
	parameters[0] =
	    OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, bytes, size);
	parameters[1] =
	    OSSL_PARAM_construct_uint32(OSSL_PKEY_PARAM_RSA_E, &exponent);
	parameters[2] = OSSL_PARAM_construct_end();
	jwk->algorithms = EVIDENCE_RS256 | EVIDENCE_PS256;
	return make_key(jwk, "RSA", parameters);
}

/* OpenSSL refuses a point that is not on the curve. */
static int
make_ec(struct jwk *jwk, const struct json *json, const struct json_node *node)
{
	uint8_t point[1 + 2 * P256_SIZE] = {POINT_CONVERSION_UNCOMPRESSED};
	char group[] = "prime256v1";
	OSSL_PARAM parameters[3];
	size_t x_size, y_size;

	if (!member_is(json, node, "crv", "P-256"))
		return -ENOKEY;
	if (get_bytes(json, node, "x", point + 1, P256_SIZE, &x_size) < 0 ||
	    get_bytes(
		json, node, "y", point + 1 + P256_SIZE, P256_SIZE, &y_size) < 0)
		return -ENOKEY;
	if (x_size != P256_SIZE || y_size != P256_SIZE)
		return -ENOKEY;
	parameters[0] = OSSL_PARAM_construct_utf8_string(
	    OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
	parameters[1] = OSSL_PARAM_construct_octet_string(
	    OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point));
	parameters[2] = OSSL_PARAM_construct_end();
	jwk->algorithms = EVIDENCE_ES256;
	return make_key(jwk, "EC", parameters);
}

static int
make_public_key(
    struct jwk *jwk, const struct json *json, const struct json_node *node)
{
	if (member_is(json, node, "kty", "RSA"))
		return make_rsa(jwk, json, node);
	if (member_is(json, node, "kty", "EC"))
		return make_ec(jwk, json, node);
	return -ENOKEY;
}

static int
make_verifier(EVP_PKEY *key, EVP_PKEY_CTX **ret_context)
{
	__attribute__((cleanup(free_pkey_ctx))) EVP_PKEY_CTX *context = NULL;

	context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (!context || EVP_PKEY_verify_init(context) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) != 1)
		return -ENOMEM;
	*ret_context = context;
	context = NULL;
	return 0;
}

static int
make_rs256(struct jwk *jwk)
{
	if (make_verifier(jwk->key, &jwk->rs256) < 0 ||
	    EVP_PKEY_CTX_set_rsa_padding(jwk->rs256, RSA_PKCS1_PADDING) != 1)
		return -ENOMEM;
	return 0;
}

/* RFC 7518 section 3.5: MGF1 with SHA-256, a salt as long as the hash. */
static int
make_ps256(struct jwk *jwk)
{
	if (make_verifier(jwk->key, &jwk->ps256) < 0 ||
	    EVP_PKEY_CTX_set_rsa_padding(jwk->ps256, RSA_PKCS1_PSS_PADDING) !=
		1 ||
	    EVP_PKEY_CTX_set_rsa_mgf1_md(jwk->ps256, EVP_sha256()) != 1 ||
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(
		jwk->ps256, RSA_PSS_SALTLEN_DIGEST) != 1)
		return -ENOMEM;
	return 0;
}

static int
make_contexts(struct jwk *jwk)
{
	int r = 0;

	jwk->sha256 = EVP_MD_CTX_new();
	if (!jwk->sha256 ||
	    EVP_DigestInit_ex2(jwk->sha256, EVP_sha256(), NULL) != 1)
		return -ENOMEM;
	if (r == 0 && jwk->algorithms & EVIDENCE_RS256)
		r = make_rs256(jwk);
	if (r == 0 && jwk->algorithms & EVIDENCE_PS256)
		r = make_ps256(jwk);
	if (r == 0 && jwk->algorithms & EVIDENCE_ES256)
		r = make_verifier(jwk->key, &jwk->es256);
	return r;
}

static int
init_key(struct jwk *jwk, const struct json *json, const struct json_node *node)
{
	int r;

	if (!is_for_verifying(json, node))
		return -ENOKEY;
	r = make_public_key(jwk, json, node);
	if (r == 0)
		r = limit_algorithms(jwk, json, node);
	if (r == 0)
		r = make_contexts(jwk);
	ERR_clear_error();
	return r;
}

int
jwk_init(struct jwk *jwk, const struct json *json, const struct json_node *node)
{
	int r;

	memset(jwk, 0, sizeof(*jwk));
	r = get_kid(jwk, json, node);
	return r < 0 ? r : init_key(jwk, json, node);
}

int
jwk_init_alone(
    struct jwk *jwk, const struct json *json, const struct json_node *node)
{
	memset(jwk, 0, sizeof(*jwk));
	return init_key(jwk, json, node);
}

void
jwk_done(struct jwk *jwk)
{
	EVP_PKEY_CTX_free(jwk->rs256);
	EVP_PKEY_CTX_free(jwk->ps256);
	EVP_PKEY_CTX_free(jwk->es256);
	EVP_MD_CTX_free(jwk->sha256);
	EVP_PKEY_free(jwk->key);
	memset(jwk, 0, sizeof(*jwk));
}

/* ASN.1 INTEGER of a big-endian number: shortest, and never negative. */
static uint8_t *
put_der_integer(uint8_t *at, const uint8_t *number)
{
	size_t size = P256_SIZE;
	uint8_t sign;

	while (size > 1 && *number == 0) {
		number++;
		size--;
	}
	sign = *number >> 7;
	*at++ = 0x02;
	*at++ = (uint8_t)(size + sign);
	if (sign)
		*at++ = 0;
	memcpy(at, number, size);
	return at + size;
}

/* RFC 7518 section 3.4 writes r and s in 32 bytes each; OpenSSL wants DER. */
static bool
verify_es256(EVP_PKEY_CTX *context, const uint8_t *signature, size_t size,
    const uint8_t *hash)
{
	uint8_t der[ES256_DER_SIZE_MAX];
	uint8_t *end;

	if (size != 2 * P256_SIZE)
		return false;
	end = put_der_integer(der + 2, signature);
	end = put_der_integer(end, signature + P256_SIZE);
	der[0] = 0x30;
	der[1] = (uint8_t)(end - der - 2);
	return EVP_PKEY_verify(
		   context, der, (size_t)(end - der), hash, SHA256_SIZE) == 1;
}

static bool
verify_rsa(EVP_PKEY_CTX *context, const uint8_t *signature, size_t size,
    const uint8_t *hash)
{
	return EVP_PKEY_verify(context, signature, size, hash, SHA256_SIZE) ==
	       1;
}

static bool
verify_hash(struct jwk *jwk, enum evidence_algorithm algorithm,
    const uint8_t *signature, size_t size, const uint8_t *hash)
{
	switch (algorithm) {
	case EVIDENCE_RS256:
		return verify_rsa(jwk->rs256, signature, size, hash);
	case EVIDENCE_PS256:
		return verify_rsa(jwk->ps256, signature, size, hash);
	case EVIDENCE_ES256:
		return verify_es256(jwk->es256, signature, size, hash);
	}
	return false;
}

bool
jwk_verify(struct jwk *jwk, enum evidence_algorithm algorithm, const void *text,
    size_t size, const uint8_t *signature, size_t signature_size)
{
	uint8_t hash[SHA256_SIZE];
	bool good;

	good = EVP_DigestInit_ex2(jwk->sha256, NULL, NULL) == 1 &&
	       EVP_DigestUpdate(jwk->sha256, text, size) == 1 &&
	       EVP_DigestFinal_ex(jwk->sha256, hash, NULL) == 1 &&
	       verify_hash(jwk, algorithm, signature, signature_size, hash);
	if (!good)
		ERR_clear_error();
	return good;
}
