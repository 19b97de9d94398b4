/*
 * How the value of an option is read, whatever section of whatever file it
 * stands in: texts, numbers, words of a table, lists; each refusal with its
 * place and remedy.
 */
#pragma once

#include "broker/config/config_error.h"
#include "broker/config/settings.h"
#include "lib/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where values are kept, and where a refusal is told. */
struct value_keeper {
	struct arena *arena;
	struct config_error *error;
};

/* What a text must be, and the words for it: "must be an absolute path". */
struct config_text {
	bool (*is_valid)(const char *text);
	const char *expected;
};

enum {
	CONFIG_TEXT_SIZE = 256, /* client_id, kid, scope */
};

/* The kinds that several sections have. */
extern const struct config_text config_printable; /* ASCII, spaces too */
extern const struct config_text config_word; /* without a space */
extern const struct config_text config_acr;
extern const struct config_text config_path;

struct config_choice {
	const char *word; /* NULL ends the table */
	int value;
};

/*
 * Take the value of an option over. One that is not given leaves *ret alone:
 * the default stands there. 0 or an error with keeper->error filled.
 */
int value_take_text(const struct value_keeper *keeper,
    const struct settings_section *section, const char *option,
    const struct config_text *kind, const char **ret_text);
int value_take_number(const struct value_keeper *keeper,
    const struct settings_section *section, const char *option,
    unsigned int min, unsigned int max, unsigned int *ret_number);
/* A number and s, min, h or d: 1 s to 366 d. 0 or -EINVAL. */
int value_span_parse(const char *text, int64_t *ret_span_s);
int value_take_span(const struct value_keeper *keeper,
    const struct settings_section *section, const char *option,
    int64_t *ret_span_s);
int value_take_choice(const struct value_keeper *keeper,
    const struct settings_section *section, const char *option,
    const struct config_choice *choices, int *ret_value);
int value_take_flag(const struct value_keeper *keeper,
    const struct settings_section *section, const char *option,
    bool *ret_value); /* true or false */
int value_take_list(const struct value_keeper *keeper,
    const struct settings_section *section, const char *option,
    const struct config_text *kind, size_t count_max,
    const char *const **ret_list, size_t *ret_count);

/* The names must be given, or must not be; why ends the sentence. */
int value_require(const struct value_keeper *keeper,
    const struct settings_section *section, const char *const *options,
    const char *why);
int value_forbid(const struct value_keeper *keeper,
    const struct settings_section *section, const char *const *options,
    const char *why);

/* A copy that lives as long as the keeper's arena, or -ENOMEM. */
int value_keep(
    const struct value_keeper *keeper, const char *text, const char **ret_copy);
