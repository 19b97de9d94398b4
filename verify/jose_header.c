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

/*
 * RFC 8725 section 3.11: an access token, a logout token or a proof of
 * possession is not an id_token, whoever signed it.
 */
static struct objection
check_type(const struct json *json)
{
	struct slice type;

	if (!json_member(json, json->nodes, "typ"))
		return no_objection();
	if (is_objection(get_text(json, "typ", &type)) ||
	    !slice_equal_nocase(type, "JWT"))
		return objection(EVIDENCE_TYPE_REFUSED, "typ");
	return no_objection();
}

struct objection
jose_header_get(const struct json *json, struct jose_header *ret_header)
{
	struct objection found;
	struct slice name, kid;

	if (json->nodes->kind != JSON_KIND_OBJECT)
		return objection(EVIDENCE_MALFORMED, "header");
	found = check_extensions(json);
	if (is_objection(found))
		return found;
	found = check_type(json);
	if (is_objection(found))
		return found;
	found = get_text(json, "alg", &name);
	if (is_objection(found))
		return found;
	found = get_text(json, "kid", &kid);
	if (is_objection(found))
		return found;
	ret_header->algorithm = algorithm_from_name(name);
	ret_header->kid = kid;
	return no_objection();
}
