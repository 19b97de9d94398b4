/*
 * A DPoP proof (RFC 9449 section 4): a JWS that the client signs for one
 * request, with the key that its token is bound to. The key stands in the
 * proof, and is believed only for its thumbprint.
 */
#pragma once

#include "verify/objection.h"
#include "verify/replay.h"
#include "verify/thumbprint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DPOP_PROOF_SIZE_MAX = 8192, /* a key of 8192 bits, and its signature */
	DPOP_URI_SIZE_MAX = 2048,
	DPOP_ID_SIZE_MAX = 255, /* jti */
	DPOP_WINDOW_MAX_S = 300,
};

/* The request that carries the proof, as the client meant it. Borrowed. */
struct dpop_request {
	const char *proof;
	size_t proof_size;
	const char *method; /* "GET" */
	const char *uri; /* https or http; query and fragment do not count */
	const char *nonce; /* that we gave; NULL: none is asked for */
	int64_t window_s; /* 1 to DPOP_WINDOW_MAX_S: |now - iat| at most */
	/*
	 * A proof made before this may have been used while nobody remembered:
	 * when the replay memory was begun; 0: it is as old as any proof.
	 */
	int64_t remembered_since_s;
	struct replay *replay; /* of all who answer for this service */
};

/* Says what a check needs: whether the client's part is any good is not asked. */
bool dpop_request_is_usable(const struct dpop_request *request);

/*
 * Is it good for this request, this token and the key of this thumbprint, and
 * was it never used? It is used up by a yes alone. Algorithms: ES256, RS256,
 * PS256, the key public and as jwk.h wants it. ret_detail as evidence_check()
 * has it.
 *
 *   EVIDENCE_GOOD
 *   EVIDENCE_NOT_CHECKED      the request cannot be used
 *   EVIDENCE_PROOF_BAD        with the member at fault
 *   EVIDENCE_PROOF_STALE      iat out of the window
 *   EVIDENCE_PROOF_NONCE      answer use_dpop_nonce (RFC 9449 section 9)
 *   EVIDENCE_PROOF_REPLAYED   seen before
 *   EVIDENCE_PROOF_OVERLOAD   no room to remember it
 */
enum evidence_result dpop_check(const struct dpop_request *request,
    const char *jkt, const char *token, size_t token_size, int64_t now_s,
    const char **ret_detail);
