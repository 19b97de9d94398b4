/*
 * The admin protocol: portvaktctl asks, portvaktd answers. One frame
 * (lib/frame.h) with one JSON object each way, then the connection ends.
 *
 *   request   {"command": "account-add", "name": "kari", ...}
 *   answer    {"ok": true, "result": {...}}
 *             {"ok": false, "error": "name-taken", "text": "..."}
 *
 * command            arguments                         result
 * status             -                                 {"version", "started_at",
 *                                                      "issuers": [{"url",
 *                                                      "name", "reachable",
 *                                                      "keys", "keys_age_s",
 *                                                      "detail"}],
 *                                                      "accounts", "generation",
 *                                                      "left_out": n (the
 *                                                      machine has their name
 *                                                      or id), "logins": n,
 *                                                      "fetcher":
 *                                                      bool, "login_timeout_s",
 *                                                      "config": {"loaded_at",
 *                                                      "error"}}
 * check-issuer       -                                 {"issuers": [{"url",
 *                                                      "name", "reachable",
 *                                                      "detail",
 *                                                      "clock_offset_s"}]}
 * reload             -                                 {} or error config-invalid
 * account-add        name subject [issuer uid gecos    {"account": A}
 *                    home shell]
 * account-list       [after: name]                     {"accounts": [A, ...],
 *                                                      "next": name or null}
 * account-show       name                              {"account": A}
 * account-lock       name reason                       {"account": A}
 * account-unlock     name                              {"account": A}
 * account-remove     name                              {}
 * account-import     accounts: [{name subject ...}]    {"imported": n}, or error
 *                                                      with "row": n (from 1)
 *
 * account-lock takes end_sessions too: bool      (ctl ends them; recorded)
 * account-pid        name pid (on a line of its own   {}
 *                    from standard input, never an
 *                    argument)
 * account-add takes pid in place of subject: the subject is then that of the
 * first login with this number.
 * pid-key-rotate     -                                 {"key": n, "old_links": n}
 * explain            name [group as_of with: {acr      {"account", "as_of",
 *                    level age_s roles units           "identity": I or null,
 *                    on_behalf_of}]                    "decisions": [D, ...]}
 * simulate           files: [{name text units}]        {"accounts": n,
 *                                                      "changes": [{"account",
 *                                                      "group", "gains": bool,
 *                                                      "because": D}, ...],
 *                                                      "left_out": n}, or
 *                                                      error rules-invalid
 * authorise          person group unit order kind      {"authorisation": G,
 *                    basis reason [from until          "below_minimum": bool}
 *                    exception]
 * withdraw           person group reason [unit]        {"withdrawn": n,
 *                                                      "below_minimum": [unit]}
 * authorised         [group unit person as_of, or      {"authorisations": [G],
 *                    from and to]                      "quotas": [{"unit",
 *                                                      "unit_name", "group",
 *                                                      "case", "clerical",
 *                                                      "minimum", "maximum",
 *                                                      "clerical_maximum"}]}
 * authorise-import   rows: [as authorise]              {"imported": n,
 *                                                      "begins_now": n (their
 *                                                      "from" was past)} or
 *                                                      "row"
 * revoke             reason, and session [issuer],     {"before": s, or 0 for
 *                    person [before], or before        a session}
 *                    [issuer]
 * notices            [all: bool after: id]             {"notices": [N], "next"}
 * notice-take        id                                {}
 * sessions           [name]                            {"sessions": [S, ...]}
 * handle             token service [account: of root]  {"handle": a one-time
 *                                                      stand-in for the token,
 *                                                      "account", "service",
 *                                                      "expires_in_s"}, or the
 *                                                      reason as error word with
 *                                                      "detail" and "verdict":
 *                                                      deny, outage, misconfigured
 *
 * authorise, authorise-import (200 rows; of root 10000), withdraw, authorised,
 * notices, notice-take and handle may be asked by accounts of ours too, who act in
 * their own name: verify/giver.h decides, and
 * they see what concerns groups that they are givers or members of. All else is
 * root's. Root who came from an account of ours (/proc/PID/loginuid) answers by
 * its name. A simulation without a units.conf has the units in force; a file
 * takes the place of the shipped one of its name. as_of may be ahead: what is
 * known now, at that time.
 *
 * D = {"group", "title", "service", "granted": bool, "file", "line",
 *      "condition": word, "wanted": "what would satisfy it, in words",
 *      "reason", "basis", "authorisation": id, "authorised_by",
 *      "authorised_basis", "unit", "until", "changes_at", "restricted",
 *      "title_en"}
 * I = {"issuer", "acr", "authenticated_at", "roles", "scopes", "units",
 *      "mandates": [{"organisation", "resource", "rights"}]}
 * G = {"id", "person", "group", "unit", "order", "kind", "basis", "reason",
 *      "exception", "given_by", "given_at", "from", "until", "withdrawn_at",
 *      "withdrawn_by", "withdrawn_reason"}
 * N = {"id", "at", "kind", "text": object, "taken_at", "taken_by"}
 * S = {"session", "account", "service", "tty", "rhost", "since", "acr",
 *      "authenticated_at", "on_behalf_of": [org]}
 *
 * issuers are in the order of the configuration, none when there is no good
 * one. An account's issuer is a URL or the name of a configured one; it may be
 * left out where one alone is configured.
 *
 * account-list answers by name, as many as fit one frame; "next" is the last of
 * them when more follow, to be sent as "after". "fetcher" says whether
 * portvakt-fetch answers. clock_offset_s is how far the issuer's clock is ahead
 * of this machine's, null when its answer did not say.
 *
 * A = {"name", "uid", "gecos", "home", "shell", "issuer", "subject", "locked",
 *      "lock_reason", "groups": ["ko-..."], "created_at", "last_login_at"};
 * times are seconds since the epoch, null for never.
 *
 * error words: bad-request, not-permitted, not-found, before-ahead,
 * issuer-not-configured, name-invalid, name-taken,
 * name-local, id-refused, id-taken, subject-taken, subject-invalid,
 * subject-is-pid, pid-not-believed, field-invalid, ids-exhausted, config-invalid, not-configured, failed;
 * group-unknown, unit-unknown, pid-invalid, time-invalid, order-invalid,
 * basis-invalid, reason-invalid, exception-invalid, from-past, until-past,
 * until-before-from, too-many-rows, notice-unknown, level-unknown,
 * rules-unknown, rules-invalid, issuer-missing, issuer-unknown, and the words
 * of verify/giver.h and broker/register/authorisation.h.
 */
#pragma once

enum {
	ADMIN_FRAME_SIZE_MAX = 16 * 1024 * 1024, /* an import of a fleet */
	ADMIN_DEADLINE_MS = 30000,
};
