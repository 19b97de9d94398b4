#include "verify/issuer_kind.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Email logins and eIDAS are rungs of none of them: no member of staff. */
static const char *const idporten_ladder[] = {
    "idporten-loa-low", "idporten-loa-substantial", "idporten-loa-high"};
/* A job account ("entraid") has no Norwegian level: who wants it, lists it. */
static const char *const ansattporten_ladder[] = {"substantial", "high"};

static const struct issuer_kind kinds[] = {
    {
	.name = "idporten",
	.algorithms = EVIDENCE_RS256,
	.acr_ladder = idporten_ladder,
	.acr_ladder_count = COUNT(idporten_ladder),
	.level_low = "idporten-loa-low",
	.level_substantial = "idporten-loa-substantial",
	.level_high = "idporten-loa-high",
	.logs_people_in = true,
	.service = {SERVICE_PEOPLE, true, SERVICE_CLAIM_SCOPE},
	.end = ISSUER_END_NO_SLASH,
    },
    {
	.name = "ansattporten",
	.algorithms = EVIDENCE_RS256,
	.acr_ladder = ansattporten_ladder,
	.acr_ladder_count = COUNT(ansattporten_ladder),
	.level_substantial = "substantial",
	.level_high = "high",
	.logs_people_in = true,
	.service = {SERVICE_PEOPLE, true, SERVICE_CLAIM_SCOPE},
	.end = ISSUER_END_NO_SLASH,
    },
    {
	/* Whoever may call is the consumer; client_id says nothing of it. */
	.name = "maskinporten",
	.algorithms = EVIDENCE_RS256,
	.logs_people_in = false,
	.oauth_metadata = true,
	.service = {SERVICE_MACHINES, true,
	    SERVICE_CLAIM_SCOPE | SERVICE_CLAIM_CONSUMER},
	.takes_jwt_grant = true,
	.end = ISSUER_END_SLASH,
    },
    {
	.name = "generic",
	.algorithms = EVIDENCE_RS256 | EVIDENCE_PS256 | EVIDENCE_ES256,
	.logs_people_in = true,
	.service = {SERVICE_EITHER, false, 0},
	.end = ISSUER_END_ANY,
    },
};

const struct issuer_kind *
issuer_kind_find(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(kinds); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	return NULL;
}

void
issuer_kind_complete(
    const struct issuer_kind *kind, struct issuer_profile *profile)
{
	if (profile->algorithms == 0)
		profile->algorithms = kind->algorithms;
	if (profile->acr_ladder_count > 0)
		return;
	profile->acr_ladder = kind->acr_ladder;
	profile->acr_ladder_count = kind->acr_ladder_count;
}

const char *
issuer_kind_refuses(const struct issuer_kind *kind, const char *issuer)
{
	const size_t size = strlen(issuer);
	const bool has_slash = size > 0 && issuer[size - 1] == '/';

	switch (kind->end) {
	case ISSUER_END_ANY:
		return NULL;
	case ISSUER_END_SLASH:
		return has_slash ? NULL : "write it with a slash at the end";
	case ISSUER_END_NO_SLASH:
		return has_slash ? "write it without the slash at the end"
				 : NULL;
	}
	return NULL;
}
