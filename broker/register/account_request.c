#include "broker/register/account_request.h"

#include "broker/config/authority.h"
#include "broker/text.h"
#include "lib/id.h"
#include "verify/person_number.h"

#include <string.h>

/* It stands between colons in passwd. */
static bool
is_gecos(const char *text)
{
	return text_is_clean(text, REGISTER_GECOS_SIZE) && !strchr(text, ':');
}

static bool
is_path(const char *text)
{
	return text && text_is_path(text, REGISTER_PATH_SIZE);
}

static bool
is_issuer(const char *text)
{
	char authority[FETCH_HOST_SIZE];

	return text && strlen(text) < REGISTER_ISSUER_SIZE &&
	       authority_of_https(text, authority) == 0;
}

/* OpenID Connect Core 2: at most 255 ASCII characters, compared whole. */
bool
account_subject_is_valid(const char *subject)
{
	return subject[0] != '\0' &&
	       text_is_ascii(subject, IDENTITY_SUBJECT_SIZE);
}

static bool
is_identity_number(const char *subject)
{
	return person_number_check(slice_of(subject)) != PERSON_NUMBER_INVALID;
}

enum register_result
account_request_check(
    const struct account_request *request, const struct local_accounts *local)
{
	if (!request->name || !name_is_valid(request->name))
		return REGISTER_NAME_INVALID;
	if (local_accounts_has_name(local, request->name))
		return REGISTER_NAME_LOCAL;
	if (!is_issuer(request->issuer) ||
	    (request->subject && !account_subject_is_valid(request->subject)))
		return REGISTER_SUBJECT_INVALID;
	if (request->subject && is_identity_number(request->subject))
		return REGISTER_SUBJECT_IS_PID;
	if ((request->gecos && !is_gecos(request->gecos)) ||
	    !is_path(request->home) || !is_path(request->shell))
		return REGISTER_FIELD_INVALID;
	if (request->uid != 0 &&
	    (!id_is_ours(request->uid) ||
		local_accounts_has_id(local, request->uid)))
		return REGISTER_ID_REFUSED;
	return REGISTER_OK;
}

bool
account_reason_is_valid(const char *reason)
{
	return reason && reason[0] != '\0' &&
	       text_is_clean(reason, REGISTER_REASON_SIZE);
}
