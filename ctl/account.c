/* portvaktctl account: who is registered, and who may log in. */
#include "ctl/command.h"
#include "ctl/exchange.h"
#include "ctl/failure.h"
#include "ctl/number.h"
#include "ctl/show.h"
#include "ctl/text.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct failure uid_invalid = {EXIT_USAGE, "uid-invalid",
    "--uid takes a number", "Leave it out and the next free one is taken."};
static const struct failure reason_missing = {EXIT_USAGE, "reason-missing",
    "a lock needs its --reason",
    "It is kept with the account: --reason \"on leave until 1 June\"."};
static const struct failure unconfirmed = {EXIT_REFUSED, "unconfirmed",
    "nothing was removed", "Answer yes, or give --yes."};

static int
no_memory(void)
{
	fputs("portvaktctl: not enough memory\n", stderr);
	return EXIT_REFUSED;
}

static const char *
state_text(const json_t *account)
{
	return json_is_true(json_object_get(account, "locked")) ? "locked"
								: "open";
}

static int
fill(struct table *table, const json_t *account)
{
	char created[32], login[32], groups[SHOW_SIZE];
	int error = 0;

	show_time(
	    json_object_get(account, "created_at"), created, sizeof(created));
	show_time(
	    json_object_get(account, "last_login_at"), login, sizeof(login));
	show_list(json_object_get(account, "groups"), groups, sizeof(groups));
	error |= show_field(table, "name", show_text(account, "name"));
	error |=
	    show_field_number(table, "uid", json_object_get(account, "uid"));
	error |= show_field(table, "state", state_text(account));
	if (json_is_true(json_object_get(account, "locked")))
		error |= show_field(
		    table, "reason", show_text(account, "lock_reason"));
	error |= show_field(table, "full name", show_text(account, "gecos"));
	error |= show_field(table, "home", show_text(account, "home"));
	error |= show_field(table, "shell", show_text(account, "shell"));
	error |= show_field(table, "issuer", show_text(account, "issuer"));
	error |= show_field(table, "subject", show_text(account, "subject"));
	error |= show_field(table, "groups", groups);
	error |= show_field(table, "created", created);
	error |= show_field(table, "last login", login);
	return error;
}

static int
show_account(const json_t *result)
{
	struct table *table;
	int error;

	if (table_new(2, NULL, &table))
		return no_memory();
	error = fill(table, json_object_get(result, "account"));
	if (!error)
		table_print(table, stdout);
	(void)table_free(table);
	return error ? no_memory() : EXIT_DONE;
}

static int
add_row(struct table *table, const json_t *account)
{
	char uid[16], login[32], groups[SHOW_SIZE];
	const char *const cells[] = {show_text(account, "name"), uid,
	    state_text(account), login, show_text(account, "gecos"), groups};

	(void)snprintf(uid, sizeof(uid), "%lld",
	    (long long)json_integer_value(json_object_get(account, "uid")));
	show_time(
	    json_object_get(account, "last_login_at"), login, sizeof(login));
	show_list(json_object_get(account, "groups"), groups, sizeof(groups));
	return table_add(table, cells);
}

static int
show_accounts(const json_t *result)
{
	static const char *const headings[] = {
	    "NAME", "UID", "STATE", "LAST LOGIN", "FULL NAME", "GROUPS"};
	struct table *table;
	json_t *account;
	size_t i;
	int error;

	error =
	    table_new(sizeof(headings) / sizeof(headings[0]), headings, &table);
	if (error)
		return no_memory();
	json_array_foreach (json_object_get(result, "accounts"), i, account) {
		error |= add_row(table, account);
	}
	if (!error)
		table_print(table, stdout);
	(void)table_free(table);
	return error ? no_memory() : EXIT_DONE;
}

static json_t *
named(const char *command, const struct invocation *invocation)
{
	return json_pack(
	    "{s:s, s:s}", "command", command, "name", invocation->words[0]);
}

int
account_add(const struct invocation *invocation)
{
	const char *const *options = invocation->options;
	json_t *request;
	uint32_t uid;

	request = json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:s*, s:s*}",
	    "command", "account-add", "name", invocation->words[0], "subject",
	    invocation->words[1], "issuer", options[OPTION_ISSUER], "gecos",
	    options[OPTION_GECOS], "home", options[OPTION_HOME], "shell",
	    options[OPTION_SHELL]);
	if (options[OPTION_UID]) {
		if (number_parse(options[OPTION_UID], &uid)) {
			json_decref(request);
			return failure_print(invocation, &uid_invalid);
		}
		(void)json_object_set_new(request, "uid", json_integer(uid));
	}
	return exchange(invocation, request, show_account);
}

/* Hands over the accounts of one answer, and the name to go on after. */
static int
list_some(const struct invocation *invocation, const char *after,
    json_t *accounts, json_t **ret_next)
{
	json_auto_t *result = NULL;
	int code;

	code = exchange_ask(invocation,
	    json_pack("{s:s, s:s*}", "command", "account-list", "after", after),
	    &result);
	if (code)
		return code;
	if (json_array_extend(accounts, json_object_get(result, "accounts")))
		return failure_print_errno(invocation, -EBADMSG);
	*ret_next = json_incref(json_object_get(result, "next"));
	return EXIT_DONE;
}

/* More accounts than one answer holds come in several, ever further on. */
static int
list_all(const struct invocation *invocation, json_t *accounts)
{
	json_auto_t *after = NULL;
	const char *from = NULL, *to;
	json_t *next = NULL;
	int code;

	for (;;) {
		code = list_some(invocation, from, accounts, &next);
		if (code)
			return code;
		to = json_string_value(next);
		if (to && from && strcmp(to, from) <= 0)
			code = failure_print_errno(invocation, -EBADMSG);
		json_decref(after);
		after = next;
		if (code || !to)
			return code;
		from = to;
	}
}

int
account_list(const struct invocation *invocation)
{
	json_auto_t *result = json_pack("{s:[]}", "accounts");
	int code;

	code = list_all(invocation, json_object_get(result, "accounts"));
	if (code)
		return code;
	if (!invocation_json(invocation))
		return show_accounts(result);
	exchange_print_json(result);
	return EXIT_DONE;
}

int
account_show(const struct invocation *invocation)
{
	return exchange(
	    invocation, named("account-show", invocation), show_account);
}

/* A lock stops logins; who is in already stays. */
static int
show_locked(const json_t *result)
{
	int code = show_account(result);

	fputs("Sessions that are open go on: loginctl terminate-user ", stdout);
	(void)text_put(stdout,
	    show_text(json_object_get(result, "account"), "name"), SIZE_MAX);
	putchar('\n');
	return code;
}

int
account_lock(const struct invocation *invocation)
{
	const char *reason = invocation->options[OPTION_REASON];

	if (!reason || !*reason)
		return failure_print(invocation, &reason_missing);
	return exchange(invocation,
	    json_pack("{s:s, s:s, s:s}", "command", "account-lock", "name",
		invocation->words[0], "reason", reason),
	    show_locked);
}

int
account_unlock(const struct invocation *invocation)
{
	return exchange(
	    invocation, named("account-unlock", invocation), show_account);
}

/* Only a terminal can be asked; a script says --yes. */
static bool
is_confirmed(const struct invocation *invocation)
{
	char answer[16];

	if (invocation->options[OPTION_YES])
		return true;
	if (!isatty(STDIN_FILENO))
		return false;
	fputs("Remove the account ", stderr);
	(void)text_put(stderr, invocation->words[0], 64);
	fputs("? The person can log in no more. Type yes: ", stderr);
	return fgets(answer, sizeof(answer), stdin) &&
	       strcmp(answer, "yes\n") == 0;
}

/* Nobody else is going to clear it away, and its owner has no name now. */
static void
show_left(const json_t *account)
{
	const char *home = json_string_value(json_object_get(account, "home"));
	struct stat status;

	puts("The account is removed; its uid is not used again.");
	if (!home || lstat(home, &status) < 0)
		return;
	fputs("Still there: ", stdout);
	(void)text_put(stdout, home, SIZE_MAX);
	printf(", which belongs to uid %u.\n", status.st_uid);
}

int
account_remove(const struct invocation *invocation)
{
	json_auto_t *known = NULL, *result = NULL;
	int code;

	if (!is_confirmed(invocation))
		return failure_print(invocation, &unconfirmed);
	code =
	    exchange_ask(invocation, named("account-show", invocation), &known);
	if (!code)
		code = exchange_ask(
		    invocation, named("account-remove", invocation), &result);
	if (code)
		return code;
	if (invocation_json(invocation))
		exchange_print_json(result);
	else
		show_left(json_object_get(known, "account"));
	return EXIT_DONE;
}
