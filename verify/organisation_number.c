#include "verify/organisation_number.h"

#include <string.h>

/* Norway's register of entities in ISO 6523. */
#define SCHEME "0192:"

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
