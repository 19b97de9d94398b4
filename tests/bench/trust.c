/*
 * The trust image with 100,000 accounts: compiling it, publishing it, opening
 * it, and finding one by its subject, in each of some rounds.
 *     make tests/bench/trust && tests/bench/trust PATH KEYS.json
 */
#include "tests/unit/trust_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ACCOUNTS = 100000, LOOKUPS = 1000000, ROUNDS = 5 };

static double
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void
must(int error, const char *what)
{
	if (!error)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-error));
	exit(1);
}

static void
compile(struct trust_writer *writer, const char *keys)
{
	struct trust_account account = {.tokens_from_s = TRUST_SINCE_EVER};
	char subject[64];
	int i;

	for (i = 0; i < ACCOUNTS; i++) {
		(void)snprintf(account.name, sizeof(account.name), "user%d", i);
		(void)snprintf(subject, sizeof(subject), "subject-%d", i);
		must(trust_writer_account(writer, 0, subject, &account),
		    "an account");
	}
	must(trust_fixture_fill(writer, keys), "the content");
}

static void
look_up(const struct trust *trust)
{
	const struct trust_issuer *issuer = trust_issuer_at(trust, 0);
	struct trust_account account;
	char subject[64];
	unsigned int x = 1;
	int i, size;

	for (i = 0; i < LOOKUPS; i++) {
		x = x * 1664525U + 1013904223U;
		size = snprintf(subject, sizeof(subject), "subject-%u",
		    (x >> 8) % ACCOUNTS);
		must(trust_account_by_subject(trust, issuer,
			 (struct slice){subject, (size_t)size}, &account),
		    "a subject");
	}
}

static void
run(const char *path, const char *keys)
{
	struct trust_writer *writer;
	struct trust *trust;
	double at[5];

	must(trust_writer_new(&writer), "a writer");
	at[0] = now_ms();
	compile(writer, keys);
	at[1] = now_ms();
	must(trust_writer_publish(writer, 1, path), path);
	at[2] = now_ms();
	must(trust_open(path, &trust), path);
	at[3] = now_ms();
	look_up(trust);
	at[4] = now_ms();
	printf("compile %.1f ms, publish %.1f ms, open %.2f ms, "
	       "look up %.0f ns\n",
	    at[1] - at[0], at[2] - at[1], at[3] - at[2],
	    (at[4] - at[3]) * 1e6 / LOOKUPS);
	(void)trust_close(trust);
	(void)trust_writer_free(writer);
}

int
main(int argc, char **argv)
{
	char *keys = NULL;
	size_t room = 0;
	FILE *file = argc == 3 ? fopen(argv[2], "re") : NULL;
	int round;

	if (!file || getdelim(&keys, &room, '\0', file) < 0) {
		fputs("usage: trust PATH KEYS.json\n", stderr);
		return 2;
	}
	for (round = 0; round < ROUNDS; round++)
		run(argv[1], keys);
	free(keys);
	(void)fclose(file);
	return 0;
}
