/*
 * The access decision: an identity and the rules go in; for every rule, a
 * grant or the condition that withheld it comes out. Pure. Rules do not
 * influence each other and their order does not matter.
 */
#pragma once

#include "verify/identity.h"

#include <stddef.h>
#include <stdint.h>

struct access_rule {
	const char *role; /* as the issuer spells it */
	const char *group; /* the Unix group it gives */
	uint32_t gid;
	int acr_rank_min; /* 0: any level */
	const char *file; /* where the rule stands */
	unsigned int line;
};

/* Withheld is zero. */
enum access_outcome {
	ACCESS_WITHHELD = 0,
	ACCESS_WITHHELD_ROLE_MISSING,
	ACCESS_WITHHELD_ACR_TOO_LOW,
	ACCESS_GRANTED,
};

struct access_decision {
	const struct access_rule *rule;
	enum access_outcome outcome;
};

/* Writes one decision per rule, in the order of the rules. */
void access_decide(const struct access_rule *rules, size_t rules_count,
    const struct identity *identity, struct access_decision *ret_decisions);

/* "granted", "role-missing", "acr-too-low". */
const char *access_outcome_word(enum access_outcome outcome);
