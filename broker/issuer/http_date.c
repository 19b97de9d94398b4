#include "broker/issuer/http_date.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

/* A letter stands for itself; where there is a digit, any digit. */
#define FORM "..., 00 ... 0000 00:00:00 GMT"

enum {
	DAY_OF_MONTH_AT = 5,
	MONTH_AT = 8,
	YEAR_AT = 12,
	HOUR_AT = 17,
	MINUTE_AT = 20,
	SECOND_AT = 23,
	WORD_LENGTH = 3,
};

static const char days[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static bool
has_form(const char *text)
{
	static const char form[] = FORM;
	size_t i;

	if (strlen(text) != sizeof(form) - 1)
		return false;
	for (i = 0; form[i]; i++) {
		if (form[i] == '0' ? !isdigit((unsigned char)text[i])
				   : form[i] != '.' && text[i] != form[i])
			return false;
	}
	return true;
}

static int
number_at(const char *text, size_t digits)
{
	int number = 0;

	for (; digits > 0; digits--)
		number = number * 10 + (*text++ - '0');
	return number;
}

/* Which of the words, or -1. */
static int
word_at(const char *text, const char *words)
{
	int i;

	for (i = 0; words[i * WORD_LENGTH]; i++) {
		if (memcmp(text, words + i * WORD_LENGTH, WORD_LENGTH) == 0)
			return i;
	}
	return -1;
}

/* timegm puts right what there is not, like the 31st of April. */
static bool
is_same(const struct tm *a, const struct tm *b)
{
	return a->tm_sec == b->tm_sec && a->tm_min == b->tm_min &&
	       a->tm_hour == b->tm_hour && a->tm_mday == b->tm_mday &&
	       a->tm_mon == b->tm_mon && a->tm_year == b->tm_year &&
	       a->tm_wday == b->tm_wday;
}

int
http_date_parse(const char *text, int64_t *ret_at_s)
{
	struct tm said, there_is;
	time_t at_s;

	if (!has_form(text))
		return -EBADMSG;
	said = (struct tm){
	    .tm_sec = number_at(text + SECOND_AT, 2),
	    .tm_min = number_at(text + MINUTE_AT, 2),
	    .tm_hour = number_at(text + HOUR_AT, 2),
	    .tm_mday = number_at(text + DAY_OF_MONTH_AT, 2),
	    .tm_mon = word_at(text + MONTH_AT, months),
	    .tm_year = number_at(text + YEAR_AT, 4) - 1900,
	    .tm_wday = word_at(text, days),
	};
	there_is = said;
	at_s = timegm(&there_is);
	if (!is_same(&said, &there_is))
		return -EBADMSG;
	*ret_at_s = at_s;
	return 0;
}
