/*
 * What a whole decision costs: 200 groups with three grants each, for persons
 * with 40 roles and three authorisations. Beside it the least that anybody has
 * to do who looks at every grant: read the names of the roles that it asks for,
 * and compare each once. Both run in turns over the same persons; the best of
 * many slices counts, in CPU time of this thread.
 */
#include "verify/decision.h"

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	PERSONS = 8,
	GROUPS = 200,
	GRANTS = 3,
	SERVICES = 20,
	UNITS = 70,
	ROLES = 400, /* that there are */
	ROLES_OF_PERSON = 40,
	AUTHORISATIONS = 3,
	TEXT_SIZE = 40,
	NOW = 1800000000,
	SLICES = 200,
	ROUNDS = 8,
	AIM_NS = 20000,
};

struct person {
	struct identity identity;
	struct decision_authorisation authorisations[AUTHORISATIONS];
	struct decision_query query;
};

struct bench {
	struct policy policy;
	struct policy_service services[SERVICES];
	struct policy_group groups[GROUPS];
	struct policy_grant grants[GROUPS][GRANTS];
	const char *wanted[GROUPS][GRANTS][2];
	struct policy_unit units[UNITS];
	struct policy_established established[UNITS];
	char role_names[ROLES][TEXT_SIZE];
	char group_names[GROUPS][TEXT_SIZE];
	char service_names[SERVICES][TEXT_SIZE];
	char unit_numbers[UNITS][TEXT_SIZE];
	const char *wanted_units[UNITS];
	struct person persons[PERSONS];
	struct decision decisions[GROUPS];
	size_t same; /* so that no comparison is left out */
};

typedef void measured_fn(struct bench *bench, const struct person *person);

static struct bench bench;
static const char *const files[] = {"/usr/share/portvakt/access.d/a.conf"};
static const char *const acted_for[] = {"0192:911830868"};

static int64_t
thread_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
name_things(struct bench *b)
{
	static const char *const words[] = {"saksbehandler", "leder", "les",
	    "arkiv", "vaktleder", "kontor", "statistikk-les", "innkomst",
	    "forstelinje", "transport"};
	int i;

	for (i = 0; i < ROLES; i++)
		(void)snprintf(b->role_names[i], TEXT_SIZE, "ko-system%02d-%s",
		    i / 10, words[i % 10]);
	for (i = 0; i < GROUPS; i++)
		(void)snprintf(b->group_names[i], TEXT_SIZE, "ko-%03d", i);
	for (i = 0; i < SERVICES; i++)
		(void)snprintf(b->service_names[i], TEXT_SIZE, "system%02d", i);
	for (i = 0; i < UNITS; i++)
		(void)snprintf(b->unit_numbers[i], TEXT_SIZE, "%04d", i * 7);
}

static void
make_units(struct bench *b)
{
	size_t i;

	for (i = 0; i < UNITS; i++) {
		b->established[i] =
		    (struct policy_established){b->service_names[0], 1};
		b->units[i] = (struct policy_unit){.number = b->unit_numbers[i],
		    .level = i == 0  ? POLICY_LEVEL_CENTRAL
			     : i < 6 ? POLICY_LEVEL_REGION
				     : POLICY_LEVEL_UNIT,
		    .parent = i == 0 ? NULL : &b->units[i < 6 ? 0 : 1],
		    .organisation = i < 7 ? "974760673" : "911830868",
		    .established = &b->established[i],
		    .established_count = 1};
		b->wanted_units[i] = b->unit_numbers[i];
	}
}

/* Every group has roles; some a level, an age, a unit, an authorisation. */
static void
make_grant(struct bench *b, size_t group, size_t i)
{
	size_t role = (group * GRANTS + i) * 2 % ROLES;
	struct policy_grant *grant = &b->grants[group][i];

	b->wanted[group][i][0] = b->role_names[role];
	b->wanted[group][i][1] = b->role_names[role + 1];
	grant->issuers = 1;
	grant->roles_any = (struct policy_set){b->wanted[group][i], 2};
	grant->acr_rank_min[0] = (int)(group % 3);
	grant->max_age_s = group % 4 == 0 ? 900 : 0;
	grant->valid_until_s = POLICY_NO_END;
	if (group % 5 == 0)
		grant->units = (struct policy_set){b->wanted_units, UNITS / 2};
	if (group % 20 == 0)
		grant->authorised_kinds = POLICY_KIND_CASE;
	if (group % 10 == 3)
		grant->on_behalf_of = (struct policy_set){acted_for, 1};
	grant->place.file = files[0];
	grant->place.line = (unsigned int)(10 * (group * GRANTS + i));
}

static void
make_policy(struct bench *b)
{
	size_t i, k;

	for (i = 0; i < SERVICES; i++) {
		b->services[i].name = b->service_names[i];
		b->services[i].needs_established_unit = i == 0;
	}
	for (i = 0; i < GROUPS; i++) {
		b->groups[i] = (struct policy_group){.name = b->group_names[i],
		    .gid = (uint32_t)(1900000100 + i),
		    .service = i / (GROUPS / SERVICES),
		    .grants = b->grants[i],
		    .grants_count = GRANTS};
		for (k = 0; k < GRANTS; k++)
			make_grant(b, i, k);
	}
	b->policy = (struct policy){.issuers = {{"https://a.example", "staff"}},
	    .issuers_count = 1,
	    .services = b->services,
	    .services_count = SERVICES,
	    .groups = b->groups,
	    .groups_count = GROUPS,
	    .units = b->units,
	    .units_count = UNITS};
}

static void
make_person(struct bench *b, size_t number)
{
	struct person *person = &b->persons[number];
	struct identity *identity = &person->identity;
	size_t i;

	(void)snprintf(
	    identity->issuer, sizeof(identity->issuer), "https://a.example");
	identity->acr_rank = 2;
	identity->authenticated_at_s = NOW - 60;
	for (i = 0; i < ROLES_OF_PERSON; i++)
		identity->roles[i] =
		    slice_of(b->role_names[(i * 10 + number + i % 7) % ROLES]);
	identity->roles_count = ROLES_OF_PERSON;
	identity->units[0] = slice_of(b->unit_numbers[10 + number]);
	identity->units_count = 1;
	identity->mandates[0].organisation = slice_of(acted_for[0]);
	identity->mandates_count = 1;
	for (i = 0; i < AUTHORISATIONS; i++)
		person->authorisations[i] =
		    (struct decision_authorisation){(int64_t)i,
			b->groups[i * 20].gid, b->unit_numbers[10 + number],
			POLICY_KIND_CASE, NOW - 60, NOW + 3600};
	person->query = (struct decision_query){
	    identity, false, person->authorisations, AUTHORISATIONS, NOW};
}

static void
decide(struct bench *b, const struct person *person)
{
	decision_make(&b->policy, &person->query, b->decisions);
}

static void
compare_only(struct bench *b, const struct person *person)
{
	const struct identity *identity = &person->identity;
	size_t i, k, at = 0;

	for (i = 0; i < GROUPS; i++) {
		const struct policy_group *group = &b->policy.groups[i];

		for (k = 0; k < group->grants_count; k++) {
			const struct policy_set *set =
			    &group->grants[k].roles_any;
			size_t t;

			for (t = 0; t < set->count; t++) {
				struct slice role = identity->roles[at];

				b->same += memcmp(role.at, set->texts[t],
					       role.size) == 0;
				at = (at + 1) % ROLES_OF_PERSON;
			}
		}
	}
}

static int64_t
slice_ns(measured_fn *measured, struct bench *b)
{
	int64_t before = thread_ns();
	int i;

	for (i = 0; i < ROUNDS * PERSONS; i++)
		measured(b, &b->persons[i % PERSONS]);
	return (thread_ns() - before) / (ROUNDS * PERSONS);
}

static size_t
granted(const struct bench *b)
{
	size_t i, count = 0;

	for (i = 0; i < GROUPS; i++)
		count += b->decisions[i].outcome == DECISION_GRANTED;
	return count;
}

int
main(void)
{
	int64_t floor_ns = INT64_MAX, decide_ns = INT64_MAX, ns;
	size_t i;

	name_things(&bench);
	make_units(&bench);
	make_policy(&bench);
	for (i = 0; i < PERSONS; i++)
		make_person(&bench, i);
	for (i = 0; i < SLICES; i++) {
		ns = slice_ns(compare_only, &bench);
		floor_ns = ns < floor_ns ? ns : floor_ns;
		ns = slice_ns(decide, &bench);
		decide_ns = ns < decide_ns ? ns : decide_ns;
	}
	printf("one decision, %d groups, %d grants, %d roles: %.1f us, %zu "
	       "granted\n",
	    GROUPS, GROUPS * GRANTS, ROLES_OF_PERSON, (double)decide_ns / 1000,
	    granted(&bench));
	printf("every role asked for, compared once: %.1f us; %.1f times\n",
	    (double)floor_ns / 1000, (double)decide_ns / (double)floor_ns);
	if (granted(&bench) == 0)
		errx(1, "nothing is granted: this measures no decision");
	return decide_ns <= AIM_NS ? 0 : 1;
}
