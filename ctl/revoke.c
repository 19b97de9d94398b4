/* portvaktctl revoke: tokens that are good no more. */
#include "ctl/command.h"
#include "ctl/exchange.h"
#include "ctl/failure.h"
#include "ctl/moment.h"
#include "ctl/request.h"

#include <stdio.h>

static const struct failure what_missing = {EXIT_USAGE, "what-missing",
    "say what to revoke: --session, --subject or --before",
    "--session and --subject stand alone; --before goes with --subject or "
    "--issuer, or means the tokens of everybody."};
static const struct failure reason_missing = {EXIT_USAGE, "reason-missing",
    "a revocation needs its --reason",
    "It is kept, and in the audit record: --reason \"a lost laptop\"."};

static int
show_revoked(const json_t *result)
{
	int64_t before_s =
	    json_integer_value(json_object_get(result, "before"));
	char text[MOMENT_SIZE];

	if (before_s == 0) {
		puts("The tokens of this session are refused from now on.");
		return EXIT_DONE;
	}
	moment_print(before_s, text);
	printf("Tokens issued before %s are refused from now on.\n", text);
	return EXIT_DONE;
}

int
revoke_tokens(const struct invocation *invocation)
{
	const char *const *options = invocation->options;
	const char *reason = options[OPTION_REASON];
	json_t *request;
	int code;

	if (!!options[OPTION_SESSION] + !!options[OPTION_SUBJECT] > 1 ||
	    (!options[OPTION_SESSION] && !options[OPTION_SUBJECT] &&
		!options[OPTION_BEFORE]))
		return failure_print(invocation, &what_missing);
	if (!reason || !*reason)
		return failure_print(invocation, &reason_missing);
	request = json_pack("{s:s}", "command", "revoke");
	code = request_add_text(invocation, OPTION_REASON, request, "reason");
	if (!code)
		code = request_add_text(
		    invocation, OPTION_SESSION, request, "session");
	if (!code)
		code = request_add_text(
		    invocation, OPTION_SUBJECT, request, "person");
	if (!code)
		code = request_add_text(
		    invocation, OPTION_ISSUER, request, "issuer");
	if (!code)
		code = request_add_moment(
		    invocation, OPTION_BEFORE, request, "before");
	if (code) {
		json_decref(request);
		return code;
	}
	return exchange(invocation, request, show_revoked);
}
