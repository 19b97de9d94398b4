#include "verify/organisation_number.h"

#include <string.h>

/* Norway's register of entities in ISO 6523. */
#define SCHEME "0192:"

enum {
	REGISTER_SIZE = 4, /* the ICD: "0192" */
	PARTS_MAX = 4,
};

bool
organisation_number_is_valid(struct slice digits)
{
	static const int weights[] = {3, 2, 7, 6, 5, 4, 3, 2, 1};
	const size_t count = sizeof(weights) / sizeof(*weights);
	int sum = 0;
	size_t i;

	if (digits.size != count)
		return false;
	for (i = 0; i < count; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9')
			return false;
		sum += (digits.at[i] - '0') * weights[i];
	}
	return sum % 11 == 0;
}

bool
organisation_identifier_is_valid(struct slice identifier)
{
	const size_t size = strlen(SCHEME);

	if (identifier.size < size || memcmp(identifier.at, SCHEME, size) != 0)
		return false;
	return organisation_number_is_valid(
	    (struct slice){identifier.at + size, identifier.size - size});
}

static bool
is_register(struct slice part)
{
	size_t i;

	for (i = 0; i < part.size; i++) {
		if (part.at[i] < '0' || part.at[i] > '9')
			return false;
	}
	return part.size == REGISTER_SIZE && memcmp(part.at, SCHEME, part.size);
}

bool
organisation_identifier_is_foreign(struct slice identifier)
{
	const char *end = identifier.at + identifier.size;
	struct slice part = {identifier.at, 0};
	const char *colon;
	int parts = 0;

	if (!slice_is_printable(identifier))
		return false;
	for (;;) {
		colon = memchr(part.at, ':', (size_t)(end - part.at));
		part.size = (size_t)((colon ? colon : end) - part.at);
		if (part.size == 0 || (parts++ == 0 && !is_register(part)))
			return false;
		if (!colon)
			return parts >= 2 && parts <= PARTS_MAX;
		part.at = colon + 1;
	}
}
