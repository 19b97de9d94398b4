/* A configuration while its files are read, and how a value is taken over. */
#pragma once

#include "broker/config/config.h"
#include "broker/config/settings.h"
#include "broker/config/value.h"
#include "lib/arena.h"

#include <stdbool.h>

struct config_place {
	const char *file; /* NULL: nowhere yet */
	unsigned int line;
};

struct config_pam {
	struct config_service service;
	struct config_place place;
	unsigned int acr_line;
	unsigned int token_line; /* of the first token_* option */
	struct config_pam *next;
};

struct config_draft {
	struct config config;
	struct arena arena;
	struct config_error *error;
	struct config_issuer *issuer; /* of the section that is being read */
	struct config_place issuers[POLICY_ISSUERS_MAX];
	struct config_place login;
	struct config_place fetch;
	struct config_place accounts;
	struct config_place history;
	struct config_place verify;
	struct config_pam *pam;
};

/*
 * Take the value of an option over. One that is not given leaves *ret alone:
 * the default stands there. 0 or an error with draft->error filled.
 */
int config_take_text(struct config_draft *draft,
    const struct settings_section *section, const char *option,
    const struct config_text *kind, const char **ret_text);
int config_take_number(struct config_draft *draft,
    const struct settings_section *section, const char *option,
    unsigned int min, unsigned int max, unsigned int *ret_number);
int config_take_span(struct config_draft *draft,
    const struct settings_section *section, const char *option,
    int64_t *ret_span_s);
int config_take_choice(struct config_draft *draft,
    const struct settings_section *section, const char *option,
    const struct config_choice *choices, int *ret_value);
int config_take_flag(struct config_draft *draft,
    const struct settings_section *section, const char *option,
    bool *ret_value);
int config_take_list(struct config_draft *draft,
    const struct settings_section *section, const char *option,
    const struct config_text *kind, size_t count_max,
    const char *const **ret_list, size_t *ret_count);

/* The names must be given, or must not be; why ends the sentence. */
int config_require(struct config_draft *draft,
    const struct settings_section *section, const char *const *options,
    const char *why);
int config_forbid(struct config_draft *draft,
    const struct settings_section *section, const char *const *options,
    const char *why);

/* Says of the file that an option names what is wrong with it. */
int config_file_problem(struct config_draft *draft,
    const struct settings_section *section, const char *option, int error,
    const char *problem);

/* A copy that lives as long as the configuration, or -ENOMEM. */
int config_keep(
    struct config_draft *draft, const char *text, const char **ret_copy);

/* The sections, and what is seen only when all of them are known. */
int config_take_issuer(
    struct config_draft *draft, const struct settings_section *section);
/* What it is there for, and that nothing is said which nothing uses. */
int config_take_purpose(
    struct config_draft *draft, const struct settings_section *section);
int config_take_client(
    struct config_draft *draft, const struct settings_section *section);
int config_take_pam(
    struct config_draft *draft, const struct settings_section *section);
/* The token_* options of a pam section, and what only all issuers tell. */
int config_take_service_token(struct config_draft *draft,
    const struct settings_section *section, struct config_pam *pam);
int config_check_service_token(
    struct config_draft *draft, const struct config_pam *pam);
bool config_same_service_token(
    const struct config_service *a, const struct config_service *b);
/* Sorts them and drops what is repeated; how many are left. */
size_t config_sort_hosts(const char **hosts, size_t count);
int config_finish_issuers(struct config_draft *draft);
int config_finish_services(struct config_draft *draft);
