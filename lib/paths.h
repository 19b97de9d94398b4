/*
 * Where the parts of the suite meet. The directories are configure's
 * (Makefile.am); sockets and files in them are named here alone.
 */
#pragma once

#define PORTVAKT_LOGIN_SOCKET PORTVAKT_RUNDIR "/login.sock"
#define PORTVAKT_ADMIN_SOCKET PORTVAKT_RUNDIR "/admin.sock"
#define PORTVAKT_SERVICE_SOCKET PORTVAKT_RUNDIR "/service.sock"
#define PORTVAKT_FETCH_SOCKET "/run/portvakt-fetch/fetch.sock"
#define PORTVAKT_API_SOCKET "/run/portvakt-api/api.sock"
#define PORTVAKT_DIRECTORY PORTVAKT_STATEDIR "/directory"
#define PORTVAKT_DIRECTORY_RESTRICTED PORTVAKT_STATEDIR "/directory.restricted"
#define PORTVAKT_TRUST PORTVAKT_RUNDIR "/trust/image"
#define PORTVAKT_STRICT_SERVICES PORTVAKT_STATEDIR "/strict-services"
