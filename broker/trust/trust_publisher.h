/*
 * Compiles the trust image from the configuration, the rules, the keys and the
 * register. What has not changed since it was published is not published
 * again, so that nobody who verifies tokens begins anew for nothing.
 */
#pragma once

#include "broker/config/config.h"
#include "broker/register/register.h"
#include "verify/trust_record.h"

#include <stdint.h>

struct trust_input {
	const struct config *config;
	const struct policy *policy;
	/* As config->issuers; json as it was fetched. */
	struct trust_key_text keys[POLICY_ISSUERS_MAX];
	int64_t now_s;
};

/*
 * *digest: of what is published, 0 for nothing; the new one on success. 0, or
 * a negative errno, and the old image stands.
 */
int trust_publisher_publish(struct register_db *db,
    const struct trust_input *input, const char *path, uint64_t generation,
    uint64_t *digest);
