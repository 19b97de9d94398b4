#include "broker/rules.h"

#include "broker/config/config_error.h"
#include "broker/register/authorisation.h"
#include "broker/register/local_accounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
free_local(struct local_accounts **local)
{
	local_accounts_free(*local);
}

static int
read_local(const struct rules_place *place, struct local_accounts **ret_local,
    struct config_error *ret_error)
{
	int error = local_accounts_read(place->local_dir, ret_local);

	if (error)
		(void)config_error_set(ret_error, error, place->local_dir, 0,
		    "passwd and group cannot be read: %s", strerror(-error));
	return error;
}

int
rules_interpret(const struct policy_files *files, bool was_in_force,
    const struct rules_place *place, const struct config *config,
    struct policy_text **ret_text, struct config_error *ret_error)
{
	__attribute__((cleanup(free_local))) struct local_accounts *local =
	    NULL;
	struct policy_known_issuer issuers[POLICY_ISSUERS_MAX];
	struct policy_world world = {
	    .issuers = issuers,
	    .issuers_count = config->issuers_count,
	    .was_in_force = was_in_force,
	};
	size_t i;
	int error;

	for (i = 0; i < config->issuers_count; i++)
		issuers[i] = (struct policy_known_issuer){
		    .name = config->issuers[i].name,
		    .profile = &config->issuers[i].profile,
		    .level_low = config->issuers[i].level_low,
		    .level_substantial = config->issuers[i].level_substantial,
		    .level_high = config->issuers[i].level_high,
		};
	error = read_local(place, &local, ret_error);
	if (error)
		return error;
	world.local = local;
	return policy_read(files, &world, ret_text, ret_error);
}

struct reuse {
	const struct policy *policy;
	const struct policy_group *group; /* that a known gid would become */
	struct account_group known;
};

static int
find_reuse(const struct account_group *known, void *userdata)
{
	struct reuse *reuse = userdata;
	const struct policy_group *group =
	    policy_group_by_gid(reuse->policy, known->gid);

	if (!group || strcmp(group->name, known->name) == 0)
		return 0;
	reuse->group = group;
	reuse->known = *known;
	return 1;
}

static int
refuse(struct config_error *ret_error, const struct policy_group *group,
    const char *what)
{
	return config_error_set(ret_error, -EINVAL, group->place.file,
	    group->place.line, "%s", what);
}

/*
 * Files of the old group's members would be the new group's, and so would the
 * authorisations, also those of people who never logged in.
 */
static int
check_gid_reuse(struct register_db *db, const struct policy *policy,
    struct config_error *ret_error)
{
	struct reuse reuse = {.policy = policy};
	char what[256];

	if (register_each_group(db, find_reuse, &reuse) != REGISTER_OK)
		return -EIO;
	if (!reuse.group &&
	    authorisation_each_group(db, find_reuse, &reuse) != REGISTER_OK)
		return -EIO;
	if (!reuse.group)
		return 0;
	(void)snprintf(what, sizeof(what),
	    "gid %u is that of group %s, whose members, and those who are "
	    "authorised for it, would be in %s at once: a gid is never used "
	    "twice, choose another one",
	    reuse.group->gid, reuse.known.name, reuse.group->name);
	return refuse(ret_error, reuse.group, what);
}

/* A group and a person's private group cannot have one name. */
static int
check_names(struct register_db *db, const struct policy *policy,
    struct config_error *ret_error)
{
	struct account account;
	char what[128];
	size_t i;

	for (i = 0; i < policy->groups_count; i++) {
		if (register_account_by_name(
			db, policy->groups[i].name, &account) != REGISTER_OK)
			continue;
		(void)snprintf(what, sizeof(what),
		    "group %s is an account's private group: choose another "
		    "name",
		    policy->groups[i].name);
		return refuse(ret_error, &policy->groups[i], what);
	}
	return 0;
}

static int
refuse_gid(struct register_db *db, enum register_result result,
    const struct policy_group *group, struct config_error *ret_error)
{
	char what[160];

	if (result == REGISTER_FAILED)
		return config_error_set(
		    ret_error, -EIO, "register", 0, "%s", register_error(db));
	(void)snprintf(what, sizeof(what),
	    "gid %u is, or was, an account's uid: choose another one for %s",
	    group->gid, group->name);
	return refuse(ret_error, group, what);
}

/*
 * From now on no account gets a uid that is an access group's gid: it would be
 * the gid of a private group too, and let somebody in.
 */
static int
reserve_gids(struct register_db *db, const struct policy *policy,
    struct config_error *ret_error)
{
	enum register_result result;
	size_t i, failed_at = 0;
	uint32_t *gids;

	gids = calloc(policy->groups_count + 1, sizeof(*gids));
	if (!gids)
		return -ENOMEM;
	for (i = 0; i < policy->groups_count; i++)
		gids[i] = policy->groups[i].gid;
	result =
	    register_reserve_ids(db, gids, policy->groups_count, &failed_at);
	free(gids);
	return result == REGISTER_OK
		   ? 0
		   : refuse_gid(
			 db, result, &policy->groups[failed_at], ret_error);
}

int
rules_check_services(const struct config *config, const struct policy *policy,
    struct config_error *ret_error)
{
	const struct config_service *service;
	const struct config_group *group;
	size_t i, j;

	for (i = 0; i < config->services_count; i++) {
		service = &config->services[i];
		for (j = 0; j < service->groups_count; j++) {
			group = &service->groups[j];
			if (policy_group_by_name(policy, group->name))
				continue;
			return config_error_set(ret_error, -EINVAL,
			    group->place.file, group->place.line,
			    "pam \"%s\": group %s is in no file of access.d: "
			    "correct its name, or write its rules there",
			    service->name, group->name);
		}
	}
	return 0;
}

int
rules_check(const struct rules_place *place, const struct config *config,
    const struct policy *policy, struct config_error *ret_error)
{
	int error;

	error = rules_check_services(config, policy, ret_error);
	if (!error)
		error = check_names(place->db, policy, ret_error);
	if (!error)
		error = check_gid_reuse(place->db, policy, ret_error);
	return error;
}

int
rules_read(const struct rules_place *place, const struct config *config,
    struct rules **ret_rules, struct config_error *ret_error)
{
	struct rules *rules;
	int error;

	rules = calloc(1, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	error = policy_files_read(
	    place->catalogue_dir, place->config_dir, &rules->files, ret_error);
	if (!error)
		error = rules_interpret(rules->files, false, place, config,
		    &rules->text, ret_error);
	if (!error)
		error =
		    rules_check(place, config, rules_policy(rules), ret_error);
	if (!error)
		error = reserve_gids(place->db, rules_policy(rules), ret_error);
	if (error)
		rules_free(rules);
	else
		*ret_rules = rules;
	return error;
}

struct rules *
rules_free(struct rules *rules)
{
	if (!rules)
		return NULL;
	policy_text_free(rules->text);
	policy_files_free(rules->files);
	free(rules);
	return NULL;
}

const struct policy *
rules_policy(const struct rules *rules)
{
	return policy_text_policy(rules->text);
}
