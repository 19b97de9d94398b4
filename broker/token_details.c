#include "broker/token_details.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* The organisation as Maskinporten writes it: an authority and an ID. */
static int
read_organisation(const json_t *json, const char **ret_organisation)
{
	const char *authority = text_of(json, "authority");
	const char *organisation = text_of(json, "ID");

	if (!authority || strcmp(authority, "iso6523-actorid-upis") != 0 ||
	    !organisation || json_object_size(json) != 2)
		return -EBADMSG;
	*ret_organisation = organisation;
	return 0;
}

int
token_detail_read(const json_t *json, struct token_detail *ret_detail)
{
	struct token_detail detail = {.type = text_of(json, "type")};
	int error = 0;

	if (!detail.type || !detail.type[0])
		return -EBADMSG;
	if (strcmp(detail.type, TOKEN_DETAIL_SYSTEM_USER) == 0) {
		if (json_object_size(json) != 2)
			return -EBADMSG;
		error =
		    read_organisation(json_object_get(json, "systemuser_org"),
			&detail.organisation);
	}
	if (!error)
		*ret_detail = detail;
	return error;
}

bool
token_details_describe(
    const json_t *array, char ret_text[static TOKEN_DETAILS_TEXT_SIZE])
{
	struct token_detail detail;
	const json_t *one;
	size_t i, used = 0;

	ret_text[0] = '\0';
	json_array_foreach (array, i, one) {
		if (token_detail_read(one, &detail))
			return false;
		used += (size_t)snprintf(ret_text + used,
		    TOKEN_DETAILS_TEXT_SIZE - used, "%s%s%s%s",
		    used > 0 ? " " : "", detail.type,
		    detail.organisation ? "=" : "",
		    detail.organisation ? detail.organisation : "");
		if (used >= TOKEN_DETAILS_TEXT_SIZE)
			return false;
	}
	return true;
}
