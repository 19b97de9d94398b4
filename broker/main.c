/*
 * portvaktd: state, secrets and decisions. No network but AF_UNIX, no names
 * from NSS, not root.
 */
#include "broker/admin/admin.h"
#include "broker/broker.h"
#include "broker/listener.h"
#include "broker/login/login.h"
#include "broker/rules.h"
#include "broker/service/service.h"
#include "lib/paths.h"

#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <jansson.h>
#include <systemd/sd-daemon.h>

/* Where passwd and group are, and with them the names that are not ours. */
#define LOCAL_DIR "/etc"

struct options {
	const char *config_dir;
	bool check_only;
};

static const char help[] =
    "Usage: portvaktd [OPTION...]\n"
    "The token broker: answers logins and publishes the directory.\n"
    "\n"
    "  -c, --config DIR   read DIR/portvakt.conf and DIR/portvakt.conf.d\n"
    "                     [" PORTVAKT_SYSCONFDIR "]\n"
    "      --check        read configuration and rules, say what is wrong\n"
    "  -h, --help         this text\n"
    "      --version      the version\n"
    "\n"
    "See portvaktd(8), portvakt.conf(5).\n";

/* What a provider answered holds tokens: freed JSON is wiped. */
static void
wipe_and_free(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

/* Does not return when there is nothing more to do. */
static void
parse_options(int argc, char **argv, struct options *ret_options)
{
	static const struct option known[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"check", no_argument, NULL, 'k'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'v'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:h", known, NULL)) != -1) {
		switch (option) {
		case 'c':
			ret_options->config_dir = optarg;
			break;
		case 'k':
			ret_options->check_only = true;
			break;
		case 'h':
			fputs(help, stdout);
			exit(EXIT_SUCCESS);
		case 'v':
			puts("portvaktd " PORTVAKT_VERSION);
			exit(EXIT_SUCCESS);
		default:
			exit(2);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "portvaktd: %s: not understood; see --help\n",
		    argv[optind]);
		exit(2);
	}
}

/*
 * Root reads everything; what counts is what the broker's own user may read.
 * The state directory is the broker's, and NSS is not asked.
 */
static int
become_broker(void)
{
	struct stat state;

	if (geteuid() != 0 || stat(PORTVAKT_STATEDIR, &state) ||
	    state.st_uid == 0)
		return 0;
	if (syscall(SYS_setgroups, 0, NULL) ||
	    setresgid(state.st_gid, state.st_gid, state.st_gid) ||
	    setresuid(state.st_uid, state.st_uid, state.st_uid))
		return -errno;
	return 0;
}

/* The rules too, but for what the register has given out. */
static int
check_rules(const char *dir, const struct config *config,
    struct config_error *ret_error)
{
	const struct rules_place place = {
	    .catalogue_dir = PORTVAKT_CATALOGUEDIR,
	    .config_dir = dir,
	    .local_dir = LOCAL_DIR,
	};
	struct policy_files *files = NULL;
	struct policy_text *text = NULL;
	int error;

	error = policy_files_read(
	    place.catalogue_dir, place.config_dir, &files, ret_error);
	if (!error)
		error = rules_interpret(
		    files, false, &place, config, &text, ret_error);
	if (!error)
		error = rules_check_services(
		    config, policy_text_policy(text), ret_error);
	policy_text_free(text);
	policy_files_free(files);
	return error;
}

static int
check_configuration(const char *dir)
{
	struct config_error problem = {""};
	struct config *config = NULL;
	int error;

	if (become_broker()) {
		perror("portvaktd: cannot become the broker's user");
		return EXIT_FAILURE;
	}
	error = config_read(dir, &config, &problem);
	if (!error) {
		error = check_rules(dir, config, &problem);
		config_free(config);
	}
	if (error) {
		fprintf(stderr, "%s\n",
		    problem.text[0] ? problem.text : strerror(-error));
		return EXIT_FAILURE;
	}
	printf("%s: the configuration and the rules are good\n", dir);
	return EXIT_SUCCESS;
}

static void
serve_login(int fd, void *userdata)
{
	(void)login_serve(userdata, fd);
}

static void
serve_admin(int fd, void *userdata)
{
	(void)admin_serve(userdata, fd);
}

static void
serve_service(int fd, void *userdata)
{
	(void)service_serve(userdata, fd);
}

static int
hang_up(sd_event_source *source, const struct signalfd_siginfo *info,
    void *userdata)
{
	struct broker *broker = userdata;

	(void)source;
	(void)info;
	(void)sd_notify(0, "RELOADING=1");
	broker_reopen_audit(broker);
	(void)broker_reload(broker, "SIGHUP");
	(void)sd_notify(0, "READY=1");
	return 0;
}

static int
watch_signals(sd_event *event, struct broker *broker)
{
	sigset_t signals;
	int error;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &signals, NULL))
		return -errno;
	error = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
	if (error >= 0)
		error = sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
	if (error >= 0)
		error =
		    sd_event_add_signal(event, NULL, SIGHUP, hang_up, broker);
	if (error >= 0)
		error = sd_event_set_watchdog(event, true);
	return error < 0 ? error : 0;
}

/*
 * Its unit gives it to portvakt-api; what we make ourselves is our own, and
 * root's. Logins do not depend on it.
 */
static void
listen_to_services(
    sd_event *event, struct broker *broker, struct listener **ret_listener)
{
	int error;

	error = listener_new(event, "service", PORTVAKT_SERVICE_SOCKET, 0600,
	    serve_service, broker, ret_listener);
	if (error)
		fprintf(stderr,
		    SD_WARNING PORTVAKT_SERVICE_SOCKET
		    ": portvakt-api cannot ask: %s; start "
		    "portvakt-service.socket and restart portvaktd\n",
		    strerror(-error));
}

static int
serve(sd_event *event, struct broker *broker)
{
	struct listener *logins = NULL, *admins = NULL, *services = NULL;
	int error;

	error = listener_new(event, "login", PORTVAKT_LOGIN_SOCKET, 0666,
	    serve_login, broker, &logins);
	if (!error)
		error = listener_new(event, "admin", PORTVAKT_ADMIN_SOCKET,
		    0666, serve_admin, broker, &admins);
	if (error)
		fprintf(stderr, SD_ERR PORTVAKT_RUNDIR ": no socket: %s\n",
		    strerror(-error));
	else {
		listen_to_services(event, broker, &services);
		(void)sd_notify(0, "READY=1");
		error = sd_event_loop(event);
		(void)sd_notify(0, "STOPPING=1");
	}
	listener_free(services);
	listener_free(admins);
	listener_free(logins);
	return error;
}

static int
run(const char *config_dir)
{
	const struct broker_paths paths = {
	    .config_dir = config_dir,
	    .catalogue_dir = PORTVAKT_CATALOGUEDIR,
	    .local_dir = LOCAL_DIR,
	    .database = PORTVAKT_STATEDIR "/register.db",
	    .person_keys = PORTVAKT_STATEDIR "/person.keys",
	    .directory = PORTVAKT_DIRECTORY,
	    .directory_restricted = PORTVAKT_DIRECTORY_RESTRICTED,
	    .trust = PORTVAKT_TRUST,
	    .strict_services = PORTVAKT_STRICT_SERVICES,
	    .audit = PORTVAKT_LOGDIR "/audit.jsonl",
	    .fetch_socket = PORTVAKT_FETCH_SOCKET,
	    .service_socket = PORTVAKT_SERVICE_SOCKET,
	};
	struct broker broker;
	sd_event *event = NULL;
	int error;

	error = sd_event_default(&event);
	if (error < 0) {
		fprintf(stderr, SD_ERR "no event loop: %s\n", strerror(-error));
		return error;
	}
	error = broker_init(&broker, event, &paths);
	if (!error)
		error = watch_signals(event, &broker);
	if (!error)
		error = serve(event, &broker);
	broker_done(&broker);
	sd_event_unref(event);
	return error;
}

int
main(int argc, char **argv)
{
	struct options options = {.config_dir = PORTVAKT_SYSCONFDIR};

	parse_options(argc, argv, &options);
	if (options.check_only)
		return check_configuration(options.config_dir);
	json_set_alloc_funcs(malloc, wipe_and_free);
	/* Keys and tokens are in no core, and no other process reads them. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)umask(0027);
	return run(options.config_dir) ? EXIT_FAILURE : EXIT_SUCCESS;
}
