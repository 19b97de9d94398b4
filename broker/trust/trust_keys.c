#include "broker/trust/trust_keys.h"

#include "broker/json_document.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <jansson.h>

/* RFC 7518 section 6; RFC 7517 section 4. */
static const char *const public_members[] = {
    "kty", "use", "key_ops", "alg", "kid", "n", "e", "crv", "x", "y"};
static const char *const private_members[] = {
    "d", "p", "q", "dp", "dq", "qi", "oth", "k"};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static bool
is_private(const json_t *key)
{
	size_t i;

	for (i = 0; i < COUNT(private_members); i++) {
		if (json_object_get(key, private_members[i]))
			return true;
	}
	return false;
}

static json_t *
public_part(const json_t *key)
{
	json_t *copy = json_object();
	size_t i;

	for (i = 0; copy && i < COUNT(public_members); i++) {
		json_t *member = json_object_get(key, public_members[i]);

		if (member &&
		    json_object_set(copy, public_members[i], member)) {
			json_decref(copy);
			return NULL;
		}
	}
	return copy;
}

/* json_array_append_new() refuses NULL, and takes what it refuses. */
static int
add_keys(const json_t *set, json_t *keys)
{
	const json_t *key;
	size_t i;

	json_array_foreach (json_object_get(set, "keys"), i, key) {
		if (!is_private(key) &&
		    json_array_append_new(keys, public_part(key)))
			return -ENOMEM;
	}
	return 0;
}

int
trust_keys_public(
    const char *json, size_t size, char **ret_json, size_t *ret_size)
{
	json_document *set = json_document_parse(json, size);
	json_t *keys = json_array(), *copy;
	char *text = NULL;
	int error;

	error = set ? add_keys(set, keys) : -EBADMSG;
	copy = json_pack("{s:o}", "keys", keys); /* takes keys */
	if (!error && copy)
		text = json_dumps(copy, JSON_COMPACT);
	json_decref(copy);
	if (!text)
		return error ? error : -ENOMEM;
	*ret_json = text;
	*ret_size = strlen(text);
	return 0;
}
