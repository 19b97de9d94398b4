/*
 * Audit records: one JSON object per line in a file, and the same as fields in
 * the journal. Refusals as well as successes. A record is written when either
 * sink took it; when neither did, the caller must not say yes. Nobody waits for
 * a sink: a journal that has no room for a record has not taken it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	AUDIT_CORRELATION_SIZE = 10, /* "K7F3-9QXM" and the terminator */
	AUDIT_TIME_SIZE = 96, /* "2026-11-22T05:17:49.000001Z"; any time fits */
};

struct audit;

/* What a record may hold; NULL and "" are left out. */
struct audit_record {
	const char *action; /* login, account, session-open, account-add ... */
	const char *result; /* allow, deny, outage, misconfigured ... */
	const char *reason; /* a stable word */
	const char *detail; /* for people; escaped */
	const char *account; /* a registered name, never a typed one */
	const char *peer; /* "uid 0": whose program asked */
	const char *service;
	const char *tty;
	const char *rhost;
	const char *issuer;
	const char *acr;
	const char *on_behalf_of; /* "0192:911830868 0192:...", or "" */
	const char *groups; /* given, space separated */
	const char *correlation;
	const char *session;
	const char *actor; /* who did it, for administrators' changes */
	/* Of tokens: what portvakt-api tells, and what was got for it. */
	const char *at; /* when it happened; time is when it was recorded */
	const char *client; /* of api.conf */
	const char *audience;
	const char *subject; /* person_key_subject(), never itself */
	const char *client_id;
	const char *consumer;
	const char *supplier;
	const char *delegation_source;
	const char *token_id;
	const char *scope; /* of the token, space separated */
	const char *group; /* that was asked for */
	const char *target; /* a scope or an audience */
	const char *resource; /* asked for with it; space separated */
	const char *authorization; /* token_details_describe() */
	const char *times; /* "12": so often since the last one like it */
};

/* path NULL: the journal alone. */
int audit_open(const char *path, struct audit **ret_audit);
struct audit *audit_close(struct audit *audit);

/* Reopens the file after logrotate moved it. */
int audit_reopen(struct audit *audit);

/* 0 when a sink has it. now_us: CLOCK_REALTIME in microseconds. */
int audit_write(
    struct audit *audit, const struct audit_record *record, int64_t now_us);

/* Why the last record is not in the file, as a negative errno; 0: it is. */
int audit_file_error(const struct audit *audit);

/* RFC 3339, in UTC: a time of CLOCK_REALTIME in microseconds. */
void audit_time(int64_t at_us, char ret_text[static AUDIT_TIME_SIZE]);

/* A fresh correlation id: 40 random bits in Crockford's base32. */
void audit_correlation(char ret_id[static AUDIT_CORRELATION_SIZE]);
