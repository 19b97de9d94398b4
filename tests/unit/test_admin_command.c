/* What each command answers, changes, publishes and leaves in the audit. */
#include "broker/admin/admin_command.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 1000 }; /* accounts in one answer, as in the product */

static const struct issuer_kind generic = {
    .name = "generic", .service.subjects = SERVICE_EITHER};

static const struct config config = {
    .issuers[0] = {.profile.issuer = "https://idp.example",
	.logs_people_in = true,
	.kind = &generic,
	.name = "staff",
	.links_persons = true},
    .issuers_count = 1,
    .home_base = "/home",
    .shell = "/bin/bash",
    .login_timeout_s = 300,
};

struct fixture {
	char folder[64];
	struct realm realm;
	struct broker broker;
};

static const struct admin_actor root = {.root = true, .record = "uid 0"};
static const struct admin_actor kari = {.account = "kari", .record = "kari"};

/* What the broker was made to do by the last command. */
static struct {
	unsigned int published, records;
	char record[512];
	int publish_error, reload_error;
	unsigned int attempts; /* on record before the change */
	bool audit_fails;
} seen;

int __wrap_broker_publish(struct broker *broker);
int __wrap_broker_refresh(struct broker *broker, const char *account);
int __wrap_broker_reload(struct broker *broker, const char *actor);
int __wrap_broker_audit(
    struct broker *broker, const struct audit_record *record);

/* One group, which no account may be named after. */
static const struct policy_group groups[] = {
    {.name = "ko-kompis", .gid = 1900100001}};
static const struct policy policy = {.groups = groups, .groups_count = 1};

const struct policy *__wrap_rules_policy(const struct rules *rules);

const struct policy *
__wrap_rules_policy(const struct rules *rules)
{
	(void)rules;
	return &policy;
}

int
__wrap_broker_publish(struct broker *broker)
{
	(void)broker;
	seen.published++;
	return seen.publish_error;
}

int
__wrap_broker_refresh(struct broker *broker, const char *account)
{
	assert_string_equal(account, "kari");
	return __wrap_broker_publish(broker);
}

int
__wrap_broker_reload(struct broker *broker, const char *actor)
{
	assert_string_equal(actor, "uid 0");
	if (seen.reload_error)
		strcpy(broker->config_error.text, "portvakt.conf:3: wrong");
	return seen.reload_error;
}

static const char *
or_dash(const char *text)
{
	return text ? text : "-";
}

int
__wrap_broker_audit(struct broker *broker, const struct audit_record *record)
{
	(void)broker;
	if (seen.audit_fails)
		return -ENOSPC;
	if (strcmp(record->result, "attempt") == 0) {
		seen.attempts++;
		return 0;
	}
	seen.records++;
	(void)snprintf(seen.record, sizeof(seen.record), "%s %s %s %s %s %s",
	    record->action, record->result, or_dash(record->reason),
	    or_dash(record->detail), or_dash(record->account),
	    or_dash(record->actor));
	return 0;
}

/* The machine's own passwd and group. */
static void
put(const struct fixture *fixture, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", fixture->folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char path[128];

	assert_non_null(fixture);
	memset(&seen, 0, sizeof(seen));
	(void)strcpy(fixture->folder, "/tmp/test-admin-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	put(fixture, "passwd", "root:x:0:0::/root:/bin/bash\n");
	put(fixture, "group", "root:x:0:\n");
	(void)snprintf(path, sizeof(path), "%s/register.db", fixture->folder);
	assert_int_equal(
	    register_open(path, fixture->folder, &fixture->broker.db),
	    REGISTER_OK);
	fixture->realm.config = (struct config *)(uintptr_t)&config;
	fixture->broker.realm = &fixture->realm;
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;
	char command[128];

	register_close(fixture->broker.db);
	(void)snprintf(
	    command, sizeof(command), "rm -rf '%s'", fixture->folder);
	free(fixture);
	return system(command);
}

static json_t *
run_as(struct fixture *fixture, const struct admin_actor *actor,
    const char *request_text)
{
	json_auto_t *request = json_loads(request_text, 0, NULL);
	json_t *answer;

	seen.published = seen.records = seen.attempts = 0;
	seen.record[0] = '\0';
	answer = admin_command_run(&fixture->broker, actor, request);
	assert_non_null(answer);
	return answer;
}

static json_t *
run(struct fixture *fixture, const char *request_text)
{
	return run_as(fixture, &root, request_text);
}

static json_t *
run_without_audit(struct fixture *fixture, const char *request)
{
	json_t *answer;

	seen.audit_fails = true;
	answer = run(fixture, request);
	seen.audit_fails = false;
	return answer;
}

static void
assert_refused(struct fixture *fixture, const char *request, const char *word)
{
	json_auto_t *answer = run(fixture, request);
	const json_t *text = json_object_get(answer, "text");

	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_string_equal(
	    json_string_value(json_object_get(answer, "error")), word);
	assert_true(json_string_length(text) > 0);
}

/* The result, borrowed from the answer. */
static json_t *
result_of(const json_t *answer)
{
	assert_true(json_is_true(json_object_get(answer, "ok")));
	return json_object_get(answer, "result");
}

static void
assert_done(struct fixture *fixture, const char *request, const char *record)
{
	json_auto_t *answer = run(fixture, request);

	assert_non_null(result_of(answer));
	assert_int_equal(seen.published, 1);
	assert_int_equal(seen.records, 1);
	assert_string_equal(seen.record, record);
}

#define ADD_KARI \
	"{\"command\":\"account-add\",\"name\":\"kari\",\"subject\":\"s1\"}"

static void
test_bad_requests(void **state)
{
	static const char *const requests[] = {
	    "",
	    "[]",
	    "{}",
	    "{\"command\":7}",
	    "{\"command\":\"Status\"}",
	    "{\"command\":\"account-show\"}",
	    "{\"command\":\"account-lock\",\"name\":\"kari\"}",
	    "{\"command\":\"account-lock\",\"name\":\"kari\",\"reason\":\"\"}",
	    "{\"command\":\"account-unlock\",\"name\":[]}",
	    "{\"command\":\"account-remove\"}",
	    "{\"command\":\"account-import\"}",
	    "{\"command\":\"account-import\",\"accounts\":[]}",
	    "{\"command\":\"account-import\",\"accounts\":{\"a\":1}}",
	};
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		assert_refused(*state, requests[i], "bad-request");
		assert_int_equal(seen.published, 0);
	}
}

static void
test_adds_with_defaults(void **state)
{
	json_auto_t *answer = run(*state, ADD_KARI);
	const json_t *account = json_object_get(result_of(answer), "account");
	const char *home, *shell, *issuer;

	assert_int_equal(
	    json_unpack((json_t *)(uintptr_t)account, "{s:s, s:s, s:s}", "home",
		&home, "shell", &shell, "issuer", &issuer),
	    0);
	assert_string_equal(home, "/home/kari");
	assert_string_equal(shell, "/bin/bash");
	assert_string_equal(issuer, "https://idp.example");
	assert_true(json_is_null(json_object_get(account, "last_login_at")));
	assert_int_equal(seen.published, 1);
	assert_string_equal(seen.record, "account-add done - - kari uid 0");
}

/* A name that was refused may be a password: it is in no record. */
static void
test_refuses_an_account(void **state)
{
	static const struct {
		const char *members, *word;
	} rows[] = {
	    {"\"subject\":\"s2\"", "name-invalid"},
	    {"\"name\":\"Kari;\",\"subject\":\"s2\"", "name-invalid"},
	    {"\"name\":\"root\",\"subject\":\"s2\"", "name-local"},
	    {"\"name\":\"kari\",\"subject\":\"s2\"", "name-taken"},
	    {"\"name\":\"ko-kompis\",\"subject\":\"s2\"", "name-taken"},
	    {"\"name\":\"ola\",\"subject\":\"s1\"", "subject-taken"},
	    {"\"name\":\"ola\"", "subject-invalid"},
	    {"\"name\":\"ola\",\"subject\":\"01815010260\"", "subject-is-pid"},
	    {"\"name\":\"ola\",\"subject\":\"s2\",\"uid\":0", "id-refused"},
	    {"\"name\":\"ola\",\"subject\":\"s2\",\"uid\":-1", "id-refused"},
	    {"\"name\":\"ola\",\"subject\":\"s2\",\"uid\":\"2000000009\"",
		"id-refused"},
	    {"\"name\":\"ola\",\"subject\":\"s2\",\"uid\":2000000009.0",
		"id-refused"},
	    {"\"name\":\"ola\",\"subject\":\"s2\",\"uid\":6294967305",
		"id-refused"},
	    {"\"name\":\"ola\",\"subject\":\"s2\",\"gecos\":\"a:b\"",
		"field-invalid"},
	};
	char request[256], record[128];
	size_t i;

	json_decref(run(*state, ADD_KARI));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(request, sizeof(request),
		    "{\"command\":\"account-add\",%s}", rows[i].members);
		(void)snprintf(record, sizeof(record),
		    "account-add refused %s - - uid 0", rows[i].word);
		assert_refused(*state, request, rows[i].word);
		assert_int_equal(seen.published, 0);
		assert_string_equal(seen.record, record);
	}
}

static void
test_changes_are_published_and_recorded(void **state)
{
	json_decref(run(*state, ADD_KARI));
	assert_done(*state,
	    "{\"command\":\"account-lock\",\"name\":\"kari\","
	    "\"reason\":\"permisjon\"}",
	    "account-lock done - permisjon kari uid 0");
	assert_done(*state,
	    "{\"command\":\"account-unlock\",\"name\":\"kari\"}",
	    "account-unlock done - - kari uid 0");
	assert_done(*state,
	    "{\"command\":\"account-remove\",\"name\":\"kari\"}",
	    "account-remove done - - kari uid 0");
	assert_refused(*state,
	    "{\"command\":\"account-show\",\"name\":\"kari\"}", "not-found");
	assert_int_equal(seen.records, 0);
}

/* What gives is not done without a record; what takes is. */
static void
test_gives_nothing_that_no_record_tells_of(void **state)
{
	static const char unlock[] =
	    "{\"command\":\"account-unlock\",\"name\":\"kari\"}";
	struct fixture *fixture = *state;
	struct account account;

	json_decref(run(fixture, ADD_KARI));
	json_decref(
	    run(fixture, "{\"command\":\"account-lock\",\"name\":\"kari\","
			 "\"reason\":\"permisjon\"}"));
	assert_int_equal(seen.attempts, 0);
	json_decref(run_without_audit(fixture, unlock));
	assert_int_equal(
	    register_account_by_name(fixture->broker.db, "kari", &account),
	    REGISTER_OK);
	assert_true(account.locked);
	assert_done(fixture, unlock, "account-unlock done - - kari uid 0");
	assert_int_equal(seen.attempts, 1);
	json_decref(run_without_audit(fixture,
	    "{\"command\":\"account-lock\",\"name\":\"kari\","
	    "\"reason\":\"permisjon\"}"));
	assert_int_equal(
	    register_account_by_name(fixture->broker.db, "kari", &account),
	    REGISTER_OK);
	assert_true(account.locked);
}

static void
test_not_published_is_not_done(void **state)
{
	seen.publish_error = -ENOSPC;
	assert_refused(*state, ADD_KARI, "failed");
	assert_string_equal(
	    seen.record, "account-add refused failed - - uid 0");
}

static void
test_import_is_all_or_nothing(void **state)
{
	static const char wrong[] =
	    "{\"command\":\"account-import\",\"accounts\":["
	    "{\"name\":\"ola\",\"subject\":\"s2\"},"
	    "{\"name\":\"per\",\"subject\":\"s3\"},"
	    "{\"name\":\"kari\",\"subject\":\"s4\"}]}";
	static const char *const malformed =
	    "{\"command\":\"account-import\",\"accounts\":["
	    "{\"name\":\"ola\",\"subject\":\"s2\"}, 7]}";
	json_t *answer;

	json_decref(run(*state, ADD_KARI));
	answer = run(*state, wrong);
	assert_string_equal(
	    json_string_value(json_object_get(answer, "error")), "name-taken");
	assert_int_equal(json_integer_value(json_object_get(answer, "row")), 3);
	assert_int_equal(seen.published, 0);
	json_decref(answer);
	answer = run(*state, malformed);
	assert_int_equal(json_integer_value(json_object_get(answer, "row")), 2);
	json_decref(answer);
	assert_refused(*state,
	    "{\"command\":\"account-show\",\"name\":\"ola\"}", "not-found");
	assert_done(*state,
	    "{\"command\":\"account-import\",\"accounts\":["
	    "{\"name\":\"ola\",\"subject\":\"s2\"}]}",
	    "account-import done - - ola uid 0");
}

static void
add_many(struct fixture *fixture, unsigned int count)
{
	json_auto_t *accounts = json_array();
	json_auto_t *request = NULL;
	char name[16];
	unsigned int i;

	for (i = 0; i < count; i++) {
		(void)snprintf(name, sizeof(name), "p%04u", i);
		(void)json_array_append_new(accounts,
		    json_pack("{s:s, s:s}", "name", name, "subject", name));
	}
	request = json_pack(
	    "{s:s, s:O}", "command", "account-import", "accounts", accounts);
	json_decref(admin_command_run(&fixture->broker, &root, request));
}

static void
test_lists_in_pages(void **state)
{
	json_t *answer, *result;

	add_many(*state, LIST_MAX + 1);
	answer = run(*state, "{\"command\":\"account-list\"}");
	result = result_of(answer);
	assert_int_equal(
	    json_array_size(json_object_get(result, "accounts")), LIST_MAX);
	assert_string_equal(
	    json_string_value(json_object_get(result, "next")), "p0999");
	json_decref(answer);
	answer =
	    run(*state, "{\"command\":\"account-list\",\"after\":\"p0999\"}");
	result = result_of(answer);
	assert_int_equal(
	    json_array_size(json_object_get(result, "accounts")), 1);
	assert_true(json_is_null(json_object_get(result, "next")));
	json_decref(answer);
	assert_int_equal(seen.published + seen.records, 0);
}

static void
test_not_configured(void **state)
{
	struct fixture *fixture = *state;

	json_decref(run(fixture, ADD_KARI));
	fixture->broker.realm = NULL;
	strcpy(fixture->broker.config_error.text, "portvakt.conf: gone");
	assert_refused(fixture,
	    "{\"command\":\"account-add\",\"name\":\"ola\","
	    "\"subject\":\"s2\"}",
	    "not-configured");
	/* To lock somebody out must always be possible. */
	assert_done(fixture,
	    "{\"command\":\"account-lock\",\"name\":\"kari\","
	    "\"reason\":\"permisjon\"}",
	    "account-lock done - permisjon kari uid 0");
}

static void
test_reload(void **state)
{
	json_decref(run(*state, "{\"command\":\"reload\"}"));
	assert_int_equal(seen.records, 0);
	seen.reload_error = -EINVAL;
	assert_refused(*state, "{\"command\":\"reload\"}", "config-invalid");
}

/* An account of ours that asks for what is root's. */
static void
test_others_may_not(void **state)
{
	static const char *const commands[] = {"status", "reload",
	    "account-add", "account-list", "account-show", "account-lock",
	    "account-unlock", "account-remove", "account-import", "sessions"};
	char request[128];
	json_t *answer;
	size_t i;

	json_decref(run(*state, ADD_KARI));
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		(void)snprintf(request, sizeof(request),
		    "{\"command\":\"%s\",\"name\":\"kari\","
		    "\"reason\":\"x\"}",
		    commands[i]);
		answer = run_as(*state, &kari, request);
		assert_string_equal(
		    json_string_value(json_object_get(answer, "error")),
		    "not-permitted");
		assert_int_equal(seen.published, 0);
		json_decref(answer);
	}
	answer = run_as(*state, &kari,
	    "{\"command\":\"account-lock\",\"name\":\"kari\","
	    "\"reason\":\"x\"}");
	assert_string_equal(
	    seen.record, "account-lock refused not-permitted x - kari");
	json_decref(answer);
}

static void
test_a_lock_tells_that_sessions_end(void **state)
{
	json_decref(run(*state, ADD_KARI));
	assert_done(*state,
	    "{\"command\":\"account-lock\",\"name\":\"kari\","
	    "\"reason\":\"permisjon\",\"end_sessions\":true}",
	    "account-lock done - permisjon (the sessions are ended) kari "
	    "uid 0");
}

static void
test_lists_sessions(void **state)
{
	struct fixture *fixture = *state;
	const struct session session = {.id = "abc",
	    .account = "kari",
	    .service = "sshd",
	    .tty = "pts/0",
	    .since_s = 1700000000,
	    .acr = "high",
	    .authenticated_at_s = 1700000001,
	    .on_behalf_of = "0192:911830868 0192:974760673"};
	json_t *answer, *wanted;

	assert_int_equal(session_table_new(&fixture->broker.sessions), 0);
	assert_int_equal(session_open(fixture->broker.sessions, &session), 0);
	answer = run(fixture, "{\"command\":\"sessions\"}");
	wanted = json_loads(
	    "{\"sessions\":[{\"session\":\"abc\",\"account\":\"kari\","
	    "\"service\":\"sshd\",\"tty\":\"pts/0\",\"rhost\":null,"
	    "\"since\":1700000000,\"acr\":\"high\",\"authenticated_at\":"
	    "1700000001,\"on_behalf_of\":[\"0192:911830868\","
	    "\"0192:974760673\"]}]}",
	    0, NULL);
	assert_true(json_equal(result_of(answer), wanted));
	json_decref(answer);
	json_decref(wanted);
	assert_refused(fixture, "{\"command\":\"sessions\",\"name\":\"ola\"}",
	    "not-found");
	session_table_free(fixture->broker.sessions);
}

static void
make_keys(struct fixture *fixture)
{
	const char *problem;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/person.keys", fixture->folder);
	assert_int_equal(
	    person_keys_create(path, &fixture->broker.person_keys, &problem),
	    0);
}

/* A number with both check digits, of nobody. */
#define NUMBER "15014550078"
#define LINK_KARI \
	"{\"command\":\"account-pid\",\"name\":\"kari\",\"pid\":\"" NUMBER "\"}"

static void
test_links_by_number(void **state)
{
	struct fixture *fixture = *state;
	json_t *answer;

	json_decref(run(fixture, ADD_KARI));
	assert_refused(fixture, LINK_KARI, "failed");
	make_keys(fixture);
	answer = run(fixture, LINK_KARI);
	assert_non_null(result_of(answer));
	assert_string_equal(seen.record, "account-pid done - - kari uid 0");
	json_decref(answer);
	/* Again is no trouble, for somebody else it is. */
	json_decref(run(fixture, LINK_KARI));
	assert_refused(fixture,
	    "{\"command\":\"account-add\",\"name\":\"ola\",\"pid\":\"" NUMBER
	    "\"}",
	    "pid-taken");
	assert_refused(fixture,
	    "{\"command\":\"account-show\",\"name\":\"ola\"}", "not-found");
	assert_refused(fixture,
	    "{\"command\":\"account-pid\",\"name\":\"kari\",\"pid\":"
	    "\"15014550079\"}",
	    "pid-invalid");
	assert_null(strstr(seen.record, "1501"));
	assert_refused(fixture,
	    "{\"command\":\"account-pid\",\"name\":\"kari\",\"pid\":"
	    "\"01815010260\"}",
	    "pid-invalid");
	assert_refused(fixture,
	    "{\"command\":\"account-pid\",\"name\":\"kari\"}", "pid-invalid");
	answer = run(fixture, "{\"command\":\"pid-key-rotate\"}");
	assert_int_equal(
	    json_integer_value(json_object_get(result_of(answer), "old_links")),
	    1);
	json_decref(answer);
	/* The link of before the rotation is found all the same. */
	assert_refused(fixture,
	    "{\"command\":\"account-add\",\"name\":\"ola\",\"pid\":\"" NUMBER
	    "\"}",
	    "pid-taken");
	json_decref(run(fixture, LINK_KARI));
	answer = run(fixture, "{\"command\":\"pid-key-rotate\"}");
	assert_int_equal(
	    json_integer_value(json_object_get(result_of(answer), "old_links")),
	    1);
	json_decref(answer);
	person_keys_free(fixture->broker.person_keys);
}

static void
test_names_the_issuers(void **state)
{
	struct fixture *fixture = *state;
	json_t *answer;

	answer = run(fixture,
	    "{\"command\":\"account-add\",\"name\":\"kari\",\"subject\":"
	    "\"s\",\"issuer\":\"stafff\"}");
	assert_string_equal(json_string_value(json_object_get(answer, "error")),
	    "issuer-unknown");
	assert_non_null(strstr(
	    json_string_value(json_object_get(answer, "text")), ": staff"));
	json_decref(answer);
}

static void
test_adds_by_number(void **state)
{
	struct fixture *fixture = *state;
	json_t *answer, *account;

	make_keys(fixture);
	assert_refused(fixture,
	    "{\"command\":\"account-add\",\"name\":\"kari\",\"subject\":"
	    "\"s\",\"pid\":\"" NUMBER "\"}",
	    "bad-request");
	answer = run(fixture,
	    "{\"command\":\"account-add\",\"name\":\"kari\",\"pid\":"
	    "\"" NUMBER "\"}");
	account = json_object_get(result_of(answer), "account");
	assert_string_equal(
	    json_string_value(json_object_get(account, "subject")), "");
	assert_int_equal(seen.published, 1);
	assert_string_equal(seen.record, "account-add done - - kari uid 0");
	json_decref(answer);
	person_keys_free(fixture->broker.person_keys);
}

static const struct issuer_kind machines = {
    .name = "maskinporten", .service.subjects = SERVICE_MACHINES};
static const struct config with_machines = {
    .issuers =
	{
	    {.profile.issuer = "https://maskinporten.example/",
		.kind = &machines,
		.name = "maskinporten"},
	    {.profile.issuer = "https://idp.example",
		.logs_people_in = true,
		.kind = &generic,
		.name = "staff"},
	    {.profile.issuer = "https://citizens.example",
		.kind = &generic,
		.name = "citizens"},
	},
    .issuers_count = 3,
    .home_base = "/home",
    .shell = "/bin/bash",
};

/* The one of logins is meant, wherever it stands in the files. */
static void
test_an_account_has_an_issuer_of_logins(void **state)
{
	struct fixture *fixture = *state;
	json_t *answer, *account;

	fixture->realm.config = (struct config *)(uintptr_t)&with_machines;
	answer = run(fixture, ADD_KARI);
	account = json_object_get(result_of(answer), "account");
	assert_string_equal(
	    json_string_value(json_object_get(account, "issuer")),
	    "https://idp.example");
	json_decref(answer);
	answer = run(fixture,
	    "{\"command\":\"account-add\",\"name\":\"ola\",\"subject\":"
	    "\"o\",\"issuer\":\"maskinporten\"}");
	assert_string_equal(json_string_value(json_object_get(answer, "error")),
	    "issuer-unsuitable");
	assert_non_null(
	    strstr(json_string_value(json_object_get(answer, "text")),
		"people log in at: staff"));
	json_decref(answer);
	assert_refused(fixture,
	    "{\"command\":\"account-add\",\"name\":\"ola\",\"subject\":"
	    "\"o\",\"issuer\":\"https://maskinporten.example/\"}",
	    "issuer-unsuitable");
	/* Services alone see this one's people; who names it, means it. */
	answer = run(fixture,
	    "{\"command\":\"account-add\",\"name\":\"ola\",\"subject\":"
	    "\"o\",\"issuer\":\"citizens\"}");
	assert_non_null(result_of(answer));
	json_decref(answer);
}

static void
test_names_no_issuer_where_nobody_logs_in(void **state)
{
	static struct config alone;
	struct fixture *fixture = *state;

	alone = with_machines;
	alone.issuers_count = 1;
	fixture->realm.config = &alone;
	assert_refused(fixture, ADD_KARI, "issuer-missing");
}

/* Whose numbers are not believed could name anybody's. */
static void
test_links_no_number_of_another_issuer(void **state)
{
	static const struct config other = {
	    .issuers[0] = {.profile.issuer = "https://idp.example",
		.logs_people_in = true,
		.kind = &generic,
		.name = "staff"},
	    .issuers_count = 1,
	    .home_base = "/home",
	    .shell = "/bin/bash",
	};
	struct fixture *fixture = *state;

	make_keys(fixture);
	json_decref(run(fixture, ADD_KARI));
	fixture->realm.config = (struct config *)(uintptr_t)&other;
	assert_refused(fixture, LINK_KARI, "pid-not-believed");
	assert_refused(fixture,
	    "{\"command\":\"account-add\",\"name\":\"ola\",\"pid\":\"" NUMBER
	    "\"}",
	    "pid-not-believed");
	assert_refused(fixture,
	    "{\"command\":\"account-show\",\"name\":\"ola\"}", "not-found");
	person_keys_free(fixture->broker.person_keys);
}

#define WITH_BROKER(test) \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_BROKER(test_bad_requests),
	    WITH_BROKER(test_adds_with_defaults),
	    WITH_BROKER(test_refuses_an_account),
	    WITH_BROKER(test_changes_are_published_and_recorded),
	    WITH_BROKER(test_gives_nothing_that_no_record_tells_of),
	    WITH_BROKER(test_not_published_is_not_done),
	    WITH_BROKER(test_import_is_all_or_nothing),
	    WITH_BROKER(test_lists_in_pages),
	    WITH_BROKER(test_not_configured),
	    WITH_BROKER(test_reload),
	    WITH_BROKER(test_others_may_not),
	    WITH_BROKER(test_a_lock_tells_that_sessions_end),
	    WITH_BROKER(test_lists_sessions),
	    WITH_BROKER(test_links_by_number),
	    WITH_BROKER(test_names_the_issuers),
	    WITH_BROKER(test_an_account_has_an_issuer_of_logins),
	    WITH_BROKER(test_names_no_issuer_where_nobody_logs_in),
	    WITH_BROKER(test_adds_by_number),
	    WITH_BROKER(test_links_no_number_of_another_issuer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
