/*
 * What a PAM service needs of a login beyond what the issuer's section asks
 * (the pam sections of portvakt.conf), for accounts of one issuer; and whether
 * a login has it. Pure.
 */
#pragma once

#include "broker/config/config.h"
#include "broker/register/register.h"

#include <stdbool.h>
#include <stdint.h>

struct need {
	const struct config_service *service; /* NULL: it needs nothing */
	const struct config_issuer *issuer;
	/* Of the service alone. -1: the issuer has no such level. */
	int acr_rank_min;
	int64_t max_age_s; /* 0: any */
};

/* Zero is no. In the order in which it is looked at. */
enum need_result {
	NEED_NOT_LOOKED_AT = 0,
	NEED_MET,
	NEED_LEVEL_UNREACHABLE, /* at this issuer */
	NEED_STEP_UP, /* the level is too low, or the login too old */
	NEED_GROUP_MISSING, /* none of those that the service asks for */
};

/* Borrows config. issuer NULL: of no configured one, which has no level. */
struct need need_of(const struct config *config, const char *service,
    const struct config_issuer *issuer);

/* Whether any login will do. */
bool need_is_nothing(const struct need *need);

/* What to ask the issuer for: the stricter of the service and the issuer. */
int need_acr_rank(const struct need *need);
int64_t need_max_age_s(const struct need *need);

/* acr "" and authenticated_at_s 0: there was none. */
enum need_result need_check_login(const struct need *need, const char *acr,
    int64_t authenticated_at_s, int64_t now_s);

/* The groups that are, or will be, in force. */
enum need_result need_check_groups(
    const struct need *need, const struct account_group *groups, size_t count);
