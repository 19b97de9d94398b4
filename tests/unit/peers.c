#include "tests/unit/peers.h"

#include "tests/vectors/mint.h"

#include <err.h>
#include <fcntl.h>
#include <jwt.h>
#include <oauth2/cfg.h>
#include <oauth2/oauth2.h>
#include <openssl/pem.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static enum opinion
ask_libjwt(const char *token, const char *key)
{
	jwt_t *jwt = NULL;

	return jwt_decode(&jwt, token, (const unsigned char *)key,
		   (int)strlen(key)) == 0
		   ? ACCEPTS
		   : REFUSES;
}

static enum opinion
ask_liboauth2(const char *token, const char *key)
{
	oauth2_log_t *log = oauth2_init(OAUTH2_LOG_ERROR, NULL);
	oauth2_cfg_token_verify_t *verify = NULL;
	json_t *claims = NULL;

	if (oauth2_cfg_token_verify_add_options(
		log, &verify, "jwk", key, "verify.exp=required&expiry=0"))
		abort();
	return oauth2_token_verify(log, NULL, verify, token, &claims) ? ACCEPTS
								      : REFUSES;
}

static enum opinion
ask(enum peer peer, const char *token, const char *key)
{
	switch (peer) {
	case PEER_LIBJWT:
		return ask_libjwt(token, key);
	case PEER_LIBOAUTH2:
		return ask_liboauth2(token, key);
	}
	return REFUSES;
}

/* In a child, whose complaints nobody wants to read. */
enum opinion
peer_ask(enum peer peer, const char *token, const char *key)
{
	int status, null;
	pid_t child = fork();

	if (child < 0)
		err(99, "no child");
	if (child == 0) {
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		(void)dup2(null, STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
		(void)signal(SIGABRT, SIG_DFL);
		_exit(ask(peer, token, key) == ACCEPTS ? 0 : 1);
	}
	if (waitpid(child, &status, 0) != child)
		err(99, "no child");
	if (!WIFEXITED(status))
		return DIES;
	return WEXITSTATUS(status) == 0 ? ACCEPTS : REFUSES;
}

char *
peer_public_pem(const char *name)
{
	char *text = mint_file(name);
	BIO *in = BIO_new_mem_buf(text, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	BIO *out = BIO_new(BIO_s_mem());
	char *pem, *copy;
	long size;

	if (PEM_write_bio_PUBKEY(out, key) != 1)
		errx(99, "%s", name);
	size = BIO_get_mem_data(out, &pem);
	copy = strndup(pem, (size_t)size);
	BIO_free(in);
	BIO_free(out);
	EVP_PKEY_free(key);
	free(text);
	return copy;
}
