/*
 * Real processes of uids of ours: one that goes at once, one that will not, one that forks all the time; and one
 * of another uid, which must not notice. Needs root.
 */
#include "ctl/session_end.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Of this run alone: another one may go on beside it. */
static uid_t
kari_uid(void)
{
	return 66000 + 2 * ((uid_t)getpid() % 16000);
}

static uid_t
ola_uid(void)
{
	return kari_uid() + 1;
}

int __wrap_logind_terminate_user(uint32_t uid);

static int logind_answer = -ENOENT; /* none runs */
static unsigned int logind_asked;

int
__wrap_logind_terminate_user(uint32_t uid)
{
	assert_int_equal(uid, kari_uid());
	logind_asked++;
	return logind_answer;
}

static void
become(uid_t uid)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setresuid(uid, uid, uid) < 0)
		_exit(1);
	/* setresuid has cleared it. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void
wait_for_ever(void)
{
	for (;;)
		(void)pause();
}

/* A child hands over to a new one again and again; after a minute it ends. */
static void
hop(void)
{
	const struct timespec moment = {.tv_nsec = 200000};
	time_t end = time(NULL) + 60;

	(void)signal(SIGTERM, SIG_IGN);
	while (time(NULL) < end) {
		pid_t next = fork();

		if (next > 0)
			_exit(0);
		(void)nanosleep(&moment, NULL);
	}
	_exit(0);
}

static void
stay(void)
{
	(void)signal(SIGTERM, SIG_IGN);
	wait_for_ever();
}

static void *
go_on(void *unused)
{
	stay();
	return unused;
}

/* To the kernel it is a zombie then, with a thread that goes on. */
static void
leave_a_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, go_on, NULL) != 0)
		_exit(1);
	pthread_exit(NULL);
}

static pid_t
start(uid_t uid, void (*what)(void))
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		become(uid);
		if (what == stay)
			(void)signal(SIGTERM, SIG_IGN);
		(void)close(ready[0]);
		(void)close(ready[1]);
		what();
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);
	(void)close(ready[0]);
	return pid;
}

static int
signal_that_ended(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
test_asks_first(void **state)
{
	struct session_end ended;
	pid_t kari = start(kari_uid(), wait_for_ever);
	pid_t ola = start(ola_uid(), wait_for_ever);

	(void)state;
	session_end_all(kari_uid(), &ended);
	assert_int_equal(ended.error, 0);
	assert_false(ended.logind);
	assert_int_equal(ended.ended, 1);
	assert_int_equal(ended.killed, 0);
	assert_int_equal(ended.left, 0);
	assert_int_equal(signal_that_ended(kari), SIGTERM);
	assert_int_equal(kill(ola, 0), 0);
	assert_int_equal(waitpid(ola, NULL, WNOHANG), 0);
	assert_int_equal(kill(ola, SIGKILL), 0);
	assert_int_equal(signal_that_ended(ola), SIGKILL);
}

static void
test_then_kills(void **state)
{
	struct session_end ended;
	pid_t kari = start(kari_uid(), stay);

	(void)state;
	session_end_all(kari_uid(), &ended);
	assert_int_equal(ended.error, 0);
	assert_int_equal(ended.ended, 1);
	assert_int_equal(ended.killed, 1);
	assert_int_equal(ended.left, 0);
	assert_int_equal(signal_that_ended(kari), SIGKILL);
}

/*
 * Its first process ends at once, and so does each that follows. All of them
 * hold the end of a pipe: when nobody does any more, none is left.
 */
static void
test_what_forks_does_not_escape(void **state)
{
	struct session_end ended;
	struct pollfd wait = {.events = POLLIN};
	int alive[2];
	pid_t kari;

	(void)state;
	assert_int_equal(pipe(alive), 0);
	kari = start(kari_uid(), hop);
	assert_int_equal(close(alive[1]), 0);
	assert_int_equal(waitpid(kari, NULL, 0), kari);
	wait.fd = alive[0];
	assert_int_equal(poll(&wait, 1, 100), 0);
	session_end_all(kari_uid(), &ended);
	assert_int_equal(ended.error, 0);
	assert_int_equal(ended.left, 0);
	assert_int_equal(poll(&wait, 1, 2000), 1);
	assert_int_equal(wait.revents, POLLHUP);
	assert_int_equal(close(alive[0]), 0);
}

/* Where it runs it is asked first, and what it leaves is ended all the same. */
static void
test_asks_logind_where_it_runs(void **state)
{
	struct session_end ended;
	pid_t kari = start(kari_uid(), wait_for_ever);

	(void)state;
	logind_asked = 0;
	logind_answer = 0;
	session_end_all(kari_uid(), &ended);
	logind_answer = -ENOENT;
	assert_int_equal(logind_asked, 1);
	assert_int_equal(ended.error, 0);
	assert_true(ended.logind);
	assert_int_equal(ended.left, 0);
	assert_int_equal(signal_that_ended(kari), SIGTERM);
}

static void
test_a_thread_that_goes_on_is_no_zombie(void **state)
{
	struct session_end ended;
	pid_t kari = start(kari_uid(), leave_a_thread);
	const struct timespec moment = {.tv_nsec = 50000000};

	(void)state;
	(void)nanosleep(&moment, NULL);
	session_end_all(kari_uid(), &ended);
	assert_int_equal(ended.error, 0);
	assert_int_equal(ended.left, 0);
	assert_true(ended.killed >= 1);
	assert_int_equal(signal_that_ended(kari), SIGKILL);
}

static void
test_nobody_there(void **state)
{
	struct session_end ended;

	(void)state;
	session_end_all(kari_uid(), &ended);
	assert_int_equal(ended.error, 0);
	assert_int_equal(ended.ended + ended.killed + ended.left, 0);
}

static void
test_refuses_who_is_not_ours(void **state)
{
	static const int64_t uids[] = {
	    0, -1, 1000, 65534, 65535, 100000, 4294967295, 4294967296 + 66000};
	struct session_end ended;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(uids) / sizeof(uids[0]); i++) {
		memset(&ended, 0, sizeof(ended));
		session_end_all(uids[i], &ended);
		assert_int_equal(ended.error, -EPERM);
		assert_int_equal(ended.ended, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest as_root[] = {
	    cmocka_unit_test(test_asks_first),
	    cmocka_unit_test(test_then_kills),
	    cmocka_unit_test(test_what_forks_does_not_escape),
	    cmocka_unit_test(test_asks_logind_where_it_runs),
	    cmocka_unit_test(test_a_thread_that_goes_on_is_no_zombie),
	    cmocka_unit_test(test_nobody_there),
	    cmocka_unit_test(test_refuses_who_is_not_ours),
	};
	const struct CMUnitTest as_anybody[] = {
	    cmocka_unit_test(test_refuses_who_is_not_ours),
	};

	if (geteuid() != 0)
		return cmocka_run_group_tests_name(
		    "session_end", as_anybody, NULL, NULL);
	return cmocka_run_group_tests_name("session_end", as_root, NULL, NULL);
}
