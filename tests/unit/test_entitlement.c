#include "broker/entitlement/entitlement.h"
#include "broker/register/history.h"
#include "tests/unit/register_machine.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

enum {
	GID_ROLE = 1900000101,
	GID_CASE = 1900000102,
	GID_AGE = 1900000103,
	GID_HIGH = 1900000104,
	NOW = 100000,
};

/* Linked with --wrap: a name of a group that cannot be written. */
static bool naming_fails;

enum register_result __real_register_groups_name(struct register_db *db,
    const struct account_group *groups, size_t count, bool *ret_changed);
enum register_result __wrap_register_groups_name(struct register_db *db,
    const struct account_group *groups, size_t count, bool *ret_changed);

enum register_result
__wrap_register_groups_name(struct register_db *db,
    const struct account_group *groups, size_t count, bool *ret_changed)
{
	if (naming_fails)
		return REGISTER_FAILED;
	return __real_register_groups_name(db, groups, count, ret_changed);
}

static const char *const saksbehandler[] = {"saksbehandler"};
static const char *const ladder[] = {"substantial", "high"};

static const struct policy_unit units[] = {
    {.number = "0321", .name = "Oslo", .level = POLICY_LEVEL_CENTRAL}};

#define GRANT .issuers = 1, .valid_until_s = POLICY_NO_END

/* A role; a personal authorisation; a fresh login; a high one. */
static const struct policy_grant by_role = {
    GRANT, .roles_any = {saksbehandler, 1}};
static const struct policy_grant by_authorisation = {
    GRANT, .authorised_kinds = POLICY_KIND_CASE};
static const struct policy_grant by_age = {GRANT, .max_age_s = 900};
static const struct policy_grant by_level = {GRANT, .acr_rank_min = {2}};

static const struct policy_group groups[] = {
    {.name = "ko-alder", .gid = GID_AGE, .grants = &by_age, .grants_count = 1},
    {.name = "ko-hoy", .gid = GID_HIGH, .grants = &by_level, .grants_count = 1},
    {.name = "ko-rolle",
	.gid = GID_ROLE,
	.grants = &by_role,
	.grants_count = 1},
    {.name = "ko-sak",
	.gid = GID_CASE,
	.restricted = true,
	.grants = &by_authorisation,
	.grants_count = 1},
};
static const struct policy_service services[] = {{.name = "infoflyt"}};

static const struct policy policy = {
    .issuers = {{"https://idp.example", "staff"}},
    .issuers_count = 1,
    .ladders = {{ladder, 2}},
    .services = services,
    .services_count = 1,
    .groups = groups,
    .groups_count = 4,
    .units = units,
    .units_count = 1,
};

static int
set_up(void **state)
{
	naming_fails = false;
	return register_machine_set_up(state);
}

static struct identity
identity_of(const char *name, const char *role, const char *acr, int64_t at_s)
{
	struct identity identity = {.issuer = "https://idp.example",
	    .issued_at_s = at_s,
	    .expires_at_s = at_s + 120,
	    .authenticated_at_s = at_s};

	(void)snprintf(identity.subject, sizeof(identity.subject), "%s", name);
	(void)snprintf(identity.acr, sizeof(identity.acr), "%s", acr);
	if (role) {
		identity.roles[0] = slice_of(role);
		identity.roles_count = 1;
	}
	return identity;
}

static bool
log_in(struct register_machine *machine, const char *name, const char *role,
    const char *acr, int64_t at_s)
{
	static struct entitlement_facts facts;
	struct identity identity = identity_of(name, role, acr, at_s);
	struct decision decisions[4];
	struct entitlement entitlement;
	struct account account;
	bool changed = false;

	assert_int_equal(
	    register_account_by_name(machine->db, name, &account), REGISTER_OK);
	assert_int_equal(entitlement_collect_login(machine->db, &policy, name,
			     &identity, at_s, &facts),
	    REGISTER_OK);
	decision_make(&policy, &facts.query, decisions);
	assert_int_equal(entitlement_of(decisions, 4, at_s, &entitlement), 0);
	assert_int_equal(entitlement_login(machine->db, &account, &identity,
			     &entitlement, &changed),
	    REGISTER_OK);
	return changed;
}

static enum authorisation_result
authorise(struct register_machine *machine, const char *person,
    unsigned int order, int64_t from_s, int64_t until_s, int64_t now_s)
{
	struct authorisation_request request = {.person = person,
	    .gid = GID_CASE,
	    .group = "ko-sak",
	    .unit = "0321",
	    .order = order,
	    .kind = POLICY_KIND_CASE,
	    .basis = "b",
	    .reason = "r",
	    .given_by = "administrator",
	    .from_s = from_s,
	    .until_s = until_s,
	    .maximum = 9};
	struct authorisation given;

	return authorisation_give(machine->db, &request, now_s, &given);
}

static bool
refresh(struct register_machine *machine, const char *name, int64_t now_s)
{
	bool changed = false;

	assert_int_equal(
	    entitlement_refresh(machine->db, &policy, name, now_s, &changed),
	    REGISTER_OK);
	return changed;
}

static void
assert_groups(
    struct register_machine *machine, const char *name, const char *expected)
{
	struct account_group held[REGISTER_GROUPS_MAX];
	struct account account;
	char text[256] = "";
	size_t count = 0, i, length;

	assert_int_equal(
	    register_account_by_name(machine->db, name, &account), REGISTER_OK);
	assert_int_equal(
	    register_account_groups(machine->db, account.id, held, &count),
	    REGISTER_OK);
	for (i = 0; i < count; i++) {
		length = strlen(text);
		(void)snprintf(text + length, sizeof(text) - length, "%.32s%s ",
		    held[i].name, held[i].restricted ? "!" : "");
	}
	assert_string_equal(text, expected);
}

static void
assert_next_change(struct register_machine *machine, int64_t expected)
{
	int64_t at_s = -1;

	assert_int_equal(register_next_change(machine->db, &at_s), REGISTER_OK);
	assert_true(at_s == expected);
}

static void
test_gives_what_a_login_shows(void **state)
{
	struct register_machine *machine = *state;

	(void)register_machine_add(machine, "kari", 1);
	assert_true(
	    log_in(machine, "kari", "saksbehandler", "substantial", NOW));
	assert_groups(machine, "kari", "ko-rolle ko-alder ");
	assert_true(log_in(machine, "kari", NULL, "high", NOW + 1));
	assert_groups(machine, "kari", "ko-alder ko-hoy ");
	assert_false(log_in(machine, "kari", NULL, "high", NOW + 2));
	/* The register's copy has the place on the ladder as well. */
	assert_false(refresh(machine, "kari", NOW + 3));
	assert_groups(machine, "kari", "ko-alder ko-hoy ");
}

static void
test_takes_what_the_clock_takes(void **state)
{
	struct register_machine *machine = *state;
	bool changed = false;

	(void)register_machine_add(machine, "kari", 1);
	(void)register_machine_add(machine, "ola", 1);
	(void)log_in(machine, "kari", NULL, "high", NOW);
	(void)log_in(machine, "ola", NULL, "high", NOW + 100);
	assert_int_equal(entitlement_refresh_due(
			     machine->db, &policy, NOW + 800, NULL, &changed),
	    REGISTER_OK);
	assert_false(changed);
	assert_groups(machine, "kari", "ko-alder ko-hoy ");
	assert_int_equal(entitlement_refresh_due(
			     machine->db, &policy, NOW + 950, NULL, &changed),
	    REGISTER_OK);
	assert_true(changed);
	assert_groups(machine, "kari", "ko-hoy ");
	assert_groups(machine, "ola", "ko-alder ko-hoy ");
	assert_int_equal(entitlement_refresh_due(
			     machine->db, &policy, NOW + 1100, NULL, &changed),
	    REGISTER_OK);
	assert_groups(machine, "ola", "ko-hoy ");
	assert_next_change(machine, POLICY_NO_END);
}

static void
test_follows_authorisations(void **state)
{
	struct register_machine *machine = *state;
	size_t count;
	bool changed;

	(void)register_machine_add(machine, "ola", 1);
	(void)register_machine_add(machine, "kari", 1);
	(void)log_in(machine, "kari", NULL, "", NOW - 5000);
	(void)log_in(machine, "ola", NULL, "", NOW - 5000);
	assert_true(refresh(machine, "kari", NOW)); /* it was fresh once */
	assert_int_equal(
	    authorise(machine, "kari", 1, NOW + 100, NOW + 200, NOW),
	    AUTHORISATION_OK);
	assert_int_equal(authorise(machine, "ola", 2, NOW, POLICY_NO_END, NOW),
	    AUTHORISATION_OK);
	assert_false(refresh(machine, "kari", NOW));
	assert_true(refresh(machine, "ola", NOW));
	assert_groups(machine, "ola", "ko-sak! ");
	assert_next_change(machine, NOW + 100);
	assert_int_equal(entitlement_refresh_due(
			     machine->db, &policy, NOW + 100, NULL, &changed),
	    REGISTER_OK);
	assert_true(changed);
	assert_groups(machine, "kari", "ko-sak! ");
	assert_next_change(machine, NOW + 200);
	assert_int_equal(entitlement_refresh_due(
			     machine->db, &policy, NOW + 200, NULL, &changed),
	    REGISTER_OK);
	assert_groups(machine, "kari", "");
	assert_groups(machine, "ola", "ko-sak! ");
	assert_int_equal(authorisation_withdraw(machine->db, "ola", GID_CASE,
			     NULL, "kari", "Sluttet", NOW + 300, &count, NULL),
	    AUTHORISATION_OK);
	assert_true(refresh(machine, "ola", NOW + 300));
	assert_groups(machine, "ola", "");
}

static void
test_a_lock_takes_all(void **state)
{
	struct register_machine *machine = *state;

	(void)register_machine_add(machine, "kari", 1);
	(void)log_in(machine, "kari", "saksbehandler", "high", NOW);
	assert_int_equal(
	    register_account_lock(machine->db, "kari", "x", NOW), REGISTER_OK);
	assert_true(refresh(machine, "kari", NOW));
	assert_groups(machine, "kari", "");
	assert_int_equal(
	    register_account_unlock(machine->db, "kari", NOW), REGISTER_OK);
	assert_true(refresh(machine, "kari", NOW));
	assert_groups(machine, "kari", "ko-rolle ko-alder ko-hoy ");
}

/* One walk over all says of each what one refresh of each would say. */
static void
test_decides_for_all_as_for_one(void **state)
{
	struct register_machine *machine = *state;
	static const char *const names[] = {"ola", "eva", "kari", "liv", "per"};
	struct policy less = policy;
	bool changed = false;
	size_t i;

	for (i = 0; i < 5; i++)
		(void)register_machine_add(machine, names[i], 1);
	(void)log_in(machine, "ola", "saksbehandler", "", NOW - 5000);
	(void)log_in(machine, "eva", NULL, "high", NOW - 5000);
	(void)log_in(machine, "kari", NULL, "", NOW - 5000);
	(void)log_in(machine, "liv", "saksbehandler", "", NOW - 5000);
	assert_int_equal(
	    register_account_lock(machine->db, "liv", "x", NOW), REGISTER_OK);
	assert_int_equal(
	    authorise(machine, "kari", 1, NOW, NOW + 9, NOW), AUTHORISATION_OK);
	assert_int_equal(
	    authorise(machine, "eva", 2, NOW, NOW + 8, NOW), AUTHORISATION_OK);
	assert_int_equal(authorise(machine, "per", 3, NOW, NOW + 7, NOW),
	    AUTHORISATION_OK); /* who never logged in */
	assert_int_equal(
	    entitlement_refresh_all(machine->db, &policy, NOW, NULL, &changed),
	    REGISTER_OK);
	assert_true(changed);
	assert_groups(machine, "ola", "ko-rolle ");
	assert_groups(machine, "eva", "ko-sak! ko-hoy ");
	assert_groups(machine, "kari", "ko-sak! ");
	assert_groups(machine, "liv", "");
	assert_groups(machine, "per", "");
	for (i = 0; i < 5; i++)
		assert_false(refresh(machine, names[i], NOW));
	assert_int_equal(
	    entitlement_refresh_all(machine->db, &policy, NOW, NULL, &changed),
	    REGISTER_OK);
	assert_false(changed);
	/* What the rules do not have any more falls away. */
	less.groups = &groups[3];
	less.groups_count = 1;
	assert_int_equal(
	    entitlement_refresh_all(machine->db, &less, NOW, NULL, &changed),
	    REGISTER_OK);
	assert_true(changed);
	assert_groups(machine, "ola", "");
	assert_groups(machine, "eva", "ko-sak! ");
	less.groups_count = 0;
	assert_int_equal(
	    entitlement_refresh_all(machine->db, &less, NOW, NULL, &changed),
	    REGISTER_OK);
	assert_groups(machine, "eva", "");
	assert_next_change(machine, POLICY_NO_END);
}

/* Yesterday's answer, whatever came later. */
static void
test_collects_what_was_known_then(void **state)
{
	static struct entitlement_facts facts;
	struct register_machine *machine = *state;
	struct decision decisions[4];
	size_t count;

	(void)register_machine_add(machine, "kari", NOW);
	(void)log_in(machine, "kari", "saksbehandler", "high", NOW + 10);
	assert_int_equal(
	    authorise(machine, "kari", 1, NOW + 20, NOW + 9000, NOW + 20),
	    AUTHORISATION_OK);
	(void)log_in(machine, "kari", NULL, "", NOW + 5000);
	assert_int_equal(
	    authorisation_withdraw(machine->db, "kari", GID_CASE, NULL,
		"administrator", "x", NOW + 5001, &count, NULL),
	    AUTHORISATION_OK);
	assert_int_equal(
	    register_account_lock(machine->db, "kari", "x", NOW + 5002),
	    REGISTER_OK);
#define COLLECT(as_of_s)     \
	entitlement_collect( \
	    machine->db, &policy, "kari", as_of_s, NOW + 6000, &facts)
	assert_int_equal(COLLECT(NOW + 30), REGISTER_OK);
	assert_int_equal(facts.query.now_s, NOW + 30);
	assert_false(facts.query.locked);
	assert_true(facts.has_identity);
	assert_string_equal(facts.identity.acr, "high");
	assert_int_equal(facts.query.authorisations_count, 1);
	assert_int_equal(facts.views[0].until_s, NOW + 9000);
	decision_make(&policy, &facts.query, decisions);
	assert_int_equal(decisions[0].outcome, DECISION_GRANTED);
	assert_int_equal(decisions[1].outcome, DECISION_GRANTED);
	assert_int_equal(decisions[2].outcome, DECISION_GRANTED);
	assert_int_equal(decisions[3].outcome, DECISION_GRANTED);
	assert_int_equal(COLLECT(NOW + 15), REGISTER_OK);
	assert_int_equal(facts.query.authorisations_count, 0);
	assert_int_equal(COLLECT(NOW + 5), REGISTER_OK);
	assert_false(facts.has_identity);
	assert_null(facts.query.identity);
	assert_int_equal(COLLECT(NOW - 1), REGISTER_OK);
	assert_true(facts.query.locked);
	assert_int_equal(COLLECT(0), REGISTER_OK);
	assert_int_equal(facts.query.now_s, NOW + 6000);
	assert_true(facts.query.locked);
	assert_string_equal(facts.identity.acr, "");
	assert_int_equal(facts.query.authorisations_count, 0);
	assert_int_equal(
	    entitlement_collect(machine->db, &policy, "ola", 0, NOW, &facts),
	    REGISTER_NOT_FOUND);
#undef COLLECT
}

/* Withdrawn and logged in, and then it was an hour earlier. */
static void
test_a_clock_set_back_brings_nothing_back(void **state)
{
	static struct entitlement_facts facts;
	struct register_machine *machine = *state;
	bool changed = false;
	size_t count;

	(void)register_machine_add(machine, "kari", 1);
	(void)log_in(machine, "kari", "saksbehandler", "high", NOW);
	assert_int_equal(authorise(machine, "kari", 1, NOW, NOW + 9000, NOW),
	    AUTHORISATION_OK);
	assert_int_equal(
	    authorisation_withdraw(machine->db, "kari", GID_CASE, NULL,
		"administrator", "x", NOW + 3600, &count, NULL),
	    AUTHORISATION_OK);
	(void)log_in(machine, "kari", NULL, "substantial", NOW + 3601);
	assert_groups(machine, "kari", "ko-alder ");
	assert_false(refresh(machine, "kari", NOW + 5));
	assert_groups(machine, "kari", "ko-alder ");
	assert_int_equal(entitlement_refresh_all(
			     machine->db, &policy, NOW + 5, NULL, &changed),
	    REGISTER_OK);
	assert_groups(machine, "kari", "ko-alder ");
	assert_int_equal(entitlement_refresh_due(
			     machine->db, &policy, NOW + 3602, NULL, &changed),
	    REGISTER_OK);
	assert_false(changed);
	/* What was known then stays what it was. */
	assert_int_equal(entitlement_collect(machine->db, &policy, "kari",
			     NOW + 5, NOW + 6, &facts),
	    REGISTER_OK);
	assert_string_equal(facts.identity.acr, "high");
	assert_int_equal(facts.query.authorisations_count, 1);
}

static void
test_writes_all_or_nothing(void **state)
{
	struct register_machine *machine = *state;
	bool changed = false;

	(void)register_machine_add(machine, "kari", 1);
	(void)log_in(machine, "kari", "saksbehandler", "", NOW);
	naming_fails = true;
	assert_int_equal(entitlement_refresh_all(
			     machine->db, &policy, NOW + 5000, NULL, &changed),
	    REGISTER_FAILED);
	naming_fails = false;
	assert_false(changed);
	register_machine_reopen(machine);
	assert_groups(machine, "kari", "ko-rolle ko-alder ");
	assert_next_change(machine, NOW + 900);
	register_machine_sql(machine, "UPDATE login SET evidence = x'ff'");
	assert_int_equal(entitlement_refresh(machine->db, &policy, "kari",
			     NOW + 5000, &changed),
	    REGISTER_FAILED);
	assert_groups(machine, "kari", "ko-rolle ko-alder ");
}

/* Who lost or gained what, in words. */
struct heard {
	char text[512];
};

static void
hear(struct heard *heard, const char *word)
{
	size_t at = strlen(heard->text);

	(void)snprintf(heard->text + at, sizeof(heard->text) - at, "%s", word);
}

static void
hear_gids(
    struct heard *heard, const char *sign, const uint32_t *gids, size_t count)
{
	char digit[2] = "";
	size_t i;

	for (i = 0; i < count; i++) {
		digit[0] = (char)('0' + gids[i] - GID_ROLE);
		hear(heard, sign);
		hear(heard, digit);
	}
}

static void
hear_change(const char *account, const uint32_t *given, size_t given_count,
    const uint32_t *taken, size_t taken_count, void *userdata)
{
	hear(userdata, account);
	hear_gids(userdata, " +", given, given_count);
	hear_gids(userdata, " -", taken, taken_count);
	hear(userdata, "; ");
}

static void
hear_damage(const char *account, void *userdata)
{
	hear(userdata, account);
	hear(userdata, "?; ");
}

static const char *
hear_all(struct register_machine *machine, const struct policy *by,
    int64_t now_s, bool due_only, struct heard *heard)
{
	const struct entitlement_watch watch = {
	    hear_change, hear_damage, heard};
	bool changed;

	heard->text[0] = '\0';
	if (due_only)
		assert_int_equal(entitlement_refresh_due(
				     machine->db, by, now_s, &watch, &changed),
		    REGISTER_OK);
	else
		assert_int_equal(entitlement_refresh_all(
				     machine->db, by, now_s, &watch, &changed),
		    REGISTER_OK);
	return heard->text;
}

static void
test_tells_who_lost_and_gained_what(void **state)
{
	struct register_machine *machine = *state;
	struct policy less = policy;
	struct heard heard;

	(void)register_machine_add(machine, "kari", 1);
	(void)register_machine_add(machine, "ola", 1);
	(void)log_in(machine, "kari", "saksbehandler", "high", NOW);
	(void)log_in(machine, "ola", NULL, "high", NOW);
	assert_string_equal(
	    hear_all(machine, &policy, NOW + 1, false, &heard), "");
	assert_string_equal(hear_all(machine, &policy, NOW + 900, true, &heard),
	    "kari -2; ola -2; ");
	less.groups_count = 1;
	assert_string_equal(hear_all(machine, &less, NOW + 1, false, &heard),
	    "kari +2 -0 -3; ola +2 -3; ");
}

/* One row that cannot be read keeps nobody else from being decided. */
static void
test_a_damaged_row_takes_the_groups_of_one(void **state)
{
	struct register_machine *machine = *state;
	struct heard heard;

	(void)register_machine_add(machine, "kari", 1);
	(void)register_machine_add(machine, "ola", 1);
	(void)log_in(machine, "kari", NULL, "high", NOW);
	(void)log_in(machine, "ola", NULL, "high", NOW);
	register_machine_sql(
	    machine, "UPDATE login SET evidence = x'ff' WHERE account_id = 1");
	assert_string_equal(
	    hear_all(machine, &policy, NOW + 5000, false, &heard),
	    "kari?; kari -2 -3; ola -2; ");
	assert_groups(machine, "kari", "");
	assert_groups(machine, "ola", "ko-hoy ");
	/* And they come back with their next login. */
	assert_true(log_in(machine, "kari", NULL, "high", NOW + 5001));
	assert_groups(machine, "kari", "ko-alder ko-hoy ");
}

static void
test_without_rules_nothing_outlives_its_end(void **state)
{
	struct register_machine *machine = *state;
	struct heard heard;
	bool changed = false;

	(void)register_machine_add(machine, "eva", 1);
	(void)register_machine_add(machine, "kari", 1);
	(void)register_machine_add(machine, "ola", 1);
	(void)register_machine_add(machine, "liv", 1);
	(void)log_in(machine, "eva", "saksbehandler", "", NOW);
	(void)log_in(machine, "kari", "saksbehandler", "high", NOW + 50);
	(void)log_in(machine, "ola", NULL, "high", NOW + 50);
	(void)log_in(machine, "liv", NULL, "high", NOW + 50);
	assert_int_equal(
	    register_account_lock(machine->db, "ola", "x", NOW), REGISTER_OK);
	assert_string_equal(
	    hear_all(machine, NULL, NOW + 899, true, &heard), "");
	assert_string_equal(
	    hear_all(machine, NULL, NOW + 900, true, &heard), "eva -0 -2; ");
	assert_string_equal(
	    hear_all(machine, NULL, NOW + 900, false, &heard), "ola -2 -3; ");
	assert_groups(machine, "eva", "");
	assert_groups(machine, "ola", "");
	assert_groups(machine, "kari", "ko-rolle ko-alder ko-hoy ");
	assert_next_change(machine, NOW + 950);
	assert_int_equal(
	    entitlement_refresh(machine->db, NULL, "kari", NOW + 900, &changed),
	    REGISTER_OK);
	assert_true(changed);
	assert_groups(machine, "kari", "");
	assert_groups(machine, "liv", "ko-alder ko-hoy ");
	assert_int_equal(
	    entitlement_refresh(machine->db, NULL, "per", NOW + 900, &changed),
	    REGISTER_NOT_FOUND);
	/* With rules again everybody has what they give. */
	assert_string_equal(
	    hear_all(machine, &policy, NOW + 950, false, &heard),
	    "eva +0; kari +0 +3; liv -2; ");
}

static void
test_gives_none_of_too_many(void **state)
{
	enum { MANY = REGISTER_GROUPS_MAX + 1 };
	static struct policy_group many[MANY];
	static char names[MANY][16];
	struct register_machine *machine = *state;
	struct account_group held[REGISTER_GROUPS_MAX];
	struct policy wide = policy;
	size_t count = 9, i;
	bool changed;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "ko-%04zu", i);
		many[i] = (struct policy_group){.name = names[i],
		    .gid = (uint32_t)(1900001000 + i),
		    .grants = &by_role,
		    .grants_count = 1};
	}
	(void)register_machine_add(machine, "kari", 1);
	(void)log_in(machine, "kari", "saksbehandler", "", NOW);
	wide.groups = many;
	wide.groups_count = REGISTER_GROUPS_MAX;
	assert_int_equal(
	    entitlement_refresh_all(machine->db, &wide, NOW, NULL, &changed),
	    REGISTER_OK);
	assert_int_equal(
	    register_account_groups(machine->db, 1, held, &count), REGISTER_OK);
	assert_int_equal(count, REGISTER_GROUPS_MAX);
	wide.groups_count = MANY;
	assert_int_equal(
	    entitlement_refresh_all(machine->db, &wide, NOW, NULL, &changed),
	    REGISTER_OK);
	assert_groups(machine, "kari", "");
	assert_int_equal(
	    entitlement_refresh(machine->db, &wide, "kari", NOW, &changed),
	    REGISTER_OK);
	assert_groups(machine, "kari", "");
}

int
main(void)
{
#define CASE(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, set_up, register_machine_tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(test_gives_what_a_login_shows),
	    CASE(test_takes_what_the_clock_takes),
	    CASE(test_follows_authorisations),
	    CASE(test_a_lock_takes_all),
	    CASE(test_decides_for_all_as_for_one),
	    CASE(test_collects_what_was_known_then),
	    CASE(test_a_clock_set_back_brings_nothing_back),
	    CASE(test_writes_all_or_nothing),
	    CASE(test_tells_who_lost_and_gained_what),
	    CASE(test_a_damaged_row_takes_the_groups_of_one),
	    CASE(test_without_rules_nothing_outlives_its_end),
	    CASE(test_gives_none_of_too_many),
	};

	return cmocka_run_group_tests_name("entitlement", tests, NULL, NULL);
}
