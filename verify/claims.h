/*
 * The claims that the check of a token rests on, typed but not yet judged. A
 * claim that is there must have its type; which of them must be there is judged
 * in evidence.c and service_token.c. What they say for access is read by attributes.c.
 */
#pragma once

#include "verify/json.h"
#include "verify/objection.h"

#include <stdint.h>

enum {
	CLAIMS_TIME_ABSENT = -1,
};

/* An absent text has at == NULL. All borrow from the JSON text. */
struct claims {
	struct slice issuer;
	struct slice subject;
	struct slice authorized_party;
	struct slice nonce;
	struct slice acr;
	int64_t expires_at_s;
	int64_t issued_at_s;
	int64_t not_before_s;
	int64_t authenticated_at_s;
	struct slice audiences[EVIDENCE_AUDIENCES_MAX];
	size_t audiences_count;
	struct slice person_number; /* pid: any text, perhaps none of one */
};

struct objection claims_get(const struct json *json, struct claims *ret_claims);

/* Whole and byte for byte. */
bool claims_have_audience(const struct claims *claims, const char *audience);
