#include "ctl/pam_control.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	UNSET = -100,
	DEFAULT = _PAM_RETURN_VALUES,
};

static const char *const values[_PAM_RETURN_VALUES + 1] = {
    [PAM_SUCCESS] = "success",
    [PAM_OPEN_ERR] = "open_err",
    [PAM_SYMBOL_ERR] = "symbol_err",
    [PAM_SERVICE_ERR] = "service_err",
    [PAM_SYSTEM_ERR] = "system_err",
    [PAM_BUF_ERR] = "buf_err",
    [PAM_PERM_DENIED] = "perm_denied",
    [PAM_AUTH_ERR] = "auth_err",
    [PAM_CRED_INSUFFICIENT] = "cred_insufficient",
    [PAM_AUTHINFO_UNAVAIL] = "authinfo_unavail",
    [PAM_USER_UNKNOWN] = "user_unknown",
    [PAM_MAXTRIES] = "maxtries",
    [PAM_NEW_AUTHTOK_REQD] = "new_authtok_reqd",
    [PAM_ACCT_EXPIRED] = "acct_expired",
    [PAM_SESSION_ERR] = "session_err",
    [PAM_CRED_UNAVAIL] = "cred_unavail",
    [PAM_CRED_EXPIRED] = "cred_expired",
    [PAM_CRED_ERR] = "cred_err",
    [PAM_NO_MODULE_DATA] = "no_module_data",
    [PAM_CONV_ERR] = "conv_err",
    [PAM_AUTHTOK_ERR] = "authtok_err",
    [PAM_AUTHTOK_RECOVERY_ERR] = "authtok_recover_err",
    [PAM_AUTHTOK_LOCK_BUSY] = "authtok_lock_busy",
    [PAM_AUTHTOK_DISABLE_AGING] = "authtok_disable_aging",
    [PAM_TRY_AGAIN] = "try_again",
    [PAM_IGNORE] = "ignore",
    [PAM_ABORT] = "abort",
    [PAM_AUTHTOK_EXPIRED] = "authtok_expired",
    [PAM_MODULE_UNKNOWN] = "module_unknown",
    [PAM_BAD_ITEM] = "bad_item",
    [PAM_CONV_AGAIN] = "conv_again",
    [PAM_INCOMPLETE] = "incomplete",
    [DEFAULT] = "default",
};

static const struct {
	const char *name;
	int action;
} actions[] = {
    {"ignore", PAM_ACTION_IGNORE},
    {"ok", PAM_ACTION_OK},
    {"done", PAM_ACTION_DONE},
    {"bad", PAM_ACTION_BAD},
    {"die", PAM_ACTION_DIE},
    {"reset", PAM_ACTION_RESET},
};

/* pam.conf(5) spells the words out as value lists. */
static const struct {
	const char *word;
	const char *list;
} words[] = {
    {"required", "[success=ok new_authtok_reqd=ok ignore=ignore default=bad]"},
    {"requisite", "[success=ok new_authtok_reqd=ok ignore=ignore default=die]"},
    {"sufficient", "[success=done new_authtok_reqd=done default=ignore]"},
    {"optional", "[success=ok new_authtok_reqd=ok default=ignore]"},
};

static void
set_default(struct pam_control *control, int action)
{
	size_t i;

	for (i = 0; i < _PAM_RETURN_VALUES; i++) {
		if (control->actions[i] == UNSET)
			control->actions[i] = action;
	}
}

static bool
is_same(const char *name, const char *at, size_t length)
{
	return strlen(name) == length && strncmp(name, at, length) == 0;
}

static int
find_value(const char *at, size_t length)
{
	int i;

	for (i = 0; i <= DEFAULT; i++) {
		if (is_same(values[i], at, length))
			return i;
	}
	return -1;
}

static bool
find_action(const char *at, size_t length, int *ret_action)
{
	size_t i;
	long jump;

	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (is_same(actions[i].name, at, length)) {
			*ret_action = actions[i].action;
			return true;
		}
	}
	if (length == 0 || strspn(at, "0123456789") != length)
		return false;
	jump = strtol(at, NULL, 10);
	*ret_action = (int)jump;
	return jump > 0 && jump <= PAM_CONTROL_JUMP_MAX;
}

/* One "value=action"; *text moves behind it. */
static bool
parse_pair(const char **text, struct pam_control *control)
{
	const char *at = *text;
	size_t length = strcspn(at, "= \t]");
	int value = find_value(at, length), action;

	at += length;
	at += strspn(at, " \t");
	if (value < 0 || *at++ != '=')
		return false;
	at += strspn(at, " \t");
	length = strcspn(at, " \t]");
	if (!find_action(at, length, &action))
		return false;
	if (value == DEFAULT)
		set_default(control, action);
	else
		control->actions[value] = action;
	*text = at + length;
	return true;
}

static bool
parse_list(const char *text, struct pam_control *control)
{
	for (text++;;) {
		text += strspn(text, " \t");
		if (*text == ']')
			return true;
		if (!parse_pair(&text, control))
			return false;
	}
}

struct pam_control
pam_control_parse(const char *text)
{
	struct pam_control control;
	size_t i;

	for (i = 0; i < _PAM_RETURN_VALUES; i++)
		control.actions[i] = UNSET;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(words[i].word, text) == 0)
			text = words[i].list;
	}
	if (*text != '[' || !parse_list(text, &control)) {
		for (i = 0; i < _PAM_RETURN_VALUES; i++)
			control.actions[i] = PAM_ACTION_BAD;
	}
	set_default(&control, PAM_ACTION_BAD);
	return control;
}
