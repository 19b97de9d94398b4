/*
 * Which groups somebody has, by which rule, and what is missing: now, on a day
 * in the past by the rules and the knowledge of then, or had the login said
 * something else.
 */
#include "broker/admin/admin_commands.h"
#include "broker/admin/admin_decision.h"
#include "broker/admin/admin_facts.h"
#include "broker/admin/admin_identity.h"
#include "broker/admin/admin_rules.h"
#include "broker/clock.h"

#include <stdio.h>
#include <stdlib.h>

static const int64_t time_max_s = INT64_C(253402300799); /* of year 9999 */

struct question {
	struct broker *broker;
	const char *name;
	const char *group; /* NULL: all of them */
	const json_t *with; /* NULL: as it was */
	int64_t now_s;
	int64_t as_of_s;
};

/* What is not behind us yet is known as it is now. */
static bool
is_past(const struct question *question)
{
	return question->as_of_s < question->now_s;
}

static json_t *
read_question(const struct admin_call *call, struct question *question)
{
	const json_t *as_of = json_object_get(call->request, "as_of");

	*question = (struct question){
	    .broker = call->broker,
	    .name = admin_text(call->request, "name"),
	    .group = admin_text(call->request, "group"),
	    .with = json_object_get(call->request, "with"),
	    .now_s = clock_wall_s(),
	};
	question->as_of_s = as_of ? json_integer_value(as_of) : question->now_s;
	if (!question->name)
		return admin_bad_request("which account? name is missing");
	if (question->as_of_s < 1 || question->as_of_s > time_max_s)
		return admin_error("time-invalid", "as_of is no time");
	if (!call->broker->realm)
		return admin_not_configured(call->broker);
	return NULL;
}

/* Who has never logged in does so now. */
static void
suppose_login(const struct question *question, struct entitlement_facts *facts)
{
	struct identity *identity = &facts->identity;

	if (facts->query.identity)
		return;
	(void)snprintf(identity->issuer, sizeof(identity->issuer), "%s",
	    facts->account.issuer);
	(void)snprintf(identity->subject, sizeof(identity->subject), "%s",
	    facts->account.subject);
	identity->issued_at_s = identity->authenticated_at_s =
	    question->as_of_s;
	facts->query.identity = identity;
	facts->has_identity = true;
}

static json_t *
collect(const struct question *question, const struct policy *policy,
    struct entitlement_facts **ret_facts)
{
	struct entitlement_facts *facts = NULL;
	enum register_result result;
	json_t *refusal = NULL;

	result = admin_facts_collect(question->broker, policy, question->name,
	    is_past(question) ? question->as_of_s : 0, question->now_s, &facts);
	if (result != REGISTER_OK)
		return admin_refuse(question->broker, result);
	facts->query.now_s = question->as_of_s;
	if (question->with) {
		suppose_login(question, facts);
		refusal = admin_identity_suppose(question->broker, policy,
		    question->with, question->as_of_s, &facts->identity);
	}
	*ret_facts = facts;
	return refusal;
}

static json_t *
decide(const struct question *question, const struct policy *policy,
    const struct entitlement_facts *facts)
{
	__attribute__((cleanup(decisions_free))) struct decision *decisions =
	    decisions_new(policy);
	const struct policy_group *group = NULL;
	json_t *list = json_array();
	size_t i;

	if (question->group)
		group = policy_group_by_name(policy, question->group);
	if (!decisions || !list) {
		json_decref(list);
		return NULL;
	}
	decision_make(policy, &facts->query, decisions);
	for (i = 0; i < policy->groups_count; i++) {
		if (group && decisions[i].group != group)
			continue;
		(void)json_array_append_new(list,
		    admin_decision_describe(policy, &decisions[i], facts));
	}
	return list;
}

static json_t *
explain(const struct question *question, const struct policy *policy)
{
	ADMIN_FACTS *facts = NULL;
	json_t *refusal;

	if (question->group && !policy_group_by_name(policy, question->group))
		return admin_error("group-unknown",
		    "the rules of that time know no such "
		    "group");
	refusal = collect(question, policy, &facts);
	if (refusal)
		return refusal;
	return admin_done(json_pack("{s:s, s:I, s:o, s:o}", "account",
	    facts->account.name, "as_of", (json_int_t)question->as_of_s,
	    "identity",
	    facts->query.identity ? admin_identity_describe(&facts->identity)
				  : json_null(),
	    "decisions", decide(question, policy, facts)));
}

json_t *
admin_explain(const struct admin_call *call)
{
	struct policy_text *text = NULL;
	struct question question;
	json_t *reply;

	reply = read_question(call, &question);
	if (reply)
		return reply;
	if (!is_past(&question))
		return explain(
		    &question, rules_policy(call->broker->realm->rules));
	reply = admin_rules_at(call->broker, question.as_of_s, &text);
	if (!reply)
		reply = explain(&question, policy_text_policy(text));
	policy_text_free(text);
	return reply;
}
