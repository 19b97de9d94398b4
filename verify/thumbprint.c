#include "verify/thumbprint.h"

#include "verify/base64url.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

enum {
	SHA256_SIZE = 32,
	MEMBERS_MAX = 4,
};

/* RFC 7638 section 3.2: these, in the order of their names. */
static const struct {
	const char *type;
	const char *members[MEMBERS_MAX];
} key_types[] = {
    {"EC", {"crv", "kty", "x", "y"}},
    {"RSA", {"e", "kty", "n", NULL}},
};

static void
free_hash(EVP_MD_CTX **hash)
{
	EVP_MD_CTX_free(*hash);
}

/* What the members of a key are made of, and JSON writes without escapes. */
static bool
is_plain(struct slice text)
{
	size_t i;

	for (i = 0; i < text.size; i++) {
		char c = text.at[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= 'a' && c <= 'z') && c != '-' && c != '_')
			return false;
	}
	return text.size > 0;
}

static int
add(EVP_MD_CTX *hash, struct slice text)
{
	return EVP_DigestUpdate(hash, text.at, text.size) == 1 ? 0 : -ENOMEM;
}

static int
add_member(EVP_MD_CTX *hash, const struct json *json,
    const struct json_node *node, const char *name, bool is_first)
{
	const struct json_node *value = json_member(json, node, name);
	struct slice text;

	if (!value || json_get_text(json, value, &text) < 0 || !is_plain(text))
		return -ENOKEY;
	if (add(hash, slice_of(is_first ? "{\"" : ",\"")) < 0 ||
	    add(hash, slice_of(name)) < 0 || add(hash, slice_of("\":\"")) < 0 ||
	    add(hash, text) < 0 || add(hash, slice_of("\"")) < 0)
		return -ENOMEM;
	return 0;
}

static const char *const *
members_of(const struct json *json, const struct json_node *node)
{
	const struct json_node *value = json_member(json, node, "kty");
	struct slice type;
	size_t i;

	if (!value || json_get_text(json, value, &type) < 0)
		return NULL;
	for (i = 0; i < sizeof(key_types) / sizeof(*key_types); i++) {
		if (slice_equal(type, key_types[i].type))
			return key_types[i].members;
	}
	return NULL;
}

static void
write_digest(const uint8_t *digest, char ret_thumbprint[static THUMBPRINT_SIZE])
{
	base64url_encode(digest, SHA256_SIZE, ret_thumbprint);
	ret_thumbprint[THUMBPRINT_SIZE - 1] = '\0';
}

int
thumbprint_of_jwk(const struct json *json, const struct json_node *node,
    char ret_thumbprint[THUMBPRINT_SIZE])
{
	__attribute__((cleanup(free_hash))) EVP_MD_CTX *hash = NULL;
	const char *const *members = members_of(json, node);
	uint8_t digest[SHA256_SIZE];
	size_t i;
	int r;

	if (!members)
		return -ENOKEY;
	hash = EVP_MD_CTX_new();
	if (!hash || EVP_DigestInit_ex2(hash, EVP_sha256(), NULL) != 1)
		return -ENOMEM;
	for (i = 0; i < MEMBERS_MAX && members[i]; i++) {
		r = add_member(hash, json, node, members[i], i == 0);
		if (r < 0)
			return r;
	}
	if (add(hash, slice_of("}")) < 0 ||
	    EVP_DigestFinal_ex(hash, digest, NULL) != 1)
		return -ENOMEM;
	write_digest(digest, ret_thumbprint);
	return 0;
}

int
thumbprint_of_bytes(
    const void *bytes, size_t size, char ret_thumbprint[THUMBPRINT_SIZE])
{
	uint8_t digest[SHA256_SIZE];

	if (EVP_Digest(bytes, size, digest, NULL, EVP_sha256(), NULL) != 1)
		return -ENOMEM;
	write_digest(digest, ret_thumbprint);
	return 0;
}

bool
thumbprint_is_valid(struct slice text)
{
	uint8_t digest[SHA256_SIZE];
	size_t size;

	return text.size == THUMBPRINT_SIZE - 1 &&
	       base64url_decode(
		   text.at, text.size, sizeof(digest), digest, &size) == 0;
}
