#include "broker/config/config.h"

#include "broker/config/authority.h"
#include "broker/config/config_draft.h"
#include "broker/config/config_error.h"
#include "broker/config/settings_files.h"
#include "broker/register/register.h"
#include "broker/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LOGIN_TIMEOUT_S_DEFAULT = 300,
	LOGIN_TIMEOUT_S_MAX = 1800,
	/* The central register of INFOFLYT is deleted after ten years. */
	HISTORY_KEEP_DAYS_DEFAULT = 3653,
	HISTORY_KEEP_DAYS_MAX = 36525,
	/* A key that its issuer removed is refused after this at the latest. */
	KEYS_REFRESH_S_DEFAULT = 300,
	KEYS_REFRESH_S_MIN = 5,
	KEYS_REFRESH_S_MAX = 86400,
	KEYS_KEEP_S_DEFAULT = 86400, /* through an outage */
	KEYS_KEEP_S_MAX = 96 * 3600,
	HTTP_TIMEOUT_MS_DEFAULT = 5000,
	HTTP_TIMEOUT_MS_MIN = 100,
	HTTP_TIMEOUT_MS_MAX = 60000,
};

/* What config_read() hands out is the first member. */
struct config_whole {
	struct config config;
	struct arena arena;
};

static bool
is_account_path(const char *text)
{
	return config_path.is_valid(text) &&
	       (text[1] == '\0' || text[strlen(text) - 1] != '/');
}

/* http://HOST:PORT: what stands between is TLS with the issuer all the same. */
static bool
is_proxy(const char *text)
{
	static const char scheme[] = "http://";
	char authority[FETCH_HOST_SIZE];
	const char *host = text + sizeof(scheme) - 1;

	return strncmp(text, scheme, sizeof(scheme) - 1) == 0 &&
	       authority_normalize(host, strlen(host), authority) == 0;
}

static const struct config_text path_kind = {is_account_path,
    "write an absolute path without ':' and without '/' at its end"};
static const struct config_text proxy_kind = {
    is_proxy, "write http://HOST:PORT"};

static int
take_login(struct config_draft *draft, const struct settings_section *section)
{
	int error;

	error = config_take_number(draft, section, "timeout_s", 1,
	    LOGIN_TIMEOUT_S_MAX, &draft->config.login_timeout_s);
	if (error)
		return error;
	return config_take_flag(
	    draft, section, "qr_code", &draft->config.qr_code);
}

static int
take_fetch(struct config_draft *draft, const struct settings_section *section)
{
	int error;

	error = config_take_number(draft, section, "timeout_ms",
	    HTTP_TIMEOUT_MS_MIN, HTTP_TIMEOUT_MS_MAX,
	    &draft->config.http_timeout_ms);
	if (error)
		return error;
	return config_take_text(
	    draft, section, "proxy", &proxy_kind, &draft->config.proxy);
}

static int
take_history(struct config_draft *draft, const struct settings_section *section)
{
	return config_take_number(draft, section, "keep_days", 1,
	    HISTORY_KEEP_DAYS_MAX, &draft->config.history_keep_days);
}

static int
take_keys(struct config_draft *draft, const struct settings_section *section)
{
	struct config *config = &draft->config;
	int error;

	error = config_take_span(
	    draft, section, "keys_refresh", &config->keys_refresh_s);
	if (!error)
		error = config_take_span(
		    draft, section, "keys_keep", &config->keys_keep_s);
	if (error)
		return error;
	if (config->keys_refresh_s < KEYS_REFRESH_S_MIN ||
	    config->keys_refresh_s > KEYS_REFRESH_S_MAX)
		return config_error_set(draft->error, -EINVAL, section->file,
		    section->line,
		    "keys_refresh is from 5s to 1d: a shorter one burdens the "
		    "issuer, with a longer one removed keys go on");
	if (config->keys_keep_s < 2 * config->keys_refresh_s ||
	    config->keys_keep_s > KEYS_KEEP_S_MAX)
		return config_error_set(draft->error, -EINVAL, section->file,
		    section->line,
		    "keys_keep is from twice keys_refresh to 4d: write one "
		    "that lasts through an outage");
	return 0;
}

static int
take_accounts(
    struct config_draft *draft, const struct settings_section *section)
{
	int error;

	error = config_take_text(
	    draft, section, "home_base", &path_kind, &draft->config.home_base);
	if (!error)
		error = config_take_text(
		    draft, section, "shell", &path_kind, &draft->config.shell);
	if (error)
		return error;
	return config_take_flag(
	    draft, section, "enumerate", &draft->config.enumerate);
}

static const struct settings_option issuer_options[] = {{"name", false},
    {"kind", false}, {"client_id", false}, {"client_auth", false},
    {"client_secret_file", false}, {"client_key_file", false},
    {"client_key_id", false}, {"client_key_algorithm", false}, {"scope", false},
    {"login", false}, {"metadata", false}, {"introspection", false},
    {"targets", true}, {"exchange_targets", true}, {"resources", true},
    {"authorization_details_for", true}, {"authorization_details_types", true},
    {"authorization_details", false}, {"algorithms", true}, {"acr", true},
    {"acr_minimum", false}, {"roles_claims", true}, {"units_claim", false},
    {"test", false}, {"links_persons", false}, {"ca_file", false},
    {"hosts", true}, {"clock_skew_s", false}, {"max_age_s", false},
    {"level_low", false}, {"level_substantial", false}, {"level_high", false},
    {NULL, false}};
static const struct settings_option login_options[] = {
    {"timeout_s", false}, {"qr_code", false}, {NULL, false}};
static const struct settings_option fetch_options[] = {
    {"timeout_ms", false}, {"proxy", false}, {NULL, false}};
static const struct settings_option accounts_options[] = {{"home_base", false},
    {"shell", false}, {"enumerate", false}, {NULL, false}};
static const struct settings_option history_options[] = {
    {"keep_days", false}, {NULL, false}};
static const struct settings_option verify_options[] = {
    {"keys_refresh", false}, {"keys_keep", false}, {NULL, false}};
static const struct settings_option pam_options[] = {{"dialogue", false},
    {"acr", false}, {"max_age", false}, {"groups", true},
    {"token_audiences", true}, {"token_scopes", true}, {"token_issuer", false},
    {"token_peers", true}, {NULL, false}};

static const struct settings_kind kinds[] = {{"issuer", true, issuer_options},
    {"login", false, login_options}, {"fetch", false, fetch_options},
    {"accounts", false, accounts_options}, {"pam", true, pam_options},
    {"history", false, history_options}, {"verify", false, verify_options},
    {NULL, false, NULL}};
static const struct settings_grammar grammar = {kinds, "portvakt.conf(5)"};

/* Later files add; they never override what an earlier one says. */
static int
take_once(struct config_draft *draft, const struct settings_section *section,
    struct config_place *place,
    int (*take)(struct config_draft *, const struct settings_section *))
{
	if (place->file)
		return config_error_set(draft->error, -EINVAL, section->file,
		    section->line,
		    "a second %s section (the first ends at %s:%u): there is "
		    "one, keep its options together",
		    section->name, place->file, place->line);
	place->line = section->line;
	if (config_keep(draft, section->file, &place->file) < 0)
		return -ENOMEM;
	return take(draft, section);
}

static int
take_section(const struct settings_section *section, void *userdata)
{
	struct config_draft *draft = userdata;

	if (strcmp(section->name, "pam") == 0)
		return config_take_pam(draft, section);
	if (strcmp(section->name, "issuer") == 0)
		return config_take_issuer(draft, section);
	if (strcmp(section->name, "login") == 0)
		return take_once(draft, section, &draft->login, take_login);
	if (strcmp(section->name, "fetch") == 0)
		return take_once(draft, section, &draft->fetch, take_fetch);
	if (strcmp(section->name, "history") == 0)
		return take_once(draft, section, &draft->history, take_history);
	if (strcmp(section->name, "verify") == 0)
		return take_once(draft, section, &draft->verify, take_keys);
	return take_once(draft, section, &draft->accounts, take_accounts);
}

static int
finish(struct config_draft *draft, const char *dir)
{
	int error;

	if (draft->config.issuers_count == 0)
		return config_error_set(draft->error, -EINVAL, dir, 0,
		    "no issuer section: nobody can log in and no token can be "
		    "verified, see portvakt.conf(5)");
	error = config_finish_issuers(draft);
	if (!error)
		error = config_finish_services(draft);
	return error;
}

static void
free_secrets(struct config *config)
{
	size_t i;

	for (i = 0; i < config->issuers_count; i++) {
		secret_free(config->issuers[i].client_secret);
		secret_free(config->issuers[i].client_key);
	}
}

static void
draft_done(struct config_draft *draft)
{
	free_secrets(&draft->config);
	arena_done(&draft->arena);
}

static int
hand_over(struct config_draft *draft, struct config **ret_config)
{
	struct config_whole *whole;

	whole = calloc(1, sizeof(*whole));
	if (!whole)
		return -ENOMEM;
	whole->config = draft->config;
	whole->arena = draft->arena;
	draft->config.issuers_count = 0; /* their secrets are handed over */
	draft->arena.newest = NULL;
	*ret_config = &whole->config;
	return 0;
}

int
config_read(
    const char *dir, struct config **ret_config, struct config_error *ret_error)
{
	__attribute__((cleanup(draft_done))) struct config_draft draft = {
	    .error = ret_error,
	    .config = {.home_base = "/home",
		.shell = "/bin/bash",
		.qr_code = true,
		.history_keep_days = HISTORY_KEEP_DAYS_DEFAULT,
		.keys_refresh_s = KEYS_REFRESH_S_DEFAULT,
		.keys_keep_s = KEYS_KEEP_S_DEFAULT,
		.login_timeout_s = LOGIN_TIMEOUT_S_DEFAULT,
		.http_timeout_ms = HTTP_TIMEOUT_MS_DEFAULT},
	};
	int error;

	ret_error->text[0] = '\0';
	error = settings_files_read(
	    dir, "portvakt.conf", &grammar, take_section, &draft, ret_error);
	if (!error)
		error = finish(&draft, dir);
	if (!error)
		error = hand_over(&draft, ret_config);
	if (error && ret_error->text[0] == '\0')
		(void)config_error_set(
		    ret_error, error, dir, 0, "%s", strerror(-error));
	return error;
}

struct config *
config_free(struct config *config)
{
	struct config_whole *whole = (struct config_whole *)config;

	if (!whole)
		return NULL;
	free_secrets(&whole->config);
	arena_done(&whole->arena);
	free(whole);
	return NULL;
}
