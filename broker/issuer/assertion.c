#include "broker/issuer/assertion.h"

#include "broker/config/client_key.h"
#include "broker/random.h"

#include <errno.h>
#include <jwt.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

static int
parse_algorithm(const char *word, jwt_alg_t *ret_algorithm)
{
	if (strcmp(word, "RS256") == 0)
		*ret_algorithm = JWT_ALG_RS256;
	else if (strcmp(word, "ES256") == 0)
		*ret_algorithm = JWT_ALG_ES256;
	else
		return -EINVAL;
	return 0;
}

/* libjwt adds no claim that is there: what is ours cannot come from claims. */
static int
fill_in(jwt_t *jwt, const struct assertion *assertion, const char *jti,
    int64_t now_s)
{
	if (assertion->claims && jwt_add_grants_json(jwt, assertion->claims))
		return -EINVAL;
	if (jwt_add_grant(jwt, "iss", assertion->issuer) ||
	    jwt_add_grant(jwt, "aud", assertion->audience) ||
	    jwt_add_grant(jwt, "jti", jti) ||
	    jwt_add_grant_int(jwt, "iat", now_s) ||
	    jwt_add_grant_int(jwt, "exp", now_s + ASSERTION_LIFETIME_S))
		return -EINVAL;
	if (assertion->subject && jwt_add_grant(jwt, "sub", assertion->subject))
		return -EINVAL;
	if (assertion->not_before && jwt_add_grant_int(jwt, "nbf", now_s))
		return -EINVAL;
	if (assertion->key_id && assertion->key_id[0] != '\0' &&
	    jwt_add_header(jwt, "kid", assertion->key_id))
		return -EINVAL;
	return 0;
}

/* libjwt takes the PEM text again, and copies it; jwt_free wipes the copy. */
static int
sign(jwt_t *jwt, const struct assertion *assertion, struct secret **ret_jwt)
{
	jwt_alg_t algorithm;
	char *encoded;
	int error;

	error = parse_algorithm(assertion->algorithm, &algorithm);
	if (error)
		return error;
	if (jwt_set_alg(jwt, algorithm,
		(const unsigned char *)secret_reveal(assertion->key),
		(int)secret_size(assertion->key)))
		return -EIO;
	encoded = jwt_encode_str(jwt);
	ERR_clear_error();
	if (!encoded)
		return -EIO;
	error = secret_new(encoded, strlen(encoded), ret_jwt);
	explicit_bzero(encoded, strlen(encoded));
	free(encoded);
	return error;
}

int
assertion_mint(
    const struct assertion *assertion, int64_t now_s, struct secret **ret_jwt)
{
	const char *problem;
	char jti[RANDOM_HEX_SIZE];
	jwt_t *jwt;
	int error;

	/* libjwt would ask the terminal for a passphrase: check first. */
	error =
	    client_key_check(assertion->key, assertion->algorithm, &problem);
	if (error)
		return error;
	random_hex(jti);
	if (jwt_new(&jwt))
		return -ENOMEM;
	error = fill_in(jwt, assertion, jti, now_s);
	if (!error)
		error = sign(jwt, assertion, ret_jwt);
	jwt_free(jwt);
	return error;
}
