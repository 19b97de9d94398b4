/* Who is registered, and who may log in. */
#include "broker/admin/admin_commands.h"
#include "broker/admin/admin_person.h"
#include "broker/clock.h"
#include "broker/register/authorisation.h"

#include <stdlib.h>
#include <string.h>

enum {
	IMPORT_MAX = 100000,
	LIST_MAX = 1000, /* accounts in one answer */
};

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
	    admin_time_or_null(account->created_at_s), "last_login_at",
	    admin_time_or_null(account->last_login_at_s));
}

static json_t *
done_with_account(struct broker *broker, const char *name)
{
	struct account account;
	enum register_result result;

	result = register_account_by_name(broker->db, name, &account);
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	return admin_done(
	    json_pack("{s:o}", "account", describe(broker, &account)));
}

static json_t *
publish_then(struct broker *broker, json_t *reply)
{
	return admin_published(broker, broker_publish(broker), reply);
}

/*
 * An account's issuer may be called by its name; where people log in at one
 * alone, it need not be said.
 */
static const char *
issuer_url(const struct config *config, const char *said)
{
	const struct config_issuer *named;

	if (!said)
		return config->issuers[config_next_login(config, 0)]
		    .profile.issuer;
	named = config_issuer_by_name(config, said);
	return named ? named->profile.issuer : said;
}

static json_t *
refuse_issuer(const struct config *config, const char *word, const char *what)
{
	char text[512];
	size_t i, length;

	length = (size_t)snprintf(text, sizeof(text), "%s:", what);
	for (i = config_next_login(config, 0);
	     i < config->issuers_count && length < sizeof(text);
	     i = config_next_login(config, i + 1))
		length += (size_t)snprintf(text + length, sizeof(text) - length,
		    " %s", config->issuers[i].name);
	return admin_error(word, text);
}

static const struct config_issuer *
find_issuer(const struct config *config, const char *said)
{
	const struct config_issuer *named = config_issuer_by_name(config, said);

	return named ? named : config_issuer_by_url(config, said);
}

/*
 * NULL, or the refusal with the names. A URL may be configured later, and one
 * that only services see may be named.
 */
static json_t *
check_issuer(const struct config *config, const json_t *from)
{
	const char *said = admin_text(from, "issuer");
	size_t first = config_next_login(config, 0);
	const struct config_issuer *named;

	if (!said && first == config->issuers_count)
		return admin_error("issuer-missing",
		    "no configured issuer logs people in: name the account's, "
		    "or set login = true in its section of portvakt.conf");
	if (!said &&
	    config_next_login(config, first + 1) < config->issuers_count)
		return refuse_issuer(config, "issuer-missing",
		    "several issuers are configured, and one is the "
		    "account's");
	if (!said)
		return NULL;
	named = find_issuer(config, said);
	if (!named && !strstr(said, "://"))
		return refuse_issuer(config, "issuer-unknown",
		    "this is neither a URL nor the name of a configured "
		    "issuer");
	if (named && named->kind->service.subjects == SERVICE_MACHINES)
		return refuse_issuer(config, "issuer-unsuitable",
		    "the tokens of this issuer are machines', and nobody's "
		    "account; people log in at");
	return NULL;
}

/*
 * Reads what describes an account; the defaults are the configuration's.
 * by_number: the subject will be that of the first login.
 */
static enum register_result
read_account_request(struct broker *broker, const json_t *from, bool by_number,
    struct account_request *ret_request, char home[static REGISTER_PATH_SIZE])
{
	const struct config *config = broker->realm->config;
	const json_t *uid = json_object_get(from, "uid");
	json_int_t number = json_integer_value(uid);

	*ret_request = (struct account_request){
	    .name = admin_text(from, "name"),
	    .issuer = admin_text(from, "issuer"),
	    .subject = admin_text(from, "subject"),
	    .gecos = admin_text(from, "gecos"),
	    .home = admin_text(from, "home"),
	    .shell = admin_text(from, "shell"),
	};
	if (!ret_request->name)
		return REGISTER_NAME_INVALID;
	if (broker_names_group(broker, ret_request->name))
		return REGISTER_NAME_TAKEN;
	if (!ret_request->subject && !by_number)
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

/* A person without a subject is one whom only the number can find. */
static json_t *
add_by_number(struct broker *broker, const json_t *request,
    const struct account_request *wanted)
{
	enum register_result result;
	struct person_link link;
	struct account account;
	json_t *refusal;

	refusal = admin_person_read(broker, request, wanted->issuer, 0, &link);
	if (refusal)
		return refusal;
	result =
	    register_account_add(broker->db, wanted, clock_wall_s(), &account);
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	result = person_link_set(broker->db, account.id, &link);
	if (result == REGISTER_OK)
		return publish_then(
		    broker, done_with_account(broker, account.name));
	refusal = admin_refuse(broker, result);
	(void)register_account_remove(
	    broker->db, account.name, clock_wall_s(), NULL);
	return refusal;
}

json_t *
admin_account_add(const struct admin_call *call)
{
	struct broker *broker = call->broker;
	bool by_number = json_object_get(call->request, "pid") != NULL;
	struct account_request wanted;
	struct account account;
	char home[REGISTER_PATH_SIZE];
	enum register_result result;
	json_t *refusal;

	if (!broker->realm)
		return admin_not_configured(broker);
	refusal = check_issuer(broker->realm->config, call->request);
	if (refusal)
		return refusal;
	if (by_number && admin_text(call->request, "subject"))
		return admin_bad_request("a subject or a pid, not both");
	result = read_account_request(
	    broker, call->request, by_number, &wanted, home);
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	if (by_number)
		return add_by_number(broker, call->request, &wanted);
	result =
	    register_account_add(broker->db, &wanted, clock_wall_s(), &account);
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	return publish_then(broker, done_with_account(broker, account.name));
}

static json_t *
refuse_row(struct broker *broker, enum register_result result, size_t row)
{
	return admin_with_row(admin_refuse(broker, result), row);
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

json_t *
admin_account_import(const struct admin_call *call)
{
	struct broker *broker = call->broker;
	__attribute__((cleanup(import_done))) struct import import = {0};
	const json_t *rows = json_object_get(call->request, "accounts");
	enum register_result result;
	size_t i, failed_at = 0;
	json_t *refusal;

	if (!broker->realm)
		return admin_not_configured(broker);
	import.count = json_array_size(rows);
	if (import.count == 0 || import.count > IMPORT_MAX)
		return admin_bad_request("an import has 1 to 100000 accounts");
	import.requests = calloc(import.count, sizeof(*import.requests));
	import.homes = calloc(import.count, sizeof(*import.homes));
	if (!import.requests || !import.homes)
		return admin_error("failed", "out of memory");
	for (i = 0; i < import.count; i++) {
		refusal = check_issuer(
		    broker->realm->config, json_array_get(rows, i));
		if (refusal)
			return admin_with_row(refusal, i + 1);
		result = read_account_request(broker, json_array_get(rows, i),
		    false, &import.requests[i], import.homes[i]);
		if (result != REGISTER_OK)
			return refuse_row(broker, result, i + 1);
	}
	result = register_account_import(broker->db, import.requests,
	    import.count, clock_wall_s(), &failed_at);
	if (result == REGISTER_FAILED)
		return admin_refuse(broker, result);
	if (result != REGISTER_OK)
		return refuse_row(broker, result, failed_at + 1);
	return publish_then(broker, admin_done(json_pack("{s:I}", "imported",
					(json_int_t)import.count)));
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

json_t *
admin_account_list(const struct admin_call *call)
{
	struct broker *broker = call->broker;
	struct list list = {broker, json_array(), json_null()};
	const char *after = admin_text(call->request, "after");
	enum register_result result;

	result = register_each_account(
	    broker->db, after ? after : "", append_account, &list);
	if (result != REGISTER_OK) {
		json_decref(list.accounts);
		json_decref(list.next);
		return admin_refuse(broker, result);
	}
	return admin_done(json_pack(
	    "{s:o, s:o}", "accounts", list.accounts, "next", list.next));
}

json_t *
admin_account_show(const struct admin_call *call)
{
	struct broker *broker = call->broker;
	const char *name = admin_text(call->request, "name");

	if (!name)
		return admin_bad_request("which account? name is missing");
	return done_with_account(broker, name);
}

json_t *
admin_account_lock(const struct admin_call *call)
{
	struct broker *broker = call->broker;
	const char *name = admin_text(call->request, "name");
	const char *reason = admin_text(call->request, "reason");
	enum register_result result;
	int error;

	if (!name || !reason || !reason[0])
		return admin_bad_request("a lock needs a name and a reason");
	result =
	    register_account_lock(broker->db, name, reason, clock_wall_s());
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	error = broker_refresh(broker, name);
	return admin_published(broker, error, done_with_account(broker, name));
}

json_t *
admin_account_unlock(const struct admin_call *call)
{
	struct broker *broker = call->broker;
	const char *name = admin_text(call->request, "name");
	enum register_result result;
	int error;

	if (!name)
		return admin_bad_request("which account? name is missing");
	result = register_account_unlock(broker->db, name, clock_wall_s());
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	error = broker_refresh(broker, name);
	return admin_published(broker, error, done_with_account(broker, name));
}

json_t *
admin_account_remove(const struct admin_call *call)
{
	struct broker *broker = call->broker;
	const char *name = admin_text(call->request, "name");
	struct authorisation_minimums minimums = {0};
	enum register_result result;

	if (!name)
		return admin_bad_request("which account? name is missing");
	if (broker->realm)
		minimums.policy = rules_policy(broker->realm->rules);
	result = register_account_remove(broker->db, name, clock_wall_s(),
	    minimums.policy ? &minimums : NULL);
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	return publish_then(broker, admin_done(json_object()));
}
