/*
 * What must hold of every decision, over thousands of random policies and
 * persons. Each world comes from a seed, which a failure names; given as the
 * argument, it is looked at alone.
 */
#include "tests/unit/unit.h"
#include "verify/decision.h"
#include "verify/giver.h"
#include "verify/policy_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	WORLDS = 10000,
	GROUPS = 5,
	GRANTS = 3,
	UNITS = 6,
	SERVICES = 2,
	AUTHORISATIONS = 4,
	TEXTS = 4096,
	END = 40, /* times lie before it, so that boundaries meet */
	FIRST_GID = 1900000100,
};

static const char *const roles[] = {"r0", "r1", "r2", "r3", "r4"};
static const char *const scopes[] = {"s0", "s1", "s2"};
static const char *const organisations[] = {"0192:o0", "0192:o1", "0192:o2"};
static const char *const resources[] = {"u0", "u1"};
static const char *const rights[] = {"g0", "g1", "g2"};
static const char *const numbers[] = {"0", "1", "2", "3", "4", "5", "9"};
static const char *const classes[] = {"high", "low"};
static const char *const urls[] = {"https://a", "https://b", "https://c"};
static const char *const group_names[] = {"a", "b", "c", "d", "e"};
static const char *const service_names[] = {"x", "y"};
static const char *const files[] = {"x.conf", "y.conf"};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct world {
	uint64_t seed;
	uint64_t state;
	struct policy policy;
	struct policy_service services[SERVICES];
	struct policy_group groups[GROUPS];
	struct policy_grant grants[GROUPS][GRANTS];
	struct policy_unit units[UNITS];
	struct policy_established established[UNITS][SERVICES];
	struct identity identity;
	struct decision_authorisation authorisations[AUTHORISATIONS];
	struct decision_query query;
	const char *texts[TEXTS];
	size_t texts_count;
};

/* By gid, whatever the order of the groups. */
struct outcomes {
	struct decision of[GROUPS];
};

static struct world w;
static uint64_t first_seed = 1, last_seed = WORLDS;

#define CHECK(condition)                                                       \
	do {                                                                   \
		if (!(condition))                                              \
			fail_msg("seed %llu, line %d: %s",                     \
			    (unsigned long long)w.seed, __LINE__, #condition); \
	} while (0)

/* splitmix64 */
static uint64_t
draw(void)
{
	uint64_t z = w.state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static size_t
below(size_t limit)
{
	return (size_t)(draw() % limit);
}

static bool
one_in(size_t n)
{
	return below(n) == 0;
}

static int64_t
moment(void)
{
	return (int64_t)below(END);
}

/* Not empty; the pools are sorted, so that the set is. */
static struct policy_set
some_of(const char *const *pool, size_t count)
{
	struct policy_set set = {&w.texts[w.texts_count], 0};
	size_t certain = below(count);
	size_t i;

	for (i = 0; i < count; i++) {
		if (i == certain || one_in(3))
			w.texts[w.texts_count + set.count++] = pool[i];
	}
	w.texts_count += set.count;
	CHECK(w.texts_count <= TEXTS);
	return set;
}

static void
make_units(void)
{
	size_t i, k;

	for (i = 0; i < UNITS; i++) {
		struct policy_unit *unit = &w.units[i];

		unit->number = numbers[i];
		unit->level = i == 0  ? POLICY_LEVEL_CENTRAL
			      : i < 3 ? POLICY_LEVEL_REGION
				      : POLICY_LEVEL_UNIT;
		unit->parent = i == 0 ? NULL : &w.units[i < 3 ? 0 : 1];
		unit->class = one_in(2) ? classes[below(2)] : NULL;
		unit->organisation =
		    one_in(2) ? &organisations[below(3)][5] : NULL;
		unit->established = w.established[i];
		for (k = 0; k < SERVICES; k++) {
			if (one_in(3))
				continue;
			w.established[i][unit->established_count++] =
			    (struct policy_established){
				service_names[k], moment()};
		}
	}
}

static void
make_evidence_conditions(struct policy_grant *grant)
{
	size_t i;

	grant->issuers = one_in(6) ? (unsigned int)below(4) : 3;
	for (i = 0; i < 2; i++)
		grant->acr_rank_min[i] = one_in(3) ? (int)below(4) - 1 : 0;
	if (one_in(3))
		grant->roles_any = some_of(roles, COUNT(roles));
	if (one_in(4))
		grant->roles_all = some_of(roles, COUNT(roles));
	if (one_in(6))
		grant->scopes_all = some_of(scopes, COUNT(scopes));
	if (one_in(6))
		grant->on_behalf_of =
		    some_of(organisations, COUNT(organisations));
	if (one_in(8))
		grant->resources = some_of(resources, COUNT(resources));
	if (one_in(8))
		grant->rights_all = some_of(rights, COUNT(rights));
	if (one_in(8))
		grant->consumers = some_of(organisations, COUNT(organisations));
}

static void
make_other_conditions(struct policy_grant *grant)
{
	grant->max_age_s = one_in(4) ? 1 + moment() : 0;
	grant->valid_from_s = one_in(3) ? moment() : 0;
	grant->valid_until_s = one_in(3) ? moment() : POLICY_NO_END;
	grant->authorised_kinds = one_in(3) ? (unsigned int)below(4) : 0;
	if (one_in(5))
		grant->units = some_of(numbers, COUNT(numbers));
	if (one_in(5))
		grant->unit_levels = (unsigned int)below(16) & ~1U;
	if (one_in(6))
		grant->unit_classes = some_of(classes, COUNT(classes));
}

static void
make_groups(void)
{
	unsigned int line = 1;
	size_t i, k;

	for (i = 0; i < GROUPS; i++) {
		w.groups[i] = (struct policy_group){.name = group_names[i],
		    .gid = (uint32_t)(FIRST_GID + i),
		    .service = below(SERVICES),
		    .grants = w.grants[i],
		    .grants_count = below(GRANTS + 1)};
		for (k = 0; k < w.groups[i].grants_count; k++) {
			make_evidence_conditions(&w.grants[i][k]);
			make_other_conditions(&w.grants[i][k]);
			w.grants[i][k].place.file = files[below(2)];
			w.grants[i][k].place.line = line++;
		}
	}
}

static void
make_mandates(void)
{
	struct identity *identity = &w.identity;

	while (identity->mandates_count < 4 && one_in(2)) {
		struct identity_mandate *mandate =
		    &identity->mandates[identity->mandates_count++];

		mandate->organisation =
		    slice_of(organisations[below(COUNT(organisations))]);
		mandate->resource =
		    slice_of(resources[below(COUNT(resources))]);
		mandate->rights_first = identity->rights_count;
		while (mandate->rights_count < 4 && !one_in(3)) {
			identity->rights[identity->rights_count++] =
			    slice_of(rights[below(COUNT(rights))]);
			mandate->rights_count++;
		}
	}
}

static void
make_identity(void)
{
	struct identity *identity = &w.identity;

	(void)snprintf(identity->issuer, sizeof(identity->issuer), "%s",
	    urls[one_in(20) ? 2 : below(2)]);
	identity->acr_rank = (int)below(3);
	identity->authenticated_at_s = one_in(6) ? 0 : moment();
	while (identity->roles_count < 8 && !one_in(5))
		identity->roles[identity->roles_count++] =
		    slice_of(roles[below(COUNT(roles))]);
	while (identity->scopes_count < 4 && !one_in(4))
		identity->scopes[identity->scopes_count++] =
		    slice_of(scopes[below(COUNT(scopes))]);
	while (identity->units_count < 4 && !one_in(3))
		identity->units[identity->units_count++] =
		    slice_of(numbers[below(COUNT(numbers))]);
	if (one_in(2))
		identity->consumer =
		    slice_of(organisations[below(COUNT(organisations))]);
	make_mandates();
}

static void
make_authorisations(void)
{
	size_t i;

	w.query.authorisations_count = below(AUTHORISATIONS + 1);
	for (i = 0; i < w.query.authorisations_count; i++)
		w.authorisations[i] = (struct decision_authorisation){
		    .id = (int64_t)i + 1,
		    .gid = (uint32_t)(FIRST_GID + below(GROUPS)),
		    .unit = numbers[below(COUNT(numbers))],
		    .kind = one_in(3) ? POLICY_KIND_CLERICAL : POLICY_KIND_CASE,
		    .from_s = moment(),
		    .until_s = one_in(3) ? POLICY_NO_END : moment()};
}

static void
make_world(uint64_t seed)
{
	size_t i;

	memset(&w, 0, sizeof(w));
	w.seed = w.state = seed;
	for (i = 0; i < SERVICES; i++) {
		w.services[i].name = service_names[i];
		w.services[i].needs_established_unit = one_in(3);
	}
	make_units();
	make_groups();
	make_identity();
	make_authorisations();
	w.policy =
	    (struct policy){.issuers = {{urls[0], "staff"}, {urls[1], "pid"}},
		.issuers_count = 2,
		.services = w.services,
		.services_count = SERVICES,
		.groups = w.groups,
		.groups_count = GROUPS,
		.units = w.units,
		.units_count = UNITS};
	w.query.identity = &w.identity;
	w.query.authorisations = w.authorisations;
	w.query.now_s = moment();
}

static void
decide_at(int64_t now_s, struct outcomes *ret_outcomes)
{
	struct decision_query query = w.query;
	struct decision decisions[GROUPS];
	size_t i;

	query.now_s = now_s;
	decision_make(&w.policy, &query, decisions);
	for (i = 0; i < GROUPS; i++) {
		CHECK(decisions[i].group == &w.groups[i]);
		ret_outcomes->of[w.groups[i].gid - FIRST_GID] = decisions[i];
	}
}

static void
decide(struct outcomes *ret_outcomes)
{
	decide_at(w.query.now_s, ret_outcomes);
}

/* What the other order of grants and authorisations must leave alone. */
struct summary {
	enum decision_outcome outcome;
	enum decision_condition failed;
	int64_t changes_at_s;
	struct policy_place place;
	int64_t authorisation_id;
	const struct policy_unit *unit;
};

static void
summarise(const struct outcomes *outcomes, struct summary *ret_summaries)
{
	size_t i;

	for (i = 0; i < GROUPS; i++) {
		const struct decision *decision = &outcomes->of[i];

		ret_summaries[i] = (struct summary){decision->outcome,
		    decision->failed, decision->changes_at_s,
		    decision->grant ? decision->grant->place
				    : (struct policy_place){NULL, 0},
		    decision->authorisation ? decision->authorisation->id : 0,
		    decision->unit};
	}
}

static void
check_summary(
    const struct summary *wanted, const struct outcomes *outcomes, size_t i)
{
	const struct decision *is = &outcomes->of[i];
	struct policy_place none = {NULL, 0};

	CHECK(wanted->outcome == is->outcome);
	CHECK(wanted->failed == is->failed);
	CHECK(wanted->changes_at_s == is->changes_at_s);
	CHECK(policy_place_compare(
		  &wanted->place, is->grant ? &is->grant->place : &none) == 0);
	CHECK(wanted->authorisation_id ==
	      (is->authorisation ? is->authorisation->id : 0));
	CHECK(wanted->unit == is->unit);
}

/*
 * The meaning of a grant once more, as plainly as it can be said: at one
 * moment, without a thought of what comes before or after.
 */
static bool
has(const struct slice *slices, size_t count, const char *text)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (slice_equal(slices[i], text))
			return true;
	}
	return false;
}

static bool
has_all(const struct slice *slices, size_t count, struct policy_set set)
{
	size_t i;

	for (i = 0; i < set.count; i++) {
		if (!has(slices, count, set.texts[i]))
			return false;
	}
	return true;
}

static bool
is_one_of(struct slice text, struct policy_set set)
{
	size_t i;

	for (i = 0; i < set.count; i++) {
		if (slice_equal(text, set.texts[i]))
			return true;
	}
	return set.count == 0;
}

static bool
plain_mandate(
    const struct policy_grant *grant, const struct identity_mandate *mandate)
{
	return is_one_of(mandate->organisation, grant->on_behalf_of) &&
	       is_one_of(mandate->resource, grant->resources) &&
	       has_all(&w.identity.rights[mandate->rights_first],
		   mandate->rights_count, grant->rights_all);
}

static bool
plain_evidence(const struct policy_grant *grant, int64_t now_s)
{
	const struct identity *identity = &w.identity;
	int issuer = strcmp(identity->issuer, urls[0]) == 0   ? 0
		     : strcmp(identity->issuer, urls[1]) == 0 ? 1
							      : 5;
	bool any_role = grant->roles_any.count == 0;
	bool mandate = grant->on_behalf_of.count + grant->resources.count +
			   grant->rights_all.count ==
		       0;
	size_t i;

	for (i = 0; i < grant->roles_any.count; i++)
		any_role |= has(identity->roles, identity->roles_count,
		    grant->roles_any.texts[i]);
	for (i = 0; i < identity->mandates_count; i++)
		mandate |= plain_mandate(grant, &identity->mandates[i]);
	return (grant->issuers >> issuer & 1) &&
	       grant->acr_rank_min[issuer] >= 0 &&
	       identity->acr_rank >= grant->acr_rank_min[issuer] && any_role &&
	       mandate &&
	       has_all(
		   identity->roles, identity->roles_count, grant->roles_all) &&
	       has_all(identity->scopes, identity->scopes_count,
		   grant->scopes_all) &&
	       is_one_of(identity->consumer, grant->consumers) &&
	       (grant->max_age_s == 0 ||
		   (identity->authenticated_at_s > 0 &&
		       now_s - identity->authenticated_at_s <
			   grant->max_age_s)) &&
	       grant->valid_from_s <= now_s && now_s < grant->valid_until_s;
}

static bool
plain_unit(const struct policy_group *group, const struct policy_grant *grant,
    const struct policy_unit *unit, int64_t now_s)
{
	const struct policy_service *service = &w.services[group->service];
	bool established = !service->needs_established_unit;
	size_t i;

	for (i = 0; i < unit->established_count; i++)
		established |= unit->established[i].service == service->name &&
			       unit->established[i].since_s <= now_s;
	return established && is_one_of(slice_of(unit->number), grant->units) &&
	       (grant->unit_levels == 0 ||
		   (grant->unit_levels >> unit->level & 1)) &&
	       (unit->class ? is_one_of(
				  slice_of(unit->class), grant->unit_classes)
			    : grant->unit_classes.count == 0);
}

static bool
is_of_person(const struct policy_grant *grant, const struct policy_unit *unit)
{
	const struct identity *identity = &w.identity;
	size_t i;

	for (i = 0; unit->organisation && i < identity->mandates_count; i++) {
		const struct identity_mandate *mandate = &identity->mandates[i];

		if (plain_mandate(grant, mandate) &&
		    strcmp(&mandate->organisation.at[5], unit->organisation) ==
			0)
			return true;
	}
	return has(identity->units, identity->units_count, unit->number);
}

/* only: with no other unit than this; NULL for any, or none. */
static bool
plain_grant_for(const struct policy_group *group,
    const struct policy_grant *grant, const struct policy_unit *only,
    int64_t now_s)
{
	size_t i, k;

	if (!plain_evidence(grant, now_s))
		return false;
	for (k = 0; k < UNITS; k++) {
		const struct policy_unit *unit = &w.units[k];
		bool theirs =
		    !grant->authorised_kinds && is_of_person(grant, unit);

		for (i = 0; i < w.query.authorisations_count; i++) {
			const struct decision_authorisation *a =
			    &w.authorisations[i];

			theirs |= a->gid == group->gid &&
				  (a->kind & grant->authorised_kinds) &&
				  a->from_s <= now_s && now_s < a->until_s &&
				  strcmp(a->unit, unit->number) == 0;
		}
		if (theirs && (!only || only == unit) &&
		    plain_unit(group, grant, unit, now_s))
			return true;
	}
	return !only && !grant->authorised_kinds &&
	       grant->units.count + grant->unit_classes.count == 0 &&
	       grant->unit_levels == 0 &&
	       !w.services[group->service].needs_established_unit;
}

static bool
plain_grant(const struct policy_group *group, const struct policy_grant *grant,
    int64_t now_s)
{
	return plain_grant_for(group, grant, NULL, now_s);
}

static bool
plain_group_for(const struct policy_group *group,
    const struct policy_unit *only, int64_t now_s)
{
	size_t i;

	for (i = 0; i < group->grants_count; i++) {
		if (plain_grant_for(group, &group->grants[i], only, now_s))
			return true;
	}
	return false;
}

static bool
plain_group(const struct policy_group *group, int64_t now_s)
{
	return plain_group_for(group, NULL, now_s);
}

/* Also proves that the worlds are not all alike. */
static void
test_means_what_is_said_plainly(void **state)
{
	size_t granted = 0, withheld = 0, seen[16] = {0};
	struct outcomes outcomes;
	uint64_t seed;
	size_t i;

	(void)state;
	for (seed = first_seed; seed <= last_seed; seed++) {
		make_world(seed);
		decide(&outcomes);
		for (i = 0; i < GROUPS; i++) {
			const struct decision *is = &outcomes.of[i];
			bool wanted = plain_group(&w.groups[i], w.query.now_s);

			CHECK((is->outcome == DECISION_GRANTED) == wanted);
			CHECK((is->failed == DECISION_NONE) == wanted);
			granted += wanted;
			withheld += !wanted;
			seen[is->failed]++;
		}
	}
	if (first_seed == last_seed)
		return;
	assert_true(granted > WORLDS / 2 && withheld > WORLDS / 2);
	for (i = 0; i < COUNT(seen); i++)
		assert_true(seen[i] > 0 || i == DECISION_ACCOUNT_LOCKED ||
			    i == DECISION_NO_LOGIN);
}

/* A set of which one must be had: fewer of them. */
static void
narrow_any(struct policy_set *set, const char *const *pool, size_t count)
{
	if (set->count == 0)
		*set = some_of(pool, count);
	else if (set->count > 1)
		set->count--;
}

/* A set of which all must be had: from none to some. */
static void
narrow_all(struct policy_set *set, const char *const *pool, size_t count)
{
	if (set->count == 0)
		*set = some_of(pool, count);
}

static void
narrow_mask(unsigned int *mask, unsigned int all)
{
	unsigned int bits = (unsigned int)draw() & all;

	bits &= *mask ? *mask : all;
	*mask = bits ? bits : *mask;
}

static void
narrow_time(struct policy_grant *grant)
{
	int64_t at_s = 1 + moment();

	switch (below(3)) {
	case 0:
		if (grant->max_age_s == 0 || at_s < grant->max_age_s)
			grant->max_age_s = at_s;
		break;
	case 1:
		if (at_s > grant->valid_from_s)
			grant->valid_from_s = at_s;
		break;
	default:
		if (at_s < grant->valid_until_s)
			grant->valid_until_s = at_s;
	}
}

static void
narrow_unit(struct policy_group *group, struct policy_grant *grant)
{
	switch (below(4)) {
	case 0:
		narrow_any(&grant->units, numbers, COUNT(numbers));
		break;
	case 1:
		narrow_any(&grant->unit_classes, classes, COUNT(classes));
		break;
	case 2:
		narrow_mask(&grant->unit_levels, 14);
		break;
	default:
		w.services[group->service].needs_established_unit = true;
	}
}

/* An authorisation brings its own unit, so both are asked for at once. */
static void
narrow_authorised(struct policy_group *group, struct policy_grant *grant)
{
	bool asks_unit = grant->units.count + grant->unit_classes.count > 0 ||
			 grant->unit_levels != 0 ||
			 w.services[group->service].needs_established_unit;

	if (grant->authorised_kinds != 0 || !asks_unit)
		narrow_mask(&grant->authorised_kinds, 3);
}

static void
narrow_evidence(struct policy_grant *grant)
{
	size_t issuer = below(2);

	switch (below(9)) {
	case 0:
		grant->issuers &= (unsigned int)below(4);
		break;
	case 1:
		if (grant->acr_rank_min[issuer] >= 0)
			grant->acr_rank_min[issuer]++;
		break;
	case 2:
		grant->acr_rank_min[issuer] = -1;
		break;
	case 3:
		narrow_any(&grant->roles_any, roles, COUNT(roles));
		break;
	case 4:
		narrow_all(&grant->roles_all, roles, COUNT(roles));
		break;
	case 5:
		narrow_all(&grant->scopes_all, scopes, COUNT(scopes));
		break;
	case 6:
		narrow_any(
		    &grant->on_behalf_of, organisations, COUNT(organisations));
		break;
	case 7:
		narrow_any(&grant->resources, resources, COUNT(resources));
		break;
	default:
		narrow_all(&grant->rights_all, rights, COUNT(rights));
	}
}

static void
narrow(struct policy_group *group, struct policy_grant *grant)
{
	switch (below(5)) {
	case 0:
	case 1:
		narrow_evidence(grant);
		break;
	case 2:
		narrow_time(grant);
		break;
	case 3:
		narrow_unit(group, grant);
		break;
	default:
		if (one_in(2))
			narrow_authorised(group, grant);
		else
			narrow_any(&grant->consumers, organisations,
			    COUNT(organisations));
	}
}

static void
test_a_condition_more_never_grants_more(void **state)
{
	struct outcomes before, after;
	uint64_t seed;
	size_t i, group, step;

	(void)state;
	for (seed = first_seed; seed <= last_seed; seed++) {
		make_world(seed);
		decide(&before);
		for (step = 0; step < 12; step++) {
			group = below(GROUPS);
			if (w.groups[group].grants_count == 0)
				continue;
			narrow(&w.groups[group],
			    &w.grants[group]
				     [below(w.groups[group].grants_count)]);
			decide(&after);
			for (i = 0; i < GROUPS; i++) {
				if (after.of[i].outcome != DECISION_GRANTED)
					continue;
				CHECK(before.of[i].outcome == DECISION_GRANTED);
				CHECK(after.of[i].changes_at_s <=
				      before.of[i].changes_at_s);
			}
			before = after;
		}
	}
}

static void
test_ended_authorisations_are_none(void **state)
{
	struct summary without[GROUPS];
	struct outcomes outcomes;
	size_t i, count;
	uint64_t seed;

	(void)state;
	for (seed = first_seed; seed <= last_seed; seed++) {
		make_world(seed);
		count = w.query.authorisations_count;
		w.query.authorisations_count = 0;
		decide(&outcomes);
		summarise(&outcomes, without);
		w.query.authorisations_count = count;
		for (i = 0; i < count; i++) {
			if (w.authorisations[i].until_s > w.query.now_s)
				w.authorisations[i].until_s = w.query.now_s;
		}
		decide(&outcomes);
		for (i = 0; i < GROUPS; i++)
			check_summary(&without[i], &outcomes, i);
	}
}

/* Whatever a granted group is said to rest on is in force. */
static void
test_a_granted_group_rests_on_what_is_in_force(void **state)
{
	struct outcomes outcomes;
	uint64_t seed;
	size_t i;

	(void)state;
	for (seed = first_seed; seed <= last_seed; seed++) {
		make_world(seed);
		decide(&outcomes);
		for (i = 0; i < GROUPS; i++) {
			const struct decision *is = &outcomes.of[i];
			const struct decision_authorisation *a =
			    is->authorisation;

			if (is->outcome != DECISION_GRANTED)
				continue;
			CHECK(plain_grant(is->group, is->grant, w.query.now_s));
			CHECK(
			    (a != NULL) == (is->grant->authorised_kinds != 0));
			CHECK(
			    !a || (a->gid == is->group->gid &&
				      a->from_s <= w.query.now_s &&
				      w.query.now_s < a->until_s &&
				      (is->grant->authorised_kinds & a->kind)));
			CHECK(!a || strcmp(a->unit, is->unit->number) == 0);
			CHECK(!is->unit || plain_unit(is->group, is->grant,
					       is->unit, w.query.now_s));
		}
	}
}

#define SHUFFLE(array, count)                                          \
	do {                                                           \
		size_t left;                                           \
		for (left = (count); left > 1; left--) {               \
			size_t other = below(left);                    \
			__typeof__(*(array)) kept = (array)[left - 1]; \
			(array)[left - 1] = (array)[other];            \
			(array)[other] = kept;                         \
		}                                                      \
	} while (0)

static void
shuffle_world(void)
{
	struct identity *identity = &w.identity;
	size_t i;

	for (i = 0; i < GROUPS; i++)
		SHUFFLE(w.grants[i],
		    w.groups[w.groups[i].gid - FIRST_GID].grants_count);
	SHUFFLE(w.groups, GROUPS);
	SHUFFLE(w.authorisations, w.query.authorisations_count);
	SHUFFLE(identity->roles, identity->roles_count);
	SHUFFLE(identity->scopes, identity->scopes_count);
	SHUFFLE(identity->units, identity->units_count);
	SHUFFLE(identity->mandates, identity->mandates_count);
}

static void
test_the_order_decides_nothing(void **state)
{
	struct summary before[GROUPS];
	struct outcomes outcomes;
	uint64_t seed;
	size_t i;

	(void)state;
	for (seed = first_seed; seed <= last_seed; seed++) {
		make_world(seed);
		decide(&outcomes);
		summarise(&outcomes, before);
		shuffle_world();
		decide(&outcomes);
		for (i = 0; i < GROUPS; i++)
			check_summary(&before[i], &outcomes, i);
	}
}

static void
check_until_change(const struct policy_group *group, const struct decision *is)
{
	int64_t now_s = w.query.now_s;
	bool granted = is->outcome == DECISION_GRANTED;
	int64_t at_s;

	CHECK(is->changes_at_s > now_s);
	for (at_s = now_s; at_s < is->changes_at_s && at_s <= 2 * END; at_s++)
		CHECK(plain_group(group, at_s) == granted);
	if (is->changes_at_s == POLICY_NO_END)
		return;
	/* No alarm without need: what was to begin begins. */
	if (!granted)
		CHECK(plain_group(group, is->changes_at_s));
	else
		CHECK(!plain_grant(group, is->grant, is->changes_at_s) ||
		      is->authorisation);
}

static void
test_nothing_changes_before_it_is_said_to(void **state)
{
	struct outcomes now, then;
	uint64_t seed;
	int64_t at_s;
	size_t i;

	(void)state;
	for (seed = first_seed; seed <= last_seed; seed++) {
		make_world(seed);
		decide(&now);
		for (i = 0; i < GROUPS; i++)
			check_until_change(&w.groups[i], &now.of[i]);
		at_s = w.query.now_s + moment();
		decide_at(at_s, &then);
		for (i = 0; i < GROUPS; i++)
			CHECK(at_s >= now.of[i].changes_at_s ||
			      now.of[i].outcome == then.of[i].outcome);
	}
}

/* An authorisation of later, or the end of one, is not known yet. */
static void
forget_the_future(void)
{
	size_t i, kept = 0;

	for (i = 0; i < w.query.authorisations_count; i++) {
		struct decision_authorisation authorisation =
		    w.authorisations[i];

		if (authorisation.from_s > w.query.now_s)
			continue;
		if (authorisation.until_s > w.query.now_s)
			authorisation.until_s = POLICY_NO_END;
		w.authorisations[kept++] = authorisation;
	}
	w.query.authorisations_count = kept;
}

static void
test_yesterdays_answer_stands(void **state)
{
	struct outcomes before, other, after;
	struct summary summaries[GROUPS];
	uint64_t seed;
	size_t i;

	(void)state;
	for (seed = first_seed; seed <= last_seed; seed++) {
		make_world(seed);
		decide(&before);
		decide_at(w.query.now_s + moment(), &other);
		decide(&after);
		summarise(&before, summaries);
		for (i = 0; i < GROUPS; i++)
			check_summary(&summaries[i], &after, i);
		forget_the_future();
		decide(&after);
		for (i = 0; i < GROUPS; i++)
			CHECK(before.of[i].outcome == after.of[i].outcome);
	}
}

static void
test_who_is_locked_or_unknown_has_nothing(void **state)
{
	struct outcomes outcomes;
	uint64_t seed;
	size_t i;

	(void)state;
	for (seed = first_seed; seed <= last_seed; seed++) {
		make_world(seed);
		w.query.locked = seed % 2;
		w.query.identity = seed % 3 == 0 ? NULL : &w.identity;
		if (!w.query.locked && w.query.identity)
			continue;
		decide(&outcomes);
		for (i = 0; i < GROUPS; i++) {
			const struct decision *is = &outcomes.of[i];

			CHECK(is->outcome == DECISION_WITHHELD);
			CHECK(is->changes_at_s == POLICY_NO_END);
			CHECK(is->failed == (!is->grant ? DECISION_NO_GRANT
						: w.query.locked
						    ? DECISION_ACCOUNT_LOCKED
						    : DECISION_NO_LOGIN));
		}
	}
}

static void
test_a_group_without_grants_is_for_nobody(void **state)
{
	struct outcomes outcomes;
	uint64_t seed;
	size_t i;

	(void)state;
	for (seed = first_seed; seed <= last_seed; seed++) {
		make_world(seed);
		for (i = 0; i < GROUPS; i++)
			w.groups[i].grants_count = 0;
		decide(&outcomes);
		for (i = 0; i < GROUPS; i++) {
			CHECK(outcomes.of[i].outcome == DECISION_WITHHELD);
			CHECK(outcomes.of[i].failed == DECISION_NO_GRANT);
		}
	}
}

/* One group, or one unit alone, is not judged more kindly. */
static void
test_a_group_alone_is_decided_alike(void **state)
{
	struct outcomes outcomes, alone;
	struct summary summaries[GROUPS];
	struct decision one;
	uint64_t seed;
	size_t i, k;

	(void)state;
	for (seed = first_seed; seed <= last_seed; seed++) {
		make_world(seed);
		decide(&outcomes);
		summarise(&outcomes, summaries);
		for (i = 0; i < GROUPS; i++) {
			decision_make_one(
			    &w.policy, &w.groups[i], &w.query, &alone.of[i]);
			check_summary(&summaries[i], &alone, i);
			for (k = 0; k < UNITS; k++) {
				const struct policy_unit *unit = &w.units[k];

				decision_make_for_unit(&w.policy, &w.groups[i],
				    unit, &w.query, &one);
				CHECK((one.outcome == DECISION_GRANTED) ==
				      plain_group_for(
					  &w.groups[i], unit, w.query.now_s));
				CHECK(one.outcome != DECISION_GRANTED ||
				      one.unit == unit);
			}
		}
	}
}

/* Two of the groups authorise for the third. */
static bool
plain_giver(const struct policy_quota *quota, const struct policy_unit *unit)
{
	size_t i, k;

	for (i = 0; i < quota->givers.count; i++) {
		const struct policy_group *group =
		    policy_group_by_name(&w.policy, quota->givers.texts[i]);

		for (k = 0; k < UNITS; k++) {
			if (w.units[k].level == quota->giver_level &&
			    policy_unit_covers(&w.units[k], unit) &&
			    plain_group_for(group, &w.units[k], w.query.now_s))
				return true;
		}
	}
	return false;
}

static bool
is_established(const struct policy_unit *unit, const struct policy_group *group)
{
	const struct policy_service *service = &w.services[group->service];

	return policy_unit_is_established(unit, service, w.query.now_s);
}

static void
test_whoever_may_authorise_has_the_group_for_the_unit(void **state)
{
	size_t allowed = 0, refused = 0;
	uint64_t seed;

	(void)state;
	for (seed = first_seed; seed <= last_seed; seed++) {
		const struct policy_quota *found;
		struct policy_quota quota;
		struct giver_query query;
		enum giver_result result;

		make_world(seed);
		query = (struct giver_query){.giver = &w.query,
		    .same_person = one_in(8),
		    .group = &w.groups[0],
		    .unit = &w.units[below(UNITS)],
		    .now_s = w.query.now_s};
		quota = (struct policy_quota){.level = one_in(4)
							   ? POLICY_LEVEL_REGION
							   : query.unit->level,
		    .giver_level = (enum policy_unit_level)(1 + below(3)),
		    .givers = some_of(&group_names[1], 2)};
		w.groups[0].quotas = &quota;
		w.groups[0].quotas_count = 1;
		result = giver_check(&w.policy, &query, &found);
		CHECK((result == GIVER_ALLOWED) ==
		      (!query.same_person && quota.level == query.unit->level &&
			  plain_giver(&quota, query.unit) &&
			  is_established(query.unit, query.group)));
		allowed += result == GIVER_ALLOWED;
		refused += result != GIVER_ALLOWED;
	}
	assert_true(first_seed == last_seed ||
		    (allowed > WORLDS / 100 && refused > WORLDS / 100));
}

/* The record in storage of its own, so that nothing of the old is seen. */
static const struct policy *
record_of(struct record_writer *writer, struct arena *arena)
{
	struct record_reader reader = {.arena = arena};
	struct policy *policy = arena_alloc(arena, sizeof(*policy));

	assert_non_null(policy);
	policy_put(writer, &w.policy);
	CHECK(writer->error == 0);
	buf_reader_init(
	    &reader.buf, writer->buf.start, buf_writer_size(&writer->buf));
	policy_get(&reader, policy);
	CHECK(record_get_end(&reader) == 0);
	return policy;
}

static void
check_alike(const struct policy *copy, const struct decision *is,
    const struct decision *wanted)
{
	const struct policy_place none = {NULL, 0};

	CHECK(is->group == policy_group_by_name(copy, wanted->group->name));
	CHECK(is->outcome == wanted->outcome && is->failed == wanted->failed);
	CHECK(is->changes_at_s == wanted->changes_at_s);
	CHECK(is->authorisation == wanted->authorisation);
	CHECK(!is->unit == !wanted->unit);
	CHECK(!is->unit || strcmp(is->unit->number, wanted->unit->number) == 0);
	CHECK(policy_place_compare(is->grant ? &is->grant->place : &none,
		  wanted->grant ? &wanted->grant->place : &none) == 0);
}

static void
test_a_policy_from_its_record_decides_alike(void **state)
{
	struct decision wanted[GROUPS], is[GROUPS];
	uint64_t seed;
	size_t i;

	(void)state;
	for (seed = first_seed; seed <= last_seed; seed++) {
		struct record_writer writer = {.size_max = 1 << 20};
		struct arena arena = {NULL};
		const struct policy *copy;

		make_world(seed);
		copy = record_of(&writer, &arena);
		decision_make(&w.policy, &w.query, wanted);
		decision_make(copy, &w.query, is);
		for (i = 0; i < GROUPS; i++)
			check_alike(copy, &is[i], &wanted[i]);
		arena_done(&arena);
		record_writer_done(&writer);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_means_what_is_said_plainly),
	    cmocka_unit_test(test_a_condition_more_never_grants_more),
	    cmocka_unit_test(test_ended_authorisations_are_none),
	    cmocka_unit_test(test_a_granted_group_rests_on_what_is_in_force),
	    cmocka_unit_test(test_the_order_decides_nothing),
	    cmocka_unit_test(test_nothing_changes_before_it_is_said_to),
	    cmocka_unit_test(test_yesterdays_answer_stands),
	    cmocka_unit_test(test_who_is_locked_or_unknown_has_nothing),
	    cmocka_unit_test(test_a_group_without_grants_is_for_nobody),
	    cmocka_unit_test(test_a_group_alone_is_decided_alike),
	    cmocka_unit_test(test_a_policy_from_its_record_decides_alike),
	    cmocka_unit_test(
		test_whoever_may_authorise_has_the_group_for_the_unit),
	};

	if (argc > 1)
		first_seed = last_seed = strtoull(argv[1], NULL, 10);
	return cmocka_run_group_tests_name(
	    "decision_properties", tests, NULL, NULL);
}
