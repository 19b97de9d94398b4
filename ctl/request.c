#include "ctl/request.h"

#include "ctl/failure.h"
#include "ctl/moment.h"
#include "ctl/number.h"

#include <string.h>

static const struct failure not_utf8 = {
    EXIT_USAGE, "not-utf8", "an argument is not UTF-8", "Use a UTF-8 locale."};
static const struct failure time_invalid = {EXIT_USAGE, "time-invalid",
    "a time is a date, or RFC 3339 with its zone",
    "2026-11-22 is its 00:00 UTC; 2026-11-22T08:30:00+01:00 is exact."};
static const struct failure kind_invalid = {EXIT_USAGE, "kind-invalid",
    "--kind is case or clerical, in lower case",
    "clerical is for those who only keep the files, case for all others."};
static const struct failure number_invalid = {EXIT_USAGE, "number-invalid",
    "--order takes a number from 1", "1 is who is called first."};

int
request_add_text(const struct invocation *invocation,
    enum command_option option, json_t *request, const char *member)
{
	const char *text = invocation->options[option];

	if (text && json_object_set_new(request, member, json_string(text)))
		return failure_print(invocation, &not_utf8);
	return EXIT_DONE;
}

int
request_add_moment(const struct invocation *invocation,
    enum command_option option, json_t *request, const char *member)
{
	const char *text = invocation->options[option];
	int64_t at_s;

	if (!text)
		return EXIT_DONE;
	if (moment_parse(text, &at_s))
		return failure_print(invocation, &time_invalid);
	(void)json_object_set_new(request, member, json_integer(at_s));
	return EXIT_DONE;
}

int
request_add_kind(const struct invocation *invocation,
    enum command_option option, json_t *request, const char *member)
{
	const char *text = invocation->options[option];

	if (text && strcmp(text, "case") != 0 && strcmp(text, "clerical") != 0)
		return failure_print(invocation, &kind_invalid);
	return request_add_text(invocation, option, request, member);
}

int
request_add_number(const struct invocation *invocation,
    enum command_option option, json_t *request, const char *member)
{
	const char *text = invocation->options[option];
	uint32_t number;

	if (!text)
		return EXIT_DONE;
	if (number_parse(text, &number) || number == 0)
		return failure_print(invocation, &number_invalid);
	(void)json_object_set_new(request, member, json_integer(number));
	return EXIT_DONE;
}
