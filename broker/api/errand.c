#include "broker/api/errand.h"

#include <stdlib.h>
#include <string.h>

static void
settle(struct errand_reply *reply, json_t *answer)
{
	struct errand *errand = reply->errand;

	reply->state = ERRAND_SETTLED;
	reply->answer = json_incref(answer);
	errand->waiting--;
	if (errand->waiting == 0)
		errand->wake(errand->userdata);
}

static void
on_answer(json_t *answer, void *userdata)
{
	settle(userdata, answer);
}

static const struct errand_reply outage = {.state = ERRAND_SETTLED};

const struct errand_reply *
errand_ask(struct errand *errand, enum errand_kind kind, json_t *question,
    int deadline_ms)
{
	struct errand_reply *reply;

	if (!errand || !question) {
		json_decref(question);
		return &outage;
	}
	reply = &errand->replies[kind];
	if (reply->state != ERRAND_UNASKED) {
		json_decref(question);
		return reply->state == ERRAND_SETTLED ? reply : NULL;
	}
	reply->errand = errand;
	reply->state = ERRAND_SETTLED;
	if (errand->abandoned) {
		json_decref(question);
		return reply;
	}
	if (upstream_ask(errand->upstream, question, deadline_ms, on_answer,
		reply, &reply->id) < 0)
		return reply;
	reply->state = ERRAND_WAITS;
	errand->waiting++;
	return NULL;
}

const struct errand_reply *
errand_join(
    struct errand *errand, enum errand_kind kind, struct errand_share *share)
{
	struct errand_reply *reply = &errand->replies[kind];

	if (reply->state == ERRAND_WAITS)
		return NULL;
	if (reply->state == ERRAND_SETTLED || errand->abandoned)
		return reply->state == ERRAND_SETTLED ? reply : &outage;
	*reply = (struct errand_reply){.state = ERRAND_WAITS,
	    .errand = errand,
	    .share = share,
	    .next = share->first,
	    .prior = &share->first};
	if (reply->next)
		reply->next->prior = &reply->next;
	share->first = reply;
	errand->waiting++;
	return NULL;
}

static void
leave(struct errand_reply *reply)
{
	*reply->prior = reply->next;
	if (reply->next)
		reply->next->prior = reply->prior;
	reply->prior = NULL;
}

/* What it waited for is nobody's any more, or others wait on. */
static void
drop(struct errand_reply *reply)
{
	struct errand_share *share = reply->share;

	if (!reply->prior) {
		upstream_drop(reply->errand->upstream, reply->id);
		return;
	}
	leave(reply);
	if (!share->first && share->deserted)
		share->deserted(share);
}

void
errand_share_tell(struct errand_share *share, json_t *answer)
{
	struct errand_reply *reply;

	while ((reply = share->first) != NULL) {
		leave(reply);
		settle(reply, answer);
	}
}

bool
errand_waits(const struct errand *errand)
{
	return errand && errand->waiting > 0;
}

void
errand_abandon(struct errand *errand)
{
	size_t i;

	errand->abandoned = true;
	for (i = 0; i < ERRAND_KINDS; i++) {
		if (errand->replies[i].state != ERRAND_WAITS)
			continue;
		drop(&errand->replies[i]);
		settle(&errand->replies[i], NULL);
	}
}

void
errand_done(struct errand *errand)
{
	size_t i;

	for (i = 0; i < ERRAND_KINDS; i++) {
		if (errand->replies[i].state == ERRAND_WAITS)
			drop(&errand->replies[i]);
		json_decref(errand->replies[i].answer);
	}
	portvakt_result_free(errand->result);
	if (errand->claims)
		explicit_bzero(errand->claims, strlen(errand->claims));
	free(errand->claims);
	*errand = (struct errand){0};
}
