/*
 * The machine's own accounts and groups, which always win: the names and ids
 * of its passwd and group files, read as text. getpwnam() and its kin would
 * come back to us through our own NSS module.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct local_accounts;

/*
 * Reads dir/passwd and dir/group as they are now. 0, or a negative errno when
 * one of them cannot be read: then nothing is known to be free.
 */
int local_accounts_read(const char *dir, struct local_accounts **ret_accounts);
struct local_accounts *local_accounts_free(struct local_accounts *accounts);

/*
 * Has the machine this name, of a user or of a group? True as well for names
 * that sudo, Docker and others give power to by name ("docker", "wheel"),
 * whether or not the package that makes the group is installed yet.
 */
bool local_accounts_has_name(
    const struct local_accounts *accounts, const char *name);

/* Has the machine this number, as a uid or as a gid? */
bool local_accounts_has_id(const struct local_accounts *accounts, uint32_t id);
