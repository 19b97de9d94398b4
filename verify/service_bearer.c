#include "verify/service_bearer.h"

#include "verify/organisation.h"

#include <string.h>

static void
copy_text(char *destination, size_t size, struct slice text)
{
	if (text.size == 0 || text.size >= size || !slice_is_printable(text))
		return;
	memcpy(destination, text.at, text.size);
	destination[text.size] = '\0';
}

static void
read_member(const struct json *claims, const char *name,
    char ret_text[static SERVICE_BEARER_TEXT_SIZE])
{
	const struct json_node *node = json_member(claims, claims->nodes, name);
	struct slice text;

	if (node && json_get_text(claims, node, &text) == 0)
		copy_text(ret_text, SERVICE_BEARER_TEXT_SIZE, text);
}

void
service_bearer_read(const struct json *claims, struct slice subject,
    struct service_bearer *ret_bearer)
{
	const struct json_node *consumer =
	    json_member(claims, claims->nodes, "consumer");
	struct slice organisation;

	memset(ret_bearer, 0, sizeof(*ret_bearer));
	ret_bearer->known = true;
	copy_text(ret_bearer->subject, sizeof(ret_bearer->subject), subject);
	read_member(claims, "client_id", ret_bearer->client_id);
	read_member(claims, "jti", ret_bearer->token_id);
	read_member(claims, "sid", ret_bearer->session);
	if (consumer && organisation_get(claims, consumer, &organisation) == 0)
		copy_text(ret_bearer->consumer, sizeof(ret_bearer->consumer),
		    organisation);
}

void
service_bearer_forget(struct service_bearer *bearer)
{
	if (bearer->known)
		explicit_bzero(bearer, sizeof(*bearer));
}
