/*
 * portvakt-api behind HTTP: one call goes in, one answer comes out. Who calls
 * is known before anything is read of what they ask.
 */
#pragma once

#include "broker/api/answer.h"
#include "broker/api/answer_cache.h"
#include "broker/api/api_config.h"
#include "broker/api/errand.h"
#include "broker/api/issuers.h"
#include "broker/api/keys.h"
#include "broker/api/metrics.h"
#include "broker/api/opaque_cache.h"
#include "broker/api/recorder.h"
#include "verify/link_cache.h"
#include "verify/portvakt.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* For whom libportvakt asks whose a subject is, and what is known of them. */
struct linking {
	struct link_cache *cache; /* NULL: none is kept */
	struct errand *errand; /* NULL: for nobody */
	const struct api_client *client;
};

/* Of one worker. */
struct api {
	const struct api_config *config;
	struct portvakt *portvakt;
	struct issuers issuers;
	struct metrics *metrics;
	unsigned int worker;
	struct answer_cache *answers; /* NULL: none are kept */
	const char *service_path; /* the broker's socket */
	struct upstream *upstream; /* NULL: nobody to ask */
	struct recorder *recorder;
	struct keys keys;
	struct opaque_cache *opaque; /* NULL: opaque tokens are malformed */
	struct opaque_question *opaque_questions; /* under way */
	struct linking linking;
};

/* A request as it came; headers that were not there are NULL. */
struct api_call {
	bool local; /* by the Unix socket: uid says who */
	uid_t uid;
	const char *method;
	const char *path;
	const char *content_type;
	const char *authorization;
	/* Of the client itself, where Authorization is of its own caller. */
	const char *portvakt_authorization;
	const char *dpop;
	/* X-Portvakt-Client-Cert, of a web server that ended the TLS. */
	const char *certificate;
	const char *original_method; /* X-Original-Method, X-Forwarded-Method */
	const char *original_uri; /* X-Original-URI, X-Forwarded-Uri */
	const char *body;
	size_t size;
	struct errand
	    *errand; /* NULL: whatever needs the broker is an outage */
};

/*
 * True: there is an answer. False: it waits for the broker; to be called again
 * with the same call when the errand wakes.
 */
bool api_answer(
    struct api *api, const struct api_call *call, struct answer *ret_answer);

/* Who calls; NULL: nobody of ours. */
const struct api_client *api_find_client(
    const struct api *api, const struct api_call *call);

/* For a struct linker, with a struct linking. */
int link_find(void *userdata, const struct link_query *query,
    struct link_holder *ret_holder);

/*
 * The endpoints, for callers that are known. One that returns while its errand
 * waits has not answered, whatever it wrote.
 */
void api_introspect(struct api *api, const struct api_client *client,
    const struct api_call *call, struct answer *ret_answer);
void api_texas(struct api *api, const struct api_client *client,
    const struct api_call *call, struct answer *ret_answer);
void api_token(struct api *api, const struct api_client *client,
    const struct api_call *call, struct answer *ret_answer);
void api_exchange(struct api *api, const struct api_client *client,
    const struct api_call *call, struct answer *ret_answer);
void api_link(struct api *api, const struct api_client *client,
    const struct api_call *call, struct answer *ret_answer);
void api_gate(struct api *api, const struct api_client *client,
    const struct api_call *call, struct answer *ret_answer);
