#include "broker/api/person_text.h"

#include "verify/person_number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PERSON_NUMBER_SIZE = 11,
	NUMBER_SIZE_MAX = 40, /* a longer one is no person's */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
person_text_has(struct slice text)
{
	size_t i, digits = 0;

	for (i = 0; i < text.size; i++) {
		digits = is_digit(text.at[i]) ? digits + 1 : 0;
		if (digits >= PERSON_NUMBER_SIZE &&
		    person_number_check(
			(struct slice){text.at + i + 1 - PERSON_NUMBER_SIZE,
			    PERSON_NUMBER_SIZE}) != PERSON_NUMBER_INVALID)
			return true;
	}
	return false;
}

/* 1815010260 is 01815010260, and so is 1.81501026e9. */
static bool
number_has(struct slice number)
{
	char text[NUMBER_SIZE_MAX], digits[NUMBER_SIZE_MAX];
	double value;

	if (person_text_has(number))
		return true;
	if (number.size >= sizeof(text))
		return false;
	memcpy(text, number.at, number.size);
	text[number.size] = '\0';
	value = strtod(text, NULL);
	if (value < 0)
		value = -value;
	if (value >= 1e11)
		return false;
	(void)snprintf(digits, sizeof(digits), "%011.0f", value);
	return person_text_has(slice_of(digits));
}

static bool
object_has(const struct json *json, const struct json_node *object)
{
	const struct json_node *name = NULL;

	while ((name = json_member_after(json, object, name))) {
		if (person_text_in(json, name) ||
		    person_text_in(json, name + 1))
			return true;
	}
	return false;
}

static bool
array_has(const struct json *json, const struct json_node *array)
{
	const struct json_node *element = NULL;

	while ((element = json_element(json, array, element))) {
		if (person_text_in(json, element))
			return true;
	}
	return false;
}

bool
person_text_in(const struct json *json, const struct json_node *node)
{
	const struct slice text = {json->text + node->start, node->size};

	switch ((enum json_kind)node->kind) {
	case JSON_KIND_NULL:
	case JSON_KIND_FALSE:
	case JSON_KIND_TRUE:
		return false;
	case JSON_KIND_NUMBER:
		return number_has(text);
	case JSON_KIND_STRING:
		return person_text_has(text);
	case JSON_KIND_ARRAY:
		return array_has(json, node);
	case JSON_KIND_OBJECT:
		return object_has(json, node);
	}
	return true;
}
