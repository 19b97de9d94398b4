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

/* Is it the number's hash under the key that the link was made with? */
static bool
is_link_of(const struct person_link *link, const struct person_keys *keys,
    const struct identity *identity)
{
	struct person_link of_number;

	return person_key_link(
		   keys, link->key, identity->person_number, &of_number) == 0 &&
	       CRYPTO_memcmp(link->hash, of_number.hash, sizeof(link->hash)) ==
		   0;
}

/* *ret_linked: the account has a link, and it is the number's. */
static int
find_own_link(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity,
    struct person_link *ret_link, bool *ret_linked)
{
	enum register_result result;

	result = person_link_get(db, account->id, ret_link);
	if (result != REGISTER_OK && result != REGISTER_NOT_FOUND)
		return -EIO;
	*ret_linked =
	    result == REGISTER_OK && is_link_of(ret_link, keys, identity);
	return 0;
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
	bool linked = false, same_subject;
	struct person_link link;
	int elsewhere, error;

	elsewhere = leads_elsewhere(db, keys, account, identity);
	if (elsewhere < 0)
		return elsewhere;
	error = find_own_link(db, keys, account, identity, &link, &linked);
	if (error)
		return error;
	same_subject = strcmp(account->subject, identity->subject) == 0;
	if (elsewhere)
		*ret_match = PERSON_OTHER;
	else if (account->subject[0])
		*ret_match = same_subject ? PERSON_SAME : PERSON_OTHER;
	else
		*ret_match = linked ? PERSON_SAME_BY_NUMBER : PERSON_OTHER;
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

static int
renew_link(struct register_db *db, const struct person_keys *keys,
    const struct account *account, const struct identity *identity)
{
	unsigned int current = person_keys_number(keys, 0);
	struct person_link link;
	bool linked = false;
	int error;

	error = find_own_link(db, keys, account, identity, &link, &linked);
	if (error || !linked || link.key == current)
		return error;
	if (person_key_link(keys, current, identity->person_number, &link) ||
	    person_link_set(db, account->id, &link) != REGISTER_OK)
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
