#include "ctl/check_directory.h"

#include "lib/directory.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char check[] = "directory";

void
check_directory(const char *path, struct check_report *report)
{
	struct directory directory = {0};
	int error;

	error = directory_map(path, &directory);
	if (!error) {
		check_report_add(report, CHECK_OK, check, NULL,
		    "%s is whole: generation %" PRIu64
		    ", %u accounts and groups",
		    path, directory.generation, directory.records);
		directory_unmap(&directory);
		return;
	}
	check_report_add(report, CHECK_FAULT, check,
	    error == -ENOENT ? "systemctl start portvaktd makes it."
			     : "systemctl restart portvaktd publishes it anew.",
	    "%s: %s: nobody of ours has a name", path,
	    error == -EBADMSG ? "not an image that readers trust"
			      : strerror(-error));
}
