#include "tests/unit/unit.h"
#include "verify/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NODES_MAX = 512,
};

/* A text that lies where a sanitizer sees each byte beyond it. */
struct sample {
	char *text;
	struct json_node nodes[NODES_MAX];
	struct json json;
};

static int
read_bytes(const char *text, size_t size, struct sample *ret_sample)
{
	ret_sample->text = malloc(size > 0 ? size : 1);
	memcpy(ret_sample->text, text, size);
	return json_read(ret_sample->text, size, ret_sample->nodes, NODES_MAX,
	    &ret_sample->json);
}

static int
read_result(const char *text)
{
	struct sample sample;
	int r = read_bytes(text, strlen(text), &sample);

	free(sample.text);
	return r;
}

static void
test_accepts_json(void **state)
{
	static const char *const good[] = {"{}", "[]", "null", "true", "false",
	    "0", "-0", "1", "-1", "10", "0.5", "1e9", "1E+9", "1e-9", "-1.5e3",
	    "\"\"", " {} ", "\t[\r\n]", "{\"a\":1}", "{\"a\":{\"a\":1}}",
	    "[{\"a\":1},{\"a\":1}]", "{\"\":1}", "[1,2,[3]]",
	    "{ \"a\" : [ true , false ] , \"b\" : null }",
	    "123456789012345678901234567890", "\"\x7f\""};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		if (read_result(good[i]) != 0)
			fail_msg("%s", good[i]);
	}
}

static void
test_refuses_what_only_looks_like_it(void **state)
{
	static const char *const bad[] = {"", " ", "{", "}", "[", "]", "{]",
	    "[}", "{}{}", "{} x", "[1] 2", "[1,]", "[,1]", "[1 2]", "{\"a\"}",
	    "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{1:1}", "{'a':1}",
	    "{\"a\":1 \"b\":2}", "{null:1}", "nul", "nulL", "NULL", "truefalse",
	    "True", "NaN", "Infinity", "-Infinity", "undefined", "01", "-",
	    "-a", "+1", "1.", ".5", "1.e3", "1e", "1e+", "0x10", "1_000", "--1",
	    "00", "-01", "\"", "\"a", "a\"", "\"\\\"", "\"\\x\"", "\"\\a\"",
	    "\"\\'\"", "\"\\", "\"\\u\"", "\"\\u12\"", "\"\\u123g\"",
	    "\"\\U0041\"", "\"a\nb\"", "\"a\tb\"", "\"\x1f\"", "// c\n1",
	    "/* c */1", "[1]//", "#1", "\xef\xbb\xbf{}", "\f{}", "\v{}",
	    "\xc2\xa0{}", "\x80", "{\"a\":1}\x01"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (read_result(bad[i]) != -EBADMSG)
			fail_msg("%s", bad[i]);
	}
}

static void
test_a_nul_is_no_end(void **state)
{
	static const char inside[] = "{\"a\0\":1}";
	struct sample sample;

	(void)state;
	assert_int_equal(-EBADMSG, read_bytes("{}\0", 3, &sample));
	free(sample.text);
	assert_int_equal(-EBADMSG, read_bytes("\0{}", 3, &sample));
	free(sample.text);
	assert_int_equal(
	    -EBADMSG, read_bytes(inside, sizeof(inside) - 1, &sample));
	free(sample.text);
}

static void
test_no_member_comes_twice(void **state)
{
	static const char *const bad[] = {"{\"a\":1,\"a\":1}",
	    "{\"a\":1,\"b\":2,\"a\":3}", "{\"\":1,\"\":2}",
	    "{\"alg\":1,\"\\u0061lg\":2}", "{\"\\/\":1,\"/\":2}",
	    "[{\"x\":{\"a\":[{\"a\":1}],\"b\":0,\"a\":2}}]",
	    "{\"\xc3\xa5\":1,\"\\u00e5\":2}",
	    "{\"\xf0\x9f\x94\x91\":1,\"\\ud83d\\udd11\":2}"};
	static const char *const good[] = {"{\"a\":1,\"A\":1}",
	    "{\"a\":{\"b\":1},\"b\":{\"a\":1}}", "{\"ab\":1,\"ba\":1,\"a\":2}",
	    "{\"\xc3\xa5\":1,\"a\xcc\x8a\":2}"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(-EBADMSG, read_result(bad[i]));
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_int_equal(0, read_result(good[i]));
}

/* More names than marks, so that equal marks meet, and any one of them twice */
static void
test_no_member_comes_twice_among_many(void **state)
{
	char text[4096];
	unsigned int twin, i;

	(void)state;
	for (twin = 0; twin <= 100; twin++) {
		char *at = text + sprintf(text, "{");

		for (i = 0; i < 100; i++)
			at += sprintf(at, "\"n%u\":{\"n%u\":0},", i * 37, i);
		(void)sprintf(at, "\"n%u\":0}", twin * 37);
		assert_int_equal(twin < 100 ? -EBADMSG : 0, read_result(text));
	}
}

static void
assert_text(const char *json, const char *wanted)
{
	struct sample sample;
	struct slice text;

	if (read_bytes(json, strlen(json), &sample) != 0)
		fail_msg("%s", json);
	assert_int_equal(
	    0, json_get_text(&sample.json, sample.json.nodes, &text));
	assert_int_equal(strlen(wanted), text.size);
	assert_memory_equal(wanted, text.at, text.size);
	free(sample.text);
}

static void
test_unescapes(void **state)
{
	(void)state;
	assert_text("\"\"", "");
	assert_text("\"plain, and longer than a word of eight\"",
	    "plain, and longer than a word of eight");
	assert_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
	assert_text("\"\\u0041\\u00e5\\u20AC\"", "A\xc3\xa5\xe2\x82\xac");
	assert_text("\"x\\ud83d\\udd11y\"", "x\xf0\x9f\x94\x91y");
	assert_text("\"\\ud800\\udc00\"", "\xf0\x90\x80\x80");
	assert_text("\"\\udbff\\udfff\"", "\xf4\x8f\xbf\xbf");
	assert_text("\"\\uffff\\u0001\"", "\xef\xbf\xbf\x01");
	assert_text("\"01234567\\n01234567\\\\\"", "01234567\n01234567\\");
	assert_text("\"\xc3\xa5\xe2\x82\xac\xf0\x9f\x94\x91\"",
	    "\xc3\xa5\xe2\x82\xac\xf0\x9f\x94\x91");
}

static void
test_refuses_characters_that_are_none(void **state)
{
	static const char *const bad[] = {"\"\\u0000\"", "\"a\\u0000\"",
	    "\"\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"",
	    "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"", "\"\\udc00\"",
	    "\"\\udc00\\ud800\"", "\"\\ud83d\\udd1\"", "\"\x80\"", "\"\xc3\"",
	    "\"\xc3(\"", "\"\xc0\x80\"", "\"\xc1\xbf\"", "\"\xe0\x80\x80\"",
	    "\"\xe0\x9f\xbf\"", "\"\xe2\x82\"", "\"\xe2(\xac\"",
	    "\"\xe2\x82(\"", "\"\xed\xa0\x80\"", "\"\xed\xbf\xbf\"",
	    "\"\xf0\x80\x80\x80\"", "\"\xf0\x8f\xbf\xbf\"", "\"\xf0\x9f\x94\"",
	    "\"\xf4\x90\x80\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xfe\"",
	    "\"\xff\"", "\"01234567\xff\"", "\"\xc3"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(-EBADMSG, read_result(bad[i]));
}

/* A character that is not plain is seen at each place of a word of eight. */
static void
test_sees_each_byte(void **state)
{
	char text[32];
	int place, byte;

	(void)state;
	for (place = 1; place < 25; place++) {
		for (byte = 0; byte < 256; byte++) {
			struct sample sample;
			bool good = byte >= 0x20 && byte < 0x80 &&
				    byte != '"' && byte != '\\';

			memset(text, 'x', 26);
			text[0] = text[25] = '"';
			text[place] = (char)byte;
			assert_int_equal(
			    good ? 0 : -EBADMSG, read_bytes(text, 26, &sample));
			free(sample.text);
		}
	}
}

static void
assert_limit(const char *opening, const char *filling, const char *closing,
    size_t count, int wanted)
{
	char *text = calloc(1, 1 << 16);
	char *at = text;
	size_t i;

	for (i = 0; i < count; i++)
		at = stpcpy(at, opening);
	at = stpcpy(at, filling);
	for (i = 0; i < count; i++)
		at = stpcpy(at, closing);
	assert_int_equal(wanted, read_result(text));
	free(text);
}

static void
test_has_limits(void **state)
{
	char *large = malloc(JSON_SIZE_MAX + 1);
	struct sample sample;

	(void)state;
	assert_limit("[", "1", "]", JSON_DEPTH_MAX, 0);
	assert_limit("[", "1", "]", JSON_DEPTH_MAX + 1, -E2BIG);
	assert_limit("{\"a\":", "1", "}", JSON_DEPTH_MAX, 0);
	assert_limit("{\"a\":", "1", "}", JSON_DEPTH_MAX + 1, -E2BIG);
	assert_limit("[", "", "", 60000, -E2BIG);
	assert_limit("", "[0", ",0", 1, -EBADMSG);
	memset(large, ' ', JSON_SIZE_MAX + 1);
	large[0] = '1';
	assert_int_equal(-E2BIG, json_read(large, JSON_SIZE_MAX + 1,
				     sample.nodes, NODES_MAX, &sample.json));
	assert_int_equal(0, json_read(large, JSON_SIZE_MAX, sample.nodes,
				NODES_MAX, &sample.json));
	free(large);
}

static int
read_elements(size_t count)
{
	char text[4096];
	char *at = text + sprintf(text, "[0");
	size_t i;

	for (i = 1; i < count; i++)
		at = stpcpy(at, ",0");
	(void)stpcpy(at, "]");
	return read_result(text);
}

static int
read_members(size_t count)
{
	char text[4096];
	char *at = text + sprintf(text, "{\"a\":0");
	size_t i;

	for (i = 1; i < count; i++)
		at += sprintf(at, ",\"%zu\":0", i);
	(void)stpcpy(at, "}");
	return read_result(text);
}

static void
test_nodes_and_members_have_limits(void **state)
{
	(void)state;
	assert_int_equal(0, read_elements(NODES_MAX - 1));
	assert_int_equal(-E2BIG, read_elements(NODES_MAX));
	assert_int_equal(0, read_members(JSON_MEMBERS_MAX));
	assert_int_equal(-E2BIG, read_members(JSON_MEMBERS_MAX + 1));
}

static void
test_finds_members_and_elements(void **state)
{
	static const char text[] =
	    "{\"a\":[1,[2],{\"b\":3}],\"c\":{\"a\":4,\"d\":5},\"e\":6}";
	const struct json_node *node, *element;
	struct sample sample;
	const struct json *json = &sample.json;
	uint64_t value;

	(void)state;
	assert_int_equal(0, read_bytes(text, strlen(text), &sample));
	node = json_member(json, json->nodes, "a");
	assert_non_null(node);
	assert_int_equal(3, node->size);
	element = json_element(json, node, NULL);
	assert_int_equal(0, json_get_unsigned(json, element, &value));
	assert_int_equal(1, value);
	element = json_element(json, node, element);
	assert_int_equal(JSON_KIND_ARRAY, element->kind);
	element = json_element(json, node, element);
	assert_int_equal(JSON_KIND_OBJECT, element->kind);
	assert_non_null(json_member(json, element, "b"));
	assert_null(json_element(json, node, element));
	assert_null(json_member(json, json->nodes, "b"));
	assert_null(json_member(json, json->nodes, "d"));
	assert_null(json_member(json, json->nodes, ""));
	assert_null(json_member(json, node, "a"));
	assert_null(json_element(json, json->nodes, NULL));
	node = json_member(json, json->nodes, "e");
	assert_int_equal(0, json_get_unsigned(json, node, &value));
	assert_int_equal(6, value);
	assert_null(json_element(json, node, NULL));
	free(sample.text);
}

/* "iss>" begins as "iss" does, and has the same mark. */
static void
test_names_are_compared_whole(void **state)
{
	static const char text[] = "{\"iss>\":1}";
	struct sample sample;

	(void)state;
	assert_int_equal(0, read_bytes(text, strlen(text), &sample));
	assert_null(json_member(&sample.json, sample.json.nodes, "iss"));
	assert_null(json_member(&sample.json, sample.json.nodes, "is"));
	assert_non_null(json_member(&sample.json, sample.json.nodes, "iss>"));
	free(sample.text);
	assert_int_equal(0, read_result("{\"iss>\":1,\"iss\":2}"));
}

static int
read_unsigned(const char *text, uint64_t *ret_value)
{
	struct sample sample;
	int r = read_bytes(text, strlen(text), &sample);

	assert_int_equal(0, r);
	r = json_get_unsigned(&sample.json, sample.json.nodes, ret_value);
	free(sample.text);
	return r;
}

static void
test_integers_are_digits(void **state)
{
	static const char *const bad[] = {"-1", "-0", "1.0", "1e3", "0.0",
	    "1E0", "18446744073709551616", "99999999999999999999",
	    "100000000000000000000000", "\"1\"", "true", "null", "[]", "{}"};
	uint64_t value = 77;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(-EBADMSG, read_unsigned(bad[i], &value));
	assert_int_equal(77, value);
	assert_int_equal(0, read_unsigned("0", &value));
	assert_int_equal(0, value);
	assert_int_equal(0, read_unsigned("18446744073709551615", &value));
	assert_true(value == UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_accepts_json),
	    cmocka_unit_test(test_refuses_what_only_looks_like_it),
	    cmocka_unit_test(test_a_nul_is_no_end),
	    cmocka_unit_test(test_no_member_comes_twice),
	    cmocka_unit_test(test_no_member_comes_twice_among_many),
	    cmocka_unit_test(test_unescapes),
	    cmocka_unit_test(test_refuses_characters_that_are_none),
	    cmocka_unit_test(test_sees_each_byte),
	    cmocka_unit_test(test_has_limits),
	    cmocka_unit_test(test_nodes_and_members_have_limits),
	    cmocka_unit_test(test_finds_members_and_elements),
	    cmocka_unit_test(test_names_are_compared_whole),
	    cmocka_unit_test(test_integers_are_digits),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
