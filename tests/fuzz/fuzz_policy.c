/*
 * The input is one file of rules, or units.conf when it holds no service; two
 * files when a line of "%%" parts them, the second units.conf. What is accepted
 * must hold what a decision builds on, and survive its record; what is refused
 * must say where and why. The input as a record must be refused or come back.
 */
#include "broker/policy/policy_files.h"
#include "broker/policy/policy_reader.h"
#include "lib/id.h"
#include "lib/name.h"
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const ladder[] = {"substantial", "high"};
static const struct issuer_profile staff = {.issuer = "https://staff.example",
    .acr_ladder = ladder,
    .acr_ladder_count = 2};
static const struct policy_known_issuer issuers[] = {
    {.name = "staff", .profile = &staff, .level_high = "high"}};

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
put_file(const char *dir, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	must(file && fputs(text, file) >= 0);
	must(fclose(file) == 0);
}

static struct local_accounts *
make_accounts(void)
{
	char dir[] = "/tmp/portvakt-fuzz-XXXXXX";
	struct local_accounts *local = NULL;
	char path[128];

	must(mkdtemp(dir));
	put_file(dir, "passwd", "root:x:0:0:::\n");
	put_file(dir, "group", "local:x:1900000077:\n");
	must(local_accounts_read(dir, &local) == 0);
	(void)snprintf(path, sizeof(path), "%s/passwd", dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/group", dir);
	(void)unlink(path);
	(void)rmdir(dir);
	return local;
}

static void
check_set(const struct policy_set *set)
{
	size_t i;

	for (i = 0; i < set->count; i++) {
		must(set->texts[i][0] != '\0');
		must(i == 0 || strcmp(set->texts[i - 1], set->texts[i]) < 0);
	}
}

static void
check_grant(const struct policy_grant *grant)
{
	must(grant->reason && grant->place.file && grant->place.line > 0);
	must(grant->roles_any.count + grant->roles_all.count +
		 grant->scopes_all.count + grant->on_behalf_of.count +
		 grant->resources.count + grant->rights_all.count +
		 grant->consumers.count + grant->authorised_kinds >
	     0);
	must(grant->issuers <= 1 && grant->acr_rank_min[0] <= 2);
	must(grant->issuers == 1 || grant->acr_rank_min[0] == -1);
	must(grant->valid_from_s < grant->valid_until_s);
	must(grant->max_age_s >= 0);
	check_set(&grant->roles_any);
	check_set(&grant->roles_all);
	check_set(&grant->scopes_all);
	check_set(&grant->on_behalf_of);
	check_set(&grant->resources);
	check_set(&grant->rights_all);
	check_set(&grant->consumers);
	check_set(&grant->units);
	check_set(&grant->unit_classes);
}

static void
check_quota(const struct policy *policy, const struct policy_quota *quota)
{
	size_t i;

	must(quota->level >= POLICY_LEVEL_CENTRAL &&
	     quota->level <= POLICY_LEVEL_UNIT);
	must(quota->minimum <= quota->maximum && quota->maximum > 0);
	must(quota->giver_level <= quota->level && quota->givers.count > 0);
	for (i = 0; i < quota->givers.count; i++)
		must(strcmp(quota->givers.texts[i], "administrator") == 0 ||
		     (quota->giver_level &&
			 policy_group_by_name(policy, quota->givers.texts[i])));
}

static void
check_group(const struct policy *policy, const struct policy_group *group)
{
	size_t i;

	must(name_is_valid(group->name) && strcmp(group->name, "root") != 0 &&
	     strcmp(group->name, "local") != 0);
	must(group->gid >= ID_ACCESS_START && group->gid <= ID_ACCESS_END &&
	     group->gid != 1900000077);
	must(policy_group_by_name(policy, group->name) == group);
	must(policy_group_by_gid(policy, group->gid) == group);
	must(group->service < policy->services_count);
	must(group->title && group->title_en && group->basis);
	for (i = 0; i < group->grants_count; i++)
		check_grant(&group->grants[i]);
	for (i = 0; i < group->quotas_count; i++)
		check_quota(policy, &group->quotas[i]);
}

static void
check_unit(const struct policy *policy, const struct policy_unit *unit)
{
	must(policy_unit_by_number(policy, unit->number) == unit);
	must(strlen(unit->number) < POLICY_UNIT_SIZE && unit->name);
	must((unit->parent == NULL) == (unit->level == POLICY_LEVEL_CENTRAL));
	must(!unit->parent || unit->parent->level < unit->level);
	must(!unit->organisation || strlen(unit->organisation) == 9);
}

static void
check_policy(const struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->groups_count; i++)
		check_group(policy, &policy->groups[i]);
	for (i = 0; i < policy->units_count; i++)
		check_unit(policy, &policy->units[i]);
}

static void
check_error(const struct config_error *error)
{
	const char *at;

	must(strstr(error->text, ".conf:") != NULL);
	for (at = error->text; *at; at++)
		must((unsigned char)*at >= 0x20 && *at != 0x7f);
}

/* Whatever is accepted is what put writes. */
static void
check_record(const void *record, size_t size)
{
	struct policy_files *files = NULL;
	void *again = NULL;
	size_t again_size = 0;

	if (policy_files_get(record, size, &files) != 0) {
		must(files == NULL);
		return;
	}
	must(policy_files_put(files, &again, &again_size) == 0);
	must(again_size == size && memcmp(again, record, size) == 0);
	free(again);
	policy_files_free(files);
}

static struct policy_files *
split(const char *text, size_t size, bool shipped)
{
	static const char parting[] = "\n%%\n";
	struct policy_files *files = calloc(1, sizeof(*files));
	const char *cut = memmem(text, size, parting, sizeof(parting) - 1);
	const char *rest = cut ? cut + sizeof(parting) - 1 : text + size;
	size_t first = cut ? (size_t)(cut - text) + 1 : size;
	bool units = !cut && !memmem(text, size, "service", 7);

	must(files);
	must(policy_files_add(files, units ? "units.conf" : "a.conf", text,
		 first, shipped, units) == 0);
	if (cut)
		must(policy_files_add(files, "units.conf", rest,
			 size - (size_t)(rest - text), false, true) == 0);
	return files;
}

static void
read_as(const char *text, size_t size, bool shipped,
    const struct local_accounts *local)
{
	const struct policy_world world = {
	    .issuers = issuers, .issuers_count = 1, .local = local};
	struct policy_files *files = split(text, size, shipped);
	struct policy_text *read = NULL;
	struct config_error error;
	void *record = NULL;
	size_t record_size = 0;
	int result;

	result = policy_read(files, &world, &read, &error);
	must((result == 0) == (read != NULL));
	if (read)
		check_policy(policy_text_policy(read));
	else
		check_error(&error);
	policy_text_free(read);
	must(policy_files_put(files, &record, &record_size) == 0);
	check_record(record, record_size);
	free(record);
	policy_files_free(files);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct local_accounts *local;

	check_record(data, size);
	if (size > 64 * 1024)
		return 0;
	local = make_accounts();
	read_as((const char *)data, size, false, local);
	read_as((const char *)data, size, true, local);
	local_accounts_free(local);
	return 0;
}
