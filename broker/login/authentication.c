#include "broker/login/authentication.h"

#include "broker/clock.h"
#include "broker/entitlement/entitlement.h"
#include "broker/login/grants.h"
#include "broker/login/need.h"
#include "broker/login/person_match.h"
#include "broker/login/session.h"
#include "broker/login/verdict.h"
#include "broker/random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DETAIL_SIZE = 560 }; /* what a record keeps of it */

struct authentication {
	struct broker *broker;
	struct realm *realm;
	char account[NAME_MAX_SIZE];
	struct issuer *issuer; /* of the account; NULL: not configured */
	struct need need; /* of the service */
	struct authentication_owner owner;

	struct issuer_wait *wait;
	struct device_grant *grant;
	sd_event_source *begin; /* runs once, from the event loop */
	char nonce[RANDOM_HEX_SIZE];
	struct secret *id_token;
	bool keys_refreshed;
	struct identity identity;
	enum person_match match;
};

struct authentication *
authentication_free(struct authentication *authentication)
{
	if (!authentication)
		return NULL;
	sd_event_source_disable_unref(authentication->begin);
	issuer_wait_cancel(authentication->wait);
	device_grant_free(authentication->grant);
	secret_free(authentication->id_token);
	realm_unref(authentication->realm);
	explicit_bzero(authentication, sizeof(*authentication));
	free(authentication);
	return NULL;
}

/* The last thing that is done: the owner may free the authentication. */
static void
end(struct authentication *authentication, enum login_verdict verdict,
    const char *reason, const char *detail)
{
	const struct authentication_outcome outcome = {
	    .verdict = verdict,
	    .reason = reason,
	    .detail = detail ? detail : "",
	    .acr = authentication->identity.acr,
	    .groups = "",
	};

	authentication->owner.decide(&outcome, authentication->owner.userdata);
}

static void
end_unrecorded(struct authentication *authentication, int error)
{
	char detail[DETAIL_SIZE];

	(void)snprintf(detail, sizeof(detail),
	    "its groups could not be put in force: %s", strerror(-error));
	end(authentication, LOGIN_OUTAGE, "not-recorded", detail);
}

static enum register_result
result_of(int error)
{
	return error == 0 ? REGISTER_OK : REGISTER_FAILED;
}

/* NULL: whatever number this issuer's tokens hold, it leads nowhere. */
static const struct person_keys *
keys_for(const struct authentication *authentication)
{
	return issuer_config(authentication->issuer)->links_persons
		   ? authentication->broker->person_keys
		   : NULL;
}

/*
 * Whose subject it is, that they came, on what evidence and what that gives
 * them: all of it is written, or nothing. 0, -EEXIST as person_match_keep() has
 * it, or -EIO.
 */
static int
keep_login(struct authentication *authentication, const struct account *account,
    const struct entitlement *entitlement, bool *ret_changed)
{
	struct broker *broker = authentication->broker;
	int error = 0;

	if (register_begin(broker->db) != REGISTER_OK)
		return broker_register_trouble(broker);
	error = person_match_keep(broker->db, keys_for(authentication), account,
	    &authentication->identity, authentication->match);
	if (!error &&
	    entitlement_login(broker->db, account, &authentication->identity,
		entitlement, ret_changed) != REGISTER_OK)
		error = broker_register_trouble(broker);
	if (register_end(broker->db, result_of(error)) != REGISTER_OK && !error)
		error = broker_register_trouble(broker);
	return error;
}

/* Yes: the groups of this login are in force before anybody hears of it. */
static void
admit(struct authentication *authentication, const struct account *account,
    const struct grants *grants, enum login_verdict verdict, const char *reason)
{
	char detail[DETAIL_SIZE] = "";
	char on_behalf_of[SESSION_ON_BEHALF_OF_SIZE];
	const struct authentication_outcome outcome = {
	    .verdict = verdict,
	    .reason = reason,
	    .detail = detail,
	    .acr = authentication->identity.acr,
	    .groups = grants->granted,
	    .authenticated_at_s = authentication->identity.authenticated_at_s,
	    .on_behalf_of = on_behalf_of,
	};
	bool changed = false;
	int error;

	error =
	    keep_login(authentication, account, &grants->entitlement, &changed);
	if (error == -EEXIST) {
		end(authentication, LOGIN_DENY, "other-person",
		    "its subject is another account's");
		return;
	}
	if (!error)
		error = broker_follow(authentication->broker, changed);
	if (error) {
		end_unrecorded(authentication, error);
		return;
	}
	session_on_behalf_of(&authentication->identity, on_behalf_of);
	if (grants->withheld[0])
		(void)snprintf(
		    detail, sizeof(detail), "withheld: %s", grants->withheld);
	authentication->owner.decide(&outcome, authentication->owner.userdata);
}

static enum evidence_result
check_evidence(struct authentication *authentication, const char **ret_detail)
{
	const struct config_issuer *issuer =
	    issuer_config(authentication->issuer);
	const struct evidence_expectation expectation = {
	    .profile = &issuer->profile,
	    .keys = issuer_keys(authentication->issuer),
	    .audience = issuer->client_id,
	    .nonce = authentication->nonce,
	    .acr_rank_min = need_acr_rank(&authentication->need),
	    .max_age_s = need_max_age_s(&authentication->need),
	};

	return evidence_check(secret_reveal(authentication->id_token),
	    secret_size(authentication->id_token), &expectation, clock_wall_s(),
	    &authentication->identity, ret_detail);
}

/*
 * What the register says of the account, and of the one who was authenticated.
 * 0 or -EIO.
 */
static int
compare_account(struct authentication *authentication,
    const struct account *account, struct verdict_facts *facts)
{
	struct broker *broker = authentication->broker;
	int error = 0;

	facts->account_known = true;
	facts->account_locked = account->locked;
	if (facts->evidence == EVIDENCE_GOOD)
		error = person_match(broker->db, keys_for(authentication),
		    account, &authentication->identity, &authentication->match);
	facts->subject_is_accounts = authentication->match != PERSON_OTHER;
	return error;
}

static enum need_result
check_need(const struct authentication *authentication,
    const struct entitlement *entitlement)
{
	const struct identity *identity = &authentication->identity;
	enum need_result result;

	result = need_check_login(&authentication->need, identity->acr,
	    identity->authenticated_at_s,
	    entitlement->decided_at_s -
		authentication->need.issuer->profile.clock_skew_s);
	if (result != NEED_MET)
		return result;
	return need_check_groups(
	    &authentication->need, entitlement->groups, entitlement->count);
}

/* A login ends by the rules in force, not by those that it began under. */
static const struct rules *
rules_now(const struct authentication *authentication)
{
	const struct realm *realm = authentication->broker->realm;

	return realm ? realm->rules : authentication->realm->rules;
}

/*
 * The account is read anew: it may have been locked while a person was waited
 * for.
 */
static void
judge(struct authentication *authentication, enum evidence_result evidence,
    const char *detail)
{
	struct verdict_facts facts = {
	    .peer_entitled = true,
	    .evidence_needed = true,
	    .evidence = evidence,
	};
	struct grants grants = {.granted = ""};
	enum login_verdict verdict;
	struct account account;
	enum register_result found;
	const char *reason;
	int error = 0;

	found = register_account_by_name(
	    authentication->broker->db, authentication->account, &account);
	if (found != REGISTER_OK && found != REGISTER_NOT_FOUND) {
		end(authentication, LOGIN_OUTAGE, "register-failed",
		    register_error(authentication->broker->db));
		return;
	}
	if (found == REGISTER_OK &&
	    compare_account(authentication, &account, &facts)) {
		end(authentication, LOGIN_OUTAGE, "register-failed",
		    "whose identity number it is cannot be told");
		return;
	}
	if (evidence == EVIDENCE_GOOD) {
		error = grants_decide(authentication->broker->db,
		    rules_policy(rules_now(authentication)),
		    authentication->account, &authentication->identity,
		    clock_wall_s(), &grants);
		/* Without groups nothing was decided: see below. */
		facts.need =
		    error ? NEED_MET
			  : check_need(authentication, &grants.entitlement);
	}
	verdict = verdict_decide(&facts, &reason);
	if (verdict != LOGIN_ALLOW)
		end(authentication, verdict, reason, detail);
	else if (error)
		end_unrecorded(authentication, error);
	else
		admit(authentication, &account, &grants, verdict, reason);
}

static void keys_ready(
    enum issuer_result result, const char *detail, void *userdata);

static void
check(struct authentication *authentication)
{
	enum evidence_result evidence;
	const char *detail = NULL;
	int ready;

	evidence = check_evidence(authentication, &detail);
	if (evidence == EVIDENCE_KEY_UNKNOWN &&
	    !authentication->keys_refreshed) {
		authentication->keys_refreshed = true;
		ready = issuer_refresh_keys(authentication->issuer, keys_ready,
		    authentication, &authentication->wait);
		if (ready == 0)
			return;
		if (ready < 0) {
			end(authentication, LOGIN_OUTAGE, "failed",
			    strerror(-ready));
			return;
		}
	}
	judge(authentication, evidence, detail);
}

/* Keys that could not be fetched are an outage: the token may be good. */
static void
keys_ready(enum issuer_result result, const char *detail, void *userdata)
{
	struct authentication *authentication = userdata;

	authentication->wait = NULL;
	if (result == ISSUER_READY && !detail[0])
		check(authentication);
	else
		end(authentication,
		    result == ISSUER_MISCONFIGURED ? LOGIN_MISCONFIGURED
						   : LOGIN_OUTAGE,
		    "provider-outage", detail);
}

static void
token_came(struct authentication *authentication,
    const struct device_grant_report *report)
{
	if (secret_new(report->id_token, report->id_token_size,
		&authentication->id_token)) {
		end(authentication, LOGIN_OUTAGE, "failed", "out of memory");
		return;
	}
	check(authentication);
}

static void
grant_reported(const struct device_grant_report *report, void *userdata)
{
	struct authentication *authentication = userdata;
	char detail[DETAIL_SIZE];

	/* The report's words belong to the grant, which may go first. */
	(void)snprintf(
	    detail, sizeof(detail), "%s", report->detail ? report->detail : "");
	switch (report->event) {
	case DEVICE_GRANT_CODE:
		authentication->owner.invite(
		    report, authentication->owner.userdata);
		return;
	case DEVICE_GRANT_TOKEN:
		token_came(authentication, report);
		return;
	case DEVICE_GRANT_DENIED:
		end(authentication, LOGIN_DENY, "denied", detail);
		return;
	case DEVICE_GRANT_EXPIRED:
		end(authentication, LOGIN_EXPIRED, "expired-code", detail);
		return;
	case DEVICE_GRANT_OUTAGE:
		end(authentication, LOGIN_OUTAGE, "provider-outage", detail);
		return;
	case DEVICE_GRANT_MISCONFIGURED:
		end(authentication, LOGIN_MISCONFIGURED, "client-refused",
		    detail);
		return;
	}
}

/* The level that is asked for is the lowest that will do. */
static const char *
wanted_acr(const struct need *need)
{
	int rank = need_acr_rank(need);

	return rank > 0 ? need->issuer->profile.acr_ladder[rank - 1] : NULL;
}

static void
request_code(struct authentication *authentication)
{
	const struct need *need = &authentication->need;
	struct device_grant_request request = {
	    .nonce = authentication->nonce,
	    .acr_values = wanted_acr(need),
	    .max_age_s = need_max_age_s(need),
	};
	int error;

	random_hex(authentication->nonce);
	error = device_grant_new(authentication->broker->event,
	    authentication->issuer, &request, grant_reported, authentication,
	    &authentication->grant);
	if (error == -EKEYREJECTED || error == -ENOKEY || error == -EIO)
		end(authentication, LOGIN_MISCONFIGURED, "client-key",
		    "the client key does not sign");
	else if (error)
		end(authentication, LOGIN_OUTAGE, "failed", strerror(-error));
}

static void
issuer_ready(enum issuer_result result, const char *detail, void *userdata)
{
	struct authentication *authentication = userdata;

	authentication->wait = NULL;
	switch (result) {
	case ISSUER_READY:
		request_code(authentication);
		return;
	case ISSUER_UNAVAILABLE:
		end(authentication, LOGIN_OUTAGE, "provider-outage", detail);
		return;
	case ISSUER_MISCONFIGURED:
		end(authentication, LOGIN_MISCONFIGURED, "issuer", detail);
		return;
	}
}

/* False: it cannot, and the owner was told. */
static bool
can_begin(struct authentication *authentication)
{
	if (!authentication->issuer) {
		end(authentication, LOGIN_MISCONFIGURED, "issuer-unknown",
		    "the account's issuer is not in portvakt.conf: add an "
		    "issuer section for it, or give the account another one");
		return false;
	}
	if (!issuer_config(authentication->issuer)->logs_people_in) {
		end(authentication, LOGIN_MISCONFIGURED, "issuer-no-login",
		    "the account's issuer logs nobody in, as portvakt.conf "
		    "has it: set login = true there, or give the account "
		    "another issuer");
		return false;
	}
	if (authentication->need.acr_rank_min < 0) {
		end(authentication, LOGIN_MISCONFIGURED, "level-unreachable",
		    "the account's issuer has no level that this service's "
		    "pam section asks for: correct acr there, or level_* of "
		    "the issuer");
		return false;
	}
	return true;
}

static int
begin(sd_event_source *source, void *userdata)
{
	struct authentication *authentication = userdata;
	int ready;

	(void)source;
	if (!can_begin(authentication))
		return 0;
	ready = issuer_prepare(authentication->issuer, issuer_ready,
	    authentication, &authentication->wait);
	if (ready > 0)
		request_code(authentication);
	else if (ready < 0)
		end(authentication, LOGIN_OUTAGE, "failed", strerror(-ready));
	return 0;
}

int
authentication_new(struct broker *broker, struct realm *realm,
    const struct account *account, const char *service,
    const struct authentication_owner *owner,
    struct authentication **ret_authentication)
{
	struct authentication *authentication;
	int error;

	authentication = calloc(1, sizeof(*authentication));
	if (!authentication)
		return -ENOMEM;
	authentication->broker = broker;
	authentication->realm = realm_ref(realm);
	authentication->owner = *owner;
	(void)snprintf(authentication->account, sizeof(authentication->account),
	    "%s", account->name);
	authentication->issuer = realm_issuer(realm, account->issuer);
	authentication->need = need_of(realm->config, service,
	    config_issuer_by_url(realm->config, account->issuer));
	error = sd_event_add_defer(
	    broker->event, &authentication->begin, begin, authentication);
	if (error < 0) {
		authentication_free(authentication);
		return error;
	}
	*ret_authentication = authentication;
	return 0;
}
