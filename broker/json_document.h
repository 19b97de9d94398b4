/*
 * A JSON object that a provider answered, read strictly: duplicate members are
 * refused, and so is anything but one object. Freed when it leaves scope.
 */
#pragma once

#include <string.h>

#include <jansson.h>

#define json_document __attribute__((cleanup(json_document_done))) json_t

static inline void
json_document_done(json_t **document)
{
	json_decref(*document);
}

static inline json_t *
json_document_parse(const char *json, size_t size)
{
	json_t *value;

	/* jansson 2.14 takes a NUL for the end and ignores what follows. */
	if (memchr(json, '\0', size))
		return NULL;
	value = json_loadb(json, size, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(value))
		return value;
	json_decref(value);
	return NULL;
}
