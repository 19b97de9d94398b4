#include "ctl/import_file.h"

#include "ctl/admin_client.h"
#include "ctl/cleanup.h"
#include "ctl/exchange.h"
#include "ctl/failure.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "ctl/text_file.h"
#include "lib/admin_protocol.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct failure too_large = {EXIT_USAGE, "file-too-large",
    "the file is larger than one import takes",
    "Cut it into files of 50,000 rows."};

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
read_rows(const struct invocation *invocation, const struct import_file *kind,
    json_t **ret_rows)
{
	char error_text[CSV_RECORDS_ERROR_SIZE] = "not enough memory";
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
	error = kind->parse(bytes, size, ret_rows, error_text);
	if (error) {
		(void)snprintf(what, sizeof(what), "%s: %s", name, error_text);
		return refuse_file(invocation, what);
	}
	return EXIT_DONE;
}

static int
show_imported(const struct invocation *invocation,
    const struct import_file *kind, const json_t *result)
{
	json_int_t count =
	    json_integer_value(json_object_get(result, "imported"));

	if (invocation_json(invocation))
		exchange_print_json(result);
	else
		printf("%lld %s%s imported.\n", (long long)count, kind->noun,
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
send_rows(const struct invocation *invocation, const struct import_file *kind,
    json_t *rows)
{
	json_auto_t *request = NULL;
	json_auto_t *answer = NULL;
	int error;

	request = json_pack(
	    "{s:s, s:O}", "command", kind->command, kind->member, rows);
	error = admin_client_ask(request, &answer);
	if (error == -EMSGSIZE)
		return failure_print(invocation, &too_large);
	if (error)
		return failure_print_errno(invocation, error);
	if (!json_is_true(json_object_get(answer, "ok")))
		return show_refusal(invocation, answer);
	return show_imported(
	    invocation, kind, json_object_get(answer, "result"));
}

/* The file alone is judged: the broker has no way to try and not to do. */
static int
show_read(const struct invocation *invocation, const struct import_file *kind,
    const json_t *rows)
{
	size_t count = json_array_size(rows);
	json_auto_t *result = NULL;

	result = json_pack(
	    "{s:b, s:I}", "dry_run", 1, kind->member, (json_int_t)count);
	if (invocation_json(invocation)) {
		exchange_print_json(result);
		return EXIT_DONE;
	}
	printf("%zu %s%s read; nothing was sent to portvaktd.\n", count,
	    kind->noun, count == 1 ? "" : "s");
	text_fold(stdout, kind->unseen, 0, TABLE_WIDTH);
	return EXIT_DONE;
}

int
import_file(const struct invocation *invocation, const struct import_file *kind)
{
	json_auto_t *rows = NULL;
	int code;

	code = read_rows(invocation, kind, &rows);
	if (code)
		return code;
	if (invocation->options[OPTION_DRY_RUN])
		return show_read(invocation, kind, rows);
	return send_rows(invocation, kind, rows);
}
