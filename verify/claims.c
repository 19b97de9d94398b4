#include "verify/claims.h"

/* The last second of the year 9999: nothing added to it can overflow. */
static const uint64_t time_max_s = UINT64_C(253402300799);

static struct objection
malformed(const char *name)
{
	return objection(EVIDENCE_CLAIMS_MALFORMED, name);
}

/* Printable ASCII, as OIDC Core 2 has it for sub; what goes into an audit. */
static struct objection
get_printable(const struct json *json, const char *name, size_t size_max,
    struct slice *ret_text)
{
	const struct json_node *node = json_member(json, json->nodes, name);
	struct slice text;

	ret_text->at = NULL;
	ret_text->size = 0;
	if (!node)
		return no_objection();
	if (json_get_text(json, node, &text) < 0 || text.size > size_max ||
	    !slice_is_printable(text))
		return malformed(name);
	*ret_text = text;
	return no_objection();
}

/* RFC 7519 would let a NumericDate have fractions; no issuer of ours does. */
static struct objection
get_time(const struct json *json, const char *name, int64_t *ret_time_s)
{
	const struct json_node *node = json_member(json, json->nodes, name);
	uint64_t value;

	*ret_time_s = CLAIMS_TIME_ABSENT;
	if (!node)
		return no_objection();
	if (json_get_unsigned(json, node, &value) < 0 || value > time_max_s)
		return malformed(name);
	*ret_time_s = (int64_t)value;
	return no_objection();
}

static struct objection
add_audience(const struct json *json, const struct json_node *node,
    struct claims *claims)
{
	if (claims->audiences_count == EVIDENCE_AUDIENCES_MAX ||
	    json_get_text(
		json, node, &claims->audiences[claims->audiences_count]) < 0)
		return malformed("aud");
	claims->audiences_count++;
	return no_objection();
}

/* One text or an array of them (RFC 7519 section 4.1.3). */
static struct objection
get_audiences(const struct json *json, struct claims *claims)
{
	const struct json_node *node = json_member(json, json->nodes, "aud");
	const struct json_node *element = NULL;
	struct objection found = no_objection();

	claims->audiences_count = 0;
	if (!node)
		return found;
	if (node->kind != JSON_KIND_ARRAY)
		return add_audience(json, node, claims);
	while (!is_objection(found) &&
	       (element = json_element(json, node, element)))
		found = add_audience(json, element, claims);
	if (!is_objection(found) && claims->audiences_count == 0)
		return malformed("aud");
	return found;
}

/* Any text: whether it is a number of somebody is judged later. */
static struct objection
get_person_number(const struct json *json, struct claims *claims)
{
	const struct json_node *node = json_member(json, json->nodes, "pid");

	claims->person_number.at = NULL;
	claims->person_number.size = 0;
	if (node && json_get_text(json, node, &claims->person_number) < 0)
		return malformed("pid");
	return no_objection();
}

static struct objection
get_texts(const struct json *json, struct claims *claims)
{
	const struct {
		const char *name;
		size_t size_max;
		struct slice *ret_text;
	} texts[] = {
	    {"iss", IDENTITY_TOKEN_SIZE_MAX, &claims->issuer},
	    {"sub", IDENTITY_SUBJECT_SIZE - 1, &claims->subject},
	    {"azp", IDENTITY_TOKEN_SIZE_MAX, &claims->authorized_party},
	    {"nonce", IDENTITY_TOKEN_SIZE_MAX, &claims->nonce},
	    {"acr", IDENTITY_ACR_SIZE - 1, &claims->acr},
	};
	struct objection found = no_objection();
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		found = get_printable(
		    json, texts[i].name, texts[i].size_max, texts[i].ret_text);
		if (is_objection(found))
			break;
	}
	return found;
}

static struct objection
get_times(const struct json *json, struct claims *claims)
{
	const struct {
		const char *name;
		int64_t *ret_time_s;
	} times[] = {
	    {"exp", &claims->expires_at_s},
	    {"iat", &claims->issued_at_s},
	    {"nbf", &claims->not_before_s},
	    {"auth_time", &claims->authenticated_at_s},
	};
	struct objection found = no_objection();
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(*times); i++) {
		found = get_time(json, times[i].name, times[i].ret_time_s);
		if (is_objection(found))
			break;
	}
	return found;
}

struct objection
claims_get(const struct json *json, struct claims *ret_claims)
{
	struct objection found;

	if (json->nodes->kind != JSON_KIND_OBJECT)
		return malformed("payload");
	found = get_texts(json, ret_claims);
	if (is_objection(found))
		return found;
	found = get_times(json, ret_claims);
	if (is_objection(found))
		return found;
	found = get_audiences(json, ret_claims);
	if (is_objection(found))
		return found;
	return get_person_number(json, ret_claims);
}

bool
claims_have_audience(const struct claims *claims, const char *audience)
{
	size_t i;

	for (i = 0; i < claims->audiences_count; i++) {
		if (slice_equal(claims->audiences[i], audience))
			return true;
	}
	return false;
}
