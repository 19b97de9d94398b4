/* A small trust image with one of everything, for the tests of it. */
#pragma once

#include "broker/trust/trust_image.h"

#include <string.h>

#define TRUST_FIXTURE_STAFF "https://staff.example"
#define TRUST_FIXTURE_PARTNER "https://partner.example/"

/* Keys come at 1000 and are believed until 2000. keys: NULL for none. */
static inline int
trust_fixture_fill(struct trust_writer *writer, const char *keys)
{
	static const char *const ladder[] = {"low", "high"};
	static const char *const claims[] = {"roles", "realm_access.roles"};
	static const char *const roles[] = {"leder", "saksbehandler"};
	static const struct policy_established established[] = {{"x", 40}};
	static const struct policy_unit units[] = {
	    {.number = "0001", .name = "KDI", .level = POLICY_LEVEL_CENTRAL},
	    {.number = "0321",
		.name = "Oslo",
		.level = POLICY_LEVEL_UNIT,
		.parent = &units[0],
		.class = "high",
		.organisation = "974760673",
		.established = established,
		.established_count = 1}};
	static const struct policy_service services[] = {
	    {.name = "x", .title = "X", .title_en = "X"}};
	static const struct policy_grant grants[] = {{.reason = "it is so",
	    .issuers = 1,
	    .roles_any = {roles, 2},
	    .valid_until_s = POLICY_NO_END,
	    .place = {"x.conf", 7}}};
	static const struct policy_group groups[] = {{.name = "ko-x",
	    .gid = 1900000100,
	    .title = "X",
	    .grants = grants,
	    .grants_count = 1}};
	static const struct policy policy = {
	    .issuers = {{TRUST_FIXTURE_STAFF, "staff"},
		{TRUST_FIXTURE_PARTNER, "partner"}},
	    .issuers_count = 2,
	    .ladders = {{ladder, 2}},
	    .services = services,
	    .services_count = 1,
	    .groups = groups,
	    .groups_count = 1,
	    .units = units,
	    .units_count = 2,
	};
	static const struct trust_session sessions[] = {
	    {"sid-1", 0}, {"sid-2", TRUST_ANY_ISSUER}};
	struct trust_content content = {
	    .issuers = {{.profile = {.issuer = TRUST_FIXTURE_STAFF,
			     .algorithms = EVIDENCE_RS256 | EVIDENCE_ES256,
			     .acr_ladder = ladder,
			     .acr_ladder_count = 2,
			     .roles_claims = claims,
			     .roles_claims_count = 2,
			     .units_claim = "units",
			     .test = true,
			     .clock_skew_s = 10},
			    .name = "staff",
			    .kind = "generic",
			    .level_high = "high",
			    .client_id = "portvakt",
			    .links_persons = true,
			    .tokens_from_s = 500},
		{.profile = {.issuer = TRUST_FIXTURE_PARTNER,
		     .algorithms = EVIDENCE_PS256},
		    .name = "partner",
		    .kind = "maskinporten",
		    .introspects = true,
		    .tokens_from_s = TRUST_SINCE_EVER}},
	    .keys = {{.json = keys,
		.size = keys ? strlen(keys) : 0,
		.at_s = 1000,
		.until_s = 2000}},
	    .issuers_count = 2,
	    .policy = &policy,
	    .sessions = sessions,
	    .sessions_count = 2,
	    .links_epoch = 9,
	};
	struct trust_account account = {
	    .name = "kari",
	    .uid = 2000000001,
	    .tokens_from_s = 77,
	    .authorisations = {{3, 1900000100, "0321", POLICY_KIND_CASE, 10,
				   POLICY_NO_END},
		{4, 1900000100, "0001", POLICY_KIND_CLERICAL, 20, 30}},
	    .authorisations_count = 2,
	};
	int error = trust_writer_account(writer, 0, "sub-kari", &account);

	account = (struct trust_account){
	    .name = "ola", .locked = true, .tokens_from_s = TRUST_SINCE_EVER};
	if (!error)
		error = trust_writer_account(writer, 1, "sub-kari", &account);
	(void)strcpy(account.name, "per");
	if (!error)
		error = trust_writer_account(writer, 0, "", &account);
	(void)strcpy(account.name, "anne");
	if (!error)
		error = trust_writer_account(
		    writer, TRUST_NO_ISSUER, "elsewhere", &account);
	return error ? error : trust_writer_content(writer, &content);
}
