#include "broker/admin/admin_command.h"

#include "broker/clock.h"

#include <stdlib.h>
#include <string.h>

enum {
	IMPORT_MAX = 100000,
	LIST_MAX = 1000, /* accounts in one answer */
};

/* What a command answers; the name is of the command, for the record. */
struct command {
	const char *name;
	json_t *(*run)(struct broker *broker, const json_t *request);
	bool is_change; /* leaves an audit record */
};

json_t *
admin_command_error(const char *word, const char *text)
{
	return json_pack(
	    "{s:b, s:s, s:s}", "ok", 0, "error", word, "text", text);
}

static json_t *
done(json_t *result)
{
	return json_pack("{s:b, s:o}", "ok", 1, "result", result);
}

static const char *
argument(const json_t *request, const char *name)
{
	return json_string_value(json_object_get(request, name));
}

static const char *
result_word(enum register_result result)
{
	static const char *const words[] = {
	    [REGISTER_FAILED] = "failed",
	    [REGISTER_OK] = "ok",
	    [REGISTER_NOT_FOUND] = "not-found",
	    [REGISTER_NAME_INVALID] = "name-invalid",
	    [REGISTER_NAME_TAKEN] = "name-taken",
	    [REGISTER_NAME_LOCAL] = "name-local",
	    [REGISTER_ID_REFUSED] = "id-refused",
	    [REGISTER_ID_TAKEN] = "id-taken",
	    [REGISTER_SUBJECT_TAKEN] = "subject-taken",
	    [REGISTER_SUBJECT_INVALID] = "subject-invalid",
	    [REGISTER_FIELD_INVALID] = "field-invalid",
	    [REGISTER_IDS_EXHAUSTED] = "ids-exhausted",
	};

	return words[result];
}

static json_t *
refuse(struct broker *broker, enum register_result result)
{
	return admin_command_error(result_word(result),
	    result == REGISTER_FAILED ? register_error(broker->db)
				      : register_result_text(result));
}

static json_t *
group_names(struct broker *broker, const struct account *account)
{
	struct account_group groups[REGISTER_GROUPS_MAX];
	json_t *names = json_array();
	size_t count = 0, i;

	if (register_account_groups(broker->db, account->id, groups, &count) !=
	    REGISTER_OK)
		return names;
	for (i = 0; i < count; i++)
		(void)json_array_append_new(names, json_string(groups[i].name));
	return names;
}

/* Null for what is not there: no lock reason, never logged in. */
static json_t *
time_or_null(int64_t at_s)
{
	return at_s ? json_integer(at_s) : json_null();
}

static json_t *
describe(struct broker *broker, const struct account *account)
{
	return json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:b, s:s*, s:o, "
			 "s:o, s:o}",
	    "name", account->name, "uid", (json_int_t)account->uid, "gecos",
	    account->gecos, "home", account->home, "shell", account->shell,
	    "issuer", account->issuer, "subject", account->subject, "locked",
	    account->locked, "lock_reason",
	    account->locked ? account->lock_reason : NULL, "groups",
	    group_names(broker, account), "created_at",
	    time_or_null(account->created_at_s), "last_login_at",
	    time_or_null(account->last_login_at_s));
}

static json_t *
done_with_account(struct broker *broker, const char *name)
{
	struct account account;
	enum register_result result;

	result = register_account_by_name(broker->db, name, &account);
	if (result != REGISTER_OK)
		return refuse(broker, result);
	return done(json_pack("{s:o}", "account", describe(broker, &account)));
}

/* A change of the register is not done before every process can see it. */
static json_t *
publish_then(struct broker *broker, json_t *reply)
{
	if (!broker_publish(broker))
		return reply;
	json_decref(reply);
	return admin_command_error("failed",
	    "the register is changed, but the directory image could not be "
	    "published; see the journal of portvaktd, then: portvaktctl "
	    "reload");
}

static json_t *
describe_issuer(const struct issuer *issuer)
{
	const struct config_issuer *config = issuer_config(issuer);
	const struct key_set *keys = issuer_keys(issuer);

	return json_pack("{s:s, s:s, s:b, s:I, s:o, s:s}", "url",
	    config->profile.issuer, "name", config->name, "reachable",
	    keys && !issuer_trouble(issuer)[0], "keys",
	    (json_int_t)(keys ? key_set_count(keys) : 0), "keys_age_s",
	    keys ? json_integer(issuer_keys_age_s(issuer)) : json_null(),
	    "detail", issuer_trouble(issuer));
}

static json_t *
describe_issuers(const struct realm *realm)
{
	json_t *issuers = json_array();
	size_t i;

	for (i = 0; realm && i < realm->config->issuers_count; i++)
		(void)json_array_append_new(
		    issuers, describe_issuer(realm->issuers[i]));
	return issuers;
}

static json_t *
run_status(struct broker *broker, const json_t *request)
{
	const struct realm *realm = broker->realm;
	size_t accounts = 0;

	(void)request;
	(void)register_account_count(broker->db, &accounts);
	return done(json_pack(
	    "{s:s, s:I, s:o, s:I, s:I, s:I, s:i, s:b, s:i, s:{s:o, s:s}}",
	    "version", PORTVAKT_VERSION, "started_at",
	    (json_int_t)broker->started_at_s, "issuers",
	    describe_issuers(realm), "accounts", (json_int_t)accounts,
	    "generation", (json_int_t)broker->generation, "left_out",
	    (json_int_t)broker->left_out, "logins",
	    (int)(broker->logins + broker->logins_of_others), "fetcher",
	    fetch_client_is_connected(broker->fetch), "login_timeout_s",
	    realm ? (int)realm->config->login_timeout_s : 0, "config",
	    "loaded_at", time_or_null(broker->configured_at_s), "error",
	    broker->config_error.text));
}

static json_t *
run_reload(struct broker *broker, const json_t *request)
{
	(void)request;
	if (broker_reload(broker, "portvaktctl"))
		return admin_command_error(
		    "config-invalid", broker->config_error.text);
	return done(json_object());
}

/* An account's issuer may be called by its name; one alone need not be said. */
static const char *
issuer_url(const struct config *config, const char *said)
{
	const struct config_issuer *named;

	if (!said)
		return config->issuers[0].profile.issuer;
	named = config_issuer_by_name(config, said);
	return named ? named->profile.issuer : said;
}

static bool
lacks_issuer(struct broker *broker, const json_t *from)
{
	return broker->realm->config->issuers_count > 1 &&
	       !argument(from, "issuer");
}

static const char which_issuer[] =
    "several issuers are configured: say which one is the account's (issuer)";

/* Reads what describes an account; the defaults are the configuration's. */
static enum register_result
read_account_request(struct broker *broker, const json_t *from,
    struct account_request *ret_request, char home[static REGISTER_PATH_SIZE])
{
	const struct config *config = broker->realm->config;
	const json_t *uid = json_object_get(from, "uid");
	json_int_t number = json_integer_value(uid);

	*ret_request = (struct account_request){
	    .name = argument(from, "name"),
	    .issuer = argument(from, "issuer"),
	    .subject = argument(from, "subject"),
	    .gecos = argument(from, "gecos"),
	    .home = argument(from, "home"),
	    .shell = argument(from, "shell"),
	};
	if (!ret_request->name)
		return REGISTER_NAME_INVALID;
	if (broker_names_group(broker, ret_request->name))
		return REGISTER_NAME_TAKEN;
	if (!ret_request->subject)
		return REGISTER_SUBJECT_INVALID;
	if (uid && (!json_is_integer(uid) || number < 1 || number > UINT32_MAX))
		return REGISTER_ID_REFUSED;
	ret_request->uid = (uint32_t)number;
	ret_request->issuer = issuer_url(config, ret_request->issuer);
	if (!ret_request->shell)
		ret_request->shell = config->shell;
	if (!ret_request->home) {
		(void)snprintf(home, REGISTER_PATH_SIZE, "%s/%.32s",
		    config->home_base, ret_request->name);
		ret_request->home = home;
	}
	return REGISTER_OK;
}

static json_t *
not_configured(struct broker *broker)
{
	return admin_command_error("not-configured", broker->config_error.text);
}

static json_t *
bad_request(const char *text)
{
	return admin_command_error("bad-request", text);
}

static json_t *
run_account_add(struct broker *broker, const json_t *request)
{
	struct account_request wanted;
	struct account account;
	char home[REGISTER_PATH_SIZE];
	enum register_result result;

	if (!broker->realm)
		return not_configured(broker);
	if (lacks_issuer(broker, request))
		return bad_request(which_issuer);
	result = read_account_request(broker, request, &wanted, home);
	if (result == REGISTER_OK)
		result = register_account_add(
		    broker->db, &wanted, clock_wall_s(), &account);
	if (result != REGISTER_OK)
		return refuse(broker, result);
	return publish_then(broker, done_with_account(broker, account.name));
}

/* The row at fault counts from 1, as people do. */
static json_t *
with_row(json_t *reply, size_t row)
{
	(void)json_object_set_new(reply, "row", json_integer((json_int_t)row));
	return reply;
}

static json_t *
refuse_row(struct broker *broker, enum register_result result, size_t row)
{
	return with_row(refuse(broker, result), row);
}

struct import {
	struct account_request *requests;
	char (*homes)[REGISTER_PATH_SIZE];
	size_t count;
};

static void
import_done(struct import *import)
{
	free(import->requests);
	free(import->homes);
}

static json_t *
run_account_import(struct broker *broker, const json_t *request)
{
	__attribute__((cleanup(import_done))) struct import import = {0};
	const json_t *rows = json_object_get(request, "accounts");
	enum register_result result;
	size_t i, failed_at = 0;

	if (!broker->realm)
		return not_configured(broker);
	import.count = json_array_size(rows);
	if (import.count == 0 || import.count > IMPORT_MAX)
		return bad_request("an import has 1 to 100000 accounts");
	import.requests = calloc(import.count, sizeof(*import.requests));
	import.homes = calloc(import.count, sizeof(*import.homes));
	if (!import.requests || !import.homes)
		return admin_command_error("failed", "out of memory");
	for (i = 0; i < import.count; i++) {
		if (lacks_issuer(broker, json_array_get(rows, i)))
			return with_row(bad_request(which_issuer), i + 1);
		result = read_account_request(broker, json_array_get(rows, i),
		    &import.requests[i], import.homes[i]);
		if (result != REGISTER_OK)
			return refuse_row(broker, result, i + 1);
	}
	result = register_account_import(broker->db, import.requests,
	    import.count, clock_wall_s(), &failed_at);
	if (result == REGISTER_FAILED)
		return refuse(broker, result);
	if (result != REGISTER_OK)
		return refuse_row(broker, result, failed_at + 1);
	return publish_then(broker,
	    done(json_pack("{s:I}", "imported", (json_int_t)import.count)));
}

struct list {
	struct broker *broker;
	json_t *accounts;
	json_t *next; /* the last name, when there are more */
};

static int
append_account(const struct account *account, void *userdata)
{
	struct list *list = userdata;

	if (json_array_append_new(
		list->accounts, describe(list->broker, account)))
		return -1;
	if (json_array_size(list->accounts) < LIST_MAX)
		return 0;
	json_decref(list->next);
	list->next = json_string(account->name);
	return 1;
}

static json_t *
run_account_list(struct broker *broker, const json_t *request)
{
	struct list list = {broker, json_array(), json_null()};
	const char *after = argument(request, "after");
	enum register_result result;

	result = register_each_account(
	    broker->db, after ? after : "", append_account, &list);
	if (result != REGISTER_OK) {
		json_decref(list.accounts);
		json_decref(list.next);
		return refuse(broker, result);
	}
	return done(json_pack(
	    "{s:o, s:o}", "accounts", list.accounts, "next", list.next));
}

static json_t *
run_account_show(struct broker *broker, const json_t *request)
{
	const char *name = argument(request, "name");

	if (!name)
		return bad_request("which account? name is missing");
	return done_with_account(broker, name);
}

static json_t *
run_account_lock(struct broker *broker, const json_t *request)
{
	const char *name = argument(request, "name");
	const char *reason = argument(request, "reason");
	enum register_result result;

	if (!name || !reason || !reason[0])
		return bad_request("a lock needs a name and a reason");
	result =
	    register_account_lock(broker->db, name, reason, clock_wall_s());
	if (result != REGISTER_OK)
		return refuse(broker, result);
	return publish_then(broker, done_with_account(broker, name));
}

static json_t *
run_account_unlock(struct broker *broker, const json_t *request)
{
	const char *name = argument(request, "name");
	enum register_result result;

	if (!name)
		return bad_request("which account? name is missing");
	result = register_account_unlock(broker->db, name, clock_wall_s());
	if (result != REGISTER_OK)
		return refuse(broker, result);
	return publish_then(broker, done_with_account(broker, name));
}

static json_t *
run_account_remove(struct broker *broker, const json_t *request)
{
	const char *name = argument(request, "name");
	enum register_result result;

	if (!name)
		return bad_request("which account? name is missing");
	result = register_account_remove(broker->db, name, clock_wall_s());
	if (result != REGISTER_OK)
		return refuse(broker, result);
	return publish_then(broker, done(json_object()));
}

static const struct command commands[] = {
    {"status", run_status, false},
    {"reload", run_reload, false}, /* leaves a record of its own */
    {"account-add", run_account_add, true},
    {"account-list", run_account_list, false},
    {"account-show", run_account_show, false},
    {"account-lock", run_account_lock, true},
    {"account-unlock", run_account_unlock, true},
    {"account-remove", run_account_remove, true},
    {"account-import", run_account_import, true},
};

/* A name goes into the record only when it is an account's. */
static const char *
recorded_name(const json_t *request, bool done_it)
{
	const char *name = argument(request, "name");

	return done_it && name && name_is_valid(name) ? name : NULL;
}

static void
record_change(struct broker *broker, const struct command *command,
    const char *actor, const char *account, const json_t *request,
    const json_t *reply)
{
	const char *error = argument(reply, "error");
	const struct audit_record record = {
	    .action = command->name,
	    .result = error ? "refused" : "done",
	    .reason = error,
	    .detail = argument(request, "reason"),
	    .account = account,
	    .actor = actor,
	};

	(void)broker_audit(broker, &record);
}

/* One for each account that an import has made, so that each has its own. */
static void
record(struct broker *broker, const struct command *command, const char *actor,
    const json_t *request, const json_t *reply)
{
	bool ok = json_is_true(json_object_get(reply, "ok"));
	const json_t *row, *rows = json_object_get(request, "accounts");
	size_t i;

	if (!ok || !rows) {
		record_change(broker, command, actor,
		    recorded_name(request, ok), request, reply);
		return;
	}
	json_array_foreach (rows, i, row)
		record_change(broker, command, actor, recorded_name(row, ok),
		    request, reply);
}

json_t *
admin_command_run(
    struct broker *broker, const char *actor, const json_t *request)
{
	const char *name = argument(request, "command");
	const struct command *command;
	json_t *reply;
	size_t i;

	for (i = 0; name && i < sizeof(commands) / sizeof(commands[0]); i++) {
		command = &commands[i];
		if (strcmp(command->name, name) != 0)
			continue;
		reply = command->run(broker, request);
		if (command->is_change)
			record(broker, command, actor, request, reply);
		return reply;
	}
	return bad_request("unknown command");
}
