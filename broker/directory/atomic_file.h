/*
 * A file that appears whole or not at all: written beside its path as
 * "path.new", synced, renamed into place, the directory synced. One process
 * writes a path; what a killed one left at "path.new" is thrown away.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

enum {
	ATOMIC_FILE_PATH_SIZE = 1024,
};

struct atomic_file {
	int folder; /* where the two names are; -1 when there is no file */
	int fd;
	const char *name; /* the caller's path, behind its last slash */
	char new_name[256];
};

/* path outlives the file, which ends in one of commit and discard. */
int atomic_file_begin(
    const char *path, mode_t mode, struct atomic_file *ret_file);
int atomic_file_write(struct atomic_file *file, const void *bytes, size_t size);
int atomic_file_write_at(
    struct atomic_file *file, off_t at, const void *bytes, size_t size);

/* The slow half of commit, for who has something to do between the two. */
int atomic_file_sync(struct atomic_file *file);

/* 0: the file has its name and a power cut leaves it there. */
int atomic_file_commit(struct atomic_file *file);

/*
 * The same for two, whose names change one right after the other. After an
 * error both are discarded, or the second alone.
 */
int atomic_file_commit_pair(
    struct atomic_file *first, struct atomic_file *second);

/* Accepts what has been committed. */
void atomic_file_discard(struct atomic_file *file);
