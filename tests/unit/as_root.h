/*
 * For tests of what depends on root's directories: whoever runs them is root,
 * if need be of a user namespace with no other user in it.
 */
#pragma once

#include <stdbool.h>

/* Before any thread or child. False: this machine has no such namespace. */
bool as_root(void);
