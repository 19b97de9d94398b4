#include "broker/api/person_text.h"

#include "verify/person_number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PIECES_SIZE = 11, /* of the digits of an array, all together */
	NUMBER_SIZE_MAX = 40, /* a longer one is no person's */
};

/* 1815010260 is 01815010260, and so is 1.81501026e9. */
static bool
number_has(struct slice number)
{
	char text[NUMBER_SIZE_MAX], digits[NUMBER_SIZE_MAX];
	double value;

	if (person_number_is_in(number))
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
	return person_number_is_in(slice_of(digits));
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

/* Where an array has nothing but digits: those of all its elements. */
static bool
pieces_are_number(const struct json *json, const struct json_node *array)
{
	const struct json_node *element = NULL;
	char pieces[PIECES_SIZE];
	size_t size = 0;

	while ((element = json_element(json, array, element))) {
		if ((element->kind != JSON_KIND_STRING &&
			element->kind != JSON_KIND_NUMBER) ||
		    element->size > sizeof(pieces) - size)
			return false;
		memcpy(
		    pieces + size, json->text + element->start, element->size);
		size += element->size;
	}
	return person_number_is_in((struct slice){pieces, size});
}

static bool
array_has(const struct json *json, const struct json_node *array)
{
	const struct json_node *element = NULL;

	while ((element = json_element(json, array, element))) {
		if (person_text_in(json, element))
			return true;
	}
	return pieces_are_number(json, array);
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
		return person_number_is_in(text);
	case JSON_KIND_ARRAY:
		return array_has(json, node);
	case JSON_KIND_OBJECT:
		return object_has(json, node);
	}
	return true;
}
