/* What is revoked, until when it counts, and which keys are made public. */
#include "broker/register/revocation.h"
#include "broker/trust/trust_keys.h"
#include "tests/unit/register_machine.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

enum { NOW_S = 1000000 };

static enum register_result
add(void **state, struct revocation_request request)
{
	struct register_machine *machine = *state;

	request.by = "administrator";
	if (!request.reason)
		request.reason = "a test";
	return revocation_add(machine->db, &request, NOW_S);
}

static int
keep(const struct revocation *revocation, void *userdata)
{
	*(struct revocation *)userdata = *revocation;
	return 1;
}

/* The first that stands; kind 0: none does. */
static struct revocation
at(void **state, int64_t now_s)
{
	struct register_machine *machine = *state;
	struct revocation found;

	memset(&found, 0, sizeof(found));
	assert_int_equal(
	    revocation_each(machine->db, now_s, keep, &found), REGISTER_OK);
	return found;
}

static void
test_a_session_stands_for_long(void **state)
{
	assert_int_equal(
	    add(state, (struct revocation_request){.kind = REVOCATION_SESSION,
			   .session = "sid"}),
	    REGISTER_OK);
	assert_string_equal(
	    at(state, NOW_S + REVOCATION_SESSION_KEEP_S - 1).session, "sid");
	assert_int_equal(at(state, NOW_S + REVOCATION_SESSION_KEEP_S).kind, 0);
}

static void
test_a_time_stands_while_tokens_may(void **state)
{
	struct register_machine *machine = *state;
	int64_t id = register_machine_add(machine, "kari", 1);

	assert_int_equal(
	    add(state, (struct revocation_request){.kind = REVOCATION_ACCOUNT,
			   .account = "kari",
			   .before_s = NOW_S + 1}),
	    REGISTER_OK);
	assert_int_equal(at(state, NOW_S).account_id, id);
	assert_int_equal(at(state, NOW_S).before_s, NOW_S + 1);
	assert_int_equal(
	    at(state, NOW_S + REVOCATION_KEEP_S).kind, REVOCATION_ACCOUNT);
	assert_int_equal(at(state, NOW_S + 1 + REVOCATION_KEEP_S).kind, 0);
	assert_int_equal(
	    revocation_forget(machine->db, NOW_S + 1 + REVOCATION_KEEP_S),
	    REGISTER_OK);
	assert_int_equal(at(state, NOW_S).kind, 0);
}

static void
test_what_cannot_be_is_refused(void **state)
{
	const struct revocation_request refused[] = {
	    {.kind = REVOCATION_SESSION, .session = ""},
	    {.kind = REVOCATION_SESSION, .session = "a\nb"},
	    {.kind = REVOCATION_SESSION, .session = "s", .reason = ""},
	    {.kind = REVOCATION_ISSUER, .before_s = 0},
	    {.kind = REVOCATION_ISSUER, .before_s = NOW_S + 2},
	};
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(
		    add(state, refused[i]), REGISTER_FIELD_INVALID);
	assert_int_equal(
	    add(state, (struct revocation_request){.kind = REVOCATION_ACCOUNT,
			   .account = "nobody",
			   .before_s = 1}),
	    REGISTER_NOT_FOUND);
	assert_int_equal(at(state, NOW_S).kind, 0);
}

static void
test_private_keys_are_left_out(void **state)
{
	static const char set[] =
	    "{\"keys\":[{\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"x\",\"x5c\":[]},"
	    "{\"kid\":\"b\",\"kty\":\"RSA\",\"n\":\"x\",\"d\":\"secret\"},"
	    "{\"kid\":\"c\",\"kty\":\"oct\",\"k\":\"secret\"}]}";
	char *json;
	size_t size;

	(void)state;
	assert_int_equal(trust_keys_public(set, strlen(set), &json, &size), 0);
	assert_string_equal(
	    json, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"x\"}]}");
	assert_int_equal(size, strlen(json));
	free(json);
}

int
main(void)
{
#define TEST(test)                       \
	cmocka_unit_test_setup_teardown( \
	    test, register_machine_set_up, register_machine_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_a_session_stands_for_long),
	    TEST(test_a_time_stands_while_tokens_may),
	    TEST(test_what_cannot_be_is_refused),
	    TEST(test_private_keys_are_left_out),
	};

	return cmocka_run_group_tests_name("revocation", tests, NULL, NULL);
}
