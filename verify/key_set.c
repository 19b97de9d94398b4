#include "verify/key_set.h"

#include "verify/json.h"
#include "verify/jwk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	NODES_MAX = 4096, /* 64 keys with x5c chains */
};

struct key_set {
	struct jwk keys[KEY_SET_KEYS_MAX];
	size_t keys_count;
	size_t ignored_count;
};

static void
free_bytes(void *pointer)
{
	free(*(void **)pointer);
}

static void
free_set(struct key_set **set)
{
	key_set_free(*set);
}

static void
remove_key(struct key_set *set, size_t place)
{
	jwk_done(&set->keys[place]);
	set->keys[place] = set->keys[--set->keys_count];
	set->ignored_count++;
}

static bool
has_twin(const struct key_set *set, size_t place)
{
	size_t i;

	for (i = 0; i < set->keys_count; i++) {
		if (i != place &&
		    strcmp(set->keys[i].kid, set->keys[place].kid) == 0)
			return true;
	}
	return false;
}

/*
 * RFC 7517 section 4.5 wants distinct kids. Which of two keys was meant is not
 * ours to guess, and neither is it the token's to try.
 */
static void
remove_twins(struct key_set *set)
{
	bool twin[KEY_SET_KEYS_MAX];
	size_t i;

	for (i = 0; i < set->keys_count; i++)
		twin[i] = has_twin(set, i);
	for (i = set->keys_count; i > 0; i--) {
		if (twin[i - 1])
			remove_key(set, i - 1);
	}
}

static int
add_key(
    struct key_set *set, const struct json *json, const struct json_node *node)
{
	struct jwk *jwk = &set->keys[set->keys_count];
	int r;

	if (node->kind != JSON_KIND_OBJECT)
		return -EBADMSG;
	r = jwk_init(jwk, json, node);
	if (r == 0) {
		set->keys_count++;
		return 0;
	}
	jwk_done(jwk);
	if (r != -ENOKEY)
		return r;
	set->ignored_count++;
	return 0;
}

static int
add_keys(struct key_set *set, const struct json *json)
{
	const struct json_node *keys = json_member(json, json->nodes, "keys");
	const struct json_node *node = NULL;
	int r;

	if (!keys || keys->kind != JSON_KIND_ARRAY)
		return -EBADMSG;
	if (keys->size > KEY_SET_KEYS_MAX)
		return -EFBIG;
	while ((node = json_element(json, keys, node))) {
		r = add_key(set, json, node);
		if (r < 0)
			return r;
	}
	remove_twins(set);
	return set->keys_count > 0 ? 0 : -ENOKEY;
}

int
key_set_parse(const char *json, size_t size, struct key_set **ret_set)
{
	__attribute__((cleanup(free_bytes))) struct json_node *nodes = NULL;
	__attribute__((cleanup(free_bytes))) char *text = NULL;
	__attribute__((cleanup(free_set))) struct key_set *set = NULL;
	struct json document;
	int r;

	if (size > KEY_SET_SIZE_MAX)
		return -EFBIG;
	nodes = calloc(NODES_MAX, sizeof(*nodes));
	text = malloc(size + 1);
	set = calloc(1, sizeof(*set));
	if (!nodes || !text || !set)
		return -ENOMEM;
	memcpy(text, json, size);
	r = json_read(text, size, nodes, NODES_MAX, &document);
	if (r < 0)
		return r == -E2BIG ? -EFBIG : r;
	r = add_keys(set, &document);
	if (r < 0)
		return r;
	*ret_set = set;
	set = NULL;
	return 0;
}

struct key_set *
key_set_free(struct key_set *set)
{
	size_t i;

	if (!set)
		return NULL;
	for (i = 0; i < set->keys_count; i++)
		jwk_done(&set->keys[i]);
	free(set);
	return NULL;
}

size_t
key_set_count(const struct key_set *set)
{
	return set->keys_count;
}

size_t
key_set_ignored_count(const struct key_set *set)
{
	return set->ignored_count;
}

struct jwk *
key_set_find(struct key_set *set, struct slice kid)
{
	size_t i;

	for (i = 0; i < set->keys_count; i++) {
		if (slice_equal(kid, set->keys[i].kid))
			return &set->keys[i];
	}
	return NULL;
}
