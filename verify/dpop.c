#include "verify/dpop.h"

#include "verify/http_uri.h"
#include "verify/jose_header.h"
#include "verify/json.h"
#include "verify/jwk.h"
#include "verify/jws.h"

#include <errno.h>
#include <string.h>

enum {
	NODES_MAX = 128,
};

/* A check's working memory: the header's JSON and then the claims'. */
struct proof {
	struct jws jws;
	struct json json;
	struct json_node nodes[NODES_MAX];
};

struct proof_claims {
	struct slice id;
	struct slice method;
	struct slice uri;
	struct slice token_hash;
	struct slice nonce; /* at == NULL: there is none */
	int64_t issued_at_s;
};

static void
done_jwk(struct jwk *jwk)
{
	jwk_done(jwk);
}

static struct objection
bad(const char *name)
{
	return objection(EVIDENCE_PROOF_BAD, name);
}

/* The key of the token is the one it is bound to: looked at before it is made
 * one, because that is what costs. */
static struct objection
check_key(const struct proof *proof, unsigned int algorithm, const char *jkt)
{
	__attribute__((cleanup(done_jwk))) struct jwk key = {0};
	const struct json_node *node =
	    json_member(&proof->json, proof->json.nodes, "jwk");
	char thumbprint[THUMBPRINT_SIZE];

	if (!node || thumbprint_of_jwk(&proof->json, node, thumbprint) < 0 ||
	    !slice_equal_secret(slice_of(thumbprint), jkt) ||
	    jwk_init_alone(&key, &proof->json, node) < 0)
		return bad("jwk");
	if (!(key.algorithms & algorithm))
		return bad("alg");
	if (!jwk_verify(&key, (enum evidence_algorithm)algorithm,
		proof->jws.signing_input, proof->jws.signing_input_size,
		proof->jws.signature, proof->jws.signature_size))
		return bad("signature");
	return no_objection();
}

static struct objection
check_header(struct proof *proof, const char *jkt)
{
	struct jose_header header;
	struct objection found;

	if (json_read(proof->jws.header, proof->jws.header_size, proof->nodes,
		NODES_MAX, &proof->json) < 0)
		return bad("header");
	found = jose_header_get(&proof->json, JOSE_DPOP_PROOF, &header);
	if (is_objection(found))
		return bad(found.detail);
	if (header.algorithm == 0)
		return bad("alg");
	return check_key(proof, header.algorithm, jkt);
}

static int
get_text(const struct json *json, const char *name, size_t size_max,
    struct slice *ret_text)
{
	const struct json_node *node = json_member(json, json->nodes, name);

	if (!node || json_get_text(json, node, ret_text) < 0 ||
	    ret_text->size > size_max || !slice_is_printable(*ret_text))
		return -EBADMSG;
	return 0;
}

static struct objection
get_texts(const struct json *json, struct proof_claims *claims)
{
	const struct {
		const char *name;
		size_t size_max;
		struct slice *ret_text;
	} texts[] = {
	    {"jti", DPOP_ID_SIZE_MAX, &claims->id},
	    {"htm", DPOP_PROOF_SIZE_MAX, &claims->method},
	    {"htu", DPOP_URI_SIZE_MAX, &claims->uri},
	    {"ath", THUMBPRINT_SIZE - 1, &claims->token_hash},
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (get_text(json, texts[i].name, texts[i].size_max,
			texts[i].ret_text) < 0)
			return bad(texts[i].name);
	}
	claims->nonce = (struct slice){NULL, 0};
	if (json_member(json, json->nodes, "nonce") &&
	    get_text(json, "nonce", DPOP_PROOF_SIZE_MAX, &claims->nonce) < 0)
		return bad("nonce");
	return no_objection();
}

static struct objection
get_claims(struct proof *proof, struct proof_claims *ret_claims)
{
	const struct json_node *node;
	uint64_t issued_at_s;

	if (json_read(proof->jws.payload, proof->jws.payload_size, proof->nodes,
		NODES_MAX, &proof->json) < 0)
		return bad("payload");
	node = json_member(&proof->json, proof->json.nodes, "iat");
	if (!node || json_get_unsigned(&proof->json, node, &issued_at_s) < 0 ||
	    issued_at_s > UINT32_MAX)
		return bad("iat");
	ret_claims->issued_at_s = (int64_t)issued_at_s;
	return get_texts(&proof->json, ret_claims);
}

static bool
is_same_uri(struct slice named, const char *wanted)
{
	char a[DPOP_URI_SIZE_MAX], b[DPOP_URI_SIZE_MAX];

	return http_uri_normalize(named, a, sizeof(a)) == 0 &&
	       http_uri_normalize(slice_of(wanted), b, sizeof(b)) == 0 &&
	       strcmp(a, b) == 0;
}

/* RFC 9449 section 4.3, points 8 to 12; section 7.1 for ath. */
static struct objection
judge(const struct dpop_request *request, const struct proof_claims *claims,
    struct slice token, int64_t now_s)
{
	char hash[THUMBPRINT_SIZE];

	if (!slice_equal(claims->method, request->method))
		return bad("htm");
	if (!is_same_uri(claims->uri, request->uri))
		return bad("htu");
	if (thumbprint_of_bytes(token.at, token.size, hash) < 0 ||
	    !slice_equal_secret(claims->token_hash, hash))
		return bad("ath");
	if (request->nonce &&
	    (!claims->nonce.at ||
		!slice_equal_secret(claims->nonce, request->nonce)))
		return objection(EVIDENCE_PROOF_NONCE, "nonce");
	if (claims->issued_at_s > now_s + request->window_s ||
	    claims->issued_at_s < now_s - request->window_s ||
	    claims->issued_at_s < request->remembered_since_s)
		return objection(EVIDENCE_PROOF_STALE, "iat");
	return no_objection();
}

/* Section 11.1: until it would be stale. */
static struct objection
use_up(const struct dpop_request *request, const struct proof_claims *claims,
    const char *jkt, int64_t now_s)
{
	int r = replay_remember(request->replay, slice_of(jkt), claims->id,
	    claims->issued_at_s + request->window_s + 1, now_s);

	if (r == -EEXIST)
		return objection(EVIDENCE_PROOF_REPLAYED, "jti");
	if (r < 0)
		return objection(EVIDENCE_PROOF_OVERLOAD, "jti");
	return no_objection();
}

static struct objection
examine(const struct dpop_request *request, const char *jkt, struct slice token,
    int64_t now_s, struct proof *proof)
{
	struct proof_claims claims;
	struct objection found;

	if (request->proof_size > DPOP_PROOF_SIZE_MAX ||
	    jws_split(request->proof, request->proof_size, &proof->jws) < 0)
		return bad("proof");
	found = check_header(proof, jkt);
	if (is_objection(found))
		return found;
	found = get_claims(proof, &claims);
	if (is_objection(found))
		return found;
	found = judge(request, &claims, token, now_s);
	if (is_objection(found))
		return found;
	return use_up(request, &claims, jkt, now_s);
}

bool
dpop_request_is_usable(const struct dpop_request *request)
{
	return request->proof && request->method && *request->method &&
	       request->uri && (!request->nonce || *request->nonce) &&
	       request->window_s >= 1 &&
	       request->window_s <= DPOP_WINDOW_MAX_S && request->replay;
}

enum evidence_result
dpop_check(const struct dpop_request *request, const char *jkt,
    const char *token, size_t token_size, int64_t now_s,
    const char **ret_detail)
{
	const struct slice presented = {token, token_size};
	struct objection found;
	struct proof proof;

	if (!dpop_request_is_usable(request)) {
		if (ret_detail)
			*ret_detail = "request";
		return EVIDENCE_NOT_CHECKED;
	}
	found = examine(request, jkt, presented, now_s, &proof);
	if (!is_objection(found))
		return EVIDENCE_GOOD;
	if (ret_detail)
		*ret_detail = found.detail;
	return found.result;
}
