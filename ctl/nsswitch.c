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
pair_says(
    const char *at, const char *end, const char *status, const char *action)
{
	bool negated = *at == '!', named;
	const char *equals = memchr(at, '=', (size_t)(end - at));

	if (!equals)
		return false;
	at += negated;
	named = strncasecmp(at, status, strlen(status)) == 0;
	equals += 1 + strspn(equals + 1, BLANK);
	return named != negated &&
	       strncasecmp(equals, action, strlen(action)) == 0;
}

static bool
says(const struct token *token, const char *status, const char *action)
{
	const char *at = token->start + 1;
	const char *end = token->start + token->length;
	const char *equals;

	for (;;) {
		at += strspn(at, BLANK);
		if (at >= end || *at == ']')
			return false;
		if (pair_says(at, end, status, action))
			return true;
		equals = memchr(at, '=', (size_t)(end - at));
		if (!equals)
			return false;
		at = equals + 1;
		at += strspn(at, BLANK);
		at += strcspn(at, BLANK "]");
	}
}

/* Whether a name that the service before did not have is given up here. */
static bool
stops_a_miss(const struct token *action)
{
	return says(action, "NOTFOUND", "return");
}

/* Whether the next service is asked though the one before had the name. */
static bool
passes_a_hit(const struct token *action)
{
	return says(action, "SUCCESS", "continue") ||
	       says(action, "SUCCESS", "merge");
}

/* What the services so far do to the ones after them. */
struct course {
	bool files; /* are among them */
	bool miss_ends;
	bool hit_ends;
	bool last_passes; /* a hit on; of the last one */
};

static void
follow(struct course *course, const struct token *token)
{
	if (*token->start == '[') {
		course->miss_ends |= stops_a_miss(token);
		course->last_passes |= passes_a_hit(token);
		return;
	}
	course->files |= is_files(token);
	course->hit_ends |= !course->last_passes;
	course->last_passes = false;
}

static enum nsswitch_outcome
judge_line(const char *at, const char *end, bool needs_all)
{
	struct course course = {.last_passes = true};
	struct token token;

	while (next_token(&at, end, &token)) {
		if (!is_word(&token, "portvakt")) {
			follow(&course, &token);
			continue;
		}
		if (!course.files)
			return NSSWITCH_BEFORE_FILES;
		if (course.miss_ends)
			return NSSWITCH_CUT_OFF;
		return needs_all && (course.hit_ends || !course.last_passes)
			   ? NSSWITCH_FIRST_ALONE
			   : NSSWITCH_GOOD;
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
	/* Of group's line glibc merges all that know somebody's groups. */
	bool needs_all = strcmp(database, "initgroups") == 0;
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
	return *ret_line ? judge_line(services, end, needs_all)
			 : NSSWITCH_MISSING;
}
