/* What a decision about somebody rests on, for the commands. */
#pragma once

#include "broker/broker.h"
#include "broker/entitlement/entitlement.h"

void admin_facts_free(struct entitlement_facts **facts); /* wipes */

#define ADMIN_FACTS \
	__attribute__((cleanup(admin_facts_free))) struct entitlement_facts

/* entitlement_collect() into new memory. */
enum register_result admin_facts_collect(struct broker *broker,
    const struct policy *policy, const char *account, int64_t as_of_s,
    int64_t now_s, struct entitlement_facts **ret_facts);

/*
 * The acr of an issuer that eIDAS's word names, or the acr itself. There must
 * be a configuration.
 */
const char *admin_facts_acr(
    const struct broker *broker, const char *issuer, const char *acr);
