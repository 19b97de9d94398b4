#include "verify/system_user.h"

#include "verify/organisation.h"

#include <errno.h>

static int
get_text(const struct json *json, const struct json_node *node,
    struct slice *ret_text)
{
	if (!node || json_get_text(json, node, ret_text) < 0 ||
	    ret_text->size > SYSTEM_USER_TEXT_SIZE_MAX ||
	    !slice_is_printable(*ret_text))
		return -EBADMSG;
	return 0;
}

/* An array by its form; whom two ids would mean is said nowhere. */
static int
get_id(const struct json *json, const struct json_node *entry,
    struct slice *ret_id)
{
	const struct json_node *ids = json_member(json, entry, "systemuser_id");

	if (!ids || ids->kind != JSON_KIND_ARRAY || ids->size != 1)
		return -EBADMSG;
	return get_text(json, json_element(json, ids, NULL), ret_id);
}

static int
get_entry(const struct json *json, const struct json_node *entry,
    struct system_user *ret_user)
{
	const struct json_node *organisation =
	    json_member(json, entry, "systemuser_org");
	int r;

	if (!organisation || get_id(json, entry, &ret_user->id) < 0 ||
	    get_text(json, json_member(json, entry, "system_id"),
		&ret_user->system) < 0)
		return -EBADMSG;
	r = organisation_get(json, organisation, &ret_user->organisation);
	return r;
}

static int
get_entries(const struct json *json, const struct json_node *entries,
    struct system_user *ret_user)
{
	const struct json_node *entry = NULL;
	struct slice type;
	int r;

	if (entries->kind != JSON_KIND_ARRAY)
		return -EBADMSG;
	while ((entry = json_element(json, entries, entry))) {
		if (get_text(json, json_member(json, entry, "type"), &type) < 0)
			return -EBADMSG;
		if (!slice_equal(type, "urn:altinn:systemuser"))
			continue;
		if (ret_user->organisation.size > 0)
			return -EBADMSG;
		r = get_entry(json, entry, ret_user);
		if (r < 0)
			return r;
	}
	return 0;
}

struct objection
system_user_get(const struct json *json, struct system_user *ret_user)
{
	static const char name[] = "authorization_details";
	const struct json_node *node = json_member(json, json->nodes, name);
	struct system_user user = {{"", 0}, {"", 0}, {"", 0}};
	int r = node ? get_entries(json, node, &user) : 0;

	if (r == -ENOTSUP)
		return objection(EVIDENCE_AUTHORITY_UNKNOWN, name);
	if (r < 0)
		return objection(EVIDENCE_CLAIMS_MALFORMED, name);
	*ret_user = user;
	return no_objection();
}
