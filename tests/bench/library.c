/*
 * What libportvakt costs a service beside what nobody can do without: SHA-256
 * over the token and EVP_PKEY_verify() with a context that is kept. Tokens that
 * the handle has not seen run in turns with the limit; then tokens that it has
 * seen; both again with 100,000 accounts. Beside them libcjose, libjwt and
 * liboauth2. CPU time of this thread, best of many slices.
 */
#include "tests/bench/peers.h"
#include "tests/bench/raw_limit.h"
#include "tests/unit/service_world.h"
#include "tests/vectors/mint.h"
#include "verify/jwk.h"
#include "verify/portvakt.h"

#include <err.h>
#include <malloc.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	TOKENS = 128,
	SLICES = 60,
	ROUNDS = 200, /* of tokens that were seen, in a slice */
	FLEET = 100000,
	WORKERS = 2,
};

struct bench {
	struct service_world *world;
	struct portvakt *portvakt;
	struct key_set *keys;
	struct jwk *key;
	EVP_PKEY_CTX *context;
	char *first; /* what a handle is shown before these */
	char *tokens[TOKENS];
	size_t sizes[TOKENS];
	struct raw_limit limits[TOKENS];
};

static struct bench bench;

static int64_t
clock_ns(clockid_t id)
{
	struct timespec now;

	(void)clock_gettime(id, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
verify_raw(struct bench *b)
{
	size_t i;

	for (i = 0; i < TOKENS; i++)
		raw_limit_verify(&b->limits[i]);
}

static void
ask(struct bench *b, size_t i)
{
	struct portvakt_result *result = NULL;

	if (!portvakt_verify(b->portvakt, b->tokens[i], b->sizes[i],
		WORLD_AUDIENCE, NULL, &result) ||
	    !portvakt_result_has_group(result, "ko-arkiv"))
		errx(1, "%s", portvakt_result_word(result));
	portvakt_result_free(result);
}

static void
ask_all(struct bench *b)
{
	size_t i;

	for (i = 0; i < TOKENS; i++)
		ask(b, i);
}

/* A handle that has been used, but has not seen these tokens. */
static void
open_anew(struct bench *b)
{
	portvakt_close(b->portvakt);
	if (portvakt_open(b->world->path, &b->portvakt) < 0 ||
	    !portvakt_verify(b->portvakt, b->first, strlen(b->first),
		WORLD_AUDIENCE, NULL, NULL))
		errx(1, "no handle");
}

static int64_t
measure_ns(void (*measured)(struct bench *), struct bench *b)
{
	int64_t before = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	measured(b);
	return (clock_ns(CLOCK_THREAD_CPUTIME_ID) - before) / TOKENS;
}

static void
measure_fresh(struct bench *b, int64_t *ret_raw_ns, int64_t *ret_fresh_ns)
{
	int64_t raw_ns = INT64_MAX, fresh_ns = INT64_MAX, ns;
	int i;

	for (i = 0; i < SLICES; i++) {
		ns = measure_ns(verify_raw, b);
		raw_ns = ns < raw_ns ? ns : raw_ns;
		open_anew(b);
		ns = measure_ns(ask_all, b);
		fresh_ns = ns < fresh_ns ? ns : fresh_ns;
	}
	*ret_raw_ns = raw_ns;
	*ret_fresh_ns = fresh_ns;
}

static void
ask_again(struct bench *b)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		ask_all(b);
}

static int64_t
measure_repeated(struct bench *b)
{
	int64_t best_ns = INT64_MAX, ns;
	int i;

	ask_all(b);
	for (i = 0; i < SLICES; i++) {
		ns = measure_ns(ask_again, b) / ROUNDS;
		best_ns = ns < best_ns ? ns : best_ns;
	}
	return best_ns;
}

/* Kari's token of today, with a number and twelve roles. */
static char *
mint_numbered(enum mint_signature how, const char *header, unsigned int number)
{
	char *timed = world_payload_now(WORLD_STAFF);
	char *named, *payload, *token, text[64];

	(void)snprintf(text, sizeof(text), "\"jti\":\"%032u\"", number);
	named = mint_replace(timed, "\"jti\":\"UPw8a6-uKGo\"", text);
	payload = mint_replace(named, "\"arkivar\"",
	    "\"arkivar\",\"ko-leder\",\"ko-vaktleder\",\"ko-innkomst\","
	    "\"ko-transport\",\"ko-helse-les\",\"ko-arkiv\","
	    "\"ko-statistikk-les\",\"ko-besok\",\"ko-post\",\"ko-brev\","
	    "\"ko-regnskap\"");
	token = mint_token(how, header, payload);
	free(timed);
	free(named);
	free(payload);
	return token;
}

static void
prepare(struct bench *b, enum mint_signature how, const char *header,
    const char *kid)
{
	unsigned int i;

	b->key = key_set_find(b->keys, (struct slice){kid, strlen(kid)});
	b->context = how == MINT_RS256 ? b->key->rs256 : b->key->es256;
	free(b->first);
	b->first = mint_numbered(how, header, TOKENS);
	for (i = 0; i < TOKENS; i++) {
		free(b->tokens[i]);
		b->tokens[i] = mint_numbered(how, header, i);
		b->sizes[i] = strlen(b->tokens[i]);
		raw_limit_init(&b->limits[i], b->key, b->context, b->tokens[i]);
	}
}

static void
report(const char *name, struct bench *b)
{
	int64_t raw_ns, fresh_ns, repeated_ns;

	measure_fresh(b, &raw_ns, &fresh_ns);
	repeated_ns = measure_repeated(b);
	printf("%-22s %6zu %8.2f %8.2f %8.1f %% %8.0f %12.0f\n", name,
	    b->sizes[0], (double)raw_ns / 1000, (double)fresh_ns / 1000,
	    100.0 * (double)raw_ns / (double)fresh_ns, 1e9 / (double)fresh_ns,
	    1e9 / (double)repeated_ns);
}

/* The same tokens, asked of others. */
static void
report_peers(const char *name, const char *file, struct bench *b)
{
	char jwk_name[32], pem_name[32];
	struct peers_times times;
	int64_t raw_ns, fresh_ns;
	char *jwk, *pem;

	(void)snprintf(jwk_name, sizeof(jwk_name), "%s.jwk", file);
	(void)snprintf(pem_name, sizeof(pem_name), "%s.pem", file);
	jwk = mint_file(jwk_name);
	pem = peers_public_pem(pem_name);
	times = peers_measure(&(struct peers_task){
	    .jwk = jwk, .pem = pem, .tokens = b->tokens, .count = TOKENS});
	measure_fresh(b, &raw_ns, &fresh_ns);
	printf("%s: portvakt %.1f us, libcjose %.1f, libjwt %.1f, liboauth2 "
	       "%.1f\n",
	    name, (double)fresh_ns / 1000, times.libcjose_us, times.libjwt_us,
	    times.liboauth2_us);
	free(jwk);
	free(pem);
}

static void
report_all(const char *accounts)
{
	char name[64];

	prepare(&bench, MINT_ES256, "{\"kid\":\"ec\",\"alg\":\"ES256\"}", "ec");
	(void)snprintf(name, sizeof(name), "ES256, %s", accounts);
	report(name, &bench);
	if (bench.world->fleet == 0)
		report_peers(name, "ec", &bench);
	prepare(
	    &bench, MINT_RS256, "{\"kid\":\"rsa\",\"alg\":\"RS256\"}", "rsa");
	(void)snprintf(name, sizeof(name), "RS256, %s", accounts);
	report(name, &bench);
	if (bench.world->fleet == 0)
		report_peers(name, "rsa", &bench);
}

static int64_t
children_ns(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_CHILDREN, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000 +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

/* So many processes at once: what one question costs each of them. */
static double
repeated_by(int workers)
{
	int64_t before_ns = children_ns();
	int i, round, status;

	for (i = 0; i < workers; i++) {
		if (fork() != 0)
			continue;
		for (round = 0; round < SLICES; round++)
			ask_again(&bench);
		_exit(0);
	}
	for (i = 0; i < workers; i++) {
		if (wait(&status) < 0 || status != 0)
			errx(1, "a worker failed");
	}
	return (double)(children_ns() - before_ns) / SLICES / ROUNDS / TOKENS /
	       workers;
}

static void
report_workers(void)
{
	double one_ns = repeated_by(1), both_ns = repeated_by(WORKERS);

	printf("repeated, CPU time: 1 process %.0f ns, each of %d at once "
	       "%.0f ns, calls x %.2f\n",
	    one_ns, WORKERS, both_ns, WORKERS * one_ns / both_ns);
}

static void
init(struct bench *b)
{
	b->world = service_world_new();
	service_world_publish_now(b->world);
	if (key_set_parse(b->world->keys, strlen(b->world->keys), &b->keys) < 0)
		errx(1, "no keys");
}

int
main(void)
{
	struct rusage usage;

	/* As in a service that has run for a while, memory is there. */
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 30);
	init(&bench);
	printf("%-22s %6s %8s %8s %10s %8s %12s\n", "", "bytes", "raw us",
	    "fresh us", "of raw", "fresh/s", "repeated/s");
	report_all("2 accounts");
	bench.world->fleet = FLEET;
	service_world_publish(bench.world);
	report_all("100,000");
	report_workers();
	(void)getrusage(RUSAGE_SELF, &usage);
	printf("largest, with the writer of the image: %ld KiB\n",
	    usage.ru_maxrss);
	portvakt_close(bench.portvakt);
	(void)key_set_free(bench.keys);
	service_world_free(bench.world);
	return 0;
}
