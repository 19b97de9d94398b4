#include "verify/question.h"

#include <errno.h>
#include <string.h>

/* Options of a later version: all that we do not know must ask for nothing. */
static bool
has_unknown(const struct portvakt_options *options)
{
	const unsigned char *bytes = (const void *)options;
	size_t i;

	for (i = sizeof(*options); i < options->size; i++) {
		if (bytes[i] != 0)
			return true;
	}
	return false;
}

static bool
is_usable(const struct portvakt_options *options)
{
	size_t i;

	if (options->scopes_count > QUESTION_SCOPES_MAX ||
	    (options->scopes_count > 0 && !options->scopes) ||
	    options->max_age_s < 0)
		return false;
	for (i = 0; i < options->scopes_count; i++) {
		if (!options->scopes[i] || options->scopes[i][0] == '\0')
			return false;
	}
	switch (options->scheme) {
	case PORTVAKT_SCHEME_BEARER:
	case PORTVAKT_SCHEME_DPOP:
		return true;
	}
	return false;
}

int
question_options(const struct portvakt_options *options,
    struct portvakt_options *ret_options)
{
	struct portvakt_options known = {.size = sizeof(known)};

	if (options) {
		if (options->size < sizeof(options->size) ||
		    has_unknown(options))
			return -EINVAL;
		memcpy(&known, options,
		    options->size < sizeof(known) ? options->size
						  : sizeof(known));
		known.size = sizeof(known);
	}
	if (!is_usable(&known))
		return -EINVAL;
	*ret_options = known;
	return 0;
}

/* With the terminator; a text that is not there is another than an empty one. */
static bool
put(char *storage, size_t *at, const char *text)
{
	size_t size = text ? strlen(text) + 1 : 0;

	if (size >= QUESTION_SIZE_MAX - *at)
		return false;
	storage[(*at)++] = text ? '+' : '-';
	if (text)
		memcpy(storage + *at, text, size);
	*at += size;
	return true;
}

int
question_put(const char *audience, const struct portvakt_options *options,
    char storage[QUESTION_SIZE_MAX], struct slice *ret_question)
{
	size_t at = sizeof(options->max_age_s), i;

	memcpy(storage, &options->max_age_s, sizeof(options->max_age_s));
	if (!put(storage, &at, audience) ||
	    !put(storage, &at, options->issuer) ||
	    !put(storage, &at, options->level))
		return -EMSGSIZE;
	for (i = 0; i < options->scopes_count; i++) {
		if (!put(storage, &at, options->scopes[i]))
			return -EMSGSIZE;
	}
	*ret_question = (struct slice){storage, at};
	return 0;
}
