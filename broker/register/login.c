/*
 * Logins: when the last one was, and the evidence of each, without the
 * identity number. Refuses a record that identity_put() would not write.
 */
#include "broker/register/history.h"
#include "broker/register/register_private.h"

static enum register_result
add_evidence(struct register_db *db, int64_t account_id, const void *record,
    size_t size, int64_t at_s)
{
	enum register_result result;

	result = register_account_is_live(db, account_id);
	if (result != REGISTER_OK)
		return result;
	return history_evidence_add(db, account_id, record, size, at_s);
}

enum register_result
history_login(struct register_db *db, int64_t account_id,
    const struct identity *identity, int64_t at_s)
{
	uint8_t record[IDENTITY_RECORD_SIZE_MAX];
	enum register_result result;
	size_t size;

	if (identity_put(identity, record, sizeof(record), &size) < 0)
		return register_fail_text(
		    db, "the evidence of a login is too large to keep");
	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	return register_end(
	    db, add_evidence(db, account_id, record, size, at_s));
}

enum register_result
register_login(struct register_db *db, int64_t account_id,
    const struct identity *identity, int64_t now_s)
{
	enum register_result result;

	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result = register_account_logged_in(db, account_id, now_s);
	if (result == REGISTER_OK)
		result = history_login(db, account_id, identity, now_s);
	return register_end(db, result);
}

enum register_result
history_identity(struct register_db *db, int64_t account_id, int64_t as_of_s,
    struct identity *ret_identity)
{
	uint8_t record[IDENTITY_RECORD_SIZE_MAX];
	enum register_result result;
	size_t size = 0;

	result = history_evidence_at(db, account_id, as_of_s, record, &size);
	if (result == REGISTER_OK &&
	    identity_get(record, size, ret_identity) < 0)
		return register_fail_text(db, "a row of login is damaged");
	return result;
}
