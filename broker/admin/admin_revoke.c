/* Tokens that are good no more: of a session, of a person, of before a time. */
#include "broker/admin/admin_commands.h"
#include "broker/clock.h"
#include "broker/register/revocation.h"

static const char what_to_revoke[] =
    "a session or a person, or what was issued before a time";

/* The URL of what was called by its name or its URL; NULL: none of ours. */
static const char *
issuer_url(const struct config *config, const char *said)
{
	const struct config_issuer *issuer =
	    config_issuer_by_name(config, said);

	if (!issuer)
		issuer = config_issuer_by_url(config, said);
	return issuer ? issuer->profile.issuer : NULL;
}

/* Without a time: all that was issued until now, this second included. */
static json_t *
read_before(
    const json_t *request, int64_t now_s, struct revocation_request *wanted)
{
	const json_t *before = json_object_get(request, "before");

	if (before && !json_is_integer(before))
		return admin_bad_request("before is seconds since the epoch");
	if (before && wanted->kind == REVOCATION_SESSION)
		return admin_bad_request(
		    "a session is revoked whole: without a time");
	if (!before && wanted->kind == REVOCATION_ISSUER)
		return admin_bad_request(what_to_revoke);
	wanted->before_s = before ? json_integer_value(before) : now_s + 1;
	if (wanted->before_s > now_s + 1)
		return admin_error("before-ahead",
		    "what is issued later than now cannot be revoked yet");
	return NULL;
}

static json_t *
read_request(const struct admin_call *call, int64_t now_s,
    struct revocation_request *ret_wanted)
{
	const struct config *config = call->broker->realm->config;
	const char *issuer = admin_text(call->request, "issuer");
	struct revocation_request *wanted = ret_wanted;

	*wanted = (struct revocation_request){
	    .kind = REVOCATION_ISSUER,
	    .session = admin_text(call->request, "session"),
	    .account = admin_text(call->request, "person"),
	    .issuer = issuer ? issuer_url(config, issuer) : NULL,
	    .by = admin_actor_name(call->actor),
	    .reason = admin_text(call->request, "reason"),
	};
	if (wanted->session && wanted->account)
		return admin_bad_request(what_to_revoke);
	if (wanted->session)
		wanted->kind = REVOCATION_SESSION;
	if (wanted->account)
		wanted->kind = REVOCATION_ACCOUNT;
	if (issuer && wanted->account)
		return admin_bad_request(
		    "a person's tokens are revoked at every issuer");
	if (issuer && !wanted->issuer)
		return admin_error("issuer-not-configured",
		    "no issuer of this name or URL is configured");
	if (!wanted->reason || !wanted->reason[0])
		return admin_bad_request("a revocation needs a reason");
	return read_before(call->request, now_s, wanted);
}

json_t *
admin_revoke(const struct admin_call *call)
{
	struct broker *broker = call->broker;
	struct revocation_request wanted;
	int64_t now_s = clock_wall_s();
	enum register_result result;
	json_t *refusal;

	if (!broker->realm)
		return admin_not_configured(broker);
	refusal = read_request(call, now_s, &wanted);
	if (refusal)
		return refusal;
	result = revocation_add(broker->db, &wanted, now_s);
	if (result == REGISTER_IDS_EXHAUSTED)
		return admin_error("too-many",
		    "as many sessions as can be are revoked; revoke what was "
		    "issued before a time");
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	return admin_published(broker, broker_publish(broker),
	    admin_done(json_pack("{s:I}", "before",
		(json_int_t)(wanted.kind == REVOCATION_SESSION
				 ? 0
				 : wanted.before_s))));
}
