#include "broker/config/settings_files.h"

#include "broker/config/settings_source.h"
#include "broker/config/trusted_file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DROP_INS_MAX = 256 };

/* What is read, and for whom. */
struct reading {
	const struct settings_grammar *grammar;
	settings_fn each;
	void *userdata;
	struct config_error *error;
};

static int
read_file(const struct reading *reading, const char *path)
{
	const char *problem = "it cannot be read";
	char *text;
	size_t size;
	int error;

	error = trusted_file_read(
	    path, SETTINGS_SOURCE_SIZE_MAX, &text, &size, &problem);
	if (error)
		return config_error_set(
		    reading->error, error, path, 0, "%s", problem);
	error = settings_read(path, text, size, reading->grammar, reading->each,
	    reading->userdata, reading->error);
	free(text);
	return error;
}

static int
read_in_dir(const struct reading *reading, const char *dir, const char *name)
{
	char path[PATH_MAX];
	int length;

	length = snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (length < 0 || (size_t)length >= sizeof(path))
		return -ENAMETOOLONG;
	return read_file(reading, path);
}

static int
is_drop_in(const struct dirent *entry)
{
	static const char ending[] = ".conf";
	size_t length = strlen(entry->d_name), tail = sizeof(ending) - 1;

	return entry->d_name[0] != '.' && length > tail &&
	       strcmp(entry->d_name + length - tail, ending) == 0;
}

/* By bytes: alphasort() would follow the locale. */
static int
compare_entries(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
read_drop_ins(const struct reading *reading, const char *dir)
{
	struct dirent **entries;
	int i, count, error = 0;

	count = scandir(dir, &entries, is_drop_in, compare_entries);
	if (count < 0)
		return -errno;
	if (count > DROP_INS_MAX)
		error = config_error_set(reading->error, -EINVAL, dir, 0,
		    "more than %d files", DROP_INS_MAX);
	for (i = 0; i < count; i++) {
		if (!error)
			error = read_in_dir(reading, dir, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return error;
}

static int
read_drop_in_dir(
    const struct reading *reading, const char *dir, const char *name)
{
	const char *problem = "it cannot be read";
	char path[PATH_MAX];
	int error, length;

	length = snprintf(path, sizeof(path), "%s/%s.d", dir, name);
	if (length < 0 || (size_t)length >= sizeof(path))
		return -ENAMETOOLONG;
	error = trusted_file_check_directory(path, &problem);
	if (error == -ENOENT)
		return 0;
	if (error)
		return config_error_set(
		    reading->error, error, path, 0, "%s", problem);
	return read_drop_ins(reading, path);
}

int
settings_files_read(const char *dir, const char *name,
    const struct settings_grammar *grammar, settings_fn each, void *userdata,
    struct config_error *ret_error)
{
	const struct reading reading = {grammar, each, userdata, ret_error};
	const char *problem = "it cannot be read";
	int error;

	error = trusted_file_check_directory(dir, &problem);
	if (error)
		return config_error_set(
		    ret_error, error, dir, 0, "%s", problem);
	error = read_in_dir(&reading, dir, name);
	return error ? error : read_drop_in_dir(&reading, dir, name);
}
