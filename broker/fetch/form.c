#include "broker/fetch/form.h"

#include <errno.h>
#include <oauth2/http.h>
#include <oauth2/mem.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * No log object is passed to liboauth2: it would format every value at the
 * debug level, whether that is printed or not.
 */
static char *
encode_list(const struct fetch_parameter *form, size_t count)
{
	oauth2_nv_list_t *list = oauth2_nv_list_init(NULL);
	bool added = list;
	char *encoded = NULL;
	size_t i;

	for (i = 0; added && i < count; i++)
		added =
		    oauth2_nv_list_add(NULL, list, form[i].name, form[i].value);
	if (added)
		encoded = oauth2_http_url_form_encode(NULL, list);
	oauth2_nv_list_free(NULL, list);
	return encoded;
}

int
form_encode(const struct fetch_parameter *form, size_t count, char **ret_body)
{
	char *encoded = NULL, *body;

	if (count > 0) {
		encoded = encode_list(form, count);
		if (!encoded)
			return -ENOMEM;
	}
	body = strdup(encoded ? encoded : "");
	if (encoded) {
		explicit_bzero(encoded, strlen(encoded));
		oauth2_mem_free(encoded);
	}
	if (!body)
		return -ENOMEM;
	*ret_body = body;
	return 0;
}

char *
form_free(char *body)
{
	if (body)
		explicit_bzero(body, strlen(body));
	free(body);
	return NULL;
}
