/*
 * Whose a refused token is: for the record of the refusal, and for nothing
 * else. An issuer's word, after its signature held; what nobody signed says
 * nothing here.
 */
#pragma once

#include "verify/identity.h"
#include "verify/json.h"

#include <stdbool.h>

enum { SERVICE_BEARER_TEXT_SIZE = 256 };

/* Each text is there by itself; "" is one that is not, or not as it should be. */
struct service_bearer {
	bool known; /* else all of it is empty */
	char subject[IDENTITY_SUBJECT_SIZE]; /* of a person */
	char client_id[SERVICE_BEARER_TEXT_SIZE];
	char token_id[SERVICE_BEARER_TEXT_SIZE]; /* jti */
	char session[SERVICE_BEARER_TEXT_SIZE]; /* sid */
	char consumer[SERVICE_BEARER_TEXT_SIZE]; /* "0192:911830868" */
};

/* Of the claims of an issuer. subject: empty, unless it is a person's. */
void service_bearer_read(const struct json *claims, struct slice subject,
    struct service_bearer *ret_bearer);

void service_bearer_forget(struct service_bearer *bearer);
