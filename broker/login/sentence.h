/*
 * What a person reads at a login, in bokmål. Every refusal says what happened,
 * what to do next, and a reference that the record of it bears too.
 */
#pragma once

#include "broker/login/need.h"
#include "lib/login_protocol.h"

struct sentence_invitation {
	const struct need *need; /* what it is for is said first; or NULL */
	const char *account;
	const char *host;
	const char *verification_uri;
	const char *verification_uri_complete; /* NULL: none, and no QR code */
	const char *user_code;
	unsigned int expires_in_s;
	int with_qr;
};

/* Address, code, QR code and what happens next. */
void sentence_invite(const struct sentence_invitation *invitation,
    char ret_text[static LOGIN_TEXT_SIZE]);

/* The last line of an invitation that waits for Enter. */
const char *sentence_press_enter(void);

/* The person pressed Enter and nothing is approved yet. */
void sentence_remind(const char *verification_uri, const char *user_code,
    char ret_text[static LOGIN_TEXT_SIZE]);

struct sentence_refusal {
	enum login_verdict verdict;
	const char *reason; /* as in the audit record */
	const char *correlation;
	const struct need *need; /* of the service, or NULL */
	bool by_token; /* it is about a token, or what stands for one */
	size_t token_size; /* in characters, as it came */
	const char *service;
};

/* Why the answer is not yes. */
void sentence_refuse(const struct sentence_refusal *refusal,
    char ret_text[static LOGIN_TEXT_SIZE]);
