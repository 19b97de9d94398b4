#include "verify/link_cache.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/evp.h>

enum {
	WAYS = 4,
	SETS = LINK_CACHE_ENTRIES_MAX / WAYS, /* a power of two */
	KEY_SIZE = 16,
	DIGEST_SIZE = 32,
};

struct entry {
	uint8_t digest[DIGEST_SIZE];
	int64_t from_s; /* when it was kept: an earlier clock asks anew */
	int64_t until_s; /* not any more at that time; 0: free */
	uint32_t uid;
	char account[NAME_MAX_SIZE]; /* "": nobody's */
};

struct link_cache {
	uint8_t key[KEY_SIZE];
	int64_t links_epoch; /* of all that is kept */
	size_t count;
	unsigned char next[SETS]; /* the way that is given up next */
	struct entry entries[SETS][WAYS];
};

int
link_cache_new(struct link_cache **ret_cache)
{
	struct link_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return -ENOMEM;
	if (getrandom(cache->key, KEY_SIZE, GRND_NONBLOCK) != KEY_SIZE) {
		free(cache);
		return -EAGAIN;
	}
	*ret_cache = cache;
	return 0;
}

static void
empty(struct link_cache *cache, struct entry *entry)
{
	if (entry->until_s == 0)
		return;
	explicit_bzero(entry, sizeof(*entry));
	cache->count--;
}

void
link_cache_clear(struct link_cache *cache)
{
	size_t i;

	for (i = 0; cache->count > 0; i++)
		empty(cache, &cache->entries[i / WAYS][i % WAYS]);
}

struct link_cache *
link_cache_free(struct link_cache *cache)
{
	if (!cache)
		return NULL;
	link_cache_clear(cache);
	explicit_bzero(cache->key, KEY_SIZE);
	free(cache);
	return NULL;
}

/* With its size before it: no two questions have the same bytes. */
static bool
add(EVP_MD_CTX *hash, struct slice text)
{
	return EVP_DigestUpdate(hash, &text.size, sizeof(text.size)) == 1 &&
	       EVP_DigestUpdate(hash, text.at, text.size) == 1;
}

static bool
digest(const struct link_cache *cache, const struct link_query *query,
    uint8_t ret_digest[DIGEST_SIZE])
{
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	bool done;

	done = hash && EVP_DigestInit_ex2(hash, EVP_sha256(), NULL) == 1 &&
	       EVP_DigestUpdate(hash, cache->key, KEY_SIZE) == 1 &&
	       add(hash, slice_of(query->issuer)) &&
	       add(hash, query->subject) && add(hash, query->person_number) &&
	       (!query->audience || add(hash, slice_of(query->audience))) &&
	       EVP_DigestFinal_ex(hash, ret_digest, NULL) == 1;
	EVP_MD_CTX_free(hash);
	return done;
}

static size_t
set_of(const uint8_t digest[DIGEST_SIZE])
{
	size_t number;

	memcpy(&number, digest, sizeof(number));
	return number % SETS;
}

static struct entry *
find(struct link_cache *cache, const uint8_t digest[DIGEST_SIZE])
{
	struct entry *set = cache->entries[set_of(digest)];
	size_t way;

	for (way = 0; way < WAYS; way++) {
		if (set[way].until_s != 0 &&
		    memcmp(set[way].digest, digest, DIGEST_SIZE) == 0)
			return &set[way];
	}
	return NULL;
}

static bool
is_over(const struct entry *entry, int64_t now_s)
{
	return now_s < entry->from_s || now_s >= entry->until_s;
}

/* What was said before somebody's link changed may be wrong now. */
static void
follow(struct link_cache *cache, int64_t links_epoch)
{
	if (cache->links_epoch == links_epoch)
		return;
	link_cache_clear(cache);
	cache->links_epoch = links_epoch;
}

int
link_cache_find(struct link_cache *cache, const struct link_query *query,
    struct link_holder *ret_holder)
{
	uint8_t wanted[DIGEST_SIZE];
	struct entry *entry;

	follow(cache, query->links_epoch);
	if (!digest(cache, query, wanted))
		return -EAGAIN;
	entry = find(cache, wanted);
	if (!entry)
		return -EAGAIN;
	if (is_over(entry, query->now_s)) {
		empty(cache, entry);
		return -EAGAIN;
	}
	if (entry->account[0] == '\0')
		return -ENOENT;
	memcpy(ret_holder->account, entry->account, NAME_MAX_SIZE);
	ret_holder->uid = entry->uid;
	ret_holder->links_epoch = cache->links_epoch;
	return 0;
}

/* Where it was before, what is over, or what is given up. */
static struct entry *
choose(
    struct link_cache *cache, const uint8_t digest[DIGEST_SIZE], int64_t now_s)
{
	size_t number = set_of(digest), way;
	struct entry *entry = find(cache, digest);

	for (way = 0; !entry && way < WAYS; way++) {
		if (is_over(&cache->entries[number][way], now_s))
			entry = &cache->entries[number][way];
	}
	return entry ? entry
		     : &cache->entries[number][cache->next[number]++ % WAYS];
}

void
link_cache_keep(struct link_cache *cache, const struct link_query *query,
    const struct link_holder *holder)
{
	int64_t until_s = query->expires_at_s;
	uint8_t wanted[DIGEST_SIZE];
	struct entry *entry;

	follow(cache, query->links_epoch);
	if (!holder && until_s > query->now_s + LINK_NOBODY_S)
		until_s = query->now_s + LINK_NOBODY_S;
	if (until_s <= query->now_s || query->now_s < 0 ||
	    (holder && (!name_is_valid(holder->account) ||
			   holder->links_epoch != query->links_epoch)) ||
	    !digest(cache, query, wanted))
		return;
	entry = choose(cache, wanted, query->now_s);
	empty(cache, entry);
	memcpy(entry->digest, wanted, DIGEST_SIZE);
	entry->from_s = query->now_s;
	entry->until_s = until_s;
	if (holder) {
		memcpy(entry->account, holder->account, NAME_MAX_SIZE);
		entry->uid = holder->uid;
	}
	cache->count++;
}

size_t
link_cache_count(const struct link_cache *cache)
{
	return cache->count;
}
