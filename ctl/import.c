/* portvaktctl import: a file of accounts, all of them or none. */
#include "ctl/account_file.h"
#include "ctl/admin_client.h"
#include "ctl/cleanup.h"
#include "ctl/command.h"
#include "ctl/exchange.h"
#include "ctl/failure.h"
#include "ctl/text_file.h"
#include "lib/admin_protocol.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct failure too_large = {EXIT_USAGE, "file-too-large",
    "the file is larger than one import takes",
    "Cut it into files of 50,000 accounts."};

static int
refuse_file(const struct invocation *invocation, const char *what)
{
	struct failure failure = {EXIT_USAGE, "file-invalid", what,
	    "Nothing was imported. portvaktctl(8) describes the file."};

	return failure_print(invocation, &failure);
}

static int
read_file(const char *name, char **ret_bytes, size_t *ret_size)
{
	CLEANUP_FCLOSE FILE *file = NULL;

	if (strcmp(name, "-") == 0)
		return text_file_read_stream(
		    stdin, ADMIN_FRAME_SIZE_MAX, ret_bytes, ret_size);
	file = fopen(name, "re");
	if (!file)
		return -errno;
	return text_file_read_stream(
	    file, ADMIN_FRAME_SIZE_MAX, ret_bytes, ret_size);
}

static int
read_accounts(const struct invocation *invocation, json_t **ret_accounts)
{
	char error_text[ACCOUNT_FILE_ERROR_SIZE] = "not enough memory";
	const char *name = invocation->words[0];
	CLEANUP_FREE char *bytes = NULL;
	char what[1024];
	size_t size;
	int error;

	error = read_file(name, &bytes, &size);
	if (error == -EFBIG)
		return failure_print(invocation, &too_large);
	if (error) {
		(void)snprintf(
		    what, sizeof(what), "%s: %s", name, strerror(-error));
		return refuse_file(invocation, what);
	}
	error = account_file_parse(bytes, size, ret_accounts, error_text);
	if (error) {
		(void)snprintf(what, sizeof(what), "%s: %s", name, error_text);
		return refuse_file(invocation, what);
	}
	return EXIT_DONE;
}

static int
show_imported(const struct invocation *invocation, const json_t *result)
{
	json_int_t count =
	    json_integer_value(json_object_get(result, "imported"));

	if (invocation_json(invocation))
		exchange_print_json(result);
	else
		printf("%lld account%s imported.\n", (long long)count,
		    count == 1 ? "" : "s");
	return EXIT_DONE;
}

/* The broker counts rows; people count lines. */
static int
show_refusal(const struct invocation *invocation, const json_t *answer)
{
	const json_t *row = json_object_get(answer, "row");
	char place[1024];

	if (!json_is_integer(row))
		return failure_print_answer(invocation, answer, NULL);
	(void)snprintf(place, sizeof(place), "%s: line %lld",
	    invocation->words[0], (long long)json_integer_value(row) + 1);
	return failure_print_answer(invocation, answer, place);
}

static int
send_accounts(const struct invocation *invocation, json_t *accounts)
{
	json_auto_t *request = NULL;
	json_auto_t *answer = NULL;
	int error;

	request = json_pack(
	    "{s:s, s:O}", "command", "account-import", "accounts", accounts);
	error = admin_client_ask(request, &answer);
	if (error == -EMSGSIZE)
		return failure_print(invocation, &too_large);
	if (error)
		return failure_print_errno(invocation, error);
	if (!json_is_true(json_object_get(answer, "ok")))
		return show_refusal(invocation, answer);
	return show_imported(invocation, json_object_get(answer, "result"));
}

/* The file alone is judged: the broker has no way to try and not to do. */
static int
show_read(const struct invocation *invocation, const json_t *accounts)
{
	size_t count = json_array_size(accounts);
	json_auto_t *result = NULL;

	result = json_pack(
	    "{s:b, s:I}", "dry_run", 1, "accounts", (json_int_t)count);
	if (invocation_json(invocation))
		exchange_print_json(result);
	else
		printf("%zu account%s read; nothing was sent to portvaktd.\n"
		       "Names and subjects that are in the register already "
		       "are only seen by the real\nimport.\n",
		    count, count == 1 ? "" : "s");
	return EXIT_DONE;
}

int
import(const struct invocation *invocation)
{
	json_auto_t *accounts = NULL;
	int code;

	code = read_accounts(invocation, &accounts);
	if (code)
		return code;
	if (invocation->options[OPTION_DRY_RUN])
		return show_read(invocation, accounts);
	return send_accounts(invocation, accounts);
}
