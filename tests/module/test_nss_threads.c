/*
 * Threads look up while another one publishes, and while processes fork: each
 * answer is whole, of one generation, and no older than what the thread has
 * seen before. Also built with ThreadSanitizer (test_nss_tsan). TAP.
 */
#include "nss_module/answer.h"
#include "nss_module/group.h"
#include "nss_module/passwd.h"
#include "tests/module/sample.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	THREADS = 4,
	GENERATIONS = 150,
	FORKS = 10,
	USERS = 40,
	GROUPS = 3,
};

static char path[128];
static char restricted_path[160];
static _Atomic bool stop;
static _Atomic unsigned long lookups;
static _Atomic unsigned long told; /* of a restricted membership */
static _Atomic unsigned long failures;

static void
fail(const char *what, unsigned long a, unsigned long b)
{
	if (atomic_fetch_add(&failures, 1) < 10)
		printf("# %s: %lu %lu\n", what, a, b);
}

/* The generation that a user's gecos speaks of; it ends with it. */
static unsigned long
look_up(uint32_t user)
{
	char name[SAMPLE_NAME_SIZE], buffer[1024];
	struct passwd pw;
	unsigned long generation;
	int error = 0;

	(void)snprintf(name, sizeof(name), "user%06u", user);
	if (_nss_portvakt_getpwnam_r(name, &pw, buffer, sizeof(buffer),
		&error) != NSS_STATUS_SUCCESS) {
		fail("not found, errno", user, (unsigned long)error);
		return 0;
	}
	if (pw.pw_uid != SAMPLE_UID + user || strcmp(pw.pw_name, name) != 0)
		fail("somebody else", user, pw.pw_uid);
	generation = strtoul(strrchr(pw.pw_gecos, ' '), NULL, 10);
	if (generation == 0)
		fail("no generation", user, 0);
	return generation;
}

/*
 * Each generation has USERS + generation % 8 users, all in the first group: an
 * answer that mixed two would not add up.
 */
static void
count_members(void)
{
	char buffer[4096];
	struct group gr;
	size_t count = 0;
	int error;

	if (_nss_portvakt_getgrgid_r(SAMPLE_GID, &gr, buffer, sizeof(buffer),
		&error) != NSS_STATUS_SUCCESS) {
		fail("no group, errno", 0, (unsigned long)error);
		return;
	}
	while (gr.gr_mem[count])
		count++;
	if (count < USERS || count >= USERS + 8 ||
	    strlen(gr.gr_mem[count - 1]) != strlen("user000000"))
		fail("members", count, 0);
}

/*
 * Members of the restricted group: root is told nearly always, as it gives up
 * when a publication is stopped in the middle; others never.
 */
static void
list_groups(void)
{
	long start = 0, size = 0;
	gid_t *gids = NULL;
	int error = 0;

	if (_nss_portvakt_initgroups_dyn("user000003", 1, &start, &size, &gids,
		0, &error) != NSS_STATUS_SUCCESS)
		fail("no groups, errno", 0, (unsigned long)error);
	else if (start == GROUPS + 1 && geteuid() == 0 &&
		 gids[GROUPS] == SAMPLE_RESTRICTED)
		(void)atomic_fetch_add(&told, 1);
	else if (start != GROUPS)
		fail("groups", (unsigned long)start, 0);
	free(gids);
}

static void *
read_on(void *unused)
{
	unsigned long generation, last = 0, count = 0;

	(void)unused;
	while (!atomic_load(&stop)) {
		generation = look_up((uint32_t)(count % USERS));
		if (generation < last)
			fail("went back", last, generation);
		last = generation;
		count_members();
		list_groups();
		count++;
	}
	(void)atomic_fetch_add(&lookups, count);
	return NULL;
}

static bool
publish(unsigned long generation)
{
	int error;

	error = sample_publish_both(path, restricted_path, generation,
	    USERS + (uint32_t)generation % 8, GROUPS);
	if (error)
		fail("publish", generation, (unsigned long)-error);
	return error == 0;
}

/* In the child only this thread goes on; it must not hang or miss anybody. */
static void
fork_and_look(unsigned long generation)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		(void)alarm(30);
		_exit(look_up(1) < generation || look_up(USERS - 1) == 0);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		fail("child", generation, (unsigned long)status);
}

static void
publish_on(void)
{
	unsigned long generation;

	for (generation = 2; generation <= GENERATIONS; generation++) {
		if (!publish(generation))
			return;
		if (look_up(0) != generation)
			fail("not seen at once", generation, 0);
		if (generation % (GENERATIONS / FORKS) == 0)
			fork_and_look(generation);
	}
}

static void
run(void)
{
	pthread_t threads[THREADS];
	size_t i;

	/* All at once for the first mapping of the process. */
	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, read_on, NULL) != 0)
			abort();
	}
	publish_on();
	atomic_store(&stop, true);
	for (i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
}

int
main(void)
{
	char folder[64] = "/tmp/test-nss-threads-XXXXXX";

	if (!mkdtemp(folder))
		return 1;
	(void)snprintf(path, sizeof(path), "%s/directory", folder);
	(void)snprintf(
	    restricted_path, sizeof(restricted_path), "%s.restricted", path);
	directory_source.path = path;
	directory_source.restricted_path = restricted_path;
	if (publish(1))
		run();
	(void)unlink(path);
	(void)unlink(restricted_path);
	(void)rmdir(folder);
	if (geteuid() == 0 && atomic_load(&told) == 0)
		fail("never told", 0, 0);
	printf("# %lu lookups in %d threads beside %d publications, "
	       "%lu times told\n",
	    atomic_load(&lookups), THREADS, GENERATIONS, atomic_load(&told));
	printf("%s 1 - every answer is whole and none goes back\n1..1\n",
	    atomic_load(&failures) == 0 ? "ok" : "not ok");
	return atomic_load(&failures) == 0 ? 0 : 1;
}
