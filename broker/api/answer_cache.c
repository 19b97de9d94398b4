#include "broker/api/answer_cache.h"

#include "broker/api/response.h"
#include "verify/result.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <microhttpd.h>

enum {
	PLACES = 1024, /* a power of two; some 1.5 KB each when it is full */
	BODY_SIZE_MAX = 4096,
};

struct place {
	struct answer_key key; /* its result is held */
	struct MHD_Response *response; /* NULL: free */
	unsigned int status;
	uintptr_t seen; /* who came last and was not kept; a mere number */
};

struct answer_cache {
	struct place places[PLACES];
};

int
answer_cache_new(struct answer_cache **ret_cache)
{
	*ret_cache = calloc(1, sizeof(**ret_cache));
	return *ret_cache ? 0 : -ENOMEM;
}

static void
empty(struct place *place)
{
	if (!place->response)
		return;
	MHD_destroy_response(place->response);
	portvakt_result_free(place->key.result);
	place->response = NULL;
}

struct answer_cache *
answer_cache_free(struct answer_cache *cache)
{
	size_t i;

	for (i = 0; cache && i < PLACES; i++)
		empty(&cache->places[i]);
	free(cache);
	return NULL;
}

/* A result belongs to one token and one question already. */
static struct place *
place_of(struct answer_cache *cache, const struct answer_key *key)
{
	uint64_t hash = (uintptr_t)key->result ^ (uintptr_t)key->view << 16;

	hash *= UINT64_C(0x9e3779b97f4a7c15);
	return &cache->places[hash >> 48 & (PLACES - 1)];
}

static bool
is_of(const struct place *place, const struct answer_key *key)
{
	return place->response && place->key.result == key->result &&
	       place->key.client == key->client &&
	       place->key.audience == key->audience &&
	       place->key.view == key->view;
}

bool
answer_cache_find(struct answer_cache *cache, const struct answer_key *key,
    struct answer *ret_answer)
{
	const struct place *place = cache ? place_of(cache, key) : NULL;

	if (!place || !is_of(place, key))
		return false;
	answer_status(ret_answer, place->status);
	ret_answer->response = place->response;
	return true;
}

void
answer_cache_keep(struct answer_cache *cache, const struct answer_key *key,
    struct answer *answer)
{
	struct place *place = cache ? place_of(cache, key) : NULL;
	unsigned int status = answer->status;
	struct MHD_Response *response;

	if (!place || answer->size > BODY_SIZE_MAX)
		return;
	if (place->seen != (uintptr_t)key->result) {
		place->seen = (uintptr_t)key->result;
		return;
	}
	response = response_new(answer);
	if (!response)
		return;
	answer_done(answer);
	empty(place);
	place->key = *key;
	place->response = response;
	place->status = status;
	(void)result_hold(key->result);
	answer_status(answer, status);
	answer->response = response;
}
