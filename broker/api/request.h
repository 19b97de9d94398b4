/*
 * What callers send, before anything is believed of it: the bodies of
 * introspection and the headers with credentials. Strict, bounded, and without
 * a thought of HTTP around it.
 */
#pragma once

#include "verify/portvakt.h"

#include <stddef.h>

#include <jansson.h>

enum {
	/* Four times the largest token: JSON may escape every character. */
	REQUEST_BODY_SIZE_MAX = 65536,
	REQUEST_NAME_SIZE = 64, /* of a client, of a provider */
	REQUEST_SECRET_SIZE = 129, /* of a client, terminated */
};

/* What is asked: both are terminated, or NULL when they are not there. */
struct introspection {
	char *token;
	char *provider; /* identity_provider */
};

enum request_form {
	REQUEST_FORM_NONE = 0, /* neither of these two */
	REQUEST_FORM_URLENCODED,
	REQUEST_FORM_JSON,
};

/* By the header Content-Type, which may have parameters; NULL: NONE. */
enum request_form request_form_of(const char *content_type);

/* A member that is a text, and where it goes; one without a name ends them. */
struct request_text {
	const char *name;
	char **place; /* holds NULL before, and where it is not there */
};

/*
 * Reads a body. Members that are not asked for are passed over; one that
 * stands twice, is no text, or has a NUL in it is -EBADMSG, as is a body that
 * is no such form at all. What was read until then is the caller's to wipe. 0,
 * -EBADMSG, -ENOMEM.
 */
int request_texts_read(enum request_form form, const char *body, size_t size,
    const struct request_text *texts);
int request_form_read(
    const char *body, size_t size, const struct request_text *texts);
/* One member, in JSON: null is as good as none. */
int request_member_read(
    const json_t *document, const char *name, char **ret_text);
void request_wipe(char *text); /* and frees; accepts NULL */
/*
 * Drops blanks and ends of lines around a token, as files that hold one have
 * them; what stands inside it stays. Accepts NULL.
 */
void request_strip(char *text);

/* A value of a URL, where + is itself. 0, -EBADMSG, -ENOMEM. */
int request_unescape(const char *text, char **ret_text);

/* The same for introspection. */
int introspection_read(enum request_form form, const char *body, size_t size,
    struct introspection *ret_asked);
void introspection_done(struct introspection *asked); /* wipes */

/*
 * How many characters at the start of the text are a b64token, as all that is
 * presented as a bearer token is (RFC 6750, section 2.1); 0: none.
 */
size_t request_b64token(const char *text);

/*
 * "Bearer TOKEN" or "DPoP TOKEN" (RFC 6750 section 2.1, RFC 9449 section 7.1):
 * 0 with the token borrowed from header, or -EBADMSG.
 */
int request_credentials(const char *header, enum portvakt_scheme *ret_scheme,
    const char **ret_token, size_t *ret_size);

struct request_login {
	char name[REQUEST_NAME_SIZE];
	char secret[REQUEST_SECRET_SIZE];
};

/*
 * "Basic ..." (RFC 7617), whose halves may be written as in a form (RFC 6749
 * section 2.3.1): 0, or -EBADMSG. Wipe what it gave.
 */
int request_basic(const char *header, struct request_login *ret_login);
