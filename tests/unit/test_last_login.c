#include "broker/login/last_login.h"
#include "broker/register/history.h"
#include "tests/unit/register_machine.h"
#include "tests/unit/unit.h"

#include <string.h>

static const char *const ladder[] = {"low", "high"};
static const struct config_issuer issuer = {
    .profile = {.acr_ladder = ladder, .acr_ladder_count = 2}};
static const struct config_group groups[] = {{.name = "ko-drift"}};
static const struct config_service service = {
    .name = "sshd", .acr = "high", .groups = groups, .groups_count = 1};
static const struct need need = {
    .service = &service, .issuer = &issuer, .acr_rank_min = 2};

static struct account
add(struct register_machine *machine)
{
	struct account account;

	(void)register_machine_add(machine, "kari", 1000);
	assert_int_equal(
	    register_account_by_name(machine->db, "kari", &account),
	    REGISTER_OK);
	return account;
}

static void
log_in(struct register_machine *machine, const struct account *account,
    const char *acr, int64_t at_s)
{
	struct identity identity = {.authenticated_at_s = at_s};

	strcpy(identity.issuer, account->issuer);
	strcpy(identity.subject, account->subject);
	strcpy(identity.acr, acr);
	identity.issued_at_s = at_s;
	identity.expires_at_s = at_s + 120;
	assert_int_equal(
	    history_login(machine->db, account->id, &identity, at_s),
	    REGISTER_OK);
}

static enum need_result
check(struct register_machine *machine, const struct account *account,
    const struct last_login *last)
{
	enum need_result result = NEED_NOT_LOOKED_AT;

	assert_int_equal(
	    last_login_check(machine->db, account, &need, last, 3000, &result),
	    REGISTER_OK);
	return result;
}

static void
test_nobody_logged_in_is_nothing_known(void **state)
{
	struct account kari = add(*state);
	struct last_login last = {.acr = "high", .authenticated_at_s = 7};
	struct register_machine *machine = *state;

	assert_int_equal(
	    last_login_read(machine->db, &kari, &last), REGISTER_OK);
	assert_string_equal(last.acr, "");
	assert_int_equal(last.authenticated_at_s, 0);
	assert_string_equal(last.on_behalf_of, "");
	assert_int_equal(check(machine, &kari, &last), NEED_STEP_UP);
}

static void
test_the_last_login_counts(void **state)
{
	static const struct account_group drift[] = {
	    {.name = "ko-drift", .gid = 1900000001}};
	struct register_machine *machine = *state;
	struct account kari = add(machine);
	struct last_login last;
	bool changed;

	log_in(machine, &kari, "high", 2000);
	log_in(machine, &kari, "low", 2500);
	assert_int_equal(
	    last_login_read(machine->db, &kari, &last), REGISTER_OK);
	assert_string_equal(last.acr, "low");
	assert_int_equal(last.authenticated_at_s, 2500);
	assert_int_equal(check(machine, &kari, &last), NEED_STEP_UP);

	log_in(machine, &kari, "high", 2600);
	assert_int_equal(
	    last_login_read(machine->db, &kari, &last), REGISTER_OK);
	assert_int_equal(check(machine, &kari, &last), NEED_GROUP_MISSING);
	assert_int_equal(register_memberships_set(machine->db, kari.id, drift,
			     1, INT64_MAX, &changed),
	    REGISTER_OK);
	assert_int_equal(check(machine, &kari, &last), NEED_MET);
}

#define CASE(test)                       \
	cmocka_unit_test_setup_teardown( \
	    test, register_machine_set_up, register_machine_tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    CASE(test_nobody_logged_in_is_nothing_known),
	    CASE(test_the_last_login_counts),
	};

	return cmocka_run_group_tests_name("last_login", tests, NULL, NULL);
}
