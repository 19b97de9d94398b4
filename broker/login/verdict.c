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
	return say(LOGIN_ALLOW, "granted", ret_reason);
}
