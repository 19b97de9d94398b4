/*
 * Who may ask for a handle in whose name, and that none is given without a
 * record. The register, the judgement of the token and the audit are the
 * test's; the table of handles is the real one.
 */
#include "broker/admin/admin_handle.h"
#include "broker/clock.h"
#include "broker/login/token_authentication.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#define TOKEN "header.claims.signature"

static struct {
	struct broker broker;
	struct realm realm;
	struct admin_handle *handle;
	json_t *reply; /* the last one */
	/* what the others say */
	int audit_error;
	enum login_verdict verdict;
	/* what they were asked */
	token_decided_fn decide;
	void *userdata;
	unsigned int records;
	char actor[ADMIN_ACTOR_RECORD_SIZE];
	unsigned int issued;
} world;

enum register_result __wrap_register_account_by_name(
    struct register_db *db, const char *name, struct account *ret_account);
int __wrap_token_authentication_new(struct broker *broker, struct realm *realm,
    const struct account *account, const char *service, const char *token,
    size_t size, token_decided_fn decide, void *userdata,
    struct token_authentication **ret_authentication);
struct token_authentication *__wrap_token_authentication_free(
    struct token_authentication *authentication);
int __wrap_broker_audit(
    struct broker *broker, const struct audit_record *record);
int __wrap_ticket_issue(struct ticket_table *table, const char *account,
    const char *service, const char *token, size_t size,
    const char correlation[static AUDIT_CORRELATION_SIZE], int64_t now_s,
    char ret_ticket[static TICKET_SIZE]);
int __real_ticket_issue(struct ticket_table *table, const char *account,
    const char *service, const char *token, size_t size,
    const char correlation[static AUDIT_CORRELATION_SIZE], int64_t now_s,
    char ret_ticket[static TICKET_SIZE]);

enum register_result
__wrap_register_account_by_name(
    struct register_db *db, const char *name, struct account *ret_account)
{
	(void)db;
	*ret_account = (struct account){.id = 7};
	strcpy(ret_account->name, name);
	return REGISTER_OK;
}

int
__wrap_token_authentication_new(struct broker *broker, struct realm *realm,
    const struct account *account, const char *service, const char *token,
    size_t size, token_decided_fn decide, void *userdata,
    struct token_authentication **ret_authentication)
{
	(void)broker;
	(void)realm;
	(void)account;
	(void)ret_authentication;
	assert_string_equal(service, "sudo");
	assert_int_equal(size, strlen(TOKEN));
	assert_memory_equal(token, TOKEN, size);
	world.decide = decide;
	world.userdata = userdata;
	return 0;
}

struct token_authentication *
__wrap_token_authentication_free(struct token_authentication *authentication)
{
	(void)authentication;
	return NULL;
}

int
__wrap_broker_audit(struct broker *broker, const struct audit_record *record)
{
	(void)broker;
	assert_string_equal(record->action, "handle");
	assert_string_equal(record->service, "sudo");
	strcpy(world.actor, record->actor);
	world.records++;
	return world.audit_error;
}

int
__wrap_ticket_issue(struct ticket_table *table, const char *account,
    const char *service, const char *token, size_t size,
    const char correlation[static AUDIT_CORRELATION_SIZE], int64_t now_s,
    char ret_ticket[static TICKET_SIZE])
{
	world.issued++;
	return __real_ticket_issue(table, account, service, token, size,
	    correlation, now_s, ret_ticket);
}

static void
told(json_t *reply, void *userdata)
{
	(void)userdata;
	json_decref(world.reply);
	world.reply = reply;
}

static const struct admin_actor root = {.root = true, .record = "uid 0"};
static const struct admin_actor kari = {.account = "kari", .record = "kari"};

/* As account NULL: the request names none. */
static void
ask(const struct admin_actor *actor, const char *account)
{
	json_t *request = json_pack("{s:s, s:s, s:s*}", "token", TOKEN,
	    "service", "sudo", "account", account);
	json_t *refusal;

	assert_non_null(request);
	world.decide = NULL;
	world.handle = admin_handle_free(world.handle);
	refusal = admin_handle_new(
	    &world.broker, actor, request, told, NULL, &world.handle);
	json_decref(request);
	if (refusal)
		told(refusal, NULL);
}

static void
decide(enum login_verdict verdict)
{
	const struct authentication_outcome outcome = {.verdict = verdict,
	    .reason = verdict == LOGIN_ALLOW ? "granted" : "revoked",
	    .detail = ""};

	assert_non_null(world.decide);
	world.decide(&outcome, world.userdata);
}

static const char *
error_word(void)
{
	const char *word =
	    json_string_value(json_object_get(world.reply, "error"));

	return word ? word : "";
}

static const char *
given(const char *member)
{
	const char *text = json_string_value(
	    json_object_get(json_object_get(world.reply, "result"), member));

	return text ? text : "";
}

static int
set_up(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.broker.realm = &world.realm;
	if (sd_event_new(&world.broker.event) < 0)
		return -1;
	return ticket_table_new(world.broker.event, &world.broker.tickets);
}

static int
tear_down(void **state)
{
	(void)state;
	admin_handle_free(world.handle);
	json_decref(world.reply);
	ticket_table_free(world.broker.tickets);
	sd_event_unref(world.broker.event);
	return 0;
}

static void
nobody_gets_one_in_the_name_of_another(void **state)
{
	(void)state;
	ask(&kari, "ola");
	assert_string_equal(error_word(), "not-permitted");
	assert_null(world.decide);
	assert_null(world.handle);
	/* A name that begins as one's own is another's. */
	ask(&kari, "karin");
	assert_string_equal(error_word(), "not-permitted");
	ask(&kari, "");
	assert_string_equal(error_word(), "not-permitted");
	assert_int_equal(world.records, 3);
	/* Root has no account of its own. */
	ask(&root, NULL);
	assert_string_equal(error_word(), "bad-request");
	assert_null(world.decide);
	assert_int_equal(world.issued, 0);
}

static void
the_account_itself_and_root_get_one(void **state)
{
	static const struct {
		const struct admin_actor *actor;
		const char *account;
		const char *name;
	} cases[] = {
	    {&kari, NULL, "kari"},
	    {&kari, "kari", "kari"},
	    {&root, "kari", "kari"},
	    {&root, "ola", "ola"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ask(cases[i].actor, cases[i].account);
		decide(LOGIN_ALLOW);
		assert_string_equal(given("account"), cases[i].name);
		assert_string_equal(given("service"), "sudo");
		assert_true(
		    ticket_is_one(given("handle"), strlen(given("handle"))));
		assert_string_equal(world.actor, cases[i].actor->record);
		assert_int_equal(world.issued, i + 1);
		assert_int_equal(world.records, i + 1);
	}
}

static void
none_is_given_without_a_record(void **state)
{
	(void)state;
	world.audit_error = -EIO;
	ask(&root, "kari");
	decide(LOGIN_ALLOW);
	assert_int_equal(world.records, 1);
	assert_string_equal(error_word(), "not-recorded");
	assert_string_equal(
	    json_string_value(json_object_get(world.reply, "verdict")),
	    "outage");
	assert_int_equal(world.issued, 0);
	/* A no stays the no that it is. */
	ask(&root, "kari");
	decide(LOGIN_DENY);
	assert_string_equal(error_word(), "revoked");
	assert_int_equal(world.issued, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(nobody_gets_one_in_the_name_of_another),
	    TEST(the_account_itself_and_root_get_one),
	    TEST(none_is_given_without_a_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
