/*
 * The access policy: which services there are, their groups, and what each
 * group takes. Immutable data, made from text by broker/policy/ or read from
 * the trust image; judged by verify/decision.h. Borrowed strings.
 *
 *   a service has groups; a group has one or more grants; a grant has
 *   conditions. All conditions of a grant must hold; any grant suffices.
 *
 * A NULL or 0 asks for nothing, but where it says otherwise. Times are seconds
 * since the epoch.
 */
#pragma once

#include "verify/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	POLICY_UNIT_SIZE = 17, /* a unit's number, 1 to 16 of [0-9A-Za-z-] */
	POLICY_ISSUERS_MAX = 16,
	POLICY_GROUPS_MAX = 1024,
	POLICY_GRANTS_MAX = 8192, /* each decision weighs all of them */
	POLICY_UNITS_MAX = 4096,
};

#define POLICY_NO_END INT64_MAX
#define POLICY_SINCE_EVER INT64_MIN

struct policy_place {
	const char *file;
	unsigned int line;
};

enum policy_unit_level {
	POLICY_LEVEL_CENTRAL = 1,
	POLICY_LEVEL_REGION,
	POLICY_LEVEL_UNIT,
};

struct policy_established {
	const char *service;
	int64_t since_s;
};

struct policy_unit {
	const char *number;
	const char *name;
	enum policy_unit_level level;
	const struct policy_unit *parent; /* NULL for central */
	const char *class; /* NULL: none */
	const char *organisation; /* 9 digits; NULL: none */
	const struct policy_established *established;
	size_t established_count;
	struct policy_place place;
};

/* A set of texts, sorted by strcmp. */
struct policy_set {
	const char *const *texts;
	size_t count;
};

/* One issuer that the configuration knows. */
struct policy_issuer {
	const char *url; /* byte for byte */
	const char *name; /* "staff", what rules call it */
};

/*
 * The acr values of an issuer, lowest first, for identities that come back
 * from where they were kept: they bear the word, and not its place.
 */
struct policy_ladder {
	const char *const *acrs;
	size_t count;
};

enum policy_kind { /* of a personal authorisation */
	POLICY_KIND_CASE = 1,
	POLICY_KIND_CLERICAL = 2,
};

struct policy_grant {
	const char *reason; /* why this grant is right, in words; NULL */
	unsigned int issuers; /* bit i: policy.issuers[i] will do; 0: none */
	/* The rank needed on the ladder of each issuer; 0: any, -1: never. */
	int acr_rank_min[POLICY_ISSUERS_MAX];
	const char *level; /* as written, for explanations; NULL */
	struct policy_set roles_any; /* one of them */
	struct policy_set roles_all; /* every one of them */
	struct policy_set scopes_all;
	int64_t max_age_s; /* of the authentication; 0: any */
	struct policy_set on_behalf_of; /* "0192:..."; one of them */
	struct policy_set resources; /* of that same mandate; one of them */
	struct policy_set rights_all; /* of that same mandate */
	struct policy_set consumers; /* "0192:..."; one of them */
	struct policy_set units; /* numbers; one of them */
	unsigned int unit_levels; /* bit 1 << enum policy_unit_level */
	struct policy_set unit_classes;
	int64_t valid_from_s; /* 0: since ever */
	int64_t valid_until_s; /* POLICY_NO_END: for ever; 0: it is over */
	unsigned int authorised_kinds; /* of enum policy_kind; 0: none needed */
	struct policy_place place;
};

/* Who may hold personal authorisations, how many, and who gives them. */
struct policy_quota {
	enum policy_unit_level level; /* of the unit they are given for */
	unsigned int minimum; /* of kind case, per unit */
	unsigned int maximum;
	unsigned int clerical_maximum; /* per unit; 0: none may be */
	/*
	 * By members of one of these groups who are personally authorised, or
	 * have their unit, at giver_level, in the unit itself or one above it.
	 * "administrator" is root at the machine.
	 */
	struct policy_set givers;
	enum policy_unit_level giver_level;
	struct policy_place place;
};

struct policy_group {
	const char *name;
	uint32_t gid;
	size_t service; /* index */
	const char *title; /* bokmål */
	const char *title_en;
	const char *basis; /* law, circular, decision */
	bool restricted; /* membership is for root's eyes alone */
	const struct policy_grant *grants; /* none: nobody */
	size_t grants_count;
	const struct policy_quota *quotas;
	size_t quotas_count;
	struct policy_place place;
};

struct policy_service {
	const char *name;
	const char *title;
	const char *title_en;
	bool needs_established_unit;
	struct policy_place place;
};

struct policy {
	struct policy_issuer issuers[POLICY_ISSUERS_MAX];
	size_t issuers_count;
	struct policy_ladder ladders[POLICY_ISSUERS_MAX]; /* the same index */
	const struct policy_service *services;
	size_t services_count;
	const struct policy_group *groups; /* sorted by name */
	size_t groups_count;
	const struct policy_unit *units; /* sorted by number */
	size_t units_count;
};

/* NULL when there is none. */
const struct policy_group *policy_group_by_name(
    const struct policy *policy, const char *name);
const struct policy_group *policy_group_by_gid(
    const struct policy *policy, uint32_t gid);
const struct policy_unit *policy_unit_by_number(
    const struct policy *policy, const char *number);
const struct policy_unit *policy_unit_by_slice(
    const struct policy *policy, struct slice number);

/* The group's quota for units of this level, the first by place; or NULL. */
const struct policy_quota *policy_group_quota(
    const struct policy_group *group, enum policy_unit_level level);

/* The index in policy->issuers, or -1. */
int policy_issuer_index(const struct policy *policy, const char *url);

/* The place of an acr on that issuer's ladder, from 1; 0: it is not there. */
int policy_acr_rank(
    const struct policy *policy, const char *url, const char *acr);

/* Is a the unit b, or above it? */
bool policy_unit_covers(
    const struct policy_unit *a, const struct policy_unit *b);

/*
 * From when the unit counts as established for the service: POLICY_SINCE_EVER
 * when the service does not ask, POLICY_NO_END when no date is known. Of several
 * dates the latest.
 */
int64_t policy_unit_established_since(
    const struct policy_unit *unit, const struct policy_service *service);
bool policy_unit_is_established(const struct policy_unit *unit,
    const struct policy_service *service, int64_t now_s);

/* An empty text is in no set. */
bool policy_set_has(const struct policy_set *set, const char *text);
bool policy_set_has_slice(const struct policy_set *set, struct slice text);

/*
 * The order of places: by file, then by line. What decides between equals, so
 * that the order in memory does not.
 */
int policy_place_compare(
    const struct policy_place *a, const struct policy_place *b);

/* "central", "region", "unit"; "case", "clerical". */
const char *policy_unit_level_word(enum policy_unit_level level);
const char *policy_kind_word(enum policy_kind kind);
