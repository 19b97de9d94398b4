#include "broker/realm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
make_issuers(struct realm *realm, struct fetch_client *fetch,
    const struct realm *previous)
{
	const struct config *config = realm->config;
	size_t i;
	int error = 0;

	for (i = 0; i < config->issuers_count && !error; i++) {
		const char *url = config->issuers[i].profile.issuer;

		error = issuer_new(fetch, &config->issuers[i],
		    config->http_timeout_ms,
		    previous ? realm_issuer(previous, url) : NULL,
		    &realm->issuers[i]);
	}
	return error;
}

int
realm_new(struct config *config, struct rules *rules,
    struct fetch_client *fetch, const struct realm *previous,
    struct realm **ret_realm)
{
	struct realm *realm = calloc(1, sizeof(*realm));
	int error;

	if (!realm) {
		config_free(config);
		rules_free(rules);
		return -ENOMEM;
	}
	realm->references = 1;
	realm->config = config;
	realm->rules = rules;
	error = make_issuers(realm, fetch, previous);
	if (error) {
		realm_unref(realm);
		return error;
	}
	*ret_realm = realm;
	return 0;
}

struct issuer *
realm_issuer(const struct realm *realm, const char *url)
{
	const struct config_issuer *found =
	    config_issuer_by_url(realm->config, url);

	return found ? realm->issuers[found - realm->config->issuers] : NULL;
}

struct realm *
realm_ref(struct realm *realm)
{
	realm->references++;
	return realm;
}

struct realm *
realm_unref(struct realm *realm)
{
	size_t i;

	if (!realm || --realm->references > 0)
		return NULL;
	for (i = 0; i < realm->config->issuers_count; i++)
		issuer_free(realm->issuers[i]);
	config_free(realm->config);
	rules_free(realm->rules);
	free(realm);
	return NULL;
}
