/*
 * Kinds of issuers, as data: what is known of ID-porten, Ansattporten and
 * Maskinporten before anybody configures one, and what is expected of any
 * other ("generic"). An issuer belongs to one kind; its own settings go over
 * those of the kind.
 */
#pragma once

#include "verify/evidence.h"
#include "verify/service_token.h"

#include <stdbool.h>
#include <stddef.h>

struct issuer_kind {
	const char *name;
	unsigned int algorithms; /* of enum evidence_algorithm */
	const char *const *acr_ladder; /* lowest first */
	size_t acr_ladder_count;
	/* The rungs that eIDAS names; NULL: none. */
	const char *level_low;
	const char *level_substantial;
	const char *level_high;
	bool logs_people_in; /* its id_tokens are a person's login */
	bool
	    oauth_metadata; /* at the address of RFC 8414, no OpenID Provider */
	struct service_rules service;
	/* A machine gets its tokens by a JWT grant (RFC 7523 section 2.1). */
	bool takes_jwt_grant;
	/*
	 * How its identifier ends, which is compared byte for byte: '/', or
	 * any other than '/', or as it likes.
	 */
	enum issuer_end {
		ISSUER_END_ANY = 0,
		ISSUER_END_SLASH,
		ISSUER_END_NO_SLASH,
	} end;
};

/* Exactly that name; NULL: there is no such kind. */
const struct issuer_kind *issuer_kind_find(const char *name);

/*
 * Fills what the profile leaves open: algorithms (0) and the ladder (empty).
 * What it says stands.
 */
void issuer_kind_complete(
    const struct issuer_kind *kind, struct issuer_profile *profile);

/*
 * Why this identifier cannot be that of an issuer of this kind, as a remedy
 * ("write it without the slash at the end"); NULL: it can.
 */
const char *issuer_kind_refuses(
    const struct issuer_kind *kind, const char *issuer);
