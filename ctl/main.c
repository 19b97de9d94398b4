/* portvaktctl: parses the command line and runs one command of the table. */
#include "ctl/command.h"

#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define MASK(option) (1U << (option))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct option_entry {
	const char *name;
	const char *argument; /* NULL: takes none */
	const char *summary;
} option_table[OPTION_COUNT] = {
    [OPTION_HELP] = {"help", NULL, "show what a command takes"},
    [OPTION_VERSION] = {"version", NULL, "show the version"},
    [OPTION_JSON] = {"json", NULL, "answer with one JSON object"},
    [OPTION_YES] = {"yes", NULL, "do not ask for confirmation"},
    [OPTION_DRY_RUN] = {"dry-run", NULL, "read the file, change nothing"},
    [OPTION_REASON] = {"reason", "TEXT", "why; it is kept"},
    [OPTION_ISSUER] = {"issuer", "URL",
	"or its name; account add needs it with several"},
    [OPTION_UID] = {"uid", "N", "default: the next free one"},
    [OPTION_GECOS] = {"gecos", "TEXT", "the person's full name"},
    [OPTION_HOME] = {"home", "PATH", "default: under the configured base"},
    [OPTION_SHELL] = {"shell", "PATH", "default: the configured shell"},
    [OPTION_PID] = {"pid", NULL, "read the identity number, not a subject"},
    [OPTION_END_SESSIONS] = {"end-sessions", NULL, "end what runs already"},
    [OPTION_AS_OF] = {"as-of", "TIME", "as it was then; default: now"},
    [OPTION_WITH] = {"with", "NAME=V,...", "as if the login had said this"},
    [OPTION_RULES] = {"rules", "DIR", "*.conf and units.conf"},
    [OPTION_UNIT] = {"unit", "NUMBER", "a unit of units.conf"},
    [OPTION_ORDER] = {"order", "N", "place in the order of contact"},
    [OPTION_KIND] = {"kind", "KIND", "case or clerical"},
    [OPTION_BASIS] = {"basis", "TEXT", "law, circular or decision"},
    [OPTION_FROM] = {"from", "TIME", "default: at once"},
    [OPTION_UNTIL] = {"until", "TIME", "default: until it is withdrawn"},
    [OPTION_EXCEPTION] = {"exception", "TEXT", "basis for one too many"},
    [OPTION_PERSON] = {"person", "NAME", "what this one has"},
    [OPTION_CSV] = {"csv", NULL, "print what import reads"},
    [OPTION_ALL] = {"all", NULL, "those that were taken as well"},
    [OPTION_SESSION] = {"session", "SID", "the \"sid\" of the tokens"},
    [OPTION_SUBJECT] = {"subject", "NAME", "all tokens of this account"},
    [OPTION_BEFORE] = {"before", "TIME", "what was issued before"},
};

enum {
	OPTIONS_ANYWHERE =
	    MASK(OPTION_HELP) | MASK(OPTION_VERSION) | MASK(OPTION_JSON),
	OPTIONS_ADD = MASK(OPTION_ISSUER) | MASK(OPTION_UID) |
		      MASK(OPTION_GECOS) | MASK(OPTION_HOME) |
		      MASK(OPTION_SHELL) | MASK(OPTION_PID),
	OPTIONS_LOCK = MASK(OPTION_REASON) | MASK(OPTION_END_SESSIONS),
	OPTIONS_AUTHORISE = MASK(OPTION_UNIT) | MASK(OPTION_ORDER) |
			    MASK(OPTION_KIND) | MASK(OPTION_BASIS) |
			    MASK(OPTION_REASON) | MASK(OPTION_FROM) |
			    MASK(OPTION_UNTIL) | MASK(OPTION_EXCEPTION),
	OPTIONS_AUTHORISED = MASK(OPTION_UNIT) | MASK(OPTION_PERSON) |
			     MASK(OPTION_AS_OF) | MASK(OPTION_FROM) |
			     MASK(OPTION_UNTIL) | MASK(OPTION_CSV),
};

static const struct command {
	const char *group; /* NULL: a command of one word */
	const char *name;
	const char *arguments;
	int words_min, words_max;
	unsigned int options;
	const char *summary;
	int (*run)(const struct invocation *invocation);
} command_table[] = {
    {NULL, "status", "", 0, 0, 0, "the broker, the issuer, how many accounts",
	status},
    {NULL, "check", "", 0, 0, 0, "look for faults, each with its remedy",
	check},
    {"account", "add", "NAME [SUBJECT]", 1, 2, OPTIONS_ADD,
	"register a person's account", account_add},
    {"account", "list", "", 0, 0, 0, "all accounts", account_list},
    {"account", "show", "NAME", 1, 1, 0, "one account", account_show},
    {"account", "lock", "NAME", 1, 1, OPTIONS_LOCK,
	"let the person in no more (--reason is required)", account_lock},
    {"account", "unlock", "NAME", 1, 1, 0, "let the person in again",
	account_unlock},
    {"account", "remove", "NAME", 1, 1, MASK(OPTION_YES),
	"remove the account; its uid is never used again", account_remove},
    {"account", "pid", "NAME", 1, 1, 0,
	"the person's identity number, read from stdin", account_pid},
    {NULL, "lock", "NAME", 1, 1, OPTIONS_LOCK, "the same as account lock",
	account_lock},
    {NULL, "import", "FILE.csv|-", 1, 1, MASK(OPTION_DRY_RUN),
	"register many accounts, all or none", import},
    {NULL, "explain", "NAME [GROUP]", 1, 2,
	MASK(OPTION_AS_OF) | MASK(OPTION_WITH),
	"which groups, by which rule, and what is missing", explain},
    {NULL, "simulate", "", 0, 0, MASK(OPTION_RULES),
	"what other rules would give and take (--rules)", simulate},
    {NULL, "authorise", "NAME GROUP", 2, 2, OPTIONS_AUTHORISE,
	"authorise a person personally", authorise},
    {NULL, "withdraw", "NAME GROUP", 2, 2,
	MASK(OPTION_UNIT) | MASK(OPTION_REASON),
	"withdraw an authorisation (--reason)", withdraw},
    {"authorised", "import", "FILE.csv|-", 1, 1, MASK(OPTION_DRY_RUN),
	"authorise many, all or none", authorised_import},
    {NULL, "authorised", "[GROUP]", 0, 1, OPTIONS_AUTHORISED,
	"who is authorised, in the order of contact", authorised},
    {NULL, "revoke", "", 0, 0,
	MASK(OPTION_SESSION) | MASK(OPTION_SUBJECT) | MASK(OPTION_BEFORE) |
	    MASK(OPTION_ISSUER) | MASK(OPTION_REASON),
	"refuse tokens before their time (--reason)", revoke_tokens},
    {"notices", "take", "ID", 1, 1, 0, "one that was passed on", notices_take},
    {NULL, "notices", "", 0, 0, MASK(OPTION_ALL),
	"what the central level must be told", notices},
    {NULL, "sessions", "[NAME]", 0, 1, 0, "who is in, and since when",
	sessions},
    {"pid-key", "rotate", "", 0, 0, 0,
	"a new key for the links to identity numbers", pid_key_rotate},
    {NULL, "reload", "", 0, 0, 0, "read the configuration again", reload},
};

static void
print_option(const struct option_entry *entry)
{
	char left[32];

	(void)snprintf(left, sizeof(left), "--%s%s%s", entry->name,
	    entry->argument ? " " : "", entry->argument ? entry->argument : "");
	printf("  %-18s %s\n", left, entry->summary);
}

static void
print_options(unsigned int mask)
{
	int i;

	puts("\nOptions:");
	for (i = 0; i < OPTION_COUNT; i++) {
		if (mask & MASK(i))
			print_option(&option_table[i]);
	}
}

static void
print_help(void)
{
	char left[64];
	size_t i;

	puts("Usage: portvaktctl COMMAND [OPTION...]\n"
	     "Manages the Portvakt broker of this machine.\n");
	for (i = 0; i < COUNT(command_table); i++) {
		const struct command *command = &command_table[i];

		(void)snprintf(left, sizeof(left), "%s%s%s %s",
		    command->group ? command->group : "",
		    command->group ? " " : "", command->name,
		    command->arguments);
		printf("  %-28s %s\n", left, command->summary);
	}
	print_options(OPTIONS_ANYWHERE);
	puts("\nportvaktctl COMMAND --help shows the options of a command; "
	     "portvaktctl(8)\nexplains all of it.");
}

static void
print_command_help(const struct command *command)
{
	printf("Usage: portvaktctl %s%s%s%s%s [OPTION...]\n%s\n",
	    command->group ? command->group : "", command->group ? " " : "",
	    command->name, *command->arguments ? " " : "", command->arguments,
	    command->summary);
	print_options(OPTIONS_ANYWHERE | command->options);
}

static int
usage_error(const char *what, const char *argument)
{
	fprintf(stderr,
	    "portvaktctl: %s%s%s\nportvaktctl --help lists what it takes.\n",
	    what, argument ? ": " : "", argument ? argument : "");
	return EXIT_USAGE;
}

/* Options may stand before, between and after the words. */
static int
parse_options(int argc, char **argv, struct invocation *invocation)
{
	struct option long_options[OPTION_COUNT + 1] = {{0}};
	int i;

	for (i = 0; i < OPTION_COUNT; i++) {
		long_options[i].name = option_table[i].name;
		long_options[i].has_arg = option_table[i].argument ? 1 : 0;
		long_options[i].val = i;
	}
	while ((i = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (i == 'h')
			i = OPTION_HELP;
		if (i < 0 || i >= OPTION_COUNT)
			return EXIT_USAGE; /* getopt_long has said why */
		if (invocation->options[i] && option_table[i].argument)
			return usage_error("given twice", option_table[i].name);
		invocation->options[i] = optarg ? optarg : "";
	}
	invocation->words = argv + optind;
	invocation->words_count = argc - optind;
	return EXIT_DONE;
}

/* Takes the command's words off the invocation. */
static const struct command *
find_command(struct invocation *invocation)
{
	size_t i;

	for (i = 0; i < COUNT(command_table); i++) {
		const struct command *command = &command_table[i];
		int words = command->group ? 2 : 1;

		if (invocation->words_count < words ||
		    strcmp(invocation->words[words - 1], command->name) != 0)
			continue;
		if (command->group &&
		    strcmp(invocation->words[0], command->group) != 0)
			continue;
		invocation->words += words;
		invocation->words_count -= words;
		return command;
	}
	return NULL;
}

static int
command_error(const struct invocation *invocation)
{
	const char *word =
	    invocation->words_count ? invocation->words[0] : "none given";
	char what[64], names[128] = "";
	size_t i, length = 0;

	for (i = 0; i < COUNT(command_table); i++) {
		const struct command *command = &command_table[i];

		if (!command->group || strcmp(command->group, word) != 0)
			continue;
		length +=
		    (size_t)snprintf(names + length, sizeof(names) - length,
			"%s%s", length ? " " : "", command->name);
	}
	if (length == 0)
		return usage_error("no such command", word);
	(void)snprintf(what, sizeof(what), "%s takes one of", word);
	return usage_error(what, names);
}

static int
check_options(
    const struct command *command, const struct invocation *invocation)
{
	unsigned int taken = OPTIONS_ANYWHERE | command->options;
	int i;

	for (i = 0; i < OPTION_COUNT; i++) {
		if (invocation->options[i] && !(taken & MASK(i)))
			return usage_error(
			    "this command does not take", option_table[i].name);
	}
	if (invocation->words_count < command->words_min)
		return usage_error("this command takes", command->arguments);
	if (invocation->words_count > command->words_max)
		return usage_error(
		    "not expected here", invocation->words[command->words_max]);
	return EXIT_DONE;
}

static bool
asks_for_help(const struct invocation *invocation)
{
	return invocation->options[OPTION_HELP] ||
	       (invocation->words_count == 1 &&
		   strcmp(invocation->words[0], "help") == 0);
}

static int
run(int argc, char **argv)
{
	struct invocation invocation = {0};
	const struct command *command;
	int code;

	code = parse_options(argc, argv, &invocation);
	if (code)
		return code;
	if (invocation.options[OPTION_VERSION]) {
		puts("portvaktctl " PORTVAKT_VERSION);
		return EXIT_DONE;
	}
	command = find_command(&invocation);
	if (!command && asks_for_help(&invocation)) {
		print_help();
		return EXIT_DONE;
	}
	if (!command)
		return command_error(&invocation);
	if (invocation.options[OPTION_HELP]) {
		print_command_help(command);
		return EXIT_DONE;
	}
	code = check_options(command, &invocation);
	return code ? code : command->run(&invocation);
}

/* A full disk behind a redirection must not look like success. */
static int
flush(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	perror("portvaktctl: the output could not be written");
	return code ? code : EXIT_REFUSED;
}

int
main(int argc, char **argv)
{
	/* All that is shown is UTF-8, whatever the caller's locale. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	(void)signal(SIGPIPE, SIG_IGN);
	return flush(run(argc, argv));
}
