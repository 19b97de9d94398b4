#include "verify/algorithm.h"

unsigned int
algorithm_from_name(struct slice name)
{
	if (slice_equal(name, "RS256"))
		return EVIDENCE_RS256;
	if (slice_equal(name, "PS256"))
		return EVIDENCE_PS256;
	if (slice_equal(name, "ES256"))
		return EVIDENCE_ES256;
	return 0;
}
