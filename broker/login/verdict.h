/*
 * The verdict: may this account come in? One pure function, and the one place
 * in the broker that says yes to a login.
 */
#pragma once

#include "broker/login/need.h"
#include "lib/login_protocol.h"
#include "verify/evidence.h"

#include <stdbool.h>

struct verdict_facts {
	bool account_known;
	bool account_locked;
	bool peer_entitled; /* root, or the account itself */
	/* The account phase needs no token; authentication does. */
	bool evidence_needed;
	enum evidence_result evidence;
	bool subject_is_accounts; /* issuer and subject, compared whole */
	/*
	 * Of the PAM service. NEED_MET also where it is asked later (before
	 * there is a token) or never (when a session opens and closes).
	 */
	enum need_result need;
};

/* As records have it: "allow", "deny", "outage". */
const char *verdict_word(enum login_verdict verdict);

/* ret_reason: a stable word for records and messages, never NULL. */
enum login_verdict verdict_decide(
    const struct verdict_facts *facts, const char **ret_reason);
