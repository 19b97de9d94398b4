#include "broker/register/authorisation.h"
#include "broker/register/notice.h"
#include "tests/unit/register_machine.h"
#include "tests/unit/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { GID = 1900000120, OTHER_GID = 1900000121, NOW = 1000 };

/* Linked with --wrap: the notice that cannot be written. */
static int notices_until_failure = -1;

enum register_result __real_notice_add(
    struct register_db *db, const char *kind, const char *text, int64_t now_s);
enum register_result __wrap_notice_add(
    struct register_db *db, const char *kind, const char *text, int64_t now_s);

enum register_result
__wrap_notice_add(
    struct register_db *db, const char *kind, const char *text, int64_t now_s)
{
	if (notices_until_failure == 0)
		return REGISTER_FAILED;
	if (notices_until_failure > 0)
		notices_until_failure--;
	return __real_notice_add(db, kind, text, now_s);
}

static struct authorisation_request
request_for(const char *person, unsigned int order)
{
	return (struct authorisation_request){.person = person,
	    .gid = GID,
	    .group = "ko-infoflyt",
	    .unit = "0321",
	    .order = order,
	    .kind = POLICY_KIND_CASE,
	    .basis = "KSF 2/2005",
	    .reason = "Saksbehandler",
	    .given_by = "administrator",
	    .from_s = NOW,
	    .until_s = NOW + 1000,
	    .maximum = 2};
}

static enum authorisation_result
give(struct register_machine *machine,
    const struct authorisation_request *request, int64_t now_s)
{
	struct authorisation given;

	return authorisation_give(machine->db, request, now_s, &given);
}

static void
assert_gives(struct register_machine *machine,
    const struct authorisation_request *request, int64_t now_s,
    enum authorisation_result expected)
{
	enum authorisation_result result = give(machine, request, now_s);

	if (result != expected)
		fail_msg("%s, order %u: %s (%s), not %s",
		    request->person ? request->person : "nobody",
		    request->order, authorisation_result_word(result),
		    register_error(machine->db),
		    authorisation_result_word(expected));
}

static int
set_up(void **state)
{
	static const char *const names[] = {"kari", "ola", "eva", "liv"};
	struct register_machine *machine;
	size_t i;

	notices_until_failure = -1;
	if (register_machine_set_up(state))
		return -1;
	machine = *state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)register_machine_add(machine, names[i], 10);
	return 0;
}

struct list {
	char text[512];
	struct authorisation last;
};

static int
note(const struct authorisation *authorisation, void *userdata)
{
	struct list *list = userdata;
	size_t length = strlen(list->text);

	(void)snprintf(list->text + length, sizeof(list->text) - length,
	    "%s/%s:%u ", authorisation->person, authorisation->unit,
	    authorisation->order);
	list->last = *authorisation;
	return 0;
}

static void
assert_list(struct register_machine *machine,
    const struct authorisation_filter *filter, const char *expected)
{
	struct list list = {.text = ""};

	assert_int_equal(
	    authorisation_each(machine->db, filter, note, &list), REGISTER_OK);
	assert_string_equal(list.text, expected);
}

/* The list of a moment, as it is known now. */
static void
assert_listed(
    struct register_machine *machine, int64_t at_s, const char *expected)
{
	struct authorisation_filter filter = {
	    .gid = GID, .from_s = at_s, .to_s = at_s};

	assert_list(machine, &filter, expected);
}

static void
test_gives_one(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request request = request_for("kari", 3);
	struct authorisation given, read;
	struct list list = {.text = ""};
	struct authorisation_filter filter = {
	    .gid = GID, .from_s = NOW, .to_s = NOW};

	request.until_s = POLICY_NO_END;
	memset(&given, 0xff, sizeof(given));
	assert_int_equal(
	    authorisation_give(machine->db, &request, NOW + 1, &given),
	    AUTHORISATION_OK);
	register_machine_reopen(machine);
	assert_int_equal(
	    authorisation_each(machine->db, &filter, note, &list), REGISTER_OK);
	read = list.last;
	assert_int_equal(read.id, given.id);
	assert_string_equal(read.person, "kari");
	assert_int_equal(read.gid, GID);
	assert_string_equal(read.group, "ko-infoflyt");
	assert_string_equal(read.unit, "0321");
	assert_int_equal(read.order, 3);
	assert_int_equal(read.kind, POLICY_KIND_CASE);
	assert_string_equal(read.basis, "KSF 2/2005");
	assert_string_equal(read.reason, "Saksbehandler");
	assert_string_equal(read.exception, "");
	assert_string_equal(read.given_by, "administrator");
	assert_int_equal(read.given_at_s, NOW + 1);
	assert_int_equal(read.from_s, NOW);
	assert_true(read.until_s == POLICY_NO_END);
	assert_int_equal(read.withdrawn_at_s, 0);
	assert_string_equal(read.withdrawn_by, "");
}

static void
test_lists_by_unit_and_order_of_contact(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request request = request_for("kari", 2);
	struct authorisation_filter filter = {
	    .gid = GID, .unit = "0321", .from_s = NOW, .to_s = NOW};
	struct authorisation_filter everything = {.to_s = INT64_MAX};

	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	request = request_for("ola", 1);
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	request = request_for("eva", 1);
	request.unit = "0300";
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	request = request_for("kari", 1);
	request.gid = OTHER_GID;
	request.group = "ko-annet";
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	assert_listed(machine, NOW, "eva/0300:1 ola/0321:1 kari/0321:2 ");
	assert_list(machine, &filter, "ola/0321:1 kari/0321:2 ");
	filter.account_id = 1;
	assert_list(machine, &filter, "kari/0321:2 ");
	filter.gid = 0;
	assert_list(machine, &filter, "kari/0321:1 kari/0321:2 ");
	assert_list(machine, &everything,
	    "kari/0321:1 eva/0300:1 ola/0321:1 kari/0321:2 ");
}

/* from <= t < until; a list of a time has whoever was in it. */
static void
test_is_in_force_from_and_until(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request request = request_for("kari", 1);
	struct authorisation_filter filter = {.gid = GID};

	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	assert_listed(machine, NOW - 1, "");
	assert_listed(machine, NOW, "kari/0321:1 ");
	assert_listed(machine, NOW + 999, "kari/0321:1 ");
	assert_listed(machine, NOW + 1000, "");
	filter.to_s = NOW - 1;
	assert_list(machine, &filter, "");
	filter.to_s = NOW;
	assert_list(machine, &filter, "kari/0321:1 ");
	filter.from_s = NOW + 999;
	filter.to_s = INT64_MAX;
	assert_list(machine, &filter, "kari/0321:1 ");
	filter.from_s = NOW + 1000;
	assert_list(machine, &filter, "");
}

static void
test_refuses_fields(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request good = request_for("kari", 1), bad;
	char text[AUTHORISATION_TEXT_SIZE + 1];

	memset(text, 'a', sizeof(text));
	text[AUTHORISATION_TEXT_SIZE] = '\0';
#define REFUSE(field, value)                                                   \
	do {                                                                   \
		bad = good;                                                    \
		bad.field = value;                                             \
		assert_gives(machine, &bad, NOW, AUTHORISATION_FIELD_INVALID); \
	} while (0)
	REFUSE(person, NULL);
	REFUSE(gid, 27);
	REFUSE(group, "Ko");
	REFUSE(group, NULL);
	REFUSE(unit, "");
	REFUSE(unit, NULL);
	REFUSE(unit, "0123456789abcdefg");
	REFUSE(unit, "a b");
	REFUSE(order, 0);
	REFUSE(order, 1000);
	REFUSE(kind, 0);
	REFUSE(kind, (enum policy_kind)3);
	REFUSE(basis, "");
	REFUSE(basis, NULL);
	REFUSE(basis, "a\nb");
	REFUSE(basis, text);
	REFUSE(reason, "");
	REFUSE(reason, "\xff");
	REFUSE(exception, "a\tb");
	REFUSE(exception, text);
	REFUSE(given_by, "");
	REFUSE(given_by, NULL);
	REFUSE(given_by, "kari"); /* nobody authorises themself */
	REFUSE(from_s, -1);
	REFUSE(until_s, NOW);
#undef REFUSE
	bad = good;
	bad.from_s = 10;
	bad.until_s = NOW; /* over before it begins */
	assert_gives(machine, &bad, NOW, AUTHORISATION_FIELD_INVALID);
	bad = request_for("per", 1);
	assert_gives(machine, &bad, NOW, AUTHORISATION_NO_PERSON);
	bad = request_for("Kari'--", 1);
	assert_gives(machine, &bad, NOW, AUTHORISATION_NO_PERSON);
	good.basis = text + 1;
	good.unit = "0123456789-AbcdZ";
	assert_gives(machine, &good, NOW, AUTHORISATION_OK);
	assert_int_equal(register_machine_number(
			     machine, "SELECT count(*) FROM authorisation"),
	    1);
}

static void
test_gives_nothing_twice(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request request = request_for("kari", 1);
	struct authorisation_request other = request_for("kari", 2);

	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	assert_gives(machine, &other, NOW, AUTHORISATION_EXISTS);
	other.from_s = NOW + 999;
	other.until_s = NOW + 5000;
	assert_gives(machine, &other, NOW, AUTHORISATION_EXISTS);
	other.from_s = NOW + 1000;
	assert_gives(machine, &other, NOW, AUTHORISATION_OK);
	other = request_for("kari", 2);
	other.kind = POLICY_KIND_CLERICAL;
	assert_gives(machine, &other, NOW, AUTHORISATION_OK);
	other = request_for("kari", 2);
	other.unit = "0322";
	assert_gives(machine, &other, NOW, AUTHORISATION_OK);
	other = request_for("kari", 2);
	other.gid = OTHER_GID;
	assert_gives(machine, &other, NOW, AUTHORISATION_OK);
}

static void
test_keeps_one_order_of_contact(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request request = request_for("kari", 1);
	struct authorisation_request other = request_for("ola", 1);

	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	assert_gives(machine, &other, NOW, AUTHORISATION_ORDER_TAKEN);
	other.kind = POLICY_KIND_CLERICAL;
	assert_gives(machine, &other, NOW, AUTHORISATION_ORDER_TAKEN);
	other.unit = "0322";
	assert_gives(machine, &other, NOW, AUTHORISATION_OK);
	other = request_for("ola", 1);
	other.from_s = NOW + 1000;
	other.until_s = NOW + 2000;
	assert_gives(machine, &other, NOW, AUTHORISATION_OK);
}

/* The maximum is 2: it is held at every moment, and no more than that. */
static void
test_counts_over_the_whole_time(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request request = request_for("kari", 1);
	struct authorisation_request third = request_for("liv", 3);

	request.until_s = NOW + 100;
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	request = request_for("ola", 2);
	request.from_s = NOW + 200;
	request.until_s = NOW + 300;
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	/* Two others overlap, but never both at once. */
	assert_gives(machine, &third, NOW, AUTHORISATION_OK);
	request = request_for("eva", 4);
	request.from_s = NOW + 100;
	request.until_s = NOW + 200;
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	request.order = 5;
	request.kind = POLICY_KIND_CLERICAL;
	request.until_s = NOW + 900;
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	request.kind = POLICY_KIND_CASE;
	request.from_s = NOW + 200;
	request.until_s = NOW + 201;
	assert_gives(machine, &request, NOW, AUTHORISATION_ORDER_TAKEN);
	request.order = 6;
	assert_gives(machine, &request, NOW, AUTHORISATION_TOO_MANY);
	request.from_s = NOW + 299;
	request.until_s = NOW + 301;
	assert_gives(machine, &request, NOW, AUTHORISATION_TOO_MANY);
	request.maximum = 3;
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
}

static void
test_takes_one_too_many_with_a_basis(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request request = request_for("kari", 1);
	struct authorisation given;

	request.maximum = 0;
	assert_gives(machine, &request, NOW, AUTHORISATION_TOO_MANY);
	request.exception = "";
	assert_gives(machine, &request, NOW, AUTHORISATION_TOO_MANY);
	request.exception = "Brev fra KDI 12.3.";
	assert_int_equal(authorisation_give(machine->db, &request, NOW, &given),
	    AUTHORISATION_OK);
	assert_string_equal(given.exception, "Brev fra KDI 12.3.");
	/* It counts like any other. */
	request = request_for("ola", 2);
	request.maximum = 1;
	assert_gives(machine, &request, NOW, AUTHORISATION_TOO_MANY);
}

static void
test_limits_what_one_person_has(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request request = request_for("kari", 1);
	char unit[POLICY_UNIT_SIZE];
	size_t count, i;

	request.unit = unit;
	for (i = 0; i < AUTHORISATIONS_MAX; i++) {
		(void)snprintf(unit, sizeof(unit), "%04zu", i);
		request.from_s = NOW + (i % 2 ? 0 : 500);
		assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	}
	request.unit = "0321";
	assert_gives(machine, &request, NOW, AUTHORISATION_TOO_MANY_OF_PERSON);
	assert_int_equal(authorisation_withdraw(machine->db, "kari", GID,
			     "0000", "ola", "Sluttet", NOW, &count, NULL),
	    AUTHORISATION_OK);
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
}

static void
test_imports_all_or_none(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request requests[3] = {request_for("kari", 1),
	    request_for("ola", 2), request_for("eva", 2)};
	size_t failed_at = 9;

	assert_int_equal(
	    authorisation_import(machine->db, requests, 3, NOW, &failed_at),
	    AUTHORISATION_ORDER_TAKEN);
	assert_int_equal(failed_at, 2);
	assert_listed(machine, NOW, "");
	requests[2].order = 3;
	assert_int_equal(
	    authorisation_import(machine->db, requests, 3, NOW, &failed_at),
	    AUTHORISATION_TOO_MANY);
	requests[2].maximum = 3;
	failed_at = 9;
	assert_int_equal(
	    authorisation_import(machine->db, requests, 3, NOW, &failed_at),
	    AUTHORISATION_OK);
	assert_int_equal(failed_at, 9);
	assert_listed(machine, NOW, "kari/0321:1 ola/0321:2 eva/0321:3 ");
}

static void
test_withdraws_at_once(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request request = request_for("kari", 1);
	struct authorisation_filter filter = {
	    .gid = GID, .from_s = NOW, .to_s = NOW};
	struct list list = {.text = ""};
	size_t count = 9;

	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	request.unit = "0322";
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	request.unit = "0323";
	request.from_s = NOW + 500; /* to come */
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
#define WITHDRAW(person, gid, unit, by, reason)                            \
	authorisation_withdraw(machine->db, person, gid, unit, by, reason, \
	    NOW + 10, &count, NULL)
	assert_int_equal(
	    WITHDRAW("per", GID, NULL, "ola", "x"), AUTHORISATION_NO_PERSON);
	assert_int_equal(
	    WITHDRAW("kari", GID, "0999", "ola", "x"), AUTHORISATION_NOT_FOUND);
	assert_int_equal(WITHDRAW("kari", OTHER_GID, NULL, "ola", "x"),
	    AUTHORISATION_NOT_FOUND);
	assert_int_equal(
	    WITHDRAW("kari", 0, NULL, "ola", "x"), AUTHORISATION_FIELD_INVALID);
	assert_int_equal(
	    WITHDRAW("kari", GID, "", "ola", "x"), AUTHORISATION_FIELD_INVALID);
	assert_int_equal(WITHDRAW("kari", GID, NULL, "ola", ""),
	    AUTHORISATION_FIELD_INVALID);
	assert_int_equal(
	    WITHDRAW("kari", GID, NULL, "", "x"), AUTHORISATION_FIELD_INVALID);
	assert_int_equal(count, 9);
	assert_int_equal(
	    WITHDRAW("kari", GID, "0321", "ola", "Sluttet"), AUTHORISATION_OK);
	assert_int_equal(count, 1);
	assert_listed(machine, NOW + 9, "kari/0321:1 kari/0322:1 ");
	assert_listed(machine, NOW + 10, "kari/0322:1 ");
	assert_int_equal(
	    WITHDRAW("kari", GID, NULL, "ola", "Sluttet"), AUTHORISATION_OK);
	assert_int_equal(count, 2);
	assert_listed(machine, NOW + 10, "");
	assert_listed(machine, NOW + 600, "");
	assert_int_equal(WITHDRAW("kari", GID, NULL, "ola", "Sluttet"),
	    AUTHORISATION_NOT_FOUND);
#undef WITHDRAW
	filter.unit = "0321";
	assert_int_equal(
	    authorisation_each(machine->db, &filter, note, &list), REGISTER_OK);
	assert_int_equal(list.last.withdrawn_at_s, NOW + 10);
	assert_string_equal(list.last.withdrawn_by, "ola");
	assert_string_equal(list.last.withdrawn_reason, "Sluttet");
	assert_int_equal(list.last.until_s, NOW + 1000);
	/* Its place is free again. */
	request = request_for("eva", 1);
	request.from_s = NOW + 10;
	assert_gives(machine, &request, NOW + 10, AUTHORISATION_OK);
}

/* Yesterday's answer stays what it was, whatever is done later. */
static void
test_answers_as_it_was_known(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request request = request_for("kari", 1);
	struct authorisation_filter known = {.gid = GID,
	    .from_s = NOW + 50,
	    .to_s = NOW + 50,
	    .known_at_s = NOW + 50};
	struct list list = {.text = ""};
	size_t count;

	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	assert_list(machine, &known, "kari/0321:1 ");
	assert_int_equal(authorisation_withdraw(machine->db, "kari", GID, NULL,
			     "ola", "Sluttet", NOW + 60, &count, NULL),
	    AUTHORISATION_OK);
	/* Given afterwards, for a time that was before. */
	request = request_for("eva", 2);
	assert_gives(machine, &request, NOW + 70, AUTHORISATION_OK);
	assert_list(machine, &known, "kari/0321:1 ");
	assert_int_equal(
	    authorisation_each(machine->db, &known, note, &list), REGISTER_OK);
	assert_int_equal(list.last.withdrawn_at_s, 0);
	assert_string_equal(list.last.withdrawn_by, "");
	assert_string_equal(list.last.withdrawn_reason, "");
	assert_listed(machine, NOW + 50, "kari/0321:1 eva/0321:2 ");
	/* Known at 50: it will go on; known at 60: it does not. */
	known.from_s = known.to_s = NOW + 80;
	assert_list(machine, &known, "kari/0321:1 ");
	known.known_at_s = NOW + 60;
	assert_list(machine, &known, "");
	known.known_at_s = 0;
	assert_list(machine, &known, "eva/0321:2 ");
	/* A name outlives its account in the list of its time. */
	assert_int_equal(
	    register_account_remove(machine->db, "kari", NOW + 90, NULL),
	    REGISTER_OK);
	assert_listed(machine, NOW + 50, "kari/0321:1 eva/0321:2 ");
}

/* Who was authorised for less than a second was authorised. */
static void
test_lists_what_lasted_no_second(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request request = request_for("kari", 1);
	struct authorisation_filter day = {.gid = GID,
	    .from_s = NOW - 10,
	    .to_s = NOW + 10,
	    .which = AUTHORISATION_EVER};
	size_t count;

	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	assert_int_equal(authorisation_withdraw(machine->db, "kari", GID, NULL,
			     "ola", "Feil person", NOW, &count, NULL),
	    AUTHORISATION_OK);
	request = request_for("eva", 2);
	request.from_s = NOW + 20;
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	assert_list(machine, &day, "kari/0321:1 ");
	day.from_s = day.to_s = NOW;
	assert_list(machine, &day, "kari/0321:1 ");
	day.which = AUTHORISATION_IN_FORCE;
	assert_list(machine, &day, "");
	day.which = AUTHORISATION_EVER;
	day.from_s = NOW + 1;
	day.to_s = NOW + 10;
	assert_list(machine, &day, "");
	/* And what was withdrawn before it began. */
	assert_int_equal(authorisation_withdraw(machine->db, "eva", GID, NULL,
			     "ola", "Feil person", NOW + 5, &count, NULL),
	    AUTHORISATION_OK);
	assert_list(machine, &day, "eva/0321:2 ");
}

static void
test_ends_with_its_account(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request request = request_for("kari", 1);
	struct authorisation_filter filter = {
	    .gid = GID, .from_s = NOW, .to_s = NOW};
	struct list list = {.text = ""};

	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	request.unit = "0322";
	request.until_s = POLICY_NO_END;
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	assert_int_equal(
	    register_account_remove(machine->db, "kari", NOW + 5, NULL),
	    REGISTER_OK);
	assert_listed(machine, NOW + 5, "");
	assert_int_equal(
	    authorisation_each(machine->db, &filter, note, &list), REGISTER_OK);
	assert_int_equal(list.last.withdrawn_at_s, NOW + 5);
	assert_string_equal(list.last.withdrawn_by, "administrator");
	assert_string_equal(list.last.withdrawn_reason, "account removed");
	assert_int_equal(
	    register_machine_number(machine,
		"SELECT count(*) FROM notice WHERE kind = 'withdrawn'"),
	    2);
	/* Whoever bears the name next has nothing of it. */
	(void)register_machine_add(machine, "kari", NOW + 6);
	assert_listed(machine, NOW + 6, "");
}

/* Two of kind case are wanted in each unit of the lowest level. */
static const struct policy_quota listed_quota = {
    .level = POLICY_LEVEL_UNIT, .minimum = 2, .maximum = 4};
static const struct policy_group listed_group = {.name = "ko-infoflyt",
    .gid = GID,
    .quotas = &listed_quota,
    .quotas_count = 1};
static const struct policy_unit units[] = {
    {.number = "0321", .level = POLICY_LEVEL_UNIT},
    {.number = "0322", .level = POLICY_LEVEL_REGION},
};
static const struct policy watched = {.groups = &listed_group,
    .groups_count = 1,
    .units = units,
    .units_count = 2};

static int64_t
told_below(struct register_machine *machine)
{
	return register_machine_number(machine,
	    "SELECT count(*) FROM notice WHERE kind = 'below-minimum'");
}

static void
give_to(struct register_machine *machine, const char *person,
    unsigned int order, enum policy_kind kind, const char *unit)
{
	struct authorisation_request request = request_for(person, order);

	request.kind = kind;
	request.unit = unit;
	request.maximum = 4;
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
}

static size_t
left_below(struct register_machine *machine, const char *person)
{
	struct authorisation_minimums minimums = {.policy = &watched};
	size_t count;

	assert_int_equal(authorisation_withdraw(machine->db, person, GID, NULL,
			     "ola", "x", NOW + 10, &count, &minimums),
	    AUTHORISATION_OK);
	if (minimums.below_count > 0)
		assert_string_equal(minimums.below[0], "0321");
	return minimums.below_count;
}

static void
test_tells_who_is_below_the_minimum(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_minimums minimums = {.policy = &watched};
	size_t count;

	give_to(machine, "kari", 1, POLICY_KIND_CASE, "0321");
	give_to(machine, "kari", 2, POLICY_KIND_CLERICAL, "0321");
	give_to(machine, "kari", 1, POLICY_KIND_CASE, "0322");
	give_to(machine, "eva", 3, POLICY_KIND_CASE, "0321");
	give_to(machine, "liv", 4, POLICY_KIND_CASE, "0321");
	give_to(machine, "ola", 5, POLICY_KIND_CLERICAL, "0321");
	/* Two are left, as many as there must be; 0322 has no quota. */
	assert_int_equal(left_below(machine, "kari"), 0);
	assert_int_equal(told_below(machine), 0);
	/* One is; the clerical one does not count. */
	give_to(machine, "eva", 6, POLICY_KIND_CLERICAL, "0321");
	assert_int_equal(left_below(machine, "eva"), 1);
	assert_int_equal(told_below(machine), 1);
	/* What cannot be told is not done. */
	notices_until_failure = 1;
	assert_int_equal(authorisation_withdraw(machine->db, "liv", GID, NULL,
			     "ola", "x", NOW + 10, &count, &minimums),
	    AUTHORISATION_FAILED);
	notices_until_failure = -1;
	assert_listed(machine, NOW + 10, "liv/0321:4 ola/0321:5 ");
	assert_int_equal(
	    register_account_remove(machine->db, "liv", NOW + 10, &minimums),
	    REGISTER_OK);
	assert_int_equal(minimums.below_count, 1);
	assert_int_equal(told_below(machine), 2);
}

struct notices {
	size_t count;
	struct notice last;
};

static int
note_notice(const struct notice *notice, void *userdata)
{
	struct notices *notices = userdata;

	notices->count++;
	notices->last = *notice;
	return 0;
}

static struct notice
last_notice(struct register_machine *machine, size_t expected_count)
{
	struct notices notices = {.count = 0};

	assert_int_equal(
	    notice_each(machine->db, 0, true, note_notice, &notices),
	    REGISTER_OK);
	assert_int_equal(notices.count, expected_count);
	return notices.last;
}

static void
test_tells_of_each_change(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request request = request_for("kari", 1);
	struct notice notice;
	size_t count;

	request.exception = "Brev";
	request.until_s = POLICY_NO_END;
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	notice = last_notice(machine, 1);
	assert_string_equal(notice.kind, "authorised");
	assert_int_equal(notice.at_s, NOW);
	assert_string_equal(notice.text,
	    "{\"id\":1,\"person\":\"kari\",\"group\":\"ko-infoflyt\","
	    "\"unit\":\"0321\",\"order\":1,\"kind\":\"case\","
	    "\"basis\":\"KSF 2/2005\",\"reason\":\"Saksbehandler\","
	    "\"exception\":\"Brev\",\"given_by\":\"administrator\","
	    "\"from\":1000,\"until\":null}");
	assert_int_equal(authorisation_withdraw(machine->db, "kari", GID, NULL,
			     "ola", "Sluttet", NOW + 60, &count, NULL),
	    AUTHORISATION_OK);
	notice = last_notice(machine, 2);
	assert_string_equal(notice.kind, "withdrawn");
	assert_int_equal(notice.at_s, NOW + 60);
	assert_string_equal(notice.text,
	    "{\"id\":1,\"person\":\"kari\",\"group\":\"ko-infoflyt\","
	    "\"unit\":\"0321\",\"order\":1,\"kind\":\"case\","
	    "\"withdrawn_by\":\"ola\",\"reason\":\"Sluttet\","
	    "\"from\":1000,\"until\":null}");
	request.from_s = NOW + 61;
	assert_gives(machine, &request, NOW + 61, AUTHORISATION_OK);
	request.order = 1000;
	assert_gives(machine, &request, NOW + 61, AUTHORISATION_FIELD_INVALID);
	(void)last_notice(machine, 3);
}

/* Every quotation mark becomes two bytes of JSON. */
static void
test_tells_of_the_longest_texts(void **state)
{
	struct register_machine *machine = *state;
	char name[NAME_MAX_SIZE], group[NAME_MAX_SIZE];
	char text[AUTHORISATION_TEXT_SIZE];
	struct authorisation_request request = request_for(name, 999);
	struct notice notice;
	json_t *read;

	memset(name, 'n', sizeof(name));
	memset(group, 'g', sizeof(group));
	memset(text, '"', sizeof(text));
	name[sizeof(name) - 1] = group[sizeof(group) - 1] = '\0';
	text[sizeof(text) - 1] = '\0';
	(void)register_machine_add(machine, name, 10);
	request.group = request.given_by = group;
	request.unit = "0123456789abcdef";
	request.kind = POLICY_KIND_CLERICAL;
	request.basis = request.reason = request.exception = text;
	request.until_s = INT64_MAX - 1;
	request.from_s = INT64_MAX - 2;
	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	notice = last_notice(machine, 1);
	read = json_loads(notice.text, 0, NULL);
	assert_non_null(read);
	assert_string_equal(
	    json_string_value(json_object_get(read, "exception")), text);
	json_decref(read);
}

/* Between the row and its notice: neither is there afterwards. */
static void
test_writes_all_of_a_change_or_nothing(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request requests[2] = {
	    request_for("kari", 1), request_for("ola", 2)};
	size_t count = 9, failed_at = 9;
	struct account account;

	notices_until_failure = 0;
	assert_gives(machine, &requests[0], NOW, AUTHORISATION_FAILED);
	notices_until_failure = 1;
	assert_int_equal(
	    authorisation_import(machine->db, requests, 2, NOW, &failed_at),
	    AUTHORISATION_FAILED);
	assert_int_equal(failed_at, 1);
	notices_until_failure = -1;
	assert_listed(machine, NOW, "");
	(void)last_notice(machine, 0);
	assert_gives(machine, &requests[0], NOW, AUTHORISATION_OK);
	requests[1] = requests[0];
	requests[1].unit = "0322";
	assert_gives(machine, &requests[1], NOW, AUTHORISATION_OK);
	notices_until_failure = 1;
	assert_int_equal(authorisation_withdraw(machine->db, "kari", GID, NULL,
			     "ola", "x", NOW + 1, &count, NULL),
	    AUTHORISATION_FAILED);
	assert_int_equal(count, 9);
	notices_until_failure = 1;
	assert_int_equal(
	    register_account_remove(machine->db, "kari", NOW + 1, NULL),
	    REGISTER_FAILED);
	notices_until_failure = -1;
	register_machine_reopen(machine);
	assert_listed(machine, NOW + 1, "kari/0321:1 kari/0322:1 ");
	assert_int_equal(
	    register_account_by_name(machine->db, "kari", &account),
	    REGISTER_OK);
	(void)last_notice(machine, 2);
}

/* Nobody writes between the count and the row: whoever tries first wins. */
static void
test_counts_and_writes_alone(void **state)
{
	struct register_machine *machine = *state;
	struct authorisation_request request = request_for("kari", 1);
	struct register_db *other = NULL;
	struct authorisation given;

	assert_int_equal(
	    register_open(machine->path, machine->dir, &other), REGISTER_OK);
	assert_int_equal(register_begin(other), REGISTER_OK);
	assert_gives(machine, &request, NOW, AUTHORISATION_FAILED);
	assert_non_null(strstr(register_error(machine->db), "locked"));
	request.maximum = 1;
	assert_int_equal(
	    authorisation_give(other, &request, NOW, &given), AUTHORISATION_OK);
	assert_int_equal(register_end(other, REGISTER_OK), REGISTER_OK);
	request = request_for("ola", 2);
	request.maximum = 1;
	assert_gives(machine, &request, NOW, AUTHORISATION_TOO_MANY);
	register_close(other);
}

static void
test_refuses_rows_that_it_would_not_have_written(void **state)
{
	static const char *const damage[] = {
	    "UPDATE authorisation SET gid = 100000",
	    "UPDATE authorisation SET unit = 'a b'",
	    "UPDATE authorisation SET group_name = 'Ko'",
	    "UPDATE authorisation SET basis = printf('%0300d', 1)",
	    "UPDATE authorisation SET reason = 'a' || char(0) || 'b'"};
	struct register_machine *machine = *state;
	struct authorisation_filter filter = {.to_s = INT64_MAX};
	struct authorisation_request request = request_for("kari", 1);
	struct list list = {.text = ""};
	size_t i;

	assert_gives(machine, &request, NOW, AUTHORISATION_OK);
	for (i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		register_machine_sql(machine, damage[i]);
		assert_int_equal(
		    authorisation_each(machine->db, &filter, note, &list),
		    REGISTER_FAILED);
		assert_string_equal(register_error(machine->db),
		    "a row of authorisation is damaged");
		assert_string_equal(list.text, "");
		register_machine_sql(machine,
		    "UPDATE authorisation SET gid = 1900000120, unit = 'a',"
		    " group_name = 'ko', basis = 'b', reason = 'r'");
	}
	assert_list(machine, &filter, "kari/a:1 ");
}

static void
test_has_words(void **state)
{
	enum authorisation_result result;

	(void)state;
	for (result = AUTHORISATION_FAILED;
	     result <= AUTHORISATION_TOO_MANY_OF_PERSON; result++) {
		assert_string_not_equal(
		    authorisation_result_word(result), "unknown");
		assert_string_not_equal(
		    authorisation_result_text(result), "unknown result");
	}
	assert_string_equal(
	    authorisation_result_word(AUTHORISATION_TOO_MANY), "too-many");
}

int
main(void)
{
#define CASE(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, set_up, register_machine_tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(test_gives_one),
	    CASE(test_lists_by_unit_and_order_of_contact),
	    CASE(test_is_in_force_from_and_until),
	    CASE(test_refuses_fields),
	    CASE(test_gives_nothing_twice),
	    CASE(test_keeps_one_order_of_contact),
	    CASE(test_counts_over_the_whole_time),
	    CASE(test_takes_one_too_many_with_a_basis),
	    CASE(test_limits_what_one_person_has),
	    CASE(test_imports_all_or_none),
	    CASE(test_withdraws_at_once),
	    CASE(test_answers_as_it_was_known),
	    CASE(test_lists_what_lasted_no_second),
	    CASE(test_ends_with_its_account),
	    CASE(test_tells_who_is_below_the_minimum),
	    CASE(test_tells_of_each_change),
	    CASE(test_tells_of_the_longest_texts),
	    CASE(test_writes_all_of_a_change_or_nothing),
	    CASE(test_counts_and_writes_alone),
	    CASE(test_refuses_rows_that_it_would_not_have_written),
	    CASE(test_has_words),
	};

	return cmocka_run_group_tests_name("authorisation", tests, NULL, NULL);
}
