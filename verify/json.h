/*
 * A strict and small JSON reader (RFC 8259) for what strangers send: one pass
 * over the caller's bytes into the caller's nodes, no allocation. Strings are
 * unescaped where they stand.
 *
 * Refused, beyond what the grammar refuses: a member name twice in one object
 * (compared unescaped), U+0000, unpaired surrogates, UTF-8 that is not
 * shortest form, bytes after the value, and anything over the limits. Numbers
 * are kept as written; who asks for an integer gets one or a refusal.
 */
#pragma once

#include "verify/slice.h"

#include <stddef.h>
#include <stdint.h>

enum {
	JSON_DEPTH_MAX = 16, /* authorization_details needs 7 */
	JSON_MEMBERS_MAX = 128, /* of one object */
	JSON_SIZE_MAX = 1 << 20,
};

enum json_kind {
	JSON_KIND_NULL = 0,
	JSON_KIND_FALSE,
	JSON_KIND_TRUE,
	JSON_KIND_NUMBER,
	JSON_KIND_STRING,
	JSON_KIND_ARRAY,
	JSON_KIND_OBJECT,
};

/*
 * The nodes lie in the order of the text: a container before what is in it, a
 * member's name (a string) before its value.
 */
struct json_node {
	uint32_t start; /* of a string's or number's text */
	uint32_t size; /* of that text; of a container: members or elements */
	uint32_t next; /* the node after this one and all that is in it */
	uint8_t kind; /* enum json_kind */
	uint8_t mark; /* of a string: equal strings have equal marks */
};

struct json {
	const char *text;
	const struct json_node *nodes; /* the first is the whole value */
};

/*
 * Reads text, which is changed and must stay with the nodes for as long as
 * *ret_json is used. 0, -EBADMSG (not strict JSON) or -E2BIG (a limit).
 */
int json_read(char *text, size_t size, struct json_node *nodes,
    size_t nodes_max, struct json *ret_json);

/* The value of a member; NULL when there is none or this is no object. */
const struct json_node *json_member(
    const struct json *json, const struct json_node *object, const char *name);

/*
 * The name of the member after the previous one, NULL first and last; its
 * value is the node after it.
 */
const struct json_node *json_member_after(const struct json *json,
    const struct json_node *object, const struct json_node *previous);

/* The element of an array after the previous one; NULL first and last. */
const struct json_node *json_element(const struct json *json,
    const struct json_node *array, const struct json_node *previous);

/* -EBADMSG when it is not a string. */
int json_get_text(const struct json *json, const struct json_node *node,
    struct slice *ret_text);

/* -EBADMSG when it is not digits alone: no sign, fraction or exponent. */
int json_get_unsigned(
    const struct json *json, const struct json_node *node, uint64_t *ret_value);
