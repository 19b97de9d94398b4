/* What glibc calls for the group database: see nss(5) and its manual. */
#pragma once

#include <grp.h>
#include <nss.h>

enum nss_status _nss_portvakt_getgrnam_r(const char *name, struct group *result,
    char *buffer, size_t size, int *errnop);
enum nss_status _nss_portvakt_getgrgid_r(
    gid_t gid, struct group *result, char *buffer, size_t size, int *errnop);
enum nss_status _nss_portvakt_setgrent(int stay_open);
enum nss_status _nss_portvakt_endgrent(void);
enum nss_status _nss_portvakt_getgrent_r(
    struct group *result, char *buffer, size_t size, int *errnop);

/*
 * Adds the user's groups but for skip, which the caller already has, to
 * (*groups)[*start]; grows the array up to limit entries (no limit if <= 0).
 */
enum nss_status _nss_portvakt_initgroups_dyn(const char *user, gid_t skip,
    long *start, long *size, gid_t **groups, long limit, int *errnop);
