#include "broker/config/settings.h"

#include "broker/config/config_error.h"
#include "broker/config/settings_source.h"

#include <confuse.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* A bit that libconfuse leaves alone: the option stood there already. */
	OPTION_SEEN = 1 << 30,
};

/*
 * libconfuse's callbacks are handed nothing of ours, so the context hangs on
 * an option of this name in every section. No file can spell it.
 */
static const char context_name[] = "\x01";

struct context {
	const char *file;
	const char *manual;
	struct settings_cursor cursor;
	settings_fn each;
	void *userdata;
	struct config_error *error;
	int result;
};

struct value {
	unsigned int line;
	char text[];
};

static cfg_opt_t *
find_option(const cfg_t *tree, const char *name)
{
	cfg_opt_t *option;

	for (option = tree->opts; option->name; option++) {
		if (strcmp(option->name, name) == 0)
			return option;
	}
	return NULL;
}

static struct context *
context_of(const cfg_t *tree)
{
	return (struct context *)find_option(tree, context_name)
	    ->simple_value.ptr;
}

static unsigned int
line_of(const cfg_t *tree)
{
	return tree->line > 0 ? (unsigned int)tree->line : 0;
}

/* libconfuse's own findings. The first one counts. */
__attribute__((format(printf, 2, 0))) static void
on_error(cfg_t *tree, const char *format, va_list arguments)
{
	struct context *context = context_of(tree);
	char text[256];

	if (context->result)
		return;
	(void)vsnprintf(text, sizeof(text), format, arguments);
	context->result = config_error_set(context->error, -EINVAL,
	    context->file, line_of(tree), "%s: see %s", text, context->manual);
}

static int
on_value(cfg_t *tree, cfg_opt_t *option, const char *text, void *ret_value)
{
	size_t size = strlen(text) + 1;
	struct value *value;

	/* The first value after '=' of an option that had one before. */
	if (option->nvalues == 1 && (option->flags & OPTION_SEEN)) {
		cfg_error(tree, "%s stands twice", option->name);
		return -1;
	}
	value = malloc(sizeof(*value) + size);
	if (!value) {
		context_of(tree)->result = -ENOMEM;
		return -1;
	}
	value->line = line_of(tree);
	memcpy(value->text, text, size);
	option->flags |= OPTION_SEEN;
	*(struct value **)ret_value = value;
	return 0;
}

/*
 * At the end of a section. It is taken out of the tree at once, because
 * libconfuse would drop the first of two with one title without a word.
 */
static int
on_section(cfg_t *tree, cfg_opt_t *option)
{
	struct context *context = context_of(tree);
	cfg_t *section = cfg_opt_getnsec(option, 0);
	const struct settings_section view = {
	    .name = option->name,
	    .title = cfg_title(section),
	    .file = context->file,
	    .first_line = settings_cursor_next(&context->cursor),
	    .line = line_of(section),
	    .tree = section,
	};

	context->result = context->each(&view, context->userdata);
	cfg_opt_rmnsec(option, 0);
	return context->result ? -1 : 0;
}

static cfg_opt_t
context_option(struct context *context)
{
	return (cfg_opt_t){.name = context_name,
	    .type = CFGT_PTR,
	    .flags = CFGF_NODEFAULT,
	    .simple_value = {.ptr = (void **)context}};
}

static size_t
count_options(const struct settings_option *options)
{
	size_t count = 0;

	while (options[count].name)
		count++;
	return count;
}

/* libconfuse copies the tables that it is given. */
static cfg_opt_t *
make_section_table(
    const struct settings_option *options, struct context *context)
{
	size_t i, count = count_options(options);
	cfg_opt_t *table;

	table = calloc(count + 2, sizeof(*table));
	if (!table)
		return NULL;
	for (i = 0; i < count; i++) {
		table[i] = (cfg_opt_t){.name = options[i].name,
		    .type = CFGT_PTR,
		    .flags = CFGF_NODEFAULT | (options[i].list ? CFGF_LIST : 0),
		    .parsecb = on_value,
		    .freecb = free};
	}
	table[count] = context_option(context);
	return table;
}

static cfg_opt_t *
free_table(cfg_opt_t *table)
{
	cfg_opt_t *option;

	if (!table)
		return NULL;
	for (option = table; option->name; option++)
		free(option->subopts);
	free(table);
	return NULL;
}

static cfg_opt_t *
make_table(const struct settings_kind *kinds, struct context *context)
{
	size_t i, count = 0;
	cfg_opt_t *table;

	while (kinds[count].name)
		count++;
	table = calloc(count + 2, sizeof(*table));
	if (!table)
		return NULL;
	for (i = 0; i < count; i++) {
		table[i] = (cfg_opt_t){.name = kinds[i].name,
		    .type = CFGT_SEC,
		    .flags = CFGF_MULTI | (kinds[i].titled ? CFGF_TITLE : 0),
		    .validcb = on_section};
		table[i].subopts =
		    make_section_table(kinds[i].options, context);
		if (!table[i].subopts)
			return free_table(table);
	}
	table[count] = context_option(context);
	return table;
}

static cfg_t *
make_tree(const struct settings_kind *kinds, struct context *context)
{
	cfg_opt_t *table;
	cfg_t *tree;

	table = make_table(kinds, context);
	if (!table)
		return NULL;
	tree = cfg_init(table, CFGF_NONE);
	free_table(table);
	if (tree)
		cfg_set_error_function(tree, on_error);
	return tree;
}

/*
 * From memory: flex ends the process when a read fails. The tree is freed
 * after every file, which also resets the scanner.
 */
static int
parse(cfg_t *tree, struct context *context, char *text, size_t size)
{
	FILE *file;
	int result;

	file = fmemopen(text, size, "r");
	if (!file)
		return -errno;
	result = cfg_parse_fp(tree, file);
	fclose(file);
	if (result != CFG_SUCCESS && !context->result)
		context->result = config_error_set(context->error, -EINVAL,
		    context->file, line_of(tree), "this cannot be read: see %s",
		    context->manual);
	return context->result;
}

int
settings_read(const char *file, char *text, size_t size,
    const struct settings_grammar *grammar, settings_fn each, void *userdata,
    struct config_error *ret_error)
{
	struct context context = {.file = file,
	    .manual = grammar->manual,
	    .cursor = {.at = text, .line = 1},
	    .each = each,
	    .userdata = userdata,
	    .error = ret_error};
	cfg_t *tree;
	int result;

	result = settings_source_prepare(file, text, size, ret_error);
	if (result || size == 0)
		return result;
	tree = make_tree(grammar->kinds, &context);
	if (!tree)
		return -ENOMEM;
	result = parse(tree, &context, text, size);
	cfg_free(tree);
	return result;
}

size_t
settings_count(const struct settings_section *section, const char *option)
{
	return find_option(section->tree, option)->nvalues;
}

struct setting
settings_get(
    const struct settings_section *section, const char *option, size_t index)
{
	const cfg_opt_t *found = find_option(section->tree, option);
	const struct value *value = found->values[index]->ptr;

	return (struct setting){.text = value->text, .line = value->line};
}
