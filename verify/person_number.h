/*
 * Norwegian identity numbers (fødselsnummer and D-number): DDMMYYIIIKK. A
 * D-number has its day + 40; a synthetic one, of Tenor and Test-Norge, its
 * month + 80; an H-number, of the health services, its month + 40 and is
 * refused. Neither sex nor century can be read from one (the rule of 2032).
 */
#pragma once

#include "verify/slice.h"

#include <stdbool.h>

enum person_number_kind {
	PERSON_NUMBER_INVALID = 0,
	PERSON_NUMBER_REAL,
	PERSON_NUMBER_SYNTHETIC,
};

/*
 * 11 digits, a day and month that exist, and both check digits: k1 with a
 * remainder of 0 to 3 (Skatteetaten: from 2032 on), k2 with 0.
 */
enum person_number_kind person_number_check(struct slice text);

/*
 * Whether eleven digits in a row of a text are one, of any kind, or eleven that
 * a space, no-break space, hyphen or dot here and there sets apart.
 */
bool person_number_is_in(struct slice text);
