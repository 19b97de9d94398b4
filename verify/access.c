#include "verify/access.h"

static enum access_outcome
decide(const struct access_rule *rule, const struct identity *identity)
{
	if (!identity_has_role(identity, rule->role))
		return ACCESS_WITHHELD_ROLE_MISSING;
	if (identity->acr_rank < rule->acr_rank_min)
		return ACCESS_WITHHELD_ACR_TOO_LOW;
	return ACCESS_GRANTED;
}

void
access_decide(const struct access_rule *rules, size_t rules_count,
    const struct identity *identity, struct access_decision *ret_decisions)
{
	size_t i;

	for (i = 0; i < rules_count; i++) {
		ret_decisions[i].rule = &rules[i];
		ret_decisions[i].outcome = decide(&rules[i], identity);
	}
}

const char *
access_outcome_word(enum access_outcome outcome)
{
	switch (outcome) {
	case ACCESS_WITHHELD:
		return "withheld";
	case ACCESS_WITHHELD_ROLE_MISSING:
		return "role-missing";
	case ACCESS_WITHHELD_ACR_TOO_LOW:
		return "acr-too-low";
	case ACCESS_GRANTED:
		return "granted";
	}
	return "withheld";
}
