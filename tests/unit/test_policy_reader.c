#include "broker/policy/policy_reader.h"
#include "tests/unit/policy_world.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

/* Allocations until one fails; negative: none does. */
static int calloc_left = -1;

void *
__wrap_calloc(size_t count, size_t size)
{
	if (calloc_left == 0)
		return NULL;
	if (calloc_left > 0)
		calloc_left--;
	return __real_calloc(count, size);
}

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
	assert_int_equal(policy->ladders[0].count, 2);
	assert_int_equal(policy->ladders[1].count, 1);
	assert_int_equal(policy_acr_rank(policy, policy->issuers[1].url,
			     "idporten-loa-substantial"),
	    1);
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

/* Asleep: no issuer, rank or unit will ever do; the rest as it stands. */
static void
test_the_catalogue_may_ask_for_what_is_not_here(void **state)
{
	struct policy_test_world *world = *state;
	const struct policy_group *group;

	policy_world_put(world, "a.conf", VECTORS "good/dormant.conf", true);
	if (policy_world_read(world) != 0)
		fail_msg("%s", world->error.text);
	group =
	    policy_group_by_name(policy_text_policy(world->text), "ko-sover");
	assert_int_equal(group->grants_count, 6);
	assert_int_equal(group->grants[0].issuers, 0);
	assert_int_equal(group->grants[0].acr_rank_min[0], -1);
	assert_int_equal(group->grants[1].issuers, 1);
	assert_int_equal(group->grants[1].acr_rank_min[0], 0);
	assert_int_equal(group->grants[2].issuers, 3);
	assert_int_equal(group->grants[2].acr_rank_min[0], -1);
	assert_int_equal(group->grants[2].acr_rank_min[1], -1);
	assert_int_equal(group->grants[3].acr_rank_min[0], 2);
	assert_int_equal(group->grants[3].acr_rank_min[1], -1);
	assert_set(&group->grants[4].units, "9999");
	policy_files_free(world->files);
	world->files = calloc(1, sizeof(*world->files));
	policy_world_put(world, "a.conf", VECTORS "good/dormant.conf", false);
	assert_int_equal(policy_world_read(world), -EINVAL);
}

/* Rules of then, when issuers, units and the machine's groups were others. */
static void
test_a_set_of_the_past_is_read_today(void **state)
{
	static const char *const once_good[] = {"issuer-unknown",
	    "level-of-named-issuer", "unit-unknown", "group-of-the-machine",
	    "gid-of-the-machine", "no-units-for-a-grant", "quota-giver-circle"};
	struct policy_test_world *world = *state;
	char path[PATH_MAX];
	size_t i;

	world->was_in_force = true;
	for (i = 0; i < sizeof(once_good) / sizeof(once_good[0]); i++) {
		world->files = policy_files_free(world->files);
		world->files = calloc(1, sizeof(*world->files));
		(void)snprintf(
		    path, sizeof(path), VECTORS "bad/%s.conf", once_good[i]);
		policy_world_put(world, "a.conf", path, false);
		if (policy_world_read(world) != 0)
			fail_msg("%s", world->error.text);
	}
	policy_world_put(
	    world, "b.conf", VECTORS "bad/option-twice.conf", false);
	assert_int_equal(policy_world_read(world), -EINVAL);
}

/* Without a single issuer nothing is granted, and nothing is a mistake. */
static void
test_reads_without_issuers(void **state)
{
	struct policy_test_world *world = *state;
	const struct policy_world known = {.local = world->local};
	const struct policy_group *group;

	policy_world_put(
	    world, "felles.conf", VECTORS "world/felles.conf", false);
	assert_int_equal(
	    policy_read(world->files, &known, &world->text, &world->error), 0);
	group =
	    policy_group_by_name(policy_text_policy(world->text), "ko-felles");
	assert_int_equal(group->grants[0].issuers, 0);
}

/* The order of the files, of sections and of words makes no difference. */
static void
test_sorts_whatever_the_order_of_the_files(void **state)
{
	struct policy_test_world *world = *state;
	const struct policy *policy;
	size_t i;

	policy_world_put(
	    world, "1.conf", VECTORS "good/everything.conf", false);
	policy_world_put(world, "2.conf", VECTORS "world/felles.conf", false);
	policy_world_put(
	    world, "units.conf", VECTORS "world/units.conf", false);
	assert_int_equal(policy_world_read(world), 0);
	policy = policy_text_policy(world->text);
	for (i = 1; i < policy->groups_count; i++)
		assert_true(strcmp(policy->groups[i - 1].name,
				policy->groups[i].name) < 0);
	for (i = 1; i < policy->units_count; i++)
		assert_true(strcmp(policy->units[i - 1].number,
				policy->units[i].number) < 0);
	for (i = 0; i < policy->groups_count; i++)
		assert_string_equal(
		    policy->services[policy->groups[i].service].place.file,
		    policy->groups[i].place.file);
}

/* Whichever allocation fails: no policy, and words for it. */
static void
test_says_when_there_is_no_memory(void **state)
{
	struct policy_test_world *world = *state;
	int result, at = 0;

	policy_world_put(
	    world, "units.conf", VECTORS "world/units.conf", false);
	policy_world_put(
	    world, "felles.conf", VECTORS "world/felles.conf", false);
	policy_world_put(
	    world, "a.conf", VECTORS "good/everything.conf", false);
	do {
		calloc_left = at++;
		result = policy_world_read(world);
		calloc_left = -1;
		if (result == 0)
			break;
		assert_int_equal(result, -ENOMEM);
		assert_null(world->text);
		assert_string_equal(
		    world->error.text, "access.d: Cannot allocate memory");
	} while (at < 10000);
	assert_int_equal(result, 0);
	assert_true(at > 100);
}

/* The next example of a manual: what stands between .Bd and .Ed. */
static const char *
put_example(struct policy_test_world *world, const char *name, const char *page)
{
	static const char start[] = ".Bd -literal -offset indent\n";
	const char *from = strstr(page, start), *to;

	assert_non_null(from);
	from += sizeof(start) - 1;
	to = strstr(from, ".Ed\n");
	assert_non_null(to);
	assert_int_equal(
	    policy_files_add(world->files, name, from, (size_t)(to - from),
		false, strcmp(name, "units.conf") == 0),
	    0);
	return to;
}

static void
test_the_examples_of_the_manual_are_good(void **state)
{
	struct policy_test_world *world = *state;
	char *page = policy_world_source("man/portvakt-access.5");
	const char *at = strstr(page, "\n.Sh EXAMPLES\n");

	assert_non_null(at);
	at = put_example(world, "kantine.conf", at);
	at = put_example(world, "sak.conf", at);
	(void)put_example(world, "units.conf", at);
	free(page);
	if (policy_world_read(world) != 0)
		fail_msg("%s", world->error.text);
	assert_int_equal(policy_text_policy(world->text)->groups_count, 3);
}

/* Writes the one of that number. */
typedef void write_section(FILE *file, unsigned int number);

static void
write_group(FILE *file, unsigned int i)
{
	(void)fprintf(file,
	    "group \"g%u\" { gid = 19001%05u title = a title_en = a basis = "
	    "a }\n",
	    i, i);
}

static void
write_grant(FILE *file, unsigned int i)
{
	(void)fprintf(
	    file, "grant \"g\" { reason = r roles_any = { r%u } }\n", i);
}

static void
write_unit(FILE *file, unsigned int i)
{
	(void)fprintf(file, "unit \"%u\" { name = n level = central }\n", i);
}

static void
put_many(struct policy_test_world *world, const char *head,
    write_section *section, unsigned int count)
{
	const char *name = head[0] ? "a.conf" : "units.conf";
	char *text = NULL;
	size_t size = 0;
	unsigned int i;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	(void)fputs(head, file);
	for (i = 0; i < count; i++)
		section(file, i);
	assert_int_equal(fclose(file), 0);
	world->files = policy_files_free(world->files);
	world->files = calloc(1, sizeof(*world->files));
	assert_int_equal(
	    policy_files_add(world->files, name, text, size, false, !head[0]),
	    0);
	free(text);
}

static void
assert_limit(struct policy_test_world *world, const char *head,
    write_section *section, unsigned int count_max, const char *said)
{
	put_many(world, head, section, count_max);
	assert_int_equal(policy_world_read(world), 0);
	put_many(world, head, section, count_max + 1);
	assert_int_equal(policy_world_read(world), -EINVAL);
	if (!strstr(world->error.text, said))
		fail_msg("\"%s\" does not say \"%s\"", world->error.text, said);
}

static void
test_refuses_more_than_the_limits(void **state)
{
	static const char head[] =
	    "service \"a\" { title = a title_en = a }\n"
	    "group \"g\" { gid = 1900500000 title = a title_en = a basis = a "
	    "}\n";
	struct policy_test_world *world = *state;

	assert_limit(world, head, write_group, POLICY_GROUPS_MAX - 1,
	    "more than 1024 groups");
	assert_limit(world, head, write_grant, POLICY_GRANTS_MAX,
	    "more than 8192 grants");
	assert_limit(
	    world, "", write_unit, POLICY_UNITS_MAX, "more than 4096 units");
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

static void
test_a_chain_of_givers_may_have_a_beginning(void **state)
{
	const struct policy *policy = read_good(*state, "good/givers.conf");
	const struct policy_group *group =
	    policy_group_by_name(policy, "ko-kjede");

	assert_int_equal(group->quotas_count, 2);
	assert_int_equal(group->quotas[0].clerical_maximum, 3);
	assert_int_equal(group->quotas[0].giver_level, POLICY_LEVEL_REGION);
	assert_int_equal(group->quotas[1].giver_level, POLICY_LEVEL_CENTRAL);
	assert_int_equal(
	    group->grants[0].authorised_kinds, POLICY_KIND_CLERICAL);
}

static void
test_refuses_more_issuers_than_a_policy_holds(void **state)
{
	static const struct issuer_profile profile = {.issuer = "https://a"};
	struct policy_known_issuer issuers[POLICY_ISSUERS_MAX + 1];
	struct policy_test_world *world = *state;
	struct policy_world known = {.issuers = issuers,
	    .issuers_count = POLICY_ISSUERS_MAX + 1,
	    .local = world->local};
	size_t i;

	for (i = 0; i <= POLICY_ISSUERS_MAX; i++)
		issuers[i] = (struct policy_known_issuer){
		    .name = "a", .profile = &profile};
	assert_int_equal(
	    policy_read(world->files, &known, &world->text, &world->error),
	    -EINVAL);
	assert_string_equal(world->error.text, "access: more than 16 issuers");
	known.issuers_count = POLICY_ISSUERS_MAX;
	assert_int_equal(
	    policy_read(world->files, &known, &world->text, &world->error), 0);
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
		test_the_catalogue_may_ask_for_what_is_not_here, set_up,
		tear_down),
	    cmocka_unit_test_setup_teardown(
		test_a_set_of_the_past_is_read_today, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_reads_without_issuers, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_sorts_whatever_the_order_of_the_files, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_a_chain_of_givers_may_have_a_beginning, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_refuses_more_issuers_than_a_policy_holds, set_up,
		tear_down),
	    cmocka_unit_test_setup_teardown(
		test_says_when_there_is_no_memory, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_the_examples_of_the_manual_are_good, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_refuses_more_than_the_limits, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		test_the_shipped_catalogue_is_good, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("policy_reader", tests, NULL, NULL);
}
