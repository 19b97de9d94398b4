/*
 * What it costs to decide anew who has which groups, and to write it to the
 * register: for a fleet, and for one account.
 *
 *	entitlement [ACCOUNTS [GROUPS [AUTHORISATIONS]]]
 *
 * Each account has the evidence of a login with 20 roles; every group has three
 * grants, and every fifth of them asks for an authorisation. Works in a new
 * directory below $TMPDIR (a tmpfs keeps the disk out of it) and prints the
 * best of five.
 */
#include "broker/entitlement/entitlement.h"
#include "broker/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 5, GID = 1900000000, GRANTS = 3, ROLES = 20, NOW = 1000000 };

static const char issuer[] = "https://idp.example";

struct rules {
	struct policy policy;
	struct policy_service service;
	struct policy_unit unit;
	struct policy_group *groups;
	struct policy_grant *grants;
	const char **roles;
	char (*names)[48];
};

static void
must(bool good, const struct register_db *db, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "entitlement: %s: %s\n", what,
	    db ? register_error(db) : "");
	exit(EXIT_FAILURE);
}

static void *
room(size_t count, size_t size)
{
	void *storage = calloc(count, size);

	must(storage, NULL, "no memory");
	return storage;
}

static void
fill_grants(struct rules *rules, size_t group)
{
	struct policy_grant *grant;
	size_t i;

	for (i = group * GRANTS; i < (group + 1) * GRANTS; i++) {
		grant = &rules->grants[i];
		grant->issuers = 1;
		grant->valid_until_s = POLICY_NO_END;
		grant->roles_any = (struct policy_set){&rules->roles[2 * i], 2};
		grant->max_age_s = i % 4 ? 0 : 900;
		grant->authorised_kinds = group % 5 ? 0 : POLICY_KIND_CASE;
	}
}

/* Group n takes one of the roles 6n to 6n + 5. */
static void
fill_rules(struct rules *rules, size_t groups)
{
	size_t roles = groups * GRANTS * 2, i;

	rules->groups = room(groups, sizeof(*rules->groups));
	rules->grants = room(groups * GRANTS, sizeof(*rules->grants));
	rules->roles = room(roles, sizeof(*rules->roles));
	rules->names = room(roles + groups, sizeof(*rules->names));
	for (i = 0; i < roles; i++) {
		(void)snprintf(rules->names[i], sizeof(rules->names[i]),
		    "kriminalomsorgen-rolle-%04zu", i);
		rules->roles[i] = rules->names[i];
	}
	for (i = 0; i < groups; i++) {
		(void)snprintf(rules->names[roles + i], sizeof(rules->names[i]),
		    "ko-gruppe-%04zu", i);
		fill_grants(rules, i);
		rules->groups[i] =
		    (struct policy_group){.name = rules->names[roles + i],
			.gid = (uint32_t)(GID + i),
			.grants = rules->grants + i * GRANTS,
			.grants_count = GRANTS};
	}
	rules->service.name = "tjeneste";
	rules->unit = (struct policy_unit){
	    .number = "0321", .level = POLICY_LEVEL_CENTRAL};
	rules->policy = (struct policy){
	    .issuers = {{issuer, "staff"}},
	    .issuers_count = 1,
	    .services = &rules->service,
	    .services_count = 1,
	    .groups = rules->groups,
	    .groups_count = groups,
	    .units = &rules->unit,
	    .units_count = 1,
	};
}

static void
add_login(struct register_db *db, const struct rules *rules, size_t number,
    const struct account *account)
{
	static struct identity identity;
	size_t roles = rules->policy.groups_count * GRANTS * 2, i;

	memset(&identity, 0, sizeof(identity));
	(void)snprintf(identity.issuer, sizeof(identity.issuer), "%s", issuer);
	(void)snprintf(
	    identity.subject, sizeof(identity.subject), "%s", account->subject);
	identity.issued_at_s = identity.authenticated_at_s = NOW - 10;
	identity.expires_at_s = NOW + 100;
	for (i = 0; i < ROLES; i++)
		identity.roles[i] =
		    slice_of(rules->roles[(number * 7 + i * 61) % roles]);
	identity.roles_count = ROLES;
	must(register_login(db, account->id, &identity, NOW - 5) == REGISTER_OK,
	    db, "login");
}

static void
add_account(struct register_db *db, const struct rules *rules, size_t number)
{
	struct account_request request = {
	    .issuer = issuer, .home = "/home/x", .shell = "/bin/bash"};
	struct account account;
	char name[32];

	(void)snprintf(name, sizeof(name), "user%06zu", number);
	request.name = request.subject = name;
	must(register_account_add(db, &request, 1, &account) == REGISTER_OK, db,
	    "account");
	add_login(db, rules, number, &account);
}

static void
authorise(struct register_db *db, const struct rules *rules, size_t number,
    size_t accounts)
{
	size_t group = number * 5 % rules->policy.groups_count;
	struct authorisation_request request = {.gid = (uint32_t)(GID + group),
	    .group = rules->groups[group].name,
	    .unit = "0321",
	    .order = (unsigned int)(number / 5 % AUTHORISATION_ORDER_MAX + 1),
	    .kind = POLICY_KIND_CASE,
	    .basis = "basis",
	    .reason = "reason",
	    .given_by = "administrator",
	    .from_s = NOW - 100,
	    .until_s = NOW + 100000,
	    .maximum = 100000};
	struct authorisation given;
	char name[32];

	(void)snprintf(name, sizeof(name), "user%06zu", number * 19 % accounts);
	request.person = name;
	must(authorisation_give(db, &request, NOW, &given) == AUTHORISATION_OK,
	    db, "authorisation");
}

static void
fill(struct register_db *db, const struct rules *rules, size_t accounts,
    size_t authorisations)
{
	size_t i;

	must(register_begin(db) == REGISTER_OK, db, "begin");
	for (i = 0; i < accounts; i++)
		add_account(db, rules, i);
	for (i = 0; i < authorisations; i++)
		authorise(db, rules, i, accounts);
	must(register_end(db, REGISTER_OK) == REGISTER_OK, db, "end");
}

static double
all_ms(struct register_db *db, const struct policy *policy, int64_t now_s)
{
	int64_t before_us = clock_us(CLOCK_MONOTONIC);
	bool changed;

	must(entitlement_refresh_all(db, policy, now_s, NULL, &changed) ==
		 REGISTER_OK,
	    db, "refresh all");
	return (double)(clock_us(CLOCK_MONOTONIC) - before_us) / 1000;
}

static double
one_us(struct register_db *db, const struct policy *policy, size_t accounts)
{
	int64_t before_us = clock_us(CLOCK_MONOTONIC);
	char name[32];
	bool changed;
	size_t i;

	for (i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "user%06zu", i % accounts);
		must(entitlement_refresh(db, policy, name, NOW, &changed) ==
			 REGISTER_OK,
		    db, "refresh");
	}
	return (double)(clock_us(CLOCK_MONOTONIC) - before_us) / 1000;
}

static int
add_up(int64_t account_id, const uint32_t *gids, size_t count, void *userdata)
{
	(void)account_id;
	(void)gids;
	*(size_t *)userdata += count;
	return 0;
}

static double
less(double a, double b)
{
	return a < b ? a : b;
}

/* Without groups, then with them: every account changes twice. */
static void
measure(struct register_db *db, const struct policy *policy, size_t accounts)
{
	double empty_ms = 1e9, write_ms = 1e9, same_ms = 1e9, one = 1e9;
	double due_ms = 1e9;
	struct policy nothing = *policy;
	size_t memberships = 0;
	int round;

	nothing.groups_count = 0;
	for (round = 0; round < ROUNDS; round++) {
		empty_ms = less(empty_ms, all_ms(db, &nothing, NOW));
		write_ms = less(write_ms, all_ms(db, policy, NOW));
		same_ms = less(same_ms, all_ms(db, policy, NOW));
		one = less(one, one_us(db, policy, accounts));
		memberships = 0;
		must(register_each_membership(db, add_up, &memberships) ==
			 REGISTER_OK,
		    db, "memberships");
		due_ms = less(due_ms, all_ms(db, policy, NOW + 1000));
	}
	printf("%zu memberships\n"
	       "all, every account gets its groups: %.0f ms\n"
	       "all, every account loses them: %.0f ms\n"
	       "all, nothing changes: %.0f ms\n"
	       "all, the groups that need a fresh login end: %.0f ms\n"
	       "one account, nothing changes: %.0f us\n",
	    memberships, write_ms, empty_ms, same_ms, due_ms, one);
}

static int
clean_up(const char *dir)
{
	(void)unlink("register.db");
	(void)unlink("register.db-wal");
	(void)unlink("register.db-shm");
	return rmdir(dir) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	size_t accounts = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000;
	size_t groups = argc > 2 ? strtoul(argv[2], NULL, 10) : 200;
	size_t authorisations = argc > 3 ? strtoul(argv[3], NULL, 10) : 500;
	const char *base = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	struct register_db *db = NULL;
	static struct rules rules;
	char dir[256];

	(void)snprintf(dir, sizeof(dir), "%s/portvakt-bench.XXXXXX", base);
	if (!mkdtemp(dir) || chdir(dir)) {
		perror(dir);
		return EXIT_FAILURE;
	}
	must(register_open("register.db", "/etc", &db) == REGISTER_OK, db,
	    "open");
	fill_rules(&rules, groups);
	fill(db, &rules, accounts, authorisations);
	measure(db, &rules.policy, accounts);
	register_close(db);
	free(rules.groups);
	free(rules.grants);
	free(rules.roles);
	free(rules.names);
	return clean_up(dir);
}
