#include "broker/login/token_peer.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const peers[] = {"postgres", "dovecot"};
static const struct config_service services[] = {
    {.name = "postgresql", .token_peers = peers, .token_peers_count = 2},
    {.name = "sudo"},
};
static const struct config config = {.services = services, .services_count = 2};
static const struct config nobodys = {
    .services = &services[1], .services_count = 1};

static char dir[] = "/tmp/portvakt-peer-XXXXXX";

static int
set_up(void **state)
{
	char path[64];
	FILE *file;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/passwd", dir);
	file = fopen(path, "we");
	if (!file)
		return -1;
	(void)fputs("root:x:0:0::/root:/bin/sh\n"
		    "damaged line\n"
		    "postgres:x:114:120::/var:/bin/sh\n"
		    "eva:x:1000:1000::/home/eva:/bin/sh\n",
	    file);
	return fclose(file);
}

static int
tear_down(void **state)
{
	char path[64];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/passwd", dir);
	(void)unlink(path);
	return rmdir(dir);
}

static void
test_is_who_the_section_names(void **state)
{
	(void)state;
	assert_true(token_peer_is(&config, &services[0], dir, 114));
	assert_true(token_peer_is(&config, NULL, dir, 114));
	assert_false(token_peer_is(&config, &services[1], dir, 114));
	assert_false(token_peer_is(&config, &services[0], dir, 1000));
	assert_false(token_peer_is(&config, &services[0], dir, 0));
	assert_false(token_peer_is(&nobodys, NULL, dir, 114));
}

static void
test_nobody_without_the_file(void **state)
{
	(void)state;
	assert_false(token_peer_is(&config, NULL, "/nonexistent", 114));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_is_who_the_section_names),
	    cmocka_unit_test(test_nobody_without_the_file),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
