/*
 * Personal authorisations: who was authorised for which group and unit, in
 * which order of contact, by whom, on what basis, from when to when. A row is
 * never changed but by its withdrawal, and never deleted: the list of any day
 * can be had at any time. Each change adds a notice for the central level in
 * the same transaction (notice.h).
 */
#pragma once

#include "broker/register/register.h"
#include "verify/policy.h"

enum {
	AUTHORISATION_TEXT_SIZE = 256, /* basis, reason, exception */
	AUTHORISATION_ORDER_MAX = 999,
	AUTHORISATIONS_MAX = 64, /* in force, of one account */
};

struct authorisation {
	int64_t id;
	int64_t account_id;
	char person[NAME_MAX_SIZE];
	uint32_t gid;
	char group[NAME_MAX_SIZE];
	char unit[POLICY_UNIT_SIZE];
	unsigned int order; /* of contact, from 1 */
	enum policy_kind kind;
	char basis[AUTHORISATION_TEXT_SIZE];
	char reason[AUTHORISATION_TEXT_SIZE];
	char exception[AUTHORISATION_TEXT_SIZE]; /* basis for one too many */
	char given_by[NAME_MAX_SIZE];
	int64_t given_at_s;
	int64_t from_s;
	int64_t until_s; /* POLICY_NO_END: without an end */
	int64_t withdrawn_at_s; /* 0: it was not */
	char withdrawn_by[NAME_MAX_SIZE];
	char withdrawn_reason[AUTHORISATION_TEXT_SIZE];
};

/* What the texts of a request point to; the rest is the register's. */
struct authorisation_request {
	const char *person;
	uint32_t gid;
	const char *group;
	const char *unit;
	unsigned int order;
	enum policy_kind kind;
	const char *basis;
	const char *reason;
	const char *exception; /* NULL: within the maximum, or refused */
	const char *given_by; /* an account, or "administrator" */
	int64_t from_s;
	int64_t until_s;
	unsigned int maximum; /* of this kind, in this unit */
};

enum authorisation_result {
	AUTHORISATION_FAILED = 0, /* register_error() says why */
	AUTHORISATION_OK,
	AUTHORISATION_NO_PERSON,
	AUTHORISATION_NOT_FOUND, /* to withdraw: none is in force */
	AUTHORISATION_EXISTS, /* the same person, group, unit and kind */
	AUTHORISATION_ORDER_TAKEN, /* in this group and unit */
	AUTHORISATION_TOO_MANY, /* over the maximum, and no exception given */
	AUTHORISATION_FIELD_INVALID, /* a text, an order, or the times */
	AUTHORISATION_TOO_MANY_OF_PERSON, /* AUTHORISATIONS_MAX */
};

/*
 * Counts and writes in one transaction. The maximum is held at every moment
 * between from and until: whoever is authorised for part of that time counts.
 */
enum authorisation_result authorisation_give(struct register_db *db,
    const struct authorisation_request *request, int64_t now_s,
    struct authorisation *ret_authorisation);

/* Several, all or none; *ret_failed_at is the row. */
enum authorisation_result authorisation_import(struct register_db *db,
    const struct authorisation_request *requests, size_t count, int64_t now_s,
    size_t *ret_failed_at);

/*
 * By which rules a withdrawal leaves too few, and, when it is done, where it
 * did: each unit once. For each group and unit there is a notice, in the same
 * transaction. What the rules do not know has no minimum.
 */
struct authorisation_minimums {
	const struct policy *policy;
	size_t below_count;
	char below[AUTHORISATIONS_MAX][POLICY_UNIT_SIZE];
};

/*
 * Withdraws what person has for a group, in one unit or (unit NULL) in all.
 * *ret_count: how many were. minimums NULL: nobody looks how many are left.
 */
enum authorisation_result authorisation_withdraw(struct register_db *db,
    const char *person, uint32_t gid, const char *unit, const char *by,
    const char *reason, int64_t now_s, size_t *ret_count,
    struct authorisation_minimums *minimums);

enum authorisation_which {
	AUTHORISATION_IN_FORCE = 0, /* by the times alone */
	/*
	 * And not withdrawn: for what is decided now. A clock that was set
	 * back brings nothing back.
	 */
	AUTHORISATION_STANDING,
	/*
	 * In force, or withdrawn before it was for a second: for lists, where
	 * nothing that was given may be missing.
	 */
	AUTHORISATION_EVER,
};

struct authorisation_filter {
	enum authorisation_which which;
	uint32_t gid; /* 0: any */
	const char *unit; /* NULL: any */
	int64_t account_id; /* 0: anybody's */
	/* In force at some moment from..to; to == from: at that moment. */
	int64_t from_s;
	int64_t to_s;
	/*
	 * As the register knew it then: what was withdrawn later still counts,
	 * what was given later does not. 0: as it is known now.
	 */
	int64_t known_at_s;
};

/* By group, unit, order of contact. Ends for a result that is not 0. */
typedef int (*authorisation_fn)(
    const struct authorisation *authorisation, void *userdata);
enum register_result authorisation_each(struct register_db *db,
    const struct authorisation_filter *filter, authorisation_fn each,
    void *userdata);

/*
 * Each gid and name that an authorisation, of whatever time, was given for;
 * restricted is not known here. Ends for a result that is not 0.
 */
enum register_result authorisation_each_group(
    struct register_db *db, register_group_fn each, void *userdata);

/* "exists", "too-many", ...; and a sentence for people. */
const char *authorisation_result_word(enum authorisation_result result);
const char *authorisation_result_text(enum authorisation_result result);
