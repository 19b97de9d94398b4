#include "broker/config/settings.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct settings_option options[] = {
    {"one", false}, {"many", true}, {NULL, false}};
static const struct settings_kind kinds[] = {
    {"titled", true, options}, {"plain", false, options}, {NULL, false, NULL}};
static const struct settings_grammar grammar = {kinds, "portvakt.conf(5)"};

/* What was read, as text: section title line, then option=value@line. */
struct notes {
	char text[1024];
	int answer;
};

__attribute__((format(printf, 2, 3))) static void
note(struct notes *notes, const char *format, ...)
{
	size_t length = strlen(notes->text);
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(notes->text + length, sizeof(notes->text) - length,
	    format, arguments);
	va_end(arguments);
}

static int
note_section(const struct settings_section *section, void *userdata)
{
	static const char *const names[] = {"one", "many"};
	struct notes *notes = userdata;
	struct setting setting;
	size_t i, j;

	assert_string_equal(section->file, "FILE");
	note(notes, "[%s %s %u-%u]", section->name,
	    section->title ? section->title : "-", section->first_line,
	    section->line);
	for (i = 0; i < 2; i++) {
		for (j = 0; j < settings_count(section, names[i]); j++) {
			setting = settings_get(section, names[i], j);
			note(notes, " %s=%s@%u", names[i], setting.text,
			    setting.line);
		}
	}
	return notes->answer;
}

static int
read_text(const char *text, struct notes *notes, struct config_error *error)
{
	char *copy = strdup(text);
	int result;

	result = settings_read(
	    "FILE", copy, strlen(text), &grammar, note_section, notes, error);
	free(copy);
	return result;
}

static void
assert_read(const char *text, const char *expected)
{
	struct config_error error = {"nothing"};
	struct notes notes = {.answer = 0};

	if (read_text(text, &notes, &error) != 0)
		fail_msg("%s", error.text);
	assert_string_equal(notes.text, expected);
}

static void
assert_refused(const char *text, const char *said)
{
	struct config_error error = {"nothing"};
	struct notes notes = {.answer = 0};

	assert_int_equal(read_text(text, &notes, &error), -EINVAL);
	if (strncmp(error.text, said, strlen(said)) != 0)
		fail_msg("\"%s\" does not begin with \"%s\"", error.text, said);
}

/* libconfuse alone loses count at comments, and one of two equal titles. */
static void
test_keeps_lines_order_and_repeated_titles(void **state)
{
	(void)state;
	assert_read("", "");
	assert_read("\n# only a comment", "");
	assert_read("# one\n\n# \"two {\n\nplain { # three\n one = 1 # four\n\n"
		    " many = { a, # five\n  b\n }\n}\n",
	    "[plain - 5-11] one=1@6 many=a@8 many=b@9");
	assert_read("titled \"t\" { one = 1 }\nplain { }\n"
		    "titled \"t\" { one = 2 }",
	    "[titled t 1-1] one=1@1[plain - 2-2][titled t 3-3] one=2@3");
	assert_read(
	    "plain { many = \"single\" }", "[plain - 1-1] many=single@1");
	assert_read("plain { one = \"\" }", "[plain - 1-1] one=@1");
	assert_read("plain {\none = \"\\\"{\" many = { '}' } }\n\nplain\n{ }",
	    "[plain - 1-2] one=\"{@2 many=}@2[plain - 5-5]");
}

static void
test_takes_text_as_it_is_written(void **state)
{
	(void)state;
	assert_read("plain { one = \"a # b { } ( ) + * // ' $x\" }",
	    "[plain - 1-1] one=a # b { } ( ) + * // ' $x@1");
	assert_read("plain { one = '\"' }", "[plain - 1-1] one=\"@1");
	assert_read(
	    "plain { one = \"\\\\ \\\" \\'\" }", "[plain - 1-1] one=\\ \" '@1");
	assert_read("plain { one = bare-word_1.2:3 }",
	    "[plain - 1-1] one=bare-word_1.2:3@1");
}

static void
test_refuses_what_libconfuse_would_misread(void **state)
{
	(void)state;
	assert_refused("plain { one = 1\n# x", "FILE:1: the '{' here");
	assert_refused("plain { }\n\"rest", "FILE:2: the file ends inside");
	assert_refused("plain { one = \"a\n\" }", "FILE:1: a text is not");
	assert_refused("\nplain { one = \"${HOME}\" }", "FILE:2: environment");
	assert_refused("plain { one = ${HOME} }", "FILE:1: environment");
	assert_refused("plain { one = \"a\\x00b\" }", "FILE:1: a backslash");
	assert_refused("plain { one = 'a\\b' }", "FILE:1: a backslash");
	assert_refused("plain { one = \"a\\\n\" }", "FILE:1: a backslash");
	assert_refused("# x\n/* x */", "FILE:2: a comment begins with '#'");
	assert_refused("plain { many += { a } }", "FILE:1: this character");
	assert_refused("plain { }\r\n", "FILE:1: a control character");
	assert_refused("plain { { 1 } }", "FILE:1: unexpected token");
	assert_refused("plain { many = { { } } }", "FILE:1: a '{' too many");
	assert_refused("}", "FILE:1: a '}' without");
	assert_refused(
	    "plain {\nmany = { # x\n}\n}", "FILE:3: an empty list: remove");
}

static void
test_refuses_what_it_was_not_told_of(void **state)
{
	(void)state;
	assert_refused("other { }", "FILE:1: no such option 'other'");
	assert_refused("# c\nplain {\n\n# c\nother = 1 }",
	    "FILE:5: no such option 'other'");
	assert_refused("one = 1", "FILE:1: no such option 'one'");
	assert_refused("titled { }", "FILE:1: missing title");
	assert_refused("plain \"x\" { }", "FILE:1: missing opening brace");
	assert_refused("plain { one 1 }", "FILE:1: missing equal sign");
	assert_refused("plain { one = { 1 } }", "FILE:1: unexpected token");
	assert_refused("plain { one = 1 one = 1 }", "FILE:1: one stands twice");
	assert_refused(
	    "plain { many = 1\nmany = { 2 } }", "FILE:2: many stands twice");
	assert_refused("plain|one = 1", "FILE:1: no sub-section");
	assert_refused(
	    "plain { plain { 1 } }", "FILE:1: no such option 'plain'");
}

static void
test_stops_with_the_answer_of_the_caller(void **state)
{
	struct config_error error = {"the caller's words"};
	struct notes notes = {.answer = -EDOM};

	(void)state;
	assert_int_equal(
	    read_text("plain { }\nplain { }", &notes, &error), -EDOM);
	assert_string_equal(notes.text, "[plain - 1-1]");
	assert_string_equal(error.text, "the caller's words");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keeps_lines_order_and_repeated_titles),
	    cmocka_unit_test(test_takes_text_as_it_is_written),
	    cmocka_unit_test(test_refuses_what_libconfuse_would_misread),
	    cmocka_unit_test(test_refuses_what_it_was_not_told_of),
	    cmocka_unit_test(test_stops_with_the_answer_of_the_caller),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
