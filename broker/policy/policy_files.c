#include "broker/policy/policy_files.h"

#include "broker/config/settings_source.h"
#include "broker/config/trusted_file.h"
#include "lib/buf.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	RECORD_VERSION = 1,
	FLAG_SHIPPED = 1,
	FLAG_UNITS = 2,
	RECORD_HEAD_SIZE = 1 + 4, /* version, count of files */
	RECORD_FILE_SIZE = 1 + 4 + 4, /* flags, and two lengths */
};

/* The rule files of one directory. */
struct listing {
	const char *dir;
	struct dirent **entries; /* by name */
	int count;
};

static void
listing_done(struct listing *listing)
{
	int i;

	for (i = 0; i < listing->count; i++)
		free(listing->entries[i]);
	free(listing->entries);
}

static void
free_files(struct policy_files **files)
{
	policy_files_free(*files);
}

static void
free_text(char **text)
{
	free(*text);
}

struct policy_files *
policy_files_free(struct policy_files *files)
{
	size_t i;

	if (!files)
		return NULL;
	for (i = 0; i < files->count; i++) {
		free(files->files[i].name);
		free(files->files[i].text);
	}
	free(files);
	return NULL;
}

static size_t
whole_size(const struct policy_files *files)
{
	size_t i, size = 0;

	for (i = 0; i < files->count; i++)
		size += files->files[i].size;
	return size;
}

/* Where a file of this name stands, or would. */
static size_t
find_place(const struct policy_files *files, const char *name)
{
	size_t at = 0;

	while (at < files->count && strcmp(files->files[at].name, name) < 0)
		at++;
	return at;
}

static int
copy_file(
    const char *name, const char *text, size_t size, struct policy_file *file)
{
	file->name = strdup(name);
	file->text = malloc(size + 1);
	if (!file->name || !file->text) {
		free(file->name);
		free(file->text);
		return -ENOMEM;
	}
	memcpy(file->text, text, size);
	file->text[size] = '\0';
	file->size = size;
	return 0;
}

int
policy_files_add(struct policy_files *files, const char *name, const char *text,
    size_t size, bool shipped, bool units)
{
	struct policy_file file = {.shipped = shipped, .units = units};
	size_t at = find_place(files, name);
	int error;

	if (at < files->count && strcmp(files->files[at].name, name) == 0)
		return -EEXIST;
	if (files->count == POLICY_FILES_MAX ||
	    size > POLICY_FILES_SIZE_MAX - whole_size(files))
		return -E2BIG;
	error = copy_file(name, text, size, &file);
	if (error)
		return error;
	memmove(&files->files[at + 1], &files->files[at],
	    (files->count - at) * sizeof(file));
	files->files[at] = file;
	files->count++;
	return 0;
}

static int
is_rule_file(const struct dirent *entry)
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
list_dir(
    const char *dir, struct listing *ret_listing, struct config_error *error)
{
	const char *problem = "it cannot be read";
	struct dirent **entries;
	int count, result;

	result = trusted_file_check_directory(dir, &problem);
	if (result == -ENOENT)
		return 0;
	if (result)
		return config_error_set(error, result, dir, 0, "%s", problem);
	count = scandir(dir, &entries, is_rule_file, compare_entries);
	if (count < 0)
		return config_error_set(
		    error, -errno, dir, 0, "%s", strerror(errno));
	*ret_listing = (struct listing){dir, entries, count};
	return 0;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Has the administrator a file of this name, so that ours is not read? */
static bool
is_hidden(const struct policy_files *own, const char *name)
{
	size_t i;

	for (i = 0; i < own->count; i++) {
		if (!own->files[i].units &&
		    strcmp(base_name(own->files[i].name), name) == 0)
			return true;
	}
	return false;
}

/* Nothing but comments and space: so a service of the catalogue is removed. */
static bool
is_blank(const struct policy_file *file)
{
	const char *text = file->text;

	if (strlen(text) != file->size)
		return false;
	for (;;) {
		text += strspn(text, " \t\n");
		if (*text != '#')
			return *text == '\0';
		text += strcspn(text, "\n");
	}
}

static int
add_checked(struct policy_files *files, const struct policy_file *file,
    struct config_error *error)
{
	int result;

	result = policy_files_add(files, file->name, file->text, file->size,
	    file->shipped, file->units);
	if (result == -E2BIG)
		return config_error_set(error, result, file->name, 0,
		    "the rules are more than %d files or %d bytes with this "
		    "one: remove what is not used",
		    POLICY_FILES_MAX, POLICY_FILES_SIZE_MAX);
	return result;
}

static int
read_file(struct policy_files *files, char *path, bool shipped, bool units,
    struct config_error *error)
{
	struct policy_file file = {
	    .name = path, .shipped = shipped, .units = units};
	const char *problem = "it cannot be read";
	int result;

	result = trusted_file_read(
	    path, SETTINGS_SOURCE_SIZE_MAX, &file.text, &file.size, &problem);
	if (result == -ENOENT && units)
		return 0;
	if (result)
		return config_error_set(error, result, path, 0, "%s", problem);
	result = add_checked(files, &file, error);
	free(file.text);
	return result;
}

static int
make_path(const char *dir, const char *name, char *ret_path,
    struct config_error *error)
{
	int length;

	length = snprintf(ret_path, PATH_MAX, "%s/%s", dir, name);
	if (length < 0 || length >= PATH_MAX)
		return config_error_set(error, -ENAMETOOLONG, dir, 0,
		    "%s: the path is too long", name);
	return 0;
}

/* own: what is of the catalogue, and hidden by one of these, is not read. */
static int
read_listing(struct policy_files *files, const struct listing *listing,
    const struct policy_files *own, struct config_error *error)
{
	char path[PATH_MAX];
	int i, result = 0;

	for (i = 0; !result && i < listing->count; i++) {
		const char *name = listing->entries[i]->d_name;

		if (own && is_hidden(own, name))
			continue;
		result = make_path(listing->dir, name, path, error);
		if (!result)
			result =
			    read_file(files, path, own != NULL, false, error);
	}
	return result;
}

/* Whoever can write where the rules lie can put others in their place. */
static int
check_dir(const char *dir, struct config_error *error)
{
	const char *problem = "it cannot be read";
	int result;

	result = trusted_file_check_directory(dir, &problem);
	if (result && result != -ENOENT)
		return config_error_set(error, result, dir, 0, "%s", problem);
	return 0;
}

/* access.d and units.conf, those that take a service away as well. */
static int
read_own(struct policy_files *own, const char *config_dir,
    struct config_error *error)
{
	__attribute__((cleanup(listing_done))) struct listing listing = {0};
	char path[PATH_MAX];
	int result;

	result = check_dir(config_dir, error);
	if (!result)
		result = make_path(config_dir, "access.d", path, error);
	if (!result)
		result = list_dir(path, &listing, error);
	if (!result)
		result = read_listing(own, &listing, NULL, error);
	if (!result)
		result = make_path(config_dir, "units.conf", path, error);
	return result ? result : read_file(own, path, false, true, error);
}

static int
read_over(struct policy_files *files, const char *catalogue_dir,
    const struct policy_files *own, struct config_error *error)
{
	__attribute__((cleanup(listing_done))) struct listing listing = {0};
	size_t i;
	int result;

	result = list_dir(catalogue_dir, &listing, error);
	if (!result)
		result = read_listing(files, &listing, own, error);
	for (i = 0; !result && i < own->count; i++) {
		if (!is_blank(&own->files[i]))
			result = add_checked(files, &own->files[i], error);
	}
	return result;
}

/* An error that has no words yet gets those of errno. */
static int
explain(int result, const char *dir, struct config_error *error)
{
	if (result && error->text[0] == '\0')
		(void)config_error_set(
		    error, result, dir, 0, "%s", strerror(-result));
	return result;
}

int
policy_files_over_catalogue(const char *catalogue_dir,
    const struct policy_files *own, struct policy_files **ret_files,
    struct config_error *ret_error)
{
	__attribute__((cleanup(free_files))) struct policy_files *files = NULL;
	int result = -ENOMEM;

	ret_error->text[0] = '\0';
	files = calloc(1, sizeof(*files));
	if (files)
		result = read_over(files, catalogue_dir, own, ret_error);
	if (result)
		return explain(result, catalogue_dir, ret_error);
	*ret_files = files;
	files = NULL;
	return 0;
}

int
policy_files_read(const char *catalogue_dir, const char *config_dir,
    struct policy_files **ret_files, struct config_error *ret_error)
{
	__attribute__((cleanup(free_files))) struct policy_files *own = NULL;
	int result = -ENOMEM;

	ret_error->text[0] = '\0';
	own = calloc(1, sizeof(*own));
	if (own)
		result = read_own(own, config_dir, ret_error);
	if (result)
		return explain(result, config_dir, ret_error);
	return policy_files_over_catalogue(
	    catalogue_dir, own, ret_files, ret_error);
}

/*
 * The record: u8 version, u32 count, and for each file, by name:
 * u8 flags, its name, its text (u32 length and the bytes).
 */
static int
put_file(struct buf_writer *w, const struct policy_file *file)
{
	uint8_t flags = (uint8_t)((file->shipped ? FLAG_SHIPPED : 0) |
				  (file->units ? FLAG_UNITS : 0));
	int error;

	error = buf_put_u8(w, flags);
	if (!error)
		error = buf_put_string(w, file->name);
	return error ? error : buf_put_bytes(w, file->text, file->size);
}

static size_t
record_size(const struct policy_files *files)
{
	size_t i, size = RECORD_HEAD_SIZE;

	for (i = 0; i < files->count; i++)
		size += RECORD_FILE_SIZE + strlen(files->files[i].name) +
			files->files[i].size;
	return size;
}

int
policy_files_put(
    const struct policy_files *files, void **ret_record, size_t *ret_size)
{
	size_t i, size = record_size(files);
	struct buf_writer w;
	void *record;
	int error;

	record = malloc(size);
	if (!record)
		return -ENOMEM;
	buf_writer_init(&w, record, size);
	error = buf_put_u8(&w, RECORD_VERSION);
	if (!error)
		error = buf_put_u32(&w, (uint32_t)files->count);
	for (i = 0; !error && i < files->count; i++)
		error = put_file(&w, &files->files[i]);
	if (error) {
		free(record);
		return error;
	}
	*ret_record = record;
	*ret_size = size;
	return 0;
}

static int
get_name(struct buf_reader *r, char **ret_name)
{
	const uint8_t *bytes = NULL;
	size_t size = 0;
	char *name;
	int error;

	error = buf_get_bytes(r, PATH_MAX - 1, &bytes, &size);
	if (error)
		return error;
	if (size == 0 || memchr(bytes, '\0', size))
		return -EBADMSG;
	name = strndup((const char *)bytes, size);
	if (!name)
		return -ENOMEM;
	*ret_name = name;
	return 0;
}

static int
get_file(struct buf_reader *r, struct policy_files *files)
{
	__attribute__((cleanup(free_text))) char *name = NULL;
	const uint8_t *text = NULL;
	size_t size = 0;
	uint8_t flags = 0;
	int error;

	error = buf_get_u8(r, &flags);
	if (!error)
		error = get_name(r, &name);
	if (!error)
		error = buf_get_bytes(r, POLICY_FILES_SIZE_MAX, &text, &size);
	if (error)
		return error;
	if (flags > (FLAG_SHIPPED | FLAG_UNITS) ||
	    find_place(files, name) != files->count)
		return -EBADMSG;
	error = policy_files_add(files, name, (const char *)text, size,
	    flags & FLAG_SHIPPED, flags & FLAG_UNITS);
	return error == -E2BIG || error == -EEXIST ? -EBADMSG : error;
}

int
policy_files_get(
    const void *record, size_t size, struct policy_files **ret_files)
{
	__attribute__((cleanup(free_files))) struct policy_files *files = NULL;
	struct buf_reader r;
	uint8_t version = 0;
	uint32_t i, count = 0;
	int error;

	files = calloc(1, sizeof(*files));
	if (!files)
		return -ENOMEM;
	buf_reader_init(&r, record, size);
	error = buf_get_u8(&r, &version);
	if (!error)
		error = buf_get_u32(&r, &count);
	if (!error && (version != RECORD_VERSION || count > POLICY_FILES_MAX))
		return -EBADMSG;
	for (i = 0; !error && i < count; i++)
		error = get_file(&r, files);
	if (!error)
		error = buf_get_end(&r);
	if (error)
		return error;
	*ret_files = files;
	files = NULL;
	return 0;
}
