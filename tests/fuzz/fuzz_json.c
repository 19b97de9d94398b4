/*
 * Our JSON reader beside jansson: what we accept jansson accepts with the same
 * meaning, and what jansson accepts we accept, but for our limits. Jansson has
 * limits of its own on numbers.
 */
#include "tests/fuzz/fuzz.h"
#include "verify/json.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum {
	NODES_MAX = 4096,
};

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void compare(
    const struct json *ours, const struct json_node *node, json_t *theirs);

static void
compare_text(
    const struct json *ours, const struct json_node *node, json_t *theirs)
{
	struct slice text;

	must(json_get_text(ours, node, &text) == 0);
	must(text.size == json_string_length(theirs));
	must(memcmp(text.at, json_string_value(theirs), text.size) == 0);
}

static void
compare_number(
    const struct json *ours, const struct json_node *node, json_t *theirs)
{
	bool natural =
	    json_is_integer(theirs) && ours->text[node->start] != '-';
	uint64_t value;

	must((json_get_unsigned(ours, node, &value) == 0) == natural);
	must(!natural || value == (uint64_t)json_integer_value(theirs));
}

static void
compare_array(
    const struct json *ours, const struct json_node *node, json_t *theirs)
{
	const struct json_node *element = NULL;
	size_t count = 0;

	while ((element = json_element(ours, node, element)))
		compare(ours, element, json_array_get(theirs, count++));
	must(count == node->size && count == json_array_size(theirs));
}

static void
compare_object(
    const struct json *ours, const struct json_node *node, json_t *theirs)
{
	const char *name;
	json_t *value;

	must(node->size == json_object_size(theirs));
	json_object_foreach (theirs, name, value) {
		const struct json_node *member = json_member(ours, node, name);

		must(member != NULL);
		compare(ours, member, value);
	}
}

static void
compare(const struct json *ours, const struct json_node *node, json_t *theirs)
{
	switch ((enum json_kind)node->kind) {
	case JSON_KIND_NULL:
		must(json_is_null(theirs));
		return;
	case JSON_KIND_FALSE:
		must(json_is_false(theirs));
		return;
	case JSON_KIND_TRUE:
		must(json_is_true(theirs));
		return;
	case JSON_KIND_NUMBER:
		must(json_is_number(theirs));
		compare_number(ours, node, theirs);
		return;
	case JSON_KIND_STRING:
		must(json_is_string(theirs));
		compare_text(ours, node, theirs);
		return;
	case JSON_KIND_ARRAY:
		must(json_is_array(theirs));
		compare_array(ours, node, theirs);
		return;
	case JSON_KIND_OBJECT:
		must(json_is_object(theirs));
		compare_object(ours, node, theirs);
		return;
	}
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct json_node nodes[NODES_MAX];
	char *text = malloc(size > 0 ? size : 1);
	struct json ours;
	json_error_t error;
	json_t *theirs;
	int r;

	must(text != NULL);
	memcpy(text, data, size);
	theirs = json_loadb(
	    text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	r = json_read(text, size, nodes, NODES_MAX, &ours);
	if (r == 0 && !theirs)
		must(json_error_code(&error) == json_error_numeric_overflow);
	if (r == 0 && theirs)
		compare(&ours, ours.nodes, theirs);
	/* Jansson 2.14 takes a NUL for the end, whatever follows it. */
	if (r < 0 && theirs)
		must(r == -E2BIG || memchr(data, '\0', size));
	json_decref(theirs);
	free(text);
	return 0;
}
