#include "ctl/account_file.h"

#include "ctl/number.h"
#include "lib/name.h"

#include <errno.h>
#include <stdio.h>

static json_t *
read_name(const char *cell, const char **ret_wrong)
{
	if (name_is_valid(cell))
		return json_string(cell);
	*ret_wrong = "not a user name";
	return NULL;
}

static json_t *
read_uid(const char *cell, const char **ret_wrong)
{
	uint32_t uid;

	if (number_parse(cell, &uid) == 0)
		return json_integer(uid);
	*ret_wrong = "not a uid";
	return NULL;
}

static const struct csv_column columns[] = {
    {"name", true, read_name},
    {"subject", true, NULL},
    {"issuer", false, NULL},
    {"uid", false, read_uid},
    {"gecos", false, NULL},
    {"home", false, NULL},
    {"shell", false, NULL},
};

/* seen has each key with the line where it stood first. */
static int
check_new(json_t *seen, const char *key, const char *what, size_t row,
    char *ret_error)
{
	const json_t *line = json_object_get(seen, key);
	char text[64];

	if (line) {
		(void)snprintf(text, sizeof(text),
		    "%s stands on line %lld already", what,
		    (long long)json_integer_value(line));
		return csv_records_refuse(ret_error, row, text, NULL);
	}
	return json_object_set_new(seen, key, json_integer((json_int_t)row + 1))
		   ? -ENOMEM
		   : 0;
}

/* A subject is one of its issuer; no cell has a newline in it. */
static int
check_subject(json_t *seen, const json_t *account, size_t row, char *ret_error)
{
	const char *issuer =
	    json_string_value(json_object_get(account, "issuer"));
	json_auto_t *key = json_sprintf("%s\n%s", issuer ? issuer : "",
	    json_string_value(json_object_get(account, "subject")));

	return key ? check_new(seen, json_string_value(key), "this subject",
			 row, ret_error)
		   : -ENOMEM;
}

static int
check_duplicates(const json_t *accounts, char *ret_error)
{
	json_auto_t *names = json_object();
	json_auto_t *subjects = json_object();
	const json_t *account;
	size_t i;
	int error;

	json_array_foreach (accounts, i, account) {
		error = check_new(names,
		    json_string_value(json_object_get(account, "name")),
		    "this name", i + 1, ret_error);
		if (!error)
			error =
			    check_subject(subjects, account, i + 1, ret_error);
		if (error)
			return error;
	}
	return 0;
}

int
account_file_parse(const char *bytes, size_t size, json_t **ret_accounts,
    char ret_error[static ACCOUNT_FILE_ERROR_SIZE])
{
	json_auto_t *accounts = json_array();
	int error;

	if (!accounts)
		return -ENOMEM;
	error = csv_records_parse(bytes, size, "accounts", columns,
	    sizeof(columns) / sizeof(columns[0]), accounts, ret_error);
	if (!error)
		error = check_duplicates(accounts, ret_error);
	if (!error)
		*ret_accounts = json_incref(accounts);
	return error;
}
