/* Where a person's identity number hides in what a token says. */
#include "broker/api/person_text.h"

#include "tests/unit/unit.h"

#include <string.h>

enum { NODES_MAX = 32 };

static bool
has_person(const char *text)
{
	struct json_node nodes[NODES_MAX];
	char copy[256];
	struct json json;

	assert_true(strlen(text) < sizeof(copy));
	strcpy(copy, text);
	assert_int_equal(
	    json_read(copy, strlen(copy), nodes, NODES_MAX, &json), 0);
	return person_text_in(&json, json.nodes);
}

static void
texts_and_names(void **state)
{
	(void)state;
	assert_true(has_person("\"21879498012\""));
	assert_true(has_person("\"fnr 218794 98012\""));
	assert_true(has_person("{\"a\":{\"21879498012\":true}}"));
	assert_true(has_person("{\"a\":[1,{\"b\":\"21879498012\"}]}"));
	assert_false(has_person("\"21879498013\""));
	assert_false(has_person("{\"a\":[true,false,null,\"ko-kompis\"]}"));
}

static void
numbers(void **state)
{
	(void)state;
	assert_true(has_person("21879498012"));
	assert_true(has_person("2.1879498012e10"));
	assert_true(has_person("1815010260")); /* 01815010260 */
	assert_false(has_person("1795325597"));
}

static void
pieces_of_an_array(void **state)
{
	(void)state;
	assert_true(has_person("[2,1,8,7,9,4,9,8,0,1,2]"));
	assert_true(has_person("[\"218794\",\"98012\"]"));
	assert_true(has_person("{\"a\":[\"218794\",98012]}"));
	assert_false(has_person("[\"218794\",\"98013\"]"));
	assert_false(has_person("[\"218794\",\"98012\",\"1\"]"));
	assert_false(has_person("[\"218794\",true,\"98012\"]"));
	assert_false(has_person("[]"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_and_names),
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(pieces_of_an_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
