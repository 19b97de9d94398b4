#include "broker/register/person_link.h"
#include "tests/unit/register_machine.h"
#include "tests/unit/unit.h"

#include <string.h>

static struct person_link
link_of(unsigned int key, uint8_t byte)
{
	struct person_link link = {.key = key};

	memset(link.hash, byte, sizeof(link.hash));
	return link;
}

static void
assert_found(struct register_machine *machine, const struct person_link *link,
    const char *expected)
{
	struct account account;

	assert_int_equal(
	    person_link_find(machine->db, link, &account), REGISTER_OK);
	assert_string_equal(account.name, expected);
}

static void
assert_count(
    struct register_machine *machine, unsigned int key, size_t expected)
{
	size_t count = 99;

	assert_int_equal(
	    person_link_count(machine->db, key, &count), REGISTER_OK);
	assert_int_equal(count, expected);
}

static void
test_links_one_account(void **state)
{
	struct register_machine *machine = *state;
	struct person_link link = link_of(1, 7), other = link_of(1, 8), read;
	struct account account;
	int64_t kari = register_machine_add(machine, "kari", 1);
	int64_t ola = register_machine_add(machine, "ola", 1);

	assert_int_equal(
	    person_link_get(machine->db, kari, &read), REGISTER_NOT_FOUND);
	assert_int_equal(
	    person_link_set(machine->db, kari, &link), REGISTER_OK);
	register_machine_reopen(machine);
	assert_int_equal(
	    person_link_get(machine->db, kari, &read), REGISTER_OK);
	assert_int_equal(read.key, 1);
	assert_memory_equal(read.hash, link.hash, sizeof(read.hash));
	assert_found(machine, &link, "kari");
	assert_int_equal(person_link_find(machine->db, &other, &account),
	    REGISTER_NOT_FOUND);
	assert_int_equal(
	    person_link_set(machine->db, ola, &link), REGISTER_SUBJECT_TAKEN);
	assert_int_equal(
	    person_link_set(machine->db, kari, &link), REGISTER_OK);
	assert_int_equal(
	    person_link_set(machine->db, ola, &other), REGISTER_OK);
	assert_found(machine, &other, "ola");
	assert_int_equal(
	    person_link_set(machine->db, 77, &other), REGISTER_NOT_FOUND);
	other.key = 0;
	assert_int_equal(
	    person_link_set(machine->db, ola, &other), REGISTER_FIELD_INVALID);
}

static void
test_takes_the_place_of_the_older_link(void **state)
{
	struct register_machine *machine = *state;
	struct person_link old = link_of(1, 7), new = link_of(2, 9);
	struct account account;
	int64_t kari = register_machine_add(machine, "kari", 1);

	assert_int_equal(person_link_set(machine->db, kari, &old), REGISTER_OK);
	assert_count(machine, 1, 1);
	assert_int_equal(person_link_set(machine->db, kari, &new), REGISTER_OK);
	assert_count(machine, 1, 0);
	assert_count(machine, 2, 1);
	assert_count(machine, 0, 1);
	assert_found(machine, &new, "kari");
	assert_int_equal(
	    person_link_find(machine->db, &old, &account), REGISTER_NOT_FOUND);
}

static void
test_goes_with_its_account(void **state)
{
	struct register_machine *machine = *state;
	struct person_link link = link_of(1, 7), read;
	int64_t kari = register_machine_add(machine, "kari", 1), again;

	assert_int_equal(
	    person_link_set(machine->db, kari, &link), REGISTER_OK);
	assert_int_equal(
	    register_account_remove(machine->db, "kari", 2, NULL), REGISTER_OK);
	assert_count(machine, 0, 0);
	again = register_machine_add(machine, "kari", 3);
	assert_int_equal(
	    person_link_get(machine->db, again, &read), REGISTER_NOT_FOUND);
	assert_int_equal(
	    person_link_set(machine->db, again, &link), REGISTER_OK);
	assert_int_equal(
	    person_link_set(machine->db, kari, &link), REGISTER_NOT_FOUND);
}

static int64_t
epoch_of(struct register_machine *machine)
{
	int64_t epoch = -1;

	assert_int_equal(person_links_epoch(machine->db, &epoch), REGISTER_OK);
	return epoch;
}

/* So that whoever keeps what a number led to knows that it may be otherwise. */
static void
test_a_change_of_links_is_told(void **state)
{
	struct register_machine *machine = *state;
	struct person_link link = link_of(1, 7), newer = link_of(2, 9);
	struct person_link taken = link_of(1, 8);
	int64_t kari = register_machine_add(machine, "kari", 1);
	int64_t ola = register_machine_add(machine, "ola", 1);
	int64_t epoch = epoch_of(machine);

	assert_true(epoch > 0);
	assert_int_equal(
	    person_link_set(machine->db, kari, &link), REGISTER_OK);
	assert_int_equal(
	    person_link_set(machine->db, ola, &taken), REGISTER_OK);
	assert_int_equal(epoch_of(machine), epoch + 2);
	/* At a login the same number gets a newer key, and no other person. */
	assert_int_equal(
	    person_link_renew(machine->db, kari, &newer), REGISTER_OK);
	assert_found(machine, &newer, "kari");
	assert_int_equal(
	    person_link_set(machine->db, kari, &taken), REGISTER_SUBJECT_TAKEN);
	assert_int_equal(epoch_of(machine), epoch + 2);
	assert_int_equal(
	    register_account_remove(machine->db, "ola", 2, NULL), REGISTER_OK);
	assert_int_equal(epoch_of(machine), epoch + 3);
	assert_int_equal(person_links_changed(machine->db), REGISTER_OK);
	register_machine_reopen(machine);
	assert_int_equal(epoch_of(machine), epoch + 4);
}

int
main(void)
{
#define CASE(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, register_machine_set_up, register_machine_tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(test_links_one_account),
	    CASE(test_takes_the_place_of_the_older_link),
	    CASE(test_a_change_of_links_is_told),
	    CASE(test_goes_with_its_account),
	};

	return cmocka_run_group_tests_name("person_link", tests, NULL, NULL);
}
