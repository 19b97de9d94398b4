/*
 * The rules while their files are read: each section with what it names by
 * name still, and the lines that a finding will point to. policy_reader.c
 * turns it into a struct policy when all files are known.
 */
#pragma once

#include "broker/config/config_error.h"
#include "broker/config/settings.h"
#include "broker/config/value.h"
#include "broker/policy/policy_files.h"
#include "broker/policy/policy_reader.h"
#include "lib/arena.h"
#include "verify/policy.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	POLICY_TITLE_SIZE = 256,
	POLICY_REASON_SIZE = 512, /* basis, too */
	POLICY_LIST_MAX = 256, /* values of one option */
};

struct draft_service {
	struct policy_service service;
	bool shipped;
	unsigned int established_line; /* of needs_established_unit */
	size_t index;
	struct draft_service *next;
};

struct draft_grant {
	struct policy_grant grant;
	const char *group_name;
	struct policy_set issuer_names; /* empty: every issuer */
	unsigned int issuer_line;
	unsigned int level_line;
	unsigned int units_line;
	unsigned int levels_line; /* of unit_levels */
	unsigned int classes_line;
	unsigned int authorised_line;
	struct draft_grant *next;
};

struct draft_quota {
	struct policy_quota quota;
	const char *group_name;
	unsigned int givers_line;
	unsigned int giver_level_line;
	struct draft_quota *next;
};

struct draft_group {
	struct policy_group group;
	const struct draft_service *service; /* of its file */
	unsigned int gid_line;
	struct draft_grant *grants; /* in the order of the file */
	struct draft_quota *quotas;
	bool enterable; /* somebody could be in it: policy_giver.c */
	struct draft_group *next;
};

struct draft_unit {
	struct policy_unit unit;
	const char *parent_name; /* NULL: none */
	unsigned int parent_line;
	unsigned int organisation_line;
	const unsigned int *established_lines;
	struct draft_unit *next;
};

/* The file that is being read: a service with what belongs to it. */
struct draft_file {
	const char *name; /* lives as long as the policy */
	bool shipped; /* what is not here sleeps */
	struct draft_service *service;
	/* Of draft.groups, those before this one are of this file. */
	const struct draft_group *outer_groups;
	struct draft_grant *grants; /* newest first */
	struct draft_quota *quotas;
};

struct policy_draft {
	struct policy policy;
	struct arena arena;
	struct value_keeper keeper;
	const struct policy_world *world;
	struct draft_file file;
	struct draft_service *services; /* newest first, as all of these */
	struct draft_group *groups;
	struct draft_unit *units;
	size_t grants_count;
	size_t quotas_count;
	/* When all files are read: */
	struct draft_group **sorted_groups;
	struct draft_unit **sorted_units;
};

/* The sections. 0, or -EINVAL, -ENOMEM with the error filled. */
int policy_take_service(
    struct policy_draft *draft, const struct settings_section *section);
int policy_take_group(
    struct policy_draft *draft, const struct settings_section *section);
int policy_take_grant(
    struct policy_draft *draft, const struct settings_section *section);
int policy_take_quota(
    struct policy_draft *draft, const struct settings_section *section);
int policy_take_unit(
    struct policy_draft *draft, const struct settings_section *section);

/* The issuers of a grant by their names, and its level on their ladders. */
int policy_take_issuers(struct policy_draft *draft, struct draft_grant *grant);

/* When a file ends, what it must hold as a whole. */
int policy_finish_file(struct policy_draft *draft);

/* When all files are read: from names to what they name, in this order. */
int policy_finish_services(struct policy_draft *draft);
int policy_finish_units(struct policy_draft *draft);
int policy_finish_groups(struct policy_draft *draft);

/* What stands there, but nobody could ever meet or enter. */
int policy_lint(struct policy_draft *draft);
int policy_lint_givers(struct policy_draft *draft);

/* Could somebody whom the quota lets be authorised meet authorised? */
bool policy_quota_serves(
    const struct policy_quota *quota, const struct policy_grant *grant);

/* Kinds of text that several sections have. */
extern const struct config_text policy_title;
extern const struct config_text policy_reason;
extern const struct config_text policy_service_name;
extern const struct config_text policy_unit_number;
extern const struct config_text policy_unit_class;
extern const struct config_choice policy_levels[];
extern const struct config_choice policy_booleans[];

/* The values of a list, sorted; empty when the option is not there. */
int policy_take_set(struct policy_draft *draft,
    const struct settings_section *section, const char *option,
    const struct config_text *kind, struct policy_set *ret_set);
int policy_take_level(struct policy_draft *draft,
    const struct settings_section *section, const char *option,
    enum policy_unit_level *ret_level);

struct policy_place policy_place_of(
    const struct policy_draft *draft, const struct settings_section *section);

/* Of an option; where the section begins when it is not there. */
unsigned int policy_option_line(
    const struct settings_section *section, const char *option);
