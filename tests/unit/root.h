/* A small machine in a temporary directory, for checks that take a root. */
#pragma once

#include <sys/types.h>

enum {
	ROOT_SIZE = 64,
};

void root_make(char ret_root[static ROOT_SIZE]);
void root_remove(const char *root);

/* Makes what stands above path, too. */
void root_directory(const char *root, const char *path, mode_t mode);
void root_file(
    const char *root, const char *path, mode_t mode, const char *text);
void root_link(const char *root, const char *path, const char *target);
