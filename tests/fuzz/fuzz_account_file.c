/* What is accepted has in every row what an account needs. */
#include "ctl/account_file.h"
#include "lib/name.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void
check_account(const json_t *account)
{
	const char *name = json_string_value(json_object_get(account, "name"));
	const char *subject =
	    json_string_value(json_object_get(account, "subject"));

	if (!name || !name_is_valid(name) || !subject || !*subject)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error_text[ACCOUNT_FILE_ERROR_SIZE] = "";
	json_t *accounts = NULL, *account;
	size_t i;
	int error;

	error =
	    account_file_parse((const char *)data, size, &accounts, error_text);
	if (error) {
		if (error != -EBADMSG || accounts || !*error_text)
			abort();
		return 0;
	}
	if (json_array_size(accounts) == 0)
		abort();
	json_array_foreach (accounts, i, account) {
		check_account(account);
	}
	json_decref(accounts);
	return 0;
}
