#include "broker/login/verdict.h"

static enum login_verdict
say(enum login_verdict verdict, const char *reason, const char **ret_reason)
{
	*ret_reason = reason;
	return verdict;
}

enum login_verdict
verdict_decide(const struct verdict_facts *facts, const char **ret_reason)
{
	if (!facts->account_known)
		return say(LOGIN_UNKNOWN_USER, "unknown-account", ret_reason);
	if (!facts->peer_entitled)
		return say(LOGIN_DENY, "peer-not-entitled", ret_reason);
	if (facts->account_locked)
		return say(LOGIN_DENY, "account-locked", ret_reason);
	if (facts->evidence_needed) {
		if (facts->evidence == EVIDENCE_NOT_CHECKED)
			return say(
			    LOGIN_MISCONFIGURED, "not-checked", ret_reason);
		if (facts->evidence != EVIDENCE_GOOD)
			return say(LOGIN_DENY,
			    evidence_result_word(facts->evidence), ret_reason);
		if (!facts->subject_is_accounts)
			return say(LOGIN_DENY, "other-person", ret_reason);
	}
	switch (facts->need) {
	case NEED_NOT_LOOKED_AT:
		return say(LOGIN_MISCONFIGURED, "not-checked", ret_reason);
	case NEED_LEVEL_UNREACHABLE:
		return say(
		    LOGIN_MISCONFIGURED, "level-unreachable", ret_reason);
	case NEED_STEP_UP:
		return say(LOGIN_DENY, "step-up-needed", ret_reason);
	case NEED_GROUP_MISSING:
		return say(LOGIN_DENY, "group-missing", ret_reason);
	case NEED_MET:
		return say(LOGIN_ALLOW, "granted", ret_reason);
	}
	return say(LOGIN_MISCONFIGURED, "not-checked", ret_reason);
}

const char *
verdict_word(enum login_verdict verdict)
{
	static const char *const words[] = {
	    [LOGIN_DENY] = "deny",
	    [LOGIN_ALLOW] = "allow",
	    [LOGIN_UNKNOWN_USER] = "unknown-user",
	    [LOGIN_OUTAGE] = "outage",
	    [LOGIN_MISCONFIGURED] = "misconfigured",
	    [LOGIN_NO_DIALOGUE] = "no-dialogue",
	    [LOGIN_EXPIRED] = "expired",
	};

	return words[verdict];
}
