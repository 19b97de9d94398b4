/*
 * The file that portvaktctl import reads: CSV (ctl/csv.h) whose first row names
 * the columns: name and subject, and in any order issuer, uid, gecos, home,
 * shell. An empty cell counts as not given. No name and no subject of an issuer
 * stands there twice.
 */
#pragma once

#include "ctl/csv_records.h"

#include <jansson.h>
#include <stddef.h>

enum {
	ACCOUNT_FILE_ERROR_SIZE = CSV_RECORDS_ERROR_SIZE,
};

/*
 * Turns the file's text into the "accounts" of an account-import: row n, from
 * 1, stands on line n + 1. 0, -ENOMEM, or -EBADMSG with the fault as "line L,
 * column C: what" in ret_error.
 */
int account_file_parse(const char *bytes, size_t size, json_t **ret_accounts,
    char ret_error[static ACCOUNT_FILE_ERROR_SIZE]);
