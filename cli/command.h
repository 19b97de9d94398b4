/* The commands of portvakt(1), and how it ends. */
#pragma once

enum {
	EXIT_GOOD = 0,
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
	EXIT_OUTAGE = 3, /* nobody can say at the moment */
	EXIT_GROUP_MISSING = 4, /* good, but not for what was asked */
	EXIT_NOT_PERMITTED = 5, /* the token was not looked at */
};

/* To whom the trust image is not readable. */
#define IMAGE_REMEDY                                          \
	"this user may not read it: it must be in the group " \
	"portvakt-verify, and log in anew then"

/* With the command's own words; argv[0] is its name. */
int verify_command(int argc, char **argv);
int groups_command(int argc, char **argv);
int handle_command(int argc, char **argv);

/* Says what is wrong with the command line. EXIT_USAGE. */
int usage_error(const char *what, const char *argument);
/* After getopt_long(), which has said what is wrong. EXIT_USAGE. */
int option_error(void);
