#include "ctl/nsswitch.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BLANK " \t"

struct token {
	const char *start;
	size_t length;
};

/* A service, or an action in its brackets with all that is between them. */
static bool
next_token(const char **at, const char *end, struct token *ret_token)
{
	const char *start = *at + strspn(*at, BLANK), *stop;

	if (start >= end)
		return false;
	stop = start + strcspn(start, *start == '[' ? "]" : BLANK "[");
	if (*start == '[' && stop < end)
		stop++;
	if (stop > end)
		stop = end;
	*at = stop;
	*ret_token = (struct token){start, (size_t)(stop - start)};
	return true;
}

static bool
is_word(const struct token *token, const char *word)
{
	return token->length == strlen(word) &&
	       strncasecmp(token->start, word, token->length) == 0;
}

static bool
is_files(const struct token *token)
{
	return is_word(token, "files") || is_word(token, "compat");
}

/* One "STATUS=ACTION" or "!STATUS=ACTION", at after a blank or bracket. */
static bool
pair_stops_a_miss(const char *at, const char *end)
{
	static const char status[] = "NOTFOUND";
	bool negated = *at == '!', names_miss;
	const char *equals = memchr(at, '=', (size_t)(end - at));

	if (!equals)
		return false;
	at += negated;
	names_miss = strncasecmp(at, status, sizeof(status) - 1) == 0;
	equals += 1 + strspn(equals + 1, BLANK);
	return names_miss != negated && strncasecmp(equals, "return", 6) == 0;
}

/* Whether a name that the service before did not have is given up here. */
static bool
stops_a_miss(const struct token *action)
{
	const char *at = action->start + 1;
	const char *end = action->start + action->length;
	const char *equals;

	for (;;) {
		at += strspn(at, BLANK);
		if (at >= end || *at == ']')
			return false;
		if (pair_stops_a_miss(at, end))
			return true;
		equals = memchr(at, '=', (size_t)(end - at));
		if (!equals)
			return false;
		at = equals + 1;
		at += strspn(at, BLANK);
		at += strcspn(at, BLANK "]");
	}
}

static enum nsswitch_outcome
judge_line(const char *at, const char *end)
{
	bool files = false, cut = false;
	struct token token;

	while (next_token(&at, end, &token)) {
		if (is_word(&token, "portvakt"))
			return !files ? NSSWITCH_BEFORE_FILES
			       : cut  ? NSSWITCH_CUT_OFF
				      : NSSWITCH_GOOD;
		if (is_files(&token))
			files = true;
		if (*token.start == '[' && stops_a_miss(&token))
			cut = true;
	}
	return NSSWITCH_NOT_ASKED;
}

static void
append(char *remedy, const struct token *token)
{
	size_t used = strlen(remedy);

	(void)snprintf(remedy + used, NSSWITCH_LINE_SIZE - used, " %.*s",
	    (int)token->length, token->start);
}

static bool
has_files(const char *at, const char *end)
{
	struct token token;

	while (next_token(&at, end, &token)) {
		if (is_files(&token))
			return true;
	}
	return false;
}

/*
 * portvakt stands directly after the files, all else in its order; an action
 * that gave up before goes.
 */
static void
write_remedy(
    const char *database, const char *at, const char *end, char *ret_remedy)
{
	static const struct token ours = {"portvakt", 8}, files = {"files", 5};
	bool placed = !has_files(at, end);
	struct token token;

	(void)snprintf(ret_remedy, NSSWITCH_LINE_SIZE, "%s:", database);
	if (placed) {
		append(ret_remedy, &files);
		append(ret_remedy, &ours);
	}
	while (next_token(&at, end, &token)) {
		if (is_word(&token, "portvakt") ||
		    (!placed && *token.start == '[' && stops_a_miss(&token)))
			continue;
		append(ret_remedy, &token);
		if (!placed && is_files(&token)) {
			append(ret_remedy, &ours);
			placed = true;
		}
	}
}

static bool
is_line_of(const char *line, const char *database, const char **ret_services)
{
	size_t length = strlen(database);

	line += strspn(line, BLANK);
	if (strncmp(line, database, length) != 0)
		return false;
	line += length;
	line += strspn(line, BLANK);
	*ret_services = line + 1;
	return *line == ':';
}

enum nsswitch_outcome
nsswitch_judge(const char *text, const char *database, size_t *ret_line,
    char ret_remedy[static NSSWITCH_LINE_SIZE])
{
	const char *services = "", *end = services, *found;
	size_t line;

	*ret_line = 0;
	for (line = 1; *text; line++) {
		if (is_line_of(text, database, &found)) {
			*ret_line = line;
			services = found;
			end = found + strcspn(found, "#\n");
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	write_remedy(database, services, end, ret_remedy);
	return *ret_line ? judge_line(services, end) : NSSWITCH_MISSING;
}
