#include "verify/introspection.h"

#include "verify/service_claims.h"

#include <string.h>

_Static_assert(sizeof(((struct jws *)NULL)->storage) >= INTROSPECTION_SIZE_MAX,
    "it is read where a payload is");

static struct objection
check_active(const struct json *json)
{
	const struct json_node *node = json_member(json, json->nodes, "active");

	if (!node)
		return objection(EVIDENCE_CLAIM_MISSING, "active");
	if (node->kind == JSON_KIND_TRUE)
		return no_objection();
	if (node->kind == JSON_KIND_FALSE)
		return objection(EVIDENCE_INACTIVE, "active");
	return objection(EVIDENCE_CLAIMS_MALFORMED, "active");
}

static bool
is_one_of(const struct json *json, const char *name, const char *const words[2])
{
	const struct json_node *node = json_member(json, json->nodes, name);
	struct slice text;

	return node && json_get_text(json, node, &text) == 0 &&
	       (slice_equal_nocase(text, words[0]) ||
		   slice_equal_nocase(text, words[1]));
}

/* RFC 6749 section 7.1; a refresh token has no such type. */
static struct objection
check_type(const struct json *json)
{
	static const char *const types[2] = {"Bearer", "DPoP"};

	if (json_member(json, json->nodes, "token_type"))
		return is_one_of(json, "token_type", types)
			   ? no_objection()
			   : objection(EVIDENCE_TYPE_REFUSED, "token_type");
	return is_one_of(json, "typ", types)
		   ? no_objection()
		   : objection(EVIDENCE_CLAIM_MISSING, "token_type");
}

/* Claims as a payload's, under a header that says nothing. */
static struct objection
read_answer(struct slice answer, struct signed_token *read)
{
	memset(&read->header, 0, sizeof(read->header));
	memcpy(read->jws.storage, answer.at, answer.size);
	read->jws.payload = read->jws.storage;
	read->jws.payload_size = answer.size;
	return signed_token_read(read);
}

static struct objection
examine(struct signed_token *read, struct slice presented,
    const struct service_expectation *expectation, int64_t now_s,
    struct service_token *ret_token)
{
	struct objection found;

	found = check_active(&read->json);
	if (is_objection(found))
		return found;
	found = check_type(&read->json);
	if (is_objection(found))
		return found;
	if (!read->claims.issuer.at)
		read->claims.issuer = slice_of(expectation->profile->issuer);
	return service_claims_judge(
	    read, presented, expectation, now_s, ret_token);
}

static enum evidence_result
refuse(enum evidence_result result, const char *detail, const char **ret_detail)
{
	if (ret_detail)
		*ret_detail = detail;
	return result;
}

enum evidence_result
introspection_check(struct slice answer, struct slice presented,
    const struct service_expectation *expectation, int64_t now_s,
    struct service_token *ret_token, const char **ret_detail)
{
	struct signed_token read;
	struct objection found;

	if (!service_expectation_is_usable(expectation))
		return refuse(EVIDENCE_NOT_CHECKED, "expectation", ret_detail);
	if (presented.size == 0)
		return refuse(EVIDENCE_MALFORMED, "token", ret_detail);
	if (answer.size > INTROSPECTION_SIZE_MAX)
		return refuse(EVIDENCE_TOO_LARGE, "answer", ret_detail);
	found = read_answer(answer, &read);
	if (!is_objection(found))
		found =
		    examine(&read, presented, expectation, now_s, ret_token);
	signed_token_wipe(&read, answer.size);
	return is_objection(found)
		   ? refuse(found.result, found.detail, ret_detail)
		   : EVIDENCE_GOOD;
}
