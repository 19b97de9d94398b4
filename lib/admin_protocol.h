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
 *                                                      "issuer": {"url",
 *                                                      "reachable", "keys",
 *                                                      "keys_age_s", "detail"},
 *                                                      "accounts", "generation",
 *                                                      "left_out": n (the
 *                                                      machine has their name
 *                                                      or id), "logins": n,
 *                                                      "fetcher":
 *                                                      bool, "login_timeout_s",
 *                                                      "config": {"loaded_at",
 *                                                      "error"}}
 * check-issuer       -                                 {"reachable", "detail",
 *                                                      "clock_offset_s"}
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
 * account-list answers by name, as many as fit one frame; "next" is the last of
 * them when more follow, to be sent as "after". "fetcher" says whether
 * portvakt-fetch answers. clock_offset_s is how far the issuer's clock is ahead
 * of this machine's, null when its answer did not say.
 *
 * A = {"name", "uid", "gecos", "home", "shell", "issuer", "subject", "locked",
 *      "lock_reason", "groups": ["ko-..."], "created_at", "last_login_at"};
 * times are seconds since the epoch, null for never.
 *
 * error words: bad-request, not-permitted, not-found, name-invalid, name-taken,
 * name-local, id-refused, id-taken, subject-taken, subject-invalid,
 * field-invalid, ids-exhausted, config-invalid, not-configured, failed.
 */
#pragma once

enum {
	ADMIN_FRAME_SIZE_MAX = 16 * 1024 * 1024, /* an import of a fleet */
	ADMIN_DEADLINE_MS = 30000,
};
