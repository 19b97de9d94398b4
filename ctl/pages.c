#include "ctl/pages.h"

#include "ctl/exchange.h"
#include "ctl/failure.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Further on: an answer that leads nowhere new would never end. */
static bool
is_after(const json_t *next, const json_t *last)
{
	if (!last)
		return true;
	if (json_is_integer(next) && json_is_integer(last))
		return json_integer_value(next) > json_integer_value(last);
	return json_is_string(next) && json_is_string(last) &&
	       strcmp(json_string_value(next), json_string_value(last)) > 0;
}

/* One page; *ret_more: there is another. */
static int
ask_page(const struct invocation *invocation, json_t *request, const char *list,
    json_t *all, bool *ret_more)
{
	json_auto_t *result = NULL;
	json_t *next;
	int code;

	code = exchange_ask(invocation, json_incref(request), &result);
	if (code)
		return code;
	next = json_object_get(result, "next");
	*ret_more = next && !json_is_null(next);
	if (json_array_extend(all, json_object_get(result, list)) ||
	    (*ret_more && !is_after(next, json_object_get(request, "after"))))
		return failure_print_errno(invocation, -EBADMSG);
	if (*ret_more)
		(void)json_object_set(request, "after", next);
	return EXIT_DONE;
}

int
pages_ask(const struct invocation *invocation, json_t *request,
    const char *list, json_t **ret_result)
{
	json_auto_t *all = json_array();
	bool more = true;
	int code;

	while (more) {
		code = ask_page(invocation, request, list, all, &more);
		if (code)
			return code;
	}
	*ret_result = json_pack("{s:O}", list, all);
	return EXIT_DONE;
}
