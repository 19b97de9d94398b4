#include "verify/organisation.h"

#include "verify/organisation_number.h"

#include <errno.h>

static int
check_authority(const struct json *json, const struct json_node *object)
{
	const struct json_node *small = json_member(json, object, "authority");
	const struct json_node *capital =
	    json_member(json, object, "Authority");
	struct slice authority;

	if (!small == !capital)
		return -EBADMSG;
	if (json_get_text(json, small ? small : capital, &authority) < 0 ||
	    !slice_equal(authority, "iso6523-actorid-upis"))
		return -EBADMSG;
	return 0;
}

int
organisation_get(const struct json *json, const struct json_node *object,
    struct slice *ret_identifier)
{
	const struct json_node *node = json_member(json, object, "ID");
	struct slice identifier;

	if (!node || check_authority(json, object) < 0 ||
	    json_get_text(json, node, &identifier) < 0)
		return -EBADMSG;
	if (!organisation_identifier_is_valid(identifier))
		return organisation_identifier_is_foreign(identifier)
			   ? -ENOTSUP
			   : -EBADMSG;
	*ret_identifier = identifier;
	return 0;
}

struct objection
organisation_member(
    const struct json *json, const char *name, struct slice *ret_identifier)
{
	const struct json_node *node = json_member(json, json->nodes, name);
	int r = node ? organisation_get(json, node, ret_identifier) : 0;

	if (r == -ENOTSUP)
		return objection(EVIDENCE_AUTHORITY_UNKNOWN, name);
	if (r < 0)
		return objection(EVIDENCE_CLAIMS_MALFORMED, name);
	return no_objection();
}
