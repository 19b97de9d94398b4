/* Why a token is good or not, in one word, and what its caller does about it. */
#pragma once

#include "verify/evidence.h"
#include "verify/portvakt.h"

enum portvakt_verdict reason_verdict(enum portvakt_reason reason);

/* Why service_token_check() said so. */
enum portvakt_reason reason_of_evidence(enum evidence_result result);

/* "good", "expired", "audience-wrong"; the same words as in the audit log. */
const char *reason_word(enum portvakt_reason reason);
