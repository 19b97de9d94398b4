#include "broker/fetch/host_list.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What a host entry is made of: nothing that could end the host in a URL. */
static const char entry_characters[] = "abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789.-_:[]";

static CURLU *
parse(const char *text)
{
	CURLU *url = curl_url();

	if (url && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK)
		return url;
	curl_url_cleanup(url);
	return NULL;
}

static bool
has(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	bool there = curl_url_get(url, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return there;
}

static bool
is_equal(CURLU *a, CURLU *b, CURLUPart part)
{
	char *of_a = NULL, *of_b = NULL;
	bool equal;

	equal = curl_url_get(a, part, &of_a, CURLU_DEFAULT_PORT) == CURLUE_OK &&
		curl_url_get(b, part, &of_b, CURLU_DEFAULT_PORT) == CURLUE_OK &&
		strcasecmp(of_a, of_b) == 0;
	curl_free(of_a);
	curl_free(of_b);
	return equal;
}

static bool
has_scheme(CURLU *url, const char *scheme)
{
	char *text = NULL;
	bool equal =
	    curl_url_get(url, CURLUPART_SCHEME, &text, 0) == CURLUE_OK &&
	    strcmp(text, scheme) == 0;

	curl_free(text);
	return equal;
}

/* A password may stand without a user in front of it. */
static bool
has_userinfo(CURLU *url)
{
	return has(url, CURLUPART_USER) || has(url, CURLUPART_PASSWORD) ||
	       has(url, CURLUPART_OPTIONS);
}

int
host_list_add(struct host_list *list, const char *entry)
{
	char text[FETCH_HOST_SIZE + sizeof("https://")];
	CURLU *url;

	if (list->count == FETCH_HOSTS_MAX ||
	    entry[strspn(entry, entry_characters)] != '\0' ||
	    strlen(entry) >= FETCH_HOST_SIZE)
		return -EINVAL;
	(void)snprintf(text, sizeof(text), "https://%s", entry);
	url = parse(text);
	if (!url)
		return -EINVAL;
	list->entries[list->count++] = url;
	return 0;
}

void
host_list_done(struct host_list *list)
{
	while (list->count > 0)
		curl_url_cleanup(list->entries[--list->count]);
}

static bool
is_listed(const struct host_list *list, CURLU *url)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (is_equal(list->entries[i], url, CURLUPART_HOST) &&
		    is_equal(list->entries[i], url, CURLUPART_PORT))
			return true;
	}
	return false;
}

CURLU *
host_list_admit(
    const struct host_list *list, const char *text, const char **ret_detail)
{
	CURLU *url = parse(text);
	const char *detail = NULL;

	if (!url)
		detail = "not a URL";
	else if (!has_scheme(url, "https"))
		detail = "not https";
	else if (has_userinfo(url))
		detail = "a URL must not hold a user name";
	else if (!is_listed(list, url))
		detail = "this host and port are not among the configured";
	if (!detail)
		return url;
	curl_url_cleanup(url);
	*ret_detail = detail;
	return NULL;
}

int
host_list_check_proxy(const char *text)
{
	CURLU *url = parse(text);
	bool sound = url &&
		     (has_scheme(url, "http") || has_scheme(url, "https")) &&
		     !has_userinfo(url);

	curl_url_cleanup(url);
	return sound ? 0 : -EINVAL;
}
