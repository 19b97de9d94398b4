#include "nss_module/answer.h"

#include "lib/paths.h"

#include <errno.h>
#include <string.h>

/* The one state of the module: what it has mapped. */
struct source directory_source =
    SOURCE_INIT(PORTVAKT_DIRECTORY, PORTVAKT_DIRECTORY_RESTRICTED);

enum nss_status
answer_not_found(int *errnop)
{
	*errnop = ENOENT;
	return NSS_STATUS_NOTFOUND;
}

enum nss_status
answer_unavailable(int error, int *errnop)
{
	*errnop = -error;
	return NSS_STATUS_UNAVAIL;
}

enum nss_status
answer_too_small(int *errnop)
{
	*errnop = ERANGE;
	return NSS_STATUS_TRYAGAIN;
}

bool
answer_copy_text(char *to, const char *text, size_t size)
{
	memcpy(to, text, size);
	return to[size - 1] == '\0';
}
