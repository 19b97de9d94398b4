/*
 * A service that is shown access tokens of one kind of issuer, each signed by
 * a key that it trusts. Tests take it and change one thing.
 */
#pragma once

#include "tests/vectors/login.h"
#include "tests/vectors/mint.h"
#include "verify/issuer_kind.h"
#include "verify/service_token.h"

enum {
	SERVICE_REPLAY_SLOTS = 4096,
};

struct service {
	struct login login; /* the keys */
	const struct issuer_kind *kind;
	struct issuer_profile profile;
	struct service_expectation expectation;
	struct replay replay;
	uint64_t slots[SERVICE_REPLAY_SLOTS];
};

/* A test issuer of that kind, with the keys of login.h. */
void service_init(struct service *service, const char *kind, const char *issuer,
    const char *audience);
void service_done(struct service *service);

/*
 * service_token_check() of a token that lies where a sanitizer sees each byte
 * beyond it. Ends the program when a refusal touches what is to be filled.
 */
enum evidence_result service_check(const struct service *service,
    const char *token, size_t size, int64_t now_s,
    struct service_token *ret_token, const char **ret_detail);

/* The same of a payload, signed RS256 by "rsa". */
enum evidence_result service_check_payload(const struct service *service,
    const char *payload, int64_t now_s, struct service_token *ret_token,
    const char **ret_detail);
