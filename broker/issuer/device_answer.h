/*
 * The provider's answers in a device authorization grant, read strictly: every
 * text is bounded and made of characters that are safe on a terminal.
 */
#pragma once

#include "broker/secret.h"
#include "verify/identity.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	DEVICE_USER_CODE_SIZE = 64,
	DEVICE_URI_SIZE = 512,
	DEVICE_CODE_SIZE_MAX = 1024,
	DEVICE_ERROR_SIZE = 64,
	DEVICE_TOKEN_SIZE_MAX = 65536, /* evidence has the limit that counts */
	DEVICE_INTERVAL_DEFAULT_S = 5, /* RFC 8628 3.2 */
	DEVICE_INTERVAL_MAX_S = 300,
	DEVICE_EXPIRES_MAX_S = 1800,
};

/* RFC 8628 3.2 */
struct device_authorization {
	struct secret *device_code; /* owned */
	char user_code[DEVICE_USER_CODE_SIZE];
	char verification_uri[DEVICE_URI_SIZE];
	char verification_uri_complete[DEVICE_URI_SIZE]; /* "": not given */
	unsigned int expires_in_s;
	unsigned int interval_s;
};

/* 0, -EBADMSG with the member at fault, or -ENOMEM. */
int device_authorization_parse(const char *json, size_t size,
    struct device_authorization *ret_authorization, const char **ret_detail);
void device_authorization_done(struct device_authorization *authorization);

/* RFC 6749 5.1 */
int device_token_parse(const char *json, size_t size,
    struct secret **ret_id_token, const char **ret_detail);

/* RFC 6749 5.2: the error's word, "" when there is none. */
void device_error_parse(
    const char *json, size_t size, char ret_error[static DEVICE_ERROR_SIZE]);
