/*
 * The PAM services that ask for a level, an age or a group, as the broker has
 * published them beside the image: what the image cannot decide while the
 * broker is silent. Without them whoever can keep the broker from answering,
 * even by starving the program that asks it, would be past what they ask.
 *
 * A text: STRICT_SERVICES_HEAD, then one name a line, and nothing else.
 */
#pragma once

#include <stdbool.h>

#define STRICT_SERVICES_HEAD "portvakt strict services 1\n"

enum { STRICT_SERVICES_SIZE_MAX = 32768 }; /* 256 names of 64 characters */

/*
 * Is the service one of them? 0, or a negative errno when nobody can tell:
 * -ENOENT (never published), -EBADMSG (not such a text), or what reading said.
 */
int strict_services_has(const char *path, const char *service, bool *ret_has);
