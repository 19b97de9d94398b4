/* portvakt handle: a token in, what can be typed in its place out. */
#include "cli/command.h"
#include "cli/token_input.h"
#include "lib/admin_protocol.h"
#include "lib/frame.h"
#include "lib/paths.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

enum { ANSWER_SIZE = 16384 };

struct request {
	const char *service;
	const char *account; /* NULL: one's own */
	const char *socket;
	bool json;
};

static void
free_json(json_t **json)
{
	json_decref(*json);
}

static void
close_socket(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static int
parse(int argc, char **argv, struct request *request)
{
	static const struct option options[] = {
	    {"service", required_argument, NULL, 's'},
	    {"account", required_argument, NULL, 'a'},
	    {"json", no_argument, NULL, 'j'},
	    {0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			request->service = optarg;
		else if (option == 'a')
			request->account = optarg;
		else if (option == 'j')
			request->json = true;
		else
			return option_error();
	}
	if (optind < argc)
		return usage_error("takes no words", argv[optind]);
	if (!request->service)
		return usage_error("for which --service?", NULL);
	return EXIT_GOOD;
}

/* The question as it is sent; the caller wipes and frees it. */
static char *
write_question(const struct request *request, const char *token)
{
	json_t *question;
	char *text;

	question = json_pack("{s:s, s:s, s:s}", "command", "handle", "service",
	    request->service, "token", token);
	if (question && request->account &&
	    json_object_set_new(
		question, "account", json_string(request->account))) {
		json_decref(question);
		return NULL;
	}
	text = question ? json_dumps(question, JSON_COMPACT) : NULL;
	json_decref(question);
	return text;
}

/* 0 with the answer, an object with "ok", or a negative errno. */
static int
ask(const struct request *request, const char *token, json_t **ret_answer)
{
	__attribute__((cleanup(close_socket))) int fd = -1;
	char body[ANSWER_SIZE], *text;
	size_t size = 0;
	json_t *answer;
	int error, received;

	text = write_question(request, token);
	if (!text)
		return -EINVAL;
	error = frame_connect(request->socket, ADMIN_DEADLINE_MS, &fd);
	if (!error)
		error = frame_send(fd, text, strlen(text), ADMIN_DEADLINE_MS);
	explicit_bzero(text, strlen(text));
	free(text);
	/* Whom the broker does not know, it answers before it is asked. */
	if (error && (error != -ECONNRESET || fd < 0))
		return error;
	received =
	    frame_receive(fd, body, sizeof(body), ADMIN_DEADLINE_MS, &size);
	if (received)
		return error ? error : received;
	answer = json_loadb(body, size, JSON_REJECT_DUPLICATES, NULL);
	explicit_bzero(body, size);
	if (!json_is_boolean(json_object_get(answer, "ok"))) {
		json_decref(answer);
		return -EBADMSG;
	}
	*ret_answer = answer;
	return 0;
}

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static void
print_json(const json_t *object)
{
	(void)json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
}

/* The handle alone, so that it can be copied; what to do goes elsewhere. */
static int
show_handle(const struct request *request, json_t *result)
{
	if (request->json) {
		(void)json_object_set_new(result, "good", json_true());
		print_json(result);
	} else {
		puts(text_of(result, "handle"));
		fprintf(stderr,
		    "For %s, as %s, once, within %lld seconds: type it where "
		    "the token is asked for.\n",
		    text_of(result, "service"), text_of(result, "account"),
		    (long long)json_integer_value(
			json_object_get(result, "expires_in_s")));
	}
	return fflush(stdout) == 0 ? EXIT_GOOD : EXIT_OUTAGE;
}

/* As portvakt verify has it, but where no handle is taken for it. */
static int
show_reason(const struct request *request, const char *reason,
    const char *detail, int status)
{
	json_t *said;

	if (!request->json) {
		fprintf(stderr, "%s%s%s%s\n", reason, *detail ? " (" : "",
		    detail, *detail ? ")" : "");
		return status;
	}
	said = json_pack("{s:b, s:s}", "good", 0, "reason", reason);
	if (*detail)
		(void)json_object_set_new(said, "detail", json_string(detail));
	print_json(said);
	json_decref(said);
	return fflush(stdout) == 0 ? status : EXIT_OUTAGE;
}

/* What a person cannot change is an outage here: the verdict tells. */
static int
status_of(const char *error, const char *verdict)
{
	if (strcmp(error, "not-permitted") == 0)
		return EXIT_NOT_PERMITTED;
	if (strcmp(verdict, "deny") == 0 || strcmp(verdict, "expired") == 0 ||
	    strcmp(error, "not-found") == 0)
		return EXIT_REFUSED;
	return strcmp(error, "bad-request") == 0 ? EXIT_USAGE : EXIT_OUTAGE;
}

static int
show_refusal(const struct request *request, const json_t *answer)
{
	const char *reason = text_of(answer, "error");
	bool judged = json_is_string(json_object_get(answer, "verdict"));

	return show_reason(request, reason,
	    text_of(answer, judged ? "detail" : "text"),
	    status_of(reason, text_of(answer, "verdict")));
}

static int
exchange(const struct request *request, const char *token)
{
	__attribute__((cleanup(free_json))) json_t *answer = NULL;
	char detail[256];
	int error;

	error = ask(request, token, &answer);
	if (error) {
		(void)snprintf(detail, sizeof(detail),
		    "%s: %s; systemctl status portvaktd", request->socket,
		    strerror(-error));
		return show_reason(request, "broker-down", detail, EXIT_OUTAGE);
	}
	if (json_is_true(json_object_get(answer, "ok")))
		return show_handle(request, json_object_get(answer, "result"));
	return show_refusal(request, answer);
}

int
handle_command(int argc, char **argv)
{
	static char token[TOKEN_INPUT_SIZE];
	struct request request = {.socket = PORTVAKT_ADMIN_SOCKET};
	size_t size = 0;
	int status, error;

	status = parse(argc, argv, &request);
	if (status != EXIT_GOOD)
		return status;
	error = token_input_read(STDIN_FILENO, token, &size);
	if (error || size == 0)
		return usage_error("no token on the standard input",
		    error ? strerror(-error) : NULL);
	status = exchange(&request, token);
	explicit_bzero(token, sizeof(token));
	return status;
}
