#include "ctl/account_file.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

static void
test_reads_accounts(void **state)
{
	static const char file[] = "uid,name,gecos,subject\r\n"
				   "70001,kari,\"Nordmann, Kari\",s-1\r\n"
				   ",ola,,s-2\r\n";
	char error[ACCOUNT_FILE_ERROR_SIZE];
	json_t *accounts = NULL, *expected;

	(void)state;
	assert_int_equal(
	    account_file_parse(file, strlen(file), &accounts, error), 0);
	expected = json_pack("[{s:s, s:s, s:s, s:i}, {s:s, s:s}]", "name",
	    "kari", "subject", "s-1", "gecos", "Nordmann, Kari", "uid", 70001,
	    "name", "ola", "subject", "s-2");
	assert_true(json_equal(accounts, expected));
	json_decref(expected);
	json_decref(accounts);
}

static void
test_refuses_and_says_where(void **state)
{
	static const struct {
		const char *file, *error;
	} refused[] = {
	    {"", "line 1, column 1: the line is empty"},
	    {"name,subject\n", "line 1: no row follows"},
	    {"kari,s-1\n", "line 1: not a column of accounts: kari"},
	    {"name\nkari\n", "line 1: this column is missing: subject"},
	    {"subject\ns\n", "line 1: this column is missing: name"},
	    {"name,subject,name\na,b,c\n", "line 1: a column twice: name"},
	    {"Name,subject\na,b\n", "line 1: not a column of accounts: Name"},
	    {"name,subject\nkari,s\nOla,t\n", "line 3: not a user name: Ola"},
	    {"name,subject\nkari,\n", "line 2: this cell is empty: subject"},
	    {"name,subject\n,s\n", "line 2: this cell is empty: name"},
	    {"name,subject,uid\na,s,-1\n", "line 2: not a uid: -1"},
	    {"name,subject,uid\na,s,4294967296\n",
		"line 2: not a uid: 4294967296"},
	    {"name,subject,uid\na,s,0x10\n", "line 2: not a uid: 0x10"},
	    {"name,subject\na,s\nb,t\na,u\n",
		"line 4: this name stands on line 2 already"},
	    {"name,subject\na,s\nb,s\n",
		"line 3: this subject stands on line 2 already"},
	    {"name,subject,issuer\na,s,i\nb,s,\nc,s,i\n",
		"line 4: this subject stands on line 2 already"},
	    {"name;subject;gecos\na;s;\"Nordmann, Kari\"\n",
		"line 1: columns are separated by commas, not semicolons"},
	    {"name,subject\na,\"b\n",
		"line 2, column 5: the quoted field does not end on its line"},
	};
	char error[ACCOUNT_FILE_ERROR_SIZE];
	json_t *accounts = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_int_equal(account_file_parse(refused[i].file,
				     strlen(refused[i].file), &accounts, error),
		    -EBADMSG);
		assert_string_equal(error, refused[i].error);
		assert_null(accounts);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_accounts),
	    cmocka_unit_test(test_refuses_and_says_where),
	};

	return cmocka_run_group_tests_name("account_file", tests, NULL, NULL);
}
