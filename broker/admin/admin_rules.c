#include "broker/admin/admin_rules.h"

#include "broker/admin/admin_answer.h"
#include "broker/register/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void
free_files(struct policy_files **files)
{
	policy_files_free(*files);
}

static void
free_record(void **record)
{
	free(*record);
}

#define FILES __attribute__((cleanup(free_files))) struct policy_files

static json_t *
interpret(struct broker *broker, const struct policy_files *files,
    bool was_in_force, struct policy_text **ret_text)
{
	const struct rules_place place = {
	    .catalogue_dir = broker->paths.catalogue_dir,
	    .config_dir = broker->paths.config_dir,
	    .local_dir = broker->paths.local_dir,
	    .db = broker->db,
	};
	const struct config *config = broker->realm->config;
	struct config_error problem = {""};
	struct policy_text *text = NULL;
	int error;

	error = rules_interpret(
	    files, was_in_force, &place, config, &text, &problem);
	/* What was in force once had been looked at then. */
	if (!error && !was_in_force)
		error = rules_check(
		    &place, config, policy_text_policy(text), &problem);
	if (error) {
		policy_text_free(text);
		return admin_error(was_in_force ? "failed" : "rules-invalid",
		    problem.text[0] ? problem.text
				    : "the rules cannot be read");
	}
	*ret_text = text;
	return NULL;
}

json_t *
admin_rules_at(
    struct broker *broker, int64_t as_of_s, struct policy_text **ret_text)
{
	__attribute__((cleanup(free_record))) void *record = NULL;
	FILES *files = NULL;
	enum register_result result;
	size_t size;

	result = history_rules_at(broker->db, as_of_s, &record, &size);
	if (result == REGISTER_NOT_FOUND)
		return admin_error("rules-unknown",
		    "which rules were in force then is not known");
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	if (policy_files_get(record, size, &files))
		return admin_error(
		    "failed", "the rules of that time are damaged");
	return interpret(broker, files, true, ret_text);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool
is_replaced(const struct policy_file *shipped, const json_t *files)
{
	const json_t *file;
	const char *name;
	size_t i;

	json_array_foreach (files, i, file) {
		name = admin_text(file, "name");
		if (name &&
		    strcmp(base_name(name), base_name(shipped->name)) == 0)
			return true;
	}
	return false;
}

static int
add_shipped(struct broker *broker, const json_t *files,
    struct policy_files *set, struct config_error *ret_error)
{
	FILES *shipped = NULL;
	const struct policy_file *file;
	int error;
	size_t i;

	/* Nothing of the configuration stands below the catalogue. */
	error = policy_files_read(broker->paths.catalogue_dir,
	    broker->paths.catalogue_dir, &shipped, ret_error);
	for (i = 0; !error && i < shipped->count; i++) {
		file = &shipped->files[i];
		if (file->units || is_replaced(file, files))
			continue;
		error = policy_files_add(
		    set, file->name, file->text, file->size, true, false);
	}
	return error;
}

/* One that holds nothing but comments removes its service. */
static bool
is_empty(const char *text)
{
	for (;;) {
		text += strspn(text, " \t\r\n");
		if (*text != '#')
			return *text == '\0';
		text += strcspn(text, "\n");
	}
}

static int
add_given(const json_t *files, struct policy_files *set, bool *ret_has_units)
{
	const json_t *file;
	size_t i;
	int error = 0;

	json_array_foreach (files, i, file) {
		bool units = json_is_true(json_object_get(file, "units"));
		const char *name = admin_text(file, "name");
		const char *text = admin_text(file, "text");

		if (!name || !text)
			return -EINVAL;
		*ret_has_units |= units;
		if (!is_empty(text))
			error = policy_files_add(
			    set, name, text, strlen(text), false, units);
		if (error)
			return error;
	}
	return 0;
}

static int
add_units_in_force(struct broker *broker, struct policy_files *set)
{
	const struct policy_files *force = broker->realm->rules->files;
	size_t i;

	for (i = 0; i < force->count; i++) {
		if (force->files[i].units)
			return policy_files_add(set, force->files[i].name,
			    force->files[i].text, force->files[i].size, false,
			    true);
	}
	return 0;
}

json_t *
admin_rules_of(
    struct broker *broker, const json_t *files, struct policy_text **ret_text)
{
	struct config_error problem = {""};
	bool has_units = false;
	FILES *set = calloc(1, sizeof(*set));
	int error;

	if (!set)
		return admin_error("failed", "out of memory");
	error = add_given(files, set, &has_units);
	if (!error)
		error = add_shipped(broker, files, set, &problem);
	if (!error && !has_units)
		error = add_units_in_force(broker, set);
	if (error == -EINVAL && !problem.text[0])
		return admin_bad_request("a file has a name and a text");
	if (error)
		return admin_error("rules-invalid",
		    problem.text[0] ? problem.text : strerror(-error));
	return interpret(broker, set, false, ret_text);
}
