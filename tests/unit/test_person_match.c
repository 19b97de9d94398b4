#include "broker/login/person_match.h"
#include "broker/register/person_link.h"
#include "tests/unit/register_machine.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ISSUER "https://idp.example"
#define KARIS "01815012341"
#define OLAS "02825512342"

/* A register with keys beside it. */
struct world {
	struct register_machine *machine;
	struct person_keys *keys;
};

static int
set_up(void **state)
{
	static struct world world;
	const char *problem = "";
	char path[128];
	void *machine;

	if (register_machine_set_up(&machine))
		return -1;
	world.machine = machine;
	(void)snprintf(path, sizeof(path), "%s/keys", world.machine->dir);
	*state = &world;
	return person_keys_create(path, &world.keys, &problem);
}

static int
tear_down(void **state)
{
	struct world *world = *state;
	void *machine = world->machine;

	person_keys_free(world->keys);
	return register_machine_tear_down(&machine);
}

static struct account
add(const struct world *world, const char *name, const char *subject,
    const char *number)
{
	const struct account_request request = {
	    .name = name,
	    .issuer = ISSUER,
	    .subject = subject,
	    .home = "/home/x",
	    .shell = "/bin/sh",
	};
	struct person_link link;
	struct account account;

	assert_int_equal(
	    register_account_add(world->machine->db, &request, 1000, &account),
	    REGISTER_OK);
	if (!number)
		return account;
	assert_int_equal(person_key_link(world->keys,
			     person_keys_number(world->keys, 0), number, &link),
	    0);
	assert_int_equal(person_link_set(world->machine->db, account.id, &link),
	    REGISTER_OK);
	return account;
}

static void
fill(struct identity *identity, const char *subject, const char *number)
{
	memset(identity, 0, sizeof(*identity));
	strcpy(identity->issuer, ISSUER);
	strcpy(identity->subject, subject);
	strcpy(identity->person_number, number);
}

static enum person_match
match(const struct world *world, const struct account *account,
    const char *subject, const char *number)
{
	enum person_match matched = PERSON_OTHER;
	struct identity identity;

	fill(&identity, subject, number);
	assert_int_equal(person_match(world->machine->db, world->keys, account,
			     &identity, &matched),
	    0);
	return matched;
}

static void
test_compares_issuer_and_subject_whole(void **state)
{
	const struct world *world = *state;
	struct account kari = add(world, "kari", "s-1", NULL);
	struct account nobody = {.issuer = ISSUER};

	assert_int_equal(match(world, &kari, "s-1", ""), PERSON_SAME);
	assert_int_equal(match(world, &kari, "s-1", KARIS), PERSON_SAME);
	assert_int_equal(match(world, &kari, "s-", ""), PERSON_OTHER);
	assert_int_equal(match(world, &kari, "S-1", ""), PERSON_OTHER);
	assert_int_equal(match(world, &nobody, "", ""), PERSON_OTHER);
	strcpy(kari.issuer, ISSUER "/");
	assert_int_equal(match(world, &kari, "s-1", ""), PERSON_OTHER);
}

static enum person_match
match_access(const struct world *world, const struct account *account,
    const char *subject, const char *number)
{
	enum person_match matched = PERSON_OTHER;
	struct identity identity;

	fill(&identity, subject, number);
	assert_int_equal(person_match_access(world->machine->db, world->keys,
			     account, &identity, &matched),
	    0);
	return matched;
}

/* Its subject may be pairwise; a number that is another's speaks against it. */
static void
test_an_access_token_is_known_by_subject_or_number(void **state)
{
	const struct world *world = *state;
	struct account kari = add(world, "kari", "s-1", KARIS);
	struct account ola = add(world, "ola", "s-2", OLAS);
	struct account per = add(world, "per", "s-3", NULL);
	enum person_match matched = PERSON_SAME;
	struct identity identity;

	assert_int_equal(match_access(world, &kari, "s-1", ""), PERSON_SAME);
	assert_int_equal(
	    match_access(world, &kari, "pairwise", KARIS), PERSON_SAME);
	assert_int_equal(
	    match_access(world, &kari, "pairwise", ""), PERSON_OTHER);
	assert_int_equal(
	    match_access(world, &kari, "pairwise", OLAS), PERSON_OTHER);
	assert_int_equal(match_access(world, &kari, "s-1", OLAS), PERSON_OTHER);
	assert_int_equal(
	    match_access(world, &ola, "pairwise", KARIS), PERSON_OTHER);
	assert_int_equal(match_access(world, &per, "s-3", KARIS), PERSON_OTHER);
	assert_int_equal(
	    match_access(world, &per, "pairwise", KARIS), PERSON_OTHER);
	assert_int_equal(match_access(world, &kari, "", KARIS), PERSON_OTHER);
	fill(&identity, "pairwise", KARIS);
	assert_int_equal(person_match_access(world->machine->db, NULL, &kari,
			     &identity, &matched),
	    0);
	assert_int_equal(matched, PERSON_OTHER);
	strcpy(identity.issuer, "https://other.example");
	assert_int_equal(person_match_access(world->machine->db, world->keys,
			     &kari, &identity, &matched),
	    0);
	assert_int_equal(matched, PERSON_OTHER);
}

static void
test_knows_by_number_who_has_no_subject_yet(void **state)
{
	const struct world *world = *state;
	struct account kari = add(world, "kari", NULL, KARIS);
	struct account per = add(world, "per", NULL, NULL);
	enum person_match matched;
	struct identity identity;

	assert_string_equal(kari.subject, "");
	assert_int_equal(
	    match(world, &kari, "s-1", KARIS), PERSON_SAME_BY_NUMBER);
	assert_int_equal(match(world, &kari, "s-1", OLAS), PERSON_OTHER);
	assert_int_equal(match(world, &kari, "s-1", ""), PERSON_OTHER);
	assert_int_equal(match(world, &per, "s-1", OLAS), PERSON_OTHER);
	fill(&identity, "s-1", KARIS);
	assert_int_equal(
	    person_match(world->machine->db, NULL, &kari, &identity, &matched),
	    0);
	assert_int_equal(matched, PERSON_OTHER);
	strcpy(identity.issuer, "https://other.example");
	assert_int_equal(person_match(world->machine->db, world->keys, &kari,
			     &identity, &matched),
	    0);
	assert_int_equal(matched, PERSON_OTHER);
}

static void
test_a_number_of_another_account_is_another_person(void **state)
{
	const struct world *world = *state;
	struct account kari = add(world, "kari", "s-1", KARIS);
	struct account ola = add(world, "ola", "s-2", OLAS);

	assert_int_equal(match(world, &kari, "s-1", KARIS), PERSON_SAME);
	assert_int_equal(match(world, &kari, "s-1", OLAS), PERSON_OTHER);
	assert_int_equal(match(world, &ola, "s-1", OLAS), PERSON_OTHER);
	assert_int_equal(
	    register_account_remove(world->machine->db, "ola", 1001, NULL),
	    REGISTER_OK);
	/* It leads nowhere, and still is not the number of Kari. */
	assert_int_equal(match(world, &kari, "s-1", OLAS), PERSON_OTHER);
}

static void
test_a_number_that_is_not_the_accounts_own(void **state)
{
	const struct world *world = *state;
	struct register_db *db = world->machine->db;
	struct account kari = add(world, "kari", "s-1", KARIS);
	struct account per = add(world, "per", "s-2", NULL);
	struct person_link link;

	assert_int_equal(match(world, &kari, "s-1", OLAS), PERSON_OTHER);
	assert_int_equal(match(world, &kari, "s-1", KARIS), PERSON_SAME);
	assert_int_equal(match(world, &kari, "s-1", ""), PERSON_SAME);
	assert_int_equal(match(world, &per, "s-2", OLAS), PERSON_SAME);
	/* A link under a key that is gone says nothing. */
	assert_int_equal(person_link_get(db, kari.id, &link), REGISTER_OK);
	link.key = 99;
	assert_int_equal(person_link_set(db, kari.id, &link), REGISTER_OK);
	assert_int_equal(match(world, &kari, "s-1", OLAS), PERSON_SAME);
}

static void
test_the_first_login_binds_the_subject(void **state)
{
	const struct world *world = *state;
	struct register_db *db = world->machine->db;
	struct account kari = add(world, "kari", NULL, KARIS);
	struct account ola = add(world, "ola", "s-2", NULL);
	struct identity identity;

	fill(&identity, "s-2", KARIS);
	assert_int_equal(person_match_keep(db, world->keys, &kari, &identity,
			     PERSON_SAME_BY_NUMBER),
	    -EEXIST);
	fill(&identity, "s-1", KARIS);
	assert_int_equal(person_match_keep(db, world->keys, &kari, &identity,
			     PERSON_SAME_BY_NUMBER),
	    0);
	assert_int_equal(
	    register_account_by_name(db, "kari", &kari), REGISTER_OK);
	assert_string_equal(kari.subject, "s-1");
	assert_int_equal(match(world, &kari, "s-1", ""), PERSON_SAME);
	assert_int_equal(match(world, &kari, "s-3", KARIS), PERSON_OTHER);
	assert_int_equal(register_account_bind_subject(db, kari.id, "s-4"),
	    REGISTER_NOT_FOUND);
	assert_int_equal(register_account_bind_subject(db, ola.id, ""),
	    REGISTER_SUBJECT_INVALID);
	assert_int_equal(
	    register_account_bind_subject(db, 99, "s-4"), REGISTER_NOT_FOUND);
}

static void
test_a_login_renews_its_link_and_no_other(void **state)
{
	const struct world *world = *state;
	struct register_db *db = world->machine->db;
	struct account kari = add(world, "kari", "s-1", KARIS);
	struct account ola = add(world, "ola", "s-2", OLAS);
	struct person_link before, after;
	struct identity identity;
	const char *problem;

	assert_int_equal(person_link_get(db, kari.id, &before), REGISTER_OK);
	assert_int_equal(person_keys_rotate(world->keys, &problem), 0);
	assert_int_equal(match(world, &kari, "s-1", KARIS), PERSON_SAME);
	assert_int_equal(match(world, &kari, "s-1", OLAS), PERSON_OTHER);

	fill(&identity, "s-1", "");
	assert_int_equal(
	    person_match_keep(db, world->keys, &kari, &identity, PERSON_SAME),
	    0);
	assert_int_equal(person_link_get(db, kari.id, &after), REGISTER_OK);
	assert_int_equal(after.key, before.key);
	fill(&identity, "s-1", KARIS);
	assert_int_equal(
	    person_match_keep(db, world->keys, &kari, &identity, PERSON_SAME),
	    0);
	assert_int_equal(person_link_get(db, kari.id, &after), REGISTER_OK);
	assert_int_equal(after.key, person_keys_number(world->keys, 0));
	assert_int_not_equal(after.key, before.key);
	assert_int_equal(person_link_get(db, ola.id, &after), REGISTER_OK);
	assert_int_equal(after.key, before.key);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    CASE(test_compares_issuer_and_subject_whole),
	    CASE(test_an_access_token_is_known_by_subject_or_number),
	    CASE(test_knows_by_number_who_has_no_subject_yet),
	    CASE(test_a_number_of_another_account_is_another_person),
	    CASE(test_a_number_that_is_not_the_accounts_own),
	    CASE(test_the_first_login_binds_the_subject),
	    CASE(test_a_login_renews_its_link_and_no_other),
	};

	return cmocka_run_group_tests_name("person_match", tests, NULL, NULL);
}
