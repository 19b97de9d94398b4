#include "verify/token_cache.h"

#include "lib/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
	WAYS = 4,
	SETS = TOKEN_CACHE_ENTRIES_MAX / WAYS, /* a power of two */
	ENTRY_BYTES_MAX = TOKEN_CACHE_BYTES_MAX / 8,
	TAIL = 32, /* of the signature: 192 bits that nobody chooses */
};

struct entry {
	struct verified verified;
	size_t size_bytes; /* as the bound counts it */
	size_t token_size;
	size_t question_size;
	char bytes[]; /* the token, the question */
};

struct place {
	uint64_t hash;
	struct entry *entry; /* NULL: free */
};

struct token_cache {
	uint64_t seed[2];
	size_t count;
	size_t bytes;
	size_t hand; /* the next place to be emptied for its memory */
	unsigned char next[SETS]; /* the way that is given up next */
	struct place places[SETS][WAYS];
};

int
token_cache_new(struct token_cache **ret_cache)
{
	struct token_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return -ENOMEM;
	if (getrandom(cache->seed, sizeof(cache->seed), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(cache->seed)) {
		free(cache);
		return -EAGAIN;
	}
	cache->seed[0] |= 1;
	*ret_cache = cache;
	return 0;
}

static void
empty(struct token_cache *cache, struct place *place)
{
	struct entry *entry = place->entry;

	if (!entry)
		return;
	cache->count--;
	cache->bytes -= entry->size_bytes;
	place->entry = NULL;
	portvakt_result_free(entry->verified.result);
	explicit_bzero(entry->bytes, entry->token_size + entry->question_size);
	free(entry);
}

void
token_cache_clear(struct token_cache *cache)
{
	size_t i;

	for (i = 0; cache->count > 0; i++)
		empty(cache, &cache->places[i / WAYS][i % WAYS]);
}

struct token_cache *
token_cache_free(struct token_cache *cache)
{
	if (cache)
		token_cache_clear(cache);
	free(cache);
	return NULL;
}

/* Who could make two good tokens end alike could sign what they like. */
static uint64_t
hash(const struct token_cache *cache, struct slice token, struct slice question)
{
	size_t tail = token.size < TAIL ? token.size : TAIL;
	uint64_t seed[2] = {cache->seed[0], cache->seed[1]};

	seed[1] ^= image_hash(seed, token.at + token.size - tail, tail);
	return image_hash(seed, question.at, question.size);
}

static bool
is_of(const struct entry *entry, struct slice token, struct slice question)
{
	return entry->token_size == token.size &&
	       entry->question_size == question.size &&
	       memcmp(entry->bytes, token.at, token.size) == 0 &&
	       memcmp(entry->bytes + token.size, question.at, question.size) ==
		   0;
}

static struct place *
find(struct token_cache *cache, uint64_t key, struct slice token,
    struct slice question)
{
	struct place *set = cache->places[key % SETS];
	size_t way;

	for (way = 0; way < WAYS; way++) {
		if (set[way].entry && set[way].hash == key &&
		    is_of(set[way].entry, token, question))
			return &set[way];
	}
	return NULL;
}

const struct verified *
token_cache_find(struct token_cache *cache, struct slice token,
    struct slice question, int64_t now_s)
{
	struct place *place =
	    find(cache, hash(cache, token, question), token, question);

	if (!place)
		return NULL;
	if (now_s < place->entry->verified.from_s ||
	    now_s >= place->entry->verified.until_s) {
		empty(cache, place);
		return NULL;
	}
	return &place->entry->verified;
}

static struct entry *
new_entry(
    struct slice token, struct slice question, const struct verified *verified)
{
	size_t size = sizeof(struct entry) + token.size + question.size;
	size_t bytes = size + result_size_bytes(verified->result);
	struct entry *entry;

	if (bytes > ENTRY_BYTES_MAX)
		return NULL;
	entry = malloc(size);
	if (!entry)
		return NULL;
	entry->verified = *verified;
	entry->size_bytes = bytes;
	entry->token_size = token.size;
	entry->question_size = question.size;
	memcpy(entry->bytes, token.at, token.size);
	memcpy(entry->bytes + token.size, question.at, question.size);
	(void)result_hold(verified->result);
	return entry;
}

/* Where it was before, what is free, or what is given up. */
static struct place *
choose(struct token_cache *cache, uint64_t key, struct slice token,
    struct slice question)
{
	struct place *set = cache->places[key % SETS];
	struct place *place = find(cache, key, token, question);
	size_t way;

	if (place)
		return place;
	for (way = 0; way < WAYS; way++) {
		if (!set[way].entry)
			return &set[way];
	}
	return &set[cache->next[key % SETS]++ % WAYS];
}

static void
make_room(struct token_cache *cache, size_t bytes)
{
	while (
	    cache->count > 0 && cache->bytes + bytes > TOKEN_CACHE_BYTES_MAX) {
		empty(cache,
		    &cache->places[cache->hand / WAYS][cache->hand % WAYS]);
		cache->hand = (cache->hand + 1) % TOKEN_CACHE_ENTRIES_MAX;
	}
}

void
token_cache_keep(struct token_cache *cache, struct slice token,
    struct slice question, const struct verified *verified)
{
	uint64_t key = hash(cache, token, question);
	struct place *place = choose(cache, key, token, question);
	struct entry *entry = new_entry(token, question, verified);

	empty(cache, place);
	if (!entry)
		return;
	make_room(cache, entry->size_bytes);
	*place = (struct place){key, entry};
	cache->count++;
	cache->bytes += entry->size_bytes;
}

size_t
token_cache_count(const struct token_cache *cache)
{
	return cache->count;
}

size_t
token_cache_bytes(const struct token_cache *cache)
{
	return cache->bytes;
}
