/*
 * A confirmation (RFC 7800 "cnf"): whose key a token is bound to, and whether
 * the one who presents it has that key. By DPoP (RFC 9449, jkt) or by the TLS
 * client certificate (RFC 8705, x5t#S256); bound to both, both are needed. A
 * binding that we do not know is one that we cannot check: refused.
 */
#pragma once

#include "verify/dpop.h"
#include "verify/json.h"
#include "verify/objection.h"
#include "verify/thumbprint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CERTIFICATE_SHA256_SIZE = 32 };

/* "" where the token is not bound in that way. */
struct confirmation {
	char jkt[THUMBPRINT_SIZE];
	char x5t_s256[THUMBPRINT_SIZE];
};

enum presentation_scheme {
	PRESENTED_AS_BEARER = 0,
	PRESENTED_AS_DPOP,
};

/* How a token came, with what. */
struct presentation {
	enum presentation_scheme scheme; /* of the Authorization header */
	const struct dpop_request *dpop; /* NULL: no proof came */
	/* SHA-256 of the client's certificate (DER), or NULL: none came. */
	const uint8_t *certificate_sha256;
	bool confirmed; /* it was asked before, for this very request */
};

/* cnf of a claims set; one of nothing when there is none. */
struct objection confirmation_get(
    const struct json *json, struct confirmation *ret_confirmation);

bool confirmation_is_bound(const struct confirmation *confirmation);

/*
 * Is the one who presents the token the one it is bound to? EVIDENCE_GOOD, or
 * the refusal with the detail. Not only the first time: whoever keeps what a
 * token said asks this of each request. A presentation of NULL is a bearer's.
 */
enum evidence_result confirmation_check(const struct confirmation *confirmation,
    const struct presentation *presentation, const char *token, size_t size,
    int64_t now_s, const char **ret_detail);

/* What presentation.certificate_sha256 wants, of a certificate in DER. */
int confirmation_hash_certificate(
    const void *der, size_t size, uint8_t ret_digest[CERTIFICATE_SHA256_SIZE]);
