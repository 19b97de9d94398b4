/*
 * portvakt-fetch: the only program of the suite that speaks to the network. It
 * carries requests for portvaktd to the configured hosts and brings back
 * bytes. It has no keys, keeps no state and reads nothing of what it brings.
 */
#include "broker/fetch/listener.h"
#include "broker/fetch/server.h"
#include "lib/paths.h"

#include <curl/curl.h>
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum {
	/* glibc overwrites freed memory with it: requests hold secrets, and
	   libcurl and OpenSSL copy them where nobody wipes. */
	FREED_BYTE = 0xdb,
};

struct options {
	const char *socket_path;
	const char *broker;
};

static int
usage(FILE *file, int status)
{
	(void)fputs("usage: portvakt-fetch [--socket PATH] "
		    "[--broker USER|UID]\n",
	    file);
	return status;
}

/* 0 when the program should run, else what it ends with, plus one. */
static int
parse_options(int argc, char *argv[], struct options *options)
{
	static const struct option known[] = {
	    {"socket", required_argument, NULL, 's'},
	    {"broker", required_argument, NULL, 'b'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 's':
			options->socket_path = optarg;
			break;
		case 'b':
			options->broker = optarg;
			break;
		case 'h':
			return usage(stdout, EX_OK) + 1;
		case 'V':
			(void)puts("portvakt-fetch " PORTVAKT_VERSION);
			return EX_OK + 1;
		default:
			return usage(stderr, EX_USAGE) + 1;
		}
	}
	return optind < argc ? usage(stderr, EX_USAGE) + 1 : 0;
}

static int
find_uid(const char *broker, uid_t *ret_uid)
{
	const struct passwd *user = getpwnam(broker);
	unsigned long number;
	char *end;

	if (user) {
		*ret_uid = user->pw_uid;
		return 0;
	}
	errno = 0;
	number = strtoul(broker, &end, 10);
	if (errno || broker[0] < '0' || broker[0] > '9' || *end ||
	    number >= (uid_t)-1)
		return -ENOENT;
	*ret_uid = (uid_t)number;
	return 0;
}

/*
 * Nothing in the environment may change whom we speak to or what is written
 * where: proxies, key log files, OpenSSL's and the resolver's options.
 */
static int
clear_environment(void)
{
	const char *notify = getenv("NOTIFY_SOCKET");
	char *kept = notify ? strdup(notify) : NULL;
	int error = 0;

	if ((notify && !kept) || clearenv() != 0 ||
	    (kept && setenv("NOTIFY_SOCKET", kept, 1) < 0))
		error = -ENOMEM;
	free(kept);
	return error;
}

static int
open_signals(int *ret_fd)
{
	sigset_t set;
	int fd;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

static int
serve(int listener, uid_t broker_uid)
{
	struct server *server;
	int error, signals = -1;

	error = open_signals(&signals);
	if (error)
		return error;
	error = server_new(listener, broker_uid, &server);
	if (!error) {
		(void)sd_notify(1, "READY=1");
		error = server_run(server, signals);
		server_free(server);
	}
	(void)close(signals);
	return error;
}

static int
fail(const char *what, int error)
{
	(void)fprintf(stderr, SD_ERR "%s: %s\n", what, strerrordesc_np(-error));
	return EX_OSERR;
}

int
main(int argc, char *argv[])
{
	struct options options = {
	    .socket_path = PORTVAKT_FETCH_SOCKET, .broker = "portvakt"};
	int error, listener, result;
	uid_t broker_uid;
	bool own;

	result = parse_options(argc, argv, &options);
	if (result)
		return result - 1;
	(void)mallopt(M_PERTURB, FREED_BYTE);
	(void)prctl(PR_SET_DUMPABLE, 0);
	if (find_uid(options.broker, &broker_uid) < 0) {
		(void)fprintf(stderr,
		    SD_ERR "there is no user %s; name the broker's "
			   "user with --broker\n",
		    options.broker);
		return EX_CONFIG;
	}
	error = listener_open(options.socket_path, &listener, &own);
	if (error)
		return fail(options.socket_path, error);
	error = clear_environment();
	if (!error && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		error = -ENOMEM;
	if (!error)
		error = serve(listener, broker_uid);
	if (own)
		(void)unlink(options.socket_path);
	curl_global_cleanup();
	return error ? fail("cannot go on", error) : EX_OK;
}
