#include "broker/api/opaque_cache.h"

#include "lib/name.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	WAYS = 4, /* places where one can be */
	SETS = OPAQUE_CACHE_ENTRIES_MAX / WAYS,
};

struct entry {
	char client[NAME_MAX_SIZE];
	char issuer[NAME_MAX_SIZE];
	char *token; /* NULL: none is here */
	size_t token_size;
	char *claims;
	int64_t from_s; /* an earlier clock asks anew */
	int64_t expires_at_s; /* by the wall */
	int64_t until_boot_s; /* by the clock that nobody steps */
};

struct opaque_cache {
	struct entry entries[SETS][WAYS];
};

bool
opaque_key_equal(const struct opaque_key *one, const struct opaque_key *other)
{
	return one->size == other->size &&
	       memcmp(one->token, other->token, one->size) == 0 &&
	       strcmp(one->client, other->client) == 0 &&
	       strcmp(one->issuer, other->issuer) == 0;
}

int
opaque_cache_new(struct opaque_cache **ret_cache)
{
	*ret_cache = calloc(1, sizeof(**ret_cache));
	return *ret_cache ? 0 : -ENOMEM;
}

static void
forget(struct entry *entry)
{
	if (entry->token)
		explicit_bzero(entry->token, entry->token_size);
	if (entry->claims)
		explicit_bzero(entry->claims, strlen(entry->claims));
	free(entry->token);
	free(entry->claims);
	*entry = (struct entry){0};
}

struct opaque_cache *
opaque_cache_free(struct opaque_cache *cache)
{
	size_t i, k;

	if (!cache)
		return NULL;
	for (i = 0; i < SETS; i++) {
		for (k = 0; k < WAYS; k++)
			forget(&cache->entries[i][k]);
	}
	free(cache);
	return NULL;
}

/* FNV-1a. Who makes tokens meet in one set gains nothing but questions. */
static uint32_t
hash_bytes(uint32_t hash, const char *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		hash = (hash ^ (uint8_t)bytes[i]) * 16777619;
	return hash;
}

static struct entry *
set_of(struct opaque_cache *cache, const struct opaque_key *key)
{
	uint32_t hash = hash_bytes(2166136261, key->token, key->size);

	return cache->entries[hash % SETS];
}

static bool
is_of(const struct entry *entry, const struct opaque_key *key)
{
	const struct opaque_key own = {
	    entry->client, entry->issuer, entry->token, entry->token_size};

	return entry->token && opaque_key_equal(&own, key);
}

static bool
is_current(const struct entry *entry, int64_t now_s, int64_t boot_s)
{
	return now_s >= entry->from_s && now_s < entry->expires_at_s &&
	       boot_s < entry->until_boot_s;
}

const char *
opaque_cache_find(struct opaque_cache *cache, const struct opaque_key *key,
    int64_t now_s, int64_t boot_s)
{
	struct entry *set = set_of(cache, key);
	size_t i;

	for (i = 0; i < WAYS; i++) {
		if (!is_of(&set[i], key))
			continue;
		if (is_current(&set[i], now_s, boot_s))
			return set[i].claims;
		forget(&set[i]);
	}
	return NULL;
}

/* Its own place, a free one, or that of the one that ends first. */
static struct entry *
choose(struct entry *set, const struct opaque_key *key)
{
	struct entry *chosen = &set[0];
	size_t i;

	for (i = 0; i < WAYS; i++) {
		if (is_of(&set[i], key))
			return &set[i];
		if (set[i].until_boot_s < chosen->until_boot_s)
			chosen = &set[i];
	}
	return chosen;
}

void
opaque_cache_keep(struct opaque_cache *cache, const struct opaque_key *key,
    const char *claims, int64_t expires_at_s, int64_t now_s, int64_t boot_s)
{
	int64_t kept_s =
	    expires_at_s > 0 ? OPAQUE_KEPT_S : OPAQUE_INACTIVE_KEPT_S;
	struct entry *entry;

	if (expires_at_s == 0)
		expires_at_s = now_s + OPAQUE_INACTIVE_KEPT_S;
	if (expires_at_s <= now_s || key->size > OPAQUE_TOKEN_SIZE_MAX ||
	    strlen(claims) > OPAQUE_CLAIMS_SIZE_MAX)
		return;
	entry = choose(set_of(cache, key), key);
	forget(entry);
	entry->token = strndup(key->token, key->size);
	entry->claims = strdup(claims);
	if (!entry->token || !entry->claims) {
		forget(entry);
		return;
	}
	entry->token_size = key->size;
	(void)snprintf(entry->client, sizeof(entry->client), "%s", key->client);
	(void)snprintf(entry->issuer, sizeof(entry->issuer), "%s", key->issuer);
	entry->from_s = now_s;
	entry->expires_at_s = expires_at_s;
	entry->until_boot_s = boot_s + kept_s;
}
