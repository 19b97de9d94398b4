/*
 * Every file of tests/vectors/policy/bad is refused with exactly the words of
 * the .expected beside it, and every kind of mistake has such a file. Each
 * stands beside the units and the service of world/; one whose name begins
 * with "units-" takes the place of units.conf, "no-units-" is without one,
 * "felles-" takes the place of the service, and "shipped-" is read as a file of
 * the catalogue.
 */
#include "tests/unit/policy_world.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAD "tests/vectors/policy/bad/"
#define WORLD "tests/vectors/policy/world/"

enum {
	CASES_MAX = 512,
};

struct cases {
	char *names[CASES_MAX]; /* without .conf */
	char *expected[CASES_MAX];
	size_t count;
};

static bool
begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static char *
expected_of(const char *name)
{
	char path[PATH_MAX];
	char *text;

	(void)snprintf(path, sizeof(path), BAD "%s.expected", name);
	text = policy_world_source(path);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static int
set_up(void **state)
{
	const char *top = getenv("top_srcdir");
	struct cases *cases = calloc(1, sizeof(*cases));
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "%s/" BAD, top ? top : ".");
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char *end = strstr(entry->d_name, ".conf");

		if (!end || cases->count == CASES_MAX)
			continue;
		*end = '\0';
		cases->names[cases->count] = strdup(entry->d_name);
		cases->expected[cases->count++] = expected_of(entry->d_name);
	}
	closedir(dir);
	*state = cases;
	return 0;
}

static int
tear_down(void **state)
{
	struct cases *cases = *state;
	size_t i;

	for (i = 0; i < cases->count; i++) {
		free(cases->names[i]);
		free(cases->expected[i]);
	}
	free(cases);
	return 0;
}

static void
put_case(struct policy_test_world *world, const char *name)
{
	char path[PATH_MAX], file[PATH_MAX];

	if (!begins(name, "felles-"))
		policy_world_put(
		    world, "felles.conf", WORLD "felles.conf", false);
	(void)snprintf(path, sizeof(path), BAD "%s.conf", name);
	(void)snprintf(file, sizeof(file), "%s.conf", name);
	if (begins(name, "units-")) {
		policy_world_put(world, "units.conf", path, false);
		return;
	}
	if (!begins(name, "no-units-"))
		policy_world_put(
		    world, "units.conf", WORLD "units.conf", false);
	policy_world_put(world, file, path, begins(name, "shipped-"));
}

static size_t
refuse_case(const char *name, const char *expected)
{
	struct policy_test_world *world = policy_world_new();
	int error;
	size_t wrong;

	assert_non_null(world);
	put_case(world, name);
	error = policy_world_read(world);
	wrong = error != -EINVAL || world->text ||
		strcmp(world->error.text, expected) != 0;
	if (wrong)
		print_error("%s: %d\n  got      %s\n  expected %s\n", name,
		    error, world->error.text, expected);
	policy_world_free(world);
	return wrong;
}

static void
test_each_bad_file_is_refused_in_its_words(void **state)
{
	const struct cases *cases = *state;
	size_t i, wrong = 0;

	assert_true(cases->count > 100);
	for (i = 0; i < cases->count; i++)
		wrong += refuse_case(cases->names[i], cases->expected[i]);
	assert_int_equal(wrong, 0);
}

/* What each kind of mistake is told by. */
static const char *const kinds[] = {
    "no such option",
    "stands twice: see",
    "an empty list",
    "is not closed",
    "a control character",
    ": write one of",
    "\" stands twice, remove one",
    "no service section",
    "a second service section",
    "section that ends here has no title:",
    "section that ends here has no title_en:",
    "section that ends here has no gid:",
    "section that ends here has no basis:",
    "section that ends here has no reason:",
    "section that ends here has no level:",
    "section that ends here has no maximum:",
    "section that ends here has no givers:",
    "section that ends here has no giver_level:",
    "section that ends here has no name:",
    "section that ends here has no parent:",
    "take its place",
    "a service's name is",
    "a group's name is",
    "choose another name, or remove one",
    "in sudoers or polkit",
    "so quotas call root",
    "take one that is free",
    "from 1900000000 to 1999999999",
    "is the machine's own: take another one",
    "this file has no group of that name",
    "lets in every login",
    "asks for the same",
    "as the issuer spells it",
    "a scope is",
    "at most 256 values",
    "is not configured",
    "is not one of issuer",
    "is not one of any issuer",
    "from 1s to 366d",
    "write 0192:",
    "the grant would never hold",
    "write a date that there is",
    "a unit's number is",
    "is not in units.conf",
    "has class secret",
    "they contradict each other",
    "and there is none: write units.conf",
    "but no unit is established for",
    "no unit that this grant takes is established for",
    "add a quota section",
    "give one a clerical_maximum",
    "add a quota of that level",
    "lower the one, or raise the other",
    "a decimal number from 1 to",
    "a second quota of",
    "is no group of any service",
    "write the name of a group, or administrator",
    "giver_level is below level",
    "only its own members",
    "name a level that its grants take",
    "has no grant, so nobody is in it",
    "nothing is above the central level",
    "is not here: add a section for it",
    "of a higher level",
    "already: remove one of them",
    "write an organisation number of 9 digits",
    "an organisation number is one unit's",
    "a class is",
    "write a service, a space and a date",
    "there is no service infoflytt",
    "keep one date",
};

static void
test_each_kind_of_mistake_has_a_file(void **state)
{
	const struct cases *cases = *state;
	size_t i, j;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (j = 0; j < cases->count; j++) {
			if (strstr(cases->expected[j], kinds[i]))
				break;
		}
		if (j == cases->count)
			fail_msg("no file for \"%s\"", kinds[i]);
	}
}

/* A place, and a colon between what is wrong and what helps. */
static void
test_each_message_has_place_and_remedy(void **state)
{
	const struct cases *cases = *state;
	char start[NAME_MAX + 2];
	const char *text;
	size_t i;

	for (i = 0; i < cases->count; i++) {
		(void)snprintf(start, sizeof(start), "%s.conf:",
		    begins(cases->names[i], "units-") ? "units"
						      : cases->names[i]);
		text = cases->expected[i];
		if (!begins(text, start) ||
		    !strpbrk(text + strlen(start), ":,"))
			fail_msg("\"%s\" has no place or no remedy", text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_bad_file_is_refused_in_its_words),
	    cmocka_unit_test(test_each_kind_of_mistake_has_a_file),
	    cmocka_unit_test(test_each_message_has_place_and_remedy),
	};

	return cmocka_run_group_tests_name(
	    "policy_errors", tests, set_up, tear_down);
}
