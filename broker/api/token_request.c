#include "broker/api/token_request.h"

#include "broker/json_document.h"

#include <errno.h>
#include <string.h>

/* RFC 8707 lets it be one or more. */
static int
take_resources(json_t *value, struct token_request *request)
{
	json_t *member;
	size_t i;

	if (!value || json_is_null(value))
		return 0;
	request->resources = json_is_string(value) ? json_pack("[O]", value)
						   : json_incref(value);
	if (!json_is_array(request->resources) ||
	    json_array_size(request->resources) > TOKEN_REQUEST_RESOURCES_MAX)
		return -EBADMSG;
	json_array_foreach (request->resources, i, member) {
		if (!json_is_string(member) ||
		    strlen(json_string_value(member)) !=
			json_string_length(member))
			return -EBADMSG;
	}
	return 0;
}

static int
take_details(json_t *value, struct token_request *request)
{
	json_t *member;
	size_t i;

	if (!value || json_is_null(value))
		return 0;
	if (!json_is_array(value) ||
	    json_array_size(value) > TOKEN_REQUEST_DETAILS_MAX)
		return -EBADMSG;
	json_array_foreach (value, i, member) {
		if (!json_is_object(member))
			return -EBADMSG;
	}
	request->details = json_incref(value);
	return 0;
}

static int
take_flag(const json_t *value, struct token_request *request)
{
	if (value && !json_is_null(value) && !json_is_boolean(value))
		return -EBADMSG;
	request->skip_cache = json_is_true(value);
	return 0;
}

static int
take_members(const json_t *document, struct token_request *request,
    const char **ret_problem)
{
	int error;

	*ret_problem = "resource: write a text, or an array of at most 8";
	error = take_resources(json_object_get(document, "resource"), request);
	if (error)
		return error;
	*ret_problem = "authorization_details: write an array of at most 16 "
		       "objects";
	error = take_details(
	    json_object_get(document, "authorization_details"), request);
	if (error)
		return error;
	*ret_problem = "skip_cache: write true or false";
	return take_flag(json_object_get(document, "skip_cache"), request);
}

static int
read_json(const char *body, size_t size, struct token_request *request,
    const char **ret_problem)
{
	json_document *document = json_document_parse(body, size);
	int error;

	if (!document)
		return -EBADMSG;
	error = request_member_read(
	    document, "identity_provider", &request->provider);
	if (!error)
		error =
		    request_member_read(document, "target", &request->target);
	if (!error)
		error = request_member_read(
		    document, "user_token", &request->user_token);
	return error ? error : take_members(document, request, ret_problem);
}

/* Those of a form that are no texts in JSON. */
struct form_texts {
	char *resource;
	char *details;
	char *skip_cache;
};

static int
take_form_details(const char *text, struct token_request *request)
{
	json_document *value = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	return value ? take_details(value, request) : -EBADMSG;
}

static int
take_form_flag(const char *text, struct token_request *request)
{
	request->skip_cache = strcmp(text, "true") == 0;
	return request->skip_cache || strcmp(text, "false") == 0 ? 0 : -EBADMSG;
}

static int
take_form(const struct form_texts *texts, struct token_request *request,
    const char **ret_problem)
{
	int error = 0;

	if (texts->resource) {
		request->resources = json_pack("[s]", texts->resource);
		*ret_problem = "resource: write a text";
		error = request->resources ? 0 : -EBADMSG;
	}
	if (!error && texts->details) {
		*ret_problem = "authorization_details: write an array of at "
			       "most 16 objects, in JSON";
		error = take_form_details(texts->details, request);
	}
	if (!error && texts->skip_cache) {
		*ret_problem = "skip_cache: write true or false";
		error = take_form_flag(texts->skip_cache, request);
	}
	return error;
}

static int
read_form(const char *body, size_t size, struct token_request *request,
    const char **ret_problem)
{
	struct form_texts texts = {0};
	const struct request_text members[] = {
	    {"identity_provider", &request->provider},
	    {"target", &request->target}, {"user_token", &request->user_token},
	    {"resource", &texts.resource},
	    {"authorization_details", &texts.details},
	    {"skip_cache", &texts.skip_cache}, {NULL, NULL}};
	int error;

	error = request_form_read(body, size, members);
	if (!error)
		error = take_form(&texts, request, ret_problem);
	request_wipe(texts.resource);
	request_wipe(texts.details);
	request_wipe(texts.skip_cache);
	return error;
}

int
token_request_read(enum request_form form, const char *body, size_t size,
    struct token_request *ret_request, const char **ret_problem)
{
	struct token_request request = {0};
	int error = -EBADMSG;

	*ret_problem = "the body cannot be read";
	switch (form) {
	case REQUEST_FORM_NONE:
		*ret_problem = "content type must be application/json or "
			       "application/x-www-form-urlencoded";
		break;
	case REQUEST_FORM_URLENCODED:
		error = read_form(body, size, &request, ret_problem);
		break;
	case REQUEST_FORM_JSON:
		error = read_json(body, size, &request, ret_problem);
		break;
	}
	if (error) {
		token_request_done(&request);
		return error;
	}
	request_strip(request.user_token);
	*ret_request = request;
	return 0;
}

void
token_request_done(struct token_request *request)
{
	request_wipe(request->provider);
	request_wipe(request->target);
	request_wipe(request->user_token);
	json_decref(request->resources);
	json_decref(request->details);
	*request = (struct token_request){0};
}
