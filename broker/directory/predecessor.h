/*
 * The image that is about to lose its name. Whoever has it mapped sees its
 * successor word at the next lookup. The word is written just before the new
 * image takes the name: a thread that has seen the new one by its name must
 * never take the old one for current again. Until then readers look at the
 * path and stay. Should it not be written, they see within a second that the
 * path leads elsewhere.
 */
#pragma once

#include <stdint.h>

/* A descriptor, or -1: there is no image with this magic number at path. */
int predecessor_open(const char *path, uint64_t magic);

/* All accept -1. */
void predecessor_supersede(int predecessor);
void predecessor_restore(int predecessor); /* it keeps its name after all */
void predecessor_close(int predecessor);
