#include "broker/register/authorisation_request.h"

#include "broker/text.h"
#include "lib/id.h"

#include <string.h>

bool
authorisation_text_is_valid(const char *text)
{
	return text && text[0] != '\0' &&
	       text_is_clean(text, AUTHORISATION_TEXT_SIZE);
}

bool
authorisation_unit_is_valid(const char *unit)
{
	static const char allowed[] = "0123456789-abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t length = unit ? strlen(unit) : 0;

	return length > 0 && length < POLICY_UNIT_SIZE &&
	       strspn(unit, allowed) == length;
}

static bool
times_are_valid(const struct authorisation_request *request, int64_t now_s)
{
	return request->from_s >= 0 && request->until_s > request->from_s &&
	       request->until_s > now_s;
}

static bool
texts_are_valid(const struct authorisation_request *request)
{
	return authorisation_text_is_valid(request->basis) &&
	       authorisation_text_is_valid(request->reason) &&
	       (!request->exception ||
		   text_is_clean(request->exception, AUTHORISATION_TEXT_SIZE));
}

bool
authorisation_request_is_valid(
    const struct authorisation_request *request, int64_t now_s)
{
	if (!request->person || !request->group || !request->given_by ||
	    !name_is_valid(request->group) ||
	    !name_is_valid(request->given_by) ||
	    strcmp(request->given_by, request->person) == 0)
		return false;
	if (!id_is_ours(request->gid) ||
	    !authorisation_unit_is_valid(request->unit))
		return false;
	if (request->order < 1 || request->order > AUTHORISATION_ORDER_MAX ||
	    (request->kind != POLICY_KIND_CASE &&
		request->kind != POLICY_KIND_CLERICAL))
		return false;
	return texts_are_valid(request) && times_are_valid(request, now_s);
}
