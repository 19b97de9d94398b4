#include "verify/portvakt_private.h"

#include "lib/paths.h"
#include "verify/judge.h"
#include "verify/link_source.h"
#include "verify/trust_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

enum { PROOF_MEMORY_BYTES = 1 << 20 }; /* 8 for each, for two minutes */

struct portvakt {
	struct trust_source source;
	struct judge judge;
	struct link_source links;
	struct inquiry_proofs proofs;
	void
	    *memory; /* of the proofs, shared with processes forked from here */
};

static int64_t
clock_s(clockid_t id)
{
	struct timespec now = {0};

	(void)clock_gettime(id, &now);
	return now.tv_sec;
}

static int
init_proofs(struct portvakt *portvakt)
{
	uint8_t key[REPLAY_KEY_SIZE];
	void *memory;

	if (getrandom(key, sizeof(key), GRND_NONBLOCK) != (ssize_t)sizeof(key))
		return -EAGAIN;
	memory = mmap(NULL, PROOF_MEMORY_BYTES, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return -ENOMEM;
	portvakt->memory = memory;
	portvakt->proofs.since_s = clock_s(CLOCK_REALTIME_COARSE);
	return replay_init(
	    &portvakt->proofs.replay, memory, PROOF_MEMORY_BYTES, key);
}

static int
init(struct portvakt *portvakt, const char *path)
{
	int error;

	error =
	    trust_source_init(&portvakt->source, path ? path : PORTVAKT_TRUST);
	if (error)
		return error;
	error = judge_init(&portvakt->judge);
	if (!error)
		error = link_source_init(&portvakt->links);
	if (!error)
		error = portvakt_set_api(portvakt, PORTVAKT_API_SOCKET);
	if (error)
		return error;
	return init_proofs(portvakt);
}

int
portvakt_open(const char *path, struct portvakt **ret_portvakt)
{
	struct portvakt *portvakt = calloc(1, sizeof(*portvakt));
	int error;

	if (!portvakt)
		return -ENOMEM;
	error = init(portvakt, path);
	if (error) {
		portvakt_close(portvakt);
		return error;
	}
	*ret_portvakt = portvakt;
	return 0;
}

void
portvakt_close(struct portvakt *portvakt)
{
	if (!portvakt)
		return;
	judge_done(&portvakt->judge);
	link_source_done(&portvakt->links);
	trust_source_done(&portvakt->source);
	if (portvakt->memory)
		(void)munmap(portvakt->memory, PROOF_MEMORY_BYTES);
	free(portvakt);
}

/* Before each question. */
static void
refresh(struct portvakt *portvakt, int64_t boot_s)
{
	if (trust_source_refresh(&portvakt->source, boot_s))
		judge_take_trust(&portvakt->judge, portvakt->source.trust);
}

static enum portvakt_reason
reason_of_source(int error)
{
	switch (-error) {
	case ENOENT:
		return PORTVAKT_NO_TRUST_IMAGE;
	case EACCES:
	case EPERM:
		return PORTVAKT_NO_ACCESS_TO_IMAGE;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return PORTVAKT_NO_MEMORY;
	default:
		return PORTVAKT_TRUST_IMAGE_BAD;
	}
}

static struct portvakt_result *
answer(struct portvakt *portvakt, struct inquiry *inquiry,
    const struct portvakt_options *options, bool confirmed)
{
	portvakt->judge.known = false;
	if (inquiry_begin(inquiry, &portvakt->proofs, options) < 0)
		return result_new_refusal(PORTVAKT_NOT_JUDGED, "options");
	inquiry->presentation.confirmed = confirmed;
	inquiry->now_s = clock_s(CLOCK_REALTIME_COARSE);
	inquiry->boot_s = clock_s(CLOCK_BOOTTIME);
	refresh(portvakt, inquiry->boot_s);
	if (!portvakt->source.trust)
		return result_new_refusal(
		    reason_of_source(portvakt->source.error), NULL);
	return judge_answer(&portvakt->judge, inquiry);
}

bool
portvakt_verify_presented(struct portvakt *portvakt,
    const struct portvakt_presented *presented, const char *audience,
    const struct portvakt_options *options, struct portvakt_result **ret_result)
{
	struct portvakt_result *result;
	struct inquiry inquiry;
	bool good;

	inquiry.token = (struct slice){presented->token, presented->token_size};
	inquiry.answer =
	    (struct slice){presented->answer, presented->answer_size};
	inquiry.answerer = presented->issuer;
	inquiry.audience = audience;
	result = answer(portvakt, &inquiry, options, presented->confirmed);
	good = portvakt_result_verdict(result) == PORTVAKT_VERDICT_GOOD;
	if (ret_result)
		*ret_result = result;
	else
		portvakt_result_free(result);
	return good;
}

bool
portvakt_verify(struct portvakt *portvakt, const char *token, size_t size,
    const char *audience, const struct portvakt_options *options,
    struct portvakt_result **ret_result)
{
	const struct portvakt_presented presented = {
	    .token = token, .token_size = size};

	return portvakt_verify_presented(
	    portvakt, &presented, audience, options, ret_result);
}

int
portvakt_set_api(struct portvakt *portvakt, const char *path)
{
	const struct linker own = {link_source_find, &portvakt->links};
	int error = link_source_set_path(&portvakt->links, path);

	if (!error)
		judge_set_linker(&portvakt->judge, path ? &own : NULL);
	return error;
}

void
portvakt_set_linker(struct portvakt *portvakt, const struct linker *linker)
{
	judge_set_linker(&portvakt->judge, linker);
}

bool
portvakt_was_known(const struct portvakt *portvakt)
{
	return portvakt->judge.known;
}

int
portvakt_groups_count(struct portvakt *portvakt)
{
	refresh(portvakt, clock_s(CLOCK_BOOTTIME));
	return portvakt->source.trust
		   ? (int)trust_policy(portvakt->source.trust)->groups_count
		   : portvakt->source.error;
}

static const struct policy_group *
group_at(const struct portvakt *portvakt, size_t index)
{
	const struct policy *policy;

	if (!portvakt->source.trust)
		return NULL;
	policy = trust_policy(portvakt->source.trust);
	return index < policy->groups_count ? &policy->groups[index] : NULL;
}

const char *
portvakt_group_name(const struct portvakt *portvakt, size_t index)
{
	const struct policy_group *group = group_at(portvakt, index);

	return group ? group->name : NULL;
}

const char *
portvakt_group_title(const struct portvakt *portvakt, size_t index)
{
	const struct policy_group *group = group_at(portvakt, index);

	return group ? group->title : NULL;
}

uint32_t
portvakt_group_gid(const struct portvakt *portvakt, size_t index)
{
	const struct policy_group *group = group_at(portvakt, index);

	return group ? group->gid : 0;
}

/* The trust image of this moment, or NULL with the error of looking for it. */
static const struct trust *
current_trust(struct portvakt *portvakt, int *ret_error)
{
	refresh(portvakt, clock_s(CLOCK_BOOTTIME));
	*ret_error = portvakt->source.trust ? 0 : portvakt->source.error;
	return portvakt->source.trust;
}

int
portvakt_knows_group(struct portvakt *portvakt, const char *name)
{
	int error;
	const struct trust *trust = current_trust(portvakt, &error);

	if (!trust)
		return error;
	return policy_group_by_name(trust_policy(trust), name) != NULL;
}

int
portvakt_knows_issuer(struct portvakt *portvakt, const char *name)
{
	int error;
	const struct trust *trust = current_trust(portvakt, &error);

	return trust ? trust_issuer_by_name(trust, name) != NULL : error;
}

int
portvakt_knows_level(
    struct portvakt *portvakt, const char *name, const char *level)
{
	const struct trust_issuer *issuer;
	const struct trust *trust;
	int error;
	size_t i;

	trust = current_trust(portvakt, &error);
	for (i = 0; trust && i < trust_issuers_count(trust); i++) {
		issuer = trust_issuer_at(trust, i);
		if ((!name || strcmp(issuer->name, name) == 0) &&
		    judge_level_rank(issuer, level) > 0)
			return 1;
	}
	return error;
}
