#include "broker/api/opaque.h"

#include "broker/api/opaque_cache.h"
#include "broker/clock.h"
#include "lib/service_protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two dots make three parts; whatever has them is judged as such. */
static bool
is_opaque(const char *token, size_t size)
{
	const char *end = token + size;
	const char *dot = memchr(token, '.', size);

	return size > 0 &&
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
	if (errand->replies[ERRAND_INTROSPECT].state == ERRAND_UNASKED)
		metrics_add(api->metrics, api->worker, METRICS_OPAQUE, 1);
	reply = errand_ask(errand, ERRAND_INTROSPECT, make_question(&key),
	    SERVICE_DEADLINE_MS);
	return reply ? take_reply(api, &key, errand, reply) : OPAQUE_WAITS;
}
