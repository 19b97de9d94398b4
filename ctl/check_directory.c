#include "ctl/check_directory.h"

#include "lib/directory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#define PUBLISH_ANEW "systemctl restart portvaktd publishes it anew."

enum {
	/* The broker may be publishing at this very moment. */
	LOOKS = 10,
	PAUSE_NS = 10000000,
};

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
			     : PUBLISH_ANEW,
	    "%s: %s: nobody of ours has a name", path,
	    error == -EBADMSG ? "not an image that readers trust"
			      : strerror(-error));
}

struct generations {
	uint64_t public;
	uint64_t restricted;
	uint32_t people;
};

/* 0, or why the restricted one is none; the public one need not be there. */
static int
read_generations(const char *path, const char *public_path,
    struct generations *ret_generations)
{
	struct directory public = {0}, restricted;
	int error;

	error = directory_map_restricted(path, &restricted);
	if (error)
		return error;
	if (directory_map(public_path, &public))
	public.generation = restricted.generation;
	*ret_generations = (struct generations){
	    .public = public.generation,
	    .restricted = restricted.generation,
	    .people = restricted.records,
	};
	directory_unmap(&restricted);
	directory_unmap(&public);
	return 0;
}

static int
read_settled(const char *path, const char *public_path,
    struct generations *ret_generations)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	int looks, error;

	for (looks = 1;; looks++) {
		error = read_generations(path, public_path, ret_generations);
		if (error || looks == LOOKS ||
		    ret_generations->public == ret_generations->restricted)
			return error;
		(void)nanosleep(&pause, NULL);
	}
}

static const char *
trouble_of(int error)
{
	return error == -EBADMSG ? "not an image that readers trust, which is "
				   "portvakt's and has mode 0600"
				 : strerror(-error);
}

void
check_directory_restricted(
    const char *path, const char *public_path, struct check_report *report)
{
	struct generations found;
	int error;

	error = read_settled(path, public_path, &found);
	if (error == -EACCES)
		check_report_add(report, CHECK_WARNING, check,
		    "Run portvaktctl check as root.",
		    "%s: cannot be seen by others than root", path);
	else if (error)
		check_report_add(report, CHECK_FAULT, check, PUBLISH_ANEW,
		    "%s: %s: nobody is in a restricted group", path,
		    trouble_of(error));
	else if (found.public != found.restricted)
		check_report_add(report, CHECK_FAULT, check, PUBLISH_ANEW,
		    "%s is of generation %" PRIu64
		    ", the public image of %" PRIu64
		    ": nobody is in a restricted group",
		    path, found.restricted, found.public);
	else
		check_report_add(report, CHECK_OK, check, NULL,
		    "%s is of the same generation: %u people in restricted "
		    "groups",
		    path, found.people);
}
