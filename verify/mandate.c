#include "verify/mandate.h"

#include "verify/organisation.h"

#include <errno.h>
#include <string.h>

#define RESOURCE_PREFIX "urn:altinn:resource:"

/*
 * How the entries of one type name their parties. With the documentation's
 * misprint "orgno:" an entry has a key that is none of these and no party: it
 * is neither "self" nor a mandate, and so an objection. Nobody acts for an
 * organisation because of a misprint, and nobody wonders why they do not.
 */
static const struct shape {
	const char *type;
	const char *parties; /* the key of the array */
	const char *party; /* the key of a party that stands alone, or NULL */
	bool has_resource;
} shapes[] = {
    {"ansattporten:altinn:resource", "authorized_parties", NULL, true},
    {"ansattporten:altinn:service", "reportees", NULL, true},
    {"ansattporten:orgno", "authorized_parties", "orgno", false},
};

static const char *const party_keys[] = {
    "authorized_parties", "reportees", "orgno"};
static const char *const rights_keys[] = {"actions", "rights", "Rights"};

static const struct shape *
find_shape(struct slice type)
{
	size_t i;

	for (i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		if (slice_equal(type, shapes[i].type))
			return &shapes[i];
	}
	return NULL;
}

/*
 * The one member that has one of these keys; NULL when none has. -EBADMSG when
 * several do: which of them counts is nobody's guess.
 */
static int
get_one_of(const struct json *json, const struct json_node *object,
    const char *const *keys, size_t keys_count,
    const struct json_node **ret_node, const char **ret_key)
{
	const struct json_node *node;
	size_t i;

	*ret_node = NULL;
	*ret_key = NULL;
	for (i = 0; i < keys_count; i++) {
		node = json_member(json, object, keys[i]);
		if (!node)
			continue;
		if (*ret_node)
			return -EBADMSG;
		*ret_node = node;
		*ret_key = keys[i];
	}
	return 0;
}

static int
get_text(const struct json *json, const struct json_node *node,
    struct slice *ret_text)
{
	struct slice text;

	if (json_get_text(json, node, &text) < 0 ||
	    text.size > MANDATE_TEXT_SIZE_MAX || !slice_is_printable(text))
		return -EBADMSG;
	*ret_text = text;
	return 0;
}

static int
add_right(const struct json *json, const struct json_node *node,
    struct identity *identity)
{
	if (identity->rights_count == IDENTITY_RIGHTS_MAX ||
	    get_text(json, node, &identity->rights[identity->rights_count]) < 0)
		return -EBADMSG;
	identity->rights_count++;
	return 0;
}

/* A party without rights has none: older answers leave them out. */
static int
get_rights(const struct json *json, const struct json_node *party,
    struct identity *identity, struct identity_mandate *mandate)
{
	const struct json_node *rights, *right = NULL;
	const char *key;

	mandate->rights_first = identity->rights_count;
	mandate->rights_count = 0;
	if (get_one_of(json, party, rights_keys,
		sizeof(rights_keys) / sizeof(*rights_keys), &rights, &key) < 0)
		return -EBADMSG;
	if (!rights)
		return 0;
	if (rights->kind != JSON_KIND_ARRAY)
		return -EBADMSG;
	while ((right = json_element(json, rights, right))) {
		if (add_right(json, right, identity) < 0)
			return -EBADMSG;
	}
	mandate->rights_count = identity->rights_count - mandate->rights_first;
	return 0;
}

/* The party says it whole or, in older answers, without its prefix. */
static bool
is_resource_of(struct slice resource, struct slice entry_resource)
{
	const size_t size = strlen(RESOURCE_PREFIX);
	struct slice id;

	if (resource.size == entry_resource.size)
		return memcmp(resource.at, entry_resource.at, resource.size) ==
		       0;
	if (entry_resource.size < size ||
	    memcmp(entry_resource.at, RESOURCE_PREFIX, size) != 0)
		return false;
	id.at = entry_resource.at + size;
	id.size = entry_resource.size - size;
	return resource.size == id.size &&
	       memcmp(resource.at, id.at, id.size) == 0;
}

static int
check_resource(const struct json *json, const struct json_node *party,
    struct slice entry_resource)
{
	const struct json_node *node = json_member(json, party, "resource");
	struct slice resource;

	if (!node)
		return 0;
	if (get_text(json, node, &resource) < 0 ||
	    !is_resource_of(resource, entry_resource))
		return -EBADMSG;
	return 0;
}

/* Under orgno, or as the party's own keys: one or the other. */
static int
get_organisation(const struct json *json, const struct json_node *party,
    struct slice *ret_identifier)
{
	const struct json_node *orgno = json_member(json, party, "orgno");

	if (!orgno)
		return organisation_get(json, party, ret_identifier);
	if (json_member(json, party, "ID") ||
	    json_member(json, party, "authority") ||
	    json_member(json, party, "Authority"))
		return -EBADMSG;
	return organisation_get(json, orgno, ret_identifier);
}

static int
add_party(const struct json *json, const struct json_node *party,
    struct slice resource, struct identity *identity)
{
	struct identity_mandate *mandate;

	if (identity->mandates_count == IDENTITY_MANDATES_MAX)
		return -EBADMSG;
	mandate = &identity->mandates[identity->mandates_count];
	mandate->resource = resource;
	if (get_organisation(json, party, &mandate->organisation) < 0 ||
	    check_resource(json, party, resource) < 0 ||
	    get_rights(json, party, identity, mandate) < 0)
		return -EBADMSG;
	identity->mandates_count++;
	return 0;
}

/* Whoever acts for nobody has an entry without parties, not an empty list. */
static int
add_parties(const struct json *json, const struct json_node *parties,
    struct slice resource, struct identity *identity)
{
	const struct json_node *party = NULL;

	if (parties->kind != JSON_KIND_ARRAY || parties->size == 0)
		return -EBADMSG;
	while ((party = json_element(json, parties, party))) {
		if (add_party(json, party, resource, identity) < 0)
			return -EBADMSG;
	}
	return 0;
}

static int
get_entry_resource(const struct json *json, const struct json_node *entry,
    const struct shape *shape, struct slice *ret_resource)
{
	const struct json_node *node = json_member(json, entry, "resource");

	ret_resource->at = "";
	ret_resource->size = 0;
	if (!node)
		return shape->has_resource ? -EBADMSG : 0;
	if (!shape->has_resource)
		return -EBADMSG;
	return get_text(json, node, ret_resource);
}

static int
add_entry(const struct json *json, const struct json_node *entry,
    const struct shape *shape, struct identity *identity)
{
	const struct json_node *node;
	struct slice resource;
	const char *key;

	if (entry->size == 1)
		return 0;
	if (get_one_of(json, entry, party_keys,
		sizeof(party_keys) / sizeof(*party_keys), &node, &key) < 0 ||
	    !node || get_entry_resource(json, entry, shape, &resource) < 0)
		return -EBADMSG;
	if (strcmp(key, shape->parties) == 0)
		return add_parties(json, node, resource, identity);
	if (!shape->party || strcmp(key, shape->party) != 0)
		return -EBADMSG;
	/* The entry is its one party: nothing else may name another. */
	return add_party(json, entry, resource, identity);
}

static int
take_entry(const struct json *json, const struct json_node *entry,
    struct identity *identity)
{
	const struct json_node *node = json_member(json, entry, "type");
	const struct shape *shape;
	struct slice type;

	/* RFC 9396 section 2: an object, whose type must be there. */
	if (!node || json_get_text(json, node, &type) < 0)
		return -EBADMSG;
	shape = find_shape(type);
	return shape ? add_entry(json, entry, shape, identity) : 0;
}

struct objection
mandates_get(const struct json *json, const struct json_node *node,
    struct identity *identity)
{
	const struct objection malformed =
	    objection(EVIDENCE_CLAIMS_MALFORMED, "authorization_details");
	const struct json_node *entry = NULL;

	if (!node)
		return no_objection();
	if (node->kind != JSON_KIND_ARRAY)
		return malformed;
	while ((entry = json_element(json, node, entry))) {
		if (take_entry(json, entry, identity) < 0)
			return malformed;
	}
	return no_objection();
}
