#include "tests/bench/peers.h"

#include "tests/vectors/mint.h"

#include <cjose/cjose.h>
#include <err.h>
#include <jwt.h>
#include <oauth2/cfg.h>
#include <oauth2/oauth2.h>
#include <openssl/pem.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SLICES = 20 };

/* What a library has ready, before the first token. */
struct tools {
	const char *pem;
	cjose_jwk_t *jwk;
	oauth2_log_t *log;
	oauth2_cfg_token_verify_t *verify;
};

typedef void check_fn(const struct tools *tools, const char *token);

static void
check_libjwt(const struct tools *tools, const char *token)
{
	jwt_t *jwt = NULL;

	if (jwt_decode(&jwt, token, (const unsigned char *)tools->pem,
		(int)strlen(tools->pem)) != 0)
		errx(1, "libjwt refuses a good token");
	jwt_free(jwt);
}

static void
check_libcjose(const struct tools *tools, const char *token)
{
	cjose_err error;
	cjose_jws_t *jws = cjose_jws_import(token, strlen(token), &error);

	if (!jws || !cjose_jws_verify(jws, tools->jwk, &error))
		errx(1, "libcjose refuses a good token");
	cjose_jws_release(jws);
}

static void
check_liboauth2(const struct tools *tools, const char *token)
{
	json_t *claims = NULL;

	if (!oauth2_token_verify(
		tools->log, NULL, tools->verify, token, &claims))
		errx(1, "liboauth2 refuses a good token");
	json_decref(claims);
}

static void
prepare(const struct peers_task *task, struct tools *ret_tools)
{
	cjose_err error;

	*ret_tools = (struct tools){.pem = task->pem,
	    .jwk = cjose_jwk_import(task->jwk, strlen(task->jwk), &error),
	    .log = oauth2_init(OAUTH2_LOG_ERROR, NULL)};
	if (!ret_tools->jwk || oauth2_cfg_token_verify_add_options(
				   ret_tools->log, &ret_tools->verify, "jwk",
				   task->jwk, "verify.exp=required&expiry=0"))
		errx(1, "a peer takes no key");
}

static int64_t
thread_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

static double
measure_here(const struct peers_task *task, check_fn *check)
{
	int64_t best_ns = INT64_MAX, ns;
	struct tools tools;
	size_t i;
	int slice;

	prepare(task, &tools);
	for (slice = 0; slice < SLICES; slice++) {
		ns = thread_ns();
		for (i = 0; i < task->count; i++)
			check(&tools, task->tokens[i]);
		ns = thread_ns() - ns;
		best_ns = ns < best_ns ? ns : best_ns;
	}
	return (double)best_ns / (double)task->count / 1000;
}

static double
measure_in_child(const struct peers_task *task, check_fn *check)
{
	double us = 0;
	int fds[2], status;
	pid_t child;

	if (pipe(fds) < 0 || (child = fork()) < 0)
		err(1, "fork");
	if (child == 0) {
		us = measure_here(task, check);
		_exit(write(fds[1], &us, sizeof(us)) != (ssize_t)sizeof(us));
	}
	(void)close(fds[1]);
	if (read(fds[0], &us, sizeof(us)) != (ssize_t)sizeof(us))
		errx(1, "a peer has died");
	(void)close(fds[0]);
	(void)waitpid(child, &status, 0);
	return us;
}

struct peers_times
peers_measure(const struct peers_task *task)
{
	return (struct peers_times){
	    .libjwt_us = measure_in_child(task, check_libjwt),
	    .libcjose_us = measure_in_child(task, check_libcjose),
	    .liboauth2_us = measure_in_child(task, check_liboauth2),
	};
}

char *
peers_public_pem(const char *name)
{
	char *text = mint_file(name), *pem, *copy;
	BIO *in = BIO_new_mem_buf(text, -1), *out = BIO_new(BIO_s_mem());
	EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	long size;

	if (PEM_write_bio_PUBKEY(out, key) != 1)
		errx(1, "%s", name);
	size = BIO_get_mem_data(out, &pem);
	copy = strndup(pem, (size_t)size);
	BIO_free(in);
	BIO_free(out);
	EVP_PKEY_free(key);
	free(text);
	return copy;
}
