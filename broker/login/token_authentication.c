#include "broker/login/token_authentication.h"

#include "broker/clock.h"
#include "broker/login/grants.h"
#include "broker/login/need.h"
#include "broker/login/person_match.h"
#include "broker/login/token_login.h"
#include "broker/login/verdict.h"
#include "verify/person_number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct token_authentication {
	struct broker *broker;
	struct realm *realm;
	char account[NAME_MAX_SIZE];
	struct issuer *issuer; /* that the token must be of; NULL: none */
	struct need need; /* of the service, at that issuer */
	token_decided_fn decide;
	void *userdata;

	sd_event_source *begin; /* runs once, from the event loop */
	struct issuer_wait *wait;
	struct secret *text;
	bool keys_refreshed;
	struct service_token token;
	struct service_bearer bearer;
	const char *audience; /* of the service's section */
};

struct token_authentication *
token_authentication_free(struct token_authentication *authentication)
{
	if (!authentication)
		return NULL;
	sd_event_source_disable_unref(authentication->begin);
	issuer_wait_cancel(authentication->wait);
	secret_free(authentication->text);
	realm_unref(authentication->realm);
	explicit_bzero(authentication, sizeof(*authentication));
	free(authentication);
	return NULL;
}

static const char *
recorded(const char *text)
{
	return text[0] && !person_number_is_in(slice_of(text)) ? text : NULL;
}

/* As in the records of portvakt-api: the same for the same subject. */
static bool
hide_subject(const struct token_authentication *authentication,
    char ret_subject[static PERSON_KEY_SUBJECT_SIZE])
{
	const struct person_keys *keys = authentication->broker->person_keys;

	return keys && authentication->bearer.subject[0] &&
	       person_key_subject(keys, authentication->need.issuer->name,
		   authentication->bearer.subject, ret_subject) == 0;
}

/* The last thing that is done: the owner may free the authentication. */
static void
end(struct token_authentication *authentication, enum login_verdict verdict,
    const char *reason, const char *detail)
{
	char on_behalf_of[SESSION_ON_BEHALF_OF_SIZE] = "";
	const struct token_origin origin =
	    token_origin_of(&authentication->token);
	char subject[PERSON_KEY_SUBJECT_SIZE] = "";
	struct authentication_outcome outcome = {
	    .verdict = verdict,
	    .reason = reason,
	    .detail = detail ? detail : "",
	    .acr = authentication->token.identity.acr,
	    .groups = "",
	    .authenticated_at_s =
		authentication->token.identity.authenticated_at_s,
	    .on_behalf_of = on_behalf_of,
	    .by_token = true,
	    .origin = verdict == LOGIN_ALLOW ? &origin : NULL,
	    .token_size = secret_size(authentication->text),
	    .token = {.audience = authentication->audience,
		.client_id = recorded(authentication->bearer.client_id),
		.token_id = recorded(authentication->bearer.token_id)},
	};

	if (verdict != LOGIN_ALLOW && hide_subject(authentication, subject))
		outcome.token.subject = subject;
	if (verdict == LOGIN_ALLOW)
		session_on_behalf_of(
		    &authentication->token.identity, on_behalf_of);
	authentication->decide(&outcome, authentication->userdata);
}

static void
end_unread(struct token_authentication *authentication)
{
	end(authentication, LOGIN_OUTAGE, "register-failed",
	    register_error(authentication->broker->db));
}

/* 0 or -EIO. */
static int
find_revocation(const struct token_authentication *authentication,
    int64_t account_id, bool *ret_found)
{
	const struct token_origin origin =
	    token_origin_of(&authentication->token);

	return token_login_find_revocation(authentication->broker->db, &origin,
		   account_id, clock_wall_s(), ret_found) == REGISTER_OK
		   ? 0
		   : -EIO;
}

static const struct person_keys *
keys_for(const struct token_authentication *authentication)
{
	return authentication->need.issuer->links_persons
		   ? authentication->broker->person_keys
		   : NULL;
}

/* By the rules in force, not those that it began under. */
static const struct policy *
policy_now(const struct token_authentication *authentication)
{
	const struct realm *realm = authentication->broker->realm;

	return rules_policy(
	    realm ? realm->rules : authentication->realm->rules);
}

/* Level and age were asked of the token; what is left are the groups. */
static int
check_groups(
    struct token_authentication *authentication, enum need_result *ret_need)
{
	struct grants grants = {.granted = ""};
	int error;

	error = grants_decide(authentication->broker->db,
	    policy_now(authentication), authentication->account,
	    &authentication->token.identity, clock_wall_s(), &grants);
	if (error)
		return error;
	*ret_need = need_check_groups(&authentication->need,
	    grants.entitlement.groups, grants.entitlement.count);
	return 0;
}

/* Whose it is, and whether it stands. The account is the register's of now. */
static int
compare_account(struct token_authentication *authentication,
    const struct account *account, struct verdict_facts *facts, bool *revoked)
{
	enum person_match match = PERSON_OTHER;
	int error;

	facts->account_known = true;
	facts->account_locked = account->locked;
	error = person_match_access(authentication->broker->db,
	    keys_for(authentication), account, &authentication->token.identity,
	    &match);
	facts->subject_is_accounts = match != PERSON_OTHER;
	if (!error)
		error = find_revocation(authentication, account->id, revoked);
	return error;
}

/* Of a token that is good in itself. */
static void
judge(struct token_authentication *authentication)
{
	struct verdict_facts facts = {
	    .peer_entitled = true,
	    .evidence_needed = true,
	    .evidence = EVIDENCE_GOOD,
	};
	enum register_result found;
	enum login_verdict verdict;
	struct account account;
	bool revoked = false;
	const char *reason;

	found = register_account_by_name(
	    authentication->broker->db, authentication->account, &account);
	if ((found != REGISTER_OK && found != REGISTER_NOT_FOUND) ||
	    (found == REGISTER_OK &&
		compare_account(authentication, &account, &facts, &revoked))) {
		end_unread(authentication);
		return;
	}
	if (revoked) {
		end(authentication, LOGIN_DENY, "revoked", NULL);
		return;
	}
	if (found == REGISTER_OK && check_groups(authentication, &facts.need)) {
		end(authentication, LOGIN_OUTAGE, "failed",
		    "its groups could not be decided");
		return;
	}
	verdict = verdict_decide(&facts, &reason);
	end(authentication, verdict, reason,
	    verdict == LOGIN_ALLOW ? "by an access token" : NULL);
}

static void
refuse(struct token_authentication *authentication,
    const struct token_login_finding *finding)
{
	bool misconfigured = finding->result == TOKEN_LOGIN_NOT_CONFIGURED ||
			     (finding->result == TOKEN_LOGIN_REFUSED &&
				 finding->evidence == EVIDENCE_NOT_CHECKED);

	end(authentication, misconfigured ? LOGIN_MISCONFIGURED : LOGIN_DENY,
	    token_login_word(finding), finding->detail);
}

static void keys_ready(
    enum issuer_result result, const char *detail, void *userdata);

/* True: it waits for keys, or has ended. */
static bool
asks_for_keys(struct token_authentication *authentication)
{
	int ready;

	if (authentication->keys_refreshed)
		return false;
	authentication->keys_refreshed = true;
	ready = issuer_refresh_keys(authentication->issuer, keys_ready,
	    authentication, &authentication->wait);
	if (ready < 0)
		end(authentication, LOGIN_OUTAGE, "failed", strerror(-ready));
	return ready <= 0;
}

static void
check(struct token_authentication *authentication)
{
	struct token_login_finding finding;

	finding = token_login_check(secret_reveal(authentication->text),
	    secret_size(authentication->text), &authentication->need,
	    issuer_keys(authentication->issuer), clock_wall_s(),
	    &authentication->token);
	authentication->bearer = finding.bearer;
	authentication->audience = finding.audience;
	if (finding.result == TOKEN_LOGIN_GOOD)
		judge(authentication);
	else if (finding.result != TOKEN_LOGIN_REFUSED ||
		 finding.evidence != EVIDENCE_KEY_UNKNOWN ||
		 !asks_for_keys(authentication))
		refuse(authentication, &finding);
}

/* Keys that could not be fetched are an outage: the token may be good. */
static void
keys_ready(enum issuer_result result, const char *detail, void *userdata)
{
	struct token_authentication *authentication = userdata;

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
issuer_ready(enum issuer_result result, const char *detail, void *userdata)
{
	struct token_authentication *authentication = userdata;

	authentication->wait = NULL;
	switch (result) {
	case ISSUER_READY:
		check(authentication);
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
can_begin(struct token_authentication *authentication)
{
	const struct need *need = &authentication->need;

	if (!need->service || !config_service_takes_tokens(need->service)) {
		end(authentication, LOGIN_MISCONFIGURED,
		    "tokens-not-configured",
		    "the service takes no tokens: write token_audiences in its "
		    "pam section of portvakt.conf");
		return false;
	}
	if (!authentication->issuer) {
		end(authentication, LOGIN_MISCONFIGURED, "issuer-unknown",
		    "the account's issuer is not in portvakt.conf: add an "
		    "issuer section for it, or give the account another one");
		return false;
	}
	if (!need->issuer->logs_people_in) {
		end(authentication, LOGIN_MISCONFIGURED, "issuer-no-login",
		    "the account's issuer logs nobody in, as portvakt.conf "
		    "has it, and its tokens do not either: set login = true "
		    "there, or give the account another issuer");
		return false;
	}
	if (need->acr_rank_min < 0) {
		end(authentication, LOGIN_MISCONFIGURED, "level-unreachable",
		    "the issuer has no level that this service's pam section "
		    "asks for: correct acr there, or level_* of the issuer");
		return false;
	}
	return true;
}

static int
begin(sd_event_source *source, void *userdata)
{
	struct token_authentication *authentication = userdata;
	int ready;

	(void)source;
	if (!can_begin(authentication))
		return 0;
	ready = issuer_prepare(authentication->issuer, issuer_ready,
	    authentication, &authentication->wait);
	if (ready > 0)
		check(authentication);
	else if (ready < 0)
		end(authentication, LOGIN_OUTAGE, "failed", strerror(-ready));
	return 0;
}

/* Of the section, or else of the account. */
static void
find_issuer(struct token_authentication *authentication,
    const struct account *account, const char *service)
{
	const struct config *config = authentication->realm->config;
	const struct config_service *section = config_service(config, service);
	const struct config_issuer *issuer;

	issuer = section && section->token_issuer
		     ? config_issuer_by_name(config, section->token_issuer)
		     : config_issuer_by_url(config, account->issuer);
	authentication->need = need_of(config, service, issuer);
	if (issuer)
		authentication->issuer =
		    realm_issuer(authentication->realm, issuer->profile.issuer);
}

int
token_authentication_new(struct broker *broker, struct realm *realm,
    const struct account *account, const char *service, const char *token,
    size_t size, token_decided_fn decide, void *userdata,
    struct token_authentication **ret_authentication)
{
	struct token_authentication *authentication;
	int error;

	authentication = calloc(1, sizeof(*authentication));
	if (!authentication)
		return -ENOMEM;
	authentication->broker = broker;
	authentication->realm = realm_ref(realm);
	authentication->decide = decide;
	authentication->userdata = userdata;
	(void)snprintf(authentication->account, sizeof(authentication->account),
	    "%s", account->name);
	find_issuer(authentication, account, service);
	error = secret_new(token, size, &authentication->text);
	if (!error)
		error = sd_event_add_defer(broker->event,
		    &authentication->begin, begin, authentication);
	if (error < 0) {
		token_authentication_free(authentication);
		return error;
	}
	*ret_authentication = authentication;
	return 0;
}
