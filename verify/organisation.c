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
	    json_get_text(json, node, &identifier) < 0 ||
	    !organisation_identifier_is_valid(identifier))
		return -EBADMSG;
	*ret_identifier = identifier;
	return 0;
}
