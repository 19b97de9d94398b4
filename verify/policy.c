#include "verify/policy.h"

#include <string.h>

static int
compare_unit(struct slice number, const void *units, size_t i)
{
	const struct policy_unit *unit = units;

	return slice_compare(number, unit[i].number);
}

static int
compare_group(struct slice name, const void *groups, size_t i)
{
	const struct policy_group *group = groups;

	return slice_compare(name, group[i].name);
}

static int
compare_text(struct slice text, const void *texts, size_t i)
{
	const char *const *strings = texts;

	return slice_compare(text, strings[i]);
}

/* The index, or count when it is not there. */
static size_t
search(struct slice wanted, const void *items, size_t count,
    int (*compare)(struct slice wanted, const void *items, size_t i))
{
	size_t first = 0, end = count;

	while (first < end) {
		size_t middle = first + (end - first) / 2;
		int order = compare(wanted, items, middle);

		if (order == 0)
			return middle;
		if (order < 0)
			end = middle;
		else
			first = middle + 1;
	}
	return count;
}

const struct policy_group *
policy_group_by_name(const struct policy *policy, const char *name)
{
	size_t i = search(slice_of(name), policy->groups, policy->groups_count,
	    compare_group);

	return i < policy->groups_count ? &policy->groups[i] : NULL;
}

const struct policy_group *
policy_group_by_gid(const struct policy *policy, uint32_t gid)
{
	size_t i;

	for (i = 0; i < policy->groups_count; i++) {
		if (policy->groups[i].gid == gid)
			return &policy->groups[i];
	}
	return NULL;
}

const struct policy_unit *
policy_unit_by_slice(const struct policy *policy, struct slice number)
{
	size_t i =
	    search(number, policy->units, policy->units_count, compare_unit);

	return i < policy->units_count ? &policy->units[i] : NULL;
}

const struct policy_unit *
policy_unit_by_number(const struct policy *policy, const char *number)
{
	return policy_unit_by_slice(policy, slice_of(number));
}

int
policy_issuer_index(const struct policy *policy, const char *url)
{
	size_t i;

	for (i = 0; i < policy->issuers_count; i++) {
		if (strcmp(policy->issuers[i].url, url) == 0)
			return (int)i;
	}
	return -1;
}

int
policy_acr_rank(const struct policy *policy, const char *url, const char *acr)
{
	int issuer = policy_issuer_index(policy, url);
	const struct policy_ladder *ladder;
	size_t i;

	if (issuer < 0)
		return 0;
	ladder = &policy->ladders[issuer];
	for (i = 0; i < ladder->count; i++) {
		if (strcmp(ladder->acrs[i], acr) == 0)
			return (int)i + 1;
	}
	return 0;
}

const struct policy_quota *
policy_group_quota(
    const struct policy_group *group, enum policy_unit_level level)
{
	const struct policy_quota *quota = NULL;
	size_t i;

	for (i = 0; i < group->quotas_count; i++) {
		const struct policy_quota *other = &group->quotas[i];

		if (other->level != level)
			continue;
		if (!quota ||
		    policy_place_compare(&other->place, &quota->place) < 0)
			quota = other;
	}
	return quota;
}

/* The steps are counted, so that a ring of parents ends too. */
bool
policy_unit_covers(const struct policy_unit *a, const struct policy_unit *b)
{
	size_t steps;

	if (!a)
		return false;
	for (steps = 0; b && steps < POLICY_UNITS_MAX; steps++) {
		if (a == b)
			return true;
		b = b->parent;
	}
	return false;
}

int64_t
policy_unit_established_since(
    const struct policy_unit *unit, const struct policy_service *service)
{
	int64_t since_s = POLICY_SINCE_EVER;
	bool found = false;
	size_t i;

	if (!service->needs_established_unit)
		return POLICY_SINCE_EVER;
	for (i = 0; i < unit->established_count; i++) {
		const struct policy_established *entry = &unit->established[i];

		if (strcmp(entry->service, service->name) != 0)
			continue;
		if (entry->since_s > since_s)
			since_s = entry->since_s;
		found = true;
	}
	return found ? since_s : POLICY_NO_END;
}

bool
policy_unit_is_established(const struct policy_unit *unit,
    const struct policy_service *service, int64_t now_s)
{
	int64_t since_s = policy_unit_established_since(unit, service);

	return since_s != POLICY_NO_END && since_s <= now_s;
}

bool
policy_set_has_slice(const struct policy_set *set, struct slice text)
{
	if (text.size == 0)
		return false;
	return search(text, set->texts, set->count, compare_text) < set->count;
}

bool
policy_set_has(const struct policy_set *set, const char *text)
{
	return policy_set_has_slice(set, slice_of(text));
}

static int
compare_files(const char *a, const char *b)
{
	if (a == b)
		return 0;
	return strcmp(a ? a : "", b ? b : "");
}

int
policy_place_compare(const struct policy_place *a, const struct policy_place *b)
{
	int order = compare_files(a->file, b->file);

	if (order != 0)
		return order;
	return (a->line > b->line) - (a->line < b->line);
}

const char *
policy_unit_level_word(enum policy_unit_level level)
{
	switch (level) {
	case POLICY_LEVEL_CENTRAL:
		return "central";
	case POLICY_LEVEL_REGION:
		return "region";
	case POLICY_LEVEL_UNIT:
		return "unit";
	}
	return "unknown";
}

const char *
policy_kind_word(enum policy_kind kind)
{
	switch (kind) {
	case POLICY_KIND_CASE:
		return "case";
	case POLICY_KIND_CLERICAL:
		return "clerical";
	}
	return "unknown";
}
