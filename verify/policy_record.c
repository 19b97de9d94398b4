/*
 * policy = issuers, services, units, groups, each a count and as many:
 *
 *   issuer   url, name, acrs
 *   service  name, title, title_en, needs_established_unit, place
 *   unit     number, name, level, parent (from 1; 0: none), class,
 *            organisation, established (service, since), place
 *   group    name, gid, service, titles, basis, restricted, place, grants,
 *            quotas
 */
#include "verify/policy_record.h"

#include <string.h>

enum {
	TEXT_SIZE_MIN = 6, /* its size, a character, the terminator */
	ELEMENT_SIZE_MIN = 16, /* of all else that comes in arrays */
	TEXTS_MAX = 65536,
	LEVELS_ALL = 1 << POLICY_LEVEL_CENTRAL | 1 << POLICY_LEVEL_REGION |
		     1 << POLICY_LEVEL_UNIT,
	KINDS_ALL = POLICY_KIND_CASE | POLICY_KIND_CLERICAL,
};

static void
put_place(struct record_writer *w, const struct policy_place *place)
{
	record_put_text(w, place->file);
	record_put_u32(w, place->line);
}

static struct policy_place
get_place(struct record_reader *r)
{
	struct policy_place place;

	place.file = record_get_text_or_null(r);
	place.line = record_get_u32(r);
	return place;
}

static void
put_texts(struct record_writer *w, const char *const *texts, size_t count)
{
	size_t i;

	record_put_count(w, count);
	for (i = 0; i < count; i++)
		record_put_text(w, texts[i]);
}

static const char *const *
get_texts(struct record_reader *r, size_t *ret_count)
{
	size_t count = record_get_count(r, TEXTS_MAX, TEXT_SIZE_MIN), i;
	const char **texts = record_get_array(r, count, sizeof(*texts));

	if (!texts)
		count = 0;
	for (i = 0; i < count; i++)
		texts[i] = record_get_text(r);
	*ret_count = count;
	return texts;
}

static void
put_set(struct record_writer *w, const struct policy_set *set)
{
	put_texts(w, set->texts, set->count);
}

static struct policy_set
get_set(struct record_reader *r)
{
	struct policy_set set;
	size_t i;

	set.texts = get_texts(r, &set.count);
	for (i = 1; i < set.count; i++)
		record_refuse_unless(
		    r, strcmp(set.texts[i - 1], set.texts[i]) < 0);
	return set;
}

static enum policy_unit_level
get_level(struct record_reader *r)
{
	uint8_t level = record_get_u8(r, POLICY_LEVEL_UNIT);

	record_refuse_unless(r, level >= POLICY_LEVEL_CENTRAL);
	return (enum policy_unit_level)level;
}

static void
put_issuers(struct record_writer *w, const struct policy *policy)
{
	size_t i;

	record_put_count(w, policy->issuers_count);
	for (i = 0; i < policy->issuers_count; i++) {
		record_put_text(w, policy->issuers[i].url);
		record_put_text(w, policy->issuers[i].name);
		put_texts(w, policy->ladders[i].acrs, policy->ladders[i].count);
	}
}

static void
get_issuers(struct record_reader *r, struct policy *policy)
{
	size_t i, count;

	count = record_get_count(r, POLICY_ISSUERS_MAX, ELEMENT_SIZE_MIN);
	for (i = 0; i < count; i++) {
		policy->issuers[i].url = record_get_text(r);
		policy->issuers[i].name = record_get_text(r);
		policy->ladders[i].acrs =
		    get_texts(r, &policy->ladders[i].count);
	}
	policy->issuers_count = count;
}

static void
put_services(struct record_writer *w, const struct policy *policy)
{
	const struct policy_service *service;
	size_t i;

	record_put_count(w, policy->services_count);
	for (i = 0; i < policy->services_count; i++) {
		service = &policy->services[i];
		record_put_text(w, service->name);
		record_put_text(w, service->title);
		record_put_text(w, service->title_en);
		record_put_u8(w, service->needs_established_unit);
		put_place(w, &service->place);
	}
}

static void
get_services(struct record_reader *r, struct policy *policy)
{
	size_t i, count;
	struct policy_service *services;

	count = record_get_count(r, POLICY_GROUPS_MAX, ELEMENT_SIZE_MIN);
	services = record_get_array(r, count, sizeof(*services));
	for (i = 0; services && i < count; i++) {
		services[i].name = record_get_text(r);
		services[i].title = record_get_text_or_null(r);
		services[i].title_en = record_get_text_or_null(r);
		services[i].needs_established_unit = record_get_bool(r);
		services[i].place = get_place(r);
	}
	policy->services = services;
	policy->services_count = services ? count : 0;
}

static void
put_unit(struct record_writer *w, const struct policy *policy,
    const struct policy_unit *unit)
{
	size_t i;

	record_put_text(w, unit->number);
	record_put_text(w, unit->name);
	record_put_u8(w, (uint8_t)unit->level);
	record_put_count(
	    w, unit->parent ? (size_t)(unit->parent - policy->units) + 1 : 0);
	record_put_text(w, unit->class);
	record_put_text(w, unit->organisation);
	record_put_count(w, unit->established_count);
	for (i = 0; i < unit->established_count; i++) {
		record_put_text(w, unit->established[i].service);
		record_put_s64(w, unit->established[i].since_s);
	}
	put_place(w, &unit->place);
}

static void
get_established(struct record_reader *r, struct policy_unit *unit)
{
	size_t i, count;
	struct policy_established *entries;

	count = record_get_count(r, TEXTS_MAX, TEXT_SIZE_MIN + 8);
	entries = record_get_array(r, count, sizeof(*entries));
	for (i = 0; entries && i < count; i++) {
		entries[i].service = record_get_text(r);
		entries[i].since_s = record_get_s64(r);
	}
	unit->established = entries;
	unit->established_count = entries ? count : 0;
}

static void
get_unit(struct record_reader *r, const struct policy_unit *units,
    size_t units_count, struct policy_unit *unit)
{
	size_t parent;

	unit->number = record_get_text(r);
	unit->name = record_get_text_or_null(r);
	unit->level = get_level(r);
	parent = record_get_u32(r);
	record_refuse_unless(r, parent <= units_count);
	unit->parent = r->error || parent == 0 ? NULL : &units[parent - 1];
	unit->class = record_get_text_or_null(r);
	unit->organisation = record_get_text_or_null(r);
	get_established(r, unit);
	unit->place = get_place(r);
}

static void
put_units(struct record_writer *w, const struct policy *policy)
{
	size_t i;

	record_put_count(w, policy->units_count);
	for (i = 0; i < policy->units_count; i++)
		put_unit(w, policy, &policy->units[i]);
}

static void
get_units(struct record_reader *r, struct policy *policy)
{
	size_t i, count;
	struct policy_unit *units;

	count = record_get_count(r, POLICY_UNITS_MAX, ELEMENT_SIZE_MIN);
	units = record_get_array(r, count, sizeof(*units));
	for (i = 0; units && i < count; i++) {
		get_unit(r, units, count, &units[i]);
		record_refuse_unless(r,
		    i == 0 || strcmp(units[i - 1].number, units[i].number) < 0);
	}
	policy->units = units;
	policy->units_count = units ? count : 0;
}

static void
put_grant(struct record_writer *w, const struct policy_grant *grant)
{
	size_t i;

	record_put_text(w, grant->reason);
	record_put_u32(w, grant->issuers);
	for (i = 0; i < POLICY_ISSUERS_MAX; i++)
		record_put_s64(w, grant->acr_rank_min[i]);
	record_put_text(w, grant->level);
	put_set(w, &grant->roles_any);
	put_set(w, &grant->roles_all);
	put_set(w, &grant->scopes_all);
	record_put_s64(w, grant->max_age_s);
	put_set(w, &grant->on_behalf_of);
	put_set(w, &grant->resources);
	put_set(w, &grant->rights_all);
	put_set(w, &grant->consumers);
	put_set(w, &grant->units);
	record_put_u32(w, grant->unit_levels);
	put_set(w, &grant->unit_classes);
	record_put_s64(w, grant->valid_from_s);
	record_put_s64(w, grant->valid_until_s);
	record_put_u32(w, grant->authorised_kinds);
	put_place(w, &grant->place);
}

/* -1: a level that this issuer does not have. */
static int
get_rank(struct record_reader *r)
{
	int64_t rank = record_get_s64(r);

	record_refuse_unless(r, rank >= -1 && rank <= TEXTS_MAX);
	return r->error ? -1 : (int)rank;
}

static void
get_grant(struct record_reader *r, struct policy_grant *grant)
{
	size_t i;

	grant->reason = record_get_text_or_null(r);
	grant->issuers = record_get_u32(r);
	for (i = 0; i < POLICY_ISSUERS_MAX; i++)
		grant->acr_rank_min[i] = get_rank(r);
	grant->level = record_get_text_or_null(r);
	grant->roles_any = get_set(r);
	grant->roles_all = get_set(r);
	grant->scopes_all = get_set(r);
	grant->max_age_s = record_get_s64(r);
	grant->on_behalf_of = get_set(r);
	grant->resources = get_set(r);
	grant->rights_all = get_set(r);
	grant->consumers = get_set(r);
	grant->units = get_set(r);
	grant->unit_levels = record_get_u32(r);
	grant->unit_classes = get_set(r);
	grant->valid_from_s = record_get_s64(r);
	grant->valid_until_s = record_get_s64(r);
	grant->authorised_kinds = record_get_u32(r);
	grant->place = get_place(r);
	record_refuse_unless(
	    r, grant->issuers < 1U << POLICY_ISSUERS_MAX &&
		   grant->max_age_s >= 0 &&
		   (grant->unit_levels & ~(unsigned int)LEVELS_ALL) == 0 &&
		   (grant->authorised_kinds & ~(unsigned int)KINDS_ALL) == 0);
}

static void
put_quota(struct record_writer *w, const struct policy_quota *quota)
{
	record_put_u8(w, (uint8_t)quota->level);
	record_put_u32(w, quota->minimum);
	record_put_u32(w, quota->maximum);
	record_put_u32(w, quota->clerical_maximum);
	put_set(w, &quota->givers);
	record_put_u8(w, (uint8_t)quota->giver_level);
	put_place(w, &quota->place);
}

static void
get_quota(struct record_reader *r, struct policy_quota *quota)
{
	quota->level = get_level(r);
	quota->minimum = record_get_u32(r);
	quota->maximum = record_get_u32(r);
	quota->clerical_maximum = record_get_u32(r);
	quota->givers = get_set(r);
	quota->giver_level = get_level(r);
	quota->place = get_place(r);
}

static void
put_group(struct record_writer *w, const struct policy_group *group)
{
	size_t i;

	record_put_text(w, group->name);
	record_put_u32(w, group->gid);
	record_put_count(w, group->service);
	record_put_text(w, group->title);
	record_put_text(w, group->title_en);
	record_put_text(w, group->basis);
	record_put_u8(w, group->restricted);
	put_place(w, &group->place);
	record_put_count(w, group->grants_count);
	for (i = 0; i < group->grants_count; i++)
		put_grant(w, &group->grants[i]);
	record_put_count(w, group->quotas_count);
	for (i = 0; i < group->quotas_count; i++)
		put_quota(w, &group->quotas[i]);
}

static void
get_grants(
    struct record_reader *r, size_t grants_max, struct policy_group *group)
{
	size_t i, count;
	struct policy_grant *grants;

	count = record_get_count(r, grants_max, ELEMENT_SIZE_MIN);
	grants = record_get_array(r, count, sizeof(*grants));
	for (i = 0; grants && i < count; i++)
		get_grant(r, &grants[i]);
	group->grants = grants;
	group->grants_count = grants ? count : 0;
}

static void
get_quotas(struct record_reader *r, struct policy_group *group)
{
	size_t i, count;
	struct policy_quota *quotas;

	count = record_get_count(r, POLICY_GROUPS_MAX, ELEMENT_SIZE_MIN);
	quotas = record_get_array(r, count, sizeof(*quotas));
	for (i = 0; quotas && i < count; i++)
		get_quota(r, &quotas[i]);
	group->quotas = quotas;
	group->quotas_count = quotas ? count : 0;
}

static void
get_group(struct record_reader *r, const struct policy *policy,
    size_t grants_max, struct policy_group *group)
{
	group->name = record_get_text(r);
	group->gid = record_get_u32(r);
	group->service = record_get_u32(r);
	record_refuse_unless(r, group->service < policy->services_count);
	group->title = record_get_text_or_null(r);
	group->title_en = record_get_text_or_null(r);
	group->basis = record_get_text_or_null(r);
	group->restricted = record_get_bool(r);
	group->place = get_place(r);
	get_grants(r, grants_max, group);
	get_quotas(r, group);
}

static void
put_groups(struct record_writer *w, const struct policy *policy)
{
	size_t i;

	record_put_count(w, policy->groups_count);
	for (i = 0; i < policy->groups_count; i++)
		put_group(w, &policy->groups[i]);
}

static void
get_groups(struct record_reader *r, struct policy *policy)
{
	size_t i, count, grants_max = POLICY_GRANTS_MAX;
	struct policy_group *groups;

	count = record_get_count(r, POLICY_GROUPS_MAX, ELEMENT_SIZE_MIN);
	groups = record_get_array(r, count, sizeof(*groups));
	for (i = 0; groups && i < count; i++) {
		get_group(r, policy, grants_max, &groups[i]);
		grants_max -= groups[i].grants_count;
		record_refuse_unless(r,
		    i == 0 || strcmp(groups[i - 1].name, groups[i].name) < 0);
	}
	policy->groups = groups;
	policy->groups_count = groups ? count : 0;
}

void
policy_put(struct record_writer *w, const struct policy *policy)
{
	put_issuers(w, policy);
	put_services(w, policy);
	put_units(w, policy);
	put_groups(w, policy);
}

void
policy_get(struct record_reader *r, struct policy *ret_policy)
{
	*ret_policy = (struct policy){0};
	get_issuers(r, ret_policy);
	get_services(r, ret_policy);
	get_units(r, ret_policy);
	get_groups(r, ret_policy);
}
