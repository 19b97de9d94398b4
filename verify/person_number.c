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

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* How long a mark is that people write between the digits; 0: it is none. */
static size_t
mark_size(struct slice text)
{
	static const char no_break_space[] = {'\xc2', '\xa0'};

	if (text.size > 0 && strchr(" -.", text.at[0]) && text.at[0] != '\0')
		return 1;
	if (text.size >= sizeof(no_break_space) &&
	    memcmp(text.at, no_break_space, sizeof(no_break_space)) == 0)
		return sizeof(no_break_space);
	return 0;
}

static bool
is_number(const char digits[static DIGITS])
{
	return person_number_check((struct slice){digits, DIGITS}) !=
	       PERSON_NUMBER_INVALID;
}

/* Digits with one mark at most between two of them, eleven in all. */
static bool
is_spaced_number(struct slice text)
{
	char digits[DIGITS];
	size_t i = 0, count = 0;

	while (i < text.size && is_digit(text.at[i])) {
		if (count == DIGITS)
			return false;
		digits[count++] = text.at[i++];
		i += mark_size((struct slice){text.at + i, text.size - i});
	}
	return count == DIGITS && is_number(digits);
}

/* Whether digits begin here, of no run that goes on from before. */
static bool
begins_run(struct slice text, size_t at)
{
	return is_digit(text.at[at]) && (at == 0 || !is_digit(text.at[at - 1]));
}

bool
person_number_is_in(struct slice text)
{
	size_t i, digits = 0;

	for (i = 0; i < text.size; i++) {
		digits = is_digit(text.at[i]) ? digits + 1 : 0;
		if (digits >= DIGITS && is_number(text.at + i + 1 - DIGITS))
			return true;
		if (begins_run(text, i) && is_spaced_number((struct slice){
					       text.at + i, text.size - i}))
			return true;
	}
	return false;
}
