/*
 * The authorization_details of a machine token (RFC 9396) that a service asks
 * for, as far as they decide what it may have: which type each is of, and of a
 * system user, which organisation's.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* Altinn's: it acts for the organisation in systemuser_org. */
#define TOKEN_DETAIL_SYSTEM_USER "urn:altinn:systemuser"

enum { TOKEN_DETAILS_TEXT_SIZE = 512 }; /* what a record keeps of a value */

/* Borrowed from the JSON. */
struct token_detail {
	const char *type;
	const char
	    *organisation; /* "0192:974760673" of a system user, or NULL */
};

/*
 * 0, or -EBADMSG for what has no type, and for a system user with anything but
 * its type and its systemuser_org: what is not looked at is not asked for.
 */
int token_detail_read(const json_t *json, struct token_detail *ret_detail);

/*
 * "urn:altinn:systemuser=0192:974760673 type": in the words of records. False:
 * one of them cannot be read, or there is no room for all.
 */
bool token_details_describe(
    const json_t *array, char ret_text[static TOKEN_DETAILS_TEXT_SIZE]);
