#include "broker/api/opaque.h"

#include "broker/api/opaque_cache.h"
#include "broker/api/request.h"
#include "broker/clock.h"
#include "lib/service_protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under way, for all who ask the same. */
struct opaque_question {
	struct opaque_question *next;
	struct opaque_question **prior; /* what points here */
	struct upstream *upstream;
	uint64_t id;
	struct opaque_key key; /* its texts: the client's, and those below */
	struct errand_share share;
	char issuer[NAME_MAX_SIZE];
	char token[];
};

/*
 * Two dots make three parts; whatever has them is judged as such. What no
 * bearer token can be is none, and no issuer is asked about it.
 */
static bool
is_opaque(const char *token, size_t size)
{
	const char *end = token + size;
	const char *dot = memchr(token, '.', size);

	return size > 0 && request_b64token(token) == size &&
	       (!dot || !memchr(dot + 1, '.', (size_t)(end - dot - 1)));
}

static bool
find_issuer(struct api *api, const struct question *question,
    char ret_name[static NAME_MAX_SIZE])
{
	const char *name;

	issuers_refresh(&api->issuers);
	name = issuers_introspecting(&api->issuers, question->options.issuer);
	if (!name)
		return false;
	(void)snprintf(ret_name, NAME_MAX_SIZE, "%s", name);
	return true;
}

static enum opaque_found
take(struct errand *errand, const char *claims)
{
	errand->claims = claims ? strdup(claims) : NULL;
	return errand->claims ? OPAQUE_CLAIMS : OPAQUE_OUTAGE;
}

/* When a good token ends; 0: it is none, or does not say. */
static int64_t
end_of(const json_t *claims)
{
	const json_t *end = json_object_get(claims, "exp");

	if (!json_is_true(json_object_get(claims, "active")) ||
	    !json_is_integer(end))
		return 0;
	return json_integer_value(end) > 0 ? json_integer_value(end) : 0;
}

static enum opaque_found
take_reply(struct api *api, const struct opaque_key *key, struct errand *errand,
    const struct errand_reply *reply)
{
	json_t *claims = json_object_get(reply->answer, "claims");
	enum opaque_found found;
	char *text;

	if (!upstream_is_good(reply->answer) || !json_is_object(claims))
		return OPAQUE_OUTAGE;
	text = json_dumps(claims, JSON_COMPACT);
	found = take(errand, text);
	errand->asked_issuer = true;
	if (text) {
		opaque_cache_keep(api->opaque, key, text, end_of(claims),
		    clock_wall_s(), clock_boot_s());
		explicit_bzero(text, strlen(text));
	}
	free(text);
	return found;
}

static json_t *
make_question(const struct opaque_key *key)
{
	return json_pack("{s:s, s:s, s:s, s:s%}", "ask", "introspect", "client",
	    key->client, "issuer", key->issuer, "token", key->token, key->size);
}

static struct opaque_question *
find_question(const struct api *api, const struct opaque_key *key)
{
	struct opaque_question *question = api->opaque_questions;

	while (question && !opaque_key_equal(&question->key, key))
		question = question->next;
	return question;
}

static void
free_question(struct opaque_question *question)
{
	*question->prior = question->next;
	if (question->next)
		question->next->prior = question->prior;
	explicit_bzero(question->token, question->key.size);
	free(question);
}

static void
desert(struct errand_share *share)
{
	struct opaque_question *question =
	    (struct opaque_question *)((char *)share -
				       offsetof(struct opaque_question, share));

	upstream_drop(question->upstream, question->id);
	free_question(question);
}

static void
on_answer(json_t *answer, void *userdata)
{
	struct opaque_question *question = userdata;

	question->share.deserted = NULL; /* it is freed here */
	errand_share_tell(&question->share, answer);
	free_question(question);
}

/* NULL: out of memory. */
static struct opaque_question *
new_question(struct api *api, const struct api_client *client,
    const struct opaque_key *key)
{
	struct opaque_question *question =
	    calloc(1, sizeof(*question) + key->size);

	if (!question)
		return NULL;
	memcpy(question->token, key->token, key->size);
	(void)snprintf(
	    question->issuer, sizeof(question->issuer), "%s", key->issuer);
	question->key = (struct opaque_key){
	    client->name, question->issuer, question->token, key->size};
	question->next = api->opaque_questions;
	question->prior = &api->opaque_questions;
	if (question->next)
		question->next->prior = &question->next;
	api->opaque_questions = question;
	return question;
}

static struct opaque_question *
put_question(struct api *api, const struct api_client *client,
    const struct opaque_key *key)
{
	struct opaque_question *question = new_question(api, client, key);

	if (!question)
		return NULL;
	question->share.deserted = desert;
	question->upstream = api->upstream;
	if (upstream_ask(api->upstream, make_question(key), SERVICE_DEADLINE_MS,
		on_answer, question, &question->id) < 0) {
		free_question(question);
		return NULL;
	}
	metrics_add(api->metrics, api->worker, METRICS_OPAQUE, 1);
	return question;
}

void
opaque_done(struct api *api)
{
	while (api->opaque_questions)
		free_question(api->opaque_questions);
}

/* The reply, NULL: it waits; one of an outage when nobody can be asked. */
static const struct errand_reply *
share_question(struct api *api, const struct api_client *client,
    struct errand *errand, const struct opaque_key *key)
{
	static const struct errand_reply outage = {.state = ERRAND_SETTLED};
	const struct errand_reply *reply = &errand->replies[ERRAND_INTROSPECT];
	struct opaque_question *question;

	if (reply->state == ERRAND_SETTLED)
		return reply;
	question = find_question(api, key);
	if (!question)
		question = put_question(api, client, key);
	return question
		   ? errand_join(errand, ERRAND_INTROSPECT, &question->share)
		   : &outage;
}

enum opaque_found
opaque_ask(struct api *api, const struct api_client *client,
    struct errand *errand, const struct question *question)
{
	const struct opaque_key key = {
	    client->name, errand->issuer, question->token, question->size};
	const struct errand_reply *reply;
	const char *kept;

	if (errand->claims)
		return OPAQUE_CLAIMS;
	/* What is too long is refused as any such token is. */
	if (!api->opaque || !is_opaque(question->token, question->size) ||
	    question->size > IDENTITY_TOKEN_SIZE_MAX ||
	    (errand->issuer[0] == '\0' &&
		!find_issuer(api, question, errand->issuer)))
		return OPAQUE_NONE;
	kept = opaque_cache_find(
	    api->opaque, &key, clock_wall_s(), clock_boot_s());
	if (kept)
		return take(errand, kept);
	reply = share_question(api, client, errand, &key);
	return reply ? take_reply(api, &key, errand, reply) : OPAQUE_WAITS;
}
