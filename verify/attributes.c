#include "verify/attributes.h"

#include "verify/mandate.h"
#include "verify/organisation.h"

#include <errno.h>
#include <string.h>

enum {
	PATH_NAME_SIZE = 128,
};

/* A set of texts: each once, in the order in which they came. */
struct texts {
	struct slice *at;
	size_t *count;
	size_t max;
};

typedef bool text_fn(struct slice text);

static struct objection
malformed(const char *name)
{
	return objection(EVIDENCE_CLAIMS_MALFORMED, name);
}

/*
 * Follows one name of a path with dots. Takes the name off the path; the
 * member's value, or NULL.
 */
static const struct json_node *
follow(const struct json *json, const struct json_node *node, const char **path)
{
	size_t size = strcspn(*path, ".");
	char name[PATH_NAME_SIZE];

	if (size >= sizeof(name))
		return NULL;
	memcpy(name, *path, size);
	name[size] = '\0';
	*path += size;
	if (**path == '.')
		++*path;
	return json_member(json, node, name);
}

/* NULL when it is absent at any step, which gives nobody anything. */
static int
find(const struct json *json, const char *path,
    const struct json_node **ret_node)
{
	const struct json_node *node = json->nodes;

	while (node && *path) {
		if (node->kind != JSON_KIND_OBJECT)
			return -EBADMSG;
		node = follow(json, node, &path);
	}
	*ret_node = node;
	return 0;
}

static bool
texts_have(const struct texts *texts, struct slice text)
{
	size_t i;

	for (i = 0; i < *texts->count; i++) {
		if (texts->at[i].size == text.size &&
		    memcmp(texts->at[i].at, text.at, text.size) == 0)
			return true;
	}
	return false;
}

static int
texts_add(const struct texts *texts, struct slice text)
{
	if (texts_have(texts, text))
		return 0;
	if (*texts->count == texts->max)
		return -E2BIG;
	texts->at[(*texts->count)++] = text;
	return 0;
}

static int
add_node(const struct json *json, const struct json_node *node,
    text_fn *is_valid, const struct texts *texts)
{
	struct slice text;

	if (json_get_text(json, node, &text) < 0 || !is_valid(text))
		return -EBADMSG;
	return texts_add(texts, text);
}

static int
add_array(const struct json *json, const struct json_node *array,
    text_fn *is_valid, const struct texts *texts)
{
	const struct json_node *node = NULL;

	if (array->kind != JSON_KIND_ARRAY)
		return -EBADMSG;
	while ((node = json_element(json, array, node))) {
		if (add_node(json, node, is_valid, texts) < 0)
			return -EBADMSG;
	}
	return 0;
}

static bool
is_role(struct slice role)
{
	return role.size > 0 && role.size <= ATTRIBUTE_SIZE_MAX &&
	       slice_has_no_control(role);
}

static struct objection
get_roles(const struct json *json, const struct issuer_profile *profile,
    struct identity *identity)
{
	const struct texts roles = {
	    identity->roles, &identity->roles_count, IDENTITY_ROLES_MAX};
	const struct json_node *node;
	size_t i;

	identity->roles_count = 0;
	for (i = 0; i < profile->roles_claims_count; i++) {
		if (find(json, profile->roles_claims[i], &node) < 0)
			return malformed("roles");
		if (node && add_array(json, node, is_role, &roles) < 0)
			return malformed("roles");
	}
	return no_objection();
}

static bool
is_unit(struct slice unit)
{
	size_t i;

	for (i = 0; i < unit.size; i++) {
		char c = unit.at[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= 'a' && c <= 'z') && c != '-')
			return false;
	}
	return unit.size > 0 && unit.size <= IDENTITY_UNIT_SIZE_MAX;
}

static struct objection
get_units(const struct json *json, const char *path, struct identity *identity)
{
	const struct texts units = {
	    identity->units, &identity->units_count, IDENTITY_UNITS_MAX};
	const struct json_node *node = NULL;
	int r = 0;

	identity->units_count = 0;
	if (path && find(json, path, &node) < 0)
		return malformed("units");
	if (node && node->kind == JSON_KIND_ARRAY)
		r = add_array(json, node, is_unit, &units);
	else if (node)
		r = add_node(json, node, is_unit, &units);
	return r < 0 ? malformed("units") : no_objection();
}

/* RFC 6749 section 3.3: printable, but no space, quote or backslash. */
static bool
is_scope(struct slice scope)
{
	return slice_is_printable(scope) && scope.size <= ATTRIBUTE_SIZE_MAX &&
	       !memchr(scope.at, '"', scope.size) &&
	       !memchr(scope.at, '\\', scope.size);
}

/* One space between two, and none at the ends. */
static int
add_scopes(struct slice list, const struct texts *scopes)
{
	const char *end = list.at + list.size;
	const char *space;
	struct slice scope = {list.at, 0};

	for (;;) {
		space = memchr(scope.at, ' ', (size_t)(end - scope.at));
		scope.size = (size_t)((space ? space : end) - scope.at);
		if (!is_scope(scope) || texts_add(scopes, scope) < 0)
			return -EBADMSG;
		if (!space)
			return 0;
		scope.at = space + 1;
	}
}

static struct objection
get_scopes(const struct json *json, struct identity *identity)
{
	const struct json_node *node = json_member(json, json->nodes, "scope");
	const struct texts scopes = {
	    identity->scopes, &identity->scopes_count, IDENTITY_SCOPES_MAX};
	struct slice list;

	identity->scopes_count = 0;
	if (!node)
		return no_objection();
	if (json_get_text(json, node, &list) < 0 ||
	    add_scopes(list, &scopes) < 0)
		return malformed("scope");
	return no_objection();
}

static struct objection
get_consumer(const struct json *json, struct identity *identity)
{
	identity->consumer = slice_of("");
	return organisation_member(json, "consumer", &identity->consumer);
}

static struct objection
get_mandates(const struct json *json, struct identity *identity)
{
	identity->mandates_count = 0;
	identity->rights_count = 0;
	return mandates_get(json,
	    json_member(json, json->nodes, "authorization_details"), identity);
}

struct objection
attributes_get(const struct json *json, const struct issuer_profile *profile,
    struct identity *identity)
{
	struct objection found;

	found = get_roles(json, profile, identity);
	if (is_objection(found))
		return found;
	found = get_units(json, profile->units_claim, identity);
	if (is_objection(found))
		return found;
	found = get_scopes(json, identity);
	if (is_objection(found))
		return found;
	found = get_consumer(json, identity);
	if (is_objection(found))
		return found;
	return get_mandates(json, identity);
}
