#include "ctl/import_file.h"

#include "ctl/admin_client.h"
#include "ctl/cleanup.h"
#include "ctl/exchange.h"
#include "ctl/failure.h"
#include "ctl/show.h"
#include "ctl/text.h"
#include "ctl/text_file.h"
#include "lib/admin_protocol.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

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

/* What is sent, and on which line of the file each of it stands. */
struct batch {
	const struct import_file *kind;
	json_t *rows;
	json_t *lines;
	size_t past; /* left out */
};

static void
batch_done(struct batch *batch)
{
	json_decref(batch->rows);
	json_decref(batch->lines);
}

#define BATCH __attribute__((cleanup(batch_done))) struct batch

/* The header is line 1. */
static int
batch_fill(struct batch *batch, const json_t *read)
{
	const struct import_file *kind = batch->kind;
	int64_t now_s = time(NULL);
	json_t *row;
	size_t i;

	batch->rows = json_array();
	batch->lines = json_array();
	json_array_foreach (read, i, row) {
		if (kind->is_past && kind->is_past(row, now_s)) {
			batch->past++;
			continue;
		}
		if (json_array_append(batch->rows, row) ||
		    json_array_append_new(
			batch->lines, json_integer((json_int_t)i + 2)))
			return show_no_memory();
	}
	return EXIT_DONE;
}

static void
print_count(const struct import_file *kind, json_int_t count, const char *what)
{
	printf("%lld %s%s %s.\n", (long long)count, kind->noun,
	    count == 1 ? "" : "s", what);
}

static void
print_skipped(size_t count)
{
	printf("Withdrawn or over, skipped: %zu.\n", count);
}

static int
show_imported(const struct invocation *invocation, const struct batch *batch,
    json_t *result)
{
	json_int_t begins_now =
	    json_integer_value(json_object_get(result, "begins_now"));

	if (batch->kind->is_past)
		(void)json_object_set_new(
		    result, "skipped", json_integer((json_int_t)batch->past));
	if (invocation_json(invocation)) {
		exchange_print_json(result);
		return EXIT_DONE;
	}
	print_count(batch->kind,
	    json_integer_value(json_object_get(result, "imported")),
	    "imported");
	if (begins_now)
		printf("Began in the past by the file, begins now: %lld.\n",
		    (long long)begins_now);
	if (batch->past)
		print_skipped(batch->past);
	return EXIT_DONE;
}

/* The broker counts rows; people count lines. */
static int
show_refusal(const struct invocation *invocation, const struct batch *batch,
    const json_t *answer)
{
	json_int_t row = json_integer_value(json_object_get(answer, "row"));
	const json_t *line = NULL;
	char place[1024];

	if (row > 0)
		line = json_array_get(batch->lines, (size_t)row - 1);
	if (!line)
		return failure_print_answer(invocation, answer, NULL);
	(void)snprintf(place, sizeof(place), "%s: line %lld",
	    invocation->words[0], (long long)json_integer_value(line));
	return failure_print_answer(invocation, answer, place);
}

static int
send_rows(const struct invocation *invocation, const struct batch *batch)
{
	json_auto_t *request = NULL;
	json_auto_t *answer = NULL;
	int error;

	request = json_pack("{s:s, s:O}", "command", batch->kind->command,
	    batch->kind->member, batch->rows);
	error = admin_client_ask(request, &answer);
	if (error == -EMSGSIZE)
		return failure_print(invocation, &too_large);
	if (error)
		return failure_print_errno(invocation, error);
	if (!json_is_true(json_object_get(answer, "ok")))
		return show_refusal(invocation, batch, answer);
	return show_imported(
	    invocation, batch, json_object_get(answer, "result"));
}

/* The file alone is judged: the broker has no way to try and not to do. */
static int
show_read(const struct invocation *invocation, const struct batch *batch)
{
	const struct import_file *kind = batch->kind;
	json_int_t count = (json_int_t)json_array_size(batch->rows);
	json_auto_t *result = NULL;

	result = json_pack("{s:b, s:I}", "dry_run", 1, kind->member, count);
	if (kind->is_past)
		(void)json_object_set_new(
		    result, "skipped", json_integer((json_int_t)batch->past));
	if (invocation_json(invocation)) {
		exchange_print_json(result);
		return EXIT_DONE;
	}
	print_count(kind, count, "read; nothing was sent to portvaktd");
	if (batch->past)
		print_skipped(batch->past);
	text_fold(stdout, kind->unseen, 0, TABLE_WIDTH);
	return EXIT_DONE;
}

int
import_file(const struct invocation *invocation, const struct import_file *kind)
{
	static const struct failure all_past = {EXIT_USAGE, "file-invalid",
	    "every row of the file is withdrawn or over",
	    "Nothing was imported: there is nothing in it to put in force."};
	json_auto_t *read = NULL;
	BATCH batch = {.kind = kind};
	int code;

	code = read_rows(invocation, kind, &read);
	if (!code)
		code = batch_fill(&batch, read);
	if (code)
		return code;
	if (json_array_size(batch.rows) == 0)
		return failure_print(invocation, &all_past);
	if (invocation->options[OPTION_DRY_RUN])
		return show_read(invocation, &batch);
	return send_rows(invocation, &batch);
}
