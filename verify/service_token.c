#include "verify/service_token.h"

#include "verify/service_claims.h"
#include "verify/signed_token.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Says yes, or why not; in either case the reading is over. */
static enum evidence_result
finish(struct objection found, struct service_reading *reading,
    const char **ret_detail)
{
	signed_token_wipe(&reading->token, reading->size);
	if (!is_objection(found))
		return EVIDENCE_GOOD;
	if (ret_detail)
		*ret_detail = found.detail;
	return found.result;
}

static enum evidence_result
refuse_expectation(const char **ret_detail)
{
	if (ret_detail)
		*ret_detail = "expectation";
	return EVIDENCE_NOT_CHECKED;
}

static bool
expectation_is_usable(const struct service_expectation *expectation)
{
	return expectation->keys && service_expectation_is_usable(expectation);
}

/* Of a token whose signature is good and whose claims have been read. */
static struct objection
judge(struct service_reading *reading,
    const struct service_expectation *expectation, int64_t now_s,
    struct service_token *ret_token)
{
	const struct slice presented = {reading->text, reading->size};

	return service_claims_judge(
	    &reading->token, presented, expectation, now_s, ret_token);
}

static void
start(const char *token, size_t size, struct service_reading *reading)
{
	reading->issuer = (struct slice){"", 0};
	reading->text = token;
	reading->size = size;
}

/* What nobody has signed is not parsed further than to find its key. */
static struct objection
examine(struct service_reading *reading,
    const struct service_expectation *expectation, int64_t now_s,
    struct service_token *ret_token)
{
	struct objection found;

	found = signed_token_open(
	    reading->text, reading->size, JOSE_ACCESS_TOKEN, &reading->token);
	if (is_objection(found))
		return found;
	found = signed_token_check_signature(
	    expectation->profile, expectation->keys, &reading->token);
	if (is_objection(found))
		return found;
	found = signed_token_read(&reading->token);
	if (is_objection(found))
		return found;
	return judge(reading, expectation, now_s, ret_token);
}

enum evidence_result
service_token_check(const char *token, size_t size,
    const struct service_expectation *expectation, int64_t now_s,
    struct service_token *ret_token, const char **ret_detail)
{
	struct service_reading reading;
	struct objection found;

	if (!expectation_is_usable(expectation))
		return refuse_expectation(ret_detail);
	start(token, size, &reading);
	found = examine(&reading, expectation, now_s, ret_token);
	return finish(found, &reading, ret_detail);
}

enum evidence_result
service_token_read(const char *token, size_t size,
    struct service_reading *ret_reading, const char **ret_detail)
{
	struct objection found;

	start(token, size, ret_reading);
	found = signed_token_open(
	    token, size, JOSE_ACCESS_TOKEN, &ret_reading->token);
	if (!is_objection(found))
		found = signed_token_read(&ret_reading->token);
	if (is_objection(found))
		return finish(found, ret_reading, ret_detail);
	if (ret_reading->token.claims.issuer.at)
		ret_reading->issuer = ret_reading->token.claims.issuer;
	return EVIDENCE_NOT_CHECKED;
}

enum evidence_result
service_token_judge(struct service_reading *reading,
    const struct service_expectation *expectation, int64_t now_s,
    struct service_token *ret_token, const char **ret_detail)
{
	struct objection found;

	if (!expectation_is_usable(expectation)) {
		service_reading_wipe(reading);
		return refuse_expectation(ret_detail);
	}
	found = signed_token_check_signature(
	    expectation->profile, expectation->keys, &reading->token);
	if (!is_objection(found))
		found = judge(reading, expectation, now_s, ret_token);
	return finish(found, reading, ret_detail);
}

void
service_reading_wipe(struct service_reading *reading)
{
	reading->issuer = (struct slice){"", 0};
	signed_token_wipe(&reading->token, reading->size);
}

int
service_token_issuer(
    const char *token, size_t size, char ret_issuer[IDENTITY_ISSUER_SIZE])
{
	struct json_node nodes[SIGNED_TOKEN_NODES_MAX];
	const struct json_node *node;
	struct slice issuer;
	struct json json;
	struct jws jws;
	int r;

	r = jws_split(token, size, &jws);
	if (r < 0)
		return r;
	if (json_read(jws.payload, jws.payload_size, nodes,
		SIGNED_TOKEN_NODES_MAX, &json) < 0)
		return -EBADMSG;
	node = json_member(&json, json.nodes, "iss");
	if (!node || json_get_text(&json, node, &issuer) < 0 ||
	    issuer.size >= IDENTITY_ISSUER_SIZE || !slice_is_printable(issuer))
		return -EBADMSG;
	memcpy(ret_issuer, issuer.at, issuer.size);
	ret_issuer[issuer.size] = '\0';
	return 0;
}

void
service_token_wipe(struct service_token *token)
{
	explicit_bzero(token, sizeof(*token));
}

void
service_token_wipe_checked(struct service_token *token)
{
	size_t behind = offsetof(struct service_token, subject);

	identity_wipe_copy(&token->identity);
	explicit_bzero((char *)token + behind, sizeof(*token) - behind);
}
