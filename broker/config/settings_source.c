#include "broker/config/settings_source.h"

#include "broker/config/config_error.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum {
	DEPTH_MAX = 2, /* a list in a section */
};

struct source {
	const char *file;
	char *at;
	unsigned int line;
	size_t depth; /* open braces, and where each stands */
	unsigned int brace_lines[DEPTH_MAX];
	bool filled; /* something stands behind the newest of them */
	char quote; /* that an open text began with, or '\0' */
	struct config_error *error;
};

static int
refuse(const struct source *source, const char *what)
{
	return config_error_set(
	    source->error, -EINVAL, source->file, source->line, "%s", what);
}

static int
take_quoted(struct source *source)
{
	char c = *source->at, next = source->at[1];

	if (c == '\n')
		return refuse(source, "a text is not closed: put a quote "
				      "before the end of the line");
	if (c == '\\' && next != '\\' && next != '"' && next != '\'')
		return refuse(source, "a backslash may stand before a "
				      "backslash or a quote only");
	if (c == '\\')
		source->at++;
	else if (c == source->quote)
		source->quote = '\0';
	return 0;
}

static void
blank_comment(struct source *source)
{
	while (source->at[1] != '\n' && source->at[1] != '\0') {
		*source->at = ' ';
		source->at++;
	}
	*source->at = ' ';
}

static int
take_brace(struct source *source)
{
	if (*source->at == '{') {
		if (source->depth == DEPTH_MAX)
			return refuse(source, "a '{' too many: is one before "
					      "it not closed?");
		source->brace_lines[source->depth++] = source->line;
		source->filled = false;
		return 0;
	}
	if (source->depth == 0)
		return refuse(source, "a '}' without its '{'");
	if (source->depth == DEPTH_MAX && !source->filled)
		return refuse(source, "an empty list: remove the option, or "
				      "give it a value");
	source->depth--;
	return 0;
}

static int
take_bare(struct source *source)
{
	char c = *source->at, next = source->at[1];

	if (c == '"' || c == '\'') {
		source->quote = c;
		source->filled = true;
	} else if (c == '#')
		blank_comment(source);
	else if (c == '/' && (next == '/' || next == '*'))
		return refuse(source, "a comment begins with '#', and a value "
				      "with slashes needs quotes");
	else if (c == '\\' || c == '+' || c == '*' || c == '(' || c == ')')
		return refuse(
		    source, "this character needs quotes: \\ + * ( )");
	else if (c == '{' || c == '}')
		return take_brace(source);
	else if (c != ' ' && c != '\t' && c != '\n')
		source->filled = true;
	return 0;
}

static int
take_character(struct source *source)
{
	unsigned char c = (unsigned char)*source->at;

	if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
		return refuse(source, "a control character: save the file as "
				      "plain text with Unix line ends");
	if (c == '$' && source->at[1] == '{')
		return refuse(source, "environment variables are not used "
				      "here: write the value itself");
	return source->quote ? take_quoted(source) : take_bare(source);
}

int
settings_source_prepare(
    const char *file, char *text, size_t size, struct config_error *ret_error)
{
	struct source source = {
	    .file = file, .at = text, .line = 1, .error = ret_error};
	int error;

	for (; source.at < text + size; source.at++) {
		error = take_character(&source);
		if (error)
			return error;
		if (*source.at == '\n')
			source.line++;
	}
	if (source.quote)
		return refuse(&source, "the file ends inside a text");
	if (source.depth > 0)
		return config_error_set(ret_error, -EINVAL, file,
		    source.brace_lines[source.depth - 1],
		    "the '{' here is not closed: add '}'");
	return 0;
}

/* The end of a quoted text that begins at at. */
static const char *
skip_quoted(const char *at)
{
	char quote = *at++;

	while (*at && *at != quote)
		at += *at == '\\' && at[1] ? 2 : 1;
	return at;
}

unsigned int
settings_cursor_next(struct settings_cursor *cursor)
{
	unsigned int found = 0;
	size_t depth = 0;

	for (; *cursor->at; cursor->at++) {
		char c = *cursor->at;

		if (c == '\n')
			cursor->line++;
		else if (c == '"' || c == '\'')
			cursor->at = skip_quoted(cursor->at);
		else if (c == '{' && depth++ == 0)
			found = cursor->line;
		else if (c == '}' && --depth == 0) {
			cursor->at++;
			return found;
		}
		if (*cursor->at == '\0')
			break;
	}
	return 0;
}
