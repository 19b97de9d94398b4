/*
 * The policy as the trust image carries it: all of it, so that whoever reads
 * it decides as the broker does, to the place of a rule in its file.
 */
#pragma once

#include "verify/policy.h"
#include "verify/record.h"

void policy_put(struct record_writer *w, const struct policy *policy);

/*
 * Texts are borrowed from the record, arrays are the reader's arena's. Judged
 * as if a stranger had written it: counts within policy.h, indices that lead
 * somewhere, sets in order. See r->error before *ret_policy is used.
 */
void policy_get(struct record_reader *r, struct policy *ret_policy);
