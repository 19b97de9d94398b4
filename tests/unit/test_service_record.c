/* What portvakt-api may write into the audit file, and what it may not. */
#include "broker/service/service_record.h"

#include "lib/service_protocol.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KARIS "15869000016"

static struct {
	unsigned int written;
	unsigned int room; /* records that the disk has place for */
	bool journal_only;
	char line[2048]; /* of the last one: what it has, in order */
} world;

static struct broker broker;

int __wrap_audit_write(
    struct audit *audit, const struct audit_record *record, int64_t now_us);
int __wrap_audit_file_error(const struct audit *audit);

static void
put(const char *name, const char *value)
{
	size_t at = strlen(world.line);

	if (value)
		(void)snprintf(world.line + at, sizeof(world.line) - at,
		    "%s=%s ", name, value);
}

int
__wrap_audit_write(
    struct audit *audit, const struct audit_record *record, int64_t now_us)
{
	(void)audit;
	(void)now_us;
	if (world.room == 0)
		return -ENOSPC;
	world.room--;
	world.written++;
	world.line[0] = '\0';
	put("peer", record->peer);
	put("at", record->at);
	put("action", record->action);
	put("result", record->result);
	put("reason", record->reason);
	put("client", record->client);
	put("audience", record->audience);
	put("issuer", record->issuer);
	put("account", record->account);
	put("subject", record->subject);
	put("client_id", record->client_id);
	put("consumer", record->consumer);
	put("supplier", record->supplier);
	put("delegation_source", record->delegation_source);
	put("token_id", record->token_id);
	put("session", record->session);
	put("scope", record->scope);
	put("acr", record->acr);
	put("group", record->group);
	put("target", record->target);
	put("times", record->times);
	put("actor", record->actor);
	put("service", record->service);
	return 0;
}

int
__wrap_audit_file_error(const struct audit *audit)
{
	(void)audit;
	return world.journal_only ? -EIO : 0;
}

static int
set_up(void **state)
{
	char dir[] = "/tmp/portvakt-record-XXXXXX", path[64];
	const char *problem = "";

	(void)state;
	memset(&world, 0, sizeof(world));
	world.room = 100000;
	broker = (struct broker){.event = NULL};
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/keys", dir);
	if (person_keys_create(path, &broker.person_keys, &problem))
		return -1;
	return unlink(path) || rmdir(dir) ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	broker.person_keys = person_keys_free(broker.person_keys);
	return 0;
}

/* records: the members of one record, or several joined by "}, {". */
static json_t *
record(const char *records)
{
	struct service_question question;
	const char *problem;
	json_t *answer;
	char text[65536];

	(void)snprintf(text, sizeof(text),
	    "{\"id\": 3, \"ask\": \"record\", \"records\": [{%s}]}", records);
	if (service_question_read(text, strlen(text), &question, &problem))
		fail_msg("%s: %s", text, problem);
	question.peer = "uid 990";
	answer = service_record(&broker, &question);
	service_question_done(&question);
	assert_non_null(answer);
	return answer;
}

static const char *
word_of(const char *records)
{
	static char word[32];
	json_auto_t *answer = record(records);
	const char *error = json_string_value(json_object_get(answer, "error"));

	assert_int_equal(json_integer_value(json_object_get(answer, "id")), 3);
	assert_int_equal(
	    json_is_true(json_object_get(answer, "ok")), error == NULL);
	(void)snprintf(word, sizeof(word), "%s", error ? error : "kept");
	return word;
}

#define BASE                                                             \
	"\"at_ms\": 1795305062001, \"action\": \"verify\", \"result\": " \
	"\"deny\", \"reason\": \"expired\""

static void
test_keeps_all_that_is_told(void **state)
{
	(void)state;
	assert_string_equal(
	    word_of(BASE
		", \"client\": \"saker\", \"audience\": \"https://a\","
		"\"issuer\": \"staff\", \"account\": \"kari\","
		"\"client_id\": \"c\", \"consumer\": \"0192:911830868\","
		"\"supplier\": \"0192:1\", \"delegation_source\": \"d\","
		"\"token_id\": \"j\", \"session\": \"s\", \"acr\": \"high\","
		"\"group\": \"ko-a\", \"target\": \"ks:fiks\", \"times\": 12"),
	    "kept");
	assert_string_equal(world.line,
	    "peer=uid 990 at=2026-11-21T23:51:02.001000Z action=verify "
	    "result=deny reason=expired client=saker audience=https://a "
	    "issuer=staff account=kari client_id=c consumer=0192:911830868 "
	    "supplier=0192:1 delegation_source=d token_id=j session=s "
	    "acr=high group=ko-a target=ks:fiks times=12 ");
}

static void
test_hides_the_subject(void **state)
{
	const char *hash;
	char first[2048];

	(void)state;
	assert_string_equal(
	    word_of(BASE ", \"issuer\": \"staff\", \"subject\": \"kanari\""),
	    "kept");
	assert_null(strstr(world.line, "kanari"));
	hash = strstr(world.line, "subject=1:");
	assert_non_null(hash);
	assert_int_equal(
	    strspn(hash + strlen("subject=1:"), "0123456789abcdef"), 32);
	strcpy(first, world.line);
	/* The same for the same one, another at another issuer. */
	(void)word_of(BASE ", \"subject\": \"kanari\", \"issuer\": \"staff\"");
	assert_string_equal(world.line, first);
	(void)word_of(BASE ", \"subject\": \"kanari\", \"issuer\": \"other\"");
	assert_string_not_equal(
	    strstr(world.line, "subject="), strstr(first, "subject="));
	/* Who has an account is known by it. */
	(void)word_of(BASE ", \"subject\": \"kanari\", \"account\": \"kari\"");
	assert_null(strstr(world.line, "subject="));
	assert_null(strstr(world.line, "kanari"));
	broker.person_keys = person_keys_free(broker.person_keys);
	assert_string_equal(word_of(BASE ", \"subject\": \"kanari\""), "kept");
	assert_null(strstr(world.line, "subject="));
	assert_null(strstr(world.line, "kanari"));
}

static void
test_withholds_identity_numbers(void **state)
{
	static const char *const members[] = {"client", "audience", "issuer",
	    "subject", "client_id", "consumer", "supplier", "delegation_source",
	    "token_id", "session", "acr", "group", "target"};
	char records[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		(void)snprintf(records, sizeof(records),
		    BASE ", \"%s\": \"x-" KARIS "-y\"", members[i]);
		assert_string_equal(word_of(records), "kept");
		assert_null(strstr(world.line, KARIS));
		(void)snprintf(records, sizeof(records),
		    "%s=(an identity number was here)", members[i]);
		if (strcmp(members[i], "subject") != 0)
			assert_non_null(strstr(world.line, records));
	}
	/* A word takes digits, and no number of a person either. */
	assert_string_equal(
	    word_of("\"at_ms\": 1, \"action\": \"verify\", \"result\": "
		    "\"deny\", \"reason\": \"" KARIS "\""),
	    "kept");
	assert_null(strstr(world.line, KARIS));
}

static void
test_refuses_what_is_not_exactly_right(void **state)
{
	static const char *const records[] = {
	    "",
	    "\"action\": \"verify\", \"result\": \"deny\", \"reason\": \"x\"",
	    "\"at_ms\": 1, \"result\": \"deny\", \"reason\": \"x\"",
	    "\"at_ms\": 1, \"action\": \"verify\", \"reason\": \"x\"",
	    "\"at_ms\": 1, \"action\": \"verify\", \"result\": \"deny\"",
	    "\"at_ms\": 1, \"action\": \"login\", \"result\": \"allow\", "
	    "\"reason\": \"x\"",
	    "\"at_ms\": 1, \"action\": \"verify\", \"result\": \"yes\", "
	    "\"reason\": \"x\"",
	    "\"at_ms\": 1, \"action\": \"verify\", \"result\": \"deny\", "
	    "\"reason\": \"Not a word\"",
	    "\"at_ms\": -1, \"action\": \"verify\", \"result\": \"deny\", "
	    "\"reason\": \"x\"",
	    "\"at_ms\": 253402300800000, \"action\": \"verify\", \"result\": "
	    "\"deny\", \"reason\": \"x\"",
	    "\"at_ms\": \"1\", \"action\": \"verify\", \"result\": \"deny\", "
	    "\"reason\": \"x\"",
	    BASE ", \"account\": \"Kari N\"",
	    BASE ", \"account\": \"\"",
	    BASE ", \"client\": 7",
	    BASE ", \"client\": null",
	    BASE ", \"times\": 0",
	    BASE ", \"times\": 1000000001",
	    BASE ", \"times\": \"1\"",
	    BASE ", \"actor\": \"uid 0\"",
	    BASE ", \"groups\": \"ko-a\"",
	    BASE "}, {\"at_ms\": 1",
	};
	char longest[1024] = BASE ", \"client\": \"";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		assert_string_equal(word_of(records[i]), "bad-request");
	i = strlen(longest);
	memset(longest + i, 'a', 512);
	strcpy(longest + i + 512, "\"");
	assert_string_equal(word_of(longest), "kept");
	strcpy(longest + i + 512, "a\"");
	assert_string_equal(word_of(longest), "bad-request");
	assert_int_equal(world.written, 1);
}

static void
test_says_what_is_not_kept(void **state)
{
	json_t *answer;

	(void)state;
	world.room = 2;
	answer = record(BASE "}, {" BASE "}, {" BASE "}, {" BASE);
	assert_string_equal(
	    json_string_value(json_object_get(answer, "error")), "outage");
	assert_string_equal(json_string_value(json_object_get(answer, "text")),
	    "the audit file: No space left on device");
	assert_int_equal(
	    json_integer_value(json_object_get(answer, "kept")), 2);
	json_decref(answer);
	/* The journal forgets. */
	world.room = 10;
	world.journal_only = true;
	assert_string_equal(word_of(BASE), "outage");
}

/* A disk is not filled at once, however many ask. */
static void
test_bounds_how_much_is_written(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 20000 && strcmp(word_of(BASE), "kept") == 0; i++)
		;
	assert_in_range(i, 16384, 19999);
	assert_string_equal(word_of(BASE "}, {" BASE), "busy");
	assert_int_equal(world.written, i);
	broker.records_rate.at_us -= 1000000;
	assert_string_equal(word_of(BASE "}, {" BASE), "kept");
}

static void
test_long_records_count_as_several(void **state)
{
	char record[2048] = BASE ", \"client\": \"";
	size_t start = strlen(record);
	unsigned int i;

	(void)state;
	for (i = 0; i < 512; i++) /* DEL: six bytes each in the file */
		strcpy(record + start + i, "\x7f");
	strcpy(record + start + i, "\"");
	for (i = 0; i < 20000 && strcmp(word_of(record), "kept") == 0; i++)
		;
	assert_in_range(i, 16384 / 7, 16384 / 7 + 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	    TEST(test_keeps_all_that_is_told),
	    TEST(test_hides_the_subject),
	    TEST(test_withholds_identity_numbers),
	    TEST(test_refuses_what_is_not_exactly_right),
	    TEST(test_says_what_is_not_kept),
	    TEST(test_bounds_how_much_is_written),
	    TEST(test_long_records_count_as_several),
	};

	return cmocka_run_group_tests_name("service_record", tests, NULL, NULL);
}
