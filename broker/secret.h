/*
 * A secret that cannot be printed by accident: the bytes are reached by name
 * only, and are wiped when freed. For keys, client secrets, device codes and
 * tokens.
 */
#pragma once

#include <stddef.h>

struct secret;

int secret_new(const void *bytes, size_t size, struct secret **ret_secret);
struct secret *secret_free(struct secret *secret); /* accepts NULL */

/* Terminated for callees that want a string; size without the terminator. */
const char *secret_reveal(const struct secret *secret);
size_t secret_size(const struct secret *secret);
