/*
 * Personal authorisations. What may not overlap is looked for over the whole
 * time of the new one, and how many there are is counted where the number can
 * only rise: at its start and at the start of each other one within it.
 */
#include "broker/register/authorisation.h"
#include "broker/register/authorisation_notice.h"
#include "broker/register/authorisation_request.h"
#include "broker/register/register_private.h"

#include <stdio.h>
#include <string.h>

enum {
	GIVE,
	BY_ID,
	SAME_EXISTS,
	ORDER_TAKEN,
	MOST_AT_ONCE,
	COUNT_OF_PERSON,
	CASES_NOW,
	NEXT_OPEN,
	WITHDRAW,
	EACH,
	EACH_OF_GROUP,
	EACH_OF_ACCOUNT,
	EACH_GROUP,
	STATEMENTS,
};

/* As it was known at ?5: a later withdrawal is not there yet. */
#define KNOWN "withdrawn_at_s <= ?5"
#define SELECT_KNOWN                                                        \
	"SELECT authorisation.id, account_id, account.name, gid,"           \
	" group_name, unit, contact_order, kind, basis, reason, exception," \
	" given_by, given_at_s, from_s, until_s,"                           \
	" iif(" KNOWN ", withdrawn_at_s, 0),"                               \
	" iif(" KNOWN ", withdrawn_by, ''),"                                \
	" iif(" KNOWN ", withdrawn_reason, '')"                             \
	" FROM authorisation JOIN account ON account.id = account_id WHERE "
#define ENDS_KNOWN "iif(" KNOWN ", min(until_s, withdrawn_at_s), until_s)"
#define STANDING "1" /* AUTHORISATION_STANDING */
#define EVER "2" /* AUTHORISATION_EVER */
#define MATCHES                                                     \
	"(?1 = 0 OR gid = ?1) AND (?2 IS NULL OR unit = ?2)"        \
	" AND (?6 = 0 OR account_id = ?6) AND given_at_s <= ?5"     \
	" AND (?7 <> " STANDING " OR withdrawn_at_s IS NULL)"       \
	" AND ((from_s <= ?4 AND max(?3, from_s) < " ENDS_KNOWN ")" \
	" OR (?7 = " EVER " AND " ENDS_KNOWN " <= from_s"           \
	" AND " ENDS_KNOWN " BETWEEN ?3 AND ?4))"                   \
	" ORDER BY group_name, unit, contact_order, authorisation.id"

/* In force at some moment from ?3 until ?4, in group ?1 and unit ?2. */
#define OVERLAPS                                                  \
	" gid = ?1 AND unit = ?2 AND from_s < ?4 AND ends_at_s >" \
	" max(?3, from_s)"

static const char *const texts[STATEMENTS] = {
    [GIVE] = "INSERT INTO authorisation (account_id, gid, group_name, unit,"
	     " contact_order, kind, basis, reason, exception, given_by,"
	     " given_at_s, from_s, until_s) VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
	     " ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [BY_ID] = SELECT_KNOWN "authorisation.id = ?1",
    [SAME_EXISTS] = "SELECT 1 FROM authorisation WHERE" OVERLAPS
		    " AND account_id = ?5 AND kind = ?6",
    [ORDER_TAKEN] =
	"SELECT 1 FROM authorisation WHERE" OVERLAPS " AND contact_order = ?5",
    [MOST_AT_ONCE] =
	"WITH other AS (SELECT from_s, ends_at_s FROM authorisation "
	"WHERE" OVERLAPS " AND kind = ?5),"
	" moment AS (SELECT max(?3, from_s) AS at_s FROM other)"
	" SELECT coalesce(max((SELECT count(*) FROM other"
	" WHERE from_s <= at_s AND ends_at_s > at_s)), 0) FROM moment",
    [COUNT_OF_PERSON] = "SELECT count(*) FROM authorisation"
			" WHERE account_id = ?1 AND ends_at_s > ?2",
    [CASES_NOW] = "SELECT count(*) FROM authorisation WHERE gid = ?1"
		  " AND unit = ?2 AND kind = ?3 AND from_s <= ?4"
		  " AND ends_at_s > ?4",
    [NEXT_OPEN] = SELECT_KNOWN "account_id = ?6"
			       " AND (?1 = 0 OR gid = ?1)"
			       " AND (?2 IS NULL OR unit = ?2)"
			       " AND withdrawn_at_s IS NULL"
			       " AND until_s > ?3 ORDER BY authorisation.id",
    [WITHDRAW] = "UPDATE authorisation SET withdrawn_at_s = ?2,"
		 " withdrawn_by = ?3, withdrawn_reason = ?4 WHERE id = ?1",
    [EACH] = SELECT_KNOWN MATCHES,
    [EACH_OF_GROUP] = SELECT_KNOWN "gid = ?1 AND " MATCHES,
    [EACH_OF_ACCOUNT] = SELECT_KNOWN "account_id = ?6 AND " MATCHES,
    [EACH_GROUP] = "SELECT DISTINCT gid, group_name FROM authorisation"
		   " ORDER BY gid, group_name",
};

const struct register_sql authorisation_sql = {texts, STATEMENTS};

static bool
read_texts(sqlite3_stmt *row, struct authorisation *ret)
{
	return database_text(row, 2, ret->person, NAME_MAX_SIZE) &&
	       name_is_valid(ret->person) &&
	       database_text(row, 4, ret->group, NAME_MAX_SIZE) &&
	       name_is_valid(ret->group) &&
	       database_text(row, 5, ret->unit, POLICY_UNIT_SIZE) &&
	       authorisation_unit_is_valid(ret->unit) &&
	       database_text(row, 8, ret->basis, AUTHORISATION_TEXT_SIZE) &&
	       database_text(row, 9, ret->reason, AUTHORISATION_TEXT_SIZE) &&
	       database_text(
		   row, 10, ret->exception, AUTHORISATION_TEXT_SIZE) &&
	       database_text(row, 11, ret->given_by, NAME_MAX_SIZE) &&
	       database_text(row, 16, ret->withdrawn_by, NAME_MAX_SIZE) &&
	       database_text(
		   row, 17, ret->withdrawn_reason, AUTHORISATION_TEXT_SIZE);
}

/* The columns of SELECT_KNOWN. */
static bool
read_authorisation(sqlite3_stmt *row, struct authorisation *ret)
{
	int64_t order = sqlite3_column_int64(row, 6);
	int64_t kind = sqlite3_column_int64(row, 7);

	if (!read_texts(row, ret) || !register_read_id(row, 3, &ret->gid))
		return false;
	if (order < 1 || order > AUTHORISATION_ORDER_MAX ||
	    (kind != POLICY_KIND_CASE && kind != POLICY_KIND_CLERICAL))
		return false;
	ret->id = sqlite3_column_int64(row, 0);
	ret->account_id = sqlite3_column_int64(row, 1);
	ret->order = (unsigned int)order;
	ret->kind = (enum policy_kind)kind;
	ret->given_at_s = sqlite3_column_int64(row, 12);
	ret->from_s = sqlite3_column_int64(row, 13);
	ret->until_s = sqlite3_column_int64(row, 14);
	ret->withdrawn_at_s = sqlite3_column_int64(row, 15);
	return true;
}

static enum register_result
fail_damaged(struct register_db *db)
{
	return register_fail_text(db, "a row of authorisation is damaged");
}

/* What a query of one row finds; *ret_found is false without one. */
static enum register_result
read_one(struct register_db *db, sqlite3_stmt *statement,
    struct authorisation *ret_authorisation, bool *ret_found)
{
	enum register_result result;

	result = register_finds(db, statement, ret_found);
	if (result == REGISTER_OK && *ret_found &&
	    !read_authorisation(statement, ret_authorisation))
		return fail_damaged(db);
	return result;
}

static enum authorisation_result
from_register(enum register_result result, enum authorisation_result otherwise)
{
	switch (result) {
	case REGISTER_OK:
		return AUTHORISATION_OK;
	case REGISTER_FAILED:
		return AUTHORISATION_FAILED;
	case REGISTER_NOT_FOUND:
	case REGISTER_NAME_INVALID:
	case REGISTER_NAME_TAKEN:
	case REGISTER_NAME_LOCAL:
	case REGISTER_ID_REFUSED:
	case REGISTER_ID_TAKEN:
	case REGISTER_SUBJECT_TAKEN:
	case REGISTER_SUBJECT_INVALID:
	case REGISTER_SUBJECT_IS_PID:
	case REGISTER_FIELD_INVALID:
	case REGISTER_IDS_EXHAUSTED:
		return otherwise;
	}
	return AUTHORISATION_FAILED;
}

/* Ends a transaction by the outcome of what was done in it. */
static enum authorisation_result
end(struct register_db *db, enum authorisation_result result)
{
	if (result == AUTHORISATION_OK)
		return register_end(db, REGISTER_OK) == REGISTER_OK
			   ? AUTHORISATION_OK
			   : AUTHORISATION_FAILED;
	(void)register_end(db, REGISTER_FAILED);
	return result;
}

static void
bind_overlap(
    sqlite3_stmt *statement, const struct authorisation_request *request)
{
	(void)sqlite3_bind_int64(statement, 1, request->gid);
	register_bind_text(statement, 2, request->unit);
	(void)sqlite3_bind_int64(statement, 3, request->from_s);
	(void)sqlite3_bind_int64(statement, 4, request->until_s);
}

static enum authorisation_result
check_same(struct register_db *db, const struct authorisation_request *request,
    int64_t account_id)
{
	STATEMENT statement = db->statements[AUTHORISATION][SAME_EXISTS];
	bool found = true;

	bind_overlap(statement, request);
	(void)sqlite3_bind_int64(statement, 5, account_id);
	(void)sqlite3_bind_int(statement, 6, (int)request->kind);
	if (register_finds(db, statement, &found) != REGISTER_OK)
		return AUTHORISATION_FAILED;
	return found ? AUTHORISATION_EXISTS : AUTHORISATION_OK;
}

static enum authorisation_result
check_order(struct register_db *db, const struct authorisation_request *request)
{
	STATEMENT statement = db->statements[AUTHORISATION][ORDER_TAKEN];
	bool found = true;

	bind_overlap(statement, request);
	(void)sqlite3_bind_int64(statement, 5, request->order);
	if (register_finds(db, statement, &found) != REGISTER_OK)
		return AUTHORISATION_FAILED;
	return found ? AUTHORISATION_ORDER_TAKEN : AUTHORISATION_OK;
}

static enum authorisation_result
check_maximum(
    struct register_db *db, const struct authorisation_request *request)
{
	STATEMENT statement = db->statements[AUTHORISATION][MOST_AT_ONCE];

	if (request->exception && request->exception[0])
		return AUTHORISATION_OK;
	bind_overlap(statement, request);
	(void)sqlite3_bind_int(statement, 5, (int)request->kind);
	if (sqlite3_step(statement) != SQLITE_ROW) {
		(void)register_fail(db);
		return AUTHORISATION_FAILED;
	}
	return sqlite3_column_int64(statement, 0) < request->maximum
		   ? AUTHORISATION_OK
		   : AUTHORISATION_TOO_MANY;
}

/* Those that begin later count too: a decision looks ahead to them. */
static enum authorisation_result
check_person(struct register_db *db, int64_t account_id, int64_t now_s)
{
	STATEMENT statement = db->statements[AUTHORISATION][COUNT_OF_PERSON];

	(void)sqlite3_bind_int64(statement, 1, account_id);
	(void)sqlite3_bind_int64(statement, 2, now_s);
	if (sqlite3_step(statement) != SQLITE_ROW) {
		(void)register_fail(db);
		return AUTHORISATION_FAILED;
	}
	return sqlite3_column_int64(statement, 0) < AUTHORISATIONS_MAX
		   ? AUTHORISATION_OK
		   : AUTHORISATION_TOO_MANY_OF_PERSON;
}

static enum register_result
insert(struct register_db *db, const struct authorisation_request *request,
    int64_t account_id, int64_t now_s, int64_t *ret_id)
{
	STATEMENT statement = db->statements[AUTHORISATION][GIVE];
	enum register_result result;

	(void)sqlite3_bind_int64(statement, 1, account_id);
	(void)sqlite3_bind_int64(statement, 2, request->gid);
	register_bind_text(statement, 3, request->group);
	register_bind_text(statement, 4, request->unit);
	(void)sqlite3_bind_int64(statement, 5, request->order);
	(void)sqlite3_bind_int(statement, 6, (int)request->kind);
	register_bind_text(statement, 7, request->basis);
	register_bind_text(statement, 8, request->reason);
	register_bind_text(
	    statement, 9, request->exception ? request->exception : "");
	register_bind_text(statement, 10, request->given_by);
	(void)sqlite3_bind_int64(statement, 11, now_s);
	(void)sqlite3_bind_int64(statement, 12, request->from_s);
	(void)sqlite3_bind_int64(statement, 13, request->until_s);
	result = register_run(db, statement, NULL);
	if (result == REGISTER_OK)
		*ret_id = sqlite3_last_insert_rowid(db->database.sqlite);
	return result;
}

static enum register_result
by_id(
    struct register_db *db, int64_t id, struct authorisation *ret_authorisation)
{
	STATEMENT statement = db->statements[AUTHORISATION][BY_ID];
	enum register_result result;
	bool found = false;

	(void)sqlite3_bind_int64(statement, 1, id);
	(void)sqlite3_bind_int64(statement, 5, INT64_MAX);
	result = read_one(db, statement, ret_authorisation, &found);
	return result == REGISTER_OK && !found ? fail_damaged(db) : result;
}

static enum register_result
write(struct register_db *db, const struct authorisation_request *request,
    int64_t account_id, int64_t now_s, struct authorisation *ret_authorisation)
{
	enum register_result result;
	int64_t id = 0;

	result = insert(db, request, account_id, now_s, &id);
	if (result == REGISTER_OK)
		result = by_id(db, id, ret_authorisation);
	if (result == REGISTER_OK)
		result = authorisation_notice_add(db, ret_authorisation, now_s);
	return result;
}

/* Inside a transaction, which ends unless the answer is OK. */
static enum authorisation_result
give(struct register_db *db, const struct authorisation_request *request,
    int64_t now_s, struct authorisation *ret_authorisation)
{
	enum authorisation_result result;
	struct account account;

	if (!authorisation_request_is_valid(request, now_s))
		return AUTHORISATION_FIELD_INVALID;
	result = from_register(
	    register_account_by_name(db, request->person, &account),
	    AUTHORISATION_NO_PERSON);
	if (result == AUTHORISATION_OK)
		result = check_same(db, request, account.id);
	if (result == AUTHORISATION_OK)
		result = check_order(db, request);
	if (result == AUTHORISATION_OK)
		result = check_maximum(db, request);
	if (result == AUTHORISATION_OK)
		result = check_person(db, account.id, now_s);
	if (result == AUTHORISATION_OK)
		result = from_register(
		    write(db, request, account.id, now_s, ret_authorisation),
		    AUTHORISATION_FAILED);
	return result;
}

enum authorisation_result
authorisation_give(struct register_db *db,
    const struct authorisation_request *request, int64_t now_s,
    struct authorisation *ret_authorisation)
{
	struct authorisation authorisation;
	enum authorisation_result result;

	if (register_begin(db) != REGISTER_OK)
		return AUTHORISATION_FAILED;
	result = end(db, give(db, request, now_s, &authorisation));
	if (result == AUTHORISATION_OK)
		*ret_authorisation = authorisation;
	return result;
}

enum authorisation_result
authorisation_import(struct register_db *db,
    const struct authorisation_request *requests, size_t count, int64_t now_s,
    size_t *ret_failed_at)
{
	enum authorisation_result result = AUTHORISATION_OK;
	struct authorisation authorisation;
	size_t i;

	if (register_begin(db) != REGISTER_OK)
		return AUTHORISATION_FAILED;
	for (i = 0; i < count && result == AUTHORISATION_OK; i++) {
		result = give(db, &requests[i], now_s, &authorisation);
		if (result != AUTHORISATION_OK)
			*ret_failed_at = i;
	}
	return end(db, result);
}

static enum register_result
next_open(struct register_db *db, int64_t account_id, uint32_t gid,
    const char *unit, int64_t now_s, struct authorisation *ret_authorisation,
    bool *ret_found)
{
	STATEMENT statement = db->statements[AUTHORISATION][NEXT_OPEN];

	(void)sqlite3_bind_int64(statement, 1, gid);
	register_bind_text(statement, 2, unit);
	(void)sqlite3_bind_int64(statement, 3, now_s);
	(void)sqlite3_bind_int64(statement, 5, INT64_MAX);
	(void)sqlite3_bind_int64(statement, 6, account_id);
	return read_one(db, statement, ret_authorisation, ret_found);
}

static enum register_result
withdraw_one(struct register_db *db, int64_t id, const char *by,
    const char *reason, int64_t now_s)
{
	STATEMENT statement = db->statements[AUTHORISATION][WITHDRAW];
	struct authorisation withdrawn;
	enum register_result result;

	(void)sqlite3_bind_int64(statement, 1, id);
	(void)sqlite3_bind_int64(statement, 2, now_s);
	register_bind_text(statement, 3, by);
	register_bind_text(statement, 4, reason);
	result = register_run(db, statement, NULL);
	if (result == REGISTER_OK)
		result = by_id(db, id, &withdrawn);
	if (result == REGISTER_OK)
		result = authorisation_notice_add(db, &withdrawn, now_s);
	return result;
}

static unsigned int
minimum_of(const struct policy *policy, const struct authorisation *withdrawn)
{
	const struct policy_group *group =
	    policy_group_by_gid(policy, withdrawn->gid);
	const struct policy_unit *unit =
	    policy_unit_by_number(policy, withdrawn->unit);
	const struct policy_quota *quota =
	    group && unit ? policy_group_quota(group, unit->level) : NULL;

	return quota ? quota->minimum : 0;
}

static enum register_result
count_cases(struct register_db *db, const struct authorisation *withdrawn,
    int64_t now_s, int64_t *ret_count)
{
	STATEMENT statement = db->statements[AUTHORISATION][CASES_NOW];

	(void)sqlite3_bind_int64(statement, 1, withdrawn->gid);
	register_bind_text(statement, 2, withdrawn->unit);
	(void)sqlite3_bind_int(statement, 3, POLICY_KIND_CASE);
	(void)sqlite3_bind_int64(statement, 4, now_s);
	if (sqlite3_step(statement) != SQLITE_ROW)
		return register_fail(db);
	*ret_count = sqlite3_column_int64(statement, 0);
	return REGISTER_OK;
}

static void
note_below(struct authorisation_minimums *minimums, const char *unit)
{
	size_t i;

	for (i = 0; i < minimums->below_count; i++) {
		if (strcmp(minimums->below[i], unit) == 0)
			return;
	}
	if (i == AUTHORISATIONS_MAX)
		return;
	(void)snprintf(
	    minimums->below[i], sizeof(minimums->below[i]), "%s", unit);
	minimums->below_count++;
}

/* Told once for a group and unit, of which the last is withdrawn. */
static enum register_result
check_minimum(struct register_db *db, const struct authorisation *withdrawn,
    const char *by, int64_t now_s, struct authorisation_minimums *minimums)
{
	enum register_result result;
	int64_t cases = 0;

	result = count_cases(db, withdrawn, now_s, &cases);
	if (result != REGISTER_OK ||
	    cases >= minimum_of(minimums->policy, withdrawn))
		return result;
	note_below(minimums, withdrawn->unit);
	return authorisation_notice_add_below(
	    db, withdrawn->group, withdrawn->unit, by, now_s);
}

/* Is there more of the same person's in this group and unit to withdraw? */
static enum register_result
has_more(struct register_db *db, const struct authorisation *withdrawn,
    int64_t now_s, bool *ret_more)
{
	struct authorisation open;

	return next_open(db, withdrawn->account_id, withdrawn->gid,
	    withdrawn->unit, now_s, &open, ret_more);
}

/* Inside a transaction. gid 0: of every group. */
static enum register_result
withdraw_open(struct register_db *db, int64_t account_id, uint32_t gid,
    const char *unit, const char *by, const char *reason, int64_t now_s,
    size_t *ret_count, struct authorisation_minimums *minimums)
{
	struct authorisation open;
	enum register_result result;
	bool found = false, more = false;

	for (*ret_count = 0;; ++*ret_count) {
		result =
		    next_open(db, account_id, gid, unit, now_s, &open, &found);
		if (result != REGISTER_OK || !found)
			return result;
		result = withdraw_one(db, open.id, by, reason, now_s);
		if (result == REGISTER_OK && minimums)
			result = has_more(db, &open, now_s, &more);
		if (result == REGISTER_OK && minimums && !more)
			result = check_minimum(db, &open, by, now_s, minimums);
		if (result != REGISTER_OK)
			return result;
	}
}

enum register_result
authorisation_end_all(struct register_db *db, int64_t account_id,
    const char *by, const char *reason, int64_t now_s,
    struct authorisation_minimums *minimums)
{
	size_t count;

	if (minimums)
		minimums->below_count = 0;
	return withdraw_open(
	    db, account_id, 0, NULL, by, reason, now_s, &count, minimums);
}

static enum authorisation_result
withdraw(struct register_db *db, const char *person, uint32_t gid,
    const char *unit, const char *by, const char *reason, int64_t now_s,
    size_t *ret_count, struct authorisation_minimums *minimums)
{
	enum authorisation_result result;
	struct account account;

	if (gid == 0 || (unit && !authorisation_unit_is_valid(unit)) || !by ||
	    !name_is_valid(by) || !authorisation_text_is_valid(reason))
		return AUTHORISATION_FIELD_INVALID;
	result = from_register(register_account_by_name(db, person, &account),
	    AUTHORISATION_NO_PERSON);
	if (result == AUTHORISATION_OK)
		result =
		    from_register(withdraw_open(db, account.id, gid, unit, by,
				      reason, now_s, ret_count, minimums),
			AUTHORISATION_FAILED);
	return result == AUTHORISATION_OK && *ret_count == 0
		   ? AUTHORISATION_NOT_FOUND
		   : result;
}

enum authorisation_result
authorisation_withdraw(struct register_db *db, const char *person, uint32_t gid,
    const char *unit, const char *by, const char *reason, int64_t now_s,
    size_t *ret_count, struct authorisation_minimums *minimums)
{
	enum authorisation_result result;
	size_t count = 0;

	if (minimums)
		minimums->below_count = 0;

	if (register_begin(db) != REGISTER_OK)
		return AUTHORISATION_FAILED;
	result = withdraw(
	    db, person, gid, unit, by, reason, now_s, &count, minimums);
	result = end(db, result);
	if (result == AUTHORISATION_OK)
		*ret_count = count;
	return result;
}

/* The walk that the filter's narrowest index leads. */
static int
walk_for(const struct authorisation_filter *filter)
{
	if (filter->account_id != 0)
		return EACH_OF_ACCOUNT;
	return filter->gid != 0 ? EACH_OF_GROUP : EACH;
}

enum register_result
authorisation_each(struct register_db *db,
    const struct authorisation_filter *filter, authorisation_fn each,
    void *userdata)
{
	STATEMENT statement = db->statements[AUTHORISATION][walk_for(filter)];
	int64_t known_at_s =
	    filter->known_at_s ? filter->known_at_s : INT64_MAX;
	struct authorisation authorisation;
	int step = SQLITE_DONE, ended = 0;

	(void)sqlite3_bind_int64(statement, 1, filter->gid);
	register_bind_text(statement, 2, filter->unit);
	(void)sqlite3_bind_int64(statement, 3, filter->from_s);
	(void)sqlite3_bind_int64(statement, 4, filter->to_s);
	(void)sqlite3_bind_int64(statement, 5, known_at_s);
	(void)sqlite3_bind_int64(statement, 6, filter->account_id);
	(void)sqlite3_bind_int(statement, 7, (int)filter->which);
	while (!ended && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!read_authorisation(statement, &authorisation))
			return fail_damaged(db);
		ended = each(&authorisation, userdata);
	}
	return register_end_walk(db, step, ended);
}

static bool
read_group(sqlite3_stmt *row, struct account_group *ret_group)
{
	*ret_group = (struct account_group){0};
	return register_read_id(row, 0, &ret_group->gid) &&
	       database_text(row, 1, ret_group->name, NAME_MAX_SIZE) &&
	       name_is_valid(ret_group->name);
}

enum register_result
authorisation_each_group(
    struct register_db *db, register_group_fn each, void *userdata)
{
	STATEMENT statement = db->statements[AUTHORISATION][EACH_GROUP];
	struct account_group group;
	int step = SQLITE_DONE, ended = 0;

	while (!ended && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!read_group(statement, &group))
			return fail_damaged(db);
		ended = each(&group, userdata);
	}
	return register_end_walk(db, step, ended);
}

const char *
authorisation_result_word(enum authorisation_result result)
{
	switch (result) {
	case AUTHORISATION_FAILED:
		return "failed";
	case AUTHORISATION_OK:
		return "ok";
	case AUTHORISATION_NO_PERSON:
		return "no-person";
	case AUTHORISATION_NOT_FOUND:
		return "nothing-to-withdraw";
	case AUTHORISATION_EXISTS:
		return "exists";
	case AUTHORISATION_ORDER_TAKEN:
		return "order-taken";
	case AUTHORISATION_TOO_MANY:
		return "too-many";
	case AUTHORISATION_FIELD_INVALID:
		return "field-invalid";
	case AUTHORISATION_TOO_MANY_OF_PERSON:
		return "too-many-of-person";
	}
	return "unknown";
}

const char *
authorisation_result_text(enum authorisation_result result)
{
	switch (result) {
	case AUTHORISATION_FAILED:
		return "the register failed";
	case AUTHORISATION_OK:
		return "done";
	case AUTHORISATION_NO_PERSON:
		return "there is no account of this name";
	case AUTHORISATION_NOT_FOUND:
		return "the person has no such authorisation to withdraw";
	case AUTHORISATION_EXISTS:
		return "the person is authorised like this already, for all "
		       "or a part of that time";
	case AUTHORISATION_ORDER_TAKEN:
		return "somebody else has this place in the order of contact "
		       "in that unit, for all or a part of that time: choose "
		       "another number";
	case AUTHORISATION_TOO_MANY:
		return "the unit has as many as it may have at some moment of "
		       "that time: withdraw one, or give the basis of an "
		       "exception";
	case AUTHORISATION_FIELD_INVALID:
		return "a text, the unit, the order (1 to 999) or the times "
		       "are not valid: basis and reason are 1 to 255 bytes "
		       "on one line, the end is ahead and after the start, "
		       "and nobody authorises themself";
	case AUTHORISATION_TOO_MANY_OF_PERSON:
		return "the person has 64 authorisations: withdraw what is "
		       "not needed any more";
	}
	return "unknown result";
}
