/*
 * A system user in Altinn, as Maskinporten names it in authorization_details:
 * the machine that calls is one that an organisation has made for itself. One
 * entry of type urn:altinn:systemuser, with its organisation, one id and the
 * system's; what is almost that is an objection to the whole token. Entries of
 * other types are passed over.
 */
#pragma once

#include "verify/json.h"
#include "verify/objection.h"

/* Borrow from the JSON text; empty when there is none. */
struct system_user {
	struct slice organisation; /* systemuser_org: "0192:910753614" */
	struct slice id;
	struct slice system;
};

enum { SYSTEM_USER_TEXT_SIZE_MAX = 255 };

struct objection system_user_get(
    const struct json *json, struct system_user *ret_user);
