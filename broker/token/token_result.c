#include "broker/token/token_result.h"

#include "broker/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int
token_result_new(struct token_result **ret_result)
{
	struct token_result *result = calloc(1, sizeof(*result));

	if (!result)
		return -ENOMEM;
	result->references = 1;
	result->outcome = TOKEN_OUTAGE;
	*ret_result = result;
	return 0;
}

int
token_result_new_good(
    struct token_answer *answer, struct token_result **ret_result)
{
	struct token_result *result;

	if (token_result_new(&result)) {
		answer->access_token = secret_free(answer->access_token);
		return -ENOMEM;
	}
	result->outcome = TOKEN_GOOD;
	result->access_token = answer->access_token;
	result->expires_at_us =
	    clock_boot_us() + answer->expires_in_s * 1000000;
	answer->access_token = NULL;
	*ret_result = result;
	return 0;
}

int
token_result_new_refused(unsigned int status, const char *error,
    const char *detail, struct token_result **ret_result)
{
	struct token_result *result;

	if (token_result_new(&result))
		return -ENOMEM;
	result->outcome = TOKEN_REFUSED;
	result->status = status;
	(void)snprintf(result->error, sizeof(result->error), "%s", error);
	token_result_explain(result, "%s", detail);
	*ret_result = result;
	return 0;
}

struct token_result *
token_result_ref(struct token_result *result)
{
	result->references++;
	return result;
}

struct token_result *
token_result_unref(struct token_result *result)
{
	if (!result || --result->references > 0)
		return NULL;
	secret_free(result->access_token);
	free(result);
	return NULL;
}

void
token_result_explain(struct token_result *result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(
	    result->detail, sizeof(result->detail), format, arguments);
	va_end(arguments);
}

/* Whole seconds that it is still good for, rounded down. */
static int64_t
left_s(const struct token_result *result)
{
	int64_t left_us = result->expires_at_us - clock_boot_us();

	return left_us > 0 ? left_us / 1000000 : 0;
}

struct token_reply
token_result_reply(const struct token_result *result)
{
	struct token_reply reply = {
	    .outcome = result->outcome,
	    .status = result->status,
	    .error = result->error,
	    .detail = result->detail,
	};

	if (result->outcome != TOKEN_GOOD)
		return reply;
	reply.access_token = secret_reveal(result->access_token);
	reply.token_type = "Bearer";
	reply.expires_in_s = left_s(result);
	return reply;
}
