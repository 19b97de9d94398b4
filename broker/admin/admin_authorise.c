/*
 * Personal authorisations given and withdrawn: by whom the rules let, counted
 * and written in one transaction, and in force before the answer.
 */
#include "broker/admin/admin_authorisation.h"
#include "broker/admin/admin_commands.h"
#include "broker/admin/admin_giver.h"
#include "broker/register/authorisation_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROWS_MAX = 10000, /* of an import; the whole prison service */
	ROWS_MAX_OF_ACCOUNT = 200, /* the broker answers nobody meanwhile */
};

#define GIVER __attribute__((cleanup(admin_giver_done))) struct admin_giver

static json_t *
refuse(struct broker *broker, enum authorisation_result result)
{
	return admin_error(authorisation_result_word(result),
	    result == AUTHORISATION_FAILED ? register_error(broker->db)
					   : authorisation_result_text(result));
}

static json_t *
group_unknown(void)
{
	return admin_error(
	    "group-unknown", "the rules in force know no such group");
}

static json_t *
unit_unknown(void)
{
	return admin_error("unit-unknown", "units.conf knows no such unit");
}

/* A time that was not said is the default; false: it is no time. */
static bool
read_time(const json_t *from, const char *name, int64_t otherwise_s,
    int64_t *ret_at_s)
{
	const json_t *value = json_object_get(from, name);

	if (value && !json_is_integer(value))
		return false;
	*ret_at_s = value ? json_integer_value(value) : otherwise_s;
	return true;
}

static bool
read_kind(const json_t *from, enum policy_kind *ret_kind)
{
	const char *word = admin_text(from, "kind");

	if (word && strcmp(word, policy_kind_word(POLICY_KIND_CASE)) == 0)
		*ret_kind = POLICY_KIND_CASE;
	else if (word &&
		 strcmp(word, policy_kind_word(POLICY_KIND_CLERICAL)) == 0)
		*ret_kind = POLICY_KIND_CLERICAL;
	else
		return false;
	return true;
}

/* Which one was it: the register would only say that one of them is wrong. */
static json_t *
check_texts(const struct authorisation_request *request)
{
	if (request->order == 0)
		return admin_error("order-invalid",
		    "the place in the order of contact is 1 to 999");
	if (!authorisation_text_is_valid(request->basis))
		return admin_error(
		    "basis-invalid", "the basis is 1 to 255 bytes on one line");
	if (!authorisation_text_is_valid(request->reason))
		return admin_error("reason-invalid",
		    "the reason is 1 to 255 bytes on one line");
	if (request->exception && request->exception[0] &&
	    !authorisation_text_is_valid(request->exception))
		return admin_error("exception-invalid",
		    "the basis of an exception is at most 255 bytes on one "
		    "line");
	return NULL;
}

/* Nothing is given after the fact: the lists of the past stand. */
static json_t *
check_times(const struct admin_giver *giver,
    const struct authorisation_request *request)
{
	if (request->from_s < giver->now_s)
		return admin_error(
		    "from-past", "an authorisation does not begin in the past");
	if (request->until_s <= giver->now_s)
		return admin_error("until-past", "the end is in the past");
	if (request->until_s <= request->from_s)
		return admin_error(
		    "until-before-from", "the end is not after the beginning");
	return NULL;
}

static json_t *
read_members(const struct admin_giver *giver, const json_t *from,
    struct authorisation_request *request)
{
	json_int_t order = json_integer_value(json_object_get(from, "order"));

	*request = (struct authorisation_request){
	    .person = admin_text(from, "person"),
	    .group = admin_text(from, "group"),
	    .unit = admin_text(from, "unit"),
	    .basis = admin_text(from, "basis"),
	    .reason = admin_text(from, "reason"),
	    .exception = admin_text(from, "exception"),
	    .given_by = admin_actor_name(giver->actor),
	};
	if (!request->person || !request->group || !request->unit)
		return admin_bad_request(
		    "an authorisation needs a person, a group and a unit");
	if (order > 0 && order <= AUTHORISATION_ORDER_MAX)
		request->order = (unsigned int)order;
	if (!read_kind(from, &request->kind))
		return admin_bad_request("kind is case or clerical");
	if (!read_time(from, "from", giver->now_s, &request->from_s) ||
	    !read_time(from, "until", POLICY_NO_END, &request->until_s))
		return admin_error("time-invalid", "a time is in seconds");
	return NULL;
}

/*
 * NULL, with the request as the register takes it, or the refusal. begin_now:
 * what began in the past begins now.
 */
static json_t *
read_request(const struct admin_giver *giver, const json_t *from,
    bool begin_now, struct authorisation_request *request)
{
	const struct policy_group *group;
	const struct policy_quota *quota = NULL;
	const struct policy_unit *unit;
	json_t *refusal;

	refusal = read_members(giver, from, request);
	if (!refusal && begin_now && request->from_s < giver->now_s)
		request->from_s = giver->now_s;
	if (refusal)
		return refusal;
	group = policy_group_by_name(giver->policy, request->group);
	if (!group)
		return group_unknown();
	unit = policy_unit_by_number(giver->policy, request->unit);
	if (!unit)
		return unit_unknown();
	refusal = check_texts(request);
	if (!refusal)
		refusal = check_times(giver, request);
	if (refusal)
		return refusal;
	refusal =
	    admin_giver_check(giver, request->person, group, unit, &quota);
	if (refusal)
		return refusal;
	request->gid = group->gid;
	request->maximum = request->kind == POLICY_KIND_CASE
			       ? quota->maximum
			       : quota->clerical_maximum;
	return NULL;
}

/* A register that cannot count is not one that is below. */
static bool
is_below_minimum(struct broker *broker, const struct admin_giver *giver,
    const char *group_name, const char *unit_number)
{
	const struct policy_group *group =
	    policy_group_by_name(giver->policy, group_name);
	const struct policy_unit *unit =
	    policy_unit_by_number(giver->policy, unit_number);
	struct admin_authorisation_count count;
	const struct policy_quota *quota;

	quota = group && unit ? policy_group_quota(group, unit->level) : NULL;
	return quota &&
	       admin_authorisation_count(broker->db, group->gid, unit_number,
		   giver->now_s, &count) == REGISTER_OK &&
	       count.cases < quota->minimum;
}

json_t *
admin_authorise(const struct admin_call *call)
{
	struct broker *broker = call->broker;
	struct authorisation_request request;
	struct authorisation given;
	enum authorisation_result result;
	GIVER giver = {0};
	json_t *refusal;

	refusal = admin_giver_init(&giver, call);
	if (!refusal)
		refusal = read_request(&giver, call->request, false, &request);
	if (refusal)
		return refusal;
	result = authorisation_give(broker->db, &request, giver.now_s, &given);
	if (result != AUTHORISATION_OK)
		return refuse(broker, result);
	return admin_published(broker, broker_refresh(broker, given.person),
	    admin_done(json_pack("{s:o, s:b}", "authorisation",
		admin_authorisation_describe(&given), "below_minimum",
		is_below_minimum(broker, &giver, given.group, given.unit))));
}

static void
free_requests(struct authorisation_request **requests)
{
	free(*requests);
}

/* Each person once, and published once for all of them. */
static int
refresh_people(struct broker *broker, const struct admin_giver *giver,
    const struct authorisation_request *requests, size_t count)
{
	bool changed;
	size_t i;

	for (i = 0; i < count; i++) {
		if (i > 0 &&
		    strcmp(requests[i].person, requests[i - 1].person) == 0)
			continue;
		if (entitlement_refresh(broker->db, giver->policy,
			requests[i].person, giver->now_s,
			&changed) == REGISTER_OK)
			continue;
		broker->publication.undecided = true;
		return -EIO;
	}
	return broker_publish(broker);
}

static int
compare_people(const void *a, const void *b)
{
	const struct authorisation_request *left = a, *right = b;

	return strcmp(left->person, right->person);
}

static json_t *
check_count(const struct admin_actor *actor, size_t count)
{
	if (!actor->root && count > ROWS_MAX_OF_ACCOUNT)
		return admin_error("too-many-rows",
		    "an import by somebody else than root has at most 200 "
		    "rows");
	if (count > ROWS_MAX)
		return admin_error(
		    "too-many-rows", "an import has at most 10000 rows");
	return count ? NULL : admin_bad_request("an import without a row");
}

static bool
began_before(const struct admin_giver *giver, const json_t *row)
{
	const json_t *from = json_object_get(row, "from");

	return from && json_integer_value(from) < giver->now_s;
}

json_t *
admin_authorise_import(const struct admin_call *call)
{
	__attribute__((cleanup(
	    free_requests))) struct authorisation_request *requests = NULL;
	const json_t *rows = json_object_get(call->request, "rows");
	size_t count = json_array_size(rows), i, failed_at = 0, begins_now = 0;
	enum authorisation_result result;
	GIVER giver = {0};
	json_t *refusal;

	refusal = admin_giver_init(&giver, call);
	if (refusal)
		return refusal;
	refusal = check_count(call->actor, count);
	if (refusal)
		return refusal;
	requests = calloc(count, sizeof(*requests));
	if (!requests)
		return admin_error("failed", "out of memory");
	for (i = 0; i < count; i++) {
		refusal = read_request(
		    &giver, json_array_get(rows, i), true, &requests[i]);
		if (refusal)
			return admin_with_row(refusal, i + 1);
		begins_now += began_before(&giver, json_array_get(rows, i));
	}
	result = authorisation_import(
	    call->broker->db, requests, count, giver.now_s, &failed_at);
	if (result == AUTHORISATION_FAILED)
		return refuse(call->broker, result);
	if (result != AUTHORISATION_OK)
		return admin_with_row(
		    refuse(call->broker, result), failed_at + 1);
	qsort(requests, count, sizeof(*requests), compare_people);
	return admin_published(call->broker,
	    refresh_people(call->broker, &giver, requests, count),
	    admin_done(json_pack("{s:I, s:I}", "imported", (json_int_t)count,
		"begins_now", (json_int_t)begins_now)));
}

/* The units of what is withdrawn. */
struct withdrawal {
	const struct admin_giver *giver;
	const struct policy_group *group; /* NULL: the rules lack it */
	const char *name;
	uint32_t gid;
	json_t *units; /* each once, as members of an object */
};

/* Of no named unit: what stands where the giver has no say stays. */
static int
collect_unit(const struct authorisation *authorisation, void *userdata)
{
	struct withdrawal *withdrawal = userdata;
	json_t *refusal = NULL;

	/* Without a group it is root who asks. */
	if (withdrawal->group)
		refusal = admin_giver_check_withdrawal(withdrawal->giver,
		    authorisation->person, withdrawal->group,
		    policy_unit_by_number(
			withdrawal->giver->policy, authorisation->unit));
	if (!refusal)
		(void)json_object_set_new(
		    withdrawal->units, authorisation->unit, json_true());
	json_decref(refusal);
	return 0;
}

static int
match_name(const struct authorisation *authorisation, void *userdata)
{
	struct withdrawal *withdrawal = userdata;

	if (strcmp(authorisation->group, withdrawal->name) != 0)
		return 0;
	withdrawal->gid = authorisation->gid;
	return 1;
}

/*
 * A group that the rules do not have any more: what is left in the register
 * would be in force again with it, and only root stands above no rule.
 */
static json_t *
find_in_register(
    struct broker *broker, struct withdrawal *withdrawal, const char *person)
{
	struct authorisation_filter filter = {
	    .which = AUTHORISATION_STANDING,
	    .from_s = withdrawal->giver->now_s,
	    .to_s = INT64_MAX,
	};
	enum register_result result;
	struct account account;

	if (!withdrawal->giver->actor->root)
		return group_unknown();
	result = register_account_by_name(broker->db, person, &account);
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	filter.account_id = account.id;
	result =
	    authorisation_each(broker->db, &filter, match_name, withdrawal);
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	return withdrawal->gid ? NULL : group_unknown();
}

static json_t *
collect_units(struct broker *broker, struct withdrawal *withdrawal,
    const char *person, const char *unit)
{
	struct authorisation_filter filter = {
	    .which = AUTHORISATION_STANDING,
	    .gid = withdrawal->gid,
	    .unit = unit,
	    .from_s = withdrawal->giver->now_s,
	    .to_s = INT64_MAX,
	};
	enum register_result result;
	struct account account;

	result = register_account_by_name(broker->db, person, &account);
	if (result != REGISTER_OK)
		return admin_refuse(broker, result);
	filter.account_id = account.id;
	result =
	    authorisation_each(broker->db, &filter, collect_unit, withdrawal);
	return result == REGISTER_OK ? NULL : admin_refuse(broker, result);
}

/*
 * By the rules and the one who asks alone: an answer that depended on what
 * there is would tell anybody who is authorised.
 */
static json_t *
check_withdrawal(const struct withdrawal *withdrawal, const char *person,
    const char *unit_number)
{
	const struct policy_unit *unit;

	if (!withdrawal->group)
		return NULL; /* root alone comes as far as this */
	if (!unit_number)
		return admin_giver_check_somewhere(
		    withdrawal->giver, person, withdrawal->group);
	unit = policy_unit_by_number(withdrawal->giver->policy, unit_number);
	return admin_giver_check_withdrawal(
	    withdrawal->giver, person, withdrawal->group, unit);
}

/* In one unit after the other; each tells where too few are left. */
static enum authorisation_result
withdraw_in_units(struct broker *broker, const struct withdrawal *withdrawal,
    const char *person, const char *reason, size_t *ret_count,
    struct authorisation_minimums *minimums)
{
	const struct admin_giver *giver = withdrawal->giver;
	enum authorisation_result result = AUTHORISATION_NOT_FOUND;
	struct authorisation_minimums of_unit = {.policy = giver->policy};
	const char *unit;
	json_t *value;
	size_t count;

	*ret_count = minimums->below_count = 0;
	json_object_foreach (withdrawal->units, unit, value) {
		result = authorisation_withdraw(broker->db, person,
		    withdrawal->gid, unit, admin_actor_name(giver->actor),
		    reason, giver->now_s, &count, &of_unit);
		if (result != AUTHORISATION_OK)
			return result;
		*ret_count += count;
		if (of_unit.below_count > 0 &&
		    minimums->below_count < AUTHORISATIONS_MAX)
			memcpy(minimums->below[minimums->below_count++],
			    of_unit.below[0], sizeof(of_unit.below[0]));
	}
	return result;
}

/* Of all the units, or of none. */
static enum authorisation_result
withdraw_whole(struct broker *broker, const struct withdrawal *withdrawal,
    const char *person, const char *reason, size_t *ret_count,
    struct authorisation_minimums *minimums)
{
	enum authorisation_result result;
	enum register_result ended;

	if (register_begin(broker->db) != REGISTER_OK)
		return AUTHORISATION_FAILED;
	result = withdraw_in_units(
	    broker, withdrawal, person, reason, ret_count, minimums);
	ended = register_end(broker->db,
	    result == AUTHORISATION_OK ? REGISTER_OK : REGISTER_FAILED);
	if (result == AUTHORISATION_OK && ended != REGISTER_OK)
		return AUTHORISATION_FAILED;
	return result;
}

static json_t *
list_below(const struct authorisation_minimums *minimums)
{
	json_t *below = json_array();
	size_t i;

	for (i = 0; i < minimums->below_count; i++)
		(void)json_array_append_new(
		    below, json_string(minimums->below[i]));
	return below;
}

static json_t *
withdraw(const struct admin_call *call, struct withdrawal *withdrawal,
    const char *person, const char *reason)
{
	struct broker *broker = call->broker;
	const char *unit = admin_text(call->request, "unit");
	struct authorisation_minimums minimums = {
	    .policy = withdrawal->giver->policy};
	enum authorisation_result result;
	json_t *refusal;
	size_t count;

	refusal = check_withdrawal(withdrawal, person, unit);
	if (!refusal)
		refusal = collect_units(broker, withdrawal, person, unit);
	if (refusal)
		return refusal;
	result = withdraw_whole(
	    broker, withdrawal, person, reason, &count, &minimums);
	if (result != AUTHORISATION_OK)
		return refuse(broker, result);
	return admin_published(broker, broker_refresh(broker, person),
	    admin_done(json_pack("{s:I, s:o}", "withdrawn", (json_int_t)count,
		"below_minimum", list_below(&minimums))));
}

json_t *
admin_withdraw(const struct admin_call *call)
{
	const char *person = admin_text(call->request, "person");
	const char *group = admin_text(call->request, "group");
	const char *reason = admin_text(call->request, "reason");
	struct withdrawal withdrawal = {0};
	GIVER giver = {0};
	json_t *reply;

	reply = admin_giver_init(&giver, call);
	if (reply)
		return reply;
	if (!person || !group || !reason || !reason[0])
		return admin_bad_request(
		    "a withdrawal needs a person, a group and a reason");
	withdrawal.giver = &giver;
	withdrawal.group = policy_group_by_name(giver.policy, group);
	withdrawal.name = group;
	if (withdrawal.group)
		withdrawal.gid = withdrawal.group->gid;
	else
		reply = find_in_register(call->broker, &withdrawal, person);
	if (reply)
		return reply;
	withdrawal.units = json_object();
	reply = withdraw(call, &withdrawal, person, reason);
	json_decref(withdrawal.units);
	return reply;
}
