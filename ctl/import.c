/* portvaktctl import: a file of accounts, all of them or none. */
#include "ctl/account_file.h"
#include "ctl/import_file.h"

static const struct import_file file_of_accounts = {
    .parse = account_file_parse,
    .command = "account-import",
    .member = "accounts",
    .noun = "account",
    .unseen = "Names and subjects that are in the register already are only "
	      "seen by the real import.",
};

int
import(const struct invocation *invocation)
{
	return import_file(invocation, &file_of_accounts);
}
