#include "broker/policy/policy_time.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

/* Exactly so many digits, and the text behind them. */
static const char *
take_digits(const char *at, size_t count, int *ret_number)
{
	int number = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (at[i] < '0' || at[i] > '9')
			return NULL;
		number = number * 10 + (at[i] - '0');
	}
	*ret_number = number;
	return at + count;
}

/* Numbers of two digits with a separator before each but the first. */
static const char *
take_pairs(const char *at, char separator, size_t count, int *ret_numbers)
{
	size_t i;

	for (i = 0; at && i < count; i++) {
		if (i > 0 && *at++ != separator)
			return NULL;
		at = take_digits(at, 2, &ret_numbers[i]);
	}
	return at;
}

static const char *
take_date(const char *at, struct tm *ret_tm)
{
	int year = 0, numbers[2] = {0, 0};

	at = take_digits(at, 4, &year);
	if (!at || *at != '-')
		return NULL;
	at = take_pairs(at + 1, '-', 2, numbers);
	ret_tm->tm_year = year - 1900;
	ret_tm->tm_mon = numbers[0] - 1;
	ret_tm->tm_mday = numbers[1];
	return at;
}

/* RFC 3339, 5.6: time-offset is required. */
static const char *
take_zone(const char *at, int64_t *ret_offset_s)
{
	int numbers[2] = {0, 0};
	char sign = *at;

	if (sign == 'Z') {
		*ret_offset_s = 0;
		return at + 1;
	}
	if (sign != '+' && sign != '-')
		return NULL;
	at = take_pairs(at + 1, ':', 2, numbers);
	if (!at || numbers[0] > 23 || numbers[1] > 59)
		return NULL;
	*ret_offset_s = (int64_t)numbers[0] * 3600 + (int64_t)numbers[1] * 60;
	if (sign == '-')
		*ret_offset_s = -*ret_offset_s;
	return at;
}

static const char *
take_clock(const char *at, struct tm *ret_tm, int64_t *ret_offset_s)
{
	int numbers[3] = {0, 0, 0};

	at = take_pairs(at, ':', 3, numbers);
	if (!at)
		return NULL;
	ret_tm->tm_hour = numbers[0];
	ret_tm->tm_min = numbers[1];
	ret_tm->tm_sec = numbers[2];
	return take_zone(at, ret_offset_s);
}

/* timegm() makes the 2nd of March of the 30th of February. */
static int
to_seconds(const struct tm *tm, int64_t *ret_at_s)
{
	struct tm made = *tm;
	time_t at = timegm(&made);

	if (at < 0 || made.tm_mon != tm->tm_mon ||
	    made.tm_mday != tm->tm_mday || made.tm_hour != tm->tm_hour ||
	    made.tm_min != tm->tm_min || made.tm_sec != tm->tm_sec)
		return -EINVAL;
	*ret_at_s = (int64_t)at;
	return 0;
}

int
policy_time_parse(const char *text, int64_t *ret_at_s)
{
	struct tm tm = {0};
	int64_t at_s = 0, offset_s = 0;
	const char *at = take_date(text, &tm);

	if (at && *at == 'T')
		at = take_clock(at + 1, &tm, &offset_s);
	if (!at || *at != '\0' || to_seconds(&tm, &at_s) < 0 || at_s < offset_s)
		return -EINVAL;
	*ret_at_s = at_s - offset_s;
	return 0;
}
