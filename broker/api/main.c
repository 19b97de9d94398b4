/*
 * portvakt-api: answers services on this machine that hold a token and are not
 * written in C. It reads the trust image, and asks the
 * broker for what no image tells.
 */
#include "broker/api/config_check.h"
#include "broker/api/sockets.h"
#include "broker/api/supervisor.h"
#include "lib/paths.h"

#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum {
	/* glibc overwrites freed memory with it: requests hold tokens. */
	FREED_BYTE = 0xdb,
};

struct options {
	const char *socket_path;
	const char *config_dir;
	const char *trust;
	const char *service;
	bool check;
};

static int
usage(FILE *file, int status)
{
	(void)fputs(
	    "usage: portvakt-api [--check] [--config DIR] [--socket PATH] "
	    "[--trust PATH] [--service PATH]\n",
	    file);
	return status;
}

/* 0 when the program should run, else what it ends with, plus one. */
static int
parse_options(int argc, char *argv[], struct options *options)
{
	static const struct option known[] = {
	    {"check", no_argument, NULL, 'k'},
	    {"config", required_argument, NULL, 'c'},
	    {"socket", required_argument, NULL, 's'},
	    {"trust", required_argument, NULL, 't'},
	    {"service", required_argument, NULL, 'S'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'k':
			options->check = true;
			break;
		case 'c':
			options->config_dir = optarg;
			break;
		case 's':
			options->socket_path = optarg;
			break;
		case 't':
			options->trust = optarg;
			break;
		case 'S':
			options->service = optarg;
			break;
		case 'h':
			return usage(stdout, EX_OK) + 1;
		case 'V':
			(void)puts("portvakt-api " PORTVAKT_VERSION);
			return EX_OK + 1;
		default:
			return usage(stderr, EX_USAGE) + 1;
		}
	}
	return optind < argc ? usage(stderr, EX_USAGE) + 1 : 0;
}

int
main(int argc, char *argv[])
{
	struct options options = {.socket_path = PORTVAKT_API_SOCKET,
	    .config_dir = PORTVAKT_SYSCONFDIR,
	    .trust = PORTVAKT_TRUST,
	    .service = PORTVAKT_SERVICE_SOCKET};
	struct listener listeners[LISTENERS_MAX];
	struct supervisor_options run;
	size_t count = 0;
	int error, status;
	bool own = false;

	status = parse_options(argc, argv, &options);
	if (status)
		return status - 1;
	if (options.check)
		return config_check_run(options.config_dir, options.trust);
	(void)mallopt(M_PERTURB, FREED_BYTE);
	(void)prctl(PR_SET_DUMPABLE, 0);
	error = sockets_open(options.socket_path, listeners, &count, &own);
	if (error) {
		(void)fprintf(stderr, SD_ERR "%s: %s\n", options.socket_path,
		    strerrordesc_np(-error));
		return EX_OSERR;
	}
	run = (struct supervisor_options){options.config_dir, options.trust,
	    options.service, listeners, count};
	status = supervisor_run(&run);
	if (own)
		(void)unlink(options.socket_path);
	return status;
}
