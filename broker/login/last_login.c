#include "broker/login/last_login.h"

#include "broker/register/history.h"

#include <stdio.h>
#include <string.h>

enum register_result
last_login_read(struct register_db *db, const struct account *account,
    struct last_login *ret_last)
{
	struct identity identity;
	enum register_result result;

	result = history_identity(db, account->id, 0, &identity);
	if (result == REGISTER_NOT_FOUND) {
		*ret_last = (struct last_login){0};
		return REGISTER_OK;
	}
	if (result != REGISTER_OK)
		return result;
	memcpy(ret_last->acr, identity.acr, sizeof(identity.acr));
	ret_last->authenticated_at_s = identity.authenticated_at_s;
	session_on_behalf_of(&identity, ret_last->on_behalf_of);
	identity_wipe(&identity);
	return REGISTER_OK;
}

enum register_result
last_login_check(struct register_db *db, const struct account *account,
    const struct need *need, const struct last_login *last, int64_t now_s,
    enum need_result *ret_result)
{
	struct account_group groups[REGISTER_GROUPS_MAX];
	enum register_result result;
	enum need_result met;
	size_t count;

	met =
	    need_check_login(need, last->acr, last->authenticated_at_s, now_s);
	if (met == NEED_MET) {
		result =
		    register_account_groups(db, account->id, groups, &count);
		if (result != REGISTER_OK)
			return result;
		met = need_check_groups(need, groups, count);
	}
	*ret_result = met;
	return REGISTER_OK;
}
