#include "broker/policy/policy_reader.h"
#include "tests/unit/policy_world.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VECTORS "tests/vectors/policy/"

static int
set_up(void **state)
{
	*state = policy_world_new();
	return *state ? 0 : -1;
}

static int
tear_down(void **state)
{
	policy_world_free(*state);
	return 0;
}

static const struct policy *
read_good(struct policy_test_world *world, const char *name)
{
	char path[PATH_MAX];

	policy_world_put(
	    world, "units.conf", VECTORS "world/units.conf", false);
	policy_world_put(
	    world, "felles.conf", VECTORS "world/felles.conf", false);
	(void)snprintf(path, sizeof(path), VECTORS "%s", name);
	policy_world_put(world, name, path, false);
	if (policy_world_read(world) != 0)
		fail_msg("%s", world->error.text);
	return policy_text_policy(world->text);
}

static void
assert_set(const struct policy_set *set, const char *joined)
{
	char text[512] = "";
	size_t i, length;

	for (i = 0; i < set->count; i++) {
		length = strlen(text);
		(void)snprintf(text + length, sizeof(text) - length, "%s%s",
		    i ? " " : "", set->texts[i]);
	}
	assert_string_equal(text, joined);
}

static void
test_reads_every_option(void **state)
{
	const struct policy *policy = read_good(*state, "good/everything.conf");
	const struct policy_group *group =
	    policy_group_by_name(policy, "ko-infoflyt");
	const struct policy_grant *grant;

	assert_int_equal(policy->services_count, 2);
	assert_int_equal(policy->groups_count, 3);
	assert_int_equal(policy->units_count, 4);
	assert_int_equal(policy->issuers_count, 2);
	assert_non_null(group);
	assert_string_equal(policy->services[group->service].name, "infoflyt");
	assert_int_equal(group->gid, 1900000120);
	assert_true(group->restricted);
	assert_string_equal(group->basis, "KSF 2/2005; strgjfl. kap. 1B");
	assert_int_equal(group->grants_count, 2);
	grant = &group->grants[0];
	assert_int_equal(grant->issuers, 1);
	assert_int_equal(grant->acr_rank_min[0], 2);
	assert_int_equal(grant->acr_rank_min[1], -1);
	assert_string_equal(grant->level, "high");
	assert_set(&grant->roles_any, "infoflyt-leder infoflyt-saksbehandler");
	assert_set(&grant->roles_all, "ansatt");
	assert_set(&grant->scopes_all, "ko:infoflyt openid");
	assert_set(&grant->on_behalf_of, "0192:911830868");
	assert_set(&grant->resources, "urn:altinn:resource:2480:40");
	assert_set(&grant->rights_all, "read write");
	assert_set(&grant->consumers, "0192:974760673");
	assert_set(&grant->units, "0300 0321");
	assert_set(&grant->unit_classes, "high");
	assert_int_equal(grant->unit_levels,
	    1 << POLICY_LEVEL_REGION | 1 << POLICY_LEVEL_UNIT);
	assert_int_equal(grant->max_age_s, 900);
	assert_int_equal(grant->valid_from_s, 1767225600);
	assert_int_equal(grant->valid_until_s, 1798758000);
	assert_int_equal(
	    grant->authorised_kinds, POLICY_KIND_CASE | POLICY_KIND_CLERICAL);
	assert_int_equal(grant->place.line, 22);
	assert_string_equal(grant->place.file, "good/everything.conf");
}

static void
test_reads_quotas_and_defaults(void **state)
{
	const struct policy *policy = read_good(*state, "good/everything.conf");
	const struct policy_group *group =
	    policy_group_by_name(policy, "ko-infoflyt");
	const struct policy_quota *quota = &group->quotas[0];

	assert_int_equal(group->quotas_count, 1);
	assert_int_equal(quota->level, POLICY_LEVEL_UNIT);
	assert_int_equal(quota->minimum, 2);
	assert_int_equal(quota->maximum, 4);
	assert_int_equal(quota->clerical_maximum, 2);
	assert_set(&quota->givers, "administrator ko-infoflyt-giver");
	assert_int_equal(quota->giver_level, POLICY_LEVEL_REGION);
	group = policy_group_by_name(policy, "ko-felles");
	assert_int_equal(group->quotas_count, 0);
	assert_int_equal(group->grants_count, 1);
	assert_false(group->restricted);
	assert_int_equal(group->grants[0].issuers, 3);
	assert_int_equal(group->grants[0].acr_rank_min[0], 0);
	assert_int_equal(group->grants[0].acr_rank_min[1], 0);
	assert_null(group->grants[0].level);
	assert_int_equal(group->grants[0].max_age_s, 0);
	assert_int_equal(group->grants[0].valid_from_s, 0);
	assert_int_equal(group->grants[0].valid_until_s, POLICY_NO_END);
	assert_int_equal(group->grants[0].authorised_kinds, 0);
}

static void
test_reads_units(void **state)
{
	const struct policy *policy = read_good(*state, "good/everything.conf");
	const struct policy_unit *unit = policy_unit_by_number(policy, "0321");

	assert_non_null(unit);
	assert_string_equal(unit->name, "Oslo fengsel");
	assert_int_equal(unit->level, POLICY_LEVEL_UNIT);
	assert_ptr_equal(unit->parent, policy_unit_by_number(policy, "0300"));
	assert_string_equal(unit->class, "high");
	assert_string_equal(unit->organisation, "974760673");
	assert_int_equal(unit->established_count, 1);
	assert_string_equal(unit->established[0].service, "felles");
	assert_int_equal(unit->established[0].since_s, 1117584000);
	assert_int_equal(unit->place.line, 13);
	unit = policy_unit_by_number(policy, "0001");
	assert_null(unit->parent);
	assert_null(unit->class);
}

/* Names and texts of dir that end in .conf, each as it is put. */
static void
put_dir(struct policy_test_world *world, const char *dir, bool shipped)
{
	const char *top = getenv("top_srcdir");
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *list;
	size_t length;

	(void)snprintf(path, sizeof(path), "%s/%s", top ? top : ".", dir);
	list = opendir(path);
	assert_non_null(list);
	while ((entry = readdir(list))) {
		length = strlen(entry->d_name);
		if (length < 6 || strcmp(entry->d_name + length - 5, ".conf"))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		policy_world_put(world, entry->d_name, path, shipped);
	}
	closedir(list);
}

/* With one issuer and no unit, as on the first day of a deployment. */
static void
test_the_shipped_catalogue_is_good(void **state)
{
	struct policy_test_world *world = *state;

	put_dir(world, "access", true);
	assert_true(world->files->count >= 15);
	if (policy_world_read(world) != 0)
		fail_msg("%s", world->error.text);
	assert_int_equal(policy_text_policy(world->text)->services_count,
	    world->files->count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_reads_every_option, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_reads_quotas_and_defaults, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_reads_units, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_the_shipped_catalogue_is_good, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("policy_reader", tests, NULL, NULL);
}
