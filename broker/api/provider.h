/*
 * The issuer that a caller of Texas means with identity_provider: ours by name
 * or by kind, or one that Texas knows and nobody has configured here.
 */
#pragma once

#include "broker/api/issuers.h"
#include "lib/name.h"

enum provider_found {
	PROVIDER_UNKNOWN = 0, /* no word of Texas, and no issuer of ours */
	PROVIDER_NOT_ENABLED,
	PROVIDER_OURS,
};

/* *ret_name: what portvakt.conf calls it, of PROVIDER_OURS alone. */
enum provider_found provider_find(struct issuers *issuers, const char *word,
    char ret_name[static NAME_MAX_SIZE]);
