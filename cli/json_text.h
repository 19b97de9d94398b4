/* JSON on the standard output, written as it is said. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* One value behind another: where a comma belongs. */
struct json_text {
	bool has_value;
};

/* name: NULL in an array and at the top. */
void json_open(struct json_text *json, const char *name, char bracket);
void json_close(struct json_text *json, char bracket);
/* Nothing when the text is NULL. UTF-8. */
void json_put_text(struct json_text *json, const char *name, const char *text);
void json_put_integer(struct json_text *json, const char *name, int64_t value);
void json_put_bool(struct json_text *json, const char *name, bool value);
