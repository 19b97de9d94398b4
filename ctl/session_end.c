#include "ctl/session_end.h"

#include "ctl/cleanup.h"
#include "ctl/logind.h"
#include "ctl/number.h"
#include "lib/deadline.h"
#include "lib/id.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <time.h>

enum {
	ROUND_MS = 50,
	CLEAN_ROUNDS = 6,
	/* Numbers around the newest one, where what forks all the time is. */
	CHASE_BEHIND = 4,
	CHASE_AHEAD = 4,
	STATUS_SIZE = 2048,
	PATH_SIZE = 64,
};

struct round {
	int64_t uid;
	int signal;
	size_t seen;
	size_t hit; /* that had the signal */
};

/* The number behind a word at the beginning of a line of /proc/PID/status. */
static int64_t
status_number(const char *status, const char *word)
{
	const char *line = strstr(status, word);
	int64_t number = 0;

	if (!line)
		return -1;
	line += strlen(word);
	line += strspn(line, "\t ");
	if (*line < '0' || *line > '9')
		return -1;
	for (; *line >= '0' && *line <= '9'; line++)
		number = number * 10 + (*line - '0');
	return number;
}

/*
 * A process whose first thread has ended is a zombie by its state, and goes on
 * while it has others. The links of its task directory are two and one for
 * each thread (proc_task_getattr of the kernel).
 */
static bool
runs_on(pid_t pid)
{
	char path[PATH_SIZE];
	struct stat st;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	return stat(path, &st) == 0 && st.st_nlink > 3;
}

/* Alive, and started for this uid: the first of four is the real one. */
static bool
belongs(pid_t pid, int64_t uid)
{
	char path[PATH_SIZE], status[STATUS_SIZE];
	CLEANUP_CLOSE int fd = -1;
	const char *state;
	ssize_t size;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	size = fd < 0 ? -1 : read(fd, status, sizeof(status) - 1);
	if (size <= 0)
		return false;
	status[size] = '\0';
	state = strstr(status, "\nState:\t");
	if (!state || state[8] == 'X' || (state[8] == 'Z' && !runs_on(pid)))
		return false;
	return status_number(status, "\nUid:") == uid;
}

/*
 * The descriptor is taken before the uid is read: whatever has the number by
 * then is the one that is asked, and the one that gets the signal.
 */
static void
hit(struct round *round, pid_t pid)
{
	CLEANUP_CLOSE int pid_fd = pidfd_open(pid, 0);

	if (pid_fd < 0 || !belongs(pid, round->uid))
		return;
	round->seen++;
	if (round->signal &&
	    pidfd_send_signal(pid_fd, round->signal, NULL, 0) == 0)
		round->hit++;
}

/* One reading of /proc; signal 0 counts alone. */
static int
go_round(struct round *round)
{
	DIR *processes = opendir("/proc");
	const struct dirent *entry;
	uint32_t number;

	if (!processes)
		return -errno;
	round->seen = round->hit = 0;
	while ((entry = readdir(processes)) != NULL) {
		if (number_parse(entry->d_name, &number) == 0)
			hit(round, (pid_t)number);
	}
	(void)closedir(processes);
	return 0;
}

static void
rest(void)
{
	const struct timespec pause = {.tv_nsec = ROUND_MS * 1000000L};

	(void)nanosleep(&pause, NULL);
}

/* Counts until none is left or the time is over. */
static int
wait_for_end(int64_t uid, int64_t until_ms, size_t *ret_left)
{
	struct round round = {.uid = uid};
	int error;

	for (;;) {
		error = go_round(&round);
		if (error)
			return error;
		*ret_left = round.seen;
		if (round.seen == 0 || deadline_left_ms(until_ms) == 0)
			return 0;
		rest();
	}
}

static int
terminate(int64_t uid, struct session_end *ended)
{
	struct round round = {.uid = uid, .signal = SIGTERM};
	int error;

	error = go_round(&round);
	if (error)
		return error;
	ended->ended = round.hit;
	if (round.seen == 0)
		return 0;
	if (isatty(STDERR_FILENO))
		fprintf(stderr,
		    "portvaktctl: %zu process%s got SIGTERM; waiting at most "
		    "%d seconds ...\n",
		    round.hit, round.hit == 1 ? "" : "es",
		    SESSION_END_TERM_MS / 1000);
	return wait_for_end(
	    uid, deadline_after(SESSION_END_TERM_MS), &ended->left);
}

/* The number that was given out last; 0: it is not told. */
static int64_t
newest_pid(void)
{
	CLEANUP_CLOSE int fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	char text[128];
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *last;
	uint32_t number;

	if (size <= 0)
		return 0;
	text[size] = '\0';
	text[strcspn(text, "\n")] = '\0';
	last = strrchr(text, ' ');
	return last && number_parse(last + 1, &number) == 0 ? number : 0;
}

/*
 * What forks and ends all the time is never where a reading of /proc saw it:
 * for the time of a rest, look where it must be. Returns how many were hit.
 */
static size_t
chase(int64_t uid)
{
	int64_t until_ms = deadline_after(ROUND_MS), newest, pid;
	struct round round = {.uid = uid, .signal = SIGKILL};

	while (deadline_left_ms(until_ms) > 0) {
		newest = newest_pid();
		if (newest == 0)
			return round.hit;
		for (pid = newest - CHASE_BEHIND; pid <= newest + CHASE_AHEAD;
		     pid++) {
			if (pid > 1 && pid <= INT32_MAX)
				hit(&round, (pid_t)pid);
		}
	}
	return round.hit;
}

/* Round and round, because what forks may be ahead of one reading. */
static int
kill_all(int64_t uid, struct session_end *ended)
{
	int64_t until_ms = deadline_after(SESSION_END_KILL_MS);
	struct round round = {.uid = uid, .signal = SIGKILL};
	unsigned int clean = 0;
	size_t chased;
	int error;

	while (clean < CLEAN_ROUNDS && deadline_left_ms(until_ms) > 0) {
		error = go_round(&round);
		if (error)
			return error;
		chased = chase(uid);
		clean = round.seen || chased ? 0 : clean + 1;
		/* One may be seen twice before it is gone. */
		if (round.hit + chased > ended->killed)
			ended->killed = round.hit + chased;
		ended->left = round.seen;
	}
	return 0;
}

void
session_end_all(int64_t uid, struct session_end *ret_ended)
{
	struct session_end ended = {0};
	size_t terminated;

	if (uid < ID_FLOOR || uid > UINT32_MAX || !id_is_ours((uint32_t)uid)) {
		ret_ended->error = -EPERM;
		return;
	}
	ended.logind = logind_terminate_user((uint32_t)uid) == 0;
	ended.error = terminate(uid, &ended);
	terminated =
	    ended.ended - (ended.left < ended.ended ? ended.left : ended.ended);
	if (!ended.error)
		ended.error = kill_all(uid, &ended);
	ended.ended = terminated + ended.killed;
	*ret_ended = ended;
}
