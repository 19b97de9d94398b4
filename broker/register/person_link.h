/*
 * Which account an identity number belongs to: a keyed hash (HMAC-SHA-256)
 * under a key that has a number. After a rotation old links stay until their
 * person logs in again, which writes the link anew under the new key.
 */
#pragma once

#include "broker/register/register.h"

enum { PERSON_LINK_SIZE = 32 };

struct person_link {
	unsigned int key; /* its number, from 1 */
	uint8_t hash[PERSON_LINK_SIZE];
};

/*
 * Links an account, in place of its older link. REGISTER_SUBJECT_TAKEN when
 * another live account has this link.
 */
enum register_result person_link_set(
    struct register_db *db, int64_t account_id, const struct person_link *link);

/*
 * The same at a login of the same person: under a newer key, which leads
 * nobody elsewhere.
 */
enum register_result person_link_renew(
    struct register_db *db, int64_t account_id, const struct person_link *link);

/*
 * A number that rises with each change after which a number may lead elsewhere
 * than before: a link that is set, or goes with its account, and other keys,
 * of which the register is told. What was answered before is not believed
 * after it.
 */
enum register_result person_links_epoch(
    struct register_db *db, int64_t *ret_epoch);
enum register_result person_links_changed(struct register_db *db);

/* REGISTER_NOT_FOUND without one. */
enum register_result person_link_get(
    struct register_db *db, int64_t account_id, struct person_link *ret_link);
enum register_result person_link_find(struct register_db *db,
    const struct person_link *link, struct account *ret_account);

/* How many links are still under a key. */
enum register_result person_link_count(
    struct register_db *db, unsigned int key, size_t *ret_count);
