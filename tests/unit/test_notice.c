#include "broker/register/notice.h"
#include "tests/unit/register_machine.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

struct outbox {
	char text[256];
	struct notice last;
};

static int
note(const struct notice *notice, void *userdata)
{
	struct outbox *outbox = userdata;
	size_t length = strlen(outbox->text);

	(void)snprintf(outbox->text + length, sizeof(outbox->text) - length,
	    "%d:%s ", (int)notice->id, notice->kind);
	outbox->last = *notice;
	return 0;
}

static struct notice
assert_outbox(struct register_machine *machine, int64_t after_id,
    bool waiting_only, const char *expected)
{
	struct outbox outbox = {.text = ""};

	assert_int_equal(
	    notice_each(machine->db, after_id, waiting_only, note, &outbox),
	    REGISTER_OK);
	assert_string_equal(outbox.text, expected);
	return outbox.last;
}

static void
test_waits_until_it_is_taken(void **state)
{
	struct register_machine *machine = *state;
	struct notice notice;

	assert_int_equal(
	    notice_add(machine->db, "authorised", "{\"a\":1}", 5), REGISTER_OK);
	assert_int_equal(
	    notice_add(machine->db, "withdrawn", "{}", 6), REGISTER_OK);
	register_machine_reopen(machine);
	notice = assert_outbox(machine, 0, true, "1:authorised 2:withdrawn ");
	assert_int_equal(notice.at_s, 6);
	assert_string_equal(notice.text, "{}");
	assert_int_equal(notice.taken_at_s, 0);
	assert_string_equal(notice.taken_by, "");
	assert_int_equal(notice_take(machine->db, 2, "kari", 7), REGISTER_OK);
	(void)assert_outbox(machine, 0, true, "1:authorised ");
	(void)assert_outbox(machine, 1, true, "");
	notice = assert_outbox(machine, 1, false, "2:withdrawn ");
	assert_int_equal(notice.taken_at_s, 7);
	assert_string_equal(notice.taken_by, "kari");
	/* Once, by one. */
	assert_int_equal(
	    notice_take(machine->db, 2, "ola", 8), REGISTER_NOT_FOUND);
	assert_int_equal(
	    notice_take(machine->db, 3, "ola", 8), REGISTER_NOT_FOUND);
	assert_int_equal(
	    notice_take(machine->db, 1, "", 8), REGISTER_FIELD_INVALID);
	assert_int_equal(
	    assert_outbox(machine, 1, false, "2:withdrawn ").taken_at_s, 7);
}

static void
test_refuses_what_it_cannot_hold(void **state)
{
	struct register_machine *machine = *state;
	char text[NOTICE_TEXT_SIZE + 1];

	memset(text, 'a', sizeof(text));
	text[NOTICE_TEXT_SIZE] = '\0';
#define ADD(kind, text) notice_add(machine->db, kind, text, 5)
	assert_int_equal(ADD("authorised", text), REGISTER_FIELD_INVALID);
	assert_int_equal(ADD("authorised", ""), REGISTER_FIELD_INVALID);
	assert_int_equal(ADD("authorised", "a\nb"), REGISTER_FIELD_INVALID);
	assert_int_equal(ADD("", "{}"), REGISTER_FIELD_INVALID);
	assert_int_equal(
	    ADD(text + NOTICE_TEXT_SIZE - 32, "{}"), REGISTER_FIELD_INVALID);
	assert_int_equal(ADD("authorised", text + 1), REGISTER_OK);
#undef ADD
	(void)assert_outbox(machine, 0, false, "1:authorised ");
}

static void
test_belongs_to_the_change_it_tells_of(void **state)
{
	struct register_machine *machine = *state;

	assert_int_equal(register_begin(machine->db), REGISTER_OK);
	assert_int_equal(
	    notice_add(machine->db, "withdrawn", "{}", 6), REGISTER_OK);
	assert_int_equal(
	    register_end(machine->db, REGISTER_NOT_FOUND), REGISTER_NOT_FOUND);
	(void)assert_outbox(machine, 0, false, "");
	assert_int_equal(register_begin(machine->db), REGISTER_OK);
	assert_int_equal(
	    notice_add(machine->db, "withdrawn", "{}", 6), REGISTER_OK);
	assert_int_equal(register_end(machine->db, REGISTER_OK), REGISTER_OK);
	(void)assert_outbox(machine, 0, false, "1:withdrawn ");
}

/* Whoever overlooks that a part failed writes nothing either. */
static void
test_a_failed_part_fails_the_whole(void **state)
{
	struct register_machine *machine = *state;

	assert_int_equal(register_begin(machine->db), REGISTER_OK);
	assert_int_equal(
	    notice_add(machine->db, "withdrawn", "{}", 6), REGISTER_OK);
	assert_int_equal(
	    register_account_lock(machine->db, "nobody-here", "x", 6),
	    REGISTER_NOT_FOUND);
	assert_int_equal(
	    register_end(machine->db, REGISTER_OK), REGISTER_FAILED);
	(void)assert_outbox(machine, 0, false, "");
	assert_int_equal(
	    notice_add(machine->db, "withdrawn", "{}", 6), REGISTER_OK);
	(void)assert_outbox(machine, 0, false, "1:withdrawn ");
}

int
main(void)
{
#define CASE(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, register_machine_set_up, register_machine_tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(test_waits_until_it_is_taken),
	    CASE(test_refuses_what_it_cannot_hold),
	    CASE(test_belongs_to_the_change_it_tells_of),
	    CASE(test_a_failed_part_fails_the_whole),
	};

	return cmocka_run_group_tests_name("notice", tests, NULL, NULL);
}
