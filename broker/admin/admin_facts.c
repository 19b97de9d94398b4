#include "broker/admin/admin_facts.h"

#include <stdlib.h>
#include <string.h>

void
admin_facts_free(struct entitlement_facts **facts)
{
	if (!*facts)
		return;
	identity_wipe(&(*facts)->identity);
	free(*facts);
	*facts = NULL;
}

const char *
admin_facts_acr(
    const struct broker *broker, const char *issuer, const char *acr)
{
	const struct config_issuer *config =
	    config_issuer_by_url(broker->realm->config, issuer);
	const char *named = NULL;

	if (config && strcmp(acr, "low") == 0)
		named = config->level_low;
	else if (config && strcmp(acr, "substantial") == 0)
		named = config->level_substantial;
	else if (config && strcmp(acr, "high") == 0)
		named = config->level_high;
	return named ? named : acr;
}

enum register_result
admin_facts_collect(struct broker *broker, const struct policy *policy,
    const char *account, int64_t as_of_s, int64_t now_s,
    struct entitlement_facts **ret_facts)
{
	ADMIN_FACTS *facts = calloc(1, sizeof(*facts));
	enum register_result result;

	if (!facts)
		return REGISTER_FAILED;
	result = entitlement_collect(
	    broker->db, policy, account, as_of_s, now_s, facts);
	if (result != REGISTER_OK)
		return result;
	*ret_facts = facts;
	facts = NULL;
	return REGISTER_OK;
}
