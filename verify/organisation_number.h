/*
 * Norwegian organisation numbers: 9 digits, the last one a check digit with
 * the weights 3 2 7 6 5 4 3 2 (modulus 11). In tokens as ISO 6523:
 * "0192:911830868".
 */
#pragma once

#include "verify/slice.h"

#include <stdbool.h>

enum { ORGANISATION_NUMBER_SIZE = 10 }; /* with the terminator */

bool organisation_number_is_valid(struct slice digits);

/* "0192:" and a valid number. The one scheme in use at Digdir today. */
bool organisation_identifier_is_valid(struct slice identifier);

/*
 * Of another register of ISO 6523: "9908:991825827", "0088:a:b:c". Two to four
 * parts, the first of them four digits other than ours, none of them empty.
 */
bool organisation_identifier_is_foreign(struct slice identifier);
