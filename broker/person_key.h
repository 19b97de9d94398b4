/*
 * The keys under which identity numbers become links (person_link.h): a file
 * in the state directory that nobody else can read, made once. Without its key
 * a link leads nowhere, and with it eleven digits are soon tried out. So a
 * file that is missing, damaged or readable by others is an error, and never
 * replaced by a new one on its own.
 */
#pragma once

#include "broker/register/person_link.h"

enum {
	PERSON_KEY_SIZE = 32,
	PERSON_KEYS_MAX = 16,
	PERSON_KEY_SUBJECT_SIZE = 48,
};

struct person_keys;

/*
 * 0, or with words and remedy in *ret_problem: -ENOENT, -EPERM (owner or
 * mode), -EBADMSG (damaged), or what reading said.
 */
int person_keys_open(
    const char *path, struct person_keys **ret_keys, const char **ret_problem);

/*
 * The same, after writing a first key to a file that is not there yet
 * (-EEXIST). For a register without a single link: a lost key that was
 * replaced would part everybody from their account.
 */
int person_keys_create(
    const char *path, struct person_keys **ret_keys, const char **ret_problem);

/* Wipes them. Accepts NULL. */
struct person_keys *person_keys_free(struct person_keys *keys);

/*
 * Numbers from the newest, which is the current one, on; 0 after the last.
 * Whoever looks for a person looks under each.
 */
unsigned int person_keys_number(const struct person_keys *keys, size_t age);

/* Adds a key, which is the current one then. -ENOSPC: there are 16. */
int person_keys_rotate(struct person_keys *keys, const char **ret_problem);

/*
 * Forgets an older key, whose links nobody can follow any more
 * (person_link_count). -ENOENT, or -EBUSY for the current one.
 */
int person_keys_drop(
    struct person_keys *keys, unsigned int number, const char **ret_problem);

/*
 * The link of an identity number, 11 digits, under a key: HMAC-SHA-256 over
 * "portvakt person link 1", a NUL and the digits. -EINVAL for what is no 11
 * digits, -ENOKEY without such a key, -EIO.
 */
int person_key_link(const struct person_keys *keys, unsigned int number,
    const char *person_number, struct person_link *ret_link);

/*
 * What a record has in the place of a subject that has no account: the same
 * for the same one under the same key, and no way back without it. The number
 * of the current key, a colon, and 32 hex digits: HMAC-SHA-256, cut, over
 * "portvakt audit subject 1", issuer and subject, a length (u32) before each.
 * 0, -EMSGSIZE for what is longer than any name of theirs, or -EIO.
 */
int person_key_subject(const struct person_keys *keys, const char *issuer,
    const char *subject, char ret_text[static PERSON_KEY_SUBJECT_SIZE]);
