/*
 * Who is authorised, by whom, and what that explains and would change: the
 * commands about access against a real register and real rules.
 */
#include "broker/admin/admin_command.h"
#include "broker/clock.h"
#include "broker/entitlement/entitlement.h"
#include "broker/register/history.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const ladder[] = {"low-acr", "substantial-acr", "high-acr"};

static const struct issuer_kind generic = {
    .name = "generic", .service.subjects = SERVICE_EITHER};

static const struct config config = {
    .issuers[0] = {.profile = {.issuer = "https://idp.example",
		       .acr_ladder = ladder,
		       .acr_ladder_count = 3},
	.logs_people_in = true,
	.kind = &generic,
	.name = "staff",
	.level_low = "low-acr",
	.level_substantial = "substantial-acr",
	.level_high = "high-acr"},
    .issuers_count = 1,
    .home_base = "/home",
    .shell = "/bin/bash",
};

#define GROUP(name, gid)                                        \
	"group \"" name "\" {\n\tgid = " gid                    \
	"\n\ttitle = \"T\"\n\ttitle_en = \"Title of " name "\"" \
	"\n\tbasis = \"KSF 2/2005\"\n}\n"

#define FLYT                                                                   \
	"service \"flyt\" {\n\ttitle = \"FLYT\"\n\ttitle_en = \"FLYT\"\n"      \
	"\tneeds_established_unit = true\n}\n" GROUP(                          \
	    "ko-flyt", "1900000120") GROUP("ko-flyt-giver",                    \
	    "1900000121") "grant \"ko-flyt\" {\n"                              \
			  "\treason = \"those on the list\"\n\troles_any = { " \
			  "\"flyt\" }\n"                                       \
			  "\tlevel = \"high\"\n\tauthorised = { \"case\", "    \
			  "\"clerical\" }\n}\n"                                \
			  "grant \"ko-flyt-giver\" {\n\treason = \"regional "  \
			  "leaders\"\n"                                        \
			  "\troles_any = { \"leder\" }\n\tunit_levels = { "    \
			  "\"region\", \"central\" }\n}\n"                     \
			  "quota \"ko-flyt\" {\n\tlevel = "                    \
			  "\"unit\"\n\tminimum = 1\n"                          \
			  "\tmaximum = 2\n\tclerical_maximum = 1\n"            \
			  "\tgivers = { \"ko-flyt-giver\" }\n\tgiver_level = " \
			  "\"region\"\n}\n"                                    \
			  "quota \"ko-flyt\" {\n\tlevel = "                    \
			  "\"region\"\n\tminimum = 1\n"                        \
			  "\tmaximum = 1\n\tgivers = { \"administrator\" }\n"  \
			  "\tgiver_level = \"central\"\n}\n"

#define UNIT(number, name, level, rest)                                    \
	"unit \"" number "\" {\n\tname = \"" name "\"\n\tlevel = \"" level \
	"\"\n" rest "\testablished = { \"flyt 2020-01-01\" }\n}\n"

static const char units_text[] = UNIT("0001", "KDI", "central", "")
    UNIT("0300", "Region øst", "region", "\tparent = \"0001\"\n")
	UNIT("0400", "Region vest", "region", "\tparent = \"0001\"\n")
	    UNIT("0321", "Oslo fengsel", "unit", "\tparent = \"0300\"\n")
		UNIT("0421", "Bergen fengsel", "unit", "\tparent = \"0400\"\n");

struct fixture {
	char folder[64];
	struct rules rules;
	struct realm realm;
	struct broker broker;
	int64_t now_s;
};

static struct {
	unsigned int refreshed; /* and published */
	unsigned int published; /* without that */
	char records[1024];
} seen;

int __wrap_broker_refresh(struct broker *broker, const char *account);
int __wrap_broker_publish(struct broker *broker);
int __wrap_broker_audit(
    struct broker *broker, const struct audit_record *record);

int
__wrap_broker_refresh(struct broker *broker, const char *account)
{
	bool changed;

	seen.refreshed++;
	return entitlement_refresh(broker->db,
		   rules_policy(broker->realm->rules), account, clock_wall_s(),
		   &changed) == REGISTER_OK
		   ? 0
		   : -EIO;
}

int
__wrap_broker_publish(struct broker *broker)
{
	(void)broker;
	seen.published++;
	return 0;
}

static const char *
or_dash(const char *text)
{
	return text ? text : "-";
}

int
__wrap_broker_audit(struct broker *broker, const struct audit_record *record)
{
	size_t length = strlen(seen.records);

	(void)broker;
	if (strcmp(record->result, "attempt") == 0)
		return 0;
	(void)snprintf(seen.records + length, sizeof(seen.records) - length,
	    "%s %s %s [%s] %s %s\n", record->action, record->result,
	    or_dash(record->reason), or_dash(record->detail),
	    or_dash(record->account), record->actor);
	return 0;
}

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

static struct policy_files *
make_files(const char *rules)
{
	struct policy_files *files = calloc(1, sizeof(*files));

	assert_non_null(files);
	assert_int_equal(policy_files_add(files, "access.d/flyt.conf", rules,
			     strlen(rules), true, false),
	    0);
	assert_int_equal(policy_files_add(files, "units.conf", units_text,
			     strlen(units_text), false, true),
	    0);
	return files;
}

static void
read_rules_of(struct fixture *fixture, const char *rules)
{
	const struct rules_place place = {
	    .local_dir = fixture->folder, .db = fixture->broker.db};
	struct config_error error = {""};

	fixture->rules.files = make_files(rules);
	if (rules_interpret(fixture->rules.files, false, &place, &config,
		&fixture->rules.text, &error))
		fail_msg("%s", error.text);
}

/* Others in force, which nobody has been decided by. */
static void
change_rules(struct fixture *fixture, const char *text)
{
	policy_text_free(fixture->rules.text);
	policy_files_free(fixture->rules.files);
	read_rules_of(fixture, text);
}

/* Has a person log in, with a role and a unit. */
static void
log_in(struct fixture *fixture, const char *name, const char *role,
    const char *unit, const char *acr)
{
	struct identity *identity = calloc(1, sizeof(*identity));
	struct account account;

	assert_int_equal(
	    register_account_by_name(fixture->broker.db, name, &account),
	    REGISTER_OK);
	strcpy(identity->issuer, account.issuer);
	strcpy(identity->subject, account.subject);
	strcpy(identity->acr, acr);
	identity->issued_at_s = identity->authenticated_at_s = fixture->now_s;
	identity->expires_at_s = fixture->now_s + 60;
	identity->roles[identity->roles_count++] = slice_of(role);
	if (unit)
		identity->units[identity->units_count++] = slice_of(unit);
	assert_int_equal(history_login(fixture->broker.db, account.id, identity,
			     fixture->now_s),
	    REGISTER_OK);
	assert_int_equal(__wrap_broker_refresh(&fixture->broker, name), 0);
	free(identity);
}

static void
add(struct fixture *fixture, const char *name)
{
	const struct account_request request = {
	    .name = name,
	    .issuer = "https://idp.example",
	    .subject = name,
	    .home = "/home/x",
	    .shell = "/bin/sh",
	};
	struct account account;

	assert_int_equal(register_account_add(fixture->broker.db, &request,
			     fixture->now_s - 100, &account),
	    REGISTER_OK);
}

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char path[128];

	assert_non_null(fixture);
	memset(&seen, 0, sizeof(seen));
	fixture->now_s = clock_wall_s();
	(void)strcpy(fixture->folder, "/tmp/test-access-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	put(fixture, "passwd", "root:x:0:0::/root:/bin/bash\n");
	put(fixture, "group", "root:x:0:\n");
	(void)snprintf(path, sizeof(path), "%s/register.db", fixture->folder);
	assert_int_equal(
	    register_open(path, fixture->folder, &fixture->broker.db),
	    REGISTER_OK);
	fixture->broker.paths.local_dir = fixture->folder;
	fixture->broker.paths.config_dir = fixture->folder;
	fixture->broker.paths.catalogue_dir = fixture->folder;
	fixture->realm.config = (struct config *)(uintptr_t)&config;
	fixture->realm.rules = &fixture->rules;
	fixture->broker.realm = &fixture->realm;
	read_rules_of(fixture, FLYT);
	add(fixture, "kari");
	add(fixture, "ola");
	add(fixture, "eva");
	add(fixture, "liv");
	log_in(fixture, "kari", "flyt", NULL, "high-acr");
	log_in(fixture, "liv", "leder", "0300", "high-acr");
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;
	char command[128];

	register_close(fixture->broker.db);
	policy_text_free(fixture->rules.text);
	policy_files_free(fixture->rules.files);
	(void)snprintf(
	    command, sizeof(command), "rm -rf '%s'", fixture->folder);
	free(fixture);
	return system(command);
}

static const struct admin_actor root = {.root = true, .record = "uid 0"};
static const struct admin_actor kari = {.account = "kari", .record = "kari"};
static const struct admin_actor liv = {.account = "liv", .record = "liv"};
static const struct admin_actor ola = {.account = "ola", .record = "ola"};
static const struct admin_actor eva = {.account = "eva", .record = "eva"};
static const struct admin_actor liv_root = {
    .root = true, .account = "liv", .record = "liv (root)"};

static json_t *
ask(struct fixture *fixture, const struct admin_actor *actor,
    const char *request_text)
{
	json_error_t error;
	json_auto_t *request = json_loads(request_text, 0, &error);
	json_t *answer;

	if (!request)
		fail_msg("%s: %s", request_text, error.text);
	seen.refreshed = seen.published = 0;
	seen.records[0] = '\0';
	answer = admin_command_run(&fixture->broker, actor, request);
	assert_non_null(answer);
	return answer;
}

static void
assert_refused(struct fixture *fixture, const struct admin_actor *actor,
    const char *request, const char *word)
{
	json_auto_t *answer = ask(fixture, actor, request);
	const char *error = json_string_value(json_object_get(answer, "error"));

	if (!error || strcmp(error, word) != 0)
		fail_msg("%s: %s", request, error ? error : "done");
	assert_true(json_string_length(json_object_get(answer, "text")) > 0);
	assert_int_equal(seen.refreshed + seen.published, 0);
}

/* The result, of the caller. */
static json_t *
done(struct fixture *fixture, const struct admin_actor *actor,
    const char *request)
{
	json_auto_t *answer = ask(fixture, actor, request);
	json_t *result = json_object_get(answer, "result");

	if (!json_is_true(json_object_get(answer, "ok")))
		fail_msg("%s: %s", request,
		    json_string_value(json_object_get(answer, "text")));
	return json_incref(result);
}

static void
assert_done(struct fixture *fixture, const struct admin_actor *actor,
    const char *request)
{
	json_decref(done(fixture, actor, request));
}

static bool
is_member(struct fixture *fixture, const char *name, uint32_t gid)
{
	struct account_group groups[REGISTER_GROUPS_MAX];
	struct account account;
	size_t count = 0, i;

	assert_int_equal(
	    register_account_by_name(fixture->broker.db, name, &account),
	    REGISTER_OK);
	assert_int_equal(register_account_groups(
			     fixture->broker.db, account.id, groups, &count),
	    REGISTER_OK);
	for (i = 0; i < count; i++) {
		if (groups[i].gid == gid)
			return true;
	}
	return false;
}

#define AUTHORISE(person, unit, order)                                    \
	"{\"command\":\"authorise\",\"person\":\"" person                 \
	"\",\"group\":\"ko-flyt\",\"unit\":\"" unit "\",\"order\":" order \
	",\"kind\":\"case\",\"basis\":\"vedtak 3\",\"reason\":\"ny leder\""
#define WITHDRAW(person)                                 \
	"{\"command\":\"withdraw\",\"person\":\"" person \
	"\",\"group\":\"ko-flyt\",\"reason\":\"sluttet\"}"

static void
test_a_giver_authorises(void **state)
{
	struct fixture *fixture = *state;
	json_t *result, *given;

	assert_false(is_member(fixture, "kari", 1900000120));
	result = done(fixture, &liv, AUTHORISE("kari", "0321", "1") "}");
	given = json_object_get(result, "authorisation");
	assert_string_equal(
	    json_string_value(json_object_get(given, "given_by")), "liv");
	assert_string_equal(
	    json_string_value(json_object_get(given, "unit")), "0321");
	assert_true(json_is_null(json_object_get(given, "until")));
	assert_true(json_is_false(json_object_get(result, "below_minimum")));
	json_decref(result);
	assert_int_equal(seen.refreshed, 1);
	assert_string_equal(seen.records,
	    "authorise done - [ko-flyt 0321: ny leder] kari liv\n");
	assert_true(is_member(fixture, "kari", 1900000120));
	result = done(fixture, &liv, WITHDRAW("kari"));
	assert_int_equal(
	    json_integer_value(json_object_get(result, "withdrawn")), 1);
	assert_string_equal(json_string_value(json_array_get(
				json_object_get(result, "below_minimum"), 0)),
	    "0321");
	json_decref(result);
	assert_string_equal(
	    seen.records, "withdraw done - [ko-flyt: sluttet] kari liv\n");
	assert_false(is_member(fixture, "kari", 1900000120));
}

static void
test_who_may_not_authorise(void **state)
{
	struct fixture *fixture = *state;

	assert_refused(
	    fixture, &liv, AUTHORISE("liv", "0321", "1") "}", "self");
	assert_string_equal(seen.records,
	    "authorise refused self [ko-flyt 0321: ny leder] - liv\n");
	assert_refused(
	    fixture, &liv_root, AUTHORISE("liv", "0300", "1") "}", "self");
	assert_refused(
	    fixture, &kari, AUTHORISE("ola", "0321", "1") "}", "not-a-giver");
	assert_refused(
	    fixture, &liv, AUTHORISE("ola", "0421", "1") "}", "other-unit");
	assert_refused(
	    fixture, &liv, AUTHORISE("ola", "0300", "1") "}", "not-a-giver");
	assert_refused(
	    fixture, &root, AUTHORISE("ola", "0321", "1") "}", "not-a-giver");
	assert_refused(
	    fixture, &root, AUTHORISE("ola", "0001", "1") "}", "no-quota");
	assert_refused(
	    fixture, &liv, AUTHORISE("nobody", "0321", "1") "}", "no-person");
	assert_refused(
	    fixture, &liv, AUTHORISE("ola", "0999", "1") "}", "unit-unknown");
	assert_refused(fixture, &liv,
	    "{\"command\":\"authorise\",\"person\":\"ola\",\"group\":\"x\","
	    "\"unit\":\"0321\",\"order\":1,\"kind\":\"case\"}",
	    "group-unknown");
	assert_refused(fixture, &liv,
	    "{\"command\":\"authorise\",\"person\":\"ola\",\"group\":"
	    "\"ko-flyt\",\"unit\":\"0321\",\"order\":1,\"kind\":\"boss\"}",
	    "bad-request");
	assert_refused(fixture, &liv,
	    AUTHORISE("ola", "0321", "1") ",\"until\":1}", "until-past");
	assert_refused(fixture, &liv,
	    AUTHORISE("ola", "0321", "1") ",\"from\":1}", "from-past");
	assert_refused(fixture, &liv,
	    AUTHORISE("ola", "0321", "1") ",\"from\":9999999999,\"until\":"
					  "9999999998}",
	    "until-before-from");
	assert_refused(fixture, &liv,
	    AUTHORISE("ola", "0321", "1") ",\"until\":\"x\"}", "time-invalid");
	assert_refused(
	    fixture, &liv, AUTHORISE("ola", "0321", "0") "}", "order-invalid");
	assert_refused(fixture, &liv, AUTHORISE("ola", "0321", "1000") "}",
	    "order-invalid");
	assert_refused(fixture, &liv,
	    AUTHORISE("ola", "0321", "1") ",\"basis\":\"\"}", "basis-invalid");
	assert_refused(fixture, &liv,
	    AUTHORISE("ola", "0321", "1") ",\"reason\":\"a\\nb\"}",
	    "reason-invalid");
}

#define WITHDRAW_IN(person, unit)                                    \
	"{\"command\":\"withdraw\",\"person\":\"" person             \
	"\",\"group\":\"ko-flyt\",\"unit\":\"" unit "\",\"reason\":" \
	"\"sluttet\"}"

/* Whoever may not withdraw learns nothing of who is authorised. */
static void
test_withdrawing_tells_nothing(void **state)
{
	static const struct {
		const struct admin_actor *actor;
		const char *request;
		const char *word;
	} cases[] = {
	    {&eva, WITHDRAW("ola"), "not-a-giver"},
	    {&eva, WITHDRAW("kari"), "not-a-giver"},
	    {&eva, WITHDRAW_IN("kari", "0321"), "not-a-giver"},
	    {&eva, WITHDRAW_IN("kari", "0400"), "not-a-giver"},
	    {&eva, WITHDRAW_IN("kari", "0999"), "other-unit"},
	    {&ola, WITHDRAW("kari"), "nothing-to-withdraw"},
	    {&ola, WITHDRAW("eva"), "nothing-to-withdraw"},
	    {&ola, WITHDRAW_IN("kari", "0321"), "other-unit"},
	    {&ola, WITHDRAW_IN("kari", "0421"), "nothing-to-withdraw"},
	    {&liv, WITHDRAW("liv"), "self"},
	};
	struct fixture *fixture = *state;
	unsigned int given;
	size_t i;

	log_in(fixture, "ola", "leder", "0400", "high-acr");
	for (given = 0; given < 2; given++) {
		for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
			assert_refused(fixture, cases[i].actor,
			    cases[i].request, cases[i].word);
		if (given == 0)
			assert_done(
			    fixture, &liv, AUTHORISE("kari", "0321", "1") "}");
	}
}

/* A giver withdraws in the own units; root in every one. */
static void
test_withdraws_in_the_own_units(void **state)
{
	struct fixture *fixture = *state;
	json_t *result;

	log_in(fixture, "ola", "leder", "0400", "high-acr");
	assert_done(fixture, &liv, AUTHORISE("kari", "0321", "1") "}");
	assert_done(fixture, &ola, AUTHORISE("kari", "0421", "1") "}");
	result = done(fixture, &ola, WITHDRAW("kari"));
	assert_int_equal(
	    json_integer_value(json_object_get(result, "withdrawn")), 1);
	json_decref(result);
	assert_true(is_member(fixture, "kari", 1900000120));
	assert_refused(fixture, &ola, WITHDRAW("kari"), "nothing-to-withdraw");
	assert_done(fixture, &ola, AUTHORISE("kari", "0421", "1") "}");
	result = done(fixture, &root, WITHDRAW("kari"));
	assert_int_equal(
	    json_integer_value(json_object_get(result, "withdrawn")), 2);
	json_decref(result);
	assert_false(is_member(fixture, "kari", 1900000120));
	assert_refused(fixture, &root, WITHDRAW("kari"), "nothing-to-withdraw");
}

/* Who became root from an account gives in that account's name. */
static void
test_root_gives_in_the_name_behind(void **state)
{
	struct fixture *fixture = *state;
	json_t *result;

	result = done(fixture, &liv_root, AUTHORISE("ola", "0300", "1") "}");
	assert_string_equal(
	    json_string_value(json_object_get(
		json_object_get(result, "authorisation"), "given_by")),
	    "liv");
	assert_string_equal(seen.records,
	    "authorise done - [ko-flyt 0300: ny leder] ola liv (root)\n");
	json_decref(result);
	assert_refused(fixture, &kari, WITHDRAW("ola"), "not-a-giver");
	/* Root may always withdraw. */
	assert_done(fixture, &root, WITHDRAW("ola"));
	result = done(fixture, &root, AUTHORISE("ola", "0300", "1") "}");
	assert_string_equal(
	    json_string_value(json_object_get(
		json_object_get(result, "authorisation"), "given_by")),
	    "administrator");
	json_decref(result);
}

/* What is left of a group would come back with it. */
static void
test_withdraws_what_the_rules_lack(void **state)
{
	static const char other[] =
	    "service \"flyt\" {\n\ttitle = \"FLYT\"\n\ttitle_en = "
	    "\"FLYT\"\n}\n" GROUP("ko-flyt-giver", "1900000121");
	struct fixture *fixture = *state;

	assert_done(fixture, &liv, AUTHORISE("kari", "0321", "1") "}");
	change_rules(fixture, other);
	assert_refused(fixture, &liv, WITHDRAW("kari"), "group-unknown");
	assert_refused(fixture, &root, WITHDRAW("ola"), "group-unknown");
	assert_refused(fixture, &root, WITHDRAW("per"), "not-found");
	assert_done(fixture, &root, WITHDRAW("kari"));
	assert_refused(fixture, &root, WITHDRAW("kari"), "group-unknown");
	change_rules(fixture, FLYT);
	assert_int_equal(__wrap_broker_refresh(&fixture->broker, "kari"), 0);
	assert_false(is_member(fixture, "kari", 1900000120));
}

static void
test_too_many_needs_an_exception(void **state)
{
	struct fixture *fixture = *state;

	assert_done(fixture, &liv, AUTHORISE("kari", "0321", "1") "}");
	assert_refused(
	    fixture, &liv, AUTHORISE("ola", "0321", "1") "}", "order-taken");
	assert_done(fixture, &liv, AUTHORISE("ola", "0321", "2") "}");
	assert_refused(
	    fixture, &liv, AUTHORISE("eva", "0321", "3") "}", "too-many");
	assert_done(fixture, &liv,
	    AUTHORISE("eva", "0321", "3") ",\"exception\":\"vedtak 9\"}");
}

#define IMPORT "{\"command\":\"authorise-import\",\"rows\":["
#define ROW(person, unit, order)                              \
	"{\"person\":\"" person "\",\"group\":\"ko-flyt\","   \
	"\"unit\":\"" unit "\",\"order\":" order ",\"kind\":" \
	"\"case\",\"basis\":\"b\",\"reason\":\"r\"}"

static void
test_import_is_all_or_nothing(void **state)
{
	static const char *const format =
	    "{\"command\":\"authorise-import\",\"rows\":[{\"person\":\"ola\","
	    "\"group\":\"ko-flyt\",\"unit\":\"0300\",\"order\":1,\"kind\":"
	    "\"case\",\"basis\":\"b\",\"reason\":\"r\"}%s]}";
	struct fixture *fixture = *state;
	char request[1024];
	json_t *answer;

	(void)snprintf(request, sizeof(request), format,
	    ",{\"person\":\"eva\",\"group\":\"ko-flyt\",\"unit\":\"0300\","
	    "\"order\":2,\"kind\":\"case\",\"basis\":\"b\",\"reason\":\"r\"}");
	answer = ask(fixture, &root, request);
	assert_string_equal(
	    json_string_value(json_object_get(answer, "error")), "too-many");
	assert_int_equal(json_integer_value(json_object_get(answer, "row")), 2);
	json_decref(answer);
	(void)snprintf(request, sizeof(request), format, ", 7");
	answer = ask(fixture, &root, request);
	assert_int_equal(json_integer_value(json_object_get(answer, "row")), 2);
	json_decref(answer);
	(void)snprintf(request, sizeof(request), format, "");
	assert_refused(fixture, &liv, request, "not-a-giver");
	answer = done(fixture, &root, request);
	assert_int_equal(
	    json_integer_value(json_object_get(answer, "imported")), 1);
	assert_string_equal(seen.records,
	    "authorise-import done - [ko-flyt 0300: r] ola uid 0\n");
	json_decref(answer);
}

static void
test_import_publishes_once(void **state)
{
	struct fixture *fixture = *state;

	log_in(fixture, "ola", "flyt", NULL, "high-acr");
	assert_done(fixture, &root,
	    "{\"command\":\"authorise-import\",\"rows\":["
	    "{\"person\":\"kari\",\"group\":\"ko-flyt\",\"unit\":\"0300\","
	    "\"order\":1,\"kind\":\"case\",\"basis\":\"b\",\"reason\":\"r\"},"
	    "{\"person\":\"ola\",\"group\":\"ko-flyt\",\"unit\":\"0400\","
	    "\"order\":2,\"kind\":\"case\",\"basis\":\"b\",\"reason\":\"r\"}]"
	    "}");
	assert_int_equal(seen.refreshed, 0);
	assert_int_equal(seen.published, 1);
	assert_true(is_member(fixture, "kari", 1900000120));
	assert_true(is_member(fixture, "ola", 1900000120));
}

static size_t
listed(struct fixture *fixture, const struct admin_actor *actor,
    const char *request)
{
	json_auto_t *result = done(fixture, actor, request);

	return json_array_size(json_object_get(result, "authorisations"));
}

/* A giver's file is judged row by row, as each would be alone. */
static void
test_a_giver_imports(void **state)
{
	struct fixture *fixture = *state;
	json_auto_t *given = NULL;

	assert_refused(fixture, &liv,
	    IMPORT ROW("ola", "0321", "1") "," ROW("eva", "0421", "1") "]}",
	    "other-unit");
	assert_refused(fixture, &liv,
	    IMPORT ROW("ola", "0321", "1") "," ROW("liv", "0321", "2") "]}",
	    "self");
	assert_refused(
	    fixture, &kari, IMPORT ROW("ola", "0321", "1") "]}", "not-a-giver");
	assert_int_equal(
	    listed(fixture, &root, "{\"command\":\"authorised\"}"), 0);
	assert_done(fixture, &liv,
	    IMPORT ROW("ola", "0321", "1") "," ROW("kari", "0321", "2") "]}");
	assert_string_equal(seen.records,
	    "authorise-import done - [ko-flyt 0321: r] ola liv\n"
	    "authorise-import done - [ko-flyt 0321: r] kari liv\n");
	given = done(fixture, &root, "{\"command\":\"authorised\"}");
	assert_string_equal(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(given, "authorisations"), 0),
		"given_by")),
	    "liv");
}

/* A file of what was in force elsewhere has beginnings in the past. */
static void
test_an_import_begins_now(void **state)
{
	struct fixture *fixture = *state;
	json_t *result, *given;

	result = done(fixture, &liv,
	    IMPORT ROW("ola", "0321", "1,\"from\":1000") "," ROW(
		"kari", "0321", "2") "]}");
	assert_int_equal(
	    json_integer_value(json_object_get(result, "begins_now")), 1);
	json_decref(result);
	result = done(fixture, &root, "{\"command\":\"authorised\"}");
	given = json_array_get(json_object_get(result, "authorisations"), 0);
	assert_true(json_integer_value(json_object_get(given, "from")) >=
		    fixture->now_s);
	json_decref(result);
}

/* The same row over and over: refused for the number before it is read. */
static void
test_an_import_is_bounded(void **state)
{
	static const struct {
		const struct admin_actor *actor;
		size_t rows;
		const char *word;
	} cases[] = {
	    {&liv, 200, "not-a-giver"},
	    {&liv, 201, "too-many-rows"},
	    {&root, 10000, "exists"},
	    {&root, 10001, "too-many-rows"},
	    {&root, 0, "bad-request"},
	};
	struct fixture *fixture = *state;
	json_t *request, *rows, *row, *answer;
	size_t i, j;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rows = json_array();
		row = json_loads(ROW("ola", "0300", "1"), 0, NULL);
		for (j = 0; j < cases[i].rows; j++)
			assert_int_equal(json_array_append(rows, row), 0);
		request = json_pack(
		    "{s:s, s:o}", "command", "authorise-import", "rows", rows);
		answer = admin_command_run(
		    &fixture->broker, cases[i].actor, request);
		assert_string_equal(
		    json_string_value(json_object_get(answer, "error")),
		    cases[i].word);
		json_decref(answer);
		json_decref(request);
		json_decref(row);
	}
}

static void
test_lists_who_is_authorised(void **state)
{
	struct fixture *fixture = *state;
	json_t *result, *quota;
	char request[256];

	assert_done(fixture, &liv, AUTHORISE("kari", "0321", "2") "}");
	assert_done(fixture, &liv, AUTHORISE("ola", "0321", "1") "}");
	result = done(fixture, &root,
	    "{\"command\":\"authorised\",\"group\":\"ko-flyt\"}");
	assert_string_equal(
	    json_string_value(json_object_get(
		json_array_get(json_object_get(result, "authorisations"), 0),
		"person")),
	    "ola");
	/* Each established unit for which there is a quota. */
	assert_int_equal(json_array_size(json_object_get(result, "quotas")), 4);
	quota = json_array_get(json_object_get(result, "quotas"), 1);
	assert_string_equal(
	    json_string_value(json_object_get(quota, "unit")), "0321");
	assert_int_equal(json_integer_value(json_object_get(quota, "case")), 2);
	assert_int_equal(
	    json_integer_value(json_object_get(quota, "maximum")), 2);
	json_decref(result);

	/* A member sees the list; who is neither sees their own rows. */
	assert_int_equal(
	    listed(fixture, &kari, "{\"command\":\"authorised\"}"), 2);
	assert_done(fixture, &liv, WITHDRAW("kari"));
	assert_int_equal(
	    listed(fixture, &kari, "{\"command\":\"authorised\"}"), 0);
	assert_refused(fixture, &kari,
	    "{\"command\":\"authorised\",\"group\":\"ko-flyt\"}",
	    "not-permitted");
	(void)snprintf(request, sizeof(request),
	    "{\"command\":\"authorised\",\"from\":%lld,\"to\":%lld}",
	    (long long)fixture->now_s - 10, (long long)fixture->now_s + 10);
	/* Kari's too, which may have been withdrawn within its second. */
	assert_int_equal(listed(fixture, &root, request), 2);
	(void)snprintf(request, sizeof(request),
	    "{\"command\":\"authorised\",\"as_of\":%lld}",
	    (long long)fixture->now_s - 10);
	assert_int_equal(listed(fixture, &root, request), 0);
	assert_refused(fixture, &root,
	    "{\"command\":\"authorised\",\"as_of\":5,\"from\":1,\"to\":2}",
	    "time-invalid");
	assert_refused(fixture, &root,
	    "{\"command\":\"authorised\",\"from\":3,\"to\":2}", "time-invalid");
	assert_int_equal(listed(fixture, &root,
			     "{\"command\":\"authorised\",\"person\":\"ola\"}"),
	    1);
}

/* A giver sees their units and those below, a member the own one. */
static void
test_lists_no_other_units(void **state)
{
	static const char all[] = "{\"command\":\"authorised\"}";
	static const char group[] =
	    "{\"command\":\"authorised\",\"group\":\"ko-flyt\"}";
	static const char other[] =
	    "{\"command\":\"authorised\",\"group\":\"ko-flyt\",\"unit\":"
	    "\"0421\"}";
	struct fixture *fixture = *state;
	json_t *result;

	log_in(fixture, "ola", "leder", "0400", "high-acr");
	log_in(fixture, "eva", "leder", "0001", "high-acr");
	assert_done(fixture, &liv, AUTHORISE("kari", "0321", "1") "}");
	assert_done(fixture, &ola, AUTHORISE("eva", "0421", "1") "}");
	assert_int_equal(listed(fixture, &liv, all), 1);
	assert_int_equal(listed(fixture, &ola, group), 1);
	assert_int_equal(listed(fixture, &kari, group), 1);
	assert_int_equal(listed(fixture, &eva, all), 2);
	assert_int_equal(listed(fixture, &root, all), 2);
	assert_int_equal(listed(fixture, &ola, other), 1);
	assert_refused(fixture, &kari, other, "not-permitted");
	assert_refused(fixture, &liv, other, "not-permitted");
	result = done(fixture, &kari, group);
	assert_int_equal(json_array_size(json_object_get(result, "quotas")), 1);
	json_decref(result);
	/* Liv's own authorisation elsewhere is shown, and nothing beside it. */
	assert_done(fixture, &ola, AUTHORISE("liv", "0421", "2") "}");
	result = done(fixture, &liv, all);
	assert_int_equal(
	    json_array_size(json_object_get(result, "authorisations")), 2);
	assert_int_equal(json_array_size(json_object_get(result, "quotas")), 1);
	json_decref(result);
	result = done(fixture, &liv, "{\"command\":\"notices\"}");
	assert_int_equal(
	    json_array_size(json_object_get(result, "notices")), 1);
	json_decref(result);
}

static void
test_notices_wait_until_taken(void **state)
{
	struct fixture *fixture = *state;
	json_t *result, *notice;
	char request[128];

	assert_done(fixture, &liv, AUTHORISE("kari", "0321", "1") "}");
	assert_done(fixture, &liv, WITHDRAW("kari"));
	result = done(fixture, &liv, "{\"command\":\"notices\"}");
	assert_int_equal(
	    json_array_size(json_object_get(result, "notices")), 3);
	notice = json_array_get(json_object_get(result, "notices"), 2);
	assert_string_equal(json_string_value(json_object_get(notice, "kind")),
	    "below-minimum");
	(void)snprintf(request, sizeof(request),
	    "{\"command\":\"notice-take\",\"id\":%lld}",
	    (long long)json_integer_value(json_object_get(notice, "id")));
	json_decref(result);
	assert_refused(fixture, &kari, request, "notice-unknown");
	/* A giver sees it; it is the central level's to take. */
	assert_refused(fixture, &liv, request, "not-permitted");
	log_in(fixture, "ola", "leder", "0400", "high-acr");
	assert_refused(fixture, &ola, request, "notice-unknown");
	log_in(fixture, "eva", "leder", "0001", "high-acr");
	assert_done(fixture, &eva, request);
	result = done(fixture, &root, "{\"command\":\"notices\"}");
	assert_int_equal(
	    json_array_size(json_object_get(result, "notices")), 2);
	json_decref(result);
	result = done(fixture, &root, "{\"command\":\"notices\",\"all\":true}");
	assert_int_equal(
	    json_array_size(json_object_get(result, "notices")), 3);
	json_decref(result);
	result = done(fixture, &kari, "{\"command\":\"notices\"}");
	assert_int_equal(
	    json_array_size(json_object_get(result, "notices")), 0);
	json_decref(result);
}

/* The decision about ko-flyt, of the caller. */
static json_t *
explained(struct fixture *fixture, const char *name, const char *rest)
{
	json_auto_t *result = NULL;
	char request[512];

	(void)snprintf(request, sizeof(request),
	    "{\"command\":\"explain\",\"name\":\"%s\",\"group\":"
	    "\"ko-flyt\"%s}",
	    name, rest);
	result = done(fixture, &root, request);
	assert_int_equal(
	    json_array_size(json_object_get(result, "decisions")), 1);
	return json_incref(
	    json_array_get(json_object_get(result, "decisions"), 0));
}

static void
assert_explained(struct fixture *fixture, const char *name, const char *rest,
    const char *condition, const char *wanted)
{
	json_auto_t *decision = explained(fixture, name, rest);
	const char *word =
	    json_string_value(json_object_get(decision, "condition"));
	const char *text =
	    json_string_value(json_object_get(decision, "wanted"));

	if (!word || strcmp(word, condition) != 0)
		fail_msg("%s: %s", rest, word ? word : "granted");
	if (!strstr(text, wanted))
		fail_msg("%s: %s", rest, text);
}

static void
test_explains_what_is_missing(void **state)
{
	struct fixture *fixture = *state;
	json_t *decision;

	assert_explained(fixture, "ola", "", "no-login", "a first login");
	assert_explained(fixture, "liv", "", "role", "the role flyt");
	assert_explained(fixture, "kari", ",\"with\":{\"level\":\"low\"}",
	    "level", "a login at the level high");
	assert_explained(fixture, "kari", "", "authorisation",
	    "a personal authorisation of the kind case or clerical, in force "
	    "now: portvaktctl authorise kari ko-flyt");
	assert_explained(fixture, "ola",
	    ",\"with\":{\"roles\":[\"flyt\"],\"acr\":\"high-acr\"}",
	    "authorisation", "case");
	assert_done(fixture, &liv, AUTHORISE("kari", "0321", "1") "}");
	decision = explained(fixture, "kari", "");
	assert_true(json_is_true(json_object_get(decision, "granted")));
	assert_string_equal(
	    json_string_value(json_object_get(decision, "authorised_by")),
	    "liv");
	assert_string_equal(
	    json_string_value(json_object_get(decision, "authorised_basis")),
	    "vedtak 3");
	assert_string_equal(
	    json_string_value(json_object_get(decision, "unit")), "0321");
	assert_string_equal(
	    json_string_value(json_object_get(decision, "file")),
	    "access.d/flyt.conf");
	assert_true(json_integer_value(json_object_get(decision, "line")) > 10);
	json_decref(decision);
	assert_refused(fixture, &root,
	    "{\"command\":\"explain\",\"name\":\"kari\",\"group\":\"x\"}",
	    "group-unknown");
	assert_refused(fixture, &root,
	    "{\"command\":\"explain\",\"name\":\"per\"}", "not-found");
	assert_refused(fixture, &root,
	    "{\"command\":\"explain\",\"name\":\"kari\",\"with\":{\"acr\":"
	    "\"x\"}}",
	    "level-unknown");
	assert_refused(fixture, &liv,
	    "{\"command\":\"explain\",\"name\":\"liv\"}", "not-permitted");
}

static void
test_explains_the_past(void **state)
{
	struct fixture *fixture = *state;
	char rest[64];
	json_t *decision;
	void *record;
	size_t size;

	assert_done(fixture, &liv, AUTHORISE("kari", "0321", "1") "}");
	(void)snprintf(rest, sizeof(rest), ",\"as_of\":%lld",
	    (long long)fixture->now_s - 50);
	assert_refused(fixture, &root,
	    "{\"command\":\"explain\",\"name\":\"kari\",\"as_of\":1000}",
	    "rules-unknown");
	assert_int_equal(
	    policy_files_put(fixture->rules.files, &record, &size), 0);
	assert_int_equal(history_rules(fixture->broker.db, record, size,
			     fixture->now_s - 90),
	    REGISTER_OK);
	free(record);
	assert_explained(fixture, "kari", rest, "no-login", "a first login");
	/* What is not behind us is known as it is now. */
	(void)snprintf(rest, sizeof(rest), ",\"as_of\":%lld",
	    (long long)fixture->now_s + 1000);
	decision = explained(fixture, "kari", rest);
	assert_true(json_is_true(json_object_get(decision, "granted")));
	json_decref(decision);
}

/* A day is explained by the rules of that day. */
static void
test_explains_by_the_rules_of_then(void **state)
{
	static const char other[] =
	    "service \"flyt\" {\n\ttitle = \"FLYT\"\n\ttitle_en = "
	    "\"FLYT\"\n}\n" GROUP("ko-flyt-giver",
		"1900000121") "grant \"ko-flyt-giver\" {\n"
			      "\treason = \"others\"\n\troles_any = { "
			      "\"x\" }\n}\n";
	struct fixture *fixture = *state;
	json_t *result, *decision;
	char request[160];
	void *record;
	size_t size;

	assert_int_equal(
	    policy_files_put(fixture->rules.files, &record, &size), 0);
	assert_int_equal(history_rules(fixture->broker.db, record, size,
			     fixture->now_s - 90),
	    REGISTER_OK);
	free(record);
	fixture->now_s -= 60;
	log_in(fixture, "ola", "leder", "0300", "high-acr");
	change_rules(fixture, other);
	(void)snprintf(request, sizeof(request),
	    "{\"command\":\"explain\",\"name\":\"ola\",\"group\":"
	    "\"ko-flyt-giver\",\"as_of\":%lld}",
	    (long long)fixture->now_s + 10);
	result = done(fixture, &root, request);
	decision = json_array_get(json_object_get(result, "decisions"), 0);
	assert_true(json_is_true(json_object_get(decision, "granted")));
	assert_string_equal(
	    json_string_value(json_object_get(decision, "reason")),
	    "regional leaders");
	json_decref(result);
	result = done(fixture, &root,
	    "{\"command\":\"explain\",\"name\":\"ola\",\"group\":"
	    "\"ko-flyt-giver\"}");
	decision = json_array_get(json_object_get(result, "decisions"), 0);
	assert_string_equal(
	    json_string_value(json_object_get(decision, "condition")), "role");
	json_decref(result);
}

static json_t *
simulated(struct fixture *fixture, const char *text)
{
	json_auto_t *request =
	    json_pack("{s:s, s:[{s:s, s:s, s:b}]}", "command", "simulate",
		"files", "name", "/new/flyt.conf", "text", text, "units", 0);
	char *asked = json_dumps(request, 0);
	json_t *answer = ask(fixture, &root, asked);

	free(asked);
	return answer;
}

static void
assert_simulation_refused(
    struct fixture *fixture, const char *groups, const char *why)
{
	char text[512];
	json_t *answer;

	(void)snprintf(text, sizeof(text),
	    "service \"flyt\" {\n\ttitle = \"FLYT\"\n\ttitle_en = "
	    "\"FLYT\"\n}\n%s",
	    groups);
	answer = simulated(fixture, text);
	assert_string_equal(json_string_value(json_object_get(answer, "error")),
	    "rules-invalid");
	assert_non_null(
	    strstr(json_string_value(json_object_get(answer, "text")), why));
	assert_non_null(
	    strstr(json_string_value(json_object_get(answer, "text")),
		"/new/flyt.conf:"));
	json_decref(answer);
}

static void
test_simulates(void **state)
{
	static const char other[] =
	    "service \"flyt\" {\n\ttitle = \"FLYT\"\n\ttitle_en = "
	    "\"FLYT\"\n}\n" GROUP("ko-flyt",
		"1900000120") "grant \"ko-flyt\" {\n"
			      "\treason = \"leaders read it\"\n\troles_any = { "
			      "\"leder\" }\n}\n";
	struct fixture *fixture = *state;
	const json_t *changes, *change;
	json_t *answer;
	size_t i;

	assert_done(fixture, &liv, AUTHORISE("kari", "0321", "1") "}");
	answer = simulated(fixture, FLYT);
	changes = json_object_get(json_object_get(answer, "result"), "changes");
	assert_int_equal(json_array_size(changes), 0);
	json_decref(answer);
	answer = simulated(fixture, other);
	changes = json_object_get(json_object_get(answer, "result"), "changes");
	assert_int_equal(json_array_size(changes), 3);
	json_array_foreach (changes, i, change) {
		const char *account =
		    json_string_value(json_object_get(change, "account"));
		const char *group =
		    json_string_value(json_object_get(change, "group"));
		bool gains = json_is_true(json_object_get(change, "gains"));

		assert_int_equal(gains, strcmp(account, "liv") == 0 &&
					    strcmp(group, "ko-flyt") == 0);
	}
	assert_int_equal(json_integer_value(json_object_get(
			     json_object_get(answer, "result"), "accounts")),
	    4);
	json_decref(answer);
	assert_int_equal(seen.refreshed, 0);
	assert_true(is_member(fixture, "kari", 1900000120));
	answer = simulated(fixture, "service \"flyt\" {\n\tnonsense = 1\n}\n");
	assert_string_equal(json_string_value(json_object_get(answer, "error")),
	    "rules-invalid");
	assert_non_null(
	    strstr(json_string_value(json_object_get(answer, "text")),
		"/new/flyt.conf:2"));
	json_decref(answer);
	assert_refused(
	    fixture, &root, "{\"command\":\"simulate\"}", "bad-request");
	/* What a reload would refuse for the register's sake. */
	assert_simulation_refused(
	    fixture, GROUP("kari", "1900000130"), "private group");
	assert_simulation_refused(
	    fixture, GROUP("ko-ny", "1900000120"), "never used twice");
}

#define HELSE                                                                 \
	"service \"flyt\" {\n\ttitle = \"H\"\n\ttitle_en = \"H\"\n}\n" GROUP( \
	    "ko-helse", "1900000120") "grant \"ko-helse\" {\n"                \
				      "\treason = \"r\"\n"                    \
				      "\troles_any = { \"helse\" }\n}\n"

/* Of somebody who was never in the group, which the register never named. */
static void
test_a_gid_keeps_its_authorisations(void **state)
{
	struct fixture *fixture = *state;
	const struct rules_place place = {
	    .catalogue_dir = "/nonexistent-catalogue",
	    .config_dir = fixture->folder,
	    .local_dir = fixture->folder,
	    .db = fixture->broker.db,
	};
	struct config_error error = {""};
	struct rules *rules = NULL;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/access.d", fixture->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	put(fixture, "access.d/helse.conf", HELSE);
	if (rules_read(&place, &config, &rules, &error))
		fail_msg("%s", error.text);
	rules_free(rules);
	assert_done(fixture, &liv, AUTHORISE("ola", "0321", "1") "}");
	assert_done(fixture, &liv, WITHDRAW("ola"));
	assert_int_equal(rules_read(&place, &config, &rules, &error), -EINVAL);
	assert_non_null(strstr(error.text, "group ko-flyt"));
	assert_non_null(strstr(error.text, "in ko-helse at once"));
}

#define WITH_RULES(test) \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_RULES(test_a_giver_authorises),
	    WITH_RULES(test_who_may_not_authorise),
	    WITH_RULES(test_withdrawing_tells_nothing),
	    WITH_RULES(test_withdraws_in_the_own_units),
	    WITH_RULES(test_root_gives_in_the_name_behind),
	    WITH_RULES(test_withdraws_what_the_rules_lack),
	    WITH_RULES(test_too_many_needs_an_exception),
	    WITH_RULES(test_import_is_all_or_nothing),
	    WITH_RULES(test_import_publishes_once),
	    WITH_RULES(test_a_giver_imports),
	    WITH_RULES(test_an_import_begins_now),
	    WITH_RULES(test_an_import_is_bounded),
	    WITH_RULES(test_lists_who_is_authorised),
	    WITH_RULES(test_lists_no_other_units),
	    WITH_RULES(test_notices_wait_until_taken),
	    WITH_RULES(test_explains_what_is_missing),
	    WITH_RULES(test_explains_the_past),
	    WITH_RULES(test_explains_by_the_rules_of_then),
	    WITH_RULES(test_simulates),
	    WITH_RULES(test_a_gid_keeps_its_authorisations),
	};

	return cmocka_run_group_tests_name("admin_access", tests, NULL, NULL);
}
