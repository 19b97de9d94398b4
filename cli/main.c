/* portvakt: asks libportvakt, for scripts and for people who look for a fault. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
} command_table[] = {
    {"verify", verify_command},
    {"groups", groups_command},
    {"handle", handle_command},
};

int
option_error(void)
{
	fputs("portvakt --help lists what it takes.\n", stderr);
	return EXIT_USAGE;
}

int
usage_error(const char *what, const char *argument)
{
	fprintf(stderr, "portvakt: %s%s%s\n", what, argument ? ": " : "",
	    argument ? argument : "");
	return option_error();
}

static int
print_help(void)
{
	puts("Usage: portvakt verify --audience A [OPTION...] < token\n"
	     "       portvakt groups [--json] [--image FILE]\n"
	     "       portvakt handle --service S [--json] < token\n"
	     "\n"
	     "Is this access token good for a service of this machine, whose\n"
	     "is it, and which access groups does it bring?\n"
	     "\n"
	     "  --audience A   what the issuer calls the service\n"
	     "  --scope S      that the token must have; more than once\n"
	     "  --group G      that it must bring; more than once\n"
	     "  --issuer NAME  of which issuer, as portvakt.conf calls it\n"
	     "  --level L      at least: low, substantial, high, or an acr\n"
	     "  --max-age N    of the authentication, in seconds\n"
	     "  --json         answer with one JSON object\n"
	     "  --image FILE   another trust image than the broker's\n"
	     "\n"
	     "handle: a short one-time stand-in for the token, to be typed\n"
	     "where sudo or ssh would cut it.\n"
	     "\n"
	     "  --service S    of PAM, where it will be typed: sudo, sshd\n"
	     "  --account A    whose, when root asks\n"
	     "\n"
	     "Ends with 0 good, 1 refused, 2 usage, 3 outage, 4 without a\n"
	     "group, 5 not permitted. portvakt(1) explains all of it.");
	return EXIT_GOOD;
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	char program[] = "portvakt"; /* as getopt_long() is to call it */
	size_t i;

	if (!name)
		return usage_error("which command?", NULL);
	if (strcmp(name, "--help") == 0)
		return print_help();
	if (strcmp(name, "--version") == 0) {
		puts("portvakt " PORTVAKT_VERSION);
		return EXIT_GOOD;
	}
	for (i = 2; i < (size_t)argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return print_help();
	}
	argv[1] = program;
	for (i = 0; i < sizeof(command_table) / sizeof(*command_table); i++) {
		if (strcmp(name, command_table[i].name) == 0)
			return command_table[i].run(argc - 1, argv + 1);
	}
	return usage_error("no such command", name);
}
