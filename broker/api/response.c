#include "broker/api/response.h"

#include <microhttpd.h>

struct MHD_Response *
response_new(struct answer *answer)
{
	struct MHD_Response *response;
	size_t i;

	response = MHD_create_response_from_buffer(
	    answer->size, answer->body, MHD_RESPMEM_MUST_FREE);
	if (!response)
		return NULL;
	answer->body = NULL; /* the response's, from here on */
	for (i = 0; i < answer->headers_count; i++)
		(void)MHD_add_response_header(response, answer->headers[i].name,
		    answer->headers[i].value);
	if (answer->content_type)
		(void)MHD_add_response_header(
		    response, "Content-Type", answer->content_type);
	return response;
}
