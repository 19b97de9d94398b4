#include "cli/command.h"
#include "cli/report.h"
#include "cli/token_input.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LISTED_MAX = 64 };

struct listed {
	const char *texts[LISTED_MAX];
	size_t count;
};

/* The command line of portvakt verify. */
struct request {
	const char *audience;
	const char *image;
	struct listed scopes;
	struct listed groups;
	struct portvakt_options options;
	bool json;
};

static int
list(struct listed *listed, const char *text)
{
	if (listed->count == LISTED_MAX)
		return usage_error("too many", text);
	listed->texts[listed->count++] = text;
	return EXIT_GOOD;
}

static int
parse_age(const char *text, int64_t *ret_age_s)
{
	char *end = NULL;
	long long age_s;

	errno = 0;
	age_s = strtoll(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end || age_s == 0)
		return usage_error("not a number of seconds", text);
	*ret_age_s = age_s;
	return EXIT_GOOD;
}

static int
take_option(struct request *request, int option)
{
	switch (option) {
	case 'a':
		request->audience = optarg;
		return EXIT_GOOD;
	case 'g':
		return list(&request->groups, optarg);
	case 's':
		return list(&request->scopes, optarg);
	case 'i':
		request->options.issuer = optarg;
		return EXIT_GOOD;
	case 'l':
		request->options.level = optarg;
		return EXIT_GOOD;
	case 'm':
		return parse_age(optarg, &request->options.max_age_s);
	case 'f':
		request->image = optarg;
		return EXIT_GOOD;
	case 'j':
		request->json = true;
		return EXIT_GOOD;
	default:
		return option_error();
	}
}

static int
parse(int argc, char **argv, struct request *request)
{
	static const struct option options[] = {
	    {"audience", required_argument, NULL, 'a'},
	    {"group", required_argument, NULL, 'g'},
	    {"scope", required_argument, NULL, 's'},
	    {"issuer", required_argument, NULL, 'i'},
	    {"level", required_argument, NULL, 'l'},
	    {"max-age", required_argument, NULL, 'm'},
	    {"image", required_argument, NULL, 'f'},
	    {"json", no_argument, NULL, 'j'},
	    {0},
	};
	int option, status = EXIT_GOOD;

	while (status == EXIT_GOOD &&
	       (option = getopt_long(argc, argv, "", options, NULL)) != -1)
		status = take_option(request, option);
	if (status != EXIT_GOOD)
		return status;
	if (optind < argc)
		return usage_error("takes no words", argv[optind]);
	if (!request->audience && request->scopes.count == 0)
		return usage_error("for which --audience?", NULL);
	request->options.scopes = request->scopes.texts;
	request->options.scopes_count = request->scopes.count;
	return EXIT_GOOD;
}

/* The first group that was asked for and is not there. */
static const char *
missing_group(
    const struct request *request, const struct portvakt_result *result)
{
	size_t i;

	for (i = 0; i < request->groups.count; i++) {
		if (!portvakt_result_has_group(
			result, request->groups.texts[i]))
			return request->groups.texts[i];
	}
	return NULL;
}

static int
exit_code(const struct portvakt_result *result, const char *missing)
{
	switch (portvakt_result_verdict(result)) {
	case PORTVAKT_VERDICT_GOOD:
		return missing ? EXIT_GROUP_MISSING : EXIT_GOOD;
	case PORTVAKT_VERDICT_REFUSED:
	case PORTVAKT_VERDICT_FORBIDDEN:
		return EXIT_REFUSED;
	case PORTVAKT_VERDICT_OUTAGE:
		return EXIT_OUTAGE;
	}
	return EXIT_REFUSED;
}

static int
say_unknown(const char *what, const char *name)
{
	fprintf(stderr, "portvakt: there is no %s \"%s\"\n", what, name);
	return EXIT_USAGE;
}

/*
 * What nobody has would look like a refusal for ever. Without an image there is
 * nothing to say, and the answer will be that.
 */
static int
check_names(struct portvakt *portvakt, const struct request *request)
{
	const char *issuer = request->options.issuer;
	const char *level = request->options.level;
	size_t i;

	for (i = 0; i < request->groups.count; i++) {
		if (portvakt_knows_group(portvakt, request->groups.texts[i]) ==
		    0)
			return say_unknown(
			    "access group", request->groups.texts[i]);
	}
	if (issuer && portvakt_knows_issuer(portvakt, issuer) == 0)
		return say_unknown("issuer", issuer);
	if (level && portvakt_knows_level(portvakt, issuer, level) == 0)
		return say_unknown("level", level);
	return EXIT_GOOD;
}

static bool
is_opaque(const char *token, size_t size)
{
	size_t i, dots = 0;

	for (i = 0; i < size; i++)
		dots += token[i] == '.';
	return dots != 2;
}

static void
say_remedy(const struct portvakt_result *result, const char *token, size_t size)
{
	switch ((int)portvakt_result_reason(result)) {
	case PORTVAKT_NO_ACCESS_TO_IMAGE:
		fputs("portvakt: the trust image: " IMAGE_REMEDY "\n", stderr);
		return;
	case PORTVAKT_MALFORMED:
		if (is_opaque(token, size))
			fputs("portvakt: that is no JWT: of opaque tokens ask "
			      "portvakt-api(8)\n",
			    stderr);
		return;
	default:
		return;
	}
}

static int
answer(struct portvakt *portvakt, const struct request *request,
    const char *token, size_t size)
{
	struct portvakt_result *result = NULL;
	const char *missing = NULL;
	int status;

	if (portvakt_verify(portvakt, token, size, request->audience,
		&request->options, &result))
		missing = missing_group(request, result);
	if (request->json)
		report_json(result, missing);
	else
		report_lines(result, missing);
	say_remedy(result, token, size);
	status = exit_code(result, missing);
	portvakt_result_free(result);
	if (fflush(stdout) != 0)
		return EXIT_OUTAGE;
	return status;
}

int
verify_command(int argc, char **argv)
{
	static char token[TOKEN_INPUT_SIZE];
	struct request request = {.options = PORTVAKT_OPTIONS_INIT};
	struct portvakt *portvakt = NULL;
	size_t size = 0;
	int status, error;

	status = parse(argc, argv, &request);
	if (status != EXIT_GOOD)
		return status;
	error = token_input_read(STDIN_FILENO, token, &size);
	if (error || size == 0)
		return usage_error("no token on the standard input",
		    error ? strerror(-error) : NULL);
	error = portvakt_open(request.image, &portvakt);
	if (error) {
		fprintf(stderr, "portvakt: %s\n", strerror(-error));
		return EXIT_OUTAGE;
	}
	status = check_names(portvakt, &request);
	if (status == EXIT_GOOD)
		status = answer(portvakt, &request, token, size);
	portvakt_close(portvakt);
	explicit_bzero(token, sizeof(token));
	return status;
}
