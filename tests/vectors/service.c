#include "tests/vectors/service.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

void
service_init(struct service *service, const char *kind, const char *issuer,
    const char *audience)
{
	static const uint8_t key[REPLAY_KEY_SIZE] = "not random, for tests";

	memset(service, 0, sizeof(*service));
	login_init(&service->login);
	service->kind = issuer_kind_find(kind);
	if (!service->kind || replay_init(&service->replay, service->slots,
				  sizeof(service->slots), key) < 0)
		errx(99, "service: %s", kind);
	service->profile = (struct issuer_profile){
	    .issuer = issuer, .test = true, .clock_skew_s = 10};
	issuer_kind_complete(service->kind, &service->profile);
	service->expectation = (struct service_expectation){
	    .profile = &service->profile,
	    .rules = &service->kind->service,
	    .keys = service->login.expectation.keys,
	    .audience = audience,
	};
}

void
service_done(struct service *service)
{
	login_done(&service->login);
}

/* Nobody's claims may be malformed before a key is looked for. */
static bool
may_differ(enum evidence_result at_once, enum evidence_result in_steps)
{
	return in_steps == EVIDENCE_CLAIMS_MALFORMED &&
	       (at_once == EVIDENCE_ALGORITHM_REFUSED ||
		   at_once == EVIDENCE_KEY_UNKNOWN ||
		   at_once == EVIDENCE_KEY_MISMATCH ||
		   at_once == EVIDENCE_SIGNATURE_BAD);
}

/* In two steps the answer is the same. A proof could be used only once. */
static void
check_in_steps(const struct service *service, const char *token, size_t size,
    int64_t now_s, enum evidence_result at_once)
{
	static struct service_reading reading;
	static struct service_token filled;
	enum evidence_result result;

	if (service->expectation.presentation ||
	    at_once == EVIDENCE_NOT_CHECKED)
		return;
	result = service_token_read(token, size, &reading, NULL);
	if (result == EVIDENCE_NOT_CHECKED)
		result = service_token_judge(
		    &reading, &service->expectation, now_s, &filled, NULL);
	if (result != at_once && !may_differ(at_once, result))
		errx(99, "service: %s at once, %s in steps",
		    evidence_result_word(at_once),
		    evidence_result_word(result));
}

enum evidence_result
service_check(const struct service *service, const char *token, size_t size,
    int64_t now_s, struct service_token *ret_token, const char **ret_detail)
{
	static struct service_token filled, untouched;
	enum evidence_result result;
	char *copy = malloc(size > 0 ? size : 1);

	if (!copy)
		errx(99, "service: no memory");
	memcpy(copy, token, size);
	memset(&filled, 0x5a, sizeof(filled));
	memset(&untouched, 0x5a, sizeof(untouched));
	result = service_token_check(
	    copy, size, &service->expectation, now_s, &filled, ret_detail);
	if (result != EVIDENCE_GOOD &&
	    memcmp(&filled, &untouched, sizeof(filled)) != 0)
		errx(99, "service: a refusal wrote a token");
	check_in_steps(service, copy, size, now_s, result);
	free(copy);
	if (result != EVIDENCE_GOOD || !ret_token)
		return result;
	*ret_token = filled;
	if (identity_copy(&filled.identity, &ret_token->identity) < 0)
		errx(99, "service: an identity that cannot be copied");
	return result;
}

enum evidence_result
service_check_payload(const struct service *service, const char *payload,
    int64_t now_s, struct service_token *ret_token, const char **ret_detail)
{
	char *token = mint_token(MINT_RS256, login_header_rs256, payload);
	enum evidence_result result = service_check(
	    service, token, strlen(token), now_s, ret_token, ret_detail);

	free(token);
	return result;
}
