/* portvaktctl simulate: what other rules would give and take, and from whom. */
#include "ctl/cleanup.h"
#include "ctl/command.h"
#include "ctl/exchange.h"
#include "ctl/failure.h"
#include "ctl/show.h"
#include "ctl/text_file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES_MAX = 256 };

static const struct failure rules_missing = {EXIT_USAGE, "rules-missing",
    "which rules? --rules takes a directory",
    "Copy /etc/portvakt, change the copy, and give its path."};
static const struct failure too_many = {EXIT_USAGE, "too-many-files",
    "there are more than 256 files of rules", "Is it the right directory?"};

static int
refuse_path(const struct invocation *invocation, const char *path, int error)
{
	char text[PATH_MAX + 64];
	struct failure failure = {EXIT_USAGE, "file-invalid", text,
	    "Nothing was simulated. The directory has the files of access.d, "
	    "or access.d itself, and units.conf."};

	(void)snprintf(text, sizeof(text), "%s: %s", path, strerror(-error));
	return failure_print(invocation, &failure);
}

static int
add_file(const struct invocation *invocation, const char *path, bool units,
    json_t *files)
{
	CLEANUP_FREE char *text = NULL;
	json_t *file;
	int error;

	error = text_file_read("", path, &text);
	if (error)
		return refuse_path(invocation, path, error);
	file = json_pack(
	    "{s:s, s:s, s:b}", "name", path, "text", text, "units", units);
	if (!file)
		return refuse_path(invocation, path, -EILSEQ);
	(void)json_array_append_new(files, file);
	return EXIT_DONE;
}

static int
is_rules(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 5 && entry->d_name[0] != '.' &&
	       strcmp(entry->d_name + length - 5, ".conf") == 0 &&
	       strcmp(entry->d_name, "units.conf") != 0;
}

static int
add_entries(const struct invocation *invocation, const char *directory,
    struct dirent **entries, int count, json_t *files)
{
	char path[PATH_MAX];
	int i, code = EXIT_DONE;

	for (i = 0; i < count; i++) {
		if (!code && snprintf(path, sizeof(path), "%s/%s", directory,
				 entries[i]->d_name) < PATH_MAX)
			code = add_file(invocation, path, false, files);
		free(entries[i]);
	}
	free(entries);
	return code;
}

static int
add_directory(
    const struct invocation *invocation, const char *directory, json_t *files)
{
	struct dirent **entries;
	int count;

	count = scandir(directory, &entries, is_rules, alphasort);
	if (count < 0)
		return refuse_path(invocation, directory, -errno);
	return add_entries(invocation, directory, entries, count, files);
}

/* A copy of the whole configuration has its rules one step further down. */
static int
read_rules(const struct invocation *invocation, json_t *files)
{
	const char *directory = invocation->options[OPTION_RULES];
	char below[PATH_MAX], units[PATH_MAX];
	struct stat status;
	int code;

	if (snprintf(below, sizeof(below), "%s/access.d", directory) >=
		PATH_MAX ||
	    snprintf(units, sizeof(units), "%s/units.conf", directory) >=
		PATH_MAX)
		return refuse_path(invocation, directory, -ENAMETOOLONG);
	code = add_directory(
	    invocation, stat(below, &status) == 0 ? below : directory, files);
	if (!code && stat(units, &status) == 0)
		code = add_file(invocation, units, true, files);
	if (!code && json_array_size(files) > FILES_MAX)
		code = failure_print(invocation, &too_many);
	return code;
}

static int
add_row(struct table *table, const json_t *change)
{
	bool gains = json_is_true(json_object_get(change, "gains"));
	const json_t *decision = json_object_get(change, "because");
	const char *const cells[] = {show_text(change, "account"),
	    gains ? "gains" : "loses", show_text(change, "group"),
	    show_text(decision, gains ? "reason" : "wanted")};

	return table_add(table, cells);
}

static int
show_changes(const json_t *result)
{
	static const char *const headings[] = {
	    "ACCOUNT", "CHANGE", "GROUP", "BECAUSE"};
	const json_t *change, *changes = json_object_get(result, "changes");
	json_int_t left_out =
	    json_integer_value(json_object_get(result, "left_out"));
	json_int_t count = (json_int_t)json_array_size(changes) + left_out;
	struct table *table;
	size_t i;
	int error = 0, code;

	if (table_new(sizeof(headings) / sizeof(headings[0]), headings, &table))
		return show_no_memory();
	json_array_foreach (changes, i, change)
		error |= add_row(table, change);
	code = EXIT_DONE;
	if (json_array_size(changes) > 0)
		code = show_table(table, error);
	else
		(void)table_free(table);
	if (left_out > 0)
		printf(
		    "%lld more changes are not shown.\n", (long long)left_out);
	printf("%lld change%s, %lld account%s decided. Nothing was changed.\n",
	    (long long)count, count == 1 ? "" : "s",
	    (long long)json_integer_value(json_object_get(result, "accounts")),
	    json_integer_value(json_object_get(result, "accounts")) == 1 ? ""
									 : "s");
	return code;
}

int
simulate(const struct invocation *invocation)
{
	json_auto_t *files = json_array();
	int code;

	if (!invocation->options[OPTION_RULES])
		return failure_print(invocation, &rules_missing);
	code = read_rules(invocation, files);
	if (code)
		return code;
	return exchange(invocation,
	    json_pack("{s:s, s:O}", "command", "simulate", "files", files),
	    show_changes);
}
