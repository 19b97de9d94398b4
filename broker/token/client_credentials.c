/* Client credentials (RFC 6749 section 4.4), with RFC 8707 and RFC 9396. */
#include "broker/token/token_grant.h"

static const char auth_problem[] =
    "its client_auth proves nothing: the client key or secret is not good";

int
client_credentials_fill(const struct token_question *question,
    const struct config_issuer *issuer, int64_t now_s, struct post_form *form,
    const char **ret_problem)
{
	size_t i;
	int error;

	*ret_problem = auth_problem;
	error = post_form_add(form, "grant_type", "client_credentials");
	if (!error)
		error = post_form_add(form, "scope", question->target);
	for (i = 0; i < question->resources_count && !error; i++)
		error = post_form_add(form, "resource", question->resources[i]);
	if (!error)
		error = post_form_add(form, "authorization_details",
		    question->authorization_details);
	return error ? error : post_form_authenticate(form, issuer, now_s);
}
