#include "cli/command.h"
#include "cli/json_text.h"
#include "verify/portvakt.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static void
print_lines(const struct portvakt *portvakt, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		printf("%-32s %-10u %s\n", portvakt_group_name(portvakt, i),
		    portvakt_group_gid(portvakt, i),
		    portvakt_group_title(portvakt, i));
}

static void
print_json(const struct portvakt *portvakt, size_t count)
{
	struct json_text json = {0};
	size_t i;

	json_open(&json, NULL, '[');
	for (i = 0; i < count; i++) {
		json_open(&json, NULL, '{');
		json_put_text(&json, "name", portvakt_group_name(portvakt, i));
		json_put_integer(&json, "gid", portvakt_group_gid(portvakt, i));
		json_put_text(
		    &json, "title", portvakt_group_title(portvakt, i));
		json_close(&json, '}');
	}
	json_close(&json, ']');
	putchar('\n');
}

static int
print_groups(const char *image, bool as_json)
{
	struct portvakt *portvakt = NULL;
	int count;

	count = portvakt_open(image, &portvakt);
	if (count == 0)
		count = portvakt_groups_count(portvakt);
	if (count < 0)
		fprintf(stderr, "portvakt: no trust image to read: %s\n",
		    count == -EACCES ? IMAGE_REMEDY : strerror(-count));
	else if (as_json)
		print_json(portvakt, (size_t)count);
	else
		print_lines(portvakt, (size_t)count);
	portvakt_close(portvakt);
	return count < 0 || fflush(stdout) != 0 ? EXIT_OUTAGE : EXIT_GOOD;
}

int
groups_command(int argc, char **argv)
{
	static const struct option options[] = {
	    {"image", required_argument, NULL, 'f'},
	    {"json", no_argument, NULL, 'j'},
	    {0},
	};
	const char *image = NULL;
	bool as_json = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'f')
			image = optarg;
		else if (option == 'j')
			as_json = true;
		else
			return option_error();
	}
	if (optind < argc)
		return usage_error("takes no words", argv[optind]);
	return print_groups(image, as_json);
}
