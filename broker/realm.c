#include "broker/realm.h"

#include <errno.h>
#include <stdlib.h>

int
realm_new(struct config *config, struct fetch_client *fetch,
    const struct realm *previous, struct realm **ret_realm)
{
	struct realm *realm = calloc(1, sizeof(*realm));
	int error = -ENOMEM;

	if (realm)
		error =
		    issuer_new(fetch, &config->issuer, config->http_timeout_ms,
			previous ? previous->issuer : NULL, &realm->issuer);
	if (error) {
		free(realm);
		config_free(config);
		return error;
	}
	realm->references = 1;
	realm->config = config;
	*ret_realm = realm;
	return 0;
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
	if (!realm || --realm->references > 0)
		return NULL;
	issuer_free(realm->issuer);
	config_free(realm->config);
	free(realm);
	return NULL;
}
