#include "ctl/pam_stack.h"

#include "ctl/cleanup.h"
#include "ctl/text_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct reader {
	const char *root;
	enum pam_stack_phase phase;
	struct pam_stack *stack;
	const char *file;
	size_t line_number;
	unsigned int includes;
	unsigned int depth;
	bool any_phase; /* false inside "auth include" */
};

/* What one line says; the words point into the line. */
struct words {
	const char *type;
	char *control;
	char *module;
	bool has_token;
	bool has_arguments;
	bool broken_shadow;
};

static int read_file(const struct reader *parent, const char *name,
    unsigned int depth, bool any_phase);

/* Cuts the next word off *at: a control in brackets is one, with them. */
static char *
next_word(char **at)
{
	char *start = *at + strspn(*at, " \t"), *stop;

	if (!*start)
		return NULL;
	stop = *start == '[' ? strchr(start, ']') : NULL;
	stop = stop ? stop + 1 : start + strcspn(start, " \t");
	*at = stop + (*stop != '\0');
	*stop = '\0';
	return start;
}

static int
add_line(const struct reader *reader, enum pam_line_kind kind,
    const struct words *words)
{
	struct pam_stack *stack = reader->stack;
	struct pam_line *line;
	const char *slash;

	if (stack->count == PAM_STACK_LINES_MAX)
		return -E2BIG;
	line = &stack->lines[stack->count++];
	line->kind = kind;
	line->depth = reader->depth;
	line->has_token = words->has_token;
	line->has_arguments = words->has_arguments;
	line->broken_shadow = words->broken_shadow;
	line->control = pam_control_parse(words->control ? words->control : "");
	slash = words->module ? strrchr(words->module, '/') : NULL;
	(void)snprintf(line->module, sizeof(line->module), "%s",
	    slash	    ? slash + 1
	    : words->module ? words->module
			    : "");
	(void)snprintf(line->place, sizeof(line->place), "%s:%zu", reader->file,
	    reader->line_number);
	return 0;
}

/* An include that fails is a module that fails; so says libpam. */
static int
add_include(
    const struct reader *reader, const struct words *words, bool substack)
{
	int error = -ENOENT;

	if (substack) {
		error = add_line(reader, PAM_LINE_SUBSTACK, words);
		if (error)
			return error;
	}
	if (words->module)
		error = read_file(
		    reader, words->module, reader->depth + substack, false);
	if (error == -ENOENT)
		return add_line(reader, PAM_LINE_BROKEN, words);
	return error;
}

const char *
pam_stack_phase_word(enum pam_stack_phase phase)
{
	switch (phase) {
	case PAM_STACK_ACCOUNT:
		return "account";
	case PAM_STACK_SESSION:
		return "session";
	case PAM_STACK_AUTH:
		break;
	}
	return "auth";
}

/* A type that nobody knows fails in auth, where it hurts most. */
static bool
is_known_type(const char *type)
{
	return strcasecmp(type, "auth") == 0 ||
	       strcasecmp(type, "account") == 0 ||
	       strcasecmp(type, "session") == 0 ||
	       strcasecmp(type, "password") == 0;
}

static void
read_arguments(char *text, struct words *words)
{
	const char *argument;

	while ((argument = next_word(&text))) {
		if (strcmp(argument, "token") == 0 && !words->has_token &&
		    !words->has_arguments)
			words->has_token = true;
		else
			words->has_arguments = true;
		if (strcmp(argument, "broken_shadow") == 0)
			words->broken_shadow = true;
	}
}

static int
read_line(const struct reader *reader, char *text)
{
	struct words words = {0};

	words.type = next_word(&text);
	if (!words.type)
		return 0;
	if (strcasecmp(words.type, "@include") == 0) {
		words.module = next_word(&text);
		return words.module ? read_file(reader, words.module,
					  reader->depth, reader->any_phase)
				    : 0;
	}
	words.type += *words.type == '-';
	if (!is_known_type(words.type))
		return !reader->any_phase || reader->phase == PAM_STACK_AUTH
			   ? add_line(reader, PAM_LINE_BROKEN, &words)
			   : 0;
	if (strcasecmp(words.type, pam_stack_phase_word(reader->phase)) != 0)
		return 0;
	words.control = next_word(&text);
	words.module = next_word(&text);
	read_arguments(text, &words);
	if (words.control && strcasecmp(words.control, "include") == 0)
		return add_include(reader, &words, false);
	if (words.control && strcasecmp(words.control, "substack") == 0)
		return add_include(reader, &words, true);
	return add_line(
	    reader, words.module ? PAM_LINE_MODULE : PAM_LINE_BROKEN, &words);
}

/*
 * The next logical line: comments cut, a backslash at the end joins the line
 * below. Returns false at the end.
 */
static bool
next_line(char **at, struct reader *reader, char **ret_line)
{
	char *start = *at, *end = start;

	if (!*start)
		return false;
	for (;;) {
		end += strcspn(end, "\n");
		reader->line_number++;
		if (!*end || end == start || end[-1] != '\\')
			break;
		end[-1] = ' ';
		*end = ' ';
	}
	*at = end + (*end != '\0');
	*end = '\0';
	start[strcspn(start, "#")] = '\0';
	*ret_line = start;
	return true;
}

static int
read_file(const struct reader *parent, const char *name, unsigned int depth,
    bool any_phase)
{
	struct reader reader = *parent;
	CLEANUP_FREE char *text = NULL;
	char path[PAM_STACK_PLACE_SIZE], *at, *line;
	int error;

	if (++reader.includes > PAM_STACK_DEPTH_MAX)
		return -ELOOP;
	error = snprintf(path, sizeof(path), "%s%s",
	    name[0] == '/' ? "" : "/etc/pam.d/", name);
	if (error < 0 || (size_t)error >= sizeof(path))
		return -ENAMETOOLONG;
	error = text_file_read(reader.root, path, &text);
	if (error)
		return error;
	reader.file = path;
	reader.line_number = 0;
	reader.depth = depth;
	reader.any_phase = any_phase;
	at = text;
	while (!error && next_line(&at, &reader, &line))
		error = read_line(&reader, line);
	return error;
}

int
pam_stack_read(const char *root, const char *service,
    enum pam_stack_phase phase, struct pam_stack **ret_stack)
{
	struct reader reader = {.root = root, .phase = phase};
	int error;

	reader.stack = calloc(1, sizeof(*reader.stack));
	if (!reader.stack)
		return -ENOMEM;
	error = read_file(&reader, service, 0, true);
	if (error)
		(void)pam_stack_free(reader.stack);
	else
		*ret_stack = reader.stack;
	return error;
}

struct pam_stack *
pam_stack_free(struct pam_stack *stack)
{
	free(stack);
	return NULL;
}

const struct pam_line *
pam_stack_find(const struct pam_stack *stack, const char *module)
{
	size_t i;

	for (i = 0; i < stack->count; i++) {
		if (stack->lines[i].kind == PAM_LINE_MODULE &&
		    strcmp(stack->lines[i].module, module) == 0)
			return &stack->lines[i];
	}
	return NULL;
}
