/*
 * A machine with four issuers, some people and some rules, as a service sees
 * it: a trust image in a folder of its own, which a test changes and publishes
 * again; and tokens that are good there.
 */
#pragma once

#include "broker/trust/trust_image.h"

#define WORLD_AUDIENCE "https://saker.example"
#define WORLD_SESSION "session-7"

enum {
	WORLD_UID = 2000000001, /* of each account; names tell them apart */
	WORLD_NOW_S = 1678375500, /* of the tokens */
	WORLD_EXPIRES_S = 1678376092,
	WORLD_BOOT_S = 5000, /* keys came 100 s ago, and are good for 1000 */
	WORLD_ACCOUNTS_MAX = 4,
};

enum world_issuer {
	WORLD_STAFF, /* "staff", of the kind idporten: people */
	WORLD_MACHINES, /* "maskin", of the kind maskinporten */
	WORLD_INTERNAL, /* "internal", of the kind generic */
	WORLD_EMPLOYEES, /* "ansatt", of the kind ansattporten: people */
	WORLD_ISSUERS,
};

struct world_account {
	enum world_issuer issuer;
	const char *subject;
	struct trust_account account;
};

struct service_world {
	char folder[64];
	char path[96];
	char *keys;
	uint64_t generation;
	struct trust_content content;
	struct trust_session sessions[1];
	struct world_account accounts[WORLD_ACCOUNTS_MAX];
	size_t accounts_count;
	size_t fleet; /* so many more, of whom no test knows anything */
};

/* With what is good at WORLD_NOW_S. Ends the program when it cannot be made. */
struct service_world *service_world_new(void);
void service_world_free(struct service_world *world);

/* Makes the image of the world as it is now that of the path. */
void service_world_publish(struct service_world *world);

/* For programs that have no clock but the real one: keys came just now. */
void service_world_publish_now(struct service_world *world);

/* Nobody can say any more. */
void service_world_withdraw(struct service_world *world);

/*
 * The claims of Kari's token of "staff", of one of "maskin", of Kari's of
 * "internal" and of hers of "ansatt"; whose JSON a test may change with mint_replace().
 */
extern const char *const world_payloads[WORLD_ISSUERS];

/* The same, issued now and good for an hour. The caller frees it. */
char *world_payload_now(enum world_issuer issuer);

/* Signed RS256. The caller frees it. */
char *world_token(const char *payload);
