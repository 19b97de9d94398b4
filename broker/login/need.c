#include "broker/login/need.h"

#include <string.h>

struct need
need_of(const struct config *config, const char *service,
    const struct config_issuer *issuer)
{
	struct need need = {
	    .service = config_service(config, service),
	    .issuer = issuer,
	};

	if (!need.service)
		return need;
	need.max_age_s = need.service->max_age_s;
	if (issuer)
		need.acr_rank_min =
		    need.service->acr_rank_min[issuer - config->issuers];
	else if (need.service->acr)
		need.acr_rank_min = -1;
	return need;
}

bool
need_is_nothing(const struct need *need)
{
	return !need->service || (!need->service->acr && need->max_age_s == 0 &&
				     need->service->groups_count == 0);
}

int
need_acr_rank(const struct need *need)
{
	return need->acr_rank_min > need->issuer->acr_rank_min
		   ? need->acr_rank_min
		   : need->issuer->acr_rank_min;
}

int64_t
need_max_age_s(const struct need *need)
{
	int64_t issuers = need->issuer->max_age_s;

	if (need->max_age_s == 0)
		return issuers;
	return issuers == 0 || need->max_age_s < issuers ? need->max_age_s
							 : issuers;
}

enum need_result
need_check_login(const struct need *need, const char *acr,
    int64_t authenticated_at_s, int64_t now_s)
{
	if (need->acr_rank_min < 0)
		return NEED_LEVEL_UNREACHABLE;
	if (need->acr_rank_min > 0 && issuer_acr_rank(&need->issuer->profile,
					  slice_of(acr)) < need->acr_rank_min)
		return NEED_STEP_UP;
	if (need->max_age_s > 0 &&
	    (authenticated_at_s <= 0 ||
		now_s - authenticated_at_s > need->max_age_s))
		return NEED_STEP_UP;
	return NEED_MET;
}

enum need_result
need_check_groups(
    const struct need *need, const struct account_group *groups, size_t count)
{
	size_t i, j;

	if (!need->service || need->service->groups_count == 0)
		return NEED_MET;
	for (i = 0; i < need->service->groups_count; i++) {
		for (j = 0; j < count; j++) {
			if (strcmp(need->service->groups[i].name,
				groups[j].name) == 0)
				return NEED_MET;
		}
	}
	return NEED_GROUP_MISSING;
}
