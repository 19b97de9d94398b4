#include "broker/fetch/form.h"
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
encodes(const struct fetch_parameter *form, size_t count, const char *expected)
{
	char *body = NULL;

	assert_int_equal(form_encode(form, count, &body), 0);
	assert_string_equal(body, expected);
	assert_null(form_free(body));
}

static bool
is_unreserved(int byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= 'a' && byte <= 'z') ||
	       (byte != 0 && strchr("-._~", byte));
}

/* liboauth2 encodes; this is why we believe it. */
static void
test_every_byte_is_encoded(void **state)
{
	char text[] = "x?y", expected[64], encoded[4];
	struct fetch_parameter form[] = {{text, text}, {"n", text}};
	int byte;

	(void)state;
	for (byte = 1; byte < 256; byte++) {
		text[1] = (char)byte;
		(void)snprintf(encoded, sizeof(encoded),
		    is_unreserved(byte) ? "%c" : "%%%02X", byte);
		(void)snprintf(expected, sizeof(expected), "x%sy=x%sy&n=x%sy",
		    encoded, encoded, encoded);
		encodes(form, 2, expected);
	}
}

static void
test_order_and_repetition_stay(void **state)
{
	const struct fetch_parameter form[] = {{"b", "1"}, {"a", ""},
	    {"b", "2"}, {"resource", "https://a.example/?x=1&y=2"}};

	(void)state;
	encodes(form, 4,
	    "b=1&a=&b=2&resource=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D2");
}

static void
test_an_empty_form_is_empty(void **state)
{
	(void)state;
	encodes(NULL, 0, "");
	assert_null(form_free(NULL));
}

static void
test_the_largest_form_is_encoded_whole(void **state)
{
	char *value = malloc(FETCH_FORM_SIZE), *body = NULL;
	const struct fetch_parameter form[] = {{"v", value}};

	(void)state;
	assert_non_null(value);
	memset(value, '\xff', FETCH_FORM_SIZE - 1);
	value[FETCH_FORM_SIZE - 1] = '\0';
	assert_int_equal(form_encode(form, 1, &body), 0);
	assert_int_equal(strlen(body), 2 + 3 * (FETCH_FORM_SIZE - 1));
	form_free(body);
	free(value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_byte_is_encoded),
	    cmocka_unit_test(test_order_and_repetition_stay),
	    cmocka_unit_test(test_an_empty_form_is_empty),
	    cmocka_unit_test(test_the_largest_form_is_encoded_whole),
	};

	return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
