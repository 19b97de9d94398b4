/*
 * Of the issuer section, who the broker is to the issuer and what proves it:
 * no secret, a secret or a key, read from files that nobody else may read.
 * Refuses an option that the chosen client_auth would not use, one that is not
 * enough for what is asked there, and a client where nobody is asked.
 */
#include "broker/config/client_key.h"
#include "broker/config/config_draft.h"
#include "broker/config/config_error.h"
#include "broker/config/trusted_file.h"
#include "broker/text.h"

#include <errno.h>
#include <string.h>

enum {
	KEY_SIZE_MAX = 64 * 1024,
	CLIENT_SECRET_SIZE_MAX = 512, /* fits a header, escaped */
};

static int
take_secret_file(struct config_draft *draft,
    const struct settings_section *section, const char *option, size_t size_max,
    struct secret **ret_secret)
{
	const char *path = NULL, *problem = "it cannot be read";
	int error;

	error = config_take_text(draft, section, option, &config_path, &path);
	if (error || !path)
		return error;
	error = trusted_file_read_secret(path, size_max, ret_secret, &problem);
	if (error)
		return config_file_problem(
		    draft, section, option, error, problem);
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
	struct secret **secret = &draft->issuer->client_secret;
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
	if (config_printable.is_valid(secret_reveal(*secret)) ||
	    (secret_size(*secret) >= CONFIG_TEXT_SIZE &&
		text_is_ascii(secret_reveal(*secret), CLIENT_SECRET_SIZE_MAX)))
		return 0;
	return config_file_problem(draft, section, needed[0], -EINVAL,
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
	struct config_issuer *issuer = draft->issuer;
	const char *problem = "";
	int error, algorithm = 0;

	error =
	    config_require(draft, section, needed, "private_key_jwt needs it");
	if (!error)
		error = config_take_text(draft, section, "client_key_id",
		    &config_word, &issuer->client_key_id);
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
		return config_file_problem(
		    draft, section, "client_key_file", -EINVAL, problem);
	return 0;
}

/* Is there anything that the broker must say its name for? */
static bool
is_asked(const struct config_issuer *issuer)
{
	return issuer->logs_people_in || issuer->introspects ||
	       issuer->targets_count > 0 || issuer->exchange_targets_count > 0;
}

/*
 * Where a signed assertion is what gets a token (RFC 7523 section 2.1), it must
 * be one that the issuer takes; where only people have tokens, nothing gets
 * any.
 */
static int
check_targets(
    struct config_draft *draft, const struct settings_section *section)
{
	const struct config_issuer *issuer = draft->issuer;

	if (issuer->targets_count == 0)
		return 0;
	if (issuer->kind->service.subjects == SERVICE_PEOPLE)
		return config_error_set(draft->error, -EINVAL, section->file,
		    settings_get(section, "targets", 0).line,
		    "targets: an issuer of this kind gives machines no "
		    "tokens: remove it");
	if (!issuer->kind->takes_jwt_grant)
		return 0;
	if (issuer->client_auth != CONFIG_CLIENT_PRIVATE_KEY_JWT)
		return config_error_set(draft->error, -EINVAL, section->file,
		    settings_get(section, "client_auth", 0).line,
		    "client_auth: targets are got with a signed assertion: "
		    "write private_key_jwt and its key, or remove targets");
	if (strcmp(issuer->client_key_algorithm, "RS256") != 0)
		return config_error_set(draft->error, -EINVAL, section->file,
		    settings_get(section, "client_key_algorithm", 0).line,
		    "client_key_algorithm: Maskinporten takes RSA keys alone: "
		    "write RS256 and register such a key there");
	return 0;
}

/*
 * RFC 6749 section 4.4, RFC 7662 section 2.1 and RFC 8693 section 2.1: who may
 * ask is known.
 */
static int
check_proof(struct config_draft *draft, const struct settings_section *section)
{
	const struct config_issuer *issuer = draft->issuer;

	if (issuer->client_auth != CONFIG_CLIENT_NONE ||
	    (!issuer->introspects && issuer->targets_count == 0 &&
		issuer->exchange_targets_count == 0))
		return 0;
	return config_error_set(draft->error, -EINVAL, section->file,
	    settings_get(section, "client_auth", 0).line,
	    "client_auth: introspection, targets and exchange_targets need a "
	    "client that proves itself: write private_key_jwt, "
	    "client_secret_basic "
	    "or client_secret_post, or remove them");
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
	draft->issuer->client_auth = (enum config_client_auth)choice;
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

int
config_take_client(
    struct config_draft *draft, const struct settings_section *section)
{
	static const char *const all[] = {"client_id", "client_auth",
	    "client_secret_file", "client_key_file", "client_key_id",
	    "client_key_algorithm", NULL};
	static const char *const needed[] = {"client_id", "client_auth", NULL};
	int error;

	if (!is_asked(draft->issuer))
		return config_forbid(draft, section, all,
		    "nothing uses it without login, introspection, targets or "
		    "exchange_targets: remove it, or add one of these");
	error = config_require(draft, section, needed,
	    "login, introspection, targets and exchange_targets need it");
	if (!error)
		error = config_take_text(draft, section, "client_id",
		    &config_printable, &draft->issuer->client_id);
	if (!error)
		error = take_client_auth(draft, section);
	if (!error)
		error = check_targets(draft, section);
	return error ? error : check_proof(draft, section);
}
