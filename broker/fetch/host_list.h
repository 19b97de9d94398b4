/*
 * The hosts that this process may ever reach, and the one place where a URL is
 * admitted. A URL is parsed once, by libcurl's own parser, and what was parsed
 * is what is called: nobody can read it differently later.
 */
#pragma once

#include "lib/fetch_protocol.h"

#include <curl/curl.h>
#include <stddef.h>

struct host_list {
	CURLU *entries[FETCH_HOSTS_MAX]; /* https URLs of host and port */
	size_t count;
};

/* "name" or "name:port", or an address. 0, -EINVAL, -ENOMEM. */
int host_list_add(struct host_list *list, const char *entry);
void host_list_done(struct host_list *list);

/*
 * The URL, for curl_url_cleanup, or NULL when it must not be called, with
 * *ret_detail saying why: not https, a userinfo, a host or port that nobody
 * named.
 */
CURLU *host_list_admit(
    const struct host_list *list, const char *url, const char **ret_detail);

/* Whether text is a proxy: http or https, a host, no userinfo. */
int host_list_check_proxy(const char *text);
