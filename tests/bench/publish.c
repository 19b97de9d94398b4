/*
 * What publishing a fleet costs the broker: from the register to the image in
 * its place, and the memory that it takes.
 *
 *	publish [ACCOUNTS [GROUPS-OF-EACH [RESTRICTED]]]
 *
 * With RESTRICTED, the groups are configured, and so many of the 400 are
 * restricted; without it, they are those of the last logins. Works in a new directory below $TMPDIR (a tmpfs keeps the disk out of it)
 * and prints the best of five.
 */
#include "broker/clock.h"
#include "broker/directory/publisher.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GROUPS = 400, ROUNDS = 5, GID = 1900000000 };

static void
must(enum register_result result, const struct register_db *db)
{
	if (result == REGISTER_OK)
		return;
	fprintf(stderr, "publish: %s: %s\n", register_result_text(result),
	    db ? register_error(db) : "");
	exit(EXIT_FAILURE);
}

static void
fill_accounts(struct register_db *db, size_t count)
{
	struct account_request *requests = calloc(count, sizeof(*requests));
	char(*names)[32] = calloc(count, sizeof(*names));
	char(*homes)[48] = calloc(count, sizeof(*homes));
	size_t i, failed_at;

	if (!requests || !names || !homes)
		exit(EXIT_FAILURE);
	for (i = 0; i < count; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "user%06zu", i);
		(void)snprintf(
		    homes[i], sizeof(homes[i]), "/home/%s", names[i]);
		requests[i] = (struct account_request){
		    .name = names[i],
		    .issuer = "https://idp.example",
		    .subject = names[i],
		    .gecos = "Kari Nordmann",
		    .home = homes[i],
		    .shell = "/bin/bash",
		};
	}
	must(register_account_import(db, requests, count, 1, &failed_at), db);
	free(requests);
	free(names);
	free(homes);
}

static void
fill_groups(struct register_db *db, size_t accounts, size_t each)
{
	struct account_group groups[REGISTER_GROUPS_MAX] = {0};
	struct account account;
	char name[32];
	size_t i, j;
	bool changed;

	for (i = 0; i < accounts; i++) {
		for (j = 0; j < each; j++) {
			groups[j].gid =
			    (uint32_t)(GID + (i * 7 + j * 19) % GROUPS);
			(void)snprintf(groups[j].name, sizeof(groups[j].name),
			    "ko-%u", groups[j].gid - GID);
		}
		(void)snprintf(name, sizeof(name), "user%06zu", i);
		must(register_account_by_name(db, name, &account), db);
		must(register_memberships_set(
			 db, account.id, groups, each, INT64_MAX, &changed),
		    db);
	}
}

/* All groups, some of them restricted; for the life of the process. */
static void
configure(size_t restricted, struct publisher_input *ret_input)
{
	static struct account_group groups[GROUPS];
	size_t i;

	for (i = 0; i < GROUPS; i++) {
		groups[i].gid = (uint32_t)(GID + i);
		groups[i].restricted = i < restricted;
		(void)snprintf(
		    groups[i].name, sizeof(groups[i].name), "ko-%zu", i);
	}
	*ret_input = (struct publisher_input){
	    .groups = groups,
	    .groups_count = GROUPS,
	    .configured = true,
	};
}

static double
publish_ms(struct register_db *db, const struct publisher_input *input,
    uint64_t generation)
{
	static const struct publisher_paths paths = {
	    "./directory", "./directory.restricted"};
	int64_t before_us = clock_us(CLOCK_MONOTONIC);
	struct local_accounts *local;
	size_t left_out;
	int error;

	error = local_accounts_read("/etc", &local);
	if (!error)
		error = publisher_publish(
		    db, input, local, &paths, generation, &left_out);
	local_accounts_free(local);
	if (error) {
		fprintf(stderr, "publish: %s\n", strerror(-error));
		exit(EXIT_FAILURE);
	}
	return (double)(clock_us(CLOCK_MONOTONIC) - before_us) / 1000;
}

static long
resident_kib(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static void
measure(struct register_db *db, const struct publisher_input *input,
    size_t accounts, size_t each)
{
	struct stat image, restricted;
	double best_ms = 1e9, ms;
	uint64_t round;

	for (round = 1; round <= ROUNDS; round++) {
		ms = publish_ms(db, input, round);
		if (ms < best_ms)
			best_ms = ms;
	}
	printf("%zu accounts, %zu groups each: published in %.0f ms, "
	       "peak memory %ld MiB\n",
	    accounts, each, best_ms, resident_kib() / 1024);
	if (stat("directory", &image) ||
	    stat("directory.restricted", &restricted))
		exit(EXIT_FAILURE);
	printf("image %.1f MB, restricted image %.1f MB\n",
	    (double)image.st_size / 1e6, (double)restricted.st_size / 1e6);
}

static int
clean_up(const char *dir, bool measured)
{
	static const char *const names[] = {"register.db", "register.db-wal",
	    "register.db-shm", "directory", "directory.restricted"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(names[i]);
	(void)rmdir(dir);
	return measured ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	size_t accounts = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	size_t each = argc > 2 ? strtoul(argv[2], NULL, 10) : 20;
	const char *base = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	struct register_db *db = NULL;
	struct publisher_input input = {.configured = argc > 3};
	char dir[256];

	(void)snprintf(dir, sizeof(dir), "%s/portvakt-bench.XXXXXX", base);
	if (!mkdtemp(dir) || chdir(dir)) {
		perror(dir);
		return EXIT_FAILURE;
	}
	must(register_open("register.db", "/etc", &db), db);
	fill_accounts(db, accounts);
	fill_groups(db, accounts, each);
	register_close(db);
	(void)malloc_trim(0);
	/* In a child: what filling took is not the broker's memory. */
	if (fork() > 0)
		return clean_up(dir, wait(NULL) > 0);
	must(register_open("register.db", "/etc", &db), db);
	if (input.configured)
		configure(strtoul(argv[3], NULL, 10), &input);
	measure(db, &input, accounts, each);
	register_close(db);
	return EXIT_SUCCESS;
}
