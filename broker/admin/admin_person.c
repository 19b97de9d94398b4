#include "broker/admin/admin_person.h"

#include "broker/admin/admin_commands.h"
#include "verify/person_number.h"

#include <errno.h>
#include <string.h>

static json_t *
no_keys(void)
{
	return admin_error("failed",
	    "the keys of identity numbers cannot be used: see the journal of "
	    "portvaktd");
}

static json_t *
taken(void)
{
	return admin_error(
	    "pid-taken", "another account has this identity number");
}

/* jansson's copy is freed as it is. */
static void
wipe(const json_t *text)
{
	union {
		const char *shown;
		char *own;
	} at = {json_string_value(text)};

	if (at.own)
		explicit_bzero(at.own, json_string_length(text));
}

static json_t *
check_number(struct broker *broker, const char *digits, const char *issuer)
{
	const struct config_issuer *config =
	    config_issuer_by_url(broker->realm->config, issuer);

	if (!config || !config->links_persons)
		return admin_error("pid-not-believed",
		    "identity numbers in tokens of the account's issuer are "
		    "not believed: its section has no links_persons = true");
	switch (person_number_check(slice_of(digits))) {
	case PERSON_NUMBER_REAL:
		return NULL;
	case PERSON_NUMBER_SYNTHETIC:
		if (config->profile.test)
			return NULL;
		return admin_error("pid-invalid",
		    "this is a synthetic identity number, and the account's "
		    "issuer is no test issuer");
	case PERSON_NUMBER_INVALID:
		break;
	}
	return admin_error("pid-invalid", "this is no identity number");
}

/* Whoever has it may have it under an older key. */
static json_t *
check_free(struct broker *broker, const char *digits, int64_t except)
{
	enum register_result result;
	struct person_link link;
	struct account holder;
	unsigned int number;
	size_t age;

	for (age = 0;
	     (number = person_keys_number(broker->person_keys, age)) != 0;
	     age++) {
		if (person_key_link(broker->person_keys, number, digits, &link))
			return no_keys();
		result = person_link_find(broker->db, &link, &holder);
		if (result == REGISTER_OK && holder.id != except)
			return taken();
		if (result != REGISTER_OK && result != REGISTER_NOT_FOUND)
			return admin_refuse(broker, result);
	}
	return NULL;
}

static json_t *
make_link(struct broker *broker, const char *digits, const char *issuer,
    int64_t except, struct person_link *ret_link)
{
	json_t *refusal;

	refusal = check_number(broker, digits, issuer);
	if (!refusal)
		refusal = check_free(broker, digits, except);
	if (refusal)
		return refusal;
	return person_key_link(broker->person_keys,
		   person_keys_number(broker->person_keys, 0), digits, ret_link)
		   ? no_keys()
		   : NULL;
}

json_t *
admin_person_read(struct broker *broker, const json_t *request,
    const char *issuer, int64_t except, struct person_link *ret_link)
{
	const json_t *pid = json_object_get(request, "pid");
	json_t *refusal;

	if (!json_is_string(pid))
		return admin_error("pid-invalid", "pid is missing");
	refusal = broker->person_keys
		      ? make_link(broker, json_string_value(pid), issuer,
			    except, ret_link)
		      : no_keys();
	wipe(pid);
	return refusal;
}

json_t *
admin_account_pid(const struct admin_call *call)
{
	struct broker *broker = call->broker;
	const char *name = admin_text(call->request, "name");
	enum register_result result;
	struct person_link link;
	struct account account;
	json_t *refusal;

	if (!name)
		return admin_bad_request("which account? name is missing");
	if (!broker->realm)
		return admin_not_configured(broker);
	result = register_account_by_name(broker->db, name, &account);
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	refusal = admin_person_read(
	    broker, call->request, account.issuer, account.id, &link);
	if (refusal)
		return refusal;
	result = person_link_set(broker->db, account.id, &link);
	if (result == REGISTER_SUBJECT_TAKEN)
		return taken();
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	/* Services let go of what the old number led to. */
	return admin_published(
	    broker, broker_publish(broker), admin_done(json_object()));
}

/* Links under older keys; a key that no link needs is forgotten. */
static enum register_result
count_old(struct broker *broker, size_t *ret_count)
{
	struct person_keys *keys = broker->person_keys;
	enum register_result result;
	const char *problem;
	unsigned int number;
	size_t count, all = 0, age = 1;

	while ((number = person_keys_number(keys, age)) != 0) {
		result = person_link_count(broker->db, number, &count);
		if (result != REGISTER_OK)
			return result;
		all += count;
		if (count > 0 || person_keys_drop(keys, number, &problem))
			age++;
	}
	*ret_count = all;
	return REGISTER_OK;
}

json_t *
admin_pid_key_rotate(const struct admin_call *call)
{
	struct broker *broker = call->broker;
	enum register_result result;
	const char *problem = "";
	size_t count = 0;
	int error;

	if (!broker->person_keys)
		return no_keys();
	/* First what no link needs: there is a maximum. */
	result = count_old(broker, &count);
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	error = person_keys_rotate(broker->person_keys, &problem);
	if (error)
		return admin_error("failed",
		    problem && problem[0] ? problem : strerror(-error));
	result = person_links_changed(broker->db);
	if (result == REGISTER_OK)
		result = count_old(broker, &count);
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	return admin_published(broker, broker_publish(broker),
	    admin_done(json_pack("{s:I, s:I}", "key",
		(json_int_t)person_keys_number(broker->person_keys, 0),
		"old_links", (json_int_t)count)));
}
