#include "broker/admin/admin_wanted.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* What is being written; what has no room is cut. */
struct words {
	char *text;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static void
add(struct words *words, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(&words->text[words->size],
	    ADMIN_WANTED_SIZE - words->size, format, arguments);
	va_end(arguments);
	if (length > 0)
		words->size += (size_t)length;
	if (words->size >= ADMIN_WANTED_SIZE)
		words->size = ADMIN_WANTED_SIZE - 1;
}

static void
add_set(struct words *words, const struct policy_set *set)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		add(words, "%s%s", i ? ", " : "", set->texts[i]);
}

/* "role a" or "one of the roles a, b". */
static void
add_one_of(struct words *words, const char *noun, const struct policy_set *set)
{
	if (set->count == 1)
		add(words, "the %s ", noun);
	else
		add(words, "one of the %ss ", noun);
	add_set(words, set);
}

static void
add_time(struct words *words, int64_t at_s)
{
	time_t at = (time_t)at_s;
	char text[32];
	struct tm utc;

	if (gmtime_r(&at, &utc) &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &utc) > 0)
		add(words, "%s", text);
}

/* As rules write it. */
static void
add_length(struct words *words, int64_t length_s)
{
	if (length_s % 86400 == 0)
		add(words, "%lld d", (long long)(length_s / 86400));
	else if (length_s % 3600 == 0)
		add(words, "%lld h", (long long)(length_s / 3600));
	else if (length_s % 60 == 0)
		add(words, "%lld min", (long long)(length_s / 60));
	else
		add(words, "%lld s", (long long)length_s);
}

static void
add_issuers(struct words *words, const struct policy *policy,
    const struct policy_grant *grant)
{
	size_t i;
	bool any = false;

	for (i = 0; i < policy->issuers_count; i++) {
		if (!(grant->issuers & 1U << i))
			continue;
		add(words, "%s%s", any ? " or " : "a login at the issuer ",
		    policy->issuers[i].name);
		any = true;
	}
	if (!any)
		add(words,
		    "an issuer that is not configured: this rule is dormant");
}

static bool
has_any(const struct identity *identity, const struct policy_set *roles)
{
	size_t i;

	for (i = 0; i < roles->count; i++) {
		if (identity_has_role(identity, roles->texts[i]))
			return true;
	}
	return roles->count == 0;
}

static void
add_missing(struct words *words, const char *noun, const struct policy_set *set,
    const struct identity *identity,
    bool (*has)(const struct identity *identity, const char *text))
{
	const char *before = words->size ? " and the " : "the ";
	bool any = false;
	size_t i;

	for (i = 0; i < set->count; i++) {
		if (has(identity, set->texts[i]))
			continue;
		if (!any)
			add(words, "%s%s ", before, noun);
		add(words, "%s%s", any ? ", " : "", set->texts[i]);
		any = true;
	}
}

static void
add_roles(struct words *words, const struct policy_grant *grant,
    const struct identity *identity)
{
	if (!has_any(identity, &grant->roles_any))
		add_one_of(words, "role", &grant->roles_any);
	add_missing(
	    words, "role", &grant->roles_all, identity, identity_has_role);
	add(words, " in the token of the next login");
}

static void
add_mandate(struct words *words, const struct policy_grant *grant)
{
	add(words, "to act on behalf of ");
	if (grant->on_behalf_of.count > 0)
		add_one_of(words, "organisation", &grant->on_behalf_of);
	else
		add(words, "an organisation");
	if (grant->resources.count > 0) {
		add(words, ", for ");
		add_one_of(words, "resource", &grant->resources);
	}
	if (grant->rights_all.count > 0) {
		add(words, ", with the rights ");
		add_set(words, &grant->rights_all);
	}
}

static void
add_level(struct words *words, const struct policy *policy,
    const struct policy_grant *grant, const struct identity *identity)
{
	int issuer = policy_issuer_index(policy, identity->issuer);

	if (issuer >= 0 && grant->acr_rank_min[issuer] < 0)
		add(words,
		    "the level %s, which the issuer %s has not: this rule is "
		    "dormant for its people",
		    grant->level ? grant->level : "",
		    policy->issuers[issuer].name);
	else
		add(words, "a login at the level %s",
		    grant->level ? grant->level : "");
}

static void
add_kinds(struct words *words, const struct policy_group *group,
    const struct policy_grant *grant, const char *account)
{
	static const enum policy_kind kinds[] = {
	    POLICY_KIND_CASE, POLICY_KIND_CLERICAL};
	bool any = false;
	size_t i;

	add(words, "a personal authorisation of the kind ");
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!(grant->authorised_kinds & kinds[i]))
			continue;
		add(words, "%s%s", any ? " or " : "",
		    policy_kind_word(kinds[i]));
		any = true;
	}
	add(words, ", in force now: portvaktctl authorise %s %s", account,
	    group->name);
}

static void
add_levels(struct words *words, unsigned int levels)
{
	static const enum policy_unit_level all[] = {
	    POLICY_LEVEL_CENTRAL, POLICY_LEVEL_REGION, POLICY_LEVEL_UNIT};
	bool any = false;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!(levels & 1U << all[i]))
			continue;
		add(words, "%s%s", any ? " or " : " at the level ",
		    policy_unit_level_word(all[i]));
		any = true;
	}
}

static void
add_unit(struct words *words, const struct policy_grant *grant)
{
	if (grant->units.count > 0)
		add_one_of(words, "unit", &grant->units);
	else
		add(words, "a unit of units.conf");
	add_levels(words, grant->unit_levels);
	if (grant->unit_classes.count > 0) {
		add(words, ", of ");
		add_one_of(words, "class", &grant->unit_classes);
	}
}

static void
add_established(struct words *words, const struct policy *policy,
    const struct decision *decision)
{
	const struct policy_service *service =
	    &policy->services[decision->group->service];

	if (decision->unit)
		add(words, "the unit %s (%s) ", decision->unit->number,
		    decision->unit->name);
	else
		add(words, "a unit ");
	add(words,
	    "established for %s: established = { \"%s DATE\" } in units.conf",
	    service->name, service->name);
}

/* The conditions that a grant has; the others come before there is one. */
static void
add_condition(struct words *words, const struct policy *policy,
    const struct decision *decision, const struct identity *identity,
    const char *account)
{
	const struct policy_grant *grant = decision->grant;

	switch (decision->failed) {
	case DECISION_NONE:
		break;
	case DECISION_NO_GRANT:
		add(words, "a grant: the rules give this group to nobody");
		break;
	case DECISION_ACCOUNT_LOCKED:
		add(words,
		    "an account that is not locked: portvaktctl account "
		    "unlock %s",
		    account);
		break;
	case DECISION_NO_LOGIN:
		add(words, "a first login");
		break;
	case DECISION_ISSUER:
		add_issuers(words, policy, grant);
		break;
	case DECISION_ROLE:
		add_roles(words, grant, identity);
		break;
	case DECISION_SCOPE:
		add_missing(words, "scope", &grant->scopes_all, identity,
		    identity_has_scope);
		break;
	case DECISION_ON_BEHALF_OF:
		add_mandate(words, grant);
		break;
	case DECISION_CONSUMER:
		add(words, "a token of ");
		add_one_of(words, "consumer", &grant->consumers);
		break;
	case DECISION_LEVEL:
		add_level(words, policy, grant, identity);
		break;
	case DECISION_AGE:
		add(words, "a login that is not older than ");
		add_length(words, grant->max_age_s);
		break;
	case DECISION_NOT_YET:
		add(words, "to wait: the rule begins ");
		add_time(words, grant->valid_from_s);
		break;
	case DECISION_NO_LONGER:
		add(words, "another rule: this one ended ");
		add_time(words, grant->valid_until_s);
		break;
	case DECISION_AUTHORISATION:
		add_kinds(words, decision->group, grant, account);
		break;
	case DECISION_UNIT:
		add_unit(words, grant);
		break;
	case DECISION_UNIT_NOT_ESTABLISHED:
		add_established(words, policy, decision);
		break;
	}
}

void
admin_wanted(const struct policy *policy, const struct decision *decision,
    const struct identity *identity, const char *account,
    char ret_text[static ADMIN_WANTED_SIZE])
{
	struct words words = {.text = ret_text};

	ret_text[0] = '\0';
	if (decision->outcome == DECISION_WITHHELD)
		add_condition(&words, policy, decision, identity, account);
}
