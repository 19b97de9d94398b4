/*
 * The register: accounts, their one identity each, the ids that are given out
 * once and for ever, and the groups of the last decision. SQLite (WAL,
 * synchronous=FULL); each change is one transaction.
 *
 * An account that is removed keeps its row as a tombstone: its name may be
 * used again, and so may its identity, which then gets a new uid; its uid is
 * never used again. Values that an administrator set (uid, home,
 * shell, gecos) are not overwritten by anything that a provider says.
 */
#pragma once

#include "lib/name.h"
#include "verify/identity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	REGISTER_ISSUER_SIZE = 256,
	REGISTER_GECOS_SIZE = 128,
	REGISTER_PATH_SIZE = 256,
	REGISTER_REASON_SIZE = 256,
	REGISTER_GROUPS_MAX = 256, /* of one account */
};

struct register_db;

struct account {
	int64_t id; /* row, for the broker alone */
	char name[NAME_MAX_SIZE];
	uint32_t uid; /* and gid: the private group */
	char gecos[REGISTER_GECOS_SIZE];
	char home[REGISTER_PATH_SIZE];
	char shell[REGISTER_PATH_SIZE];
	char issuer[REGISTER_ISSUER_SIZE];
	char subject[IDENTITY_SUBJECT_SIZE]; /* "": not known yet */
	bool locked;
	char lock_reason[REGISTER_REASON_SIZE];
	int64_t created_at_s;
	int64_t last_login_at_s; /* 0: never */
};

/* A membership, as the last access decision gave it. */
struct account_group {
	char name[NAME_MAX_SIZE];
	uint32_t gid;
	bool restricted; /* membership is for root's eyes alone */
};

/* What an account is made from; uid 0 asks for the next free one. */
struct account_request {
	const char *name;
	const char *issuer;
	const char *subject; /* NULL: that of the first login by number */
	uint32_t uid;
	const char *gecos; /* NULL: "" */
	const char *home;
	const char *shell;
};

enum register_result {
	REGISTER_FAILED = 0, /* disk, schema, memory: see register_error() */
	REGISTER_OK,
	REGISTER_NOT_FOUND,
	REGISTER_NAME_INVALID,
	REGISTER_NAME_TAKEN,
	REGISTER_NAME_LOCAL, /* /etc/passwd or /etc/group has it */
	REGISTER_ID_REFUSED, /* outside of lib/id.h, or local */
	REGISTER_ID_TAKEN, /* now, or once */
	REGISTER_SUBJECT_TAKEN,
	REGISTER_SUBJECT_INVALID,
	REGISTER_SUBJECT_IS_PID, /* an identity number */
	REGISTER_FIELD_INVALID, /* gecos, home, shell: colon, newline, size */
	REGISTER_IDS_EXHAUSTED,
};

/*
 * Opens or creates the register at path; local_dir is where the machine's own
 * passwd and group files are ("/etc"), which always win. After
 * REGISTER_FAILED *ret_db may be asked register_error() and must be closed.
 */
enum register_result register_open(
    const char *path, const char *local_dir, struct register_db **ret_db);
struct register_db *register_close(struct register_db *db);
const char *register_error(const struct register_db *db);
const char *register_result_text(enum register_result result);

/*
 * Several changes as one: all of them are written by the end of the outermost
 * pair, or none when one of them failed. Each call that changes something
 * brings its own pair, and may stand between these. An end without OK forgets
 * the change, and answers what it was given.
 */
enum register_result register_begin(struct register_db *db);
enum register_result register_end(
    struct register_db *db, enum register_result result);

enum register_result register_account_add(struct register_db *db,
    const struct account_request *request, int64_t now_s,
    struct account *ret_account);

/* Several in one transaction: all or none. *ret_failed_at names the row. */
enum register_result register_account_import(struct register_db *db,
    const struct account_request *requests, size_t count, int64_t now_s,
    size_t *ret_failed_at);

/*
 * Gives an account that has no subject yet the one of its first login.
 * REGISTER_NOT_FOUND when it is gone or has one; REGISTER_SUBJECT_TAKEN when
 * another live account of its issuer has this one; REGISTER_SUBJECT_INVALID.
 */
enum register_result register_account_bind_subject(
    struct register_db *db, int64_t account_id, const char *subject);

enum register_result register_account_by_name(
    struct register_db *db, const char *name, struct account *ret_account);
enum register_result register_account_by_uid(
    struct register_db *db, uint32_t uid, struct account *ret_account);
enum register_result register_account_lock(struct register_db *db,
    const char *name, const char *reason, int64_t now_s);
enum register_result register_account_unlock(
    struct register_db *db, const char *name, int64_t now_s);
struct authorisation_minimums;
/* Ends the authorisations too; minimums as of authorisation_withdraw(). */
enum register_result register_account_remove(struct register_db *db,
    const char *name, int64_t now_s, struct authorisation_minimums *minimums);

/*
 * Ids that groups of the configuration have: from now on and for ever no
 * account gets one of them. REGISTER_ID_TAKEN when an account has, or had, one
 * already; *ret_failed_at names it, and none of them is reserved.
 */
enum register_result register_reserve_ids(struct register_db *db,
    const uint32_t *ids, size_t count, size_t *ret_failed_at);

/* Has an account, or did one ever have, this uid, or is it reserved? */
enum register_result register_id_in_use(
    struct register_db *db, uint32_t id, bool *ret_in_use);

/*
 * A login: its time and its evidence (history.h) in one transaction. Whoever
 * decides anew for the account does it between the same register_begin() and
 * register_end().
 */
enum register_result register_login(struct register_db *db, int64_t account_id,
    const struct identity *identity, int64_t now_s);

/*
 * Replaces the memberships of an account: what the rules give now, and when
 * that changes by itself (INT64_MAX: never). *ret_changed: they are others
 * than before, or are called otherwise.
 */
enum register_result register_memberships_set(struct register_db *db,
    int64_t account_id, const struct account_group *groups, size_t count,
    int64_t changes_at_s, bool *ret_changed);

/*
 * The same for many accounts at one go, in one transaction: decide is asked
 * for each live account, or each whose time has come, and answers its gids in
 * any order. evidence is that of the last login at or before now_s
 * (identity_get), NULL without one. A decision that answers less than 0 ends
 * it all. *ret_changed: the memberships of one are others than before.
 */
struct register_standing {
	int64_t account_id; /* they come in its order */
	const char *account;
	bool locked;
	const void *evidence;
	size_t evidence_size;
	const uint32_t *gids; /* the memberships until now, ascending */
	size_t gids_count;
	int64_t changes_at_s; /* when they were to change by themselves */
};
typedef int (*register_decide_fn)(const struct register_standing *standing,
    uint32_t ret_gids[static REGISTER_GROUPS_MAX], size_t *ret_count,
    int64_t *ret_changes_at_s, void *userdata);
enum register_result register_memberships_redecide(struct register_db *db,
    int64_t now_s, bool due_only, register_decide_fn decide, void *userdata,
    bool *ret_changed);

/* What groups are called, for those whose gids were written so. */
enum register_result register_groups_name(struct register_db *db,
    const struct account_group *groups, size_t count, bool *ret_changed);

/* What a group of memberships is called. REGISTER_NOT_FOUND: nothing yet. */
enum register_result register_group_by_gid(
    struct register_db *db, uint32_t gid, struct account_group *ret_group);

/* The earliest of those times; INT64_MAX without one. */
enum register_result register_next_change(
    struct register_db *db, int64_t *ret_at_s);

/* Those of the last decision, by gid. */
enum register_result register_account_groups(struct register_db *db,
    int64_t account_id,
    struct account_group ret_groups[static REGISTER_GROUPS_MAX],
    size_t *ret_count);

/* Accounts that are not removed. */
enum register_result register_account_count(
    struct register_db *db, size_t *ret_count);

/*
 * Walk all live accounts by name, from the one after a name on ("": from the
 * first); the gids of each account's memberships, ascending, by account; or
 * the names of the groups, by gid. A walk goes on for 0, ends in good order
 * for more, and fails for less.
 */
typedef int (*register_account_fn)(
    const struct account *account, void *userdata);
typedef int (*register_membership_fn)(
    int64_t account_id, const uint32_t *gids, size_t count, void *userdata);
typedef int (*register_group_fn)(
    const struct account_group *group, void *userdata);
enum register_result register_each_account(struct register_db *db,
    const char *after, register_account_fn each, void *userdata);
enum register_result register_each_membership(
    struct register_db *db, register_membership_fn each, void *userdata);
enum register_result register_each_group(
    struct register_db *db, register_group_fn each, void *userdata);
