#include "verify/person_number.h"

#include <string.h>

enum {
	DIGITS = 11,
	D_NUMBER_DAY = 40,
	SYNTHETIC_MONTH = 80,
	REMAINDER_MAX = 3, /* of k1, for numbers given from 2032 on */
};

static const int weights_1[] = {3, 7, 6, 1, 8, 9, 4, 5, 2, 1};
static const int weights_2[] = {5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1};

static bool
get_digits(struct slice text, int ret_digits[static DIGITS])
{
	size_t i;

	if (text.size != DIGITS)
		return false;
	for (i = 0; i < DIGITS; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		ret_digits[i] = text.at[i] - '0';
	}
	return true;
}

static int
remainder_of(const int *digits, const int *weights, size_t count)
{
	int sum = 0;
	size_t i;

	for (i = 0; i < count; i++)
		sum += digits[i] * weights[i];
	return sum % 11;
}

/* The century is not known, and 2000 was a leap year. */
static int
days_of(int month, int year)
{
	static const int days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (month < 1 || month > 12)
		return 0;
	return days[month - 1] + (month == 2 && year % 4 == 0);
}

/*
 * The month + 80 is looked at before anything else is taken off it: what is
 * left of an H-number's is no month.
 */
static enum person_number_kind
kind_of(const int digits[static DIGITS])
{
	int day = digits[0] * 10 + digits[1];
	int month = digits[2] * 10 + digits[3];
	int year = digits[4] * 10 + digits[5];
	enum person_number_kind kind = PERSON_NUMBER_REAL;

	if (month > SYNTHETIC_MONTH) {
		month -= SYNTHETIC_MONTH;
		kind = PERSON_NUMBER_SYNTHETIC;
	}
	if (day > D_NUMBER_DAY)
		day -= D_NUMBER_DAY;
	return day >= 1 && day <= days_of(month, year) ? kind
						       : PERSON_NUMBER_INVALID;
}

enum person_number_kind
person_number_check(struct slice text)
{
	int digits[DIGITS];

	if (!get_digits(text, digits) ||
	    remainder_of(digits, weights_1, 10) > REMAINDER_MAX ||
	    remainder_of(digits, weights_2, 11) != 0)
		return PERSON_NUMBER_INVALID;
	return kind_of(digits);
}

bool
person_number_is_in(const char *text)
{
	size_t i, digits;

	for (; *text; text += digits > 0 ? digits : 1) {
		digits = strspn(text, "0123456789");
		for (i = 0; i + DIGITS <= digits; i++) {
			if (person_number_check((struct slice){
				text + i, DIGITS}) != PERSON_NUMBER_INVALID)
				return true;
		}
	}
	return false;
}
