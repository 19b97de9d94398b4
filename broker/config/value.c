#include "broker/config/value.h"

#include "broker/register/register.h"
#include "broker/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPAN_DIGITS_MAX = 9, SPAN_S_MAX = 366 * 86400 };

static bool
is_printable(const char *text)
{
	return text[0] != '\0' && text_is_ascii(text, CONFIG_TEXT_SIZE);
}

static bool
is_word(const char *text)
{
	return is_printable(text) && !strchr(text, ' ');
}

static bool
is_acr(const char *text)
{
	return is_word(text) && strlen(text) < IDENTITY_ACR_SIZE;
}

static bool
is_path(const char *text)
{
	return text_is_path(text, REGISTER_PATH_SIZE);
}

const struct config_text config_printable = {
    is_printable, "write 1 to 255 printable ASCII characters"};
const struct config_text config_word = {
    is_word, "write 1 to 255 printable ASCII characters without a space"};
const struct config_text config_acr = {
    is_acr, "write an acr value as the issuer spells it, without a space"};
const struct config_text config_path = {is_path, "write an absolute path"};

int
value_keep(
    const struct value_keeper *keeper, const char *text, const char **ret_copy)
{
	const char *copy = arena_copy(keeper->arena, text);

	if (!copy)
		return -ENOMEM;
	*ret_copy = copy;
	return 0;
}

static int
take_one(const struct value_keeper *keeper,
    const struct settings_section *section, const char *option, size_t index,
    const struct config_text *kind, const char **ret_text)
{
	struct setting setting = settings_get(section, option, index);

	if (!kind->is_valid(setting.text))
		return config_error_set(keeper->error, -EINVAL, section->file,
		    setting.line, "%s = \"%.64s\": %s", option, setting.text,
		    kind->expected);
	return value_keep(keeper, setting.text, ret_text);
}

int
value_take_text(const struct value_keeper *keeper,
    const struct settings_section *section, const char *option,
    const struct config_text *kind, const char **ret_text)
{
	if (settings_count(section, option) == 0)
		return 0;
	return take_one(keeper, section, option, 0, kind, ret_text);
}

/* Decimal digits alone: no sign, no octal, no hexadecimal, no overflow. */
static bool
read_number(const char *text, unsigned int *ret_number)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long long number;

	if (digits == 0 || digits > 10 || text[digits] != '\0' ||
	    (text[0] == '0' && digits > 1))
		return false;
	number = strtoull(text, NULL, 10);
	if (number > UINT32_MAX)
		return false;
	*ret_number = (unsigned int)number;
	return true;
}

int
value_take_number(const struct value_keeper *keeper,
    const struct settings_section *section, const char *option,
    unsigned int min, unsigned int max, unsigned int *ret_number)
{
	struct setting setting;
	unsigned int number = 0;

	if (settings_count(section, option) == 0)
		return 0;
	setting = settings_get(section, option, 0);
	if (!read_number(setting.text, &number) || number < min || number > max)
		return config_error_set(keeper->error, -EINVAL, section->file,
		    setting.line,
		    "%s = \"%.64s\": write a decimal number from %u to %u",
		    option, setting.text, min, max);
	*ret_number = number;
	return 0;
}

int
value_span_parse(const char *text, int64_t *ret_span_s)
{
	static const struct {
		const char *word;
		int64_t s;
	} units[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};
	size_t i, digits = strspn(text, "0123456789");
	int64_t number;

	if (digits == 0 || digits > SPAN_DIGITS_MAX || text[0] == '0')
		return -EINVAL;
	number = strtoll(text, NULL, 10);
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + digits, units[i].word) != 0)
			continue;
		if (number > SPAN_S_MAX / units[i].s)
			return -EINVAL;
		*ret_span_s = number * units[i].s;
		return 0;
	}
	return -EINVAL;
}

int
value_take_span(const struct value_keeper *keeper,
    const struct settings_section *section, const char *option,
    int64_t *ret_span_s)
{
	struct setting setting;
	int64_t span_s = 0;

	if (settings_count(section, option) == 0)
		return 0;
	setting = settings_get(section, option, 0);
	if (value_span_parse(setting.text, &span_s) != 0)
		return config_error_set(keeper->error, -EINVAL, section->file,
		    setting.line,
		    "%s = \"%.64s\": write a number and s, min, h or d, such "
		    "as 15min; at most 366d",
		    option, setting.text);
	*ret_span_s = span_s;
	return 0;
}

int
value_take_choice(const struct value_keeper *keeper,
    const struct settings_section *section, const char *option,
    const struct config_choice *choices, int *ret_value)
{
	const struct config_choice *choice;
	struct setting setting;
	char words[128] = "";

	if (settings_count(section, option) == 0)
		return 0;
	setting = settings_get(section, option, 0);
	for (choice = choices; choice->word; choice++) {
		size_t length = strlen(words);

		if (strcmp(choice->word, setting.text) == 0) {
			*ret_value = choice->value;
			return 0;
		}
		(void)snprintf(words + length, sizeof(words) - length, " %s",
		    choice->word);
	}
	return config_error_set(keeper->error, -EINVAL, section->file,
	    setting.line, "%s = \"%.64s\": write one of%s", option,
	    setting.text, words);
}

int
value_take_flag(const struct value_keeper *keeper,
    const struct settings_section *section, const char *option, bool *ret_value)
{
	static const struct config_choice choices[] = {
	    {"false", false}, {"true", true}, {NULL, 0}};
	int error, value = *ret_value;

	error = value_take_choice(keeper, section, option, choices, &value);
	if (!error)
		*ret_value = value;
	return error;
}

static int
check_unique(const struct value_keeper *keeper,
    const struct settings_section *section, const char *option,
    const char *const *list, size_t count)
{
	size_t i;

	for (i = 0; i + 1 < count; i++) {
		if (strcmp(list[i], list[count - 1]) == 0)
			return config_error_set(keeper->error, -EINVAL,
			    section->file,
			    settings_get(section, option, count - 1).line,
			    "%s: \"%.64s\" stands twice, remove one", option,
			    list[i]);
	}
	return 0;
}

int
value_take_list(const struct value_keeper *keeper,
    const struct settings_section *section, const char *option,
    const struct config_text *kind, size_t count_max,
    const char *const **ret_list, size_t *ret_count)
{
	size_t i, count = settings_count(section, option);
	const char **list;
	int error;

	if (count == 0)
		return 0;
	if (count > count_max)
		return config_error_set(keeper->error, -EINVAL, section->file,
		    settings_get(section, option, 0).line,
		    "%s: at most %zu values", option, count_max);
	list = arena_alloc(keeper->arena, count * sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		error = take_one(keeper, section, option, i, kind, &list[i]);
		if (!error)
			error =
			    check_unique(keeper, section, option, list, i + 1);
		if (error)
			return error;
	}
	*ret_list = list;
	*ret_count = count;
	return 0;
}

int
value_require(const struct value_keeper *keeper,
    const struct settings_section *section, const char *const *options,
    const char *why)
{
	for (; *options; options++) {
		if (settings_count(section, *options) == 0)
			return config_error_set(keeper->error, -EINVAL,
			    section->file, section->line,
			    "the %s section that ends here has no %s: %s",
			    section->name, *options, why);
	}
	return 0;
}

int
value_forbid(const struct value_keeper *keeper,
    const struct settings_section *section, const char *const *options,
    const char *why)
{
	for (; *options; options++) {
		if (settings_count(section, *options) > 0)
			return config_error_set(keeper->error, -EINVAL,
			    section->file,
			    settings_get(section, *options, 0).line, "%s: %s",
			    *options, why);
	}
	return 0;
}
