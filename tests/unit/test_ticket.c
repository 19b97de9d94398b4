#include "broker/clock.h"
#include "broker/login/ticket.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#define CORRELATION "K7F3-9QXM"
#define TOKEN "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"

static struct ticket_table *table;
static sd_event *event;

static int
set_up(void **state)
{
	(void)state;
	if (sd_event_new(&event) < 0)
		return -1;
	return ticket_table_new(event, &table);
}

static int
tear_down(void **state)
{
	(void)state;
	table = ticket_table_free(table);
	event = sd_event_unref(event);
	return 0;
}

static void
issue(const char *account, int64_t now_s, char ret_ticket[TICKET_SIZE])
{
	assert_int_equal(ticket_issue(table, account, "sudo", TOKEN,
			     strlen(TOKEN), CORRELATION, now_s, ret_ticket),
	    0);
}

static enum ticket_result
take(
    const char *ticket, const char *account, const char *service, int64_t now_s)
{
	struct secret *token = NULL;
	char correlation[AUDIT_CORRELATION_SIZE] = "";
	enum ticket_result result;

	result = ticket_take(table, ticket, strlen(ticket), account, service,
	    now_s, correlation, &token);
	assert_string_equal(
	    correlation, result == TICKET_UNKNOWN ? "" : CORRELATION);
	if (result == TICKET_GOOD)
		assert_string_equal(secret_reveal(token), TOKEN);
	else
		assert_null(token);
	secret_free(token);
	return result;
}

static void
test_is_short_and_printable(void **state)
{
	char ticket[TICKET_SIZE], other[TICKET_SIZE];

	(void)state;
	issue("kari", 100, ticket);
	issue("kari", 100, other);
	assert_true(strlen(ticket) <= 60);
	assert_int_equal(strlen(ticket), TICKET_SIZE - 1);
	assert_int_equal(strspn(ticket + 5, "abcdefghijklmnopqrstuvwxyz234567"),
	    strlen(ticket) - 5);
	assert_string_not_equal(ticket, other);
	assert_true(ticket_is_one(ticket, strlen(ticket)));
	assert_false(ticket_is_one(TOKEN, strlen(TOKEN)));
	assert_false(ticket_is_one("pvh1", 4));
}

static void
test_is_good_once(void **state)
{
	char ticket[TICKET_SIZE];

	(void)state;
	issue("kari", 100, ticket);
	assert_int_equal(take(ticket, "kari", "sudo", 160), TICKET_GOOD);
	assert_int_equal(take(ticket, "kari", "sudo", 160), TICKET_USED);
	assert_int_equal(take(ticket, "kari", "sudo", 900), TICKET_USED);
}

static void
test_expires(void **state)
{
	char ticket[TICKET_SIZE];

	(void)state;
	issue("kari", 100, ticket);
	assert_int_equal(take(ticket, "kari", "sudo", 161), TICKET_EXPIRED);
	assert_int_equal(take(ticket, "kari", "sudo", 101), TICKET_EXPIRED);
}

/* Nobody asks for it, and its token goes all the same; the next one's later. */
static void
test_its_token_goes_when_its_time_is_up(void **state)
{
	int64_t now_s = clock_boot_s();
	char ticket[TICKET_SIZE], later[TICKET_SIZE];

	(void)state;
	issue("kari", now_s - TICKET_LIFETIME_S - 1, ticket);
	issue("kari", now_s - TICKET_LIFETIME_S, later);
	assert_int_equal(sd_event_run(event, 5000000), 1);
	assert_int_equal(
	    take(ticket, "kari", "sudo", now_s - 30), TICKET_EXPIRED);
	assert_int_equal(sd_event_run(event, 5000000), 1);
	assert_int_equal(
	    take(later, "kari", "sudo", now_s - 30), TICKET_EXPIRED);
	assert_int_equal(sd_event_run(event, 0), 0);
}

/* And is spent by having been shown there. */
static void
test_is_of_one_account_and_service(void **state)
{
	char ticket[TICKET_SIZE];

	(void)state;
	issue("kari", 100, ticket);
	assert_int_equal(
	    take(ticket, "ola", "sudo", 101), TICKET_OTHER_ACCOUNT);
	assert_int_equal(take(ticket, "kari", "sudo", 101), TICKET_USED);
	issue("kari", 100, ticket);
	assert_int_equal(
	    take(ticket, "kari", "sshd", 101), TICKET_OTHER_SERVICE);
	assert_int_equal(take(ticket, "kari", "sudo", 101), TICKET_USED);
}

static void
test_a_guess_is_unknown(void **state)
{
	char ticket[TICKET_SIZE];
	size_t i;

	(void)state;
	assert_int_equal(take("pvh1-", "", "", 0), TICKET_UNKNOWN);
	issue("kari", 100, ticket);
	for (i = 0; i < TICKET_SIZE - 1; i++) {
		ticket[i] ^= 1;
		assert_int_equal(
		    take(ticket, "kari", "sudo", 101), TICKET_UNKNOWN);
		ticket[i] ^= 1;
	}
	assert_int_equal(take(ticket, "kari", "sudo", 101), TICKET_GOOD);
}

/* A broker that starts anew knows none. */
static void
test_ends_with_the_broker(void **state)
{
	char ticket[TICKET_SIZE];

	(void)state;
	issue("kari", 100, ticket);
	ticket_table_free(table);
	assert_int_equal(ticket_table_new(event, &table), 0);
	assert_int_equal(take(ticket, "kari", "sudo", 101), TICKET_UNKNOWN);
}

static void
test_an_account_has_a_few(void **state)
{
	char tickets[TICKETS_MAX_OF_ACCOUNT + 1][TICKET_SIZE];
	char olas[TICKET_SIZE];
	size_t i;

	(void)state;
	issue("ola", 99, olas);
	for (i = 0; i <= TICKETS_MAX_OF_ACCOUNT; i++)
		issue("kari", 100 + (int64_t)i, tickets[i]);
	assert_int_equal(take(tickets[0], "kari", "sudo", 110), TICKET_USED);
	for (i = 1; i <= TICKETS_MAX_OF_ACCOUNT; i++)
		assert_int_equal(
		    take(tickets[i], "kari", "sudo", 110), TICKET_GOOD);
	assert_int_equal(take(olas, "ola", "sudo", 110), TICKET_GOOD);
}

static void
test_nobody_crowds_others_out(void **state)
{
	char first[TICKET_SIZE], ticket[TICKET_SIZE], name[] = "a0";
	size_t i;

	(void)state;
	issue("kari", 100, first);
	for (i = 1; i < TICKETS_MAX; i++) {
		name[0] = (char)('a' + i / TICKETS_MAX_OF_ACCOUNT / 10);
		name[1] = (char)('0' + i / TICKETS_MAX_OF_ACCOUNT % 10);
		issue(name, 100, ticket);
	}
	assert_int_equal(ticket_issue(table, "eva", "sudo", TOKEN,
			     strlen(TOKEN), CORRELATION, 100, ticket),
	    -EBUSY);
	assert_int_equal(take(first, "kari", "sudo", 101), TICKET_GOOD);
	issue("eva", 100, ticket);
	issue("ida", 161, ticket);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    CASE(test_is_short_and_printable),
	    CASE(test_is_good_once),
	    CASE(test_expires),
	    CASE(test_its_token_goes_when_its_time_is_up),
	    CASE(test_is_of_one_account_and_service),
	    CASE(test_a_guess_is_unknown),
	    CASE(test_ends_with_the_broker),
	    CASE(test_an_account_has_a_few),
	    CASE(test_nobody_crowds_others_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
