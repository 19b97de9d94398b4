#include "broker/audit/audit.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	SOME_TIME_US = 1, /* after 2026-11-21T23:51:02Z */
};

static const int64_t some_time_us = 1795305062000000 + SOME_TIME_US;

/* What the wrapped calls do, and where the journal is in this test. */
static struct {
	struct sockaddr_un journal_address;
	int journal; /* the listener, or -1 */
	char datagram[65536];
	int write_error;
	size_t write_size_max;
} world;

ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);

ssize_t
__wrap_write(int fd, const void *bytes, size_t size)
{
	if (world.write_error) {
		errno = world.write_error;
		return -1;
	}
	if (world.write_size_max && size > world.write_size_max)
		size = world.write_size_max;
	return __real_write(fd, bytes, size);
}

/* The journal's place is the system's: the test's own stands in for it. */
ssize_t
__wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	const struct sockaddr_un *address = message->msg_name;
	struct msghdr ours = *message;

	assert_string_equal(address->sun_path, "/run/systemd/journal/socket");
	assert_true(flags & MSG_NOSIGNAL);
	ours.msg_name = &world.journal_address;
	ours.msg_namelen = sizeof(world.journal_address);
	return __real_sendmsg(fd, &ours, flags);
}

static void
start_journal(void)
{
	world.journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_true(world.journal >= 0);
	assert_int_equal(
	    bind(world.journal, (struct sockaddr *)&world.journal_address,
		sizeof(world.journal_address)),
	    0);
}

/* Its socket goes, and the name stays until the next start. */
static void
stop_journal(void)
{
	assert_int_equal(close(world.journal), 0);
	world.journal = -1;
}

static void
restart_journal(void)
{
	stop_journal();
	assert_int_equal(unlink(world.journal_address.sun_path), 0);
	start_journal();
}

/* The oldest record that waits there, or NULL. */
static const char *
read_journal(void)
{
	ssize_t size =
	    recv(world.journal, world.datagram, sizeof(world.datagram) - 1, 0);

	if (size < 0)
		return NULL;
	world.datagram[size] = '\0';
	return world.datagram;
}

struct place {
	char dir[64];
	char path[128];
	struct audit *audit;
};

static int
set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	memset(&world, 0, sizeof(world));
	world.journal = -1;
	(void)snprintf(
	    place->dir, sizeof(place->dir), "/tmp/portvakt-audit-XXXXXX");
	if (!mkdtemp(place->dir))
		return -1;
	(void)snprintf(
	    place->path, sizeof(place->path), "%s/audit.log", place->dir);
	world.journal_address.sun_family = AF_UNIX;
	(void)snprintf(world.journal_address.sun_path,
	    sizeof(world.journal_address.sun_path), "%.60s/journal",
	    place->dir);
	*state = place;
	return audit_open(place->path, &place->audit);
}

static int
tear_down(void **state)
{
	struct place *place = *state;
	char command[128];

	if (world.journal >= 0)
		stop_journal();
	memset(&world, 0, sizeof(world));
	audit_close(place->audit);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", place->dir);
	free(place);
	return system(command);
}

static char *
read_file(const char *path)
{
	static char text[262144];
	size_t size;
	FILE *file;

	file = fopen(path, "r");
	assert_non_null(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	text[size] = '\0';
	assert_int_equal(fclose(file), 0);
	return text;
}

/* The one line of the file, which must be ASCII and one object. */
static json_t *
read_line(const struct place *place)
{
	const char *text = read_file(place->path);
	const char *end = strchr(text, '\n'), *at;
	json_error_t error;
	json_t *object;

	assert_non_null(end);
	assert_int_equal(end[1], '\0');
	for (at = text; at < end; at++)
		assert_in_range(*at, 0x20, 0x7e);
	object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!object)
		fail_msg("%s", error.text);
	return object;
}

static void
assert_member(const json_t *object, const char *name, const char *expected)
{
	const json_t *value = json_object_get(object, name);

	if (!expected)
		assert_null(value);
	else
		assert_string_equal(json_string_value(value), expected);
}

static void
test_writes_one_object_on_a_line(void **state)
{
	static const struct audit_record record = {.action = "login",
	    .result = "deny",
	    .reason = "acr-too-low",
	    .account = "kari",
	    .service = "sshd",
	    .groups = "ko-a ko-b",
	    .correlation = "K7F3-9QXM"};
	struct place *place = *state;
	char host[256] = "";
	struct stat st;
	json_t *object;

	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	object = read_line(place);
	assert_member(object, "time", "2026-11-21T23:51:02.000001Z");
	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	assert_member(object, "host", host);
	assert_member(object, "action", "login");
	assert_member(object, "result", "deny");
	assert_member(object, "reason", "acr-too-low");
	assert_member(object, "account", "kari");
	assert_member(object, "groups", "ko-a ko-b");
	assert_member(object, "correlation", "K7F3-9QXM");
	assert_member(object, "detail", NULL);
	assert_int_equal(json_object_size(object), 9);
	json_decref(object);
	assert_int_equal(stat(place->path, &st), 0);
	assert_int_equal(st.st_mode & 0777 & ~0640u, 0);
}

static void
test_has_a_place_for_all_of_a_token(void **state)
{
	static const struct audit_record record = {.action = "verify",
	    .at = "2026-11-21T23:51:02.000001Z",
	    .client = "saker",
	    .audience = "https://a",
	    .subject = "1:00",
	    .client_id = "c",
	    .consumer = "0192:911830868",
	    .supplier = "0192:1",
	    .delegation_source = "d",
	    .token_id = "j",
	    .group = "ko-a",
	    .target = "ks:fiks",
	    .times = "12"};
	struct place *place = *state;
	const char *journal;
	json_t *object;

	start_journal();
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	object = read_line(place);
	assert_member(object, "at", "2026-11-21T23:51:02.000001Z");
	assert_member(object, "client", "saker");
	assert_member(object, "audience", "https://a");
	assert_member(object, "subject", "1:00");
	assert_member(object, "client_id", "c");
	assert_member(object, "consumer", "0192:911830868");
	assert_member(object, "supplier", "0192:1");
	assert_member(object, "delegation_source", "d");
	assert_member(object, "token_id", "j");
	assert_member(object, "group", "ko-a");
	assert_member(object, "target", "ks:fiks");
	assert_member(object, "times", "12");
	json_decref(object);
	journal = read_journal();
	assert_non_null(journal);
	assert_non_null(strstr(journal, "\nPORTVAKT_CLIENT=saker\n"));
	assert_non_null(strstr(journal, "\nPORTVAKT_TOKEN_ID=j\n"));
	assert_non_null(strstr(journal, ", client saker, consumer "));
}

static void
test_escapes_whatever_it_is_given(void **state)
{
	static const struct audit_record record = {.action = "login",
	    .detail = "a\"b\\c\nd\x01"
		      "e\x7f"
		      "f\xc3\xa5"
		      "g\xf0\x9f\x98\x80"
		      "h\xff"
		      "i\xc0\xaf"
		      "j\xed\xa0\x80"
		      "k\xe2\x80\xae"
		      "l",
	    .rhost = ""};
	struct place *place = *state;
	json_t *object;

	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	object = read_line(place);
	assert_member(object, "detail",
	    "a\"b\\c\nd\x01"
	    "e\x7f"
	    "f\xc3\xa5"
	    "g\xf0\x9f\x98\x80"
	    "h\xef\xbf\xbd"
	    "i\xef\xbf\xbd\xef\xbf\xbd"
	    "j\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
	    "k\xe2\x80\xae"
	    "l");
	assert_null(json_object_get(object, "rhost")); /* says nothing */
	json_decref(object);
}

static void
test_bounds_every_value(void **state)
{
	static char longest[20000];
	struct audit_record record = {.action = longest,
	    .result = longest,
	    .reason = longest,
	    .detail = longest,
	    .account = longest,
	    .service = longest,
	    .tty = longest,
	    .rhost = longest,
	    .issuer = longest,
	    .acr = longest,
	    .on_behalf_of = longest,
	    .groups = longest,
	    .correlation = longest,
	    .session = longest,
	    .actor = longest};
	struct place *place = *state;
	json_t *object;

	start_journal();
	memset(longest, '\x01', sizeof(longest) - 1);
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	object = read_line(place);
	assert_int_equal(
	    json_string_length(json_object_get(object, "action")), 512);
	assert_int_equal(
	    json_string_length(json_object_get(object, "groups")), 8448);
	json_decref(object);

	/* A character is kept whole or not at all: 511 + 2 bytes. */
	assert_int_equal(truncate(place->path, 0), 0);
	memset(longest, 'a', 511);
	memcpy(longest + 511,
	    "\xc3\xa5"
	    "b",
	    4);
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	object = read_line(place);
	assert_int_equal(
	    json_string_length(json_object_get(object, "action")), 511);
	json_decref(object);
}

static void
test_keeps_the_groups_of_a_full_account(void **state)
{
	char groups[256 * 33 + 1], *at = groups;
	struct audit_record record = {.groups = groups};
	struct place *place = *state;
	json_t *object;
	int i;

	for (i = 0; i < 256; i++)
		at += sprintf(at, "ko-%029d%s", i, i < 255 ? " " : "");
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	object = read_line(place);
	assert_member(object, "groups", groups);
	json_decref(object);
}

static void
test_tells_the_journal_too(void **state)
{
	static const struct audit_record record = {.action = "login",
	    .result = "deny",
	    .reason = "expired",
	    .account = "kari",
	    .detail = "a\nPORTVAKT_RESULT=allow\x1b[0m\xff",
	    .rhost = "",
	    .acr = "high"};
	struct place *place = *state;
	const char *journal;

	start_journal();
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	journal = read_journal();
	assert_non_null(journal);
	assert_non_null(strstr(journal, "\nPRIORITY=5\n"));
	assert_non_null(strstr(journal, "\nPORTVAKT_ACTION=login\n"));
	assert_non_null(strstr(journal, "\nPORTVAKT_RESULT=deny\n"));
	assert_non_null(strstr(journal, "\nPORTVAKT_ACR=high\n"));
	assert_non_null(strstr(
	    journal, "\nPORTVAKT_DETAIL=a?PORTVAKT_RESULT=allow?[0m?\n"));
	assert_non_null(strstr(journal,
	    "\nMESSAGE=login deny, reason expired, detail a?PORTVAKT_RESULT="
	    "allow?[0m?, account kari\n"));
	assert_non_null(strstr(journal, "MESSAGE_ID="));
	assert_null(strstr(journal, "PORTVAKT_SESSION"));
	assert_int_equal(journal[strlen(journal) - 1], '\n');
	assert_null(read_journal());
}

static void
test_ranks_what_went_wrong_higher(void **state)
{
	static const char *const results[] = {"allow", "done", "in-force",
	    "deny", "refused", "outage", "misconfigured", NULL};
	static const char priorities[] = "66655444";
	struct place *place = *state;
	char expected[] = "\nPRIORITY=?\n";
	size_t i;

	start_journal();
	for (i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		struct audit_record record = {.result = results[i]};

		expected[10] = priorities[i];
		assert_int_equal(
		    audit_write(place->audit, &record, some_time_us), 0);
		assert_non_null(strstr(read_journal(), expected));
	}
}

static void
test_counts_as_written_when_a_sink_took_it(void **state)
{
	static const struct audit_record record = {.action = "login"};
	struct place *place = *state;

	world.write_error = ENOSPC;
	assert_int_equal(
	    audit_write(place->audit, &record, some_time_us), -ENOSPC);
	start_journal();
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	assert_int_equal(audit_file_error(place->audit), -ENOSPC);
	stop_journal();
	assert_int_equal(
	    audit_write(place->audit, &record, some_time_us), -ENOSPC);
	world.write_error = 0;
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	assert_int_equal(audit_file_error(place->audit), 0);
}

static void
test_no_value_can_add_a_field(void **state)
{
	static const struct audit_record record = {
	    .action = "login\nPRIORITY=0", .result = "deny\nMESSAGE_ID=x"};
	struct place *place = *state;
	const char *at;
	int lines = 0;

	start_journal();
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	for (at = read_journal(); (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 6);
}

/* Whoever waits here for the journal hangs until the alarm. */
static void
test_a_journal_that_does_not_read_holds_nobody(void **state)
{
	enum { ENOUGH = 100000 };
	static const struct audit_record record = {.action = "login"};
	struct place *place = *state;
	int i, taken = 0;

	start_journal();
	world.write_error = ENOSPC;
	(void)alarm(30);
	while (taken < ENOUGH &&
	       audit_write(place->audit, &record, some_time_us) == 0)
		taken++;
	(void)alarm(0);
	assert_in_range(taken, 1, ENOUGH - 1);
	world.write_error = 0;
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);

	world.write_error = ENOSPC;
	for (i = 0; i < taken; i++)
		assert_non_null(read_journal());
	assert_null(read_journal());
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	assert_non_null(read_journal());
}

static void
test_a_journal_that_was_restarted_gets_the_next_record(void **state)
{
	static const struct audit_record record = {.action = "login"};
	struct place *place = *state;

	world.write_error = ENOSPC;
	start_journal();
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	restart_journal();
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	assert_non_null(read_journal());
}

static void
test_needs_no_file_when_there_is_a_journal(void **state)
{
	static const struct audit_record record = {.action = "login"};
	struct audit *audit;

	(void)state;
	assert_int_equal(audit_open(NULL, &audit), 0);
	assert_int_equal(audit_write(audit, &record, some_time_us), -ENOENT);
	start_journal();
	assert_int_equal(audit_write(audit, &record, some_time_us), 0);
	assert_int_equal(audit_reopen(audit), 0);
	audit_close(audit);
}

static void
test_a_short_write_is_an_error_and_spoils_one_line(void **state)
{
	static const struct audit_record record = {.action = "login"};
	struct place *place = *state;
	const char *second;
	json_t *object;

	world.write_size_max = 10;
	assert_int_equal(
	    audit_write(place->audit, &record, some_time_us), -ENOSPC);
	world.write_size_max = 0;
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	second = read_file(place->path);
	assert_int_equal(second[10], '\n');
	object = json_loads(second + 11, 0, NULL);
	assert_non_null(object);
	json_decref(object);
}

static void
test_reopens_after_rotation(void **state)
{
	static const struct audit_record record = {.action = "login"};
	struct place *place = *state;
	char rotated[160];

	(void)snprintf(rotated, sizeof(rotated), "%s.1", place->path);
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	assert_int_equal(rename(place->path, rotated), 0);
	assert_int_equal(audit_reopen(place->audit), 0);
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	json_decref(read_line(place));

	/* A place that cannot be opened leaves the file in use. */
	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(mkfifo(place->path, 0600), 0);
	assert_true(audit_reopen(place->audit) < 0);
	assert_int_equal(audit_write(place->audit, &record, some_time_us), 0);
	assert_int_equal(unlink(place->path), 0);
	assert_int_equal(symlink(rotated, place->path), 0);
	assert_int_equal(audit_reopen(place->audit), -ELOOP);
}

static void
test_correlation_ids_are_easy_to_read_out(void **state)
{
	char id[AUDIT_CORRELATION_SIZE], other[AUDIT_CORRELATION_SIZE];

	(void)state;
	audit_correlation(id);
	audit_correlation(other);
	assert_int_equal(strlen(id), 9);
	assert_int_equal(id[4], '-');
	assert_int_equal(strspn(id, "-0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 9);
	assert_string_not_equal(id, other);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(test_writes_one_object_on_a_line),
	    CASE(test_has_a_place_for_all_of_a_token),
	    CASE(test_escapes_whatever_it_is_given),
	    CASE(test_bounds_every_value),
	    CASE(test_keeps_the_groups_of_a_full_account),
	    CASE(test_tells_the_journal_too),
	    CASE(test_ranks_what_went_wrong_higher),
	    CASE(test_counts_as_written_when_a_sink_took_it),
	    CASE(test_no_value_can_add_a_field),
	    CASE(test_a_journal_that_does_not_read_holds_nobody),
	    CASE(test_a_journal_that_was_restarted_gets_the_next_record),
	    CASE(test_needs_no_file_when_there_is_a_journal),
	    CASE(test_a_short_write_is_an_error_and_spoils_one_line),
	    CASE(test_reopens_after_rotation),
	    CASE(test_correlation_ids_are_easy_to_read_out),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
