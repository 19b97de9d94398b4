/*
 * units.conf: the agency's units, their place below each other, and since when
 * a unit is established for a service.
 */
#include "broker/policy/policy_draft.h"
#include "broker/policy/policy_time.h"
#include "lib/name.h"
#include "verify/organisation_number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "SERVICE DATE" */
static int
split_established(const char *text, char *ret_service, int64_t *ret_since_s)
{
	size_t length = strcspn(text, " ");
	char service[NAME_MAX_SIZE];
	int64_t since_s;

	if (text[length] != ' ' || length >= sizeof(service))
		return -EINVAL;
	memcpy(service, text, length);
	service[length] = '\0';
	if (!name_is_valid(service) ||
	    policy_time_parse(text + length + 1, &since_s) < 0)
		return -EINVAL;
	memcpy(ret_service, service, length + 1);
	*ret_since_s = since_s;
	return 0;
}

static bool
is_established(const char *text)
{
	char service[NAME_MAX_SIZE];
	int64_t since_s;

	return split_established(text, service, &since_s) == 0;
}

static bool
is_organisation(const char *text)
{
	return organisation_number_is_valid(slice_of(text));
}

static const struct config_text established_kind = {is_established,
    "write a service, a space and a date that there is: infoflyt 2005-06-01"};
static const struct config_text organisation_kind = {is_organisation,
    "write an organisation number of 9 digits, the last of which checks the "
    "others"};

static int
check_number(struct policy_draft *draft, const struct settings_section *section)
{
	if (policy_unit_number.is_valid(section->title))
		return 0;
	return config_error_set(draft->keeper.error, -EINVAL, section->file,
	    section->first_line, "unit \"%.64s\": %s", section->title,
	    policy_unit_number.expected);
}

static int
check_repeated(struct policy_draft *draft,
    const struct settings_section *section,
    const struct policy_established *entries, size_t count)
{
	size_t i;

	for (i = 0; i + 1 < count; i++) {
		if (strcmp(entries[i].service, entries[count - 1].service) == 0)
			return config_error_set(draft->keeper.error, -EINVAL,
			    section->file,
			    settings_get(section, "established", count - 1)
				.line,
			    "established: service %s stands twice, keep one "
			    "date",
			    entries[i].service);
	}
	return 0;
}

static int
take_entry(struct policy_draft *draft, const char *text,
    struct policy_established *entry)
{
	char service[NAME_MAX_SIZE] = "";

	if (split_established(text, service, &entry->since_s) < 0)
		return -EINVAL;
	return value_keep(&draft->keeper, service, &entry->service);
}

static int
take_established(struct policy_draft *draft,
    const struct settings_section *section, struct draft_unit *unit)
{
	struct policy_established *entries;
	const char *const *texts = NULL;
	unsigned int *lines;
	size_t i, count = 0;
	int error;

	error = value_take_list(&draft->keeper, section, "established",
	    &established_kind, POLICY_FILES_MAX, &texts, &count);
	if (error || count == 0)
		return error;
	entries = arena_alloc(&draft->arena, count * sizeof(*entries));
	lines = arena_alloc(&draft->arena, count * sizeof(*lines));
	if (!entries || !lines)
		return -ENOMEM;
	for (i = 0; !error && i < count; i++) {
		lines[i] = settings_get(section, "established", i).line;
		error = take_entry(draft, texts[i], &entries[i]);
		if (!error)
			error = check_repeated(draft, section, entries, i + 1);
	}
	unit->unit.established = entries;
	unit->unit.established_count = count;
	unit->established_lines = lines;
	return error;
}

static int
take_parent(struct policy_draft *draft, const struct settings_section *section,
    struct draft_unit *unit)
{
	static const char *const parent[] = {"parent", NULL};
	const struct value_keeper *keeper = &draft->keeper;
	int error;

	if (unit->unit.level == POLICY_LEVEL_CENTRAL)
		return value_forbid(keeper, section, parent,
		    "nothing is above the central level, remove it");
	error = value_require(keeper, section, parent,
	    "a region's parent is central, a unit's a region or central");
	unit->parent_line = policy_option_line(section, "parent");
	return error ? error
		     : value_take_text(keeper, section, "parent",
			   &policy_unit_number, &unit->parent_name);
}

static int
take_options(struct policy_draft *draft, const struct settings_section *section,
    struct draft_unit *unit)
{
	static const char *const needed[] = {"name", "level", NULL};
	const struct value_keeper *keeper = &draft->keeper;
	int error;

	error = value_require(keeper, section, needed, "every unit needs it");
	if (!error)
		error = value_keep(keeper, section->title, &unit->unit.number);
	if (!error)
		error = value_take_text(
		    keeper, section, "name", &policy_title, &unit->unit.name);
	if (!error)
		error = policy_take_level(
		    draft, section, "level", &unit->unit.level);
	if (!error)
		error = take_parent(draft, section, unit);
	if (!error)
		error = value_take_text(keeper, section, "class",
		    &policy_unit_class, &unit->unit.class);
	if (!error)
		error = value_take_text(keeper, section, "organisation",
		    &organisation_kind, &unit->unit.organisation);
	unit->organisation_line = policy_option_line(section, "organisation");
	return error ? error : take_established(draft, section, unit);
}

int
policy_take_unit(
    struct policy_draft *draft, const struct settings_section *section)
{
	struct draft_unit *unit;
	int error;

	error = check_number(draft, section);
	if (error)
		return error;
	if (draft->policy.units_count == POLICY_UNITS_MAX)
		return config_error_set(draft->keeper.error, -EINVAL,
		    section->file, section->first_line, "more than %d units",
		    POLICY_UNITS_MAX);
	unit = arena_alloc(&draft->arena, sizeof(*unit));
	if (!unit)
		return -ENOMEM;
	unit->unit.place = policy_place_of(draft, section);
	error = take_options(draft, section, unit);
	if (error)
		return error;
	unit->next = draft->units;
	draft->units = unit;
	draft->policy.units_count++;
	return 0;
}

/* Equal ones in the order of the file, so that the second is the mistake. */
static int
by_line(const struct draft_unit *left, const struct draft_unit *right)
{
	unsigned int a = left->unit.place.line, b = right->unit.place.line;

	return (a > b) - (a < b);
}

static int
compare_numbers(const void *a, const void *b)
{
	const struct draft_unit *const *left = a, *const *right = b;
	int order = strcmp((*left)->unit.number, (*right)->unit.number);

	return order ? order : by_line(*left, *right);
}

static int
compare_organisations(const void *a, const void *b)
{
	const struct draft_unit *const *left = a, *const *right = b;
	const char *of_left = (*left)->unit.organisation;
	const char *of_right = (*right)->unit.organisation;
	int order;

	order = strcmp(of_left ? of_left : "", of_right ? of_right : "");
	return order ? order : by_line(*left, *right);
}

static int
check_organisations(struct policy_draft *draft)
{
	struct draft_unit **units = draft->sorted_units;
	size_t i, count = draft->policy.units_count;

	qsort(units, count, sizeof(*units), compare_organisations);
	for (i = 1; i < count; i++) {
		const struct policy_unit *one = &units[i - 1]->unit;
		const struct policy_unit *other = &units[i]->unit;

		if (one->organisation &&
		    strcmp(one->organisation, other->organisation) == 0)
			return config_error_set(draft->keeper.error, -EINVAL,
			    other->place.file, units[i]->organisation_line,
			    "organisation %s is that of unit %s at %s:%u: an "
			    "organisation number is one unit's",
			    other->organisation, one->number, one->place.file,
			    one->place.line);
	}
	return 0;
}

static int
check_numbers(struct policy_draft *draft)
{
	struct draft_unit **units = draft->sorted_units;
	size_t i, count = draft->policy.units_count;

	qsort(units, count, sizeof(*units), compare_numbers);
	for (i = 1; i < count; i++) {
		const struct policy_unit *one = &units[i - 1]->unit;
		const struct policy_unit *other = &units[i]->unit;

		if (strcmp(one->number, other->number) == 0)
			return config_error_set(draft->keeper.error, -EINVAL,
			    other->place.file, other->place.line,
			    "unit %s stands at line %u already: remove one of "
			    "them",
			    other->number, one->place.line);
	}
	return 0;
}

static int
sort_units(struct policy_draft *draft)
{
	struct draft_unit *unit;
	size_t i = 0;
	int error;

	draft->sorted_units = arena_alloc(&draft->arena,
	    (draft->policy.units_count + 1) * sizeof(*draft->sorted_units));
	if (!draft->sorted_units)
		return -ENOMEM;
	for (unit = draft->units; unit; unit = unit->next)
		draft->sorted_units[i++] = unit;
	error = check_organisations(draft);
	return error ? error : check_numbers(draft);
}

static int
check_services(struct policy_draft *draft, const struct draft_unit *unit)
{
	const struct policy_established *entry = unit->unit.established;
	size_t i;

	for (i = 0; i < unit->unit.established_count; i++) {
		const struct draft_service *service = draft->services;

		while (service &&
		       strcmp(service->service.name, entry[i].service) != 0)
			service = service->next;
		if (!service)
			return config_error_set(draft->keeper.error, -EINVAL,
			    unit->unit.place.file, unit->established_lines[i],
			    "established: there is no service %s, correct its "
			    "name or remove the entry",
			    entry[i].service);
	}
	return 0;
}

/* A parent is of a higher level, so nothing is above itself. */
static int
find_parent(struct policy_draft *draft, const struct draft_unit *unit,
    const struct policy_unit **ret_parent)
{
	const struct policy_unit *parent;

	if (!unit->parent_name)
		return 0;
	parent = policy_unit_by_number(&draft->policy, unit->parent_name);
	if (!parent)
		return config_error_set(draft->keeper.error, -EINVAL,
		    unit->unit.place.file, unit->parent_line,
		    "parent %s of unit %s is not here: add a section for it, "
		    "or correct the number",
		    unit->parent_name, unit->unit.number);
	if (parent->level >= unit->unit.level)
		return config_error_set(draft->keeper.error, -EINVAL,
		    unit->unit.place.file, unit->parent_line,
		    "parent %s is of level %s: the parent of a %s is of a "
		    "higher level",
		    parent->number, policy_unit_level_word(parent->level),
		    policy_unit_level_word(unit->unit.level));
	*ret_parent = parent;
	return 0;
}

int
policy_finish_units(struct policy_draft *draft)
{
	size_t i, count = draft->policy.units_count;
	struct policy_unit *units;
	int error;

	error = sort_units(draft);
	if (error)
		return error;
	units = arena_alloc(&draft->arena, (count + 1) * sizeof(*units));
	if (!units)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		units[i] = draft->sorted_units[i]->unit;
	draft->policy.units = units;
	for (i = 0; !error && i < count; i++) {
		error = find_parent(
		    draft, draft->sorted_units[i], &units[i].parent);
		if (!error)
			error = check_services(draft, draft->sorted_units[i]);
	}
	return error;
}
