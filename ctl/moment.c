#include "ctl/moment.h"

#include "ctl/number.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	DATE_LENGTH = 10, /* 2026-11-22 */
	TIME_LENGTH = 9, /* T08:30:00 */
	ZONE_LENGTH = 6, /* +01:00 */
};

/* The last second that is printed with four digits of a year. */
static const int64_t moment_max_s = INT64_C(253402300799);

/* Whether text begins as the pattern does, where 0 stands for a digit. */
static bool
has_form(const char *text, const char *pattern)
{
	for (; *pattern; pattern++, text++) {
		if (*pattern == '0' ? *text < '0' || *text > '9'
				    : *text != *pattern)
			return false;
	}
	return true;
}

static int
digits(const char *text, int count)
{
	int number = 0;

	while (count-- > 0)
		number = number * 10 + (*text++ - '0');
	return number;
}

static int
parse_zone(const char *text, int64_t *ret_offset_s)
{
	int hours, minutes;

	if (strcmp(text, "Z") == 0) {
		*ret_offset_s = 0;
		return 0;
	}
	if ((!has_form(text, "+00:00") && !has_form(text, "-00:00")) ||
	    text[ZONE_LENGTH] != '\0')
		return -EINVAL;
	hours = digits(text + 1, 2);
	minutes = digits(text + 4, 2);
	if (hours > 23 || minutes > 59)
		return -EINVAL;
	*ret_offset_s = (int64_t)(hours * 60 + minutes) * 60;
	if (*text == '-')
		*ret_offset_s = -*ret_offset_s;
	return 0;
}

/* timegm() would make the 2nd of March of the 30th of February. */
static int
to_seconds(const struct tm *wanted, int64_t *ret_s)
{
	struct tm made = *wanted;
	time_t at = timegm(&made);

	if (made.tm_mday != wanted->tm_mday || made.tm_mon != wanted->tm_mon ||
	    made.tm_hour != wanted->tm_hour || made.tm_min != wanted->tm_min ||
	    made.tm_sec != wanted->tm_sec)
		return -EINVAL;
	*ret_s = at;
	return 0;
}

int
moment_parse(const char *text, int64_t *ret_s)
{
	struct tm wanted = {0};
	int64_t offset_s = 0, at_s;
	int error;

	if (!has_form(text, "0000-00-00"))
		return -EINVAL;
	wanted.tm_year = digits(text, 4) - 1900;
	wanted.tm_mon = digits(text + 5, 2) - 1;
	wanted.tm_mday = digits(text + 8, 2);
	text += DATE_LENGTH;
	if (*text) {
		if (!has_form(text, "T00:00:00"))
			return -EINVAL;
		wanted.tm_hour = digits(text + 1, 2);
		wanted.tm_min = digits(text + 4, 2);
		wanted.tm_sec = digits(text + 7, 2);
		error = parse_zone(text + TIME_LENGTH, &offset_s);
		if (error)
			return error;
	}
	error = to_seconds(&wanted, &at_s);
	if (error)
		return error;
	at_s -= offset_s;
	if (at_s < 0 || at_s > moment_max_s)
		return -EINVAL;
	*ret_s = at_s;
	return 0;
}

int
moment_parse_length(const char *text, int64_t *ret_s)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};
	size_t length = strspn(text, "0123456789"), i;
	char number_text[12];
	uint32_t number;

	if (length >= sizeof(number_text))
		return -EINVAL;
	memcpy(number_text, text, length);
	number_text[length] = '\0';
	if (number_parse(number_text, &number))
		return -EINVAL;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + length, units[i].name) != 0)
			continue;
		*ret_s = number * units[i].seconds;
		return 0;
	}
	return -EINVAL;
}

void
moment_print(int64_t at_s, char ret_text[static MOMENT_SIZE])
{
	time_t at = (time_t)at_s;
	struct tm utc;

	if (!gmtime_r(&at, &utc) ||
	    strftime(ret_text, MOMENT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		ret_text[0] = '\0';
}
