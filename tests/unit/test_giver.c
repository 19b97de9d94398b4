#include "tests/unit/unit.h"
#include "verify/giver.h"

#include <stdio.h>
#include <string.h>

#define SET(...)                                                 \
	((struct policy_set){(const char *const[]){__VA_ARGS__}, \
	    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)})

enum {
	NOW = 1000000,
	GIVER_GID = 1900000121,
};

enum { CENTRAL, REGION, OSLO, HAMAR, OTHER_REGION, OTHER_UNIT };

static const struct policy_established established[] = {{"infoflyt", NOW}};

static const struct policy_unit units[] = {
    [CENTRAL] = {.number = "0100", .level = POLICY_LEVEL_CENTRAL},
    [REGION] = {.number = "0300",
	.level = POLICY_LEVEL_REGION,
	.parent = &units[CENTRAL],
	.organisation = "911830868"},
    [OSLO] = {.number = "0321",
	.level = POLICY_LEVEL_UNIT,
	.parent = &units[REGION],
	.established = established,
	.established_count = 1},
    [HAMAR] = {.number = "0322",
	.level = POLICY_LEVEL_UNIT,
	.parent = &units[REGION]},
    [OTHER_REGION] = {.number = "0400",
	.level = POLICY_LEVEL_REGION,
	.parent = &units[CENTRAL]},
    [OTHER_UNIT] = {.number = "0421",
	.level = POLICY_LEVEL_UNIT,
	.parent = &units[OTHER_REGION],
	.established = established,
	.established_count = 1},
};

/* Cases and givers; who gives has the role, and a unit. */
struct world {
	struct policy policy;
	struct policy_service services[2];
	struct policy_group groups[2];
	struct policy_grant grant; /* of the givers */
	struct policy_quota quotas[2]; /* of the cases */
	struct decision_authorisation authorisations[2];
	struct decision_query giver;
	struct giver_query query;
};

static struct identity identity;
static struct world w;

static int
reset(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	memset(&identity, 0, sizeof(identity));
	w.services[0].name = "infoflyt";
	w.services[1].name = "staff";
	w.grant.issuers = 1;
	w.grant.valid_until_s = POLICY_NO_END;
	w.groups[0] = (struct policy_group){.name = "ko-infoflyt",
	    .gid = GIVER_GID - 1,
	    .quotas = w.quotas,
	    .quotas_count = 1};
	w.groups[1] = (struct policy_group){.name = "ko-infoflyt-giver",
	    .gid = GIVER_GID,
	    .service = 1,
	    .grants = &w.grant,
	    .grants_count = 1};
	w.quotas[0].level = POLICY_LEVEL_UNIT;
	w.quotas[0].giver_level = POLICY_LEVEL_REGION;
	w.policy = (struct policy){.issuers = {{"https://a.example", "staff"}},
	    .issuers_count = 1,
	    .services = w.services,
	    .services_count = 2,
	    .groups = w.groups,
	    .groups_count = 2,
	    .units = units,
	    .units_count = 6};
	(void)snprintf(
	    identity.issuer, sizeof(identity.issuer), "https://a.example");
	identity.roles[0] = slice_of("giver");
	identity.roles_count = 1;
	identity.units[0] = slice_of("0300");
	identity.units_count = 1;
	w.authorisations[0] = (struct decision_authorisation){
	    1, GIVER_GID, "0300", POLICY_KIND_CASE, NOW - 10, NOW + 10};
	w.giver.identity = &identity;
	w.giver.authorisations = w.authorisations;
	w.query = (struct giver_query){.giver = &w.giver,
	    .group = &w.groups[0],
	    .unit = &units[OSLO],
	    .now_s = NOW};
	return 0;
}

static void
assert_result_with(
    enum giver_result wanted, const struct policy_quota *wanted_quota)
{
	const struct policy_quota *quota = (const void *)&w;
	enum giver_result result = giver_check(&w.policy, &w.query, &quota);

	if (result != wanted)
		fail_msg("%s instead of %s", giver_result_word(result),
		    giver_result_word(wanted));
	assert_ptr_equal(wanted_quota, quota);
}

static void
assert_result(enum giver_result wanted)
{
	assert_result_with(wanted, &w.quotas[0]);
}

static void
test_a_giver_gives_below_their_unit(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("ko-infoflyt-giver");
	w.grant.roles_any = SET("giver");
	assert_result(GIVER_ALLOWED);
	identity.roles_count = 0;
	assert_result(GIVER_NOT_A_GIVER);
}

static void
test_nobody_authorises_themself(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("administrator", "ko-infoflyt-giver");
	assert_result(GIVER_ALLOWED);
	w.query.same_person = true;
	assert_result(GIVER_SELF);
	w.query.giver = NULL;
	assert_result(GIVER_SELF);
	w.query.giver = &w.giver;
	w.groups[0].quotas_count = 0;
	assert_result_with(GIVER_SELF, NULL);
}

static void
test_a_level_without_quota_takes_nobody(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("administrator", "ko-infoflyt-giver");
	w.query.unit = &units[REGION];
	assert_result_with(GIVER_NO_QUOTA, NULL);
	w.query.giver = NULL;
	assert_result_with(GIVER_NO_QUOTA, NULL);
	w.groups[0].quotas_count = 0;
	w.query.unit = &units[OSLO];
	assert_result_with(GIVER_NO_QUOTA, NULL);
}

static void
test_the_quota_is_that_of_the_level(void **state)
{
	(void)state;
	w.quotas[0].level = POLICY_LEVEL_REGION;
	w.quotas[1].level = POLICY_LEVEL_UNIT;
	w.quotas[1].givers = SET("administrator");
	w.groups[0].quotas_count = 2;
	w.query.giver = NULL;
	assert_result_with(GIVER_ALLOWED, &w.quotas[1]);
	w.quotas[0].level = POLICY_LEVEL_UNIT;
	w.quotas[0].place.line = 2;
	w.quotas[1].place.line = 1;
	assert_result_with(GIVER_ALLOWED, &w.quotas[1]);
}

static void
test_root_gives_where_the_administrator_may(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("ko-infoflyt-giver");
	w.query.giver = NULL;
	assert_result(GIVER_NOT_A_GIVER);
	w.quotas[0].givers = SET("administrator", "ko-infoflyt-giver");
	assert_result(GIVER_ALLOWED);
}

/* A group of that name would not make its members root. */
static void
test_the_administrator_is_no_group(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("administrator");
	w.groups[1].name = "administrator";
	w.policy.groups = &w.groups[1];
	w.policy.groups_count = 1;
	assert_result(GIVER_NOT_A_GIVER);
}

static void
test_an_unknown_group_gives_nothing(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("ko-infoflyt-give", "ko-infoflyt-givers");
	assert_result(GIVER_NOT_A_GIVER);
	w.quotas[0].givers = (struct policy_set){NULL, 0};
	assert_result(GIVER_NOT_A_GIVER);
}

static void
test_other_units_are_not_theirs(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("ko-infoflyt-giver");
	w.query.unit = &units[OTHER_UNIT];
	assert_result(GIVER_OTHER_UNIT);
	identity.units[1] = slice_of("0400");
	identity.units_count = 2;
	assert_result(GIVER_ALLOWED);
	identity.units_count = 0;
	assert_result(GIVER_OTHER_UNIT);
}

static void
test_the_giver_stands_at_the_level_asked_for(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("ko-infoflyt-giver");
	identity.units[0] = slice_of("0100");
	assert_result(GIVER_OTHER_UNIT);
	identity.units[0] = slice_of("0321");
	assert_result(GIVER_OTHER_UNIT);
	w.quotas[0].giver_level = POLICY_LEVEL_UNIT;
	assert_result(GIVER_ALLOWED);
	identity.units[0] = slice_of("0322");
	assert_result(GIVER_OTHER_UNIT);
	w.quotas[0].giver_level = 0;
	assert_result(GIVER_OTHER_UNIT);
}

static void
test_the_unit_may_be_of_a_mandate(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("ko-infoflyt-giver");
	w.grant.rights_all = SET("gi");
	identity.units_count = 0;
	identity.mandates[0].organisation = slice_of("0192:911830868");
	identity.mandates[0].rights_count = 1;
	identity.rights[0] = slice_of("gi");
	identity.rights_count = 1;
	identity.mandates_count = 1;
	assert_result(GIVER_ALLOWED);
	identity.mandates[1] = identity.mandates[0];
	identity.mandates[1].organisation = slice_of("0192:974760673");
	identity.mandates[0].rights_count = 0;
	identity.mandates_count = 2;
	assert_result(GIVER_OTHER_UNIT);
}

/* Their own unit counts where the group does not say another. */
static void
test_the_unit_must_meet_the_grant(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("ko-infoflyt-giver");
	identity.units[1] = slice_of("0400");
	identity.units_count = 2;
	w.grant.units = SET("0400");
	assert_result(GIVER_OTHER_UNIT);
	w.grant.units = SET("0300");
	assert_result(GIVER_ALLOWED);
}

static void
test_the_unit_may_be_of_an_authorisation(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("ko-infoflyt-giver");
	w.grant.authorised_kinds = POLICY_KIND_CASE;
	assert_result(GIVER_NOT_A_GIVER);
	w.giver.authorisations_count = 1;
	assert_result(GIVER_ALLOWED);
	w.authorisations[0].unit = "0400";
	assert_result(GIVER_OTHER_UNIT);
	w.authorisations[1] = w.authorisations[0];
	w.authorisations[1].unit = "0300";
	w.authorisations[1].until_s = NOW + 5;
	w.giver.authorisations_count = 2;
	assert_result(GIVER_ALLOWED);
	w.authorisations[1].kind = POLICY_KIND_CLERICAL;
	assert_result(GIVER_OTHER_UNIT);
}

static void
test_an_ended_authorisation_gives_nothing(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("ko-infoflyt-giver");
	w.grant.authorised_kinds = POLICY_KIND_CASE;
	w.giver.authorisations_count = 1;
	w.authorisations[0].until_s = NOW;
	w.giver.now_s = NOW - 1;
	assert_result(GIVER_NOT_A_GIVER);
	w.query.now_s = NOW - 11;
	assert_result(GIVER_NOT_A_GIVER);
}

static void
test_a_locked_giver_gives_nothing(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("ko-infoflyt-giver");
	w.giver.locked = true;
	assert_result(GIVER_NOT_A_GIVER);
	w.giver.locked = false;
	w.giver.identity = NULL;
	assert_result(GIVER_NOT_A_GIVER);
}

static void
test_the_unit_is_established_where_the_service_asks(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("administrator", "ko-infoflyt-giver");
	w.query.unit = &units[HAMAR];
	assert_result(GIVER_ALLOWED);
	w.services[0].needs_established_unit = true;
	assert_result(GIVER_UNIT_NOT_ESTABLISHED);
	w.query.unit = &units[OSLO];
	assert_result(GIVER_ALLOWED);
	w.query.now_s = NOW - 1;
	assert_result(GIVER_UNIT_NOT_ESTABLISHED);
	w.query.giver = NULL;
	assert_result(GIVER_UNIT_NOT_ESTABLISHED);
}

static void
test_a_group_of_no_service_is_refused(void **state)
{
	(void)state;
	w.quotas[0].givers = SET("administrator");
	w.query.giver = NULL;
	w.groups[0].service = 2;
	assert_result(GIVER_REFUSED);
}

static void
test_words(void **state)
{
	static const char *const words[] = {"refused", "allowed", "self",
	    "no-quota", "not-a-giver", "other-unit", "unit-not-established"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		assert_string_equal(
		    words[i], giver_result_word((enum giver_result)i));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, reset)
	    TEST(test_a_giver_gives_below_their_unit),
	    TEST(test_nobody_authorises_themself),
	    TEST(test_a_level_without_quota_takes_nobody),
	    TEST(test_the_quota_is_that_of_the_level),
	    TEST(test_root_gives_where_the_administrator_may),
	    TEST(test_the_administrator_is_no_group),
	    TEST(test_an_unknown_group_gives_nothing),
	    TEST(test_other_units_are_not_theirs),
	    TEST(test_the_giver_stands_at_the_level_asked_for),
	    TEST(test_the_unit_may_be_of_a_mandate),
	    TEST(test_the_unit_must_meet_the_grant),
	    TEST(test_the_unit_may_be_of_an_authorisation),
	    TEST(test_an_ended_authorisation_gives_nothing),
	    TEST(test_a_locked_giver_gives_nothing),
	    TEST(test_the_unit_is_established_where_the_service_asks),
	    TEST(test_a_group_of_no_service_is_refused),
	    TEST(test_words),
#undef TEST
	};

	return cmocka_run_group_tests_name("giver", tests, NULL, NULL);
}
