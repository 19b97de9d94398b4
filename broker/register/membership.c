/*
 * Memberships: which groups the last decision of each account gave it, until
 * when that stands by itself, and what those groups are called. Refuses groups
 * whose gid is not ours to give.
 */
#include "broker/register/register_private.h"
#include "lib/id.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum {
	DROP,
	SET,
	OF_ACCOUNT,
	EACH,
	EACH_STANDING,
	EACH_DUE_STANDING,
	NEXT_CHANGE,
	NAME_GROUP,
	EACH_GROUP,
	GROUP_BY_GID,
	STATEMENTS,
};

#define GROUP_COLUMNS "gid, name, restricted"
#define STANDING_COLUMNS                                        \
	"membership.gids, membership.changes_at_s, account.id," \
	" account.locked_at_s IS NOT NULL, login.evidence, account.name"
/* The last one written, whatever the clock did in between. */
#define LAST_LOGIN                                                    \
	" LEFT JOIN login ON login.id ="                              \
	" (SELECT id FROM login AS l WHERE l.account_id = account.id" \
	" ORDER BY l.id DESC LIMIT 1)"                                \
	" WHERE removed_at_s IS NULL"
#define DUE " changes_at_s <= ?1 AND changes_at_s < " NEVER

/* Walks that write go by account.id, which they leave as it is. */
static const char *const texts[STATEMENTS] = {
    [DROP] = "DELETE FROM membership WHERE account_id = ?1",
    [SET] = "INSERT INTO membership (account_id, gids, changes_at_s)"
	    " VALUES (?1, ?2, ?3) ON CONFLICT (account_id)"
	    " DO UPDATE SET gids = excluded.gids,"
	    " changes_at_s = excluded.changes_at_s",
    [OF_ACCOUNT] = "SELECT gids, changes_at_s FROM membership"
		   " WHERE account_id = ?1",
    [EACH] = "SELECT gids, account_id FROM membership ORDER BY account_id",
    [EACH_STANDING] = "SELECT " STANDING_COLUMNS " FROM account"
		      " LEFT JOIN membership"
		      " ON membership.account_id = account.id" LAST_LOGIN
		      " ORDER BY account.id",
    [EACH_DUE_STANDING] = "SELECT " STANDING_COLUMNS " FROM membership"
			  " JOIN account"
			  " ON account.id = membership.account_id" LAST_LOGIN
			  " AND" DUE " ORDER BY account.id",
    [NEXT_CHANGE] = "SELECT coalesce(min(changes_at_s), " NEVER ")"
		    " FROM membership WHERE changes_at_s < " NEVER,
    [NAME_GROUP] = "INSERT INTO access_group (gid, name, restricted)"
		   " VALUES (?1, ?2, ?3) ON CONFLICT (gid) DO UPDATE"
		   " SET name = excluded.name,"
		   " restricted = excluded.restricted"
		   " WHERE name <> excluded.name"
		   " OR restricted <> excluded.restricted",
    [EACH_GROUP] = "SELECT " GROUP_COLUMNS " FROM access_group ORDER BY gid",
    [GROUP_BY_GID] = "SELECT " GROUP_COLUMNS " FROM access_group"
		     " WHERE gid = ?1",
};

const struct register_sql membership_sql = {texts, STATEMENTS};

/* What a row of membership holds. */
struct memberships {
	uint32_t gids[REGISTER_GROUPS_MAX];
	size_t count;
	int64_t changes_at_s;
};

enum register_result
register_memberships_drop(struct register_db *db, int64_t account_id)
{
	STATEMENT statement = db->statements[MEMBERSHIP][DROP];

	(void)sqlite3_bind_int64(statement, 1, account_id);
	return register_run(db, statement, NULL);
}

/* The gids of a row of membership, which another program may have written. */
static bool
read_gids(sqlite3_stmt *row, uint32_t ret_gids[static REGISTER_GROUPS_MAX],
    size_t *ret_count)
{
	const uint8_t *bytes = sqlite3_column_blob(row, 0);
	size_t size = (size_t)sqlite3_column_bytes(row, 0);
	size_t count = size / sizeof(*ret_gids), i;

	if (size % sizeof(*ret_gids) || count > REGISTER_GROUPS_MAX)
		return false;
	if (count > 0)
		memcpy(ret_gids, bytes, size);
	for (i = 0; i < count; i++) {
		ret_gids[i] = be32toh(ret_gids[i]);
		if (!id_is_ours(ret_gids[i]) ||
		    (i > 0 && ret_gids[i] <= ret_gids[i - 1]))
			return false;
	}
	*ret_count = count;
	return true;
}

/* Columns 0 and 1; none and never when there is no row. */
static bool
read_memberships(sqlite3_stmt *row, struct memberships *ret_memberships)
{
	if (sqlite3_column_type(row, 0) == SQLITE_NULL) {
		ret_memberships->count = 0;
		ret_memberships->changes_at_s = INT64_MAX;
		return true;
	}
	ret_memberships->changes_at_s = sqlite3_column_int64(row, 1);
	return read_gids(row, ret_memberships->gids, &ret_memberships->count);
}

static enum register_result
memberships_of(struct register_db *db, int64_t account_id,
    struct memberships *ret_memberships)
{
	STATEMENT statement = db->statements[MEMBERSHIP][OF_ACCOUNT];
	int step;

	(void)sqlite3_bind_int64(statement, 1, account_id);
	step = sqlite3_step(statement);
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		return register_fail(db);
	if (step == SQLITE_DONE) {
		ret_memberships->count = 0;
		ret_memberships->changes_at_s = INT64_MAX;
	} else if (!read_memberships(statement, ret_memberships))
		return register_fail_text(db, "a row of membership is damaged");
	return REGISTER_OK;
}

static bool
read_group(sqlite3_stmt *row, struct account_group *ret_group)
{
	return register_read_id(row, 0, &ret_group->gid) &&
	       database_text(row, 1, ret_group->name, NAME_MAX_SIZE) &&
	       name_is_valid(ret_group->name) &&
	       database_flag(row, 2, &ret_group->restricted);
}

enum register_result
register_group_by_gid(
    struct register_db *db, uint32_t gid, struct account_group *ret_group)
{
	STATEMENT statement = db->statements[MEMBERSHIP][GROUP_BY_GID];
	int step;

	(void)sqlite3_bind_int64(statement, 1, gid);
	step = sqlite3_step(statement);
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		return register_fail(db);
	if (step == SQLITE_DONE)
		return REGISTER_NOT_FOUND;
	if (!read_group(statement, ret_group))
		return register_fail_text(
		    db, "a row of access_group is damaged");
	return REGISTER_OK;
}

enum register_result
register_account_groups(struct register_db *db, int64_t account_id,
    struct account_group ret_groups[static REGISTER_GROUPS_MAX],
    size_t *ret_count)
{
	struct memberships held;
	enum register_result result;
	size_t i;

	result = memberships_of(db, account_id, &held);
	for (i = 0; result == REGISTER_OK && i < held.count; i++)
		result =
		    register_group_by_gid(db, held.gids[i], &ret_groups[i]);
	if (result == REGISTER_NOT_FOUND)
		return register_fail_text(
		    db, "a row of access_group is damaged");
	if (result == REGISTER_OK)
		*ret_count = held.count;
	return result;
}

static int
compare_gids(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* Ours, ascending, none twice. */
static enum register_result
sort_gids(uint32_t *gids, size_t count)
{
	size_t i;

	qsort(gids, count, sizeof(*gids), compare_gids);
	for (i = 0; i < count; i++) {
		if (!id_is_ours(gids[i]))
			return REGISTER_ID_REFUSED;
		if (i > 0 && gids[i] == gids[i - 1])
			return REGISTER_ID_TAKEN;
	}
	return REGISTER_OK;
}

static enum register_result
gids_of_groups(const struct account_group *groups, size_t count,
    uint32_t ret_gids[static REGISTER_GROUPS_MAX])
{
	size_t i;

	if (count > REGISTER_GROUPS_MAX)
		return REGISTER_FIELD_INVALID;
	for (i = 0; i < count; i++) {
		if (!name_is_valid(groups[i].name))
			return REGISTER_NAME_INVALID;
		ret_gids[i] = groups[i].gid;
	}
	return sort_gids(ret_gids, count);
}

static enum register_result
write_memberships(struct register_db *db, int64_t account_id,
    const struct memberships *memberships)
{
	STATEMENT statement = db->statements[MEMBERSHIP][SET];
	uint32_t stored[REGISTER_GROUPS_MAX];
	size_t i;

	for (i = 0; i < memberships->count; i++)
		stored[i] = htobe32(memberships->gids[i]);
	(void)sqlite3_bind_int64(statement, 1, account_id);
	(void)sqlite3_bind_blob(statement, 2, stored,
	    (int)(memberships->count * sizeof(*stored)), SQLITE_TRANSIENT);
	(void)sqlite3_bind_int64(statement, 3, memberships->changes_at_s);
	return register_run(db, statement, NULL);
}

/* Writes what differs. *ret_changed is set when the groups do. */
static enum register_result
replace(struct register_db *db, int64_t account_id,
    const struct memberships *before, const struct memberships *after,
    bool *ret_changed)
{
	bool same = before->count == after->count &&
		    memcmp(before->gids, after->gids,
			after->count * sizeof(*after->gids)) == 0;
	enum register_result result = REGISTER_OK;

	if (!same || before->changes_at_s != after->changes_at_s)
		result = write_memberships(db, account_id, after);
	if (result == REGISTER_OK && !same)
		*ret_changed = true;
	return result;
}

static enum register_result
name_group(struct register_db *db, const struct account_group *group,
    bool *ret_changed)
{
	STATEMENT statement = db->statements[MEMBERSHIP][NAME_GROUP];
	enum register_result result;
	int changes = 0;

	(void)sqlite3_bind_int64(statement, 1, group->gid);
	register_bind_text(statement, 2, group->name);
	(void)sqlite3_bind_int(statement, 3, group->restricted);
	result = register_run(db, statement, &changes);
	if (changes > 0)
		*ret_changed = true;
	return result;
}

static enum register_result
name_groups(struct register_db *db, const struct account_group *groups,
    size_t count, bool *ret_changed)
{
	enum register_result result = REGISTER_OK;
	size_t i;

	for (i = 0; i < count && result == REGISTER_OK; i++) {
		if (!name_is_valid(groups[i].name))
			result = REGISTER_NAME_INVALID;
		else if (!id_is_ours(groups[i].gid))
			result = REGISTER_ID_REFUSED;
		else
			result = name_group(db, &groups[i], ret_changed);
	}
	return result;
}

enum register_result
register_groups_name(struct register_db *db, const struct account_group *groups,
    size_t count, bool *ret_changed)
{
	enum register_result result;
	bool changed = false;

	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result = register_end(db, name_groups(db, groups, count, &changed));
	if (result == REGISTER_OK)
		*ret_changed = changed;
	return result;
}

static enum register_result
set_memberships(struct register_db *db, int64_t account_id,
    const struct account_group *groups, size_t count, int64_t changes_at_s,
    bool *ret_changed)
{
	struct memberships before, after;
	enum register_result result;

	after.count = count;
	after.changes_at_s = changes_at_s;
	result = gids_of_groups(groups, count, after.gids);
	if (result == REGISTER_OK)
		result = memberships_of(db, account_id, &before);
	if (result == REGISTER_OK)
		result = replace(db, account_id, &before, &after, ret_changed);
	if (result == REGISTER_OK)
		result = name_groups(db, groups, count, ret_changed);
	return result;
}

enum register_result
register_memberships_set(struct register_db *db, int64_t account_id,
    const struct account_group *groups, size_t count, int64_t changes_at_s,
    bool *ret_changed)
{
	enum register_result result;
	bool changed = false;

	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result = register_account_is_live(db, account_id);
	if (result == REGISTER_OK)
		result = set_memberships(
		    db, account_id, groups, count, changes_at_s, &changed);
	result = register_end(db, result);
	if (result == REGISTER_OK)
		*ret_changed = changed;
	return result;
}

enum register_result
register_next_change(struct register_db *db, int64_t *ret_at_s)
{
	STATEMENT statement = db->statements[MEMBERSHIP][NEXT_CHANGE];

	if (sqlite3_step(statement) != SQLITE_ROW)
		return register_fail(db);
	*ret_at_s = sqlite3_column_int64(statement, 0);
	return REGISTER_OK;
}

/* One row of a STANDING_COLUMNS walk: asks, and writes what differs. */
static enum register_result
redecide(struct register_db *db, sqlite3_stmt *row, register_decide_fn decide,
    void *userdata, bool *ret_changed)
{
	struct memberships before, after;
	struct register_standing standing = {
	    .account_id = sqlite3_column_int64(row, 2),
	    .account = (const char *)sqlite3_column_text(row, 5),
	    .locked = sqlite3_column_int(row, 3) != 0,
	    .evidence = sqlite3_column_blob(row, 4),
	    .evidence_size = (size_t)sqlite3_column_bytes(row, 4),
	    .gids = before.gids,
	};
	enum register_result result;

	if (!read_memberships(row, &before))
		return register_fail_text(db, "a row of membership is damaged");
	if (!standing.account)
		return register_fail_text(db, "a row of account is damaged");
	standing.gids_count = before.count;
	standing.changes_at_s = before.changes_at_s;
	after.count = 0;
	after.changes_at_s = INT64_MAX;
	if (decide(&standing, after.gids, &after.count, &after.changes_at_s,
		userdata) < 0)
		return register_fail_text(db, "a decision failed");
	result = sort_gids(after.gids, after.count);
	if (result == REGISTER_OK)
		result = replace(
		    db, standing.account_id, &before, &after, ret_changed);
	return result;
}

static enum register_result
redecide_each(struct register_db *db, int64_t now_s, bool due_only,
    register_decide_fn decide, void *userdata, bool *ret_changed)
{
	STATEMENT statement =
	    db->statements[MEMBERSHIP]
			  [due_only ? EACH_DUE_STANDING : EACH_STANDING];
	enum register_result result = REGISTER_OK;
	int step = SQLITE_DONE;

	if (due_only)
		(void)sqlite3_bind_int64(statement, 1, now_s);
	while (result == REGISTER_OK &&
	       (step = sqlite3_step(statement)) == SQLITE_ROW)
		result = redecide(db, statement, decide, userdata, ret_changed);
	return result == REGISTER_OK && step != SQLITE_DONE ? register_fail(db)
							    : result;
}

enum register_result
register_memberships_redecide(struct register_db *db, int64_t now_s,
    bool due_only, register_decide_fn decide, void *userdata, bool *ret_changed)
{
	enum register_result result;
	bool changed = false;

	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result = redecide_each(db, now_s, due_only, decide, userdata, &changed);
	result = register_end(db, result);
	if (result == REGISTER_OK)
		*ret_changed = changed;
	return result;
}

enum register_result
register_each_membership(
    struct register_db *db, register_membership_fn each, void *userdata)
{
	STATEMENT statement = db->statements[MEMBERSHIP][EACH];
	uint32_t gids[REGISTER_GROUPS_MAX];
	int step = SQLITE_DONE, ended = 0;
	size_t count;

	while (!ended && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!read_gids(statement, gids, &count))
			return register_fail_text(
			    db, "a row of membership is damaged");
		ended = each(
		    sqlite3_column_int64(statement, 1), gids, count, userdata);
	}
	return register_end_walk(db, step, ended);
}

enum register_result
register_each_group(
    struct register_db *db, register_group_fn each, void *userdata)
{
	STATEMENT statement = db->statements[MEMBERSHIP][EACH_GROUP];
	struct account_group group;
	int step = SQLITE_DONE, ended = 0;

	while (!ended && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!read_group(statement, &group))
			return register_fail_text(
			    db, "a row of access_group is damaged");
		ended = each(&group, userdata);
	}
	return register_end_walk(db, step, ended);
}
