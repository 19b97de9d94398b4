/*
 * What callers of Texas send to get a token: the bodies of POST /api/v1/token
 * and /api/v1/token/exchange, JSON or a form, before anything is believed.
 */
#pragma once

#include "broker/api/request.h"

#include <stdbool.h>

enum {
	TOKEN_REQUEST_RESOURCES_MAX = 8,
	TOKEN_REQUEST_DETAILS_MAX = 16,
};

/* A text that was not there is NULL. */
struct token_request {
	char *provider; /* identity_provider */
	char *target;
	char *user_token;
	json_t *resources; /* an array of texts (RFC 8707), or NULL */
	json_t *details; /* an array of objects (RFC 9396), or NULL */
	bool skip_cache;
};

/*
 * 0, -ENOMEM, or -EBADMSG with what is wrong in *ret_problem, a constant. In a
 * form authorization_details is JSON in a text, and skip_cache is true or
 * false.
 */
int token_request_read(enum request_form form, const char *body, size_t size,
    struct token_request *ret_request, const char **ret_problem);
void token_request_done(struct token_request *request); /* wipes */
