/* What other rules would give and take, and from whom. Nothing is changed. */
#include "broker/admin/admin_commands.h"
#include "broker/admin/admin_decision.h"
#include "broker/admin/admin_facts.h"
#include "broker/admin/admin_rules.h"
#include "broker/clock.h"

#include <stdlib.h>
#include <string.h>

enum { CHANGES_MAX = 20000 }; /* in one answer; more are only counted */

struct simulation {
	struct broker *broker;
	const struct policy *now; /* in force */
	const struct policy *then; /* in question */
	struct decision *decided_now;
	struct decision *decided_then;
	int64_t at_s;
	json_t *changes;
	json_int_t accounts;
	json_int_t left_out; /* changes that had no place */
};

static const struct decision *
find(const struct decision *decisions, size_t count, const char *group)
{
	size_t low = 0, high = count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(decisions[middle].group->name, group);
		if (order == 0)
			return &decisions[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static bool
is_granted(const struct decision *decision)
{
	return decision && decision->outcome == DECISION_GRANTED;
}

/* A group that is gone has no rule: there is only that it was. */
static json_t *
because(const struct simulation *simulation, const struct decision *was,
    const struct decision *is, const struct entitlement_facts *facts)
{
	json_t *object =
	    is ? admin_decision_describe(simulation->then, is, facts)
	       : admin_decision_describe(simulation->now, was, facts);

	if (is)
		return object;
	(void)json_object_set_new(object, "granted", json_false());
	(void)json_object_set_new(object, "condition", json_string("no-group"));
	(void)json_object_set_new(object, "wanted",
	    json_string("the group itself: these rules do not have it"));
	return object;
}

static int
note(struct simulation *simulation, const struct decision *was,
    const struct decision *is, const struct entitlement_facts *facts)
{
	const struct decision *known = is ? is : was;

	if (is_granted(was) == is_granted(is))
		return 0;
	if (json_array_size(simulation->changes) == CHANGES_MAX) {
		simulation->left_out++;
		return 0;
	}
	return json_array_append_new(simulation->changes,
	    json_pack("{s:s, s:s, s:b, s:o}", "account", facts->account.name,
		"group", known->group->name, "gains", is_granted(is), "because",
		because(simulation, was, is, facts)));
}

static int
compare(struct simulation *simulation, const struct entitlement_facts *facts)
{
	const struct decision *was, *is;
	size_t i;

	for (i = 0; i < simulation->then->groups_count; i++) {
		is = &simulation->decided_then[i];
		was = find(simulation->decided_now,
		    simulation->now->groups_count, is->group->name);
		if (note(simulation, was, is, facts))
			return -1;
	}
	for (i = 0; i < simulation->now->groups_count; i++) {
		was = &simulation->decided_now[i];
		is = find(simulation->decided_then,
		    simulation->then->groups_count, was->group->name);
		if (!is && note(simulation, was, NULL, facts))
			return -1;
	}
	return 0;
}

static int
try_account(const struct account *account, void *userdata)
{
	struct simulation *simulation = userdata;
	ADMIN_FACTS *facts = NULL;

	if (admin_facts_collect(simulation->broker, simulation->now,
		account->name, 0, simulation->at_s, &facts) != REGISTER_OK)
		return -1;
	simulation->accounts++;
	decision_make(simulation->now, &facts->query, simulation->decided_now);
	decision_make(
	    simulation->then, &facts->query, simulation->decided_then);
	return compare(simulation, facts);
}

static json_t *
run(struct simulation *simulation)
{
	enum register_result result;

	result = register_each_account(
	    simulation->broker->db, "", try_account, simulation);
	if (result != REGISTER_OK)
		return admin_refuse(simulation->broker, result);
	return admin_done(json_pack("{s:I, s:O, s:I}", "accounts",
	    simulation->accounts, "changes", simulation->changes, "left_out",
	    simulation->left_out));
}

static json_t *
simulate(struct broker *broker, const struct policy *then)
{
	struct simulation simulation = {
	    .broker = broker,
	    .now = rules_policy(broker->realm->rules),
	    .then = then,
	    .at_s = clock_wall_s(),
	    .changes = json_array(),
	};
	json_t *reply;

	simulation.decided_now = decisions_new(simulation.now);
	simulation.decided_then = decisions_new(then);
	if (simulation.decided_now && simulation.decided_then)
		reply = run(&simulation);
	else
		reply = admin_error("failed", "out of memory");
	free(simulation.decided_now);
	free(simulation.decided_then);
	json_decref(simulation.changes);
	return reply;
}

json_t *
admin_simulate(const struct admin_call *call)
{
	const json_t *files = json_object_get(call->request, "files");
	struct policy_text *text = NULL;
	json_t *reply;

	if (!call->broker->realm)
		return admin_not_configured(call->broker);
	if (!json_is_array(files))
		return admin_bad_request("files is missing");
	reply = admin_rules_of(call->broker, files, &text);
	if (!reply)
		reply = simulate(call->broker, policy_text_policy(text));
	policy_text_free(text);
	return reply;
}
