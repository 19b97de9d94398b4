#include "broker/api/errand.h"

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

const struct errand_reply *
errand_ask(struct errand *errand, enum errand_kind kind, json_t *question,
    int deadline_ms)
{
	static const struct errand_reply outage = {.state = ERRAND_SETTLED};
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
		upstream_drop(errand->upstream, errand->replies[i].id);
		settle(&errand->replies[i], NULL);
	}
}

void
errand_done(struct errand *errand)
{
	size_t i;

	for (i = 0; i < ERRAND_KINDS; i++) {
		if (errand->replies[i].state == ERRAND_WAITS)
			upstream_drop(errand->upstream, errand->replies[i].id);
		json_decref(errand->replies[i].answer);
	}
	portvakt_result_free(errand->result);
	*errand = (struct errand){0};
}
