/*
 * A trust image for portvakt-api, valid now, and tokens for it: prints the
 * path of the image and then a name and a token a line, an empty line at the
 * end. Does what it is told on standard input ("lock", "unlock", "withdraw",
 * "publish"), answers each with a line, and cleans up at the end of it.
 */
#include "broker/clock.h"
#include "tests/unit/service_world.h"
#include "tests/vectors/mint.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMES "\"iat\":1678375492,\"exp\":1678376092"

enum { LIFE_S = 600 };

/* A payload with its times moved. */
static char *
payload_at(enum world_issuer issuer, int64_t issued_s)
{
	char times[64], *payload, *whole;

	(void)snprintf(times, sizeof(times),
	    "\"iat\":%" PRId64 ",\"exp\":%" PRId64, issued_s,
	    issued_s + LIFE_S);
	payload = mint_replace(world_payloads[issuer], TIMES, times);
	if (!strstr(payload, "auth_time"))
		return payload;
	(void)snprintf(times, sizeof(times), "%" PRId64, issued_s);
	whole = mint_replace(payload, "1678375491", times);
	free(payload);
	return whole;
}

static void
print_token(const char *name, enum mint_signature how, const char *payload)
{
	char *token =
	    mint_token(how, "{\"kid\":\"rsa\",\"alg\":\"RS256\"}", payload);

	(void)printf("%s %s\n", name, token);
	free(token);
}

static void
print_changed(const char *name, const char *from, const char *to)
{
	char *payload = payload_at(WORLD_STAFF, clock_wall_s());
	char *changed = mint_replace(payload, from, to);

	print_token(name, MINT_RS256, changed);
	free(payload);
	free(changed);
}

static void
print_tokens(void)
{
	int64_t now_s = clock_wall_s();
	char *person = payload_at(WORLD_STAFF, now_s);
	char *machine = payload_at(WORLD_MACHINES, now_s);
	char *old = payload_at(WORLD_STAFF, now_s - 2 * LIFE_S);
	char *ahead = payload_at(WORLD_STAFF, now_s + LIFE_S);

	print_token("person", MINT_RS256, person);
	print_token("machine", MINT_RS256, machine);
	print_token("expired", MINT_RS256, old);
	print_token("not-yet", MINT_RS256, ahead);
	print_token("stranger", MINT_RS256_STRANGER, person);
	print_changed("another-audience", WORLD_AUDIENCE, "https://x.example");
	print_changed("another-issuer", "https://test.idporten.no",
	    "https://test.idporten.no/");
	print_changed("low", "idporten-loa-substantial", "idporten-loa-low");
	print_changed("no-role", "[\"arkivar\"]", "[]");
	free(person);
	free(machine);
	free(old);
	free(ahead);
}

static void
make_current(struct service_world *world)
{
	size_t i;

	for (i = 0; i < WORLD_ISSUERS; i++) {
		world->content.keys[i].at_s = clock_boot_s() - 100;
		world->content.keys[i].until_s = clock_boot_s() + LIFE_S;
	}
	service_world_publish(world);
}

static void
obey(struct service_world *world, const char *command)
{
	if (strcmp(command, "withdraw\n") == 0) {
		service_world_withdraw(world);
		return;
	}
	if (strcmp(command, "lock\n") == 0)
		world->accounts[0].account.locked = true;
	else if (strcmp(command, "unlock\n") == 0)
		world->accounts[0].account.locked = false;
	else if (strcmp(command, "publish\n") != 0)
		errx(99, "no such command: %s", command);
	service_world_publish(world);
}

int
main(void)
{
	struct service_world *world = service_world_new();
	char command[32];

	make_current(world);
	(void)printf("%s\n", world->path);
	print_tokens();
	(void)puts("");
	(void)fflush(stdout);
	while (fgets(command, sizeof(command), stdin)) {
		obey(world, command);
		(void)puts("done");
		(void)fflush(stdout);
	}
	service_world_free(world);
	return 0;
}
