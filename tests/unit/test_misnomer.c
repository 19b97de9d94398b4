/*
 * Names that api.conf misspells: each is told with its place, of a real trust
 * image (tests/unit/trust_fixture.h).
 */
#include "broker/api/misnomer.h"
#include "tests/unit/trust_fixture.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct world {
	char folder[64];
	char image[96];
	struct portvakt *portvakt;
	struct api_config config;
	char *said;
};

static struct world *world;

static void
publish(void)
{
	struct trust_writer *writer;

	assert_int_equal(trust_writer_new(&writer), 0);
	assert_int_equal(trust_fixture_fill(writer, NULL), 0);
	assert_int_equal(trust_writer_publish(writer, 7, world->image), 0);
	(void)trust_writer_free(writer);
}

static int
set_up(void **state)
{
	static const char *const targets[] = {"partner:x", "partnr:x"};

	(void)state;
	world = calloc(1, sizeof(*world));
	assert_non_null(world);
	(void)strcpy(world->folder, "/tmp/test-misnomer-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	(void)snprintf(
	    world->image, sizeof(world->image), "%s/image", world->folder);
	world->config.clients[0] = (struct api_client){.name = "a",
	    .places = {"a.conf", 1, .group = 2, .token_targets = 3},
	    .group = "ko-x",
	    .token_targets = {targets, 1}};
	world->config.clients_count = 1;
	world->config.locations[0] = (struct api_location){.path = "/auth/a",
	    .places = {"b.conf", 4, .group = 5, .issuer = 6, .level = 7},
	    .group = "ko-x",
	    .issuer = "staff",
	    .level = "high"};
	world->config.locations_count = 1;
	return portvakt_open(world->image, &world->portvakt);
}

static int
tear_down(void **state)
{
	(void)state;
	portvakt_close(world->portvakt);
	(void)unlink(world->image);
	assert_int_equal(rmdir(world->folder), 0);
	free(world->said);
	free(world);
	return 0;
}

static int
print(void)
{
	size_t size = 0;
	FILE *file;
	int error;

	free(world->said);
	world->said = NULL;
	file = open_memstream(&world->said, &size);
	assert_non_null(file);
	error = misnomers_print(
	    world->portvakt, world->image, &world->config, "", file);
	assert_int_equal(fclose(file), 0);
	return error;
}

static void
expect_line(const char *line)
{
	assert_int_equal(print(), 0);
	assert_true(strncmp(world->said, line, strlen(line)) == 0);
	assert_ptr_equal(
	    strchr(world->said, '\n'), world->said + strlen(world->said) - 1);
}

static const char *
of_location(void)
{
	return misnomer_of_location(
	    world->portvakt, &world->config.locations[0]);
}

static void
tells_the_place_of_each(void **state)
{
	struct api_client *client = &world->config.clients[0];
	struct api_location *location = &world->config.locations[0];

	(void)state;
	publish();
	assert_int_equal(print(), 0);
	assert_string_equal(world->said, "");
	assert_null(of_location());
	assert_null(misnomer_of_client(world->portvakt, client));
	client->group = "ko-y";
	expect_line("a.conf:2: there is no access group \"ko-y\"");
	assert_string_equal(
	    misnomer_of_client(world->portvakt, client), "group-unknown");
	client->group = NULL;
	client->token_targets.count = 2;
	expect_line("a.conf:3: there is no issuer \"partnr\"");
	client->token_targets.count = 0;
	location->group = "ko-y";
	expect_line("b.conf:5: there is no access group \"ko-y\"");
	assert_string_equal(of_location(), "group-unknown");
	location->group = NULL;
	location->level = "hihg";
	expect_line("b.conf:7: issuer staff has no level \"hihg\"");
	assert_string_equal(of_location(), "level-unknown");
	location->issuer = NULL;
	expect_line("b.conf:7: no issuer has a level \"hihg\"");
	location->issuer = "staf";
	expect_line("b.conf:6: there is no issuer \"staf\"");
	assert_string_equal(of_location(), "issuer-unknown");
}

/* An issuer without it does not have a level of another. */
static void
knows_whose_a_level_is(void **state)
{
	struct api_location *location = &world->config.locations[0];

	(void)state;
	publish();
	location->issuer = "partner";
	assert_string_equal(of_location(), "level-unknown");
	location->issuer = NULL;
	assert_null(of_location());
	location->level = "substantial";
	assert_string_equal(of_location(), "level-unknown");
	location->level = "low"; /* an acr of staff's */
	assert_string_equal(of_location(), "level-unknown");
}

static void
says_why_there_is_no_image(void **state)
{
	(void)state;
	world->config.locations[0].group = "ko-y";
	assert_int_equal(print(), -ENOENT);
	assert_non_null(strstr(world->said, "there is no trust image yet"));
	assert_null(of_location());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		tells_the_place_of_each, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		knows_whose_a_level_is, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		says_why_there_is_no_image, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
