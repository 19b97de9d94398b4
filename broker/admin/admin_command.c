#include "broker/admin/admin_command.h"

#include "broker/admin/admin_commands.h"

#include <stdio.h>
#include <string.h>

enum { DETAIL_SIZE = 512 };

struct command {
	const char *name; /* of the command, for the record too */
	admin_command_fn run;
	bool is_change; /* leaves an audit record */
	bool for_accounts; /* in their own name; all else is root's */
	bool gives; /* access, or what leads to it: not without a record */
};

static const struct command commands[] = {
    {"status", admin_status, false, false, false},
    {"reload", admin_reload, false, false, false}, /* has a record of its own */
    {"account-add", admin_account_add, true, false, true},
    {"account-list", admin_account_list, false, false, false},
    {"account-show", admin_account_show, false, false, false},
    {"account-lock", admin_account_lock, true, false, false},
    {"account-unlock", admin_account_unlock, true, false, true},
    {"account-remove", admin_account_remove, true, false, false},
    {"account-import", admin_account_import, true, false, true},
    {"account-pid", admin_account_pid, true, false, true},
    {"pid-key-rotate", admin_pid_key_rotate, true, false, true},
    {"authorise", admin_authorise, true, true, true},
    {"authorise-import", admin_authorise_import, true, true, true},
    {"withdraw", admin_withdraw, true, true, false},
    {"authorised", admin_authorised, false, true, false},
    {"revoke", admin_revoke, true, false, false},
    {"explain", admin_explain, false, false, false},
    {"simulate", admin_simulate, false, false, false},
    {"notices", admin_notices, false, true, false},
    {"notice-take", admin_notice_take, true, true, false},
    {"sessions", admin_sessions, false, false, false},
};

/* A name goes into the record only when it is an account's. */
static const char *
recorded_name(const json_t *request, bool done_it)
{
	const char *name = admin_text(request, "name");

	if (!name)
		name = admin_text(request, "person");
	return done_it && name && name_is_valid(name) ? name : NULL;
}

static const char *
or_nothing(const char *text)
{
	return text ? text : "";
}

/* One of years that have four digits. */
static bool
has_time(const json_t *seconds)
{
	static const json_int_t year_10000_s = 253402300800;

	return json_is_integer(seconds) && json_integer_value(seconds) >= 0 &&
	       json_integer_value(seconds) < year_10000_s;
}

/* "ko-infoflyt 0321: new leader", as far as the request says it. */
static const char *
describe(const json_t *request, char ret_detail[static DETAIL_SIZE])
{
	const char *group = admin_text(request, "group");
	const char *unit = admin_text(request, "unit");
	const char *reason = admin_text(request, "reason");
	const char *session = admin_text(request, "session");
	const json_t *before = json_object_get(request, "before");
	bool ends = json_is_true(json_object_get(request, "end_sessions"));
	char time[AUDIT_TIME_SIZE];

	if (session) {
		(void)snprintf(ret_detail, DETAIL_SIZE, "session %s: %s",
		    session, or_nothing(reason));
		return ret_detail;
	}
	if (!group && !ends && !has_time(before))
		return reason;
	if (has_time(before)) {
		audit_time(json_integer_value(before) * 1000000, time);
		(void)snprintf(ret_detail, DETAIL_SIZE, "issued before %s: %s",
		    time, or_nothing(reason));
		return ret_detail;
	}
	(void)snprintf(ret_detail, DETAIL_SIZE, "%s%s%s%s%s%s",
	    or_nothing(group), unit ? " " : "", or_nothing(unit),
	    group ? ": " : "", or_nothing(reason),
	    ends ? " (the sessions are ended)" : "");
	return ret_detail;
}

static void
record_change(const struct admin_call *call, const struct command *command,
    const char *account, const json_t *row, const json_t *reply)
{
	const char *error = admin_text(reply, "error");
	char detail[DETAIL_SIZE];
	const struct audit_record record = {
	    .action = command->name,
	    .result = error ? "refused" : "done",
	    .reason = error,
	    .detail = describe(row, detail),
	    .account = account,
	    .issuer = strcmp(command->name, "revoke") == 0
			  ? admin_text(call->request, "issuer")
			  : NULL,
	    .actor = call->actor->record,
	};

	(void)broker_audit(call->broker, &record);
}

/* One for each row that an import has made, so that each has its own. */
static void
record(const struct admin_call *call, const struct command *command,
    const json_t *reply)
{
	bool ok = json_is_true(json_object_get(reply, "ok"));
	const json_t *row, *rows = json_object_get(call->request, "accounts");
	size_t i;

	if (!rows)
		rows = json_object_get(call->request, "rows");
	if (!ok || !rows) {
		record_change(call, command, recorded_name(call->request, ok),
		    call->request, reply);
		return;
	}
	json_array_foreach (rows, i, row)
		record_change(
		    call, command, recorded_name(row, ok), row, reply);
}

/*
 * What gives access is tried on the record first: nothing may stand that no
 * record tells of. What takes it is never refused for want of one.
 */
static bool
can_record(const struct admin_call *call, const struct command *command)
{
	const struct audit_record record = {
	    .action = command->name,
	    .result = "attempt",
	    .actor = call->actor->record,
	};

	return !command->gives || broker_audit(call->broker, &record) == 0;
}

static json_t *
run(const struct admin_call *call, const struct command *command)
{
	json_t *reply;

	if (!call->actor->root && !command->for_accounts)
		reply = admin_error(
		    "not-permitted", "only root may ask the broker for this");
	else if (!can_record(call, command))
		reply = admin_error("not-recorded",
		    "no record of it can be written, neither to the audit file "
		    "nor to the journal: nothing was changed");
	else
		reply = command->run(call);
	if (command->is_change)
		record(call, command, reply);
	return reply;
}

json_t *
admin_command_run(struct broker *broker, const struct admin_actor *actor,
    const json_t *request)
{
	const struct admin_call call = {broker, actor, request};
	const char *name = admin_text(request, "command");
	size_t i;

	for (i = 0; name && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return run(&call, &commands[i]);
	}
	return admin_bad_request("unknown command");
}
