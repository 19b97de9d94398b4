#include "ctl/show.h"

#include "ctl/command.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int
show_no_memory(void)
{
	fputs("portvaktctl: not enough memory\n", stderr);
	return EXIT_REFUSED;
}

int
show_table(struct table *table, int error)
{
	if (!error)
		table_print(table, stdout);
	(void)table_free(table);
	return error ? show_no_memory() : EXIT_DONE;
}

void
show_time(const json_t *seconds, char *ret_text, size_t size)
{
	time_t when = (time_t)json_integer_value(seconds);
	struct tm local;

	if (!json_is_integer(seconds) || !localtime_r(&when, &local) ||
	    strftime(ret_text, size, "%Y-%m-%d %H:%M", &local) == 0)
		(void)snprintf(ret_text, size, "never");
}

void
show_list(const json_t *strings, char *ret_text, size_t size)
{
	size_t i, at = 0;
	json_t *string;
	int length;

	(void)snprintf(ret_text, size, "-");
	json_array_foreach (strings, i, string) {
		length = snprintf(ret_text + at, size - at, "%s%s",
		    i ? " " : "", json_string_value(string));
		if (length < 0 || (size_t)length >= size - at)
			return;
		at += (size_t)length;
	}
}

const char *
show_text(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text && *text ? text : "-";
}

int
show_field(struct table *table, const char *name, const char *value)
{
	const char *cells[] = {name, value && *value ? value : NULL};

	return table_add(table, cells);
}

int
show_field_number(struct table *table, const char *name, const json_t *number)
{
	char text[32];

	if (!json_is_integer(number))
		return show_field(table, name, NULL);
	(void)snprintf(
	    text, sizeof(text), "%lld", (long long)json_integer_value(number));
	return show_field(table, name, text);
}
