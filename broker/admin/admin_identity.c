#include "broker/admin/admin_identity.h"

#include "broker/admin/admin_answer.h"
#include "broker/admin/admin_facts.h"

#include <stdio.h>
#include <string.h>

static json_t *
list_of(const struct slice *slices, size_t count)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < count; i++)
		(void)json_array_append_new(
		    list, json_stringn(slices[i].at, slices[i].size));
	return list;
}

static json_t *
describe_mandates(const struct identity *identity)
{
	const struct identity_mandate *mandate;
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < identity->mandates_count; i++) {
		mandate = &identity->mandates[i];
		(void)json_array_append_new(
		    list, json_pack("{s:s%, s:s%, s:o}", "organisation",
			      mandate->organisation.at,
			      mandate->organisation.size, "resource",
			      mandate->resource.at ? mandate->resource.at : "",
			      mandate->resource.size, "rights",
			      list_of(&identity->rights[mandate->rights_first],
				  mandate->rights_count)));
	}
	return list;
}

json_t *
admin_identity_describe(const struct identity *identity)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "issuer",
	    identity->issuer, "acr", admin_text_or_null(identity->acr),
	    "authenticated_at",
	    admin_time_or_null(identity->authenticated_at_s), "roles",
	    list_of(identity->roles, identity->roles_count), "scopes",
	    list_of(identity->scopes, identity->scopes_count), "units",
	    list_of(identity->units, identity->units_count), "mandates",
	    describe_mandates(identity));
}

/* False: there is no more room, or a member is no text. */
static bool
append_texts(
    const json_t *texts, struct slice *slices, size_t max, size_t *count)
{
	const json_t *text;
	size_t i;

	json_array_foreach (texts, i, text) {
		if (*count == max || json_string_length(text) == 0)
			return false;
		slices[(*count)++] = slice_of(json_string_value(text));
	}
	return true;
}

static bool
append_mandates(const json_t *organisations, struct identity *identity)
{
	const json_t *text;
	size_t i;

	json_array_foreach (organisations, i, text) {
		if (identity->mandates_count == IDENTITY_MANDATES_MAX ||
		    json_string_length(text) == 0)
			return false;
		identity->mandates[identity->mandates_count++] =
		    (struct identity_mandate){
			.organisation = slice_of(json_string_value(text))};
	}
	return true;
}

/* The refusal names what would do. */
static json_t *
level_unknown(const struct policy *policy, const char *issuer)
{
	int index = policy_issuer_index(policy, issuer);
	char text[1024];
	size_t i, length;

	if (index < 0)
		return admin_error("level-unknown",
		    "the account's issuer is not configured: it has no "
		    "levels");
	length = (size_t)snprintf(text, sizeof(text),
	    "not on the ladder of the issuer %s, which is",
	    policy->issuers[index].name);
	for (i = 0; i < policy->ladders[index].count && length < sizeof(text);
	     i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length,
		    " %s", policy->ladders[index].acrs[i]);
	return admin_error("level-unknown", text);
}

static bool
suppose_level(const struct broker *broker, const struct policy *policy,
    const char *level, struct identity *identity)
{
	const char *acr = admin_facts_acr(broker, identity->issuer, level);
	int rank = policy_acr_rank(policy, identity->issuer, acr);

	if (rank == 0 || strlen(acr) >= sizeof(identity->acr))
		return false;
	(void)snprintf(identity->acr, sizeof(identity->acr), "%s", acr);
	identity->acr_rank = rank;
	return true;
}

json_t *
admin_identity_suppose(const struct broker *broker, const struct policy *policy,
    const json_t *with, int64_t now_s, struct identity *identity)
{
	const json_t *age = json_object_get(with, "age_s");
	const char *acr = admin_text(with, "acr");

	if (!acr)
		acr = admin_text(with, "level");
	if (acr && !suppose_level(broker, policy, acr, identity))
		return level_unknown(policy, identity->issuer);
	if (age &&
	    (json_integer_value(age) < 0 || json_integer_value(age) > now_s))
		return admin_error(
		    "field-invalid", "this is no age of a login");
	if (age)
		identity->authenticated_at_s = now_s - json_integer_value(age);
	if (!append_texts(json_object_get(with, "roles"), identity->roles,
		IDENTITY_ROLES_MAX, &identity->roles_count) ||
	    !append_texts(json_object_get(with, "units"), identity->units,
		IDENTITY_UNITS_MAX, &identity->units_count) ||
	    !append_mandates(json_object_get(with, "on_behalf_of"), identity))
		return admin_error(
		    "field-invalid", "too many roles, units or organisations");
	return NULL;
}
