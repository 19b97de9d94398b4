/*
 * What is recorded of a token that was used or asked for: who asked, about
 * whom, and how it ended (lib/service_protocol.h). An identity number is in
 * none of it, whatever the token calls it.
 */
#pragma once

#include "broker/api/judge.h"

/* Beyond the judgement; what is not known is NULL. */
struct record_use {
	const char *group; /* that the location or the client needs */
	bool withheld; /* a good token, without that group */
	/* api.conf asks for what there is not (misnomer.h): word, or NULL. */
	const char *misnomer;
};

/* Of a judgement where group is needed; NULL: none is. */
struct record_use record_use_of(
    const struct portvakt_result *result, const char *group);

/*
 * Records the judgement of errand->result. True: the answer can be given.
 * False: it waits until the record is kept, or was not kept, and *ret_answer
 * says so: that is for clients whose every use is recorded.
 */
bool record_judgement(struct api *api, const struct api_client *client,
    struct errand *errand, const struct question *question,
    const struct record_use *use, struct answer *ret_answer);

/* A token that was asked for. */
struct record_token {
	const char *action; /* "token" or "exchange" */
	const char *issuer;
	const char *target;
	const json_t *resources; /* an array of texts, or NULL */
	const json_t *details; /* authorization_details, or NULL */
	const char *result; /* "allow", "deny", "outage" */
	const char *reason;
};

/*
 * Of one that is not given: when there is time, or as record_judgement() for
 * clients whose every use is recorded.
 */
bool record_not_given(struct api *api, const struct api_client *client,
    struct errand *errand, const struct record_token *token,
    struct answer *ret_answer);

/* Of one that is given, when this says true. As record_judgement(). */
bool record_given(struct api *api, const struct api_client *client,
    struct errand *errand, const struct record_token *token,
    struct answer *ret_answer);
