/*
 * Three issuers, a fetcher and two clocks that are the test's: what is asked
 * stands in calls, and is answered when the test says so. Metadata and keys
 * come by themselves while the provider is up.
 */
#pragma once

#include "broker/realm.h"
#include "tests/unit/unit.h"

#include <stdbool.h>

#include <openssl/evp.h>
#include <systemd/sd-event.h>

#define MACHINES "https://mp.example/"
#define STAFF "https://idp.example"

enum {
	WORLD_CALLS_MAX = 80,
	WORLD_FORM_SIZE = 32768,
	WORLD_NOW_S = 1800000000,
	WORLD_SECOND = 1000000,
};

struct world_call {
	bool is_under_way;
	bool is_get;
	fetch_done_fn done;
	void *userdata;
	char url[256];
	char authorization[256];
	char form[WORLD_FORM_SIZE]; /* name=value& ... as it was given */
};

struct world {
	int64_t boot_us;
	int64_t wall_s;
	bool is_down; /* metadata and keys do not come */
	sd_event *event;
	struct config config;
	struct realm realm;
	struct metadata metadata; /* of all of them */
	EVP_PKEY *key;
	struct secret *key_pem;
	struct secret *client_secret;
	struct world_call calls[WORLD_CALLS_MAX];
	size_t posts; /* ever */
	size_t calls_elsewhere; /* under way in the fetcher, of others */
};

/* cmocka fixtures; there is one world. */
extern struct world *const world;
int world_set_up(void **state);
int world_tear_down(void **state);

/*
 * "maskinporten" takes JWT grants under a key; "staff" client credentials and
 * exchanges under a secret, and introspects; "people" is of kind idporten.
 */
struct config_issuer *world_issuer(const char *name);

/* Until nothing happens any more. */
void world_run(void);
void world_wait_s(int64_t seconds);

/* The POST under way; fails unless there is exactly one. */
struct world_call *world_post(void);
size_t world_posts_under_way(void);

/* Answers it, and lets everything happen that follows. */
void world_answer(
    enum fetch_outcome outcome, unsigned int status, const char *body);
void world_answer_call(struct world_call *call, enum fetch_outcome outcome,
    unsigned int status, const char *body);

/* The value of a parameter in the form; fails unless it is there. */
void world_parameter(const struct world_call *call, const char *name,
    char *ret_value, size_t size);
