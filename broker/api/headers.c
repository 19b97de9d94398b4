#include "broker/api/headers.h"

#include <stddef.h>
#include <strings.h>

#include <microhttpd.h>

static const char *const names[HEADERS] = {
    [HEADER_AUTHORIZATION] = "Authorization",
    [HEADER_CLIENT_CERTIFICATE] = "X-Portvakt-Client-Cert",
    [HEADER_CONTENT_LENGTH] = "Content-Length",
    [HEADER_CONTENT_TYPE] = "Content-Type",
    [HEADER_DPOP] = "DPoP",
    [HEADER_FORWARDED_METHOD] = "X-Forwarded-Method",
    [HEADER_FORWARDED_URI] = "X-Forwarded-Uri",
    [HEADER_ORIGINAL_METHOD] = "X-Original-Method",
    [HEADER_ORIGINAL_URI] = "X-Original-URI",
    [HEADER_PORTVAKT_AUTHORIZATION] = "X-Portvakt-Authorization",
};

/* Most that come are none of these, and their first letter tells. */
static enum MHD_Result
take_header(void *userdata, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	struct headers *headers = userdata;
	size_t i;

	(void)kind;
	for (i = 0; i < HEADERS; i++) {
		if (((name[0] ^ names[i][0]) & ~0x20) != 0 ||
		    strcasecmp(name, names[i]) != 0)
			continue;
		headers->repeated |= headers->values[i] != NULL;
		headers->values[i] = value ? value : "";
	}
	return MHD_YES;
}

void
headers_read(struct MHD_Connection *connection, struct headers *ret_headers)
{
	*ret_headers = (struct headers){0};
	(void)MHD_get_connection_values(
	    connection, MHD_HEADER_KIND, take_header, ret_headers);
}
