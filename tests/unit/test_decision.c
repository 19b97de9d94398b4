#include "tests/unit/unit.h"
#include "verify/decision.h"
#include "verify/grant.h"

#include <stdio.h>
#include <string.h>

#define SET(...)                                                 \
	((struct policy_set){(const char *const[]){__VA_ARGS__}, \
	    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)})

enum {
	NOW = 1000000,
	GID = 1900000120,
};

static const struct policy_established established[] = {
    {"svarut", NOW - 5}, {"infoflyt", NOW}, {"infoflyt", NOW - 10}};
static const struct policy_established early[] = {{"infoflyt", 1}};
static const struct policy_established other[] = {{"svarut", 1}};

static const struct policy_unit units[] = {
    {.number = "0100",
	.level = POLICY_LEVEL_CENTRAL,
	.organisation = "911830868"},
    {.number = "0300",
	.level = POLICY_LEVEL_REGION,
	.parent = &units[0],
	.established = early,
	.established_count = 1},
    {.number = "0321",
	.level = POLICY_LEVEL_UNIT,
	.parent = &units[1],
	.class = "high",
	.organisation = "974760673",
	.established = established,
	.established_count = 3},
    {.number = "0322",
	.level = POLICY_LEVEL_UNIT,
	.parent = &units[1],
	.class = "low",
	.organisation = "",
	.established = other,
	.established_count = 1},
};

/* One group of one service, with the grants that a test writes. */
struct world {
	struct policy policy;
	struct policy_service service;
	struct policy_group group;
	struct policy_grant grants[3];
	struct decision_authorisation authorisations[3];
	struct decision_query query;
	struct decision decision;
};

static struct identity identity;
static struct world w;

static int
reset(void **state)
{
	size_t i;

	(void)state;
	memset(&w, 0, sizeof(w));
	memset(&identity, 0, sizeof(identity));
	w.service.name = "infoflyt";
	w.group = (struct policy_group){.name = "ko-infoflyt",
	    .gid = GID,
	    .grants = w.grants,
	    .grants_count = 1};
	for (i = 0; i < 3; i++) {
		w.grants[i].issuers = 1;
		w.grants[i].valid_until_s = POLICY_NO_END;
		w.grants[i].place.file = "infoflyt.conf";
		w.grants[i].place.line = (unsigned int)(10 * (i + 1));
		w.authorisations[i] =
		    (struct decision_authorisation){(int64_t)i + 1, GID, "0321",
			POLICY_KIND_CASE, NOW - 10, NOW + 10};
	}
	w.policy = (struct policy){.issuers = {{"https://a.example", "staff"},
				       {"https://b.example", "pid"}},
	    .issuers_count = 2,
	    .services = &w.service,
	    .services_count = 1,
	    .groups = &w.group,
	    .groups_count = 1,
	    .units = units,
	    .units_count = 4};
	(void)snprintf(
	    identity.issuer, sizeof(identity.issuer), "https://a.example");
	w.query.identity = &identity;
	w.query.authorisations = w.authorisations;
	w.query.now_s = NOW;
	return 0;
}

static void
add_role(const char *role)
{
	identity.roles[identity.roles_count++] = slice_of(role);
}

static void
add_unit(const char *number)
{
	identity.units[identity.units_count++] = slice_of(number);
}

static void
add_mandate(const char *organisation, const char *resource,
    const char *first_right, const char *second_right)
{
	struct identity_mandate *mandate =
	    &identity.mandates[identity.mandates_count++];

	mandate->organisation = slice_of(organisation);
	mandate->resource = slice_of(resource);
	mandate->rights_first = identity.rights_count;
	if (first_right)
		identity.rights[identity.rights_count++] =
		    slice_of(first_right);
	if (second_right)
		identity.rights[identity.rights_count++] =
		    slice_of(second_right);
	mandate->rights_count = identity.rights_count - mandate->rights_first;
}

static void
decide(void)
{
	memset(&w.decision, 0xa5, sizeof(w.decision));
	decision_make(&w.policy, &w.query, &w.decision);
	assert_ptr_equal(&w.group, w.decision.group);
}

static void
assert_granted(int64_t changes_at_s)
{
	decide();
	if (w.decision.outcome != DECISION_GRANTED)
		fail_msg(
		    "withheld: %s", decision_condition_word(w.decision.failed));
	assert_int_equal(DECISION_NONE, w.decision.failed);
	assert_int_equal(changes_at_s, w.decision.changes_at_s);
}

static void
assert_withheld(enum decision_condition failed, int64_t changes_at_s)
{
	decide();
	assert_int_equal(DECISION_WITHHELD, w.decision.outcome);
	if (w.decision.failed != failed)
		fail_msg("withheld by %s instead of %s",
		    decision_condition_word(w.decision.failed),
		    decision_condition_word(failed));
	assert_int_equal(changes_at_s, w.decision.changes_at_s);
}

static void
test_a_grant_without_conditions_is_for_everybody(void **state)
{
	(void)state;
	assert_granted(POLICY_NO_END);
	assert_ptr_equal(&w.grants[0], w.decision.grant);
	assert_null(w.decision.authorisation);
	assert_null(w.decision.unit);
}

static void
test_a_group_without_grants_is_for_nobody(void **state)
{
	(void)state;
	w.group.grants_count = 0;
	assert_withheld(DECISION_NO_GRANT, POLICY_NO_END);
	assert_null(w.decision.grant);
	w.query.locked = true;
	assert_withheld(DECISION_NO_GRANT, POLICY_NO_END);
}

static void
test_a_group_of_no_service_is_for_nobody(void **state)
{
	(void)state;
	w.group.service = 1;
	assert_withheld(DECISION_NO_GRANT, POLICY_NO_END);
}

static void
test_an_empty_policy_writes_nothing(void **state)
{
	static const struct policy nothing;
	struct decision decision;

	(void)state;
	memset(&decision, 0xa5, sizeof(decision));
	w.decision = decision;
	decision_make(&nothing, &w.query, &decision);
	assert_memory_equal(&w.decision, &decision, sizeof(decision));
}

static void
test_a_locked_account_has_nothing(void **state)
{
	(void)state;
	w.query.locked = true;
	assert_withheld(DECISION_ACCOUNT_LOCKED, POLICY_NO_END);
	assert_ptr_equal(&w.grants[0], w.decision.grant);
	w.query.identity = NULL;
	assert_withheld(DECISION_ACCOUNT_LOCKED, POLICY_NO_END);
}

static void
test_without_a_login_there_is_nothing(void **state)
{
	(void)state;
	w.query.identity = NULL;
	w.query.authorisations_count = 1;
	w.grants[0].authorised_kinds = POLICY_KIND_CASE;
	assert_withheld(DECISION_NO_LOGIN, POLICY_NO_END);
}

static void
test_issuer(void **state)
{
	(void)state;
	w.grants[0].issuers = 1 << 1;
	assert_withheld(DECISION_ISSUER, POLICY_NO_END);
	identity.issuer[8] = 'b';
	assert_granted(POLICY_NO_END);
	w.grants[0].issuers = 0;
	assert_withheld(DECISION_ISSUER, POLICY_NO_END);
}

static void
test_an_unknown_issuer_has_nothing(void **state)
{
	(void)state;
	w.grants[0].issuers = ~0U;
	assert_granted(POLICY_NO_END);
	identity.issuer[8] = 'c';
	assert_withheld(DECISION_ISSUER, POLICY_NO_END);
	identity.issuer[0] = '\0';
	assert_withheld(DECISION_ISSUER, POLICY_NO_END);
}

static void
test_roles_any(void **state)
{
	(void)state;
	w.grants[0].roles_any = SET("leder", "saksbehandler");
	assert_withheld(DECISION_ROLE, POLICY_NO_END);
	add_role("saksbehandle");
	add_role("Leder");
	assert_withheld(DECISION_ROLE, POLICY_NO_END);
	add_role("saksbehandler");
	assert_granted(POLICY_NO_END);
}

static void
test_roles_all(void **state)
{
	(void)state;
	w.grants[0].roles_all = SET("leder", "saksbehandler");
	add_role("saksbehandler");
	assert_withheld(DECISION_ROLE, POLICY_NO_END);
	add_role("leder");
	assert_granted(POLICY_NO_END);
	w.grants[0].roles_any = SET("vaktleder");
	assert_withheld(DECISION_ROLE, POLICY_NO_END);
}

static void
test_scopes(void **state)
{
	(void)state;
	w.grants[0].scopes_all = SET("ko:les", "ko:skriv");
	identity.scopes[identity.scopes_count++] = slice_of("ko:les");
	assert_withheld(DECISION_SCOPE, POLICY_NO_END);
	identity.scopes[identity.scopes_count++] = slice_of("ko:skriv");
	assert_granted(POLICY_NO_END);
}

static void
test_on_behalf_of(void **state)
{
	(void)state;
	w.grants[0].on_behalf_of = SET("0192:911830868", "0192:974760673");
	assert_withheld(DECISION_ON_BEHALF_OF, POLICY_NO_END);
	add_mandate("0192:999999999", "", NULL, NULL);
	add_mandate("911830868", "", NULL, NULL);
	assert_withheld(DECISION_ON_BEHALF_OF, POLICY_NO_END);
	add_mandate("0192:974760673", "", NULL, NULL);
	assert_granted(POLICY_NO_END);
}

static void
test_resources(void **state)
{
	(void)state;
	w.grants[0].resources = SET("urn:x:1", "urn:x:2");
	add_mandate("0192:911830868", "", NULL, NULL);
	add_mandate("0192:911830868", "urn:x:3", NULL, NULL);
	add_mandate("", "urn:x:1", NULL, NULL);
	assert_withheld(DECISION_ON_BEHALF_OF, POLICY_NO_END);
	add_mandate("0192:911830868", "urn:x:2", NULL, NULL);
	assert_granted(POLICY_NO_END);
}

static void
test_rights(void **state)
{
	(void)state;
	w.grants[0].rights_all = SET("les", "skriv");
	add_mandate("0192:911830868", "", "les", NULL);
	add_mandate("0192:911830868", "", "skriv", NULL);
	assert_withheld(DECISION_ON_BEHALF_OF, POLICY_NO_END);
	add_mandate("0192:911830868", "", "skriv", "les");
	assert_granted(POLICY_NO_END);
	identity.mandates[2].rights_count = 3;
	assert_withheld(DECISION_ON_BEHALF_OF, POLICY_NO_END);
	identity.mandates[2].rights_count = SIZE_MAX;
	assert_withheld(DECISION_ON_BEHALF_OF, POLICY_NO_END);
}

static void
test_a_mandate_must_meet_all_of_it_alone(void **state)
{
	(void)state;
	w.grants[0].on_behalf_of = SET("0192:911830868");
	w.grants[0].resources = SET("urn:x:1");
	w.grants[0].rights_all = SET("les");
	add_mandate("0192:911830868", "urn:x:1", NULL, NULL);
	add_mandate("0192:911830868", "urn:x:2", "les", NULL);
	add_mandate("0192:974760673", "urn:x:1", "les", NULL);
	assert_withheld(DECISION_ON_BEHALF_OF, POLICY_NO_END);
	add_mandate("0192:911830868", "urn:x:1", "les", NULL);
	assert_granted(POLICY_NO_END);
	assert_int_equal(1 << 3, grant_mandates(&w.grants[0], &identity));
	assert_int_equal(0xf, grant_mandates(&w.grants[1], &identity));
}

static void
test_consumers(void **state)
{
	(void)state;
	w.grants[0].consumers = SET("", "0192:911830868");
	assert_withheld(DECISION_CONSUMER, POLICY_NO_END);
	identity.consumer = slice_of("0192:974760673");
	assert_withheld(DECISION_CONSUMER, POLICY_NO_END);
	identity.consumer = slice_of("0192:911830868");
	assert_granted(POLICY_NO_END);
}

static void
test_level(void **state)
{
	(void)state;
	w.grants[0].acr_rank_min[0] = 2;
	w.grants[0].acr_rank_min[1] = 1;
	assert_withheld(DECISION_LEVEL, POLICY_NO_END);
	identity.acr_rank = 1;
	assert_withheld(DECISION_LEVEL, POLICY_NO_END);
	identity.acr_rank = 2;
	assert_granted(POLICY_NO_END);
	identity.acr_rank = 3;
	assert_granted(POLICY_NO_END);
	w.grants[0].acr_rank_min[0] = -1;
	assert_withheld(DECISION_LEVEL, POLICY_NO_END);
}

static void
test_age(void **state)
{
	(void)state;
	w.grants[0].max_age_s = 900;
	assert_withheld(DECISION_AGE, POLICY_NO_END);
	identity.authenticated_at_s = NOW - 899;
	assert_granted(NOW + 1);
	identity.authenticated_at_s = NOW - 900;
	assert_withheld(DECISION_AGE, POLICY_NO_END);
	identity.authenticated_at_s = -1;
	assert_withheld(DECISION_AGE, POLICY_NO_END);
	identity.authenticated_at_s = NOW;
	w.grants[0].max_age_s = -1;
	assert_withheld(DECISION_AGE, POLICY_NO_END);
	w.grants[0].max_age_s = INT64_MAX;
	assert_granted(POLICY_NO_END);
}

static void
test_validity(void **state)
{
	(void)state;
	w.grants[0].valid_from_s = NOW + 1;
	w.grants[0].valid_until_s = NOW + 2;
	assert_withheld(DECISION_NOT_YET, NOW + 1);
	w.query.now_s = NOW + 1;
	assert_granted(NOW + 2);
	w.query.now_s = NOW + 2;
	assert_withheld(DECISION_NO_LONGER, POLICY_NO_END);
	w.grants[0].valid_until_s = 0;
	assert_withheld(DECISION_NO_LONGER, POLICY_NO_END);
}

/* Too old by the time it begins: no clock opens that. */
static void
test_what_ends_before_it_begins_never_begins(void **state)
{
	(void)state;
	identity.authenticated_at_s = NOW - 10;
	w.grants[0].max_age_s = 20;
	w.grants[0].valid_from_s = NOW + 10;
	assert_withheld(DECISION_NOT_YET, POLICY_NO_END);
	w.grants[0].max_age_s = 21;
	assert_withheld(DECISION_NOT_YET, NOW + 10);
}

static void
test_authorisation(void **state)
{
	(void)state;
	w.grants[0].authorised_kinds = POLICY_KIND_CASE;
	assert_withheld(DECISION_AUTHORISATION, POLICY_NO_END);
	w.query.authorisations_count = 1;
	assert_granted(NOW + 10);
	assert_ptr_equal(&w.authorisations[0], w.decision.authorisation);
	assert_ptr_equal(&units[2], w.decision.unit);
	w.authorisations[0].gid = GID + 1;
	assert_withheld(DECISION_AUTHORISATION, POLICY_NO_END);
}

static void
test_authorisation_kind(void **state)
{
	(void)state;
	w.query.authorisations_count = 1;
	w.grants[0].authorised_kinds = POLICY_KIND_CASE;
	w.authorisations[0].kind = POLICY_KIND_CLERICAL;
	assert_withheld(DECISION_AUTHORISATION, POLICY_NO_END);
	w.grants[0].authorised_kinds |= POLICY_KIND_CLERICAL;
	assert_granted(NOW + 10);
	w.authorisations[0].kind = 0;
	assert_withheld(DECISION_AUTHORISATION, POLICY_NO_END);
	w.authorisations[0].kind = 3;
	assert_withheld(DECISION_AUTHORISATION, POLICY_NO_END);
}

static void
test_authorisation_times(void **state)
{
	(void)state;
	w.query.authorisations_count = 1;
	w.grants[0].authorised_kinds = POLICY_KIND_CASE;
	w.query.now_s = NOW - 11;
	assert_withheld(DECISION_AUTHORISATION, NOW - 10);
	assert_null(w.decision.authorisation);
	w.query.now_s = NOW - 10;
	assert_granted(NOW + 10);
	w.query.now_s = NOW + 9;
	assert_granted(NOW + 10);
	w.query.now_s = NOW + 10;
	assert_withheld(DECISION_AUTHORISATION, POLICY_NO_END);
	w.authorisations[0].until_s = POLICY_NO_END;
	assert_granted(POLICY_NO_END);
}

static void
test_an_authorisation_for_an_unknown_unit_counts_for_nothing(void **state)
{
	(void)state;
	w.query.authorisations_count = 1;
	w.grants[0].authorised_kinds = POLICY_KIND_CASE;
	w.authorisations[0].unit = "0399";
	assert_withheld(DECISION_UNIT, POLICY_NO_END);
	w.authorisations[0].unit = NULL;
	assert_withheld(DECISION_UNIT, POLICY_NO_END);
	w.query.now_s = NOW - 11;
	assert_withheld(DECISION_AUTHORISATION, POLICY_NO_END);
}

static void
test_the_longest_authorisation_is_reported(void **state)
{
	(void)state;
	w.query.authorisations_count = 3;
	w.grants[0].authorised_kinds = POLICY_KIND_CASE;
	w.authorisations[1].until_s = NOW + 20;
	assert_granted(NOW + 20);
	assert_int_equal(2, w.decision.authorisation->id);
	w.authorisations[1].id = 9;
	w.authorisations[2].until_s = NOW + 20;
	assert_granted(NOW + 20);
	assert_int_equal(3, w.decision.authorisation->id);
}

static void
test_the_unit_is_that_of_the_authorisation(void **state)
{
	(void)state;
	w.query.authorisations_count = 1;
	w.grants[0].authorised_kinds = POLICY_KIND_CASE;
	w.grants[0].units = SET("0322");
	add_unit("0322");
	assert_withheld(DECISION_UNIT, POLICY_NO_END);
	assert_ptr_equal(&w.authorisations[0], w.decision.authorisation);
	assert_ptr_equal(&units[2], w.decision.unit);
	w.authorisations[0].unit = "0322";
	assert_granted(NOW + 10);
	assert_ptr_equal(&units[3], w.decision.unit);
}

static void
test_units_of_the_token(void **state)
{
	(void)state;
	w.grants[0].units = SET("0321", "0399");
	assert_withheld(DECISION_UNIT, POLICY_NO_END);
	add_unit("0399");
	add_unit("0322");
	add_unit("032");
	assert_withheld(DECISION_UNIT, POLICY_NO_END);
	assert_ptr_equal(&units[3], w.decision.unit);
	identity.units[2] = (struct slice){"03219", 4};
	assert_granted(POLICY_NO_END);
	assert_ptr_equal(&units[2], w.decision.unit);
}

static void
test_units_of_the_organisation_acted_for(void **state)
{
	(void)state;
	w.grants[0].units = SET("0321");
	add_mandate("0192:911830868", "", NULL, NULL);
	assert_withheld(DECISION_UNIT, POLICY_NO_END);
	add_mandate("0193:974760673", "", NULL, NULL);
	add_mandate("974760673", "", NULL, NULL);
	add_mandate("0192:", "", NULL, NULL);
	assert_withheld(DECISION_UNIT, POLICY_NO_END);
	w.grants[0].units = SET("0322");
	assert_withheld(DECISION_UNIT, POLICY_NO_END);
	w.grants[0].units = SET("0321");
	add_mandate("0192:974760673", "", NULL, NULL);
	assert_granted(POLICY_NO_END);
	assert_ptr_equal(&units[2], w.decision.unit);
}

/* Acting for one, a right for another: neither makes up for the other. */
static void
test_a_unit_comes_by_a_mandate_that_meets_the_grant(void **state)
{
	(void)state;
	w.grants[0].units = SET("0321");
	w.grants[0].rights_all = SET("les");
	add_mandate("0192:911830868", "", "les", NULL);
	add_mandate("0192:974760673", "", "skriv", NULL);
	assert_withheld(DECISION_UNIT, POLICY_NO_END);
	add_mandate("0192:974760673", "", "les", NULL);
	assert_granted(POLICY_NO_END);
	identity.mandates_count = 2;
	add_unit("0321");
	assert_granted(POLICY_NO_END);
}

static void
test_unit_levels(void **state)
{
	(void)state;
	w.grants[0].unit_levels =
	    1 << POLICY_LEVEL_CENTRAL | 1 << POLICY_LEVEL_REGION;
	add_unit("0321");
	assert_withheld(DECISION_UNIT, POLICY_NO_END);
	add_unit("0300");
	assert_granted(POLICY_NO_END);
	assert_ptr_equal(&units[1], w.decision.unit);
}

static void
test_unit_classes(void **state)
{
	(void)state;
	w.grants[0].unit_classes = SET("high", "medium");
	add_unit("0300");
	add_unit("0322");
	assert_withheld(DECISION_UNIT, POLICY_NO_END);
	add_unit("0321");
	assert_granted(POLICY_NO_END);
}

static void
test_one_unit_must_meet_all_of_it(void **state)
{
	(void)state;
	w.grants[0].unit_classes = SET("high");
	w.grants[0].units = SET("0300", "0322");
	add_unit("0300");
	add_unit("0321");
	add_unit("0322");
	assert_withheld(DECISION_UNIT, POLICY_NO_END);
	w.grants[0].unit_classes = SET("low");
	assert_granted(POLICY_NO_END);
	assert_ptr_equal(&units[3], w.decision.unit);
}

static void
test_established(void **state)
{
	(void)state;
	w.service.needs_established_unit = true;
	assert_withheld(DECISION_UNIT, POLICY_NO_END);
	add_unit("0322");
	assert_withheld(DECISION_UNIT_NOT_ESTABLISHED, POLICY_NO_END);
	assert_ptr_equal(&units[3], w.decision.unit);
	add_unit("0321");
	w.query.now_s = NOW - 1;
	assert_withheld(DECISION_UNIT_NOT_ESTABLISHED, NOW);
	w.query.now_s = NOW;
	assert_granted(POLICY_NO_END);
	assert_ptr_equal(&units[2], w.decision.unit);
	w.service.name = "kompis";
	assert_withheld(DECISION_UNIT_NOT_ESTABLISHED, POLICY_NO_END);
}

static void
test_established_for_the_unit_of_the_authorisation(void **state)
{
	(void)state;
	w.service.needs_established_unit = true;
	w.grants[0].authorised_kinds = POLICY_KIND_CASE;
	w.query.authorisations_count = 1;
	add_unit("0300");
	w.query.now_s = NOW - 1;
	assert_withheld(DECISION_UNIT_NOT_ESTABLISHED, NOW);
	assert_ptr_equal(&w.authorisations[0], w.decision.authorisation);
	w.query.now_s = NOW;
	assert_granted(NOW + 10);
	w.authorisations[0].until_s = NOW;
	w.query.now_s = NOW - 1;
	assert_withheld(DECISION_UNIT_NOT_ESTABLISHED, POLICY_NO_END);
}

static void
test_the_grant_that_came_furthest_is_reported(void **state)
{
	(void)state;
	w.group.grants_count = 3;
	w.grants[0].roles_any = SET("leder");
	w.grants[1].acr_rank_min[0] = 2;
	w.grants[2].scopes_all = SET("ko:les");
	assert_withheld(DECISION_LEVEL, POLICY_NO_END);
	assert_ptr_equal(&w.grants[1], w.decision.grant);
}

static void
test_among_equals_the_first_by_place_is_reported(void **state)
{
	size_t i;

	(void)state;
	w.group.grants_count = 3;
	w.grants[2].place.line = 9;
	assert_granted(POLICY_NO_END);
	assert_ptr_equal(&w.grants[2], w.decision.grant);
	w.grants[1].place.file = "a.conf";
	w.grants[0].roles_any = SET("leder");
	for (i = 1; i < 3; i++)
		w.grants[i].roles_any = w.grants[0].roles_any;
	assert_withheld(DECISION_ROLE, POLICY_NO_END);
	assert_ptr_equal(&w.grants[1], w.decision.grant);
	w.query.locked = true;
	assert_withheld(DECISION_ACCOUNT_LOCKED, POLICY_NO_END);
	assert_ptr_equal(&w.grants[1], w.decision.grant);
}

static void
test_the_grant_that_lasts_longest_is_reported(void **state)
{
	(void)state;
	w.group.grants_count = 3;
	w.grants[0].valid_until_s = NOW + 5;
	w.grants[1].valid_until_s = NOW + 7;
	w.grants[2].valid_from_s = NOW + 1;
	assert_granted(NOW + 7);
	assert_ptr_equal(&w.grants[1], w.decision.grant);
	w.query.now_s = NOW + 1;
	assert_granted(POLICY_NO_END);
	assert_ptr_equal(&w.grants[2], w.decision.grant);
}

static void
test_the_earliest_beginning_counts(void **state)
{
	(void)state;
	w.group.grants_count = 3;
	w.grants[0].valid_from_s = NOW + 7;
	w.grants[1].valid_from_s = NOW + 5;
	w.grants[2].valid_until_s = NOW;
	assert_withheld(DECISION_NO_LONGER, NOW + 5);
	assert_ptr_equal(&w.grants[2], w.decision.grant);
}

static void
test_one_group_is_decided_as_among_all(void **state)
{
	struct decision one;

	(void)state;
	memset(&one, 0xa5, sizeof(one));
	w.grants[0].valid_from_s = NOW + 7;
	decide();
	decision_make_one(&w.policy, &w.group, &w.query, &one);
	assert_ptr_equal(&w.group, one.group);
	assert_int_equal(w.decision.failed, one.failed);
	assert_int_equal(w.decision.outcome, one.outcome);
	assert_int_equal(w.decision.changes_at_s, one.changes_at_s);
	assert_ptr_equal(w.decision.grant, one.grant);
}

static void
test_withheld_is_zero(void **state)
{
	static const struct decision zero;

	(void)state;
	assert_int_equal(DECISION_WITHHELD, zero.outcome);
	assert_int_not_equal(DECISION_GRANTED, zero.outcome);
}

static void
test_words(void **state)
{
	static const char *const words[] = {"none", "no-grant",
	    "account-locked", "no-login", "issuer", "role", "scope",
	    "on-behalf-of", "consumer", "level", "age", "not-yet", "no-longer",
	    "authorisation", "unit", "unit-not-established"};
	size_t i;

	(void)state;
	assert_int_equal(
	    DECISION_UNIT_NOT_ESTABLISHED + 1, sizeof(words) / sizeof(*words));
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		assert_string_equal(words[i],
		    decision_condition_word((enum decision_condition)i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, reset)
	    TEST(test_a_grant_without_conditions_is_for_everybody),
	    TEST(test_a_group_without_grants_is_for_nobody),
	    TEST(test_a_group_of_no_service_is_for_nobody),
	    TEST(test_an_empty_policy_writes_nothing),
	    TEST(test_a_locked_account_has_nothing),
	    TEST(test_without_a_login_there_is_nothing),
	    TEST(test_issuer),
	    TEST(test_an_unknown_issuer_has_nothing),
	    TEST(test_roles_any),
	    TEST(test_roles_all),
	    TEST(test_scopes),
	    TEST(test_on_behalf_of),
	    TEST(test_resources),
	    TEST(test_rights),
	    TEST(test_a_mandate_must_meet_all_of_it_alone),
	    TEST(test_consumers),
	    TEST(test_level),
	    TEST(test_age),
	    TEST(test_validity),
	    TEST(test_what_ends_before_it_begins_never_begins),
	    TEST(test_authorisation),
	    TEST(test_authorisation_kind),
	    TEST(test_authorisation_times),
	    TEST(test_an_authorisation_for_an_unknown_unit_counts_for_nothing),
	    TEST(test_the_longest_authorisation_is_reported),
	    TEST(test_the_unit_is_that_of_the_authorisation),
	    TEST(test_units_of_the_token),
	    TEST(test_units_of_the_organisation_acted_for),
	    TEST(test_a_unit_comes_by_a_mandate_that_meets_the_grant),
	    TEST(test_unit_levels),
	    TEST(test_unit_classes),
	    TEST(test_one_unit_must_meet_all_of_it),
	    TEST(test_established),
	    TEST(test_established_for_the_unit_of_the_authorisation),
	    TEST(test_the_grant_that_came_furthest_is_reported),
	    TEST(test_among_equals_the_first_by_place_is_reported),
	    TEST(test_the_grant_that_lasts_longest_is_reported),
	    TEST(test_the_earliest_beginning_counts),
	    TEST(test_one_group_is_decided_as_among_all),
	    TEST(test_withheld_is_zero),
	    TEST(test_words),
#undef TEST
	};

	return cmocka_run_group_tests_name("decision", tests, NULL, NULL);
}
