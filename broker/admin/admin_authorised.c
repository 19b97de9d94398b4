/* The list of who is authorised, as on any day, against what the rules want. */
#include "broker/admin/admin_authorisation.h"
#include "broker/admin/admin_commands.h"
#include "broker/admin/admin_giver.h"

#include <string.h>

#define GIVER __attribute__((cleanup(admin_giver_done))) struct admin_giver

struct list {
	struct broker *broker;
	const struct admin_giver *giver;
	json_t *authorisations;
	json_t *quotas;
	int64_t at_s; /* of the counts */
	char group[NAME_MAX_SIZE]; /* of the counts that came last */
	char unit[POLICY_UNIT_SIZE];
};

static json_t *
describe_quota(const struct policy_group *group, const struct policy_unit *unit,
    const struct policy_quota *quota,
    const struct admin_authorisation_count *count)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:i}", "unit",
	    unit->number, "unit_name", unit->name, "group", group->name, "case",
	    (int)count->cases, "clerical", (int)count->clerical, "minimum",
	    (int)quota->minimum, "maximum", (int)quota->maximum,
	    "clerical_maximum", (int)quota->clerical_maximum);
}

/* Once for each group and unit; a unit without a quota has none to show. */
static int
append_quota(struct list *list, const struct policy_group *group,
    const struct policy_unit *unit)
{
	struct admin_authorisation_count count;
	const struct policy_quota *quota;

	quota = group && unit ? policy_group_quota(group, unit->level) : NULL;
	if (!quota)
		return 0;
	if (admin_authorisation_count(list->broker->db, group->gid,
		unit->number, list->at_s, &count) != REGISTER_OK)
		return -1;
	return json_array_append_new(
	    list->quotas, describe_quota(group, unit, quota, &count));
}

static int
append(const struct authorisation *authorisation, void *userdata)
{
	struct list *list = userdata;
	const struct admin_giver *giver = list->giver;
	const struct policy_group *group =
	    policy_group_by_name(giver->policy, authorisation->group);

	if (strcmp(authorisation->person, giver->actor->account) != 0 &&
	    !admin_giver_sees_unit(giver, group,
		policy_unit_by_number(giver->policy, authorisation->unit)))
		return 0;
	return json_array_append_new(
	    list->authorisations, admin_authorisation_describe(authorisation));
}

/* The units that stand in the list, in its order. */
static int
count_listed(struct list *list)
{
	const struct policy *policy = list->giver->policy;
	const char *group, *unit, *last_group = "", *last_unit = "";
	const json_t *one;
	size_t i;

	json_array_foreach (list->authorisations, i, one) {
		group = admin_text(one, "group");
		unit = admin_text(one, "unit");
		if (strcmp(group, last_group) == 0 &&
		    strcmp(unit, last_unit) == 0)
			continue;
		/* Their own row does not show how many others there are. */
		if (!admin_giver_sees_unit(list->giver,
			policy_group_by_name(policy, group),
			policy_unit_by_number(policy, unit)))
			continue;
		last_group = group;
		last_unit = unit;
		if (append_quota(list, policy_group_by_name(policy, group),
			policy_unit_by_number(policy, unit)))
			return -1;
	}
	return 0;
}

/* Of one group, those too that have nobody and should have somebody. */
static int
count_all_units(
    struct list *list, const struct policy_group *group, const char *unit)
{
	const struct policy *policy = list->giver->policy;
	const struct policy_service *service =
	    &policy->services[group->service];
	size_t i;

	for (i = 0; i < policy->units_count; i++) {
		if (unit && strcmp(policy->units[i].number, unit) != 0)
			continue;
		if (policy_unit_is_established(
			&policy->units[i], service, list->at_s) &&
		    admin_giver_sees_unit(
			list->giver, group, &policy->units[i]) &&
		    append_quota(list, group, &policy->units[i]))
			return -1;
	}
	return 0;
}

/* Which moments the request asks for; false: they are none. */
static bool
read_times(
    const json_t *request, int64_t now_s, struct authorisation_filter *filter)
{
	const json_t *as_of = json_object_get(request, "as_of");
	const json_t *from = json_object_get(request, "from");
	const json_t *to = json_object_get(request, "to");

	filter->from_s = filter->to_s = now_s;
	if (as_of && !from && !to && json_is_integer(as_of)) {
		filter->from_s = filter->to_s = json_integer_value(as_of);
		filter->known_at_s =
		    filter->from_s < now_s ? filter->from_s : 0;
		return filter->from_s > 0;
	}
	if (!as_of && json_is_integer(from) && json_is_integer(to)) {
		filter->from_s = json_integer_value(from);
		filter->to_s = json_integer_value(to);
		filter->which = AUTHORISATION_EVER;
		return filter->from_s >= 0 && filter->to_s >= filter->from_s;
	}
	filter->which = AUTHORISATION_STANDING;
	return !as_of && !from && !to;
}

static json_t *
read_people(struct list *list, const json_t *request,
    struct authorisation_filter *filter, const struct policy_group **ret_group)
{
	const char *group = admin_text(request, "group");
	const char *person = admin_text(request, "person");
	const struct policy *policy = list->giver->policy;
	enum register_result result;
	struct account account;

	filter->unit = admin_text(request, "unit");
	if (filter->unit && !policy_unit_by_number(policy, filter->unit))
		return admin_error(
		    "unit-unknown", "units.conf knows no such unit");
	*ret_group = group ? policy_group_by_name(policy, group) : NULL;
	if (group && !*ret_group)
		return admin_error(
		    "group-unknown", "the rules in force know no such group");
	if (*ret_group && !admin_giver_sees(list->giver, *ret_group))
		return admin_error("not-permitted",
		    "only givers and members of a group see who is authorised "
		    "for it");
	if (*ret_group && filter->unit &&
	    !admin_giver_sees_unit(list->giver, *ret_group,
		policy_unit_by_number(policy, filter->unit)))
		return admin_error("not-permitted",
		    "this unit is neither yours nor below yours");
	filter->gid = *ret_group ? (*ret_group)->gid : 0;
	if (!person)
		return NULL;
	result = register_account_by_name(list->broker->db, person, &account);
	filter->account_id = account.id;
	return result == REGISTER_OK ? NULL
				     : admin_refuse(list->broker, result);
}

static json_t *
fill(struct list *list, const struct authorisation_filter *filter,
    const struct policy_group *group)
{
	enum register_result result;
	bool whole = group && filter->account_id == 0;

	list->at_s = filter->to_s;
	result = authorisation_each(list->broker->db, filter, append, list);
	if (result != REGISTER_OK)
		return admin_refuse(list->broker, result);
	if (whole ? count_all_units(list, group, filter->unit)
		  : count_listed(list))
		return admin_error("failed", register_error(list->broker->db));
	return admin_done(json_pack("{s:O, s:O}", "authorisations",
	    list->authorisations, "quotas", list->quotas));
}

json_t *
admin_authorised(const struct admin_call *call)
{
	struct authorisation_filter filter = {0};
	const struct policy_group *group = NULL;
	struct list list = {.broker = call->broker};
	GIVER giver = {0};
	json_t *reply;

	reply = admin_giver_init(&giver, call);
	if (reply)
		return reply;
	list.giver = &giver;
	if (!read_times(call->request, giver.now_s, &filter))
		return admin_error("time-invalid",
		    "one moment, or two of which the first is not later");
	reply = read_people(&list, call->request, &filter, &group);
	if (reply)
		return reply;
	list.authorisations = json_array();
	list.quotas = json_array();
	reply = fill(&list, &filter, group);
	json_decref(list.authorisations);
	json_decref(list.quotas);
	return reply;
}
