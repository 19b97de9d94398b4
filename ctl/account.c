/* portvaktctl account: who is registered, and who may log in. */
#include "ctl/command.h"
#include "ctl/exchange.h"
#include "ctl/failure.h"
#include "ctl/number.h"
#include "ctl/pages.h"
#include "ctl/pid.h"
#include "ctl/session_end.h"
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
static const struct failure who_missing = {EXIT_USAGE, "subject-missing",
    "an account is one person's: give the subject, or --pid",
    "With --pid the identity number is read from standard input, and the "
    "subject is that of the first login with it."};
static const struct failure not_utf8 = {
    EXIT_USAGE, "not-utf8", "an argument is not UTF-8", "Use a UTF-8 locale."};
static const struct failure unconfirmed = {EXIT_REFUSED, "unconfirmed",
    "nothing was removed", "Answer yes, or give --yes."};

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

	if (table_new(2, NULL, &table))
		return show_no_memory();
	return show_table(
	    table, fill(table, json_object_get(result, "account")));
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
		return show_no_memory();
	json_array_foreach (json_object_get(result, "accounts"), i, account) {
		error |= add_row(table, account);
	}
	return show_table(table, error);
}

static json_t *
named(const char *command, const struct invocation *invocation)
{
	return json_pack(
	    "{s:s, s:s}", "command", command, "name", invocation->words[0]);
}

/* The subject stands on the command line, or the first login will bring it. */
static int
add_person(const struct invocation *invocation, json_t *request)
{
	const char *subject = invocation_word(invocation, 1);
	bool by_pid = invocation->options[OPTION_PID] != NULL;

	if (by_pid == (subject != NULL))
		return failure_print(invocation, &who_missing);
	if (by_pid)
		return pid_read(invocation, request);
	return json_object_set_new(request, "subject", json_string(subject))
		   ? failure_print(invocation, &not_utf8)
		   : EXIT_DONE;
}

static int
add_uid(const struct invocation *invocation, json_t *request)
{
	const char *text = invocation->options[OPTION_UID];
	uint32_t uid;

	if (!text)
		return EXIT_DONE;
	if (number_parse(text, &uid))
		return failure_print(invocation, &uid_invalid);
	(void)json_object_set_new(request, "uid", json_integer(uid));
	return EXIT_DONE;
}

int
account_add(const struct invocation *invocation)
{
	const char *const *options = invocation->options;
	json_t *request;
	int code;

	request = json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:s*}", "command",
	    "account-add", "name", invocation->words[0], "issuer",
	    options[OPTION_ISSUER], "gecos", options[OPTION_GECOS], "home",
	    options[OPTION_HOME], "shell", options[OPTION_SHELL]);
	if (!request)
		return failure_print(invocation, &not_utf8);
	code = add_uid(invocation, request);
	if (!code)
		code = add_person(invocation, request);
	if (!code)
		return exchange(invocation, request, show_account);
	json_decref(request);
	return code;
}

static int
show_linked(const json_t *result)
{
	(void)result;
	puts("The account is linked to that number.");
	return EXIT_DONE;
}

int
account_pid(const struct invocation *invocation)
{
	json_t *request = named("account-pid", invocation);
	int code;

	code = request ? pid_read(invocation, request)
		       : failure_print(invocation, &not_utf8);
	if (!code)
		return exchange(invocation, request, show_linked);
	json_decref(request);
	return code;
}

static int
show_rotated(const json_t *result)
{
	printf("Key %lld is in force. Links under older keys: %lld; each is "
	       "written anew at the\nnext login of its person.\n",
	    (long long)json_integer_value(json_object_get(result, "key")),
	    (long long)json_integer_value(
		json_object_get(result, "old_links")));
	return EXIT_DONE;
}

int
pid_key_rotate(const struct invocation *invocation)
{
	return exchange(invocation,
	    json_pack("{s:s}", "command", "pid-key-rotate"), show_rotated);
}

int
account_list(const struct invocation *invocation)
{
	json_auto_t *request = json_pack("{s:s}", "command", "account-list");
	json_auto_t *result = NULL;
	int code;

	code = pages_ask(invocation, request, "accounts", &result);
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

	fputs("Sessions that are open go on; this ends them: portvaktctl "
	      "lock ",
	    stdout);
	(void)text_put(stdout,
	    show_text(json_object_get(result, "account"), "name"), SIZE_MAX);
	puts(" --end-sessions");
	return code;
}

static void
show_ended(const struct session_end *ended)
{
	printf("%s%zu process%s ended, %zu of them by force.\n",
	    ended->logind ? "logind ended the sessions. " : "", ended->ended,
	    ended->ended == 1 ? "" : "es", ended->killed);
}

static int
refuse_left(
    const struct invocation *invocation, const struct session_end *ended)
{
	struct failure failure = {EXIT_REFUSED, "sessions-left", NULL,
	    "The account is locked. Give the same command again, or look: "
	    "ps -U UID."};
	char text[128];

	if (ended->error)
		(void)snprintf(text, sizeof(text),
		    "the sessions could not be ended: %s",
		    strerror(-ended->error));
	else
		(void)snprintf(text, sizeof(text),
		    "%zu processes are still there", ended->left);
	failure.text = text;
	return failure_print(invocation, &failure);
}

/* After the lock is in force: who is ended here comes in no more. */
static int
end_sessions(const struct invocation *invocation, json_t *result)
{
	const json_t *account = json_object_get(result, "account");
	json_int_t uid = json_integer_value(json_object_get(account, "uid"));
	struct session_end ended;

	session_end_all(uid, &ended);
	if (ended.error || ended.left)
		return refuse_left(invocation, &ended);
	(void)json_object_set_new(result, "ended",
	    json_pack("{s:b, s:I, s:I}", "logind", ended.logind, "processes",
		(json_int_t)ended.ended, "killed", (json_int_t)ended.killed));
	if (invocation_json(invocation)) {
		exchange_print_json(result);
		return EXIT_DONE;
	}
	(void)show_account(result);
	show_ended(&ended);
	return EXIT_DONE;
}

int
account_lock(const struct invocation *invocation)
{
	const char *reason = invocation->options[OPTION_REASON];
	bool ends = invocation->options[OPTION_END_SESSIONS] != NULL;
	json_auto_t *result = NULL;
	json_t *request;
	int code;

	if (!reason || !*reason)
		return failure_print(invocation, &reason_missing);
	request = json_pack("{s:s, s:s, s:s}", "command", "account-lock",
	    "name", invocation->words[0], "reason", reason);
	if (!ends)
		return exchange(invocation, request, show_locked);
	(void)json_object_set_new(request, "end_sessions", json_true());
	code = exchange_ask(invocation, request, &result);
	return code ? code : end_sessions(invocation, result);
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
