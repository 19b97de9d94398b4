#include "broker/issuer/metadata.h"

#include "broker/json_document.h"
#include "broker/text.h"

#include <string.h>

static enum metadata_result
read_endpoint(const json_t *document, const char *member, char *ret_url)
{
	const char *url = json_string_value(json_object_get(document, member));

	if (!url)
		return METADATA_ENDPOINT_MISSING;
	if (!text_is_https(url, FETCH_URL_SIZE))
		return METADATA_ENDPOINT_INSECURE;
	strcpy(ret_url, url);
	return METADATA_GOOD;
}

enum metadata_result
metadata_parse(const char *json, size_t size, const char *issuer,
    struct metadata *ret_metadata, const char **ret_detail)
{
	json_document *document = json_document_parse(json, size);
	struct metadata metadata;
	const struct {
		const char *name;
		char *url;
	} members[] = {
	    {"jwks_uri", metadata.jwks_uri},
	    {"token_endpoint", metadata.token_endpoint},
	    {"device_authorization_endpoint",
		metadata.device_authorization_endpoint},
	};
	enum metadata_result result;
	const char *said;
	size_t i;

	*ret_detail = "document";
	if (!document)
		return METADATA_MALFORMED;
	*ret_detail = "issuer";
	said = json_string_value(json_object_get(document, "issuer"));
	if (!said || strcmp(said, issuer) != 0)
		return METADATA_ISSUER_WRONG;
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		*ret_detail = members[i].name;
		result =
		    read_endpoint(document, members[i].name, members[i].url);
		if (result != METADATA_GOOD)
			return result;
	}
	*ret_metadata = metadata;
	return METADATA_GOOD;
}
