#include "ctl/program.h"

#include "ctl/cleanup.h"
#include "lib/deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct run {
	pid_t pid;
	int output_fd;
	int pid_fd;
	int64_t until_ms;
	char *output;
	size_t size;
};

static int
spawn(const char *const *argv, int output_fd, pid_t *ret_pid)
{
	char *environment[] = {(char[]){"PATH=/usr/sbin:/usr/bin:/sbin:/bin"},
	    (char[]){"LC_ALL=C.UTF-8"}, NULL};
	posix_spawn_file_actions_t actions;
	union {
		const char *const *borrowed;
		char *const *plain;
	} arguments = {argv};
	int error;

	error = posix_spawn_file_actions_init(&actions);
	if (error)
		return -error;
	error = posix_spawn_file_actions_addopen(
	    &actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!error)
		error = posix_spawn_file_actions_adddup2(
		    &actions, output_fd, STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(
		    &actions, output_fd, STDERR_FILENO);
	if (!error)
		error = posix_spawn(ret_pid, argv[0], &actions, NULL,
		    arguments.plain, environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	return -error;
}

/* What comes after the maximum is read and dropped. */
static void
collect(struct run *run)
{
	char bytes[4096];
	ssize_t size = read(run->output_fd, bytes, sizeof(bytes));
	ssize_t i;

	for (i = 0; i < size && run->size < PROGRAM_OUTPUT_SIZE_MAX; i++) {
		if (bytes[i] != '\0' && bytes[i] != '\r')
			run->output[run->size++] = bytes[i];
	}
	run->output[run->size] = '\0';
}

/* Until the process has ended and what it wrote has been read. */
static int
watch(struct run *run)
{
	struct pollfd fds[] = {
	    {.fd = run->pid_fd, .events = POLLIN},
	    {.fd = run->output_fd, .events = POLLIN},
	};
	int left;

	for (;;) {
		left = deadline_left_ms(run->until_ms);
		if (left == 0)
			return -ETIMEDOUT;
		if (poll(fds, 2, left) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		if (fds[1].revents & POLLIN)
			collect(run);
		else if (fds[1].revents)
			fds[1].fd = -1;
		if (fds[0].revents && !(fds[1].revents & POLLIN))
			return 0;
	}
}

static int
reap(const struct run *run, int error, int *ret_exit_code)
{
	int status;

	if (error)
		(void)kill(run->pid, SIGKILL);
	while (waitpid(run->pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	*ret_exit_code =
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return error;
}

int
program_run(
    const char *const *argv, int deadline_ms, struct program_result *ret_result)
{
	CLEANUP_FREE char *output = malloc(PROGRAM_OUTPUT_SIZE_MAX + 1);
	CLEANUP_CLOSE int read_end = -1;
	CLEANUP_CLOSE int pid_fd = -1;
	struct run run = {
	    .until_ms = deadline_after(deadline_ms), .output = output};
	int ends[2], error, exit_code = -1;

	if (!output || pipe2(ends, O_CLOEXEC) < 0)
		return output ? -errno : -ENOMEM;
	read_end = run.output_fd = ends[0];
	output[0] = '\0';
	error = spawn(argv, ends[1], &run.pid);
	(void)close(ends[1]);
	if (error)
		return error;
	pid_fd = run.pid_fd = pidfd_open(run.pid, 0);
	error = reap(&run, pid_fd < 0 ? -errno : watch(&run), &exit_code);
	if (error)
		return error;
	ret_result->exit_code = exit_code;
	ret_result->output = output;
	output = NULL;
	return 0;
}
