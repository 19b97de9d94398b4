/*
 * The token_* options of a pam section: which access tokens log in at that
 * service, and whose programs may bring them. Refuses what could never let
 * anybody in, or could let in more than was meant.
 */
#include "broker/config/config_draft.h"
#include "broker/config/config_error.h"
#include "lib/name.h"
#include "verify/service_token.h"

#include <errno.h>
#include <string.h>

enum {
	TOKEN_AUDIENCES_MAX = 8, /* each of them costs a check of a signature */
	TOKEN_SCOPES_MAX = 16,
	TOKEN_PEERS_MAX = 8,
};

static const char *const names[] = {
    "token_audiences", "token_scopes", "token_issuer", "token_peers"};

enum { NAMES_COUNT = sizeof(names) / sizeof(names[0]) };

bool
config_service_takes_tokens(const struct config_service *service)
{
	return service->token_audiences_count > 0 ||
	       service->token_scopes_count > 0;
}

static bool
same_list(
    const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
	size_t i;

	if (a_count != b_count)
		return false;
	for (i = 0; i < a_count; i++) {
		if (strcmp(a[i], b[i]) != 0)
			return false;
	}
	return true;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool
config_same_service_token(
    const struct config_service *a, const struct config_service *b)
{
	return same_list(a->token_audiences, a->token_audiences_count,
		   b->token_audiences, b->token_audiences_count) &&
	       same_list(a->token_scopes, a->token_scopes_count,
		   b->token_scopes, b->token_scopes_count) &&
	       same_list(a->token_peers, a->token_peers_count, b->token_peers,
		   b->token_peers_count) &&
	       same_text(a->token_issuer, b->token_issuer);
}

static int
refuse(
    struct config_draft *draft, const struct config_pam *pam, const char *what)
{
	return config_error_set(draft->error, -EINVAL, pam->place.file,
	    pam->token_line, "pam \"%.64s\": %s", pam->service.name, what);
}

/* The first of them, or 0 when there is none. */
static unsigned int
find_line(const struct settings_section *section)
{
	size_t i;

	for (i = 0; i < NAMES_COUNT; i++) {
		if (settings_count(section, names[i]) > 0)
			return settings_get(section, names[i], 0).line;
	}
	return 0;
}

int
config_take_service_token(struct config_draft *draft,
    const struct settings_section *section, struct config_pam *pam)
{
	static const struct config_text peer_kind = {
	    name_is_valid, "write the names of local accounts"};
	struct config_service *service = &pam->service;
	int error;

	pam->token_line = find_line(section);
	error = config_take_list(draft, section, "token_audiences",
	    &config_word, TOKEN_AUDIENCES_MAX, &service->token_audiences,
	    &service->token_audiences_count);
	if (!error)
		error = config_take_list(draft, section, "token_scopes",
		    &config_word, TOKEN_SCOPES_MAX, &service->token_scopes,
		    &service->token_scopes_count);
	if (!error)
		error = config_take_text(draft, section, "token_issuer",
		    &config_word, &service->token_issuer);
	if (!error)
		error = config_take_list(draft, section, "token_peers",
		    &peer_kind, TOKEN_PEERS_MAX, &service->token_peers,
		    &service->token_peers_count);
	if (!error && pam->token_line > 0 &&
	    !config_service_takes_tokens(service))
		error = refuse(draft, pam,
		    "no token logs in there: write token_audiences = { what "
		    "the issuer calls the service }");
	return error;
}

/* Its tokens can be a person's who comes in here. */
static bool
logs_in(const struct config_issuer *issuer)
{
	return issuer->logs_people_in &&
	       issuer->kind->service.subjects != SERVICE_MACHINES;
}

/* At one of the issuers that it could be of. */
static bool
can_do_without_audience(
    const struct config *config, const struct config_issuer *named)
{
	size_t i;

	if (named)
		return named->kind->service.audience_optional;
	for (i = 0; i < config->issuers_count; i++) {
		if (logs_in(&config->issuers[i]) &&
		    config->issuers[i].kind->service.audience_optional)
			return true;
	}
	return false;
}

/* Digdir's word for nobody in particular, who would be everybody. */
static bool
names_nobody(const struct config_service *service)
{
	size_t i;

	for (i = 0; i < service->token_audiences_count; i++) {
		if (strcmp(service->token_audiences[i], "unspecified") == 0)
			return true;
	}
	return false;
}

/* Nothing that it asks for tells it from any other service. */
static bool
asks_anybodys(const struct config_service *service)
{
	size_t i;

	if (service->token_audiences_count > 0)
		return false;
	for (i = 0; i < service->token_scopes_count; i++) {
		if (!service_scope_is_anybodys(service->token_scopes[i]))
			return false;
	}
	return true;
}

int
config_check_service_token(
    struct config_draft *draft, const struct config_pam *pam)
{
	const struct config_service *service = &pam->service;
	const struct config_issuer *named = NULL;

	if (!config_service_takes_tokens(service))
		return 0;
	if (service->token_issuer) {
		named = config_issuer_by_name(
		    &draft->config, service->token_issuer);
		if (!named)
			return refuse(draft, pam,
			    "token_issuer: no issuer section has this name");
		if (!logs_in(named))
			return refuse(draft, pam,
			    "token_issuer: that issuer logs nobody in, so its "
			    "tokens do not either");
	}
	if (names_nobody(service))
		return refuse(draft, pam,
		    "token_audiences: \"unspecified\" is no audience: leave it "
		    "out, and write token_scopes");
	if (asks_anybodys(service))
		return refuse(draft, pam,
		    "token_scopes: every service's tokens have these: write "
		    "token_audiences, or a scope that is this service's own");
	if (service->token_audiences_count == 0 &&
	    !can_do_without_audience(&draft->config, named))
		return refuse(draft, pam,
		    "the tokens of this issuer name an audience: write "
		    "token_audiences, token_scopes alone would let in the "
		    "tokens of other services");
	return 0;
}
