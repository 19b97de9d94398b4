/* What the entry points of all databases share. */
#pragma once

#include "nss_module/source.h"

#include <nss.h>

extern struct source directory_source;

/* Status and errno of a lookup that found nothing, or could not be made. */
enum nss_status answer_not_found(int *errnop);
enum nss_status answer_unavailable(int error, int *errnop);
enum nss_status answer_too_small(int *errnop);

/*
 * Copies size bytes that must end a text, as the mapping's owner could have
 * changed them after they were validated; false if they do not.
 */
bool answer_copy_text(char *to, const char *text, size_t size);
