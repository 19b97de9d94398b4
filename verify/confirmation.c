#include "verify/confirmation.h"

#include "verify/base64url.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

static struct objection
get_member(const struct json *json, const struct json_node *object,
    const char *name, char ret_thumbprint[static THUMBPRINT_SIZE],
    uint32_t *count)
{
	const struct json_node *node = json_member(json, object, name);
	struct slice text;

	if (!node)
		return no_objection();
	if (json_get_text(json, node, &text) < 0 || !thumbprint_is_valid(text))
		return objection(EVIDENCE_CLAIMS_MALFORMED, "cnf");
	memcpy(ret_thumbprint, text.at, text.size);
	++*count;
	return no_objection();
}

struct objection
confirmation_get(const struct json *json, struct confirmation *ret_confirmation)
{
	const struct json_node *node = json_member(json, json->nodes, "cnf");
	struct confirmation confirmation = {"", ""};
	struct objection found;
	uint32_t count = 0;

	if (node && (node->kind != JSON_KIND_OBJECT || node->size == 0))
		return objection(EVIDENCE_CLAIMS_MALFORMED, "cnf");
	if (node) {
		found = get_member(json, node, "jkt", confirmation.jkt, &count);
		if (!is_objection(found))
			found = get_member(json, node, "x5t#S256",
			    confirmation.x5t_s256, &count);
		if (is_objection(found))
			return found;
		if (node->size != count)
			return objection(EVIDENCE_PROOF_UNSUPPORTED, "cnf");
	}
	*ret_confirmation = confirmation;
	return no_objection();
}

bool
confirmation_is_bound(const struct confirmation *confirmation)
{
	return *confirmation->jkt || *confirmation->x5t_s256;
}

/* RFC 8705 section 3.1. */
static struct objection
check_certificate(const char *wanted, const uint8_t *digest)
{
	char presented[THUMBPRINT_SIZE] = "";

	if (!digest)
		return objection(EVIDENCE_CERTIFICATE_MISSING, "x5t#S256");
	base64url_encode(digest, CERTIFICATE_SHA256_SIZE, presented);
	if (!slice_equal_secret(slice_of(presented), wanted))
		return objection(EVIDENCE_CERTIFICATE_WRONG, "x5t#S256");
	return no_objection();
}

/* RFC 9449 section 7.1 and 7.2: no downgrade, in neither direction. */
static struct objection
check_scheme(const struct confirmation *confirmation,
    const struct presentation *presentation)
{
	switch (presentation->scheme) {
	case PRESENTED_AS_BEARER:
		if (!*confirmation->jkt)
			return no_objection();
		break;
	case PRESENTED_AS_DPOP:
		if (*confirmation->jkt)
			return no_objection();
		break;
	}
	return objection(EVIDENCE_SCHEME_WRONG, "scheme");
}

static struct objection
check_presentation(const struct confirmation *confirmation,
    const struct presentation *presentation)
{
	if (*confirmation->jkt && !presentation->dpop)
		return objection(EVIDENCE_PROOF_MISSING, "jkt");
	if (*confirmation->x5t_s256) {
		struct objection found = check_certificate(
		    confirmation->x5t_s256, presentation->certificate_sha256);

		if (is_objection(found))
			return found;
	}
	return check_scheme(confirmation, presentation);
}

enum evidence_result
confirmation_check(const struct confirmation *confirmation,
    const struct presentation *presentation, const char *token, size_t size,
    int64_t now_s, const char **ret_detail)
{
	static const struct presentation bearer = {
	    .scheme = PRESENTED_AS_BEARER};
	struct objection found;

	if (!presentation)
		presentation = &bearer;
	if (presentation->confirmed)
		return EVIDENCE_GOOD;
	found = check_presentation(confirmation, presentation);
	if (is_objection(found)) {
		if (ret_detail)
			*ret_detail = found.detail;
		return found.result;
	}
	if (!*confirmation->jkt)
		return EVIDENCE_GOOD;
	return dpop_check(presentation->dpop, confirmation->jkt, token, size,
	    now_s, ret_detail);
}

int
confirmation_hash_certificate(
    const void *der, size_t size, uint8_t ret_digest[CERTIFICATE_SHA256_SIZE])
{
	if (EVP_Digest(der, size, ret_digest, NULL, EVP_sha256(), NULL) != 1)
		return -ENOMEM;
	return 0;
}
