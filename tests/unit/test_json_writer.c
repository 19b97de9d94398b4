/* What is written is what a strict reader reads, and what jansson reads. */
#include "broker/api/json_writer.h"
#include "broker/api/person_text.h"
#include "tests/unit/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 256 };

static void
expect(struct json_writer *writer, const char *wanted)
{
	char *text = json_writer_take(writer);

	assert_non_null(text);
	assert_string_equal(text, wanted);
	free(text);
}

static void
test_commas_come_by_themselves(void **state)
{
	struct json_writer writer = {0};

	(void)state;
	json_writer_open(&writer, '{');
	json_writer_name(&writer, slice_of("a"));
	json_writer_open(&writer, '[');
	json_writer_number(&writer, INT64_MIN);
	json_writer_number(&writer, INT64_MAX);
	json_writer_open(&writer, '{');
	json_writer_close(&writer, '}');
	json_writer_open(&writer, '[');
	json_writer_close(&writer, ']');
	json_writer_close(&writer, ']');
	json_writer_name(&writer, slice_of("b"));
	json_writer_bool(&writer, true);
	json_writer_name(&writer, slice_of("c"));
	json_writer_bool(&writer, false);
	json_writer_close(&writer, '}');
	expect(&writer,
	    "{\"a\":[-9223372036854775808,9223372036854775807,{},[]],"
	    "\"b\":true,\"c\":false}");
}

/* Every byte that a text may have, in a name and in a value. */
static void
test_texts_come_back(void **state)
{
	char bytes[0x80 + 8], *text;
	struct json_writer writer = {0};
	const char *name;
	json_t *object, *value;
	size_t i;

	(void)state;
	for (i = 1; i < 0x80; i++)
		bytes[i - 1] = (char)i;
	(void)strcpy(bytes + 0x7f, "\xc3\xb8\xf0\x9f\x98\x80");
	json_writer_open(&writer, '{');
	json_writer_name(&writer, slice_of(bytes));
	json_writer_text(&writer, slice_of(bytes));
	json_writer_close(&writer, '}');
	text = json_writer_take(&writer);
	object = json_loads(text, 0, NULL);
	assert_non_null(object);
	json_object_foreach (object, name, value) {
		assert_string_equal(name, bytes);
		assert_string_equal(json_string_value(value), bytes);
	}
	json_decref(object);
	free(text);
}

static void
read_text(const char *text, char *copy, struct json_node *nodes,
    struct json *ret_json)
{
	(void)strcpy(copy, text);
	assert_int_equal(
	    json_read(copy, strlen(copy), nodes, NODES, ret_json), 0);
}

/* Numbers keep digits that no double has. */
static void
test_values_are_copied(void **state)
{
	static const char text[] =
	    "{ \"a\\u0022\": [1.50, -0, 12345678901234567890123, 1E+2, [], {}],"
	    " \"b\": {\"c\": \"\\n\\u00f8\", \"d\": null}, \"e\": true }";
	struct json_node nodes[NODES];
	struct json_writer writer = {0};
	char copy[512];
	struct json json;

	(void)state;
	read_text(text, copy, nodes, &json);
	json_writer_open(&writer, '[');
	json_writer_value(&writer, &json, json.nodes);
	json_writer_value(&writer, &json, json.nodes + 1);
	json_writer_close(&writer, ']');
	expect(&writer,
	    "[{\"a\\\"\":[1.50,-0,12345678901234567890123,1E+2,[],{}],"
	    "\"b\":{\"c\":\"\\u000a\xc3\xb8\",\"d\":null},\"e\":true},"
	    "\"a\\\"\"]");
}

static void
test_it_grows(void **state)
{
	struct json_writer writer = {0};
	char *text;
	int i;

	(void)state;
	json_writer_open(&writer, '[');
	for (i = 0; i < 5000; i++)
		json_writer_text(&writer, slice_of("\"\x01"));
	json_writer_close(&writer, ']');
	text = json_writer_take(&writer);
	assert_int_equal(strlen(text), 2 + 5000 * 10 + 4999);
	assert_string_equal(text + strlen(text) - 11, "\"\\\"\\u0001\"]");
	free(text);
	assert_null(writer.text);
}

static void
test_persons_are_seen(void **state)
{
	static const struct {
		const char *text;
		bool has;
	} rows[] = {
	    {"[\"01815010260\"]", true},
	    {"{\"a\":{\"b\":[0,\"x01815010260y\"]}}", true},
	    {"{\"01815010260\":1}", true},
	    {"\"\\u0030\\u0031815010260\"", true},
	    {"1815010260", true},
	    {"-1815010260", true},
	    {"1815010260.0", true},
	    {"1.81501026e9", true},
	    {"[1.81501026E+9]", true},
	    {"\"0018150102601\"", true}, /* amid other digits */
	    {"\"0181501026\"", false},
	    {"\"01815 010260\"", true}, /* as people write it */
	    {"\"01815010261\"", false},
	    {"1815010261", false},
	    {"1e400", false},
	    {"[null,true,false,{},[],\"\"]", false},
	};
	struct json_node nodes[NODES];
	char copy[512];
	struct json json;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		read_text(rows[i].text, copy, nodes, &json);
		if (person_text_in(&json, json.nodes) != rows[i].has)
			fail_msg("%s", rows[i].text);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_commas_come_by_themselves),
	    cmocka_unit_test(test_texts_come_back),
	    cmocka_unit_test(test_values_are_copied),
	    cmocka_unit_test(test_it_grows),
	    cmocka_unit_test(test_persons_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
