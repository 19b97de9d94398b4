/* How the broker is, and its configuration read again. */
#include "broker/admin/admin_commands.h"

static json_t *
describe_issuer(const struct issuer *issuer)
{
	const struct config_issuer *config = issuer_config(issuer);
	const struct key_set *keys = issuer_keys(issuer);

	return json_pack(
	    "{s:s, s:s, s:s, s:b, s:b, s:I, s:I, s:b, s:I, s:o, s:s}", "url",
	    config->profile.issuer, "name", config->name, "kind",
	    config->kind->name, "login", config->logs_people_in,
	    "introspection", config->introspects, "targets",
	    (json_int_t)config->targets_count, "exchange_targets",
	    (json_int_t)config->exchange_targets_count, "reachable",
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

json_t *
admin_status(const struct admin_call *call)
{
	struct broker *broker = call->broker;
	const struct realm *realm = broker->realm;
	size_t accounts = 0;

	(void)register_account_count(broker->db, &accounts);
	return admin_done(json_pack(
	    "{s:s, s:I, s:o, s:I, s:I, s:I, s:i, s:b, s:b, s:i, s:{s:o, s:s}}",
	    "version", PORTVAKT_VERSION, "started_at",
	    (json_int_t)broker->started_at_s, "issuers",
	    describe_issuers(realm), "accounts", (json_int_t)accounts,
	    "generation", (json_int_t)broker->publication.generation,
	    "left_out", (json_int_t)broker->publication.left_out, "logins",
	    (int)(broker->logins + broker->logins_of_others), "fetcher",
	    fetch_client_is_connected(broker->fetch), "person_keys",
	    broker->person_keys != NULL, "login_timeout_s",
	    realm ? (int)realm->config->login_timeout_s : 0, "config",
	    "loaded_at", admin_time_or_null(broker->configured_at_s), "error",
	    broker->config_error.text));
}

json_t *
admin_reload(const struct admin_call *call)
{
	struct broker *broker = call->broker;

	if (broker_reload(broker, call->actor->record))
		return admin_error("config-invalid", broker->config_error.text);
	return admin_done(json_object());
}
