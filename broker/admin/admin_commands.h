/* The commands, by what they are about; admin_command.c has their table. */
#pragma once

#include "broker/admin/admin_answer.h"

json_t *admin_status(const struct admin_call *call);
json_t *admin_reload(const struct admin_call *call);

json_t *admin_account_add(const struct admin_call *call);
json_t *admin_account_import(const struct admin_call *call);
json_t *admin_account_list(const struct admin_call *call);
json_t *admin_account_lock(const struct admin_call *call);
json_t *admin_account_pid(const struct admin_call *call);
json_t *admin_account_remove(const struct admin_call *call);
json_t *admin_account_show(const struct admin_call *call);
json_t *admin_account_unlock(const struct admin_call *call);

json_t *admin_pid_key_rotate(const struct admin_call *call);

json_t *admin_authorise(const struct admin_call *call);
json_t *admin_authorise_import(const struct admin_call *call);
json_t *admin_withdraw(const struct admin_call *call);
json_t *admin_authorised(const struct admin_call *call);

json_t *admin_revoke(const struct admin_call *call);

json_t *admin_explain(const struct admin_call *call);
json_t *admin_simulate(const struct admin_call *call);

json_t *admin_notices(const struct admin_call *call);
json_t *admin_notice_take(const struct admin_call *call);

json_t *admin_sessions(const struct admin_call *call);
