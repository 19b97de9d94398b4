/*
 * A trust image for tests of programs: says where it is, and tokens of that
 * world, a line each; takes it away when its standard input ends.
 */
#include "tests/unit/service_world.h"
#include "tests/vectors/mint.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
say_token(const char *name, const char *payload)
{
	char *token = world_token(payload);

	printf("%s %s\n", name, token);
	free(token);
}

int
main(void)
{
	struct service_world *world = service_world_new();
	char *staff = world_payload_now(WORLD_STAFF);
	char *machine = world_payload_now(WORLD_MACHINES);
	char *hostile = mint_replace(staff, "klient", "\\u001b[2Jklient");
	char byte;

	service_world_publish_now(world);
	printf("image %s\n", world->path);
	say_token("staff", staff);
	say_token("machine", machine);
	say_token("hostile", hostile);
	say_token("expired", world_payloads[WORLD_STAFF]);
	(void)fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	service_world_free(world);
	free(staff);
	free(machine);
	free(hostile);
	return 0;
}
