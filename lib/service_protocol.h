/*
 * The service protocol: portvakt-api asks, portvaktd answers what no image can
 * tell. Frames (lib/frame.h) with one JSON object each, many under way on one
 * connection; an answer bears the id of its question (0 to 2^63 - 1; null when
 * it could not be read) and comes in any order. Only portvakt-api and root may
 * connect (SO_PEERCRED). What is asked was checked before: the caller is in
 * api.conf, and a person's token is good.
 *
 *   question  {"id": n, "ask": "link", ...}
 *   answer    {"id": n, "ok": true, ...}
 *             {"id": n, "ok": false, "error": word, "text": "..."}
 *
 * {"cancel": n} ends a question of this connection: nobody waits for its answer
 * any more, and none comes but one that was on its way.
 *
 * ask         members                               answer
 * link        issuer subject pid                    {"account": name, "uid": n,
 *                                                   "links_epoch": n}, or
 *                                                   {"account": null}
 * introspect  issuer token                          {"claims": object}, of an
 *                                                   inactive one {"active":
 *                                                   false}
 * token       issuer target [resource: [text]       {"access_token",
 *             authorization_details: [object]       "token_type",
 *             skip_cache: bool]                     "expires_in": s}
 * exchange    issuer target user_token              the same
 *             [skip_cache: bool]
 * keys        issuer                                {} when they were fetched,
 *                                                   or were just now
 * record      records: [R]                          {} when the audit file has
 *                                                   them; an error other than
 *                                                   outage: it has none, and
 *                                                   outage: the first "kept"
 *
 * links_epoch is the trust image's: the answer is true of one that has no lower
 * number, and may be kept as long as the image has this one.
 *
 * issuer is the name in portvakt.conf. Each question but keys and record also
 * names its client: {"client": name of api.conf}.
 *
 * R = {"at_ms", "client", "audience", "issuer", "action": "verify" | "token" |
 *      "exchange", "result": "allow" | "deny" | "outage" |
 *      "misconfigured", "reason": word,
 *      "account", "subject" (kept only as a keyed hash, and only where there is
 *      no account), "client_id", "consumer", "supplier", "delegation_source",
 *      "token_id", "session" (sid), "scope" (space separated), "acr", "group",
 *      "target", "resource", "authorization", "times": n}
 * and every member but the first, action, result and reason may be absent. A
 * text has up to 512 bytes, a reason is a word in small letters, digits and
 * hyphens, times is 1 to 1000000000; "issuer" of R is its name too.
 *
 * error words: bad-request, issuer-unknown, not-configured, outage,
 * misconfigured, busy; of token and exchange also "refused" with the answer of
 * the issuer or our own: {"status": of HTTP, "code": "invalid_scope"}, and
 * text is its error_description.
 */
#pragma once

enum {
	SERVICE_FRAME_SIZE_MAX = 256 * 1024,
	SERVICE_QUESTIONS_MAX = 256, /* under way on one connection */
	SERVICE_RECORDS_MAX = 128, /* of one question */
	/* Of another form than this; then the connection is closed. */
	SERVICE_BAD_REQUESTS_MAX = 8,
	SERVICE_CONNECTIONS_MAX = 130, /* workers, and their successors */
	/* From the question to the answer, with the issuer's time in it. */
	SERVICE_DEADLINE_MS = 15000,
	/* For what the broker knows by itself: link, record. */
	SERVICE_LOCAL_DEADLINE_MS = 2000,
};
