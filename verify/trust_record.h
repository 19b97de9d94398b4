/*
 * What stands in the trust image beside its tables: the content, which is
 * decoded once, and the records of accounts.
 */
#pragma once

#include "verify/record.h"
#include "verify/trust.h"

enum {
	TRUST_SESSIONS_MAX = 65536,
	TRUST_NO_ISSUER = POLICY_ISSUERS_MAX, /* of accounts: not configured */
	TRUST_ANY_ISSUER = POLICY_ISSUERS_MAX, /* of revoked sessions */
};

/* The public JWK set of an issuer. Times are of CLOCK_BOOTTIME. */
struct trust_key_text {
	const void *json; /* size 0: none is known, or it is too old */
	size_t size;
	int64_t at_s; /* when it came */
	int64_t until_s; /* from then on it is not believed */
};

struct trust_session {
	const char *session; /* the "sid" of a token */
	size_t issuer; /* index, or TRUST_ANY_ISSUER */
};

/* By session, then by issuer. */
int trust_session_compare(
    const struct trust_session *a, const struct trust_session *b);

struct trust_content {
	struct trust_issuer issuers[POLICY_ISSUERS_MAX];
	struct trust_key_text keys[POLICY_ISSUERS_MAX]; /* the same index */
	size_t issuers_count;
	int64_t links_epoch;
	const struct policy *policy;
	const struct trust_session *sessions; /* in order, each once */
	size_t sessions_count;
};

/* Of an open image, for whoever publishes the next one. */
const struct trust_content *trust_content(const struct trust *trust);

void trust_content_put(
    struct record_writer *w, const struct trust_content *content);

/*
 * Borrows texts from the record, and arrays from the reader's arena. See
 * r->error before the content is used.
 */
void trust_content_get(
    struct record_reader *r, struct trust_content *ret_content);

/* issuer: index of the content, or TRUST_NO_ISSUER; subject "": not known. */
void trust_account_put(struct record_writer *w, size_t issuer,
    const char *subject, const struct trust_account *account);

/* Copies, but for *ret_subject. See r->error, as ever. */
void trust_account_get(struct record_reader *r, size_t *ret_issuer,
    const char **ret_subject, struct trust_account *ret_account);
