/*
 * Times name lookups of one peer, for tests/bench/nss:
 *   nss_lookups limit USERS THREADS
 *   nss_lookups MODULE.so USERS THREADS     the module's functions themselves
 *   nss_lookups libc USERS THREADS          whatever nsswitch.conf says
 *   nss_lookups --text FOLDER USERS         writes passwd and group
 *   nss_lookups --publish PATH USERS        publishes, maps, says what it cost
 * Each answer is checked. Prints "operation ns" lines: the median over slices
 * of CPU time per call, of 1,000 users in a mixed order. With two threads, only
 * slices count in which both ran, whatever else the machine does.
 */
#include "lib/directory.h"
#include "tests/module/sample.h"

#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	GROUPS = 20, /* of each user */
	NAMES = 1000,
	THREADS_MAX = 2,
	SLICES = 201,
	SLICE_NS = 1000000,
	SPENT_NS_MAX = 1000000000, /* on one operation, if calls are slow */
	GROUP_BUFFER = 1 << 20,
};

typedef enum nss_status pwnam_fn(
    const char *, struct passwd *, char *, size_t, int *);
typedef enum nss_status pwuid_fn(uid_t, struct passwd *, char *, size_t, int *);
typedef enum nss_status grgid_fn(gid_t, struct group *, char *, size_t, int *);
typedef enum nss_status groups_fn(
    const char *, gid_t, long *, long *, gid_t **, long, int *);

struct peer {
	pwnam_fn *pwnam;
	pwuid_fn *pwuid;
	grgid_fn *grgid;
	groups_fn *groups;
};

struct bench {
	bool root;
	struct peer peer;
	uint32_t users;
	char names[NAMES][SAMPLE_NAME_SIZE];
	char missing[NAMES][SAMPLE_NAME_SIZE];
	uid_t uids[NAMES];
};

struct worker {
	_Alignas(128) const struct bench *bench;
	pthread_barrier_t *barrier;
	char *buffer;
	gid_t *gids;
	long gids_size;
	struct worker *other; /* NULL: alone */
	_Alignas(128) _Atomic uint32_t made; /* calls, for the other to see */
};

typedef void operation_fn(struct worker *worker, uint32_t i);

static int64_t
clock_ns(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
require(bool condition, const char *what)
{
	if (!condition)
		errx(1, "wrong answer: %s", what);
}

static void
user_by_name(struct worker *worker, uint32_t i)
{
	const struct bench *bench = worker->bench;
	struct passwd pw;
	int error;

	require(bench->peer.pwnam(bench->names[i], &pw, worker->buffer, 4096,
		    &error) == NSS_STATUS_SUCCESS &&
		    pw.pw_uid == bench->uids[i],
	    "user by name");
}

static void
user_unknown(struct worker *worker, uint32_t i)
{
	const struct bench *bench = worker->bench;
	struct passwd pw;
	int error;

	require(bench->peer.pwnam(bench->missing[i], &pw, worker->buffer, 4096,
		    &error) == NSS_STATUS_NOTFOUND,
	    "unknown user");
}

static void
user_by_uid(struct worker *worker, uint32_t i)
{
	const struct bench *bench = worker->bench;
	struct passwd pw;
	int error;

	require(bench->peer.pwuid(bench->uids[i], &pw, worker->buffer, 4096,
		    &error) == NSS_STATUS_SUCCESS &&
		    pw.pw_name[4] == bench->names[i][4],
	    "user by uid");
}

static void
big_group_by_gid(struct worker *worker, uint32_t i)
{
	const struct bench *bench = worker->bench;
	struct group gr;
	int error;

	(void)i;
	require(bench->peer.grgid(SAMPLE_GID, &gr, worker->buffer, GROUP_BUFFER,
		    &error) == NSS_STATUS_SUCCESS &&
		    gr.gr_mem[SAMPLE_BIG_GROUP - 1] &&
		    !gr.gr_mem[SAMPLE_BIG_GROUP],
	    "big group");
}

/* Of one more group, as every third user is in a restricted one. */
static bool
is_told(const struct bench *bench, uid_t uid)
{
	return bench->root && (uid - SAMPLE_UID) % 3 == 0;
}

static void
groups_of_user(struct worker *worker, uint32_t i)
{
	const struct bench *bench = worker->bench;
	long start = 1;
	int error;

	require(bench->peer.groups(bench->names[i], bench->uids[i], &start,
		    &worker->gids_size, &worker->gids, -1,
		    &error) == NSS_STATUS_SUCCESS &&
		    start == 1 + GROUPS + is_told(bench, bench->uids[i]),
	    "groups of a user");
}

static const struct operation {
	const char *name;
	operation_fn *run;
} operations[] = {
    {"getpwnam", user_by_name},
    {"getpwnam-miss", user_unknown},
    {"getpwuid", user_by_uid},
    {"getgrgid-1000", big_group_by_gid},
    {"initgroups", groups_of_user},
};

static enum nss_status
status_of(int error, const void *result)
{
	if (error)
		return NSS_STATUS_TRYAGAIN;
	return result ? NSS_STATUS_SUCCESS : NSS_STATUS_NOTFOUND;
}

static enum nss_status
libc_pwnam(
    const char *name, struct passwd *pw, char *buffer, size_t size, int *error)
{
	struct passwd *result;

	*error = getpwnam_r(name, pw, buffer, size, &result);
	return status_of(*error, result);
}

static enum nss_status
libc_pwuid(uid_t uid, struct passwd *pw, char *buffer, size_t size, int *error)
{
	struct passwd *result;

	*error = getpwuid_r(uid, pw, buffer, size, &result);
	return status_of(*error, result);
}

static enum nss_status
libc_grgid(gid_t gid, struct group *gr, char *buffer, size_t size, int *error)
{
	struct group *result;

	*error = getgrgid_r(gid, gr, buffer, size, &result);
	return status_of(*error, result);
}

static enum nss_status
libc_groups(const char *name, gid_t gid, long *start, long *size, gid_t **gids,
    long limit, int *error)
{
	int count = (int)*size;

	(void)limit;
	*error = 0;
	if (getgrouplist(name, gid, *gids, &count) < 0)
		return NSS_STATUS_TRYAGAIN;
	*start = count;
	return NSS_STATUS_SUCCESS;
}

/*
 * The limit: a hash and a copy, over records that stand ready. Nothing is
 * checked, nothing is looked at but the key.
 */
struct bare_user {
	uid_t uid;
	uint32_t name_size; /* texts: name \0 gecos \0 home \0 shell \0 */
	uint32_t home_at;
	uint32_t shell_at;
	uint32_t size;
	gid_t gids[GROUPS];
	char text[96];
};

static struct {
	struct bare_user *users;
	uint32_t *by_name;
	uint32_t *by_uid;
	uint32_t mask;
	char members[SAMPLE_BIG_GROUP * SAMPLE_NAME_SIZE];
	size_t members_size;
	uint8_t member_size[SAMPLE_BIG_GROUP];
} bare;

/* Takes the first and the last eight bytes: the names here have ten. */
static uint64_t
bare_hash(const char *name, size_t length)
{
	uint64_t first = 0, last = 0;

	if (length >= sizeof(first)) {
		memcpy(&first, name, sizeof(first));
		memcpy(&last, name + length - sizeof(last), sizeof(last));
	}
	first =
	    (first ^ (last << 23 | last >> 41)) * UINT64_C(0x9e3779b97f4a7c15);
	first = (first ^ first >> 32) * UINT64_C(0xc2b2ae3d27d4eb4f);
	return first >> 32;
}

static uint64_t
bare_hash_uid(uid_t uid)
{
	return (uid * UINT64_C(0x9e3779b97f4a7c15)) >> 32;
}

static void
bare_put(uint32_t *table, uint64_t hash, uint32_t user)
{
	while (table[hash & bare.mask])
		hash++;
	table[hash & bare.mask] = user + 1;
}

static void
bare_add(uint32_t users, uint32_t i)
{
	struct bare_user *user = &bare.users[i];
	uint32_t k;

	user->uid = SAMPLE_UID + i;
	user->size = (uint32_t)snprintf(user->text, sizeof(user->text),
			 "user%06u%cUser %u of 1%c/home/user%06u%c/bin/bash", i,
			 0, i, 0, i, 0) +
		     1;
	user->name_size = (uint32_t)strlen(user->text) + 1;
	user->home_at = user->name_size +
			(uint32_t)strlen(user->text + user->name_size) + 1;
	user->shell_at =
	    user->home_at + (uint32_t)strlen(user->text + user->home_at) + 1;
	for (k = 0; k < GROUPS; k++)
		user->gids[k] = SAMPLE_GID + sample_group_of(users, i, k);
	bare_put(bare.by_name, bare_hash(user->text, user->name_size - 1), i);
	bare_put(bare.by_uid, bare_hash_uid(user->uid), i);
}

static void
bare_init(uint32_t users)
{
	uint32_t i, slots = 4;

	while (slots < users * 2)
		slots *= 2;
	bare.mask = slots - 1;
	bare.users = calloc(users, sizeof(*bare.users));
	bare.by_name = calloc(slots, sizeof(uint32_t));
	bare.by_uid = calloc(slots, sizeof(uint32_t));
	if (!bare.users || !bare.by_name || !bare.by_uid)
		err(1, "calloc");
	for (i = 0; i < users; i++)
		bare_add(users, i);
	for (i = 0; i < SAMPLE_BIG_GROUP; i++) {
		bare.member_size[i] = (uint8_t)bare.users[i].name_size;
		memcpy(bare.members + bare.members_size, bare.users[i].text,
		    bare.users[i].name_size);
		bare.members_size += bare.users[i].name_size;
	}
}

static const struct bare_user *
bare_find(const char *name)
{
	size_t length = strlen(name);
	uint64_t hash = bare_hash(name, length);
	const struct bare_user *user;

	for (; bare.by_name[hash & bare.mask]; hash++) {
		user = &bare.users[bare.by_name[hash & bare.mask] - 1];
		if (memcmp(user->text, name, length + 1) == 0)
			return user;
	}
	return NULL;
}

static enum nss_status
bare_copy(const struct bare_user *user, struct passwd *pw, char *buffer)
{
	if (!user)
		return NSS_STATUS_NOTFOUND;
	memcpy(buffer, user->text, user->size);
	*pw = (struct passwd){
	    .pw_name = buffer,
	    .pw_passwd = buffer + user->name_size - 1,
	    .pw_uid = user->uid,
	    .pw_gid = user->uid,
	    .pw_gecos = buffer + user->name_size,
	    .pw_dir = buffer + user->home_at,
	    .pw_shell = buffer + user->shell_at,
	};
	return NSS_STATUS_SUCCESS;
}

static enum nss_status
bare_pwnam(
    const char *name, struct passwd *pw, char *buffer, size_t size, int *error)
{
	(void)size;
	(void)error;
	return bare_copy(bare_find(name), pw, buffer);
}

static enum nss_status
bare_pwuid(uid_t uid, struct passwd *pw, char *buffer, size_t size, int *error)
{
	uint64_t hash = bare_hash_uid(uid);
	const struct bare_user *user;

	(void)size;
	(void)error;
	for (; bare.by_uid[hash & bare.mask]; hash++) {
		user = &bare.users[bare.by_uid[hash & bare.mask] - 1];
		if (user->uid == uid)
			return bare_copy(user, pw, buffer);
	}
	return NSS_STATUS_NOTFOUND;
}

static enum nss_status
bare_grgid(gid_t gid, struct group *gr, char *buffer, size_t size, int *error)
{
	char **members = (char **)(void *)buffer;
	char *text = buffer + (SAMPLE_BIG_GROUP + 1) * sizeof(char *);
	uint32_t i;

	(void)size;
	(void)error;
	memcpy(text, bare.members, bare.members_size);
	for (i = 0; i < SAMPLE_BIG_GROUP; i++) {
		members[i] = text;
		text += bare.member_size[i];
	}
	members[i] = NULL;
	gr->gr_gid = gid;
	gr->gr_mem = members;
	return NSS_STATUS_SUCCESS;
}

static enum nss_status
bare_groups(const char *name, gid_t gid, long *start, long *size, gid_t **gids,
    long limit, int *error)
{
	const struct bare_user *user = bare_find(name);

	(void)gid;
	(void)size;
	(void)limit;
	(void)error;
	if (!user)
		return NSS_STATUS_NOTFOUND;
	memcpy(*gids + *start, user->gids, sizeof(user->gids));
	*start += GROUPS;
	return NSS_STATUS_SUCCESS;
}

static void
load_symbol(void *module, const char *name, void *ret_function)
{
	void *symbol = dlsym(module, name);

	if (!symbol)
		errx(1, "%s", dlerror());
	memcpy(ret_function, &symbol, sizeof(symbol));
}

static struct peer
make_peer(const char *name, uint32_t users)
{
	struct peer peer = {libc_pwnam, libc_pwuid, libc_grgid, libc_groups};
	void *module;

	if (strcmp(name, "libc") == 0)
		return peer;
	if (strcmp(name, "limit") == 0) {
		bare_init(users);
		return (struct peer){
		    bare_pwnam, bare_pwuid, bare_grgid, bare_groups};
	}
	module = dlopen(name, RTLD_NOW);
	if (!module)
		errx(1, "%s", dlerror());
	load_symbol(module, "_nss_portvakt_getpwnam_r", &peer.pwnam);
	load_symbol(module, "_nss_portvakt_getpwuid_r", &peer.pwuid);
	load_symbol(module, "_nss_portvakt_getgrgid_r", &peer.grgid);
	load_symbol(module, "_nss_portvakt_initgroups_dyn", &peer.groups);
	return peer;
}

/* Users from all over the directory, in no order. */
static void
choose_names(struct bench *bench)
{
	uint32_t i, user;

	for (i = 0; i < NAMES; i++) {
		user = (uint32_t)((uint64_t)i * 7919 * (bench->users / NAMES) %
				  bench->users);
		bench->uids[i] = SAMPLE_UID + user;
		(void)snprintf(
		    bench->names[i], SAMPLE_NAME_SIZE, "user%06u", user);
		(void)snprintf(
		    bench->missing[i], SAMPLE_NAME_SIZE, "gone%06u", user);
	}
}

static int
compare_double(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static uint32_t
made_by_other(const struct worker *worker)
{
	return worker->other ? atomic_load(&worker->other->made) : 0;
}

/* ns per call, or 0 if the other thread did not run meanwhile. */
static double
run_slice(struct worker *worker, operation_fn *run, uint32_t calls, uint32_t *i)
{
	uint32_t made = made_by_other(worker), call;
	int64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID), spent;

	for (call = 0; call < calls; call++) {
		run(worker, *i);
		*i = *i + 1 < NAMES ? *i + 1 : 0;
		atomic_store_explicit(
		    &worker->made, worker->made + 1, memory_order_relaxed);
	}
	spent = clock_ns(CLOCK_THREAD_CPUTIME_ID) - start;
	made = made_by_other(worker) - made;
	if (worker->other && calls > 1 && made < calls / 10)
		return 0;
	return (double)spent / calls;
}

/* Whatever the other thread does. */
static double
run_alone(struct worker *worker, operation_fn *run, uint32_t calls, uint32_t *i)
{
	struct worker *other = worker->other;
	double ns;

	worker->other = NULL;
	ns = run_slice(worker, run, calls, i);
	worker->other = other;
	return ns;
}

/* The processor's and nscd's; a peer that is as slow again has none. */
static void
fill_caches(struct worker *worker, operation_fn *run)
{
	uint32_t i = 0;

	(void)run_alone(worker, run, 1, &i);
	i = 0;
	if (run_alone(worker, run, 1, &i) > SLICE_NS / 2)
		return;
	for (i = 0; i < NAMES; i++)
		run(worker, i);
}

/* The median over slices; fewer slices where one call takes long. */
static double
measure(struct worker *worker, operation_fn *run)
{
	double ns[SLICES] = {0}, first, spent;
	uint32_t calls, i = 0;
	size_t slices = 0;

	fill_caches(worker, run);
	first = run_alone(worker, run, 1, &i);
	first = run_alone(worker, run, first > SLICE_NS / 2 ? 1 : 100, &i);
	calls = first > SLICE_NS ? 1 : (uint32_t)(SLICE_NS / first) + 1;
	(void)pthread_barrier_wait(worker->barrier);
	for (spent = 0; slices < SLICES && spent < SPENT_NS_MAX;
	     spent += first * calls) {
		ns[slices] = run_slice(worker, run, calls, &i);
		slices += ns[slices] > 0;
	}
	(void)pthread_barrier_wait(worker->barrier);
	if (slices == 0)
		errx(1, "the threads never ran at the same time");
	qsort(ns, slices, sizeof(ns[0]), compare_double);
	return ns[slices / 2];
}

struct report {
	struct worker worker;
	size_t processor;
	double ns[sizeof(operations) / sizeof(operations[0])];
};

/* Each on a processor of its own, or they could take turns on one. */
static void
stay_on(size_t processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		err(1, "sched_setaffinity");
}

static void *
work(void *argument)
{
	struct report *report = argument;
	size_t i;

	stay_on(report->processor);

	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		report->ns[i] = measure(&report->worker, operations[i].run);
	return NULL;
}

static void
run_threads(const struct bench *bench, uint32_t count)
{
	struct report reports[THREADS_MAX] = {0};
	pthread_t threads[THREADS_MAX];
	pthread_barrier_t barrier;
	double sum;
	size_t i, t;

	(void)pthread_barrier_init(&barrier, NULL, count);
	for (t = 0; t < count; t++) {
		reports[t].worker = (struct worker){
		    .bench = bench,
		    .barrier = &barrier,
		    .buffer = malloc(GROUP_BUFFER),
		    .gids = calloc(64, sizeof(gid_t)),
		    .gids_size = 64,
		    .other = count > 1 ? &reports[1 - t].worker : NULL,
		};
		reports[t].processor = t;
	}
	for (t = 0; t < count; t++) {
		if (pthread_create(&threads[t], NULL, work, &reports[t]) != 0)
			errx(1, "pthread_create");
	}
	for (t = 0; t < count; t++)
		(void)pthread_join(threads[t], NULL);
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		for (sum = 0, t = 0; t < count; t++)
			sum += reports[t].ns[i];
		printf("%s %.1f\n", operations[i].name, sum / count);
	}
}

static void
write_passwd(const char *folder, uint32_t users)
{
	char path[256];
	FILE *file;
	uint32_t i;

	(void)snprintf(path, sizeof(path), "%s/passwd", folder);
	file = fopen(path, "we");
	if (!file)
		err(1, "%s", path);
	(void)fputs("root:x:0:0:root:/root:/bin/bash\n", file);
	for (i = 0; i < users; i++)
		(void)fprintf(file,
		    "user%06u:*:%u:%u:User %u of 1:/home/user%06u:/bin/bash\n",
		    i, SAMPLE_UID + i, SAMPLE_UID + i, i, i);
	(void)fclose(file);
}

static void
write_group(const char *folder, uint32_t users)
{
	uint32_t groups = sample_group_count(users), i, j, k;
	char path[256], **lines;
	size_t *sizes;
	FILE **files;
	FILE *file;

	lines = calloc(groups, sizeof(*lines));
	sizes = calloc(groups, sizeof(*sizes));
	files = calloc(groups, sizeof(*files));
	(void)snprintf(path, sizeof(path), "%s/group", folder);
	file = fopen(path, "we");
	if (!file || !lines || !sizes || !files)
		err(1, "%s", path);
	for (j = 0; j < groups; j++) {
		files[j] = open_memstream(&lines[j], &sizes[j]);
		(void)fprintf(
		    files[j], "ko-group%05u:*:%u:", j, SAMPLE_GID + j);
	}
	for (i = 0; i < users; i++) {
		for (k = 0; k < GROUPS; k++)
			(void)fprintf(files[sample_group_of(users, i, k)],
			    "user%06u,", i);
	}
	for (j = 0; j < groups; j++) {
		(void)fclose(files[j]);
		lines[j][sizes[j] - 1] = '\n';
		(void)fputs(lines[j], file);
		free(lines[j]);
	}
	(void)fclose(file);
	free(lines);
	free(sizes);
	free(files);
}

static void
publish(const char *path, uint32_t users)
{
	char restricted[1024];
	struct directory directory;
	struct rusage usage;
	int64_t start, published, mapped;
	int error;

	start = clock_ns(CLOCK_MONOTONIC);
	(void)snprintf(restricted, sizeof(restricted), "%s.restricted", path);
	error = sample_publish_both(path, restricted, 1, users, GROUPS);
	published = clock_ns(CLOCK_MONOTONIC);
	if (error)
		errx(1, "%s: %s", path, strerror(-error));
	(void)getrusage(RUSAGE_SELF, &usage);
	error = directory_map(path, &directory);
	mapped = clock_ns(CLOCK_MONOTONIC);
	if (error)
		errx(1, "%s: %s", path, strerror(-error));
	printf("publish-ms %.1f\nmap-ms %.2f\nimage-mb %.1f\nmemory-mb %.1f\n",
	    (double)(published - start) / 1e6,
	    (double)(mapped - published) / 1e6,
	    (double)directory.size_bytes / 1e6, (double)usage.ru_maxrss / 1024);
	directory_unmap(&directory);
}

static struct bench bench;

int
main(int argc, char *argv[])
{
	uint32_t number;

	if (argc != 4)
		errx(2, "see the head of nss_lookups.c");
	number = (uint32_t)strtoul(argv[3], NULL, 10);
	if (strcmp(argv[1], "--text") == 0) {
		write_passwd(argv[2], number);
		write_group(argv[2], number);
		return 0;
	}
	if (strcmp(argv[1], "--publish") == 0) {
		publish(argv[2], number);
		return 0;
	}
	bench.users = (uint32_t)strtoul(argv[2], NULL, 10);
	if (bench.users < NAMES || number < 1 || number > THREADS_MAX)
		errx(2, "see the head of nss_lookups.c");
	bench.root = geteuid() == 0;
	choose_names(&bench);
	bench.peer = make_peer(argv[1], bench.users);
	run_threads(&bench, number);
	return 0;
}
