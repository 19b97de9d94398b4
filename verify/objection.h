/*
 * What one check has against a token: a refusal and the name of what is at
 * fault. EVIDENCE_NOT_CHECKED: nothing so far, which is not a yes. Only
 * evidence_check(), service_token_check() and introspection_check() say yes.
 */
#pragma once

#include "verify/evidence.h"

struct objection {
	enum evidence_result result;
	const char *detail;
};

static inline struct objection
objection(enum evidence_result result, const char *detail)
{
	return (struct objection){result, detail};
}

static inline struct objection
no_objection(void)
{
	return (struct objection){EVIDENCE_NOT_CHECKED, NULL};
}

static inline bool
is_objection(struct objection objection)
{
	return objection.result != EVIDENCE_NOT_CHECKED;
}
