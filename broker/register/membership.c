/*
 * Memberships: which groups the last login of each account gave it, and what
 * those groups are called. Refuses groups whose gid is not ours to give.
 */
#include "broker/register/register_private.h"
#include "lib/id.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum register_result
register_memberships_drop(struct register_db *db, int64_t account_id)
{
	STATEMENT statement = db->statements[DROP_MEMBERSHIPS];

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

/* None when there is no row. */
static enum register_result
account_gids(struct register_db *db, int64_t account_id,
    uint32_t ret_gids[static REGISTER_GROUPS_MAX], size_t *ret_count)
{
	STATEMENT statement = db->statements[MEMBERSHIPS];
	int step;

	(void)sqlite3_bind_int64(statement, 1, account_id);
	step = sqlite3_step(statement);
	if (step == SQLITE_DONE)
		*ret_count = 0;
	else if (step != SQLITE_ROW)
		return register_fail(db);
	else if (!read_gids(statement, ret_gids, ret_count))
		return register_fail_text(db, "a row of membership is damaged");
	return REGISTER_OK;
}

static bool
read_group(sqlite3_stmt *row, struct account_group *ret_group)
{
	return register_read_id(row, 0, &ret_group->gid) &&
	       database_text(row, 1, ret_group->name, NAME_MAX_SIZE) &&
	       name_is_valid(ret_group->name);
}

static enum register_result
group_by_gid(
    struct register_db *db, uint32_t gid, struct account_group *ret_group)
{
	STATEMENT statement = db->statements[GROUP_NAME];
	int step;

	(void)sqlite3_bind_int64(statement, 1, gid);
	step = sqlite3_step(statement);
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		return register_fail(db);
	if (step == SQLITE_DONE || !read_group(statement, ret_group))
		return register_fail_text(
		    db, "a row of access_group is damaged");
	return REGISTER_OK;
}

enum register_result
register_account_groups(struct register_db *db, int64_t account_id,
    struct account_group ret_groups[static REGISTER_GROUPS_MAX],
    size_t *ret_count)
{
	uint32_t gids[REGISTER_GROUPS_MAX];
	enum register_result result;
	size_t count, i;

	result = account_gids(db, account_id, gids, &count);
	for (i = 0; result == REGISTER_OK && i < count; i++)
		result = group_by_gid(db, gids[i], &ret_groups[i]);
	if (result == REGISTER_OK)
		*ret_count = count;
	return result;
}

static int
compare_gids(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The gids of valid groups, ascending, none twice. */
static enum register_result
sort_gids(const struct account_group *groups, size_t count,
    uint32_t ret_gids[static REGISTER_GROUPS_MAX])
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!name_is_valid(groups[i].name))
			return REGISTER_NAME_INVALID;
		if (!id_is_ours(groups[i].gid))
			return REGISTER_ID_REFUSED;
		ret_gids[i] = groups[i].gid;
	}
	qsort(ret_gids, count, sizeof(*ret_gids), compare_gids);
	for (i = 1; i < count; i++) {
		if (ret_gids[i] == ret_gids[i - 1])
			return REGISTER_ID_TAKEN;
	}
	return REGISTER_OK;
}

static enum register_result
set_gids(struct register_db *db, int64_t account_id, const uint32_t *gids,
    size_t count)
{
	STATEMENT statement = db->statements[SET_MEMBERSHIPS];
	uint32_t stored[REGISTER_GROUPS_MAX];
	size_t i;

	for (i = 0; i < count; i++)
		stored[i] = htobe32(gids[i]);
	(void)sqlite3_bind_int64(statement, 1, account_id);
	(void)sqlite3_bind_blob(statement, 2, stored,
	    (int)(count * sizeof(*stored)), SQLITE_TRANSIENT);
	return register_run(db, statement, NULL);
}

static enum register_result
name_group(struct register_db *db, const struct account_group *group,
    bool *ret_changed)
{
	STATEMENT statement = db->statements[NAME_GROUP];
	enum register_result result;
	int changes = 0;

	(void)sqlite3_bind_int64(statement, 1, group->gid);
	register_bind_text(statement, 2, group->name);
	result = register_run(db, statement, &changes);
	if (changes > 0)
		*ret_changed = true;
	return result;
}

static enum register_result
replace_memberships(struct register_db *db, int64_t account_id,
    const struct account_group *groups, size_t count, bool *ret_changed)
{
	uint32_t before[REGISTER_GROUPS_MAX], after[REGISTER_GROUPS_MAX];
	enum register_result result;
	size_t before_count, i;
	bool changed;

	result = sort_gids(groups, count, after);
	if (result == REGISTER_OK)
		result = account_gids(db, account_id, before, &before_count);
	if (result != REGISTER_OK)
		return result;
	changed = before_count != count ||
		  memcmp(before, after, count * sizeof(*after)) != 0;
	if (changed)
		result = set_gids(db, account_id, after, count);
	for (i = 0; i < count && result == REGISTER_OK; i++)
		result = name_group(db, &groups[i], &changed);
	if (result == REGISTER_OK)
		*ret_changed = changed;
	return result;
}

enum register_result
register_login_record(struct register_db *db, int64_t account_id,
    const struct account_group *groups, size_t count, int64_t now_s,
    bool *ret_changed)
{
	enum register_result result;

	if (count > REGISTER_GROUPS_MAX)
		return REGISTER_FIELD_INVALID;
	result = register_begin(db);
	if (result != REGISTER_OK)
		return result;
	result = register_account_change(db, LOGIN, account_id, now_s);
	if (result == REGISTER_OK)
		result = replace_memberships(
		    db, account_id, groups, count, ret_changed);
	return register_end(db, result);
}

enum register_result
register_each_membership(
    struct register_db *db, register_membership_fn each, void *userdata)
{
	STATEMENT statement = db->statements[EACH_MEMBERSHIP];
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
	if (ended < 0)
		return register_fail_text(db, "the walk was ended");
	return ended || step == SQLITE_DONE ? REGISTER_OK : register_fail(db);
}

enum register_result
register_each_group(
    struct register_db *db, register_group_fn each, void *userdata)
{
	STATEMENT statement = db->statements[EACH_GROUP];
	struct account_group group;
	int step = SQLITE_DONE, ended = 0;

	while (!ended && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		if (!read_group(statement, &group))
			return register_fail_text(
			    db, "a row of access_group is damaged");
		ended = each(&group, userdata);
	}
	if (ended < 0)
		return register_fail_text(db, "the walk was ended");
	return ended || step == SQLITE_DONE ? REGISTER_OK : register_fail(db);
}
