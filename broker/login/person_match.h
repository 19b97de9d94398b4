/*
 * Is the one behind a token the person whose account this is? By issuer and
 * subject, compared whole; or, for an account that has no subject yet, by the
 * identity number, of which the register has a keyed hash (person_link.h). A
 * number that leads to another live account, or is not the one that this
 * account is linked to, is another person's, whatever the subject says.
 */
#pragma once

#include "broker/person_key.h"
#include "broker/register/register.h"

/* Zero is no. */
enum person_match {
	PERSON_OTHER = 0,
	PERSON_SAME,
	PERSON_SAME_BY_NUMBER, /* the subject is this account's from now on */
};

/* keys NULL: numbers lead nowhere. 0 or -EIO (the register, or the hash). */
int person_match(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity,
    enum person_match *ret_match);

/*
 * The same for an access token, which a client of another name got: its subject
 * may be pairwise (OpenID Connect Core 8.1), and then the number alone says
 * whose it is. Nothing is bound. PERSON_SAME or PERSON_OTHER.
 */
int person_match_access(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity,
    enum person_match *ret_match);

/*
 * After a yes: binds the subject of one who was known by number, and writes a
 * link that is this number's under an older key anew under the current one.
 * 0, -EEXIST (the subject became another account's), or -EIO.
 */
int person_match_keep(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity,
    enum person_match match);
