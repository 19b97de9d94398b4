#include "broker/login/session.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static const struct session kari = {
    .id = "0123456789abcdef0123456789abcdef",
    .account = "kari",
    .service = "sshd",
    .since_s = 1000,
    .acr = "high",
};

static int
make_table(void **state)
{
	struct session_table *table;

	if (session_table_new(&table))
		return -1;
	*state = table;
	return 0;
}

static int
free_table(void **state)
{
	session_table_free(*state);
	return 0;
}

struct seen {
	size_t count;
	struct session first;
};

static int
see(const struct session *session, void *userdata)
{
	struct seen *seen = userdata;

	if (seen->count++ == 0)
		seen->first = *session;
	return 0;
}

static int
stop(const struct session *session, void *userdata)
{
	(void)see(session, userdata);
	return 7;
}

static void
test_is_there_until_it_closes(void **state)
{
	struct session_table *table = *state;
	struct session ola = kari;
	struct seen all = {0}, karis = {0}, stopped = {0};

	strcpy(ola.account, "ola");
	strcpy(ola.id, "ffffffffffffffffffffffffffffffff");
	assert_int_equal(session_open(table, &kari), 0);
	assert_int_equal(session_open(table, &ola), 0);
	assert_int_equal(session_each(table, NULL, see, &all), 0);
	assert_int_equal(all.count, 2);
	assert_string_equal(all.first.account, "kari");
	assert_string_equal(all.first.acr, "high");
	assert_int_equal(session_each(table, NULL, stop, &stopped), 7);
	assert_int_equal(stopped.count, 1);
	assert_false(session_close(table, kari.id, "ola"));
	assert_true(session_close(table, ola.id, "ola"));
	assert_false(session_close(table, ola.id, "ola"));
	assert_int_equal(session_each(table, "ola", see, &karis), 0);
	assert_int_equal(karis.count, 0);
	assert_int_equal(session_each(table, "kari", see, &karis), 0);
	assert_int_equal(karis.count, 1);
}

static void
test_the_oldest_gives_way(void **state)
{
	struct session_table *table = *state;
	struct session session = kari;
	struct seen seen = {0};
	int i;

	for (i = 0; i < SESSIONS_MAX + 1; i++) {
		session.since_s = 1000 + i;
		assert_int_equal(session_open(table, &session), 0);
	}
	assert_int_equal(session_each(table, NULL, see, &seen), 0);
	assert_int_equal(seen.count, SESSIONS_MAX);
	assert_int_equal(seen.first.since_s, 1001);
}

static void
test_names_each_organisation_once(void **state)
{
	struct identity identity = {.mandates_count = 3};
	char text[SESSION_ON_BEHALF_OF_SIZE];

	(void)state;
	identity.mandates[0].organisation = slice_of("0192:911830868");
	identity.mandates[1].organisation = slice_of("0192:974760673");
	identity.mandates[2].organisation = slice_of("0192:911830868");
	session_on_behalf_of(&identity, text);
	assert_string_equal(text, "0192:911830868 0192:974760673");
	identity.mandates_count = 0;
	session_on_behalf_of(&identity, text);
	assert_string_equal(text, "");
}

static void
test_leaves_out_what_does_not_fit(void **state)
{
	struct identity identity = {.mandates_count = IDENTITY_MANDATES_MAX};
	char numbers[IDENTITY_MANDATES_MAX][24],
	    text[SESSION_ON_BEHALF_OF_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < IDENTITY_MANDATES_MAX; i++) {
		(void)snprintf(
		    numbers[i], sizeof(numbers[i]), "0192:%017zu", i);
		identity.mandates[i].organisation = slice_of(numbers[i]);
	}
	session_on_behalf_of(&identity, text);
	assert_int_equal(strlen(text) % 23, 22);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make_table, free_table)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    CASE(test_is_there_until_it_closes),
	    CASE(test_the_oldest_gives_way),
	    CASE(test_names_each_organisation_once),
	    CASE(test_leaves_out_what_does_not_fit),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
