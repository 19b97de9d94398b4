#include "broker/policy/policy_files.h"
#include "broker/policy/policy_reader.h"
#include "lib/id.h"
#include "tests/unit/catalogue_people.h"
#include "tests/unit/unit.h"
#include "verify/decision.h"
#include "verify/giver.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PATH_SIZE = 512,
	BLOCK_SIZE = 100, /* of gids, one a service */
	BLOCKS_END = 1900100000, /* examples and deployments from here */
	NOW_S = 1763769600, /* 2025-11-22, after all that is established */
};

static const char *const low_to_high[] = {
    "idporten-loa-low", "idporten-loa-substantial", "idporten-loa-high"};
static const char *const job_to_high[] = {"entraid", "substantial", "high"};
static const char *const plain[] = {"low", "substantial", "high"};

/* The issuers that access/README names. */
static const struct issuer_profile profiles[] = {
    {.issuer = "https://staff",
	.acr_ladder = low_to_high,
	.acr_ladder_count = 3},
    {.issuer = "https://idporten",
	.acr_ladder = low_to_high,
	.acr_ladder_count = 3},
    {.issuer = "https://ansattporten",
	.acr_ladder = job_to_high,
	.acr_ladder_count = 3},
    {.issuer = "https://police", .acr_ladder = plain, .acr_ladder_count = 3},
    {.issuer = "https://krus", .acr_ladder = plain, .acr_ladder_count = 3},
    {.issuer = "https://maskinporten"},
};

static const struct policy_known_issuer issuers[] = {
    {"staff", &profiles[0], "idporten-loa-low", "idporten-loa-substantial",
	"idporten-loa-high"},
    {"idporten", &profiles[1], "idporten-loa-low", "idporten-loa-substantial",
	"idporten-loa-high"},
    {"ansattporten", &profiles[2], NULL, "substantial", "high"},
    {"police", &profiles[3], "low", "substantial", "high"},
    {"krus", &profiles[4], "low", "substantial", "high"},
    {"maskinporten", &profiles[5], NULL, NULL, NULL},
};

enum { ISSUERS_COUNT = sizeof(issuers) / sizeof(issuers[0]) };

struct catalogue {
	struct policy_text *text;
	const struct policy *policy;
	struct catalogue_person *people;
	size_t people_count;
	struct decision *decisions;
};

static char *
read_text(const char *name, size_t *ret_size)
{
	char path[PATH_SIZE];
	char *text = NULL;
	size_t room = 0;
	ssize_t size;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", getenv("top_srcdir"), name);
	file = fopen(path, "r");
	assert_non_null(file);
	size = getdelim(&text, &room, '\0', file);
	assert_true(size > 0);
	assert_int_equal(fclose(file), 0);
	*ret_size = (size_t)size;
	return text;
}

static void
add_file(struct policy_files *files, const char *name, bool units)
{
	size_t size;
	char *text = read_text(name, &size);

	assert_int_equal(
	    policy_files_add(files, name, text, size, !units, units), 0);
	free(text);
}

static struct policy_files *
read_files(bool with_units)
{
	struct policy_files *files = calloc(1, sizeof(*files));
	size_t skipped = strlen(getenv("top_srcdir")) + 1;
	char pattern[PATH_SIZE];
	glob_t found;
	size_t i;

	assert_non_null(files);
	(void)snprintf(
	    pattern, sizeof(pattern), "%s/access/*.conf", getenv("top_srcdir"));
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	for (i = 0; i < found.gl_pathc; i++)
		add_file(files, found.gl_pathv[i] + skipped, false);
	globfree(&found);
	if (with_units)
		add_file(files, "packaging/units.conf", true);
	return files;
}

static struct local_accounts *
no_local_accounts(void)
{
	char dir[] = "/tmp/portvakt-catalogue-XXXXXX", path[PATH_SIZE];
	struct local_accounts *accounts;
	const char *const names[] = {"passwd", "group"};
	size_t i;

	assert_non_null(mkdtemp(dir));
	for (i = 0; i < 2; i++) {
		FILE *file;

		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		file = fopen(path, "w");
		assert_non_null(file);
		assert_int_equal(fclose(file), 0);
	}
	assert_int_equal(local_accounts_read(dir, &accounts), 0);
	for (i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		assert_int_equal(remove(path), 0);
	}
	assert_int_equal(remove(dir), 0);
	return accounts;
}

static struct policy_text *
read_policy(size_t issuers_count, bool with_units)
{
	struct policy_files *files = read_files(with_units);
	struct local_accounts *local = no_local_accounts();
	const struct policy_world world = {
	    .issuers = issuers, .issuers_count = issuers_count, .local = local};
	struct config_error error = {.text = ""};
	struct policy_text *text;

	if (policy_read(files, &world, &text, &error) < 0)
		fail_msg("%s", error.text);
	(void)policy_files_free(files);
	(void)local_accounts_free(local);
	return text;
}

static int
set_up(void **state)
{
	struct catalogue *catalogue = calloc(1, sizeof(*catalogue));
	size_t size;
	char *text = read_text("tests/vectors/catalogue.people", &size);

	catalogue->text = read_policy(ISSUERS_COUNT, true);
	catalogue->policy = policy_text_policy(catalogue->text);
	catalogue_people_read(
	    text, &catalogue->people, &catalogue->people_count);
	catalogue->decisions = calloc(
	    catalogue->policy->groups_count, sizeof(*catalogue->decisions));
	free(text);
	*state = catalogue;
	return 0;
}

static int
tear_down(void **state)
{
	struct catalogue *catalogue = *state;

	(void)policy_text_free(catalogue->text);
	free(catalogue->people);
	free(catalogue->decisions);
	free(catalogue);
	return 0;
}

/* From the table to what the decision takes. */

static size_t
slices_of(const struct catalogue_words *words, struct slice *slices)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		slices[i] = slice_of(words->texts[i]);
	return words->count;
}

static const struct issuer_profile *
profile_of(const struct catalogue_person *person)
{
	size_t i;

	for (i = 0; i < ISSUERS_COUNT; i++) {
		if (strcmp(issuers[i].name, person->issuer) == 0)
			return issuers[i].profile;
	}
	fail_msg("%s: no issuer %s", person->name, person->issuer);
	return NULL;
}

static void
make_identity(
    const struct catalogue_person *person, struct identity *ret_identity)
{
	const struct issuer_profile *profile = profile_of(person);
	struct identity *made = ret_identity;
	size_t i;

	memset(made, 0, sizeof(*made));
	(void)snprintf(
	    made->issuer, sizeof(made->issuer), "%s", profile->issuer);
	(void)snprintf(
	    made->subject, sizeof(made->subject), "%s", person->name);
	(void)snprintf(made->acr, sizeof(made->acr), "%s", person->acr);
	made->acr_rank = issuer_acr_rank(profile, slice_of(person->acr));
	made->authenticated_at_s = NOW_S - person->age_s;
	made->issued_at_s = NOW_S - person->age_s;
	made->expires_at_s = made->issued_at_s + 120;
	made->roles_count = slices_of(&person->roles, made->roles);
	made->scopes_count = slices_of(&person->scopes, made->scopes);
	made->units_count = slices_of(&person->units, made->units);
	made->rights_count = slices_of(&person->rights, made->rights);
	made->consumer = slice_of(person->consumer);
	for (i = 0; i < person->on_behalf_of.count; i++) {
		made->mandates[i].organisation =
		    slice_of(person->on_behalf_of.texts[i]);
		made->mandates[i].rights_count = made->rights_count;
	}
	made->mandates_count = person->on_behalf_of.count;
}

static size_t
make_authorisations(const struct policy *policy,
    const struct catalogue_person *person, struct decision_authorisation *made)
{
	size_t i;

	for (i = 0; i < person->authorised_count; i++) {
		const struct catalogue_authorised *one = &person->authorised[i];
		const struct policy_group *group =
		    policy_group_by_name(policy, one->group);

		if (!group)
			fail_msg("%s: no %s", person->name, one->group);
		made[i] = (struct decision_authorisation){.id = (int64_t)i + 1,
		    .gid = group->gid,
		    .unit = one->unit,
		    .kind =
			one->clerical ? POLICY_KIND_CLERICAL : POLICY_KIND_CASE,
		    .from_s = NOW_S - 86400,
		    .until_s = POLICY_NO_END};
	}
	return person->authorised_count;
}

/* What the decision is asked about one person. */
struct question {
	struct identity identity;
	struct decision_authorisation authorisations[CATALOGUE_AUTHORISED_MAX];
	struct decision_query query;
};

static struct question *
ask(const struct policy *policy, const struct catalogue_person *person)
{
	struct question *made = calloc(1, sizeof(*made));

	assert_non_null(made);
	make_identity(person, &made->identity);
	made->query = (struct decision_query){.identity = &made->identity,
	    .authorisations = made->authorisations,
	    .authorisations_count =
		make_authorisations(policy, person, made->authorisations),
	    .now_s = NOW_S};
	return made;
}

static void
decide(const struct policy *policy, const struct catalogue_person *person,
    struct decision *ret_decisions)
{
	struct question *question = ask(policy, person);

	decision_make(policy, &question->query, ret_decisions);
	free(question);
}

static size_t
index_of(const struct policy *policy, const char *name)
{
	const struct policy_group *group = policy_group_by_name(policy, name);

	if (!group)
		fail_msg("the catalogue has no group %s", name);
	return (size_t)(group - policy->groups);
}

static void
check_expectation(const struct catalogue *catalogue,
    const struct catalogue_person *person,
    const struct catalogue_expectation *wanted)
{
	const struct decision *decision =
	    &catalogue->decisions[index_of(catalogue->policy, wanted->group)];
	bool granted = decision->outcome == DECISION_GRANTED;
	const char *word =
	    granted ? "granted" : decision_condition_word(decision->failed);

	if (strcmp(word, wanted->word) != 0)
		fail_msg("%s, %s: %s, not %s", person->name, wanted->group,
		    word, wanted->word);
}

/* The tests. */

static void
test_everybody_gets_what_the_table_says(void **state)
{
	const struct catalogue *catalogue = *state;
	size_t i, j;

	assert_true(catalogue->people_count >= 40);
	for (i = 0; i < catalogue->people_count; i++) {
		const struct catalogue_person *person = &catalogue->people[i];

		decide(catalogue->policy, person, catalogue->decisions);
		for (j = 0; j < person->expectations_count; j++)
			check_expectation(
			    catalogue, person, &person->expectations[j]);
	}
}

static bool
is_granted(const struct catalogue_person *person, const char *group)
{
	size_t i;

	for (i = 0; i < person->expectations_count; i++) {
		const struct catalogue_expectation *one =
		    &person->expectations[i];

		if (strcmp(one->group, group) == 0)
			return strcmp(one->word, "granted") == 0;
	}
	return false;
}

/* What the table does not say that somebody is granted, nobody is. */
static void
test_nobody_gets_more(void **state)
{
	const struct catalogue *catalogue = *state;
	size_t i, j;

	for (i = 0; i < catalogue->people_count; i++) {
		const struct catalogue_person *person = &catalogue->people[i];

		decide(catalogue->policy, person, catalogue->decisions);
		for (j = 0; j < catalogue->policy->groups_count; j++) {
			const struct decision *one = &catalogue->decisions[j];

			if (one->outcome == DECISION_GRANTED &&
			    !is_granted(person, one->group->name))
				fail_msg("%s has %s too", person->name,
				    one->group->name);
		}
	}
}

static bool
is_expected(const struct catalogue *catalogue, const char *group, bool granted)
{
	size_t i, j;

	for (i = 0; i < catalogue->people_count; i++) {
		const struct catalogue_person *person = &catalogue->people[i];

		for (j = 0; j < person->expectations_count; j++) {
			const struct catalogue_expectation *one =
			    &person->expectations[j];

			if (strcmp(one->group, group) == 0 &&
			    (strcmp(one->word, "granted") == 0) == granted)
				return true;
		}
	}
	return false;
}

static void
test_every_group_has_a_grant_and_a_refusal(void **state)
{
	const struct catalogue *catalogue = *state;
	size_t i;

	for (i = 0; i < catalogue->policy->groups_count; i++) {
		const char *name = catalogue->policy->groups[i].name;

		if (!is_expected(catalogue, name, true))
			fail_msg("the table grants %s to nobody", name);
		if (!is_expected(catalogue, name, false))
			fail_msg("the table withholds %s from nobody", name);
	}
}

static bool
is_used(const struct catalogue *catalogue, const struct policy_grant *grant)
{
	size_t i, j;

	for (i = 0; i < catalogue->people_count; i++) {
		decide(catalogue->policy, &catalogue->people[i],
		    catalogue->decisions);
		for (j = 0; j < catalogue->policy->groups_count; j++) {
			if (catalogue->decisions[j].outcome ==
				DECISION_GRANTED &&
			    catalogue->decisions[j].grant == grant)
				return true;
		}
	}
	return false;
}

static void
test_every_grant_is_somebodys(void **state)
{
	const struct catalogue *catalogue = *state;
	size_t i, j;

	for (i = 0; i < catalogue->policy->groups_count; i++) {
		const struct policy_group *group =
		    &catalogue->policy->groups[i];

		assert_true(group->grants_count > 0);
		for (j = 0; j < group->grants_count; j++) {
			const struct policy_grant *grant = &group->grants[j];

			if (!is_used(catalogue, grant))
				fail_msg("%s:%u gives nobody %s",
				    grant->place.file, grant->place.line,
				    group->name);
		}
	}
}

static void
test_every_grant_has_a_reason_and_an_issuer(void **state)
{
	const struct catalogue *catalogue = *state;
	const unsigned int every = (1U << ISSUERS_COUNT) - 1;
	size_t i, j;

	for (i = 0; i < catalogue->policy->groups_count; i++) {
		const struct policy_group *group =
		    &catalogue->policy->groups[i];

		assert_true(strlen(group->basis) > 5);
		for (j = 0; j < group->grants_count; j++) {
			assert_true(strlen(group->grants[j].reason) > 30);
			assert_int_not_equal(
			    group->grants[j].issuers & every, every);
		}
	}
}

/* Two services never share a block, and a block is a hundred. */
static void
test_gids_keep_to_their_blocks(void **state)
{
	const struct policy *policy = ((struct catalogue *)*state)->policy;
	size_t i, j;

	for (i = 0; i < policy->groups_count; i++) {
		const struct policy_group *a = &policy->groups[i];

		assert_in_range(a->gid, ID_ACCESS_START, BLOCKS_END - 1);
		for (j = 0; j < policy->groups_count; j++) {
			const struct policy_group *b = &policy->groups[j];

			assert_int_equal(a->service == b->service,
			    a->gid / BLOCK_SIZE == b->gid / BLOCK_SIZE);
		}
	}
}

static void
check_named(const char *readme, const struct policy_set *roles)
{
	size_t i;

	for (i = 0; i < roles->count; i++) {
		if (!strstr(readme, roles->texts[i]))
			fail_msg("access/README does not name the role %s",
			    roles->texts[i]);
	}
}

static void
test_readme_names_every_role_and_service(void **state)
{
	const struct policy *policy = ((struct catalogue *)*state)->policy;
	size_t i, j, size;
	char *readme = read_text("access/README", &size);

	for (i = 0; i < policy->groups_count; i++) {
		for (j = 0; j < policy->groups[i].grants_count; j++) {
			const struct policy_grant *grant =
			    &policy->groups[i].grants[j];

			check_named(readme, &grant->roles_any);
			check_named(readme, &grant->roles_all);
		}
	}
	for (i = 0; i < policy->services_count; i++) {
		if (!strstr(readme, policy->services[i].name))
			fail_msg("access/README has no gids of %s",
			    policy->services[i].name);
	}
	free(readme);
}

/* KSF 2/2005: 3 to 4, 3 to 4, 2 to 4; by whom. */
static void
test_infoflyt_counts_as_the_circular_does(void **state)
{
	static const struct {
		const char *group;
		enum policy_unit_level level, giver_level;
		unsigned int minimum, maximum;
	} rows[] = {
	    {"ko-infoflyt-sentral", POLICY_LEVEL_CENTRAL, POLICY_LEVEL_CENTRAL,
		3, 4},
	    {"ko-infoflyt-region", POLICY_LEVEL_REGION, POLICY_LEVEL_REGION, 3,
		4},
	    {"ko-infoflyt-lokal", POLICY_LEVEL_UNIT, POLICY_LEVEL_REGION, 2, 4},
	};
	const struct policy *policy = ((struct catalogue *)*state)->policy;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct policy_group *group =
		    policy_group_by_name(policy, rows[i].group);

		assert_non_null(group);
		assert_true(group->restricted);
		assert_true(
		    policy->services[group->service].needs_established_unit);
		assert_int_equal(group->quotas_count, 1);
		assert_int_equal(group->quotas->level, rows[i].level);
		assert_int_equal(
		    group->quotas->giver_level, rows[i].giver_level);
		assert_int_equal(group->quotas->minimum, rows[i].minimum);
		assert_int_equal(group->quotas->maximum, rows[i].maximum);
		assert_true(group->quotas->clerical_maximum > 0);
		assert_false(
		    policy_set_has(&group->quotas->givers, "administrator"));
	}
}

static void
check_giving(const struct policy *policy, const struct decision_query *giver,
    const char *name, const struct catalogue_authorises *wanted)
{
	const struct giver_query query = {.giver = giver,
	    .group = policy_group_by_name(policy, wanted->group),
	    .unit = policy_unit_by_number(policy, wanted->unit),
	    .now_s = NOW_S};
	const struct policy_quota *quota;
	enum giver_result result;

	assert_non_null(query.group);
	assert_non_null(query.unit);
	result = giver_check(policy, &query, &quota);
	if (strcmp(giver_result_word(result), wanted->word) != 0)
		fail_msg("%s authorises for %s, %s: %s, not %s", name,
		    wanted->group, wanted->unit, giver_result_word(result),
		    wanted->word);
}

static void
test_who_authorises_whom(void **state)
{
	const struct catalogue *catalogue = *state;
	size_t i, j, checked = 0;

	for (i = 0; i < catalogue->people_count; i++) {
		const struct catalogue_person *person = &catalogue->people[i];
		struct question *question = ask(catalogue->policy, person);

		for (j = 0; j < person->authorises_count; j++, checked++)
			check_giving(catalogue->policy, &question->query,
			    person->name, &person->authorises[j]);
		free(question);
	}
	assert_true(checked > 0);
}

/* The administrator of a machine gives nobody anything of the catalogue. */
static void
test_root_authorises_nobody(void **state)
{
	const struct policy *policy = ((struct catalogue *)*state)->policy;
	size_t i, j;

	for (i = 0; i < policy->groups_count; i++) {
		for (j = 0; j < policy->units_count; j++) {
			const struct giver_query query = {.giver = NULL,
			    .group = &policy->groups[i],
			    .unit = &policy->units[j],
			    .now_s = NOW_S};
			const struct policy_quota *quota;

			assert_int_not_equal(
			    giver_check(policy, &query, &quota), GIVER_ALLOWED);
		}
	}
}

/* As it is installed: the agency's provider alone, and no units yet. */
static void
test_dormant_without_issuers_and_units(void **state)
{
	const struct catalogue *catalogue = *state;
	struct policy_text *text = read_policy(1, false);
	const struct policy *policy = policy_text_policy(text);
	size_t i, tore = 0;

	assert_int_equal(policy->groups_count, catalogue->policy->groups_count);
	while (strcmp(catalogue->people[tore].name, "tore") != 0)
		tore++;
	decide(policy, &catalogue->people[tore], catalogue->decisions);
	for (i = 0; i < policy->groups_count; i++) {
		bool granted =
		    catalogue->decisions[i].outcome == DECISION_GRANTED;

		assert_int_equal(granted,
		    strcmp(policy->groups[i].name, "ko-dvh-statistikk") == 0);
	}
	(void)policy_text_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_everybody_gets_what_the_table_says),
	    cmocka_unit_test(test_nobody_gets_more),
	    cmocka_unit_test(test_every_group_has_a_grant_and_a_refusal),
	    cmocka_unit_test(test_every_grant_is_somebodys),
	    cmocka_unit_test(test_every_grant_has_a_reason_and_an_issuer),
	    cmocka_unit_test(test_gids_keep_to_their_blocks),
	    cmocka_unit_test(test_readme_names_every_role_and_service),
	    cmocka_unit_test(test_infoflyt_counts_as_the_circular_does),
	    cmocka_unit_test(test_who_authorises_whom),
	    cmocka_unit_test(test_root_authorises_nobody),
	    cmocka_unit_test(test_dormant_without_issuers_and_units),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
