/*
 * What was known when: the evidence of each login, the time an account was
 * locked, the rules that were in force. It answers "who had access to what,
 * when and why" for a day in the past, until history_forget().
 */
#pragma once

#include "broker/register/register.h"

/* The evidence of a login (identity_put's record, no identity number). */
enum register_result history_login(struct register_db *db, int64_t account_id,
    const struct identity *identity, int64_t at_s);

/*
 * The last one at or before a time; 0: the last one that was written, whatever
 * the clock said then. REGISTER_NOT_FOUND: none.
 */
enum register_result history_identity(struct register_db *db,
    int64_t account_id, int64_t as_of_s, struct identity *ret_identity);

/* Was the account locked, or not there, at that time? */
enum register_result history_locked(struct register_db *db, int64_t account_id,
    int64_t as_of_s, bool *ret_locked);

/* Keeps a set of rules when it is not the one that was kept last. */
enum register_result history_rules(
    struct register_db *db, const void *record, size_t size, int64_t now_s);

/* The set in force at a time, malloc'ed. REGISTER_NOT_FOUND: none was. */
enum register_result history_rules_at(struct register_db *db, int64_t as_of_s,
    void **ret_record, size_t *ret_size);

/* Forgets logins and rules that ended before a time. */
enum register_result history_forget(struct register_db *db, int64_t before_s);
