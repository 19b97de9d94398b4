/*
 * The portvaktctl that was built, against a broker that this test plays: a
 * private /run holds the socket, so it runs in a mount namespace of its own.
 */
#include "lib/admin_protocol.h"
#include "lib/frame.h"
#include "tests/unit/unit.h"

#include <jansson.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNDIR "/run/portvakt"

enum {
	PATIENCE_MS = 10000,
	OUTPUT_SIZE = 65536,
	ARGUMENTS_MAX = 16,
};

struct outcome {
	int code;
	char out[OUTPUT_SIZE];
	char err[OUTPUT_SIZE];
};

static struct outcome outcome; /* large; of the command that ran last */
static char program[4096];

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static bool
become_root_of_a_user_namespace(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return false;
	write_file("/proc/self/setgroups", "deny");
	(void)snprintf(map, sizeof(map), "0 %u 1", uid);
	write_file("/proc/self/uid_map", map);
	(void)snprintf(map, sizeof(map), "0 %u 1", gid);
	write_file("/proc/self/gid_map", map);
	return true;
}

static bool
enter_private_run(void)
{
	bool alone = geteuid() == 0 ? unshare(CLONE_NEWNS) == 0
				    : become_root_of_a_user_namespace();

	return alone &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", "/run", "tmpfs", MS_NOSUID, "mode=755") == 0 &&
	       mkdir(RUNDIR, 0755) == 0;
}

static int
broker_listen(void)
{
	struct sockaddr_un address = {
	    .sun_family = AF_UNIX, .sun_path = RUNDIR "/admin.sock"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	(void)unlink(address.sun_path);
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

/* The words of a command line, separated by single spaces. */
static void
exec_words(char *words)
{
	char *argv[ARGUMENTS_MAX + 2] = {program};
	char *rest;
	int i;

	argv[1] = strtok_r(words, " ", &rest);
	for (i = 1; argv[i] && i < ARGUMENTS_MAX; i++)
		argv[i + 1] = strtok_r(NULL, " ", &rest);
	(void)execv(program, argv);
	_exit(127);
}

struct child {
	pid_t pid;
	FILE *out, *err;
};

static struct child
start(const char *command_line, const char *input)
{
	struct child child = {.out = tmpfile(), .err = tmpfile()};
	FILE *in = tmpfile();
	char *words = strdup(command_line);

	assert_non_null(in);
	assert_true(fputs(input, in) >= 0);
	rewind(in);
	child.pid = fork();
	assert_true(child.pid >= 0);
	if (child.pid == 0) {
		(void)alarm(PATIENCE_MS / 1000);
		(void)dup2(fileno(in), STDIN_FILENO);
		(void)dup2(fileno(child.out), STDOUT_FILENO);
		(void)dup2(fileno(child.err), STDERR_FILENO);
		exec_words(words);
	}
	free(words);
	(void)fclose(in);
	return child;
}

/* Runs with stdin and stderr on a terminal, whose other end is *ret_person. */
static struct child
start_on_terminal(const char *command_line, int *ret_person)
{
	struct child child = {.out = tmpfile(), .err = tmpfile()};
	int person = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), terminal;
	char *words = strdup(command_line);

	assert_true(person >= 0);
	assert_int_equal(grantpt(person), 0);
	assert_int_equal(unlockpt(person), 0);
	terminal = open(ptsname(person), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(terminal >= 0);
	child.pid = fork();
	assert_true(child.pid >= 0);
	if (child.pid == 0) {
		(void)alarm(PATIENCE_MS / 1000);
		(void)dup2(terminal, STDIN_FILENO);
		(void)dup2(fileno(child.out), STDOUT_FILENO);
		(void)dup2(terminal, STDERR_FILENO);
		exec_words(words);
	}
	free(words);
	(void)close(terminal);
	*ret_person = person;
	return child;
}

/* Reads what the terminal shows until part has come. */
static void
person_sees(int person, const char *part)
{
	struct pollfd wait = {.fd = person, .events = POLLIN};
	char seen[4096] = "";
	size_t size = 0;
	ssize_t more;

	while (!strstr(seen, part)) {
		if (poll(&wait, 1, PATIENCE_MS) != 1)
			fail_msg("\"%s\" does not come, but: %s", part, seen);
		more = read(person, seen + size, sizeof(seen) - size - 1);
		assert_true(more > 0);
		size += (size_t)more;
		seen[size] = '\0';
	}
}

static void
slurp(FILE *file, char *ret_text)
{
	size_t size;

	rewind(file);
	size = fread(ret_text, 1, OUTPUT_SIZE - 1, file);
	ret_text[size] = '\0';
	(void)fclose(file);
}

static void
finish(struct child *child)
{
	int status;

	assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
	assert_true(WIFEXITED(status));
	outcome.code = WEXITSTATUS(status);
	slurp(child->out, outcome.out);
	slurp(child->err, outcome.err);
}

/* Runs with nobody listening, or for commands that never ask. */
static void
run_alone(const char *command_line, const char *input)
{
	struct child child;

	(void)unlink(RUNDIR "/admin.sock");
	child = start(command_line, input);
	finish(&child);
}

/* One question must equal expected; answer NULL just ends the connection. */
static void
broker_answer(int listener, const char *expected, const char *answer)
{
	struct pollfd wait = {.fd = listener, .events = POLLIN};
	static char body[OUTPUT_SIZE];
	json_t *request, *wanted;
	size_t size;
	int peer;

	assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
	peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(peer >= 0);
	assert_int_equal(
	    frame_receive(peer, body, sizeof(body), PATIENCE_MS, &size), 0);
	request = json_loadb(body, size, JSON_REJECT_DUPLICATES, NULL);
	wanted = json_loads(expected, 0, NULL);
	assert_non_null(wanted);
	assert_true(json_equal(request, wanted));
	json_decref(request);
	json_decref(wanted);
	if (answer)
		assert_int_equal(
		    frame_send(peer, answer, strlen(answer), PATIENCE_MS), 0);
	(void)close(peer);
}

/* Runs while the broker is asked once, and answers byte for byte. */
static void
run_answered(const char *command_line, const char *input, const char *expected,
    const char *answer)
{
	int listener = broker_listen();
	struct child child = start(command_line, input);

	broker_answer(listener, expected, answer);
	(void)close(listener);
	finish(&child);
}

static void
assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in: %s", part, text);
}

static void
assert_prints_json(const char *expected)
{
	json_t *printed = json_loads(outcome.out, JSON_REJECT_DUPLICATES, NULL);
	json_t *wanted = json_loads(expected, 0, NULL);

	assert_non_null(wanted);
	if (!json_equal(printed, wanted))
		fail_msg("not what was expected: %s", outcome.out);
	json_decref(printed);
	json_decref(wanted);
}

#define KARI                                                                 \
	"{\"name\":\"kari\",\"uid\":1900000001,\"gecos\":\"Kari Blåbær\"," \
	"\"home\":\"/home/kari\",\"shell\":\"/bin/bash\","                   \
	"\"issuer\":\"https://idp\",\"subject\":\"s-1\",\"locked\":true,"    \
	"\"lock_reason\":\"on leave\",\"groups\":[\"ko-a\",\"ko-b\"],"       \
	"\"created_at\":1700000000,\"last_login_at\":null}"
#define OK(result) "{\"ok\":true,\"result\":" result "}"

static void
test_says_what_it_takes(void **state)
{
	static const char *const wrong[] = {"", "frobnicate", "account",
	    "account frob", "account show", "account show a b", "status x",
	    "status --yes", "status --frob", "account lock kari",
	    "account lock kari --reason=", "account lock kari --reason",
	    "account add kari", "account add kari s --uid=12x",
	    "account add kari s --uid=1 --uid=2", "import",
	    "import /nonexistent.csv"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		run_alone(wrong[i], "");
		if (outcome.code != 2)
			fail_msg("%s: %d", wrong[i], outcome.code);
		assert_string_equal(outcome.out, "");
		assert_contains(outcome.err, "portvaktctl: ");
	}
	run_alone("account", "");
	assert_contains(outcome.err,
	    "account takes one of: add list show lock unlock remove pid\n");
	run_alone("account frob", "");
	assert_contains(outcome.err,
	    "account takes one of: add list show lock unlock remove pid\n");
	run_alone("status --frob", "");
	assert_contains(outcome.err, "'--frob'\n");
	assert_ptr_equal(
	    strchr(outcome.err, '\n'), outcome.err + strlen(outcome.err) - 1);
	run_alone("--help", "");
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out, "account lock NAME");
	run_alone("-h", "");
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out, "Usage: portvaktctl COMMAND");
	run_alone("help", "");
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out, "Usage: portvaktctl COMMAND");
	run_alone("account lock --help", "");
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out, "--reason TEXT");
	run_alone("--version", "");
	assert_int_equal(outcome.code, 0);
	assert_string_equal(outcome.out, "portvaktctl " PORTVAKT_VERSION "\n");
}

static void
test_an_outage_has_its_own_code(void **state)
{
	static const char *const commands[] = {"status", "reload",
	    "account list", "account show kari", "account remove kari --yes"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		run_alone(commands[i], "");
		assert_int_equal(outcome.code, 3);
		assert_contains(outcome.err, "portvaktd does not run");
		assert_contains(outcome.err, "systemctl start");
	}
	run_alone("status --json", "");
	assert_int_equal(outcome.code, 3);
	assert_contains(outcome.out, "\"error\": \"broker-down\"");
}

static void
test_a_broken_answer_is_not_success(void **state)
{
	static const char *const answers[] = {NULL, "", "[]", "null",
	    "{\"ok\":true}", "{\"ok\":1,\"result\":{}}",
	    "{\"ok\":true,\"ok\":true,\"result\":{}}",
	    "{\"ok\":true,\"result\":[]}", "{\"ok\":false}",
	    "{\"ok\":false,\"error\":\"failed\"}",
	    "{\"ok\":true,\"result\":{}"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		run_answered(
		    "reload", "", "{\"command\":\"reload\"}", answers[i]);
		assert_int_equal(outcome.code, 3);
		assert_string_equal(outcome.out, "");
	}
}

static void
test_distrusts_a_rundir_that_others_write(void **state)
{
	int listener = broker_listen();
	struct child child;

	(void)state;
	assert_int_equal(chmod(RUNDIR, 0777), 0);
	child = start("status --json", "");
	finish(&child);
	assert_int_equal(chmod(RUNDIR, 0755), 0);
	assert_int_equal(outcome.code, 3);
	assert_contains(outcome.out, "broker-untrusted");
	(void)close(listener);
}

static void
test_refusals_carry_word_text_and_remedy(void **state)
{
	(void)state;
	run_answered("account unlock kari --json", "",
	    "{\"command\":\"account-unlock\",\"name\":\"kari\"}",
	    "{\"ok\":false,\"error\":\"not-found\",\"text\":\"no account "
	    "kari\"}");
	assert_int_equal(outcome.code, 1);
	assert_prints_json(
	    "{\"error\":\"not-found\",\"text\":\"no account kari\",\"remedy\":"
	    "\"portvaktctl account list shows the accounts.\"}");
	assert_string_equal(outcome.err,
	    "portvaktctl: no account kari\n"
	    "portvaktctl account list shows the accounts.\n");

	run_answered("reload", "", "{\"command\":\"reload\"}",
	    "{\"ok\":false,\"error\":\"not-permitted\",\"text\":\"root "
	    "only\"}");
	assert_int_equal(outcome.code, 4);
	assert_string_equal(outcome.out, "");
	assert_string_equal(outcome.err, "portvaktctl: root only\n"
					 "Run portvaktctl as root.\n");

	/* What the broker says reaches the terminal as text only. */
	run_answered("reload", "", "{\"command\":\"reload\"}",
	    "{\"ok\":false,\"error\":\"new-word\",\"text\":\"a\\u001b[2J\"}");
	assert_int_equal(outcome.code, 1);
	assert_string_equal(outcome.err, "portvaktctl: a?[2J\n");
}

/* The words of lib/admin_protocol.h. */
static void
test_every_refusal_has_a_remedy(void **state)
{
	static const char *const words[] = {"bad-request", "not-permitted",
	    "not-found", "name-invalid", "name-taken", "name-local",
	    "id-refused", "id-taken", "subject-taken", "subject-invalid",
	    "subject-is-pid", "pid-not-believed", "field-invalid",
	    "ids-exhausted", "config-invalid", "not-configured", "failed"};
	char answer[256];
	json_t *printed;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		(void)snprintf(answer, sizeof(answer),
		    "{\"ok\":false,\"error\":\"%s\",\"text\":\"no\"}",
		    words[i]);
		run_answered(
		    "reload --json", "", "{\"command\":\"reload\"}", answer);
		printed = json_loads(outcome.out, 0, NULL);
		if (!json_is_string(json_object_get(printed, "remedy")))
			fail_msg("%s has no remedy", words[i]);
		json_decref(printed);
	}
}

static void
test_asks_exactly_what_it_was_told(void **state)
{
	(void)state;
	run_answered("account add kari s-1 --gecos=Kari --uid=70000 "
		     "--issuer=https://idp --home=/h --shell=/bin/sh --json",
	    "",
	    "{\"command\":\"account-add\",\"name\":\"kari\",\"subject\":"
	    "\"s-1\",\"gecos\":\"Kari\",\"uid\":70000,\"issuer\":"
	    "\"https://idp\",\"home\":\"/h\",\"shell\":\"/bin/sh\"}",
	    OK("{\"account\":" KARI "}"));
	assert_int_equal(outcome.code, 0);
	assert_prints_json("{\"account\":" KARI "}");
	run_answered("account add kari s-1", "",
	    "{\"command\":\"account-add\",\"name\":\"kari\",\"subject\":"
	    "\"s-1\"}",
	    OK("{\"account\":" KARI "}"));
	assert_int_equal(outcome.code, 0);
	run_answered("--json account lock kari --reason leave", "",
	    "{\"command\":\"account-lock\",\"name\":\"kari\",\"reason\":"
	    "\"leave\"}",
	    OK("{\"account\":" KARI "}"));
	assert_int_equal(outcome.code, 0);
	assert_prints_json("{\"account\":" KARI "}");
}

static void
test_shows_an_account(void **state)
{
	(void)state;
	run_answered("account show kari", "",
	    "{\"command\":\"account-show\",\"name\":\"kari\"}",
	    OK("{\"account\":" KARI "}"));
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out, "name        kari\n"
				     "uid         1900000001\n"
				     "state       locked\n"
				     "reason      on leave\n"
				     "full name   Kari Blåbær\n");
	assert_contains(outcome.out, "groups      ko-a ko-b\n");
	assert_contains(outcome.out, "last login  never\n");
}

static void
test_lists_accounts(void **state)
{
	(void)state;
	run_answered("account list", "", "{\"command\":\"account-list\"}",
	    OK("{\"accounts\":[" KARI "]}"));
	assert_int_equal(outcome.code, 0);
	assert_string_equal(outcome.out,
	    "NAME  UID         STATE   LAST LOGIN  FULL NAME    GROUPS\n"
	    "kari  1900000001  locked  never       Kari Blåbær  ko-a ko-b\n");
	run_answered("account list --json", "",
	    "{\"command\":\"account-list\"}", OK("{\"accounts\":[]}"));
	assert_prints_json("{\"accounts\":[]}");
}

static void
test_lists_more_than_one_answer_holds(void **state)
{
	static const char first[] = "{\"command\":\"account-list\"}";
	static const char second[] =
	    "{\"command\":\"account-list\",\"after\":\"b\"}";
	int listener = broker_listen();
	struct child child = start("account list --json", "");

	(void)state;
	broker_answer(listener, first,
	    OK("{\"accounts\":[{\"name\":\"a\"},{\"name\":\"b\"}],"
	       "\"next\":\"b\"}"));
	broker_answer(listener, second,
	    OK("{\"accounts\":[{\"name\":\"c\"}],\"next\":null}"));
	finish(&child);
	assert_int_equal(outcome.code, 0);
	assert_prints_json("{\"accounts\":[{\"name\":\"a\"},"
			   "{\"name\":\"b\"},{\"name\":\"c\"}]}");

	/* An answer that leads nowhere new must end, and not as success. */
	child = start("account list --json", "");
	broker_answer(listener, first, OK("{\"accounts\":[],\"next\":\"b\"}"));
	broker_answer(listener, second, OK("{\"accounts\":[],\"next\":\"b\"}"));
	finish(&child);
	assert_int_equal(outcome.code, 3);
	(void)close(listener);
}

static void
test_removes_only_when_told_so(void **state)
{
	(void)state;
	run_alone("account remove kari", "yes\n");
	assert_int_equal(outcome.code, 1);
	assert_contains(outcome.err, "nothing was removed");
	run_answered("account remove kari --yes", "",
	    "{\"command\":\"account-show\",\"name\":\"kari\"}",
	    "{\"ok\":false,\"error\":\"not-found\",\"text\":\"no kari\"}");
	assert_int_equal(outcome.code, 1);
	assert_string_equal(outcome.out, "");
}

static void
run_remove(const char *command_line, const char *shown)
{
	int listener = broker_listen();
	struct child child = start(command_line, "");

	broker_answer(listener,
	    "{\"command\":\"account-show\",\"name\":\"kari\"}", shown);
	broker_answer(listener,
	    "{\"command\":\"account-remove\",\"name\":\"kari\"}", OK("{}"));
	(void)close(listener);
	finish(&child);
	assert_int_equal(outcome.code, 0);
}

static void
test_says_what_stays_behind(void **state)
{
	static const char *const here =
	    OK("{\"account\":{\"name\":\"kari\",\"home\":\"" RUNDIR "\"}}");

	(void)state;
	run_remove("account remove kari --yes", here);
	assert_string_equal(outcome.out,
	    "The account is removed; its uid is not used again.\n"
	    "Still there: " RUNDIR ", which belongs to uid 0.\n");
	run_remove("account remove kari --yes",
	    OK("{\"account\":{\"name\":\"kari\",\"home\":\"/run/none\"}}"));
	assert_string_equal(outcome.out,
	    "The account is removed; its uid is not used again.\n");
	run_remove("account remove kari --yes --json", here);
	assert_prints_json("{}");
	run_answered("account lock kari --reason leave", "",
	    "{\"command\":\"account-lock\",\"name\":\"kari\",\"reason\":"
	    "\"leave\"}",
	    OK("{\"account\":" KARI "}"));
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out,
	    "Sessions that are open go on; this ends them: portvaktctl lock "
	    "kari --end-sessions\n");
}

static void
test_asks_a_person_before_it_removes(void **state)
{
	int listener = broker_listen(), person;
	struct child child = start_on_terminal("account remove kari", &person);

	(void)state;
	person_sees(person, "Remove the account kari?");
	assert_int_equal(write(person, "yes\n", 4), 4);
	broker_answer(listener,
	    "{\"command\":\"account-show\",\"name\":\"kari\"}",
	    OK("{\"account\":" KARI "}"));
	broker_answer(listener,
	    "{\"command\":\"account-remove\",\"name\":\"kari\"}", OK("{}"));
	finish(&child);
	assert_int_equal(outcome.code, 0);
	(void)close(person);

	child = start_on_terminal("account remove kari", &person);
	person_sees(person, "Type yes: ");
	assert_int_equal(write(person, "y\n", 2), 2);
	person_sees(person, "nothing was removed");
	finish(&child);
	assert_int_equal(outcome.code, 1);
	(void)close(person);
	(void)close(listener);
}

static void
test_says_what_it_waits_for(void **state)
{
	int listener = broker_listen(), person;
	struct child child = start_on_terminal("reload", &person);

	(void)state;
	person_sees(person, "waiting for portvaktd to answer");
	broker_answer(listener, "{\"command\":\"reload\"}", OK("{}"));
	broker_answer(listener, "{\"command\":\"check-issuer\"}",
	    OK("{\"issuers\":[{\"reachable\":true,\"detail\":\"\"}]}"));
	finish(&child);
	assert_int_equal(outcome.code, 0);
	(void)close(person);
	(void)close(listener);
}

static void
run_reload(const char *command_line, const char *issuer_answer)
{
	int listener = broker_listen();
	struct child child = start(command_line, "");

	broker_answer(listener, "{\"command\":\"reload\"}", OK("{}"));
	broker_answer(
	    listener, "{\"command\":\"check-issuer\"}", issuer_answer);
	(void)close(listener);
	finish(&child);
}

static void
test_a_reload_tries_the_issuer(void **state)
{
	static const char stale[] =
	    OK("{\"issuers\":[{\"reachable\":false,\"detail\":"
	       "\"host-refused: portvakt-fetch keeps the hosts that it was "
	       "first given: restart it\"}]}");

	(void)state;
	run_reload("reload",
	    OK("{\"issuers\":[{\"reachable\":true,\"detail\":\"\"}]}"));
	assert_int_equal(outcome.code, 0);
	assert_string_equal(outcome.err, "");
	run_reload("reload", stale);
	assert_int_equal(outcome.code, 1);
	assert_string_equal(
	    outcome.out, "The new configuration is in force.\n");
	assert_contains(outcome.err,
	    "restart it, and no login can begin until: "
	    "systemctl restart portvakt-fetch\n");
	run_reload("reload --json", stale);
	assert_int_equal(outcome.code, 1);
	assert_prints_json(
	    "{\"issuers\":[{\"reachable\":false,\"detail\":\"host-refused: "
	    "portvakt-fetch keeps the hosts that it was first given: restart "
	    "it\"}]}");
	run_reload("reload",
	    OK("{\"issuers\":[{\"url\":\"https://a\",\"reachable\":true},"
	       "{\"url\":\"https://b\",\"reachable\":false,\"detail\":"
	       "\"unreachable: no route\"}]}"));
	assert_int_equal(outcome.code, 1);
	assert_contains(outcome.err, "the issuer https://b cannot be used");
	assert_contains(outcome.err, "no route, and no login can begin.\n");
	assert_contains(outcome.err, "Look at the network");
	run_reload("reload", NULL);
	assert_int_equal(outcome.code, 1);
	assert_contains(outcome.err, "no login can begin");
}

static void
test_shows_the_status(void **state)
{
	(void)state;
	run_answered("status", "", "{\"command\":\"status\"}",
	    OK("{\"version\":\"1\",\"started_at\":1700000000,\"issuers\":"
	       "[{\"url\":\"https://idp\",\"name\":\"staff\",\"reachable\":"
	       "false,\"keys\":2,\"keys_age_s\":5,\"detail\":\"timed out\"}],"
	       "\"accounts\":3,"
	       "\"generation\":9,\"logins\":0,\"fetcher\":false,\"config\":{"
	       "\"loaded_at\":"
	       "1700000000,\"error\":null}}"));
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out, "fetcher connected  no\n");
	assert_contains(outcome.out, "issuer answers     no\n");
	assert_contains(outcome.out, "detail             timed out\n");
	assert_contains(outcome.out, "accounts           3\n");
	assert_contains(outcome.out, "its error          -\n");
}

static void
test_imports_all_or_nothing(void **state)
{
	static const char file[] = "name,subject\nkari,s-1\nola,s-2\n";
	static const char request[] =
	    "{\"command\":\"account-import\",\"accounts\":[{\"name\":\"kari\","
	    "\"subject\":\"s-1\"},{\"name\":\"ola\",\"subject\":\"s-2\"}]}";

	(void)state;
	run_answered("import -", file, request, OK("{\"imported\":2}"));
	assert_int_equal(outcome.code, 0);
	assert_string_equal(outcome.out, "2 accounts imported.\n");
	run_answered("import - --json", file, request, OK("{\"imported\":2}"));
	assert_prints_json("{\"imported\":2}");

	run_answered("import -", file, request,
	    "{\"ok\":false,\"error\":\"name-taken\",\"text\":\"ola is there "
	    "already\",\"row\":2}");
	assert_int_equal(outcome.code, 1);
	assert_contains(outcome.err, "-: line 3: ola is there already");

	run_alone("import -", "name,subject\nkari,\"s\n");
	assert_int_equal(outcome.code, 2);
	assert_contains(outcome.err, "line 2, column 8: ");
	run_alone("import --dry-run --json -", file);
	assert_int_equal(outcome.code, 0);
	assert_prints_json("{\"dry_run\":true,\"accounts\":2}");
	run_alone("import --dry-run -", file);
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out, "only seen by the real\nimport.\n");
	run_alone("import --dry-run -", "name,subject\nkari,s-1\nkari,s-2\n");
	assert_int_equal(outcome.code, 2);
	assert_contains(outcome.err, "-: line 3: this name stands on line 2");
}

#define DECISION                                                              \
	"{\"group\":\"ko-infoflyt\",\"title\":\"INFOFLYT\",\"title_en\":"     \
	"\"INFOFLYT, cases\",\"service\":\"infoflyt\",\"granted\":false,"     \
	"\"file\":\"/etc/portvakt/access.d/infoflyt.conf\",\"line\":12,"      \
	"\"condition\":\"level\",\"wanted\":\"a login at level high\","       \
	"\"reason\":\"case workers\",\"basis\":\"KSF 2/2005\","               \
	"\"authorisation\":7,\"authorised_by\":\"ola\","                      \
	"\"authorised_basis\":\"vedtak 3\",\"unit\":\"0321\",\"until\":null," \
	"\"changes_at\":null,\"restricted\":true}"
#define EXPLAINED                                                       \
	"{\"account\":\"kari\",\"as_of\":1700000000,\"identity\":null," \
	"\"decisions\":[" DECISION "]}"

static void
test_explains(void **state)
{
	(void)state;
	run_answered("explain kari", "",
	    "{\"command\":\"explain\",\"name\":\"kari\"}", OK(EXPLAINED));
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out, "without a login until then.\n");
	assert_contains(outcome.out,
	    "ko-infoflyt  no      -      level    a login at level high\n");
	run_answered("explain kari ko-infoflyt --as-of=2026-11-22 "
		     "--with=level=high,age=15min,role=a,role=b,unit=0321",
	    "",
	    "{\"command\":\"explain\",\"name\":\"kari\",\"group\":"
	    "\"ko-infoflyt\",\"as_of\":1795305600,\"with\":{\"level\":"
	    "\"high\",\"age_s\":900,\"roles\":[\"a\",\"b\"],\"units\":["
	    "\"0321\"]}}",
	    OK(EXPLAINED));
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out, "granted          no\n");
	assert_contains(outcome.out,
	    "rule             /etc/portvakt/access.d/infoflyt.conf:12\n");
	assert_contains(outcome.out, "what would do    a login at level high");
	assert_contains(outcome.out, "authorised by    ola\n");
	assert_contains(outcome.out, "on the basis of  vedtak 3\n");
	run_answered("explain kari --json", "",
	    "{\"command\":\"explain\",\"name\":\"kari\"}", OK(EXPLAINED));
	assert_prints_json(EXPLAINED);
}

static void
test_refuses_what_cannot_be_meant(void **state)
{
	static const struct {
		const char *command, *word;
	} rows[] = {
	    {"explain kari --with=mood=good", "with-invalid"},
	    {"explain kari --with=age=soon", "with-invalid"},
	    {"explain kari --with=acr", "with-invalid"},
	    {"explain kari --with=acr=a,acr=b", "with-invalid"},
	    {"explain kari --with=acr=a,", "with-invalid"},
	    {"explain kari --as-of=yesterday", "time-invalid"},
	    {"simulate", "rules-missing"},
	    {"simulate --rules=/nonexistent", "file-invalid"},
	    {"authorise kari g", "option-missing"},
	    {"authorise kari g --unit=1 --order=0 --kind=case --basis=b "
	     "--reason=r",
		"number-invalid"},
	    {"authorise kari g --unit=1 --order=1 --kind=case --basis=b "
	     "--reason=r --until=x",
		"time-invalid"},
	    {"withdraw kari g", "reason-missing"},
	    {"authorised --from=2026-01-01", "time-invalid"},
	    {"authorised --as-of=2026-01-01 --from=2026-01-01 "
	     "--until=2026-02-01",
		"time-invalid"},
	    {"notices take x", "id-invalid"},
	    {"account add kari", "subject-missing"},
	    {"account add kari s --pid", "subject-missing"},
	    {"account pid kari", "pid-invalid"},
	};
	char command[256], word[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(
		    command, sizeof(command), "%s --json", rows[i].command);
		(void)snprintf(
		    word, sizeof(word), "\"error\": \"%s\"", rows[i].word);
		run_alone(command, "1234567890\n");
		if (outcome.code != 2)
			fail_msg("%s: %d", command, outcome.code);
		assert_contains(outcome.out, word);
	}
}

#define GIVEN                                                                 \
	"{\"id\":7,\"person\":\"kari\",\"group\":\"ko-infoflyt\",\"unit\":"   \
	"\"0321\",\"order\":2,\"kind\":\"case\",\"basis\":\"KSF\","           \
	"\"reason\":\"new, leader\",\"exception\":null,\"given_by\":\"ola\"," \
	"\"given_at\":1795305600,\"from\":1795305600,\"until\":null,"         \
	"\"withdrawn_at\":null,\"withdrawn_by\":null,"                        \
	"\"withdrawn_reason\":null}"

static void
test_authorises(void **state)
{
	(void)state;
	run_answered("authorise kari ko-infoflyt --unit=0321 --order=2 "
		     "--kind=case --basis=KSF --reason=new "
		     "--until=2026-11-22 --exception=leave",
	    "",
	    "{\"command\":\"authorise\",\"person\":\"kari\",\"group\":"
	    "\"ko-infoflyt\",\"unit\":\"0321\",\"order\":2,\"kind\":\"case\","
	    "\"basis\":\"KSF\",\"reason\":\"new\",\"until\":1795305600,"
	    "\"exception\":\"leave\"}",
	    OK("{\"authorisation\":" GIVEN ",\"below_minimum\":true}"));
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out, "given by   ola\n");
	assert_contains(outcome.out, "until      no end\n");
	assert_contains(outcome.out, "fewer than its minimum still.\n");
	run_answered("withdraw kari ko-infoflyt --reason=left", "",
	    "{\"command\":\"withdraw\",\"person\":\"kari\",\"group\":"
	    "\"ko-infoflyt\",\"reason\":\"left\"}",
	    OK("{\"withdrawn\":1,\"below_minimum\":[\"0321\"]}"));
	assert_int_equal(outcome.code, 0);
	assert_string_equal(outcome.out,
	    "1 authorisation withdrawn.\nBelow their minimum now: 0321\n");
	run_answered("withdraw kari ko-infoflyt --reason=left --unit=0321", "",
	    "{\"command\":\"withdraw\",\"person\":\"kari\",\"group\":"
	    "\"ko-infoflyt\",\"reason\":\"left\",\"unit\":\"0321\"}",
	    "{\"ok\":false,\"error\":\"not-permitted\",\"text\":\"no\"}");
	assert_int_equal(outcome.code, 4);
}

static void
test_shows_who_is_authorised(void **state)
{
	static const char *const result =
	    OK("{\"authorisations\":[" GIVEN "],\"quotas\":[{\"unit\":"
	       "\"0321\",\"group\":\"ko-infoflyt\",\"case\":1,\"clerical\":0,"
	       "\"minimum\":3,\"maximum\":4}]}");

	(void)state;
	run_answered("authorised ko-infoflyt --unit=0321", "",
	    "{\"command\":\"authorised\",\"group\":\"ko-infoflyt\",\"unit\":"
	    "\"0321\"}",
	    result);
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out,
	    "ko-infoflyt  0321  2   kari    case  2026-11-22  no end  ola\n");
	assert_contains(outcome.out,
	    "ko-infoflyt  0321  1     0         3 to 4   too few\n");
	run_answered("authorised --from=2026-01-01 --until=2026-11-22 --csv",
	    "",
	    "{\"command\":\"authorised\",\"from\":1767225600,\"to\":"
	    "1795305600}",
	    result);
	assert_string_equal(outcome.out,
	    "person,group,unit,order,kind,basis,reason,exception,from,until,"
	    "withdrawn,withdrawn_by,withdrawn_reason\n"
	    "kari,ko-infoflyt,0321,2,case,KSF,\"new, leader\",,"
	    "2026-11-22T00:00:00Z,,,,\n");
	run_answered("authorised --as-of=2026-11-22 --person=kari", "",
	    "{\"command\":\"authorised\",\"person\":\"kari\",\"as_of\":"
	    "1795305600}",
	    result);
	assert_int_equal(outcome.code, 0);
	run_answered("authorised import -",
	    "person,group,unit,order,kind,basis,reason\n"
	    "kari,ko-infoflyt,0321,2,case,KSF,new\n",
	    "{\"command\":\"authorise-import\",\"rows\":[{\"person\":\"kari\","
	    "\"group\":\"ko-infoflyt\",\"unit\":\"0321\",\"order\":2,"
	    "\"kind\":\"case\",\"basis\":\"KSF\",\"reason\":\"new\"}]}",
	    "{\"ok\":false,\"error\":\"self\",\"text\":\"no\",\"row\":1}");
	assert_int_equal(outcome.code, 1);
	assert_contains(outcome.err, "-: line 2: no\nAsk another giver");
}

/* Lines are those of the file, with what is skipped. */
static void
test_imports_what_is_in_force(void **state)
{
	static const char file[] =
	    "person,group,unit,order,kind,basis,reason,until,withdrawn\n"
	    "ola,ko-a,0321,1,case,b,r,,2026-01-01\n"
	    "eva,ko-a,0321,1,case,b,r,2020-01-01,\n"
	    "kari,ko-a,0321,2,case,b,r,,\n";
	static const char request[] =
	    "{\"command\":\"authorise-import\",\"rows\":[{\"person\":\"kari\","
	    "\"group\":\"ko-a\",\"unit\":\"0321\",\"order\":2,\"kind\":"
	    "\"case\",\"basis\":\"b\",\"reason\":\"r\"}]}";

	(void)state;
	run_answered("authorised import -", file, request,
	    OK("{\"imported\":1,\"begins_now\":1}"));
	assert_int_equal(outcome.code, 0);
	assert_string_equal(outcome.out,
	    "1 authorisation imported.\n"
	    "Began in the past by the file, begins now: 1.\n"
	    "Withdrawn or over, skipped: 2.\n");
	run_answered("authorised import - --json", file, request,
	    OK("{\"imported\":1,\"begins_now\":0}"));
	assert_prints_json("{\"imported\":1,\"begins_now\":0,\"skipped\":2}");
	run_answered("authorised import -", file, request,
	    "{\"ok\":false,\"error\":\"exists\",\"text\":\"like this "
	    "already\",\"row\":1}");
	assert_int_equal(outcome.code, 1);
	assert_contains(outcome.err, "-: line 4: like this already\n");
	assert_contains(outcome.err, "leave it out of a file to import.\n");
	run_alone("authorised import -",
	    "person,group,unit,order,kind,basis,reason,until\n"
	    "eva,ko-a,0321,1,case,b,r,2020-01-01\n");
	assert_int_equal(outcome.code, 2);
	assert_contains(outcome.err, "every row of the file is withdrawn");
}

/* Before the broker is asked. */
static void
test_takes_a_kind_as_it_is_written(void **state)
{
	(void)state;
	run_alone("authorise kari ko-a --unit=1 --order=1 --kind=Case "
		  "--basis=b --reason=r",
	    "");
	assert_int_equal(outcome.code, 2);
	assert_contains(outcome.err, "--kind is case or clerical");
}

static void
test_shows_notices(void **state)
{
	static const char *const notice =
	    "{\"id\":4,\"at\":1795305600,\"kind\":\"authorised\",\"text\":{"
	    "\"person\":\"kari\",\"group\":\"ko-a\",\"unit\":\"0321\",\"given_"
	    "by\":"
	    "\"ola\"},\"taken_at\":null,\"taken_by\":null}";
	char answer[512];

	(void)state;
	(void)snprintf(answer, sizeof(answer),
	    "{\"ok\":true,\"result\":{\"notices\":[%s],\"next\":null}}",
	    notice);
	run_answered("notices", "", "{\"command\":\"notices\"}", answer);
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out, "waits");
	assert_contains(outcome.out, "kari ko-a 0321, by ola\n");
	run_answered("notices --all --json", "",
	    "{\"command\":\"notices\",\"all\":true}", answer);
	assert_contains(outcome.out, "\"taken_at\": null");
	run_answered("notices take 4", "",
	    "{\"command\":\"notice-take\",\"id\":4}", OK("{}"));
	assert_int_equal(outcome.code, 0);
}

static void
test_an_identity_number_is_no_argument(void **state)
{
	int listener, person;
	struct child child;

	(void)state;
	run_answered("account pid kari", "010100 00002\n",
	    "{\"command\":\"account-pid\",\"name\":\"kari\",\"pid\":"
	    "\"01010000002\"}",
	    OK("{}"));
	assert_int_equal(outcome.code, 0);
	assert_null(strstr(outcome.out, "01010"));
	run_answered("account add kari --pid", "01010000002\n",
	    "{\"command\":\"account-add\",\"name\":\"kari\",\"pid\":"
	    "\"01010000002\"}",
	    OK("{\"account\":" KARI "}"));
	assert_int_equal(outcome.code, 0);
	listener = broker_listen();
	child = start_on_terminal("account pid kari", &person);
	person_sees(person, "(not shown): ");
	assert_int_equal(write(person, "01010000002\n", 12), 12);
	broker_answer(listener,
	    "{\"command\":\"account-pid\",\"name\":\"kari\",\"pid\":"
	    "\"01010000002\"}",
	    OK("{}"));
	(void)close(listener);
	finish(&child);
	assert_int_equal(outcome.code, 0);
	/* What the terminal shows after the question: the end of the line. */
	person_sees(person, "\n");
	(void)close(person);
	run_answered("pid-key rotate", "", "{\"command\":\"pid-key-rotate\"}",
	    OK("{\"key\":2,\"old_links\":7}"));
	assert_contains(outcome.out, "Key 2 is in force.");
	assert_contains(outcome.out, "older keys: 7;");
}

static void
test_lists_sessions(void **state)
{
	(void)state;
	run_answered("sessions kari", "",
	    "{\"command\":\"sessions\",\"name\":\"kari\"}",
	    OK("{\"sessions\":[{\"session\":\"x\",\"account\":\"kari\","
	       "\"service\":\"sshd\",\"tty\":\"pts/0\",\"rhost\":\"::1\","
	       "\"since\":null,\"acr\":\"high\",\"authenticated_at\":null,"
	       "\"on_behalf_of\":[\"0192:911830868\"]}]}"));
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out, "0192:911830868\n");
}

/* A uid that nobody here has: what is ended is counted, and is nothing. */
static void
test_ends_sessions(void **state)
{
	(void)state;
	run_answered("lock kari --reason=leave --end-sessions --json", "",
	    "{\"command\":\"account-lock\",\"name\":\"kari\",\"reason\":"
	    "\"leave\",\"end_sessions\":true}",
	    OK("{\"account\":" KARI "}"));
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out, "\"processes\": 0");
	run_answered("lock kari --reason=leave --end-sessions", "",
	    "{\"command\":\"account-lock\",\"name\":\"kari\",\"reason\":"
	    "\"leave\",\"end_sessions\":true}",
	    OK("{\"account\":{\"name\":\"root\",\"uid\":0}}"));
	assert_int_equal(outcome.code, 1);
	assert_contains(outcome.err, "the sessions could not be ended");
}

static const char rules_of_a[] = "service \"a\" { }\n";

static void
test_simulates(void **state)
{
	(void)state;
	assert_int_equal(mkdir("/run/rules", 0755), 0);
	write_file("/run/rules/a.conf", rules_of_a);
	write_file("/run/rules/notes.txt", "not of ours");
	write_file("/run/rules/units.conf", "unit \"1\" { }\n");
	run_answered("simulate --rules=/run/rules", "",
	    "{\"command\":\"simulate\",\"files\":[{\"name\":"
	    "\"/run/rules/a.conf\",\"text\":\"service \\\"a\\\" { }\\n\","
	    "\"units\":false},{\"name\":\"/run/rules/units.conf\",\"text\":"
	    "\"unit \\\"1\\\" { }\\n\",\"units\":true}]}",
	    OK("{\"accounts\":2,\"changes\":[{\"account\":\"kari\",\"group\":"
	       "\"ko-infoflyt\",\"gains\":false,\"because\":" DECISION "}]}"));
	assert_int_equal(outcome.code, 0);
	assert_contains(outcome.out,
	    "kari     loses   ko-infoflyt  a login at level high\n");
	assert_contains(outcome.out,
	    "1 change, 2 accounts decided. Nothing was changed.\n");
	run_answered("simulate --rules=/run/rules --json", "",
	    "{\"command\":\"simulate\",\"files\":[{\"name\":"
	    "\"/run/rules/a.conf\",\"text\":\"service \\\"a\\\" { }\\n\","
	    "\"units\":false},{\"name\":\"/run/rules/units.conf\",\"text\":"
	    "\"unit \\\"1\\\" { }\\n\",\"units\":true}]}",
	    "{\"ok\":false,\"error\":\"config-invalid\",\"text\":"
	    "\"/run/rules/a.conf:1: no title\"}");
	assert_int_equal(outcome.code, 1);
	assert_contains(outcome.err, "/run/rules/a.conf:1: no title");
}

/* What this machine is like is not known here; the shape is. */
/* The index of the first finding of this check. */
static size_t
first_of(const json_t *checks, const char *check)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (checks, i, finding) {
		if (strcmp(json_string_value(json_object_get(finding, "check")),
			check) == 0)
			return i;
	}
	fail_msg("nothing was found by %s", check);
	return 0;
}

/*
 * A broker that waits on its socket starts when it is asked, and connects to
 * portvakt-fetch when it must: before that neither can be judged.
 */
static void
test_check_asks_before_it_judges(void **state)
{
	int listener = broker_listen();
	struct child child = start("check --json", "");
	json_t *printed, *checks;

	(void)state;
	broker_answer(listener, "{\"command\":\"check-issuer\"}",
	    OK("{\"issuers\":[{\"reachable\":true,\"detail\":\"\"}]}"));
	broker_answer(listener, "{\"command\":\"status\"}",
	    OK("{\"version\":\"7\",\"fetcher\":true,\"issuers\":[{}]}"));
	(void)close(listener);
	finish(&child);
	printed = json_loads(outcome.out, JSON_REJECT_DUPLICATES, NULL);
	checks = json_object_get(printed, "checks");
	assert_true(first_of(checks, "broker") < first_of(checks, "issuer"));
	assert_true(first_of(checks, "issuer") < first_of(checks, "files"));
	json_decref(printed);
}

static void
test_check_has_its_shape(void **state)
{
	json_t *printed, *checks, *finding;
	size_t i, faults = 0, warnings;
	char last[64];

	(void)state;
	run_alone("check --json", "");
	assert_int_equal(outcome.code, 1);
	printed = json_loads(outcome.out, JSON_REJECT_DUPLICATES, NULL);
	checks = json_object_get(printed, "checks");
	assert_true(json_array_size(checks) > 3);
	json_array_foreach (checks, i, finding) {
		assert_int_equal(json_object_size(finding), 4);
		assert_true(json_is_string(json_object_get(finding, "check")));
		assert_true(json_is_string(json_object_get(finding, "text")));
		faults +=
		    strcmp(json_string_value(json_object_get(finding, "level")),
			"fault") == 0;
	}
	assert_int_equal(
	    json_integer_value(json_object_get(printed, "faults")), faults);
	warnings =
	    (size_t)json_integer_value(json_object_get(printed, "warnings"));
	json_decref(printed);
	(void)snprintf(last, sizeof(last), "\n%zu fault%s, %zu warning%s.\n",
	    faults, faults == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");

	run_alone("check", "");
	assert_int_equal(outcome.code, 1);
	assert_contains(outcome.out, "fault    broker: portvaktd does not run");
	assert_contains(outcome.out, last);
}

static void
test_a_full_disk_is_not_success(void **state)
{
	struct child child;
	int status;

	(void)state;
	child = start("--help", "");
	finish(&child);
	child.pid = fork();
	assert_true(child.pid >= 0);
	if (child.pid == 0) {
		char words[] = "--help";
		int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

		(void)dup2(full, STDOUT_FILENO);
		(void)dup2(full, STDERR_FILENO);
		exec_words(words);
	}
	assert_int_equal(waitpid(child.pid, &status, 0), child.pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_says_what_it_takes),
	    cmocka_unit_test(test_an_outage_has_its_own_code),
	    cmocka_unit_test(test_a_broken_answer_is_not_success),
	    cmocka_unit_test(test_distrusts_a_rundir_that_others_write),
	    cmocka_unit_test(test_refusals_carry_word_text_and_remedy),
	    cmocka_unit_test(test_every_refusal_has_a_remedy),
	    cmocka_unit_test(test_asks_exactly_what_it_was_told),
	    cmocka_unit_test(test_shows_an_account),
	    cmocka_unit_test(test_lists_accounts),
	    cmocka_unit_test(test_lists_more_than_one_answer_holds),
	    cmocka_unit_test(test_removes_only_when_told_so),
	    cmocka_unit_test(test_says_what_stays_behind),
	    cmocka_unit_test(test_asks_a_person_before_it_removes),
	    cmocka_unit_test(test_says_what_it_waits_for),
	    cmocka_unit_test(test_a_reload_tries_the_issuer),
	    cmocka_unit_test(test_shows_the_status),
	    cmocka_unit_test(test_imports_all_or_nothing),
	    cmocka_unit_test(test_explains),
	    cmocka_unit_test(test_refuses_what_cannot_be_meant),
	    cmocka_unit_test(test_authorises),
	    cmocka_unit_test(test_shows_who_is_authorised),
	    cmocka_unit_test(test_imports_what_is_in_force),
	    cmocka_unit_test(test_takes_a_kind_as_it_is_written),
	    cmocka_unit_test(test_shows_notices),
	    cmocka_unit_test(test_an_identity_number_is_no_argument),
	    cmocka_unit_test(test_lists_sessions),
	    cmocka_unit_test(test_ends_sessions),
	    cmocka_unit_test(test_simulates),
	    cmocka_unit_test(test_check_has_its_shape),
	    cmocka_unit_test(test_check_asks_before_it_judges),
	    cmocka_unit_test(test_a_full_disk_is_not_success),
	};
	char here[2048];

	if (!getcwd(here, sizeof(here)))
		return 1;
	(void)snprintf(program, sizeof(program), "%s/ctl/portvaktctl", here);
	if (!enter_private_run()) {
		puts("1..0 # SKIP no mount namespace to be had here");
		return 0;
	}
	return cmocka_run_group_tests_name("ctl", tests, NULL, NULL);
}
