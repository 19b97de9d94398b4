#include "broker/login/person_match.h"

#include "broker/register/person_link.h"

#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>

static bool
has_number(const struct person_keys *keys, const struct identity *identity)
{
	return keys && identity->person_number[0];
}

/* What the account's own link says of the number. */
enum own_link {
	LINK_SILENT = 0, /* there is none, or its key is gone */
	LINK_SAME,
	LINK_OTHER, /* it is another number's */
};

/* Under the key that the link was made with, which may be gone. */
static int
compare_link(const struct person_link *link, const struct person_keys *keys,
    const struct identity *identity, enum own_link *ret_own)
{
	struct person_link of_number;
	int error;

	error = person_key_link(
	    keys, link->key, identity->person_number, &of_number);
	if (error == -ENOKEY)
		return 0;
	if (error)
		return -EIO;
	*ret_own =
	    CRYPTO_memcmp(link->hash, of_number.hash, sizeof(link->hash)) == 0
		? LINK_SAME
		: LINK_OTHER;
	return 0;
}

static int
find_own_link(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity,
    struct person_link *ret_link, enum own_link *ret_own)
{
	enum register_result result;

	*ret_own = LINK_SILENT;
	result = person_link_get(db, account->id, ret_link);
	if (result == REGISTER_NOT_FOUND)
		return 0;
	if (result != REGISTER_OK)
		return -EIO;
	return compare_link(ret_link, keys, identity, ret_own);
}

/* 1: the number leads to another live account; 0: it does not. */
static int
leads_elsewhere(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity)
{
	enum register_result result;
	struct person_link link;
	struct account holder;
	unsigned int number;
	size_t age;

	for (age = 0; (number = person_keys_number(keys, age)) != 0; age++) {
		if (person_key_link(
			keys, number, identity->person_number, &link))
			return -EIO;
		result = person_link_find(db, &link, &holder);
		if (result == REGISTER_OK && holder.id != account->id)
			return 1;
		if (result != REGISTER_OK && result != REGISTER_NOT_FOUND)
			return -EIO;
	}
	return 0;
}

static int
match_by_number(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity,
    enum person_match *ret_match)
{
	enum own_link own;
	struct person_link link;
	bool same_subject;
	int elsewhere, error;

	elsewhere = leads_elsewhere(db, keys, account, identity);
	if (elsewhere < 0)
		return elsewhere;
	error = find_own_link(db, keys, account, identity, &link, &own);
	if (error)
		return error;
	same_subject = strcmp(account->subject, identity->subject) == 0;
	if (elsewhere || own == LINK_OTHER)
		*ret_match = PERSON_OTHER;
	else if (account->subject[0])
		*ret_match = same_subject ? PERSON_SAME : PERSON_OTHER;
	else
		*ret_match =
		    own == LINK_SAME ? PERSON_SAME_BY_NUMBER : PERSON_OTHER;
	return 0;
}

int
person_match(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity,
    enum person_match *ret_match)
{
	if (strcmp(account->issuer, identity->issuer) != 0 ||
	    !identity->subject[0]) {
		*ret_match = PERSON_OTHER;
		return 0;
	}
	if (has_number(keys, identity))
		return match_by_number(db, keys, account, identity, ret_match);
	*ret_match = strcmp(account->subject, identity->subject) == 0
			 ? PERSON_SAME
			 : PERSON_OTHER;
	return 0;
}

/* PERSON_OTHER where the number speaks against it. */
static int
match_access_by_number(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity,
    bool same_subject, enum person_match *ret_match)
{
	enum own_link own;
	struct person_link link;
	int elsewhere, error;

	elsewhere = leads_elsewhere(db, keys, account, identity);
	if (elsewhere < 0)
		return elsewhere;
	error = find_own_link(db, keys, account, identity, &link, &own);
	if (error)
		return error;
	if (elsewhere || own == LINK_OTHER)
		*ret_match = PERSON_OTHER;
	else
		*ret_match = same_subject || own == LINK_SAME ? PERSON_SAME
							      : PERSON_OTHER;
	return 0;
}

int
person_match_access(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity,
    enum person_match *ret_match)
{
	bool same_subject = identity->subject[0] &&
			    strcmp(account->subject, identity->subject) == 0;

	if (strcmp(account->issuer, identity->issuer) != 0 ||
	    !identity->subject[0]) {
		*ret_match = PERSON_OTHER;
		return 0;
	}
	if (has_number(keys, identity))
		return match_access_by_number(
		    db, keys, account, identity, same_subject, ret_match);
	*ret_match = same_subject ? PERSON_SAME : PERSON_OTHER;
	return 0;
}

static int
renew_link(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity)
{
	unsigned int current = person_keys_number(keys, 0);
	struct person_link link;
	enum own_link own;
	int error;

	error = find_own_link(db, keys, account, identity, &link, &own);
	if (error || own != LINK_SAME || link.key == current)
		return error;
	if (person_key_link(keys, current, identity->person_number, &link) ||
	    person_link_renew(db, account->id, &link) != REGISTER_OK)
		return -EIO;
	return 0;
}

int
person_match_keep(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity,
    enum person_match match)
{
	enum register_result result;

	if (match == PERSON_SAME_BY_NUMBER) {
		result = register_account_bind_subject(
		    db, account->id, identity->subject);
		if (result == REGISTER_SUBJECT_TAKEN)
			return -EEXIST;
		if (result != REGISTER_OK)
			return -EIO;
	}
	return has_number(keys, identity)
		   ? renew_link(db, keys, account, identity)
		   : 0;
}
