/* The kinds of values that sections of the rules share. */
#include "broker/policy/policy_draft.h"
#include "broker/text.h"
#include "lib/name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool
is_title(const char *text)
{
	return text[0] != '\0' && text_is_clean(text, POLICY_TITLE_SIZE);
}

static bool
is_reason(const char *text)
{
	return text[0] != '\0' && text_is_clean(text, POLICY_REASON_SIZE);
}

static bool
is_unit_number(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length < POLICY_UNIT_SIZE &&
	       strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz-") == length;
}

const struct config_text policy_title = {
    is_title, "write 1 to 255 bytes without control characters"};
const struct config_text policy_reason = {
    is_reason, "write 1 to 511 bytes without control characters"};
const struct config_text policy_service_name = {name_is_valid,
    "a service's name is a to z, 0 to 9, _ and -, at most 32, and does not "
    "begin with a digit or -"};
const struct config_text policy_unit_number = {
    is_unit_number, "a unit's number is 1 to 16 of 0 to 9, A to Z, a to z, -"};
const struct config_text policy_unit_class = {name_is_valid,
    "a class is a to z, 0 to 9, _ and -, at most 32, and does not begin with "
    "a digit or -"};
const struct config_choice policy_levels[] = {{"central", POLICY_LEVEL_CENTRAL},
    {"region", POLICY_LEVEL_REGION}, {"unit", POLICY_LEVEL_UNIT}, {NULL, 0}};
const struct config_choice policy_booleans[] = {
    {"false", false}, {"true", true}, {NULL, 0}};

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int
policy_take_set(struct policy_draft *draft,
    const struct settings_section *section, const char *option,
    const struct config_text *kind, struct policy_set *ret_set)
{
	const char *const *list = NULL;
	const char **texts;
	size_t count = 0;
	int error;

	error = value_take_list(&draft->keeper, section, option, kind,
	    POLICY_LIST_MAX, &list, &count);
	if (error || count == 0)
		return error;
	texts = arena_alloc(&draft->arena, count * sizeof(*texts));
	if (!texts)
		return -ENOMEM;
	memcpy(texts, list, count * sizeof(*texts));
	qsort(texts, count, sizeof(*texts), compare_texts);
	*ret_set = (struct policy_set){texts, count};
	return 0;
}

int
policy_take_level(struct policy_draft *draft,
    const struct settings_section *section, const char *option,
    enum policy_unit_level *ret_level)
{
	int error, level = 0;

	if (settings_count(section, option) == 0)
		return 0;
	error = value_take_choice(
	    &draft->keeper, section, option, policy_levels, &level);
	if (error)
		return error;
	*ret_level = (enum policy_unit_level)level;
	return 0;
}

struct policy_place
policy_place_of(
    const struct policy_draft *draft, const struct settings_section *section)
{
	return (struct policy_place){draft->file.name, section->first_line};
}

unsigned int
policy_option_line(const struct settings_section *section, const char *option)
{
	if (settings_count(section, option) == 0)
		return section->first_line;
	return settings_get(section, option, 0).line;
}
