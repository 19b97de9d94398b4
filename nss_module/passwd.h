/* What glibc calls for the passwd database: see nss(5) and its manual. */
#pragma once

#include <nss.h>
#include <pwd.h>

enum nss_status _nss_portvakt_getpwnam_r(const char *name,
    struct passwd *result, char *buffer, size_t size, int *errnop);
enum nss_status _nss_portvakt_getpwuid_r(
    uid_t uid, struct passwd *result, char *buffer, size_t size, int *errnop);
enum nss_status _nss_portvakt_setpwent(int stay_open);
enum nss_status _nss_portvakt_endpwent(void);
enum nss_status _nss_portvakt_getpwent_r(
    struct passwd *result, char *buffer, size_t size, int *errnop);
