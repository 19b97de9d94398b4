#include "broker/api/keys.h"

#include "broker/clock.h"
#include "lib/service_protocol.h"

#include <stdio.h>
#include <string.h>

static struct keys_issuer *
find_issuer(struct keys *keys, const char *name)
{
	struct keys_issuer *issuer;
	size_t i;

	for (i = 0; i < keys->count; i++) {
		if (strcmp(keys->issuers[i].name, name) == 0)
			return &keys->issuers[i];
	}
	if (i == KEYS_ISSUERS_MAX)
		return NULL;
	issuer = &keys->issuers[keys->count++];
	(void)snprintf(issuer->name, sizeof(issuer->name), "%s", name);
	return issuer;
}

static void
on_answer(json_t *answer, void *userdata)
{
	struct keys_issuer *issuer = userdata;

	issuer->under_way = false;
	errand_share_tell(&issuer->share, answer);
}

static void
ask(struct keys_issuer *issuer, struct upstream *upstream)
{
	int64_t now_us = clock_us(CLOCK_MONOTONIC);
	uint64_t id;

	if (issuer->asked_us != 0 &&
	    now_us - issuer->asked_us < (int64_t)KEYS_INTERVAL_S * 1000000)
		return;
	if (upstream_ask(upstream,
		json_pack("{s:s, s:s}", "ask", "keys", "issuer", issuer->name),
		SERVICE_LOCAL_DEADLINE_MS, on_answer, issuer, &id) < 0)
		return;
	issuer->asked_us = now_us;
	issuer->under_way = true;
}

bool
keys_ask(struct keys *keys, struct errand *errand, const char *issuer)
{
	struct keys_issuer *one;

	if (errand->replies[ERRAND_KEYS].state == ERRAND_SETTLED)
		return true;
	one = find_issuer(keys, issuer);
	if (!one)
		return true;
	if (!one->under_way)
		ask(one, errand->upstream);
	return !one->under_way ||
	       errand_join(errand, ERRAND_KEYS, &one->share) != NULL;
}
