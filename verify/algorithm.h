/*
 * The signature algorithms (RFC 7518 section 3.1) that an issuer's profile may
 * allow. There is no "none" and nothing symmetric to choose.
 */
#pragma once

#include "verify/slice.h"

enum evidence_algorithm {
	EVIDENCE_RS256 = 1 << 0,
	EVIDENCE_PS256 = 1 << 1,
	EVIDENCE_ES256 = 1 << 2,
};

/* The algorithm of that exact name; 0: none of ours. */
unsigned int algorithm_from_name(struct slice name);
