/* The real pam_portvakt.so, called by libpam, with a scripted broker. */
#include "lib/paths.h"
#include "tests/module/pam_stage.h"
#include "tests/unit/unit.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int64_t
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
authenticate(const char *user, struct stage_person *person)
{
	pam_handle_t *pamh = stage_start(user, person);
	int code = pam_authenticate(pamh, 0);

	stage_end(pamh);
	return code;
}

static int
account(const char *user, struct stage_person *person)
{
	pam_handle_t *pamh = stage_start(user, person);
	int code = pam_acct_mgmt(pamh, 0);

	stage_end(pamh);
	return code;
}

static void
assert_logged(const char *part)
{
	if (!strstr(stage_log(), part))
		fail_msg("not in the log: %s\n%s", part, stage_log());
}

/* A verdict, in whatever phase the script names. */
struct answer {
	enum login_phase phase;
	enum login_verdict verdict;
	const char *handle;
};

static void
answer_scene(int fd, const void *script)
{
	const struct answer *answer = script;

	scene_begin(fd, answer->phase);
	scene_done(fd, answer->verdict, "Derfor.", answer->handle);
	scene_end(fd);
}

static void
login_scene(int fd, const void *script)
{
	static const struct login_message wait = {.type = LOGIN_WAIT};
	struct login_message m;

	(void)script;
	scene_begin(fd, LOGIN_PHASE_AUTHENTICATE);
	scene_show(fd, LOGIN_STYLE_INFO, "Adresse og kode");
	scene_ask(fd, true, "Trykk Enter: ");
	scene_hear(fd, LOGIN_ANSWER, &m);
	scene_check(strcmp(m.answer.text, "") == 0, "Enter");
	scene_say(fd, &wait);
	scene_show(fd, LOGIN_STYLE_ERROR, "Ikke godkjent enda");
	scene_ask(fd, false, "PIN: ");
	scene_hear(fd, LOGIN_ANSWER, &m);
	scene_check(strcmp(m.answer.text, "123456") == 0, "PIN");
	scene_say(fd, &wait);
	scene_done(fd, LOGIN_ALLOW, "Velkommen.", STAGE_HANDLE);
	scene_end(fd);
}

static void
test_a_login_shows_and_asks_in_the_brokers_order(void **state)
{
	struct stage_person person = {.answers = {"", "123456"}};
	pam_handle_t *pamh;

	(void)state;
	stage_broker(login_scene, NULL);
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
	assert_string_equal(pam_getenv(pamh, LOGIN_HANDLE_ENV), STAGE_HANDLE);
	stage_end(pamh);
	stage_broker_leave();
	assert_string_equal(person.transcript, "info: Adresse og kode\n"
					       "echo: Trykk Enter: \n"
					       "error: Ikke godkjent enda\n"
					       "hidden: PIN: \n"
					       "info: Velkommen.\n");
	assert_string_equal(stage_log(), "");
}

/* sudo always passes PAM_SILENT. */
static void
test_pam_silent_hides_nothing(void **state)
{
	struct stage_person person = {.answers = {"", "123456"}};
	pam_handle_t *pamh;

	(void)state;
	stage_broker(login_scene, NULL);
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_authenticate(pamh, PAM_SILENT), PAM_SUCCESS);
	stage_end(pamh);
	stage_broker_leave();
	assert_non_null(strstr(person.transcript, "info: Adresse og kode\n"));
}

static void
facts_scene(int fd, const void *script)
{
	struct login_message m;

	(void)script;
	scene_hear(fd, LOGIN_BEGIN, &m);
	scene_check(m.begin.phase == LOGIN_PHASE_AUTHENTICATE, "phase");
	scene_check(strcmp(m.begin.service, "stage") == 0, "service");
	scene_check(strcmp(m.begin.user, "kari") == 0, "user");
	scene_check(strcmp(m.begin.tty, "/dev/pts/7") == 0, "tty");
	scene_check(strcmp(m.begin.rhost, "10.0.0.7") == 0, "rhost");
	scene_check(strcmp(m.begin.handle, "") == 0, "handle");
	scene_done(fd, LOGIN_ALLOW, "", "");
}

static void
test_the_broker_hears_who_where_and_from_where(void **state)
{
	struct stage_person person = {0};
	pam_handle_t *pamh;

	(void)state;
	stage_broker(facts_scene, NULL);
	pamh = stage_start("kari", &person);
	assert_int_equal(
	    pam_set_item(pamh, PAM_TTY, "/dev/pts/7"), PAM_SUCCESS);
	assert_int_equal(
	    pam_set_item(pamh, PAM_RHOST, "10.0.0.7"), PAM_SUCCESS);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
	assert_null(pam_getenv(pamh, LOGIN_HANDLE_ENV));
	stage_end(pamh);
	stage_broker_leave();
	assert_string_equal(person.transcript, "");
}

static void
test_facts_that_do_not_fit_are_refused_not_cut(void **state)
{
	struct stage_person person = {0};
	char rhost[LOGIN_RHOST_SIZE + 1];
	pam_handle_t *pamh;

	(void)state;
	memset(rhost, 'x', LOGIN_RHOST_SIZE);
	rhost[LOGIN_RHOST_SIZE] = '\0';
	stage_broker_deaf();
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_set_item(pamh, PAM_RHOST, rhost), PAM_SUCCESS);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_SERVICE_ERR);
	stage_end(pamh);
	assert_false(stage_broker_was_called());
	assert_logged("PAM_RHOST");
}

static const struct {
	enum login_verdict verdict;
	int authenticate;
	int authenticate_sshd;
	int account;
	int session;
} expected[] = {
    {LOGIN_ALLOW, PAM_SUCCESS, PAM_SUCCESS, PAM_SUCCESS, PAM_SUCCESS},
    {LOGIN_DENY, PAM_CRED_INSUFFICIENT, PAM_MAXTRIES, PAM_PERM_DENIED,
	PAM_SESSION_ERR},
    {LOGIN_UNKNOWN_USER, PAM_USER_UNKNOWN, PAM_USER_UNKNOWN, PAM_USER_UNKNOWN,
	PAM_SESSION_ERR},
    /* kari may log in: the image decides. A stack that only ignores denies. */
    {LOGIN_OUTAGE, PAM_AUTHINFO_UNAVAIL, PAM_MAXTRIES, PAM_SUCCESS,
	PAM_PERM_DENIED},
    {LOGIN_MISCONFIGURED, PAM_SERVICE_ERR, PAM_MAXTRIES, PAM_SERVICE_ERR,
	PAM_PERM_DENIED},
    {LOGIN_NO_DIALOGUE, PAM_CONV_ERR, PAM_MAXTRIES, PAM_PERM_DENIED,
	PAM_SESSION_ERR},
    {LOGIN_EXPIRED, PAM_AUTH_ERR, PAM_AUTH_ERR, PAM_PERM_DENIED,
	PAM_SESSION_ERR},
};

static void
test_each_verdict_has_its_code_and_is_explained(void **state)
{
	struct stage_person person = {0};
	struct answer answer = {.handle = ""};
	pam_handle_t *pamh;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		answer.verdict = expected[i].verdict;
		answer.phase = LOGIN_PHASE_AUTHENTICATE;
		stage_broker(answer_scene, &answer);
		assert_int_equal(
		    authenticate("kari", &person), expected[i].authenticate);
		stage_broker_leave();
		assert_string_equal(person.transcript,
		    answer.verdict == LOGIN_ALLOW ? "info: Derfor.\n"
						  : "error: Derfor.\n");

		answer.phase = LOGIN_PHASE_ACCOUNT;
		stage_broker(answer_scene, &answer);
		assert_int_equal(account("kari", &person), expected[i].account);
		stage_broker_leave();

		answer.phase = LOGIN_PHASE_OPEN_SESSION;
		stage_broker(answer_scene, &answer);
		pamh = stage_start("kari", &person);
		assert_int_equal(
		    pam_open_session(pamh, 0), expected[i].session);
		stage_end(pamh);
		stage_broker_leave();
	}
}

/* Bytes after a BEGIN that are no conversation. */
struct rubbish {
	const char *what;
	const char *bytes;
	size_t size;
};

#define RUBBISH(what, bytes)                   \
	{                                      \
		what, bytes, sizeof(bytes) - 1 \
	}

static const struct rubbish rubbish[] = {
    RUBBISH("nothing at all", ""),
    RUBBISH("half a header", "\0\0"),
    RUBBISH("a frame of nothing", "\0\0\0\0"),
    RUBBISH("a frame that ends early", "\0\0\0\x0a\x06\x01\0"),
    RUBBISH("a frame of 4 GiB", "\xff\xff\xff\xff\x06\x01"),
    RUBBISH("a frame over the limit", "\0\0\x20\x01\x06\x01"),
    RUBBISH("a type nobody knows", "\0\0\0\x01\x63"),
    RUBBISH("a verdict nobody knows", "\0\0\0\x0a\x06\x63\0\0\0\0\0\0\0\0"),
    RUBBISH("yes, and a byte more", "\0\0\0\x0b\x06\x01\0\0\0\0\0\0\0\0\0"),
    RUBBISH("yes, with half a handle", "\0\0\0\x0e\x06\x01\0\0\0\0\0\0\0\x04"
				       "abcd"),
    RUBBISH("yes, with an escape sequence",
	"\0\0\0\x0c\x06\x01\0\0\0\x02\x1b[\0\0\0\0"),
    RUBBISH("an answer", "\0\0\0\x05\x02\0\0\0\0"),
    RUBBISH("http", "HTTP/1.1 200 OK\r\n\r\n"),
};

static void
rubbish_scene(int fd, const void *script)
{
	const struct rubbish *r = script;

	scene_begin(fd, LOGIN_PHASE_AUTHENTICATE);
	if (r->size > 0)
		scene_raw(fd, r->bytes, r->size);
}

static void
test_rubbish_from_the_broker_is_an_outage(void **state)
{
	struct stage_person person = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]); i++) {
		stage_broker(rubbish_scene, &rubbish[i]);
		if (authenticate("kari", &person) != PAM_AUTHINFO_UNAVAIL)
			fail_msg("%s", rubbish[i].what);
		stage_broker_leave();
		assert_non_null(
		    strstr(person.transcript, "error: Innloggingstjenesten"));
	}
}

/* In one piece: the module does not wait for what follows the first. */
static void
twice_scene(int fd, const void *script)
{
	static const char no_and_yes[] = "\0\0\0\x0a\6\0\0\0\0\0\0\0\0\0"
					 "\0\0\0\x0a\6\1\0\0\0\0\0\0\0\0";

	(void)script;
	scene_begin(fd, LOGIN_PHASE_AUTHENTICATE);
	scene_raw(fd, no_and_yes, sizeof(no_and_yes) - 1);
}

static void
test_the_first_verdict_is_the_last(void **state)
{
	struct stage_person person = {0};
	pam_handle_t *pamh;

	(void)state;
	stage_broker(twice_scene, NULL);
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_CRED_INSUFFICIENT);
	assert_null(pam_getenv(pamh, LOGIN_HANDLE_ENV));
	stage_end(pamh);
	stage_broker_leave();
}

static void
test_no_broker_is_said_at_once(void **state)
{
	struct stage_person person = {0};
	int64_t start_ms = now_ms();

	(void)state;
	assert_int_equal(authenticate("kari", &person), PAM_AUTHINFO_UNAVAIL);
	assert_non_null(strstr(person.transcript, "er ikke i gang"));
	assert_non_null(strstr(person.transcript, "Lokale kontoer virker"));
	assert_logged("login.sock");
	assert_logged("systemctl status portvaktd");
	assert_true(now_ms() - start_ms < 500);
}

static void
hung_scene(int fd, const void *script)
{
	(void)script;
	scene_begin(fd, LOGIN_PHASE_AUTHENTICATE);
	scene_end(fd);
}

static void
silent_scene(int fd, const void *script)
{
	(void)script;
	scene_begin(fd, LOGIN_PHASE_AUTHENTICATE);
	scene_show(fd, LOGIN_STYLE_INFO, "Adresse og kode");
	scene_end(fd);
}

static void
trickling_scene(int fd, const void *script)
{
	int i;

	(void)script;
	scene_begin(fd, LOGIN_PHASE_AUTHENTICATE);
	scene_raw(fd, "\0\0\1\0", 4);
	for (i = 0; i < 20; i++) {
		(void)usleep(100000);
		if (send(fd, "\3", 1, MSG_NOSIGNAL) < 0)
			return;
	}
	scene_check(false, "the module waited for a trickle");
}

static void
test_a_hung_broker_holds_nobody(void **state)
{
	struct stage_person person = {0};

	(void)state;
	stage_hurry(10);
	stage_broker(hung_scene, NULL);
	assert_int_equal(authenticate("kari", &person), PAM_AUTHINFO_UNAVAIL);
	stage_broker_leave();
	assert_non_null(strstr(person.transcript, "svarer ikke"));
	assert_in_range(stage_longest_wait_ms(), LOGIN_FIRST_DEADLINE_MS - 100,
	    LOGIN_FIRST_DEADLINE_MS);

	stage_broker(silent_scene, NULL);
	assert_int_equal(authenticate("kari", &person), PAM_AUTHINFO_UNAVAIL);
	stage_broker_leave();
	assert_in_range(stage_longest_wait_ms(),
	    LOGIN_SILENCE_DEADLINE_MS - 100, LOGIN_SILENCE_DEADLINE_MS);
	assert_logged("portvaktd hangs");

	stage_broker(trickling_scene, NULL);
	assert_int_equal(authenticate("kari", &person), PAM_AUTHINFO_UNAVAIL);
	stage_broker_leave();
}

/* Twice the silence deadline in all, and never silent for that long. */
static void
patient_scene(int fd, const void *script)
{
	static const struct login_message wait = {.type = LOGIN_WAIT};
	const unsigned int *speed = script;
	int i;

	scene_begin(fd, LOGIN_PHASE_AUTHENTICATE);
	scene_say(fd, &wait);
	for (i = 0; i < 2 * LOGIN_SILENCE_DEADLINE_MS / LOGIN_HEARTBEAT_MS;
	     i++) {
		(void)usleep(LOGIN_HEARTBEAT_MS * 1000 / *speed);
		scene_say(fd, &wait);
	}
	scene_done(fd, LOGIN_ALLOW, "", "");
	scene_end(fd);
}

static void
test_a_heartbeat_keeps_a_login_alive(void **state)
{
	static const unsigned int speed = 5;
	struct stage_person person = {0};

	(void)state;
	stage_hurry((int)speed);
	stage_broker(patient_scene, &speed);
	assert_int_equal(authenticate("kari", &person), PAM_SUCCESS);
	stage_broker_leave();
}

static void
endless_scene(int fd, const void *script)
{
	static const char wait[] = "\0\0\0\1\5";

	(void)script;
	scene_begin(fd, LOGIN_PHASE_AUTHENTICATE);
	while (send(fd, wait, sizeof(wait) - 1, MSG_NOSIGNAL) > 0)
		continue;
	scene_check(errno == EPIPE || errno == ECONNRESET, "hung up");
}

static void
test_a_broker_without_an_end_is_left(void **state)
{
	struct stage_person person = {0};

	(void)state;
	stage_broker(endless_scene, NULL);
	assert_int_equal(authenticate("kari", &person), PAM_AUTHINFO_UNAVAIL);
	stage_broker_leave();
}

static void
uncalled_scene(int fd, const void *script)
{
	char byte;

	(void)script;
	scene_check(recv(fd, &byte, 1, 0) == 0, "nothing was said to us");
}

static void
test_a_broker_that_others_could_replace_is_not_asked(void **state)
{
	struct answer yes = {.phase = LOGIN_PHASE_AUTHENTICATE,
	    .verdict = LOGIN_ALLOW,
	    .handle = ""};
	struct stage_person person = {0};

	(void)state;
	assert_int_equal(chmod(PORTVAKT_RUNDIR, 0777), 0);
	stage_broker(uncalled_scene, &yes);
	assert_int_equal(authenticate("kari", &person), PAM_SERVICE_ERR);
	stage_broker_leave();
	assert_non_null(strstr(person.transcript, "satt opp feil"));
	assert_logged("must belong to");

	stage_broker(uncalled_scene, &yes);
	assert_int_equal(account("kari", &person), PAM_SERVICE_ERR);
	stage_broker_leave();
	assert_non_null(strstr(person.transcript, "satt opp feil"));
}

static void
test_another_users_broker_is_not_asked(void **state)
{
	struct stage_person person = {0};

	(void)state;
	if (getuid() != 0 || access("/proc/self/setgroups", F_OK) < 0)
		skip();
	stage_broker_as(65534, uncalled_scene, NULL);
	assert_int_equal(authenticate("kari", &person), PAM_SERVICE_ERR);
	stage_broker_leave();
}

static void
test_who_is_not_ours_makes_no_sound(void **state)
{
	static const char *const names[] = {"per", "root", "Kari", "kari ",
	    "../kari", "hunter2", "karikarikarikarikarikarikarikarika"};
	struct stage_person person = {0};
	size_t i;

	(void)state;
	stage_broker_deaf();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(
		    authenticate(names[i], &person), PAM_USER_UNKNOWN);
		assert_int_equal(account(names[i], &person), PAM_USER_UNKNOWN);
	}
	assert_false(stage_broker_was_called());
	assert_string_equal(person.transcript, "");
	assert_string_equal(stage_log(), "");
}

static void
test_local_accounts_come_first(void **state)
{
	struct stage_person person = {0};

	(void)state;
	stage_passwd("kari:x:1000:1000::/home/kari:/bin/bash\n");
	stage_broker_deaf();
	assert_int_equal(authenticate("kari", &person), PAM_USER_UNKNOWN);
	assert_int_equal(account("kari", &person), PAM_USER_UNKNOWN);
	assert_false(stage_broker_was_called());
	assert_logged("kari is another account of this machine (uid 1000)");
}

static void
test_a_missing_name_service_is_reported(void **state)
{
	struct stage_person person = {0};

	(void)state;
	stage_passwd("");
	stage_broker_deaf();
	assert_int_equal(authenticate("kari", &person), PAM_USER_UNKNOWN);
	assert_false(stage_broker_was_called());
	assert_logged("/etc/nsswitch.conf");
}

static void
test_without_an_image_nobody_is_ours(void **state)
{
	struct stage_person person = {0};

	(void)state;
	assert_int_equal(unlink(stage_image_path()), 0);
	stage_broker_deaf();
	assert_int_equal(authenticate("kari", &person), PAM_USER_UNKNOWN);
	assert_false(stage_broker_was_called());
	assert_string_equal(stage_log(), "");
}

static void
damage(const char *path)
{
	char byte = 0;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	off_t middle = lseek(fd, 0, SEEK_END) / 2;

	assert_int_equal(pread(fd, &byte, 1, middle), 1);
	byte = (char)(byte ^ 0x40);
	assert_int_equal(pwrite(fd, &byte, 1, middle), 1);
	assert_int_equal(close(fd), 0);
}

/* Their uids are left in passwd: the name service has a mapping of its own. */
static void
test_with_a_damaged_image_ours_are_refused(void **state)
{
	struct stage_person person = {0};
	pam_handle_t *pamh;

	(void)state;
	stage_broker_deaf();
	damage(stage_image_path());
	assert_int_equal(authenticate("kari", &person), PAM_AUTHINFO_UNAVAIL);
	assert_non_null(strstr(person.transcript, "kan ikke brukes"));
	assert_logged("portvaktctl reload");
	assert_int_equal(account("ola", &person), PAM_AUTHINFO_UNAVAIL);
	assert_non_null(strstr(person.transcript, "kan ikke brukes"));
	assert_int_equal(truncate(stage_image_path(), 20), 0);
	assert_int_equal(authenticate("kari", &person), PAM_AUTHINFO_UNAVAIL);
	stage_write(stage_image_path(), "");
	assert_int_equal(account("kari", &person), PAM_AUTHINFO_UNAVAIL);
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_set_item(pamh, PAM_TTY, "ssh"), PAM_SUCCESS);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_MAXTRIES);
	stage_end(pamh);
	assert_false(stage_broker_was_called());
}

static void
test_with_a_damaged_image_the_others_are_unknown(void **state)
{
	static const char *const names[] = {"root", "per", "nobody-here"};
	struct stage_person person = {0};
	size_t i;

	(void)state;
	stage_passwd("per:x:1000:1000::/home/per:/bin/bash\n");
	stage_broker_deaf();
	damage(stage_image_path());
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(
		    authenticate(names[i], &person), PAM_USER_UNKNOWN);
		assert_int_equal(account(names[i], &person), PAM_USER_UNKNOWN);
	}
	assert_false(stage_broker_was_called());
	assert_string_equal(person.transcript, "");
}

static void
test_who_cannot_converse_is_refused_before_any_wait(void **state)
{
	struct stage_person person = {.is_nobody = true};

	(void)state;
	stage_broker_deaf();
	assert_int_equal(authenticate("kari", &person), PAM_CONV_ERR);
	assert_false(stage_broker_was_called());
	assert_logged("no conversation function");
}

/* cron and ssh keys: the account phase needs nobody to talk to. */
static void
test_the_account_phase_needs_no_conversation(void **state)
{
	struct answer answer = {
	    .phase = LOGIN_PHASE_ACCOUNT, .verdict = LOGIN_ALLOW, .handle = ""};
	struct stage_person person = {.is_nobody = true};

	(void)state;
	stage_broker(answer_scene, &answer);
	assert_int_equal(account("kari", &person), PAM_SUCCESS);
	stage_broker_leave();
	answer.verdict = LOGIN_DENY;
	stage_broker(answer_scene, &answer);
	assert_int_equal(account("kari", &person), PAM_PERM_DENIED);
	stage_broker_leave();
	assert_string_equal(stage_log(), "");
}

static void
unread_scene(int fd, const void *script)
{
	(void)script;
	scene_begin(fd, LOGIN_PHASE_AUTHENTICATE);
	scene_show(fd, LOGIN_STYLE_INFO, "Adresse og kode");
	scene_end(fd);
}

static void
unanswered_scene(int fd, const void *script)
{
	(void)script;
	scene_begin(fd, LOGIN_PHASE_AUTHENTICATE);
	scene_ask(fd, false, "PIN: ");
	scene_end(fd);
}

static void
test_a_person_who_leaves_ends_the_login(void **state)
{
	struct stage_person away = {.fails_at = 1};
	struct stage_person wordless = {0};

	(void)state;
	stage_broker(unread_scene, NULL);
	assert_int_equal(authenticate("kari", &away), PAM_CONV_ERR);
	stage_broker_leave();
	stage_broker(unanswered_scene, NULL);
	assert_int_equal(authenticate("kari", &away), PAM_CONV_ERR);
	stage_broker_leave();
	stage_broker(unanswered_scene, NULL);
	assert_int_equal(authenticate("kari", &wordless), PAM_CONV_ERR);
	stage_broker_leave();
}

static void
long_answer_scene(int fd, const void *script)
{
	struct login_message m;

	(void)script;
	scene_begin(fd, LOGIN_PHASE_AUTHENTICATE);
	scene_ask(fd, false, "Token: ");
	scene_hear(fd, LOGIN_ANSWER, &m);
	scene_check(
	    strlen(m.answer.text) == LOGIN_ANSWER_SIZE - 1, "the whole answer");
	scene_done(fd, LOGIN_ALLOW, "", "");
}

static void
test_answers_pass_whole_or_not_at_all(void **state)
{
	char answer[LOGIN_ANSWER_SIZE + 1];
	struct stage_person person;

	(void)state;
	memset(answer, 'x', sizeof(answer));
	answer[LOGIN_ANSWER_SIZE - 1] = '\0';
	person = (struct stage_person){.answers = {answer}};
	stage_broker(long_answer_scene, NULL);
	assert_int_equal(authenticate("kari", &person), PAM_SUCCESS);
	stage_broker_leave();

	answer[LOGIN_ANSWER_SIZE - 1] = 'x';
	answer[LOGIN_ANSWER_SIZE] = '\0';
	person = (struct stage_person){.answers = {answer}};
	stage_broker(unanswered_scene, NULL);
	assert_int_equal(authenticate("kari", &person), PAM_CRED_INSUFFICIENT);
	stage_broker_leave();
	assert_non_null(
	    strstr(person.transcript, "error: Svaret var for langt"));
}

#define TOKEN "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"

static const struct login_message want = {.type = LOGIN_WANT};

/* The token that must come, and the verdict. */
struct token_script {
	const char *token;
	enum login_verdict verdict;
};

static void
token_scene(int fd, const void *script)
{
	const struct token_script *s = script;
	size_t size = strlen(s->token);
	struct login_message m;

	scene_hear(fd, LOGIN_BEGIN, &m);
	scene_check(m.begin.with_token == 1, "announced");
	scene_check(m.begin.phase == LOGIN_PHASE_AUTHENTICATE, "phase");
	scene_say(fd, &want);
	scene_hear(fd, LOGIN_TOKEN, &m);
	scene_check(
	    m.token.size == size && memcmp(m.token.text, s->token, size) == 0,
	    "the whole token");
	scene_done(fd, s->verdict,
	    s->verdict == LOGIN_ALLOW ? "" : "Tokenet gjelder ikke lenger.",
	    s->verdict == LOGIN_ALLOW ? STAGE_HANDLE : "");
	scene_end(fd);
}

static void
take_tokens(void)
{
	stage_service("required", "token");
}

static void
test_a_token_is_asked_for_and_handed_over(void **state)
{
	static const struct token_script yes = {TOKEN, LOGIN_ALLOW};
	struct stage_person person = {.answers = {TOKEN}};
	pam_handle_t *pamh;

	(void)state;
	take_tokens();
	stage_broker(token_scene, &yes);
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
	assert_string_equal(pam_getenv(pamh, LOGIN_HANDLE_ENV), STAGE_HANDLE);
	assert_int_equal(pam_setcred(pamh, PAM_ESTABLISH_CRED), PAM_SUCCESS);
	stage_end(pamh);
	stage_broker_leave();
	assert_string_equal(person.transcript, "hidden: Token: \n");
	assert_string_equal(stage_log(), "");
}

/* 16 KiB pass; one more is refused here, and nobody is asked. */
static void
test_the_longest_token_passes_whole(void **state)
{
	static char token[LOGIN_TOKEN_SIZE_MAX + 2];
	const struct token_script yes = {token, LOGIN_ALLOW};
	struct stage_person person = {.answers = {token}};

	(void)state;
	take_tokens();
	memset(token, 'x', LOGIN_TOKEN_SIZE_MAX);
	stage_broker(token_scene, &yes);
	assert_int_equal(authenticate("kari", &person), PAM_SUCCESS);
	stage_broker_leave();
	token[LOGIN_TOKEN_SIZE_MAX] = 'x';
	person = (struct stage_person){.answers = {token}};
	stage_broker_deaf();
	assert_int_equal(authenticate("kari", &person), PAM_CRED_INSUFFICIENT);
	assert_false(stage_broker_was_called());
}

static void
test_a_refused_token_is_explained(void **state)
{
	static const struct token_script rows[] = {{TOKEN, LOGIN_DENY},
	    {TOKEN, LOGIN_OUTAGE}, {TOKEN, LOGIN_MISCONFIGURED}};
	static const int codes[] = {
	    PAM_CRED_INSUFFICIENT, PAM_AUTHINFO_UNAVAIL, PAM_SERVICE_ERR};
	struct stage_person person;
	size_t i;

	(void)state;
	take_tokens();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		person = (struct stage_person){.answers = {TOKEN}};
		stage_broker(token_scene, &rows[i]);
		assert_int_equal(authenticate("kari", &person), codes[i]);
		stage_broker_leave();
		assert_non_null(strstr(
		    person.transcript, "error: Tokenet gjelder ikke lenger."));
	}
}

/* As a module before ours left it: nobody is asked again. */
static void
test_a_token_that_is_there_is_taken(void **state)
{
	static const struct token_script yes = {TOKEN, LOGIN_ALLOW};
	struct stage_person person = {.answers = {TOKEN}};
	char lines[512];

	(void)state;
	(void)snprintf(lines, sizeof(lines),
	    "auth optional pam_unix.so nodelay\nauth required %s token\n",
	    stage_module_path());
	stage_service_lines(lines);
	stage_broker(token_scene, &yes);
	assert_int_equal(authenticate("kari", &person), PAM_SUCCESS);
	stage_broker_leave();
	assert_string_equal(person.transcript, "hidden: Password: \n");
}

static void
test_no_answer_is_no_failure_that_counts(void **state)
{
	struct stage_person empty = {.answers = {""}};
	struct stage_person wordless = {0};
	struct stage_person nobody = {.is_nobody = true};

	(void)state;
	take_tokens();
	stage_broker_deaf();
	assert_int_equal(authenticate("kari", &empty), PAM_AUTH_ERR);
	assert_int_equal(authenticate("kari", &wordless), PAM_AUTHTOK_ERR);
	assert_string_equal(stage_log(), "");
	assert_int_equal(authenticate("kari", &nobody), PAM_AUTHTOK_ERR);
	assert_false(stage_broker_was_called());
}

static int
authenticate_on_terminal(struct stage_person *person)
{
	pam_handle_t *pamh = stage_start("kari", person);
	int code;

	assert_int_equal(
	    pam_set_item(pamh, PAM_TTY, "/dev/pts/7"), PAM_SUCCESS);
	code = pam_authenticate(pamh, 0);
	stage_end(pamh);
	return code;
}

/* As sudo does with what is longer than it takes: it fails the question. */
static void
test_an_answer_that_does_not_come_through_is_explained(void **state)
{
	static const struct token_script yes = {TOKEN, LOGIN_ALLOW};
	struct stage_person person = {.fails_at = 1, .answers = {TOKEN}};
	struct stage_person gone = {0};
	struct stage_person content = {.fails_at = 1, .answers = {""}};

	(void)state;
	take_tokens();
	stage_broker(token_scene, &yes);
	assert_int_equal(authenticate_on_terminal(&person), PAM_SUCCESS);
	stage_broker_leave();
	assert_non_null(
	    strstr(person.transcript, "error: Programmet tok ikke"));
	assert_non_null(strstr(
	    person.transcript, "portvakt handle --service stage < token\n"));
	assert_logged("portvakt handle --service stage < token");

	stage_broker_deaf();
	assert_int_equal(authenticate_on_terminal(&gone), PAM_CONV_ERR);
	/* Nothing typed then: the next line has its turn. */
	assert_int_equal(authenticate_on_terminal(&content), PAM_AUTH_ERR);
	assert_false(stage_broker_was_called());
}

static void
test_an_outage_ends_sudo(void **state)
{
	struct stage_person person = {.answers = {TOKEN}};
	pam_handle_t *pamh;

	(void)state;
	take_tokens();
	(void)unlink("/run/stage/pam.d/sudo");
	assert_int_equal(
	    symlink("/run/stage/pam.d/stage", "/run/stage/pam.d/sudo"), 0);
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_set_item(pamh, PAM_SERVICE, "sudo"), PAM_SUCCESS);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_CRED_UNAVAIL);
	stage_end(pamh);
	assert_non_null(strstr(person.transcript, "error: Innloggings"));
	assert_int_equal(unlink("/run/stage/pam.d/sudo"), 0);
}

static void
test_nobody_else_is_asked_for_a_token(void **state)
{
	struct stage_person person = {.answers = {TOKEN}};

	(void)state;
	take_tokens();
	stage_broker_deaf();
	assert_int_equal(authenticate("per", &person), PAM_USER_UNKNOWN);
	assert_int_equal(authenticate("root", &person), PAM_USER_UNKNOWN);
	assert_false(stage_broker_was_called());
	assert_string_equal(person.transcript, "");
}

/* After an empty answer the next line offers the login at the provider. */
static void
test_an_empty_answer_goes_on_to_the_next_line(void **state)
{
	struct stage_person person = {.answers = {"", "", "123456"}};
	char lines[512];
	pam_handle_t *pamh;

	(void)state;
	(void)snprintf(lines, sizeof(lines),
	    "auth sufficient %s token\nauth required %s\n", stage_module_path(),
	    stage_module_path());
	stage_service_lines(lines);
	stage_broker(login_scene, NULL);
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_SUCCESS);
	stage_end(pamh);
	stage_broker_leave();
	assert_non_null(
	    strstr(person.transcript, "hidden: Token: \ninfo: Adresse"));
}

static void
greedy_scene(int fd, const void *script)
{
	(void)script;
	scene_begin(fd, LOGIN_PHASE_AUTHENTICATE);
	scene_say(fd, &want);
	scene_end(fd);
}

static void
test_a_token_that_was_not_given_is_not_handed_over(void **state)
{
	struct stage_person person = {.answers = {TOKEN}};

	(void)state;
	stage_broker(greedy_scene, NULL);
	assert_int_equal(authenticate("kari", &person), PAM_AUTHINFO_UNAVAIL);
	stage_broker_leave();
	assert_null(strstr(person.transcript, "Token"));
}

static void
test_token_is_an_option_of_auth_alone(void **state)
{
	struct stage_person person = {.answers = {TOKEN}};

	(void)state;
	take_tokens();
	stage_broker_deaf();
	assert_int_equal(account("kari", &person), PAM_SERVICE_ERR);
	assert_logged("unknown option token");
	stage_service("required", "token debug");
	assert_int_equal(authenticate("kari", &person), PAM_SERVICE_ERR);
	assert_logged("unknown option debug");
	assert_false(stage_broker_was_called());
}

/* The login ends while the person is still at the prompt. */
static void
late_scene(int fd, const void *script)
{
	const struct answer *answer = script;

	scene_begin(fd, LOGIN_PHASE_AUTHENTICATE);
	scene_ask(fd, true, "Trykk Enter: ");
	scene_done(fd, answer->verdict, "For sent.", answer->handle);
}

static int
converse_late(int count, const struct pam_message **messages,
    struct pam_response **ret_responses, void *data)
{
	(void)count;
	(void)data;
	*ret_responses = calloc(1, sizeof(**ret_responses));
	if (messages[0]->msg_style == PAM_PROMPT_ECHO_ON) {
		(void)usleep(100000);
		(*ret_responses)->resp = strdup("");
	}
	return PAM_SUCCESS;
}

static void
test_a_verdict_during_the_prompt_is_read_after_it(void **state)
{
	struct answer answer = {.verdict = LOGIN_EXPIRED, .handle = ""};
	struct pam_conv conv = {.conv = converse_late};
	struct stage_person person = {0};
	pam_handle_t *pamh;

	(void)state;
	stage_broker(late_scene, &answer);
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_set_item(pamh, PAM_CONV, &conv), PAM_SUCCESS);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_AUTH_ERR);
	stage_end(pamh);
	stage_broker_leave();
	assert_string_equal(stage_log(), "");
}

static void
nosy_scene(int fd, const void *script)
{
	(void)script;
	scene_begin(fd, LOGIN_PHASE_ACCOUNT);
	scene_ask(fd, false, "PIN: ");
	scene_end(fd);
}

static void
test_only_a_login_may_ask(void **state)
{
	struct stage_person person = {.answers = {"123456"}};

	(void)state;
	stage_broker(nosy_scene, NULL);
	assert_int_equal(account("ola", &person), PAM_PERM_DENIED);
	stage_broker_leave();
	assert_null(strstr(person.transcript, "hidden:"));
}

static void
test_without_a_broker_the_image_decides_about_accounts(void **state)
{
	struct stage_person person = {0};

	(void)state;
	assert_int_equal(account("kari", &person), PAM_SUCCESS);
	assert_string_equal(person.transcript, "");
	assert_logged("the directory image decides about kari: the account may "
		      "log in");
	assert_int_equal(account("ola", &person), PAM_PERM_DENIED);
	assert_non_null(strstr(person.transcript, "error: Kontoen er sperret"));
	assert_logged("ola: the account is locked");
}

/* The handle. */

static void
account_handle_scene(int fd, const void *script)
{
	struct login_message m;

	scene_hear(fd, LOGIN_BEGIN, &m);
	scene_check(m.begin.phase == LOGIN_PHASE_ACCOUNT, "phase");
	scene_check(strcmp(m.begin.handle, script) == 0, "handle");
	scene_done(fd, LOGIN_ALLOW, "", "");
}

static void
test_the_account_phase_brings_the_handle(void **state)
{
	static const char *const strange[] = {"", "x", "../../etc/passwd",
	    STAGE_HANDLE "0", "0123456789ABCDEF0123456789ABCDEF"};
	struct stage_person person = {0};
	char variable[128];
	pam_handle_t *pamh;
	size_t i;

	(void)state;
	stage_broker(account_handle_scene, STAGE_HANDLE);
	pamh = stage_start("kari", &person);
	assert_int_equal(
	    pam_putenv(pamh, LOGIN_HANDLE_ENV "=" STAGE_HANDLE), PAM_SUCCESS);
	assert_int_equal(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
	stage_broker_leave();

	for (i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		(void)snprintf(variable, sizeof(variable), "%s=%s",
		    LOGIN_HANDLE_ENV, strange[i]);
		assert_int_equal(pam_putenv(pamh, variable), PAM_SUCCESS);
		stage_broker(account_handle_scene, "");
		assert_int_equal(pam_acct_mgmt(pamh, 0), PAM_SUCCESS);
		stage_broker_leave();
	}
	stage_end(pamh);
}

static void
test_a_refused_login_leaves_no_handle(void **state)
{
	struct answer no = {.phase = LOGIN_PHASE_AUTHENTICATE,
	    .verdict = LOGIN_DENY,
	    .handle = STAGE_HANDLE};
	struct stage_person person = {0};
	pam_handle_t *pamh;

	(void)state;
	stage_broker(answer_scene, &no);
	pamh = stage_start("kari", &person);
	assert_int_equal(
	    pam_putenv(pamh, LOGIN_HANDLE_ENV "=" STAGE_OTHER_HANDLE),
	    PAM_SUCCESS);
	assert_int_equal(pam_authenticate(pamh, 0), PAM_CRED_INSUFFICIENT);
	assert_null(pam_getenv(pamh, LOGIN_HANDLE_ENV));
	stage_end(pamh);
	stage_broker_leave();
}

static void
open_scene(int fd, const void *script)
{
	struct login_message m;

	(void)script;
	scene_hear(fd, LOGIN_BEGIN, &m);
	scene_check(m.begin.phase == LOGIN_PHASE_OPEN_SESSION, "phase");
	scene_check(strcmp(m.begin.handle, STAGE_HANDLE) == 0, "handle");
	scene_done(fd, LOGIN_ALLOW, "", STAGE_OTHER_HANDLE);
}

static void
close_scene(int fd, const void *script)
{
	struct login_message m;

	(void)script;
	scene_hear(fd, LOGIN_BEGIN, &m);
	scene_check(m.begin.phase == LOGIN_PHASE_CLOSE_SESSION, "phase");
	scene_check(strcmp(m.begin.user, "kari") == 0, "user");
	scene_check(strcmp(m.begin.handle, STAGE_OTHER_HANDLE) == 0, "session");
	scene_done(fd, LOGIN_ALLOW, "", "");
}

static void
test_a_session_is_opened_and_closed_under_its_name(void **state)
{
	struct stage_person person = {0};
	pam_handle_t *pamh;

	(void)state;
	pamh = stage_start("kari", &person);
	assert_int_equal(
	    pam_putenv(pamh, LOGIN_HANDLE_ENV "=" STAGE_HANDLE), PAM_SUCCESS);
	stage_broker(open_scene, NULL);
	assert_int_equal(pam_open_session(pamh, 0), PAM_SUCCESS);
	stage_broker_leave();
	assert_null(pam_getenv(pamh, LOGIN_HANDLE_ENV));
	stage_broker(close_scene, NULL);
	assert_int_equal(pam_close_session(pamh, 0), PAM_SUCCESS);
	stage_broker_leave();
	stage_end(pamh);
	assert_string_equal(stage_log(), "");
}

static void
test_a_handle_never_survives_open_session(void **state)
{
	static const char *const users[] = {"kari", "root", "per"};
	struct stage_person person = {0};
	pam_handle_t *pamh;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		pamh = stage_start(users[i], &person);
		assert_int_equal(
		    pam_putenv(pamh, LOGIN_HANDLE_ENV "=" STAGE_HANDLE),
		    PAM_SUCCESS);
		(void)pam_open_session(pamh, 0);
		assert_null(pam_getenv(pamh, LOGIN_HANDLE_ENV));
		stage_end(pamh);
	}
}

static void
test_sessions_do_not_depend_on_the_broker(void **state)
{
	struct stage_person person = {0};
	char lines[8192];
	pam_handle_t *pamh;

	(void)state;
	(void)snprintf(lines, sizeof(lines),
	    "session required %s\nsession required pam_permit.so\n",
	    stage_module_path());
	stage_service_lines(lines);
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_open_session(pamh, 0), PAM_SUCCESS);
	assert_logged("systemctl status portvaktd");
	assert_int_equal(pam_close_session(pamh, 0), PAM_SUCCESS);
	stage_end(pamh);

	damage(stage_image_path());
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_open_session(pamh, 0), PAM_SUCCESS);
	stage_end(pamh);
	assert_string_equal(person.transcript, "");
}

static void
test_options_are_refused_but_lock_out_nobody_else(void **state)
{
	struct stage_person person = {0};
	pam_handle_t *pamh;

	(void)state;
	stage_service("required", "debug");
	stage_broker_deaf();
	assert_int_equal(authenticate("kari", &person), PAM_SERVICE_ERR);
	assert_int_equal(account("kari", &person), PAM_SERVICE_ERR);
	assert_int_equal(authenticate("root", &person), PAM_USER_UNKNOWN);
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_open_session(pamh, 0), PAM_SERVICE_ERR);
	stage_end(pamh);
	assert_false(stage_broker_was_called());
	assert_logged("unknown option debug");
}

/* Whoever can keep the broker from answering is not past what it asks. */
static void
test_what_asks_for_something_is_not_the_images_to_decide(void **state)
{
	struct stage_person person = {0};

	(void)state;
	stage_strict_services("sudo\n");
	assert_int_equal(account("kari", &person), PAM_SUCCESS);
	stage_strict_services("sudo\nstage\n");
	assert_int_equal(account("kari", &person), PAM_PERM_DENIED);
	assert_non_null(strstr(person.transcript, "Denne tjenesten krever"));
	assert_logged("kari is refused: the service asks for what only");
	assert_int_equal(account("root", &person), PAM_USER_UNKNOWN);
	stage_broker_deaf();
	assert_int_equal(account("kari", &person), PAM_PERM_DENIED);
}

static void
test_without_the_list_nothing_is_the_images_to_decide(void **state)
{
	struct stage_person person = {0};

	(void)state;
	assert_int_equal(unlink(PORTVAKT_STRICT_SERVICES), 0);
	assert_int_equal(account("kari", &person), PAM_PERM_DENIED);
	assert_logged("strict-services: No such file");
	stage_write(PORTVAKT_STRICT_SERVICES, "half a te");
	assert_int_equal(account("kari", &person), PAM_PERM_DENIED);
	assert_logged("strict-services: Bad message");
}

static void
test_setcred_answers_for_ours_alone(void **state)
{
	struct stage_person person = {0};
	pam_handle_t *pamh;

	(void)state;
	stage_broker_deaf();
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_setcred(pamh, PAM_ESTABLISH_CRED), PAM_SUCCESS);
	stage_end(pamh);
	pamh = stage_start("root", &person);
	assert_int_equal(
	    pam_setcred(pamh, PAM_ESTABLISH_CRED), PAM_USER_UNKNOWN);
	stage_end(pamh);
	assert_false(stage_broker_was_called());
}

/* sudo: kari proves who she is, then PAM_USER becomes root. */
static void
test_setcred_stands_by_the_login_of_its_handle(void **state)
{
	struct answer yes = {.phase = LOGIN_PHASE_AUTHENTICATE,
	    .verdict = LOGIN_ALLOW,
	    .handle = STAGE_HANDLE};
	struct stage_person person = {0};
	pam_handle_t *pamh;

	(void)state;
	stage_broker(answer_scene, &yes);
	pamh = stage_start("kari", &person);
	assert_int_equal(pam_authenticate(pamh, PAM_SILENT), PAM_SUCCESS);
	stage_broker_leave();
	assert_int_equal(pam_set_item(pamh, PAM_USER, "root"), PAM_SUCCESS);
	assert_int_equal(pam_setcred(pamh, PAM_REINITIALIZE_CRED), PAM_SUCCESS);
	stage_end(pamh);
}

static void
test_exactly_the_five_entry_points_are_exported(void **state)
{
	static const char *const hidden[] = {"pam_sm_chauthtok", "dialogue_run",
	    "frame_connect", "login_message_get", "verdict_pam_code"};
	static const char *const shown[] = {"pam_sm_authenticate",
	    "pam_sm_setcred", "pam_sm_acct_mgmt", "pam_sm_open_session",
	    "pam_sm_close_session"};
	void *module = dlopen(stage_module_path(), RTLD_NOW | RTLD_LOCAL);
	size_t i;

	(void)state;
	assert_non_null(module);
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		assert_non_null(dlsym(module, shown[i]));
	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		assert_null(dlsym(module, hidden[i]));
	(void)dlclose(module);
}

static void
test_no_descriptor_stays_open(void **state)
{
	struct answer answer = {.phase = LOGIN_PHASE_AUTHENTICATE,
	    .verdict = LOGIN_ALLOW,
	    .handle = STAGE_HANDLE};
	struct stage_person person = {0};
	int before = stage_open_files();
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		(void)authenticate("kari", &person);
		(void)account("kari", &person);
		stage_broker(answer_scene, &answer);
		(void)authenticate("kari", &person);
		stage_broker_leave();
		stage_broker(rubbish_scene, &rubbish[0]);
		(void)authenticate("kari", &person);
		stage_broker_leave();
	}
	assert_int_equal(stage_open_files(), before);
}

#define CASE(f) cmocka_unit_test_setup(f, stage_reset)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_a_login_shows_and_asks_in_the_brokers_order),
	    CASE(test_pam_silent_hides_nothing),
	    CASE(test_the_broker_hears_who_where_and_from_where),
	    CASE(test_facts_that_do_not_fit_are_refused_not_cut),
	    CASE(test_each_verdict_has_its_code_and_is_explained),
	    CASE(test_rubbish_from_the_broker_is_an_outage),
	    CASE(test_the_first_verdict_is_the_last),
	    CASE(test_no_broker_is_said_at_once),
	    CASE(test_a_hung_broker_holds_nobody),
	    CASE(test_a_heartbeat_keeps_a_login_alive),
	    CASE(test_a_broker_without_an_end_is_left),
	    CASE(test_a_broker_that_others_could_replace_is_not_asked),
	    CASE(test_another_users_broker_is_not_asked),
	    CASE(test_who_is_not_ours_makes_no_sound),
	    CASE(test_local_accounts_come_first),
	    CASE(test_a_missing_name_service_is_reported),
	    CASE(test_without_an_image_nobody_is_ours),
	    CASE(test_with_a_damaged_image_ours_are_refused),
	    CASE(test_with_a_damaged_image_the_others_are_unknown),
	    CASE(test_who_cannot_converse_is_refused_before_any_wait),
	    CASE(test_the_account_phase_needs_no_conversation),
	    CASE(test_a_person_who_leaves_ends_the_login),
	    CASE(test_answers_pass_whole_or_not_at_all),
	    CASE(test_a_verdict_during_the_prompt_is_read_after_it),
	    CASE(test_only_a_login_may_ask),
	    CASE(test_without_a_broker_the_image_decides_about_accounts),
	    CASE(test_the_account_phase_brings_the_handle),
	    CASE(test_a_refused_login_leaves_no_handle),
	    CASE(test_a_session_is_opened_and_closed_under_its_name),
	    CASE(test_a_handle_never_survives_open_session),
	    CASE(test_sessions_do_not_depend_on_the_broker),
	    CASE(test_a_token_is_asked_for_and_handed_over),
	    CASE(test_the_longest_token_passes_whole),
	    CASE(test_a_refused_token_is_explained),
	    CASE(test_a_token_that_is_there_is_taken),
	    CASE(test_no_answer_is_no_failure_that_counts),
	    CASE(test_an_answer_that_does_not_come_through_is_explained),
	    CASE(test_an_outage_ends_sudo),
	    CASE(test_nobody_else_is_asked_for_a_token),
	    CASE(test_an_empty_answer_goes_on_to_the_next_line),
	    CASE(test_a_token_that_was_not_given_is_not_handed_over),
	    CASE(test_token_is_an_option_of_auth_alone),
	    CASE(test_options_are_refused_but_lock_out_nobody_else),
	    CASE(test_what_asks_for_something_is_not_the_images_to_decide),
	    CASE(test_without_the_list_nothing_is_the_images_to_decide),
	    CASE(test_setcred_answers_for_ours_alone),
	    CASE(test_setcred_stands_by_the_login_of_its_handle),
	    CASE(test_exactly_the_five_entry_points_are_exported),
	    CASE(test_no_descriptor_stays_open),
	};

	if (!stage_enter()) {
		(void)puts("1..0 # SKIP no mount namespace of our own");
		return 0;
	}
	return cmocka_run_group_tests_name("pam", tests, NULL, NULL);
}
