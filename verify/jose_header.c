#include "verify/jose_header.h"

/* Extensions that change the meaning of the token, and of which we have none */
static const char *const refused_members[] = {"crit", "b64", "zip", "enc"};

static struct objection
get_text(const struct json *json, const char *name, struct slice *ret_text)
{
	const struct json_node *node = json_member(json, json->nodes, name);

	if (!node || json_get_text(json, node, ret_text) < 0)
		return objection(EVIDENCE_HEADER_REFUSED, name);
	return no_objection();
}

static struct objection
check_extensions(const struct json *json)
{
	size_t i;

	for (i = 0; i < sizeof(refused_members) / sizeof(*refused_members);
	     i++) {
		if (json_member(json, json->nodes, refused_members[i]))
			return objection(
			    EVIDENCE_HEADER_REFUSED, refused_members[i]);
	}
	return no_objection();
}

static bool
is_access_type(struct slice type)
{
	return slice_equal_nocase(type, "at+jwt") ||
	       slice_equal_nocase(type, "application/at+jwt");
}

static bool
is_type_for(enum jose_use use, struct slice type)
{
	switch (use) {
	case JOSE_ID_TOKEN:
		return slice_equal_nocase(type, "JWT");
	case JOSE_ACCESS_TOKEN:
		return slice_equal_nocase(type, "JWT") || is_access_type(type);
	case JOSE_DPOP_PROOF:
		return slice_equal_nocase(type, "dpop+jwt");
	}
	return false;
}

static struct objection
get_type(const struct json *json, enum jose_use use, struct jose_header *header)
{
	const struct objection refused =
	    objection(EVIDENCE_TYPE_REFUSED, "typ");
	struct slice type;

	header->is_access = false;
	if (!json_member(json, json->nodes, "typ"))
		return use == JOSE_DPOP_PROOF ? refused : no_objection();
	if (is_objection(get_text(json, "typ", &type)) ||
	    !is_type_for(use, type))
		return refused;
	header->is_access = is_access_type(type);
	return no_objection();
}

static struct objection
get_key_name(
    const struct json *json, enum jose_use use, struct jose_header *header)
{
	header->kid = slice_of("");
	if (use == JOSE_DPOP_PROOF)
		return no_objection();
	return get_text(json, "kid", &header->kid);
}

struct objection
jose_header_get(
    const struct json *json, enum jose_use use, struct jose_header *ret_header)
{
	struct objection found;
	struct slice name;

	if (json->nodes->kind != JSON_KIND_OBJECT)
		return objection(EVIDENCE_MALFORMED, "header");
	found = check_extensions(json);
	if (is_objection(found))
		return found;
	found = get_type(json, use, ret_header);
	if (is_objection(found))
		return found;
	found = get_text(json, "alg", &name);
	if (is_objection(found))
		return found;
	ret_header->algorithm = algorithm_from_name(name);
	return get_key_name(json, use, ret_header);
}
