/*
 * Any bytes as what an issuer says of an opaque token: a yes bears an exp, and
 * is of that issuer. With libFuzzer:
 *   tests/fuzz/run introspection 60 verify/[a-o]*.c verify/pe*.c \
 *       verify/pol*.c verify/[q-t]*.c -lcrypto
 */
#include "tests/fuzz/fuzz.h"
#include "verify/introspection.h"
#include "verify/issuer_kind.h"

#include <stdlib.h>
#include <string.h>

enum { NOW_S = 1678375500 };

static void
check(struct slice answer, const char *kind)
{
	static const char *const claims[] = {"roles"};
	static const char *const scopes[] = {"ko:saker.read"};
	static const struct issuer_profile profile = {
	    .issuer = "https://test.idporten.no",
	    .algorithms = EVIDENCE_RS256,
	    .roles_claims = claims,
	    .roles_claims_count = 1,
	    .units_claim = "units",
	    .test = true,
	};
	const struct service_expectation expectation = {
	    .profile = &profile,
	    .rules = &issuer_kind_find(kind)->service,
	    .audience = "https://saker.example",
	    .scopes = scopes,
	    .scopes_count = 1,
	};
	static struct service_token token;
	const char *detail = NULL;

	if (introspection_check(answer, slice_of("opaque"), &expectation, NOW_S,
		&token, &detail) != EVIDENCE_GOOD)
		return;
	if (token.identity.expires_at_s <= NOW_S ||
	    strcmp(token.identity.issuer, profile.issuer) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice answer = {(const char *)data, size};

	check(answer, "idporten");
	check(answer, "maskinporten");
	check(answer, "generic");
	return 0;
}
