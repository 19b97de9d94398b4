#include "ctl/exchange.h"

#include "ctl/admin_client.h"
#include "ctl/failure.h"

#include <stdio.h>

static const struct failure not_utf8 = {
    EXIT_USAGE, "not-utf8", "an argument is not UTF-8", "Use a UTF-8 locale."};

void
exchange_print_json(const json_t *object)
{
	(void)json_dumpf(object, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
}

int
exchange_ask(
    const struct invocation *invocation, json_t *request, json_t **ret_result)
{
	json_auto_t *asked = request;
	json_auto_t *answer = NULL;
	int error;

	if (!asked)
		return failure_print(invocation, &not_utf8);
	error = admin_client_ask(asked, &answer);
	if (error)
		return failure_print_errno(invocation, error);
	if (!json_is_true(json_object_get(answer, "ok")))
		return failure_print_answer(invocation, answer, NULL);
	*ret_result = json_incref(json_object_get(answer, "result"));
	return EXIT_DONE;
}

int
exchange(
    const struct invocation *invocation, json_t *request, exchange_show_fn show)
{
	json_auto_t *result = NULL;
	int code;

	code = exchange_ask(invocation, request, &result);
	if (code)
		return code;
	if (!invocation_json(invocation))
		return show(result);
	exchange_print_json(result);
	return EXIT_DONE;
}
