/*
 * Tickets: short one-time stand-ins for access tokens, for clients of PAM that
 * cut what is longer (people know them as handles: portvakt handle). A ticket
 * is 160 random bits, bound to an account, a service and this run of the
 * broker, presented once, and gone after TICKET_LIFETIME_S. Of the ticket the
 * table holds the hash alone. The token that it stands for is kept beside it,
 * so that it is judged again when the ticket is taken.
 *
 * Not to be confused with handle.h, which leads from a login to its session.
 */
#pragma once

#include "broker/audit/audit.h"
#include "broker/secret.h"
#include "lib/login_protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

enum {
	TICKET_SIZE = 38, /* "pvh1-", 32 characters of base32, terminated */
	TICKET_LIFETIME_S = 60,
	TICKETS_MAX = 256,
	TICKETS_MAX_OF_ACCOUNT = 4, /* its oldest goes first */
};

/* Zero is no. */
enum ticket_result {
	TICKET_UNKNOWN = 0, /* never made, or not remembered */
	TICKET_GOOD,
	TICKET_USED,
	TICKET_EXPIRED,
	TICKET_OTHER_ACCOUNT,
	TICKET_OTHER_SERVICE,
};

struct ticket_table;

/* event: wipes a token when its ticket's time is up. */
int ticket_table_new(sd_event *event, struct ticket_table **ret_table);
struct ticket_table *ticket_table_free(struct ticket_table *table);

/* Whether it is written as a ticket is; all else may be a token. */
bool ticket_is_one(const char *text, size_t size);

/*
 * 0; -EBUSY when as many as there may be are good still; -ENOMEM; -EIO.
 * Copies the token. correlation: of the record of its making. now_s:
 * CLOCK_BOOTTIME.
 */
int ticket_issue(struct ticket_table *table, const char *account,
    const char *service, const char *token, size_t size,
    const char correlation[static AUDIT_CORRELATION_SIZE], int64_t now_s,
    char ret_ticket[static TICKET_SIZE]);

/*
 * Spends it, whatever the answer: a ticket that was shown in a wrong place is
 * good for none. *ret_token is the caller's, and written for TICKET_GOOD alone;
 * ret_correlation for all but TICKET_UNKNOWN.
 */
enum ticket_result ticket_take(struct ticket_table *table, const char *text,
    size_t size, const char *account, const char *service, int64_t now_s,
    char ret_correlation[static AUDIT_CORRELATION_SIZE],
    struct secret **ret_token);

/* The stable word: "handle-used". */
const char *ticket_result_word(enum ticket_result result);
