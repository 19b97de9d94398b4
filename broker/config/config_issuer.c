#include "broker/config/authority.h"
#include "broker/config/client_key.h"
#include "broker/config/config_draft.h"
#include "broker/config/config_error.h"
#include "broker/config/trusted_file.h"
#include "broker/register/register.h"
#include "broker/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	TEXT_SIZE = 256, /* client_id, kid, scope */
	CLAIM_SIZE = 128,
	ACR_LADDER_MAX = 16,
	ALGORITHMS_MAX = 3,
	MAX_AGE_S_DEFAULT = 12 * 3600,
	MAX_AGE_S_MAX = 30 * 24 * 3600,
	SKEW_S_MAX = 300,
	SKEW_S_DEFAULT = 10,
	CA_SIZE_MAX = 4 * 1024 * 1024, /* a system's whole bundle fits */
	KEY_SIZE_MAX = 64 * 1024,
	CLIENT_SECRET_SIZE_MAX = 4096,
};

static bool
is_text(const char *text)
{
	return text[0] != '\0' && text_is_ascii(text, TEXT_SIZE);
}

static bool
is_word(const char *text)
{
	return is_text(text) && !strchr(text, ' ');
}

static bool
is_acr(const char *text)
{
	return is_word(text) && strlen(text) < IDENTITY_ACR_SIZE;
}

static bool
is_claim_path(const char *text)
{
	return is_word(text) && strlen(text) < CLAIM_SIZE && text[0] != '.' &&
	       !strstr(text, "..") && text[strlen(text) - 1] != '.';
}

static bool
is_path(const char *text)
{
	return text_is_path(text, REGISTER_PATH_SIZE);
}

/* OpenID Connect Core 3.1.2.1: without "openid" there is no id_token. */
static bool
is_scope(const char *text)
{
	const char *at = text;
	size_t length;

	if (!is_text(text))
		return false;
	while (*at) {
		length = strcspn(at, " ");
		if (length == 6 && strncmp(at, "openid", 6) == 0)
			return true;
		at += length + (at[length] == ' ');
	}
	return false;
}

static bool
is_algorithm(const char *text)
{
	return strcmp(text, "RS256") == 0 || strcmp(text, "PS256") == 0 ||
	       strcmp(text, "ES256") == 0;
}

static bool
is_host(const char *text)
{
	char authority[FETCH_HOST_SIZE];

	return authority_normalize(text, strlen(text), authority) == 0;
}

static const struct config_text text_kind = {
    is_text, "write 1 to 255 printable ASCII characters"};
static const struct config_text word_kind = {
    is_word, "write 1 to 255 printable ASCII characters without a space"};
static const struct config_text acr_kind = {
    is_acr, "write an acr value as the issuer spells it, without a space"};
static const struct config_text claim_kind = {is_claim_path,
    "write a claim's name, or a path such as realm_access.roles"};
static const struct config_text path_kind = {is_path, "write an absolute path"};
static const struct config_text scope_kind = {
    is_scope, "the scope must hold the word openid"};
static const struct config_text algorithm_kind = {
    is_algorithm, "write RS256, PS256 or ES256"};
static const struct config_text host_kind = {
    is_host, "write HOST or HOST:PORT"};

static int
take_title(struct config_draft *draft, const struct settings_section *section)
{
	char authority[FETCH_HOST_SIZE];
	const char *issuer = section->title;

	if (authority_of_https(issuer, authority) < 0 ||
	    strlen(issuer) >= REGISTER_ISSUER_SIZE)
		return config_error_set(draft->error, -EINVAL, section->file,
		    section->line,
		    "issuer \"%.64s\": write the https address that the "
		    "provider calls itself, at most 255 characters, without "
		    "user, query and fragment",
		    issuer);
	return config_keep(draft, issuer, &draft->config.issuer.profile.issuer);
}

static unsigned int
algorithm_bit(const char *name)
{
	if (strcmp(name, "RS256") == 0)
		return EVIDENCE_RS256;
	return strcmp(name, "PS256") == 0 ? EVIDENCE_PS256 : EVIDENCE_ES256;
}

static int
take_algorithms(
    struct config_draft *draft, const struct settings_section *section)
{
	const char *const *names = NULL;
	size_t i, count = 0;
	int error;

	error = config_take_list(draft, section, "algorithms", &algorithm_kind,
	    ALGORITHMS_MAX, &names, &count);
	if (error)
		return error;
	for (i = 0; i < count; i++)
		draft->config.issuer.profile.algorithms |=
		    algorithm_bit(names[i]);
	return 0;
}

static int
take_acr(struct config_draft *draft, const struct settings_section *section)
{
	static const char *const minimum[] = {"acr_minimum", NULL};
	struct config_issuer *issuer = &draft->config.issuer;
	const char *acr = NULL;
	int error;

	error =
	    config_take_list(draft, section, "acr", &acr_kind, ACR_LADDER_MAX,
		&issuer->profile.acr_ladder, &issuer->profile.acr_ladder_count);
	if (!error && issuer->profile.acr_ladder_count > 0)
		error = config_require(draft, section, minimum,
		    "say which level of acr a login needs");
	if (!error)
		error = config_take_text(
		    draft, section, "acr_minimum", &acr_kind, &acr);
	if (error || !acr)
		return error;
	issuer->acr_rank_min = config_acr_rank(&issuer->profile, acr);
	if (issuer->acr_rank_min > 0)
		return 0;
	return config_error_set(draft->error, -EINVAL, section->file,
	    settings_get(section, "acr_minimum", 0).line,
	    "acr_minimum \"%s\" is not in acr: add it there, lowest first",
	    acr);
}

/* Says of a file that an option names what is wrong with it. */
static int
file_problem(struct config_draft *draft, const struct settings_section *section,
    const char *option, int error, const char *problem)
{
	struct setting setting = settings_get(section, option, 0);

	return config_error_set(draft->error, error, section->file,
	    setting.line, "%s %s: %s", option, setting.text, problem);
}

static int
take_secret_file(struct config_draft *draft,
    const struct settings_section *section, const char *option, size_t size_max,
    struct secret **ret_secret)
{
	const char *path = NULL, *problem = "it cannot be read";
	int error;

	error = config_take_text(draft, section, option, &path_kind, &path);
	if (error || !path)
		return error;
	error = trusted_file_read_secret(path, size_max, ret_secret, &problem);
	if (error)
		return file_problem(draft, section, option, error, problem);
	return 0;
}

/* Without the newline that an editor puts at the end. */
static int
strip_newline(struct secret **secret)
{
	const char *text = secret_reveal(*secret);
	size_t size = secret_size(*secret);
	struct secret *stripped;
	int error;

	if (size == 0 || text[size - 1] != '\n')
		return 0;
	error = secret_new(text, size - 1, &stripped);
	if (error)
		return error;
	secret_free(*secret);
	*secret = stripped;
	return 0;
}

static int
take_client_secret(
    struct config_draft *draft, const struct settings_section *section)
{
	static const char *const needed[] = {"client_secret_file", NULL};
	struct secret **secret = &draft->config.issuer.client_secret;
	int error;

	error = config_require(draft, section, needed,
	    "client_secret_basic and client_secret_post need it");
	if (!error)
		error = take_secret_file(
		    draft, section, needed[0], CLIENT_SECRET_SIZE_MAX, secret);
	if (!error)
		error = strip_newline(secret);
	if (error)
		return error;
	if (is_text(secret_reveal(*secret)) ||
	    (secret_size(*secret) >= TEXT_SIZE &&
		text_is_ascii(secret_reveal(*secret), CLIENT_SECRET_SIZE_MAX)))
		return 0;
	return file_problem(draft, section, needed[0], -EINVAL,
	    "write the secret as one line of printable ASCII");
}

static int
take_client_key(
    struct config_draft *draft, const struct settings_section *section)
{
	static const struct config_choice algorithms[] = {
	    {"ES256", 1}, {"RS256", 2}, {NULL, 0}};
	static const char *const needed[] = {
	    "client_key_file", "client_key_id", "client_key_algorithm", NULL};
	struct config_issuer *issuer = &draft->config.issuer;
	const char *problem = "";
	int error, algorithm = 0;

	error =
	    config_require(draft, section, needed, "private_key_jwt needs it");
	if (!error)
		error = config_take_text(draft, section, "client_key_id",
		    &word_kind, &issuer->client_key_id);
	if (!error)
		error = config_take_choice(draft, section,
		    "client_key_algorithm", algorithms, &algorithm);
	if (!error)
		error = take_secret_file(draft, section, "client_key_file",
		    KEY_SIZE_MAX, &issuer->client_key);
	if (error)
		return error;
	issuer->client_key_algorithm = algorithm == 1 ? "ES256" : "RS256";
	error = client_key_check(
	    issuer->client_key, issuer->client_key_algorithm, &problem);
	if (error)
		return file_problem(
		    draft, section, "client_key_file", -EINVAL, problem);
	return 0;
}

static int
take_client_auth(
    struct config_draft *draft, const struct settings_section *section)
{
	static const struct config_choice choices[] = {
	    {"none", CONFIG_CLIENT_NONE},
	    {"client_secret_basic", CONFIG_CLIENT_SECRET_BASIC},
	    {"client_secret_post", CONFIG_CLIENT_SECRET_POST},
	    {"private_key_jwt", CONFIG_CLIENT_PRIVATE_KEY_JWT}, {NULL, 0}};
	static const char *const of_secret[] = {"client_secret_file", NULL};
	static const char *const of_key[] = {
	    "client_key_file", "client_key_id", "client_key_algorithm", NULL};
	static const char why[] = "client_auth does not use it: remove it, or "
				  "correct client_auth";
	int error, choice = 0;

	error =
	    config_take_choice(draft, section, "client_auth", choices, &choice);
	if (error)
		return error;
	draft->config.issuer.client_auth = (enum config_client_auth)choice;
	if (choice != CONFIG_CLIENT_PRIVATE_KEY_JWT)
		error = config_forbid(draft, section, of_key, why);
	if (!error && (choice == CONFIG_CLIENT_NONE ||
			  choice == CONFIG_CLIENT_PRIVATE_KEY_JWT))
		error = config_forbid(draft, section, of_secret, why);
	if (error || choice == CONFIG_CLIENT_NONE)
		return error;
	return choice == CONFIG_CLIENT_PRIVATE_KEY_JWT
		   ? take_client_key(draft, section)
		   : take_client_secret(draft, section);
}

/* The fetcher reads it; here only who may change whom it trusts. */
static int
take_ca_file(struct config_draft *draft, const struct settings_section *section)
{
	struct config_issuer *issuer = &draft->config.issuer;
	const char *problem = "it cannot be read";
	char *text;
	size_t size;
	int error;

	error = config_take_text(
	    draft, section, "ca_file", &path_kind, &issuer->ca_file);
	if (error || !issuer->ca_file)
		return error;
	error = trusted_file_read(
	    issuer->ca_file, CA_SIZE_MAX, &text, &size, &problem);
	if (error)
		return file_problem(draft, section, "ca_file", error, problem);
	free(text);
	return 0;
}

static int
compare_hosts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t
drop_repeated(const char **sorted, size_t count)
{
	size_t i, kept = 1;

	for (i = 1; i < count; i++) {
		if (strcmp(sorted[i], sorted[kept - 1]) != 0)
			sorted[kept++] = sorted[i];
	}
	return kept;
}

/* The listed ones and the issuer's own, in the form that is compared. */
static int
take_hosts(struct config_draft *draft, const struct settings_section *section)
{
	struct config_issuer *issuer = &draft->config.issuer;
	const char *const *listed = NULL;
	char authority[FETCH_HOST_SIZE];
	size_t i, count = 0;
	const char **hosts;
	int error;

	error = config_take_list(draft, section, "hosts", &host_kind,
	    FETCH_HOSTS_MAX - 1, &listed, &count);
	if (error)
		return error;
	hosts = arena_alloc(&draft->arena, (count + 1) * sizeof(*hosts));
	if (!hosts)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		(void)authority_normalize(
		    listed[i], strlen(listed[i]), authority);
		error = config_keep(draft, authority, &hosts[i]);
		if (error)
			return error;
	}
	(void)authority_of_https(issuer->profile.issuer, authority);
	error = config_keep(draft, authority, &hosts[count]);
	if (error)
		return error;
	qsort(hosts, count + 1, sizeof(*hosts), compare_hosts);
	issuer->hosts = hosts;
	issuer->hosts_count = drop_repeated(hosts, count + 1);
	return 0;
}

static int
take_clock_skew(
    struct config_draft *draft, const struct settings_section *section)
{
	unsigned int skew_s = SKEW_S_DEFAULT;
	int error;

	error = config_take_number(
	    draft, section, "clock_skew_s", 0, SKEW_S_MAX, &skew_s);
	draft->config.issuer.profile.clock_skew_s = skew_s;
	return error;
}

static int
take_max_age(struct config_draft *draft, const struct settings_section *section)
{
	unsigned int max_age_s = MAX_AGE_S_DEFAULT;
	int error;

	error = config_take_number(
	    draft, section, "max_age_s", 0, MAX_AGE_S_MAX, &max_age_s);
	draft->config.issuer.max_age_s = max_age_s;
	return error;
}

int
config_take_issuer(
    struct config_draft *draft, const struct settings_section *section)
{
	static const char *const needed[] = {
	    "client_id", "client_auth", "algorithms", NULL};
	struct config_issuer *issuer = &draft->config.issuer;
	int error;

	issuer->scope = "openid profile";
	issuer->profile.roles_claim = "roles";
	error = take_title(draft, section);
	if (!error)
		error = config_require(
		    draft, section, needed, "every issuer needs it");
	if (!error)
		error = config_take_text(draft, section, "client_id",
		    &text_kind, &issuer->client_id);
	if (!error)
		error = config_take_text(
		    draft, section, "scope", &scope_kind, &issuer->scope);
	if (!error)
		error = config_take_text(draft, section, "roles_claim",
		    &claim_kind, &issuer->profile.roles_claim);
	if (!error)
		error = take_algorithms(draft, section);
	if (!error)
		error = take_acr(draft, section);
	if (!error)
		error = take_max_age(draft, section);
	if (!error)
		error = take_clock_skew(draft, section);
	if (!error)
		error = take_ca_file(draft, section);
	if (!error)
		error = take_hosts(draft, section);
	return error ? error : take_client_auth(draft, section);
}
