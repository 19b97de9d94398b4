/* Which published keys may be used: each row changes a piece of a good one. */
#include "tests/unit/unit.h"
#include "tests/vectors/mint.h"
#include "verify/jwk.h"
#include "verify/key_set.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *file;
	const char *from;
	const char *to;
	unsigned int algorithms; /* 0: left out */
} keys[] = {
    {"rsa.jwk", "\"rsa\"", "\"rsa\"", EVIDENCE_RS256},
    {"rsa.jwk", "\"alg\":\"RS256\",", "", EVIDENCE_RS256 | EVIDENCE_PS256},
    {"rsa.jwk", "RS256", "PS256", EVIDENCE_PS256},
    {"ec.jwk", "\"ec\"", "\"ec\"", EVIDENCE_ES256},
    {"ec.jwk", "\"alg\":\"ES256\",", "", EVIDENCE_ES256},

    /* alg: of the key's type, and one of ours */
    {"rsa.jwk", "RS256", "ES256", 0},
    {"rsa.jwk", "RS256", "RS512", 0},
    {"rsa.jwk", "RS256", "RSA-OAEP", 0},
    {"rsa.jwk", "RS256", "none", 0},
    {"rsa.jwk", "RS256", "rs256", 0},
    {"rsa.jwk", "RS256", "", 0},
    {"rsa.jwk", "\"RS256\"", "null", 0},
    {"rsa.jwk", "\"RS256\"", "[\"RS256\"]", 0},
    {"ec.jwk", "ES256", "RS256", 0},
    {"ec.jwk", "ES256", "ES384", 0},

    /* use and key_ops: signatures, when they say */
    {"rsa.jwk", "\"use\":\"sig\",", "", EVIDENCE_RS256},
    {"rsa.jwk", "\"sig\"", "\"enc\"", 0},
    {"rsa.jwk", "\"sig\"", "\"\"", 0},
    {"rsa.jwk", "\"sig\"", "null", 0},
    {"rsa.jwk", "\"use\":\"sig\"", "\"key_ops\":[\"verify\"]", EVIDENCE_RS256},
    {"rsa.jwk", "\"use\":\"sig\"",
	"\"use\":\"sig\",\"key_ops\":[\"verify\",\"x\"]", EVIDENCE_RS256},
    {"rsa.jwk", "\"use\":\"sig\"", "\"key_ops\":[\"encrypt\"]", 0},
    {"rsa.jwk", "\"use\":\"sig\"", "\"key_ops\":[\"sign\"]", 0},
    {"rsa.jwk", "\"use\":\"sig\"", "\"key_ops\":[]", 0},
    {"rsa.jwk", "\"use\":\"sig\"", "\"key_ops\":\"verify\"", 0},

    /* kid: what the token names it by */
    {"rsa.jwk", "\"kid\":\"rsa\",", "", 0},
    {"rsa.jwk", "\"rsa\"", "\"\"", 0},
    {"rsa.jwk", "\"rsa\"", "7", 0},
    {"rsa.jwk", "\"rsa\"", "\"..\"", EVIDENCE_RS256},

    /* kty, crv */
    {"rsa.jwk", "\"kty\":\"RSA\"", "\"kty\":\"rsa\"", 0},
    {"rsa.jwk", "\"kty\":\"RSA\"", "\"kty\":\"EC\"", 0},
    {"rsa.jwk", "\"kty\":\"RSA\"", "\"kty\":\"oct\",\"k\":\"AAAA\"", 0},
    {"rsa.jwk", "\"kty\":\"RSA\"", "\"kty\":\"OKP\"", 0},
    {"rsa.jwk", "\"kty\":\"RSA\",", "", 0},
    {"ec.jwk", "P-256", "P-384", 0},
    {"ec.jwk", "P-256", "secp256k1", 0},
    {"ec.jwk", "\"crv\":\"P-256\",", "", 0},
    {"p384.jwk", "\"p384\"", "\"p384\"", 0},
    {"p384.jwk", "P-384", "P-256", 0},

    /* a private or a symmetric key has been lost already */
    {"rsa.jwk", "\"use\":\"sig\"", "\"d\":\"AQAB\"", 0},
    {"rsa.jwk", "\"use\":\"sig\"", "\"p\":\"AQAB\"", 0},
    {"rsa.jwk", "\"use\":\"sig\"", "\"k\":\"AQAB\"", 0},
    {"ec.jwk", "\"use\":\"sig\"", "\"d\":\"AQAB\"", 0},

    /* e: odd, 65537 to 2^32 */
    {"rsa.jwk", "\"AQAB\"", "\"AAEAAQ\"", EVIDENCE_RS256},
    {"rsa.jwk", "\"AQAB\"", "\"_____w\"", EVIDENCE_RS256},
    {"rsa.jwk", "\"AQAB\"", "\"AQ\"", 0},
    {"rsa.jwk", "\"AQAB\"", "\"Aw\"", 0},
    {"rsa.jwk", "\"AQAB\"", "\"EQ\"", 0},
    {"rsa.jwk", "\"AQAB\"", "\"__8\"", 0},
    {"rsa.jwk", "\"AQAB\"", "\"AQAC\"", 0},
    {"rsa.jwk", "\"AQAB\"", "\"AQAAAAE\"", 0},
    {"rsa.jwk", "\"AQAB\"", "\"\"", 0},
    {"rsa.jwk", "\"AQAB\"", "\"AQAB=\"", 0},
    {"rsa.jwk", "\"AQAB\"", "65537", 0},
    {"rsa.jwk", "\"e\":\"AQAB\",", "", 0},

    /* n, x, y */
    {"rsa1024.jwk", "\"short\"", "\"short\"", 0},
    {"rsa.jwk", "\"n\":\"tHlD", "\"n\":\"AHlD", 0},
    {"rsa.jwk", "\"n\":\"tHlD", "\"n\":\"t+lD", 0},
    {"rsa.jwk", "\"n\":\"tHlD", "\"n\":\"tHl", 0},
    {"rsa.jwk", "JsV74w\"", "JsV74g\"", 0},
    {"rsa.jwk", "JsV74w\"", "JsV74w==\"", 0},
    {"rsa.jwk", "\"n\":", "\"nn\":", 0},
    {"ec.jwk", "\"x\":\"obcR", "\"x\":\"obcS", 0},
    {"ec.jwk", "\"y\":\"Qw9w", "\"y\":\"Qw9x", 0},
    {"ec.jwk", "\"x\":\"obcR", "\"x\":\"", 0},
    {"ec.jwk", "\"x\":\"obcR", "\"x\":\"AAAAobcR", 0},
    {"ec.jwk", "\"x\":", "\"z\":", 0},
    {"ec.jwk", "\"y\":", "\"z\":", 0},
};

static int
parse(const char *json, struct key_set **ret_set)
{
	size_t size = strlen(json);
	char *copy = malloc(size);
	int r;

	memcpy(copy, json, size);
	r = key_set_parse(copy, size, ret_set);
	free(copy);
	assert_int_equal(0, ERR_peek_error());
	return r;
}

/* A set of these, each of which is the text of a key. */
static char *
set_of(const char *first, const char *second)
{
	char *json;

	assert_true(asprintf(&json, "{\"keys\":[%s%s%s]}", first,
			second ? "," : "", second ? second : "") > 0);
	return json;
}

/* Beside a key that is good whatever becomes of this one. */
static void
check_key(
    const char *file, const char *from, const char *to, unsigned int algorithms)
{
	char *original = mint_file(file);
	char *changed = mint_replace(original, from, to);
	char *ec = mint_file("ec.jwk");
	char *other = mint_replace(ec, "\"ec\"", "\"other\"");
	char *json = set_of(changed, other);
	struct key_set *set = NULL;
	struct jwk *jwk;

	assert_int_equal(0, parse(json, &set));
	if (key_set_count(set) != (algorithms ? 2 : 1))
		fail_msg("%s: %s for %s", file, to, from);
	assert_int_equal(algorithms ? 0 : 1, key_set_ignored_count(set));
	assert_non_null(key_set_find(set, slice_of("other")));
	jwk = key_set_find(set, slice_of(strcmp(file, "ec.jwk") == 0 ? "ec"
					 : strstr(to, "..")	     ? ".."
								     : "rsa"));
	if (algorithms)
		assert_int_equal(algorithms, jwk->algorithms);
	key_set_free(set);
	free(original);
	free(changed);
	free(ec);
	free(other);
	free(json);
}

static void
test_only_safe_keys_are_used(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		check_key(
		    keys[i].file, keys[i].from, keys[i].to, keys[i].algorithms);
}

static void
test_what_is_no_set_is_refused(void **state)
{
	static const struct {
		const char *json;
		int result;
	} sets[] = {
	    {"", -EBADMSG},
	    {"{", -EBADMSG},
	    {"[]", -EBADMSG},
	    {"{}", -EBADMSG},
	    {"{\"keys\":{}}", -EBADMSG},
	    {"{\"keys\":null}", -EBADMSG},
	    {"{\"keys\":[1]}", -EBADMSG},
	    {"{\"keys\":[[]]}", -EBADMSG},
	    {"{\"keys\":[],\"keys\":[]}", -EBADMSG},
	    {"{\"keys\":[]} x", -EBADMSG},
	    {"<html>", -EBADMSG},
	    {"{\"keys\":[]}", -ENOKEY},
	    {"{\"keys\":[{}]}", -ENOKEY},
	    {"{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"a\"}]}",
		-ENOKEY},
	};
	struct key_set *set = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sets) / sizeof(*sets); i++)
		assert_int_equal(sets[i].result, parse(sets[i].json, &set));
	assert_null(set);
}

static void
test_one_kid_for_two_keys_is_for_none(void **state)
{
	char *rsa = mint_file("rsa.jwk");
	char *ec = mint_file("ec.jwk");
	char *twin = mint_replace(ec, "\"ec\"", "\"rsa\"");
	char *encryption = mint_replace(rsa, "\"sig\"", "\"enc\"");
	char *three, *both = set_of(rsa, twin);
	struct key_set *set = NULL;

	(void)state;
	assert_int_equal(-ENOKEY, parse(both, &set));
	free(both);
	assert_true(asprintf(&three, "%s,%s", rsa, ec) > 0);
	both = set_of(three, twin);
	assert_int_equal(0, parse(both, &set));
	assert_int_equal(1, key_set_count(set));
	assert_int_equal(2, key_set_ignored_count(set));
	assert_null(key_set_find(set, slice_of("rsa")));
	assert_non_null(key_set_find(set, slice_of("ec")));
	set = key_set_free(set);
	free(both);
	/* A key that could not be used anyway is nobody's twin. */
	both = set_of(rsa, encryption);
	assert_int_equal(0, parse(both, &set));
	assert_non_null(key_set_find(set, slice_of("rsa")));
	set = key_set_free(set);
	free(both);
	free(three);
	free(rsa);
	free(ec);
	free(twin);
	free(encryption);
}

static void
test_a_kid_is_found_whole(void **state)
{
	char *rsa = mint_file("rsa.jwk");
	char *json = set_of(rsa, NULL);
	struct key_set *set = NULL;

	(void)state;
	assert_int_equal(0, parse(json, &set));
	assert_non_null(key_set_find(set, slice_of("rsa")));
	assert_null(key_set_find(set, slice_of("")));
	assert_null(key_set_find(set, slice_of("rs")));
	assert_null(key_set_find(set, slice_of("rsaa")));
	assert_null(key_set_find(set, slice_of("RSA")));
	key_set_free(set);
	free(json);
	free(rsa);
}

static char *
many_keys(const char *key, const char *kid, size_t count)
{
	char *json = calloc(count + 1, strlen(key) + 16);
	char *at = stpcpy(json, "{\"keys\":[");
	char name[24];
	size_t i;

	for (i = 0; i < count; i++) {
		char *named;

		(void)snprintf(name, sizeof(name), "\"k%zu\"", i);
		named = mint_replace(key, kid, name);
		at = stpcpy(at, i > 0 ? "," : "");
		at = stpcpy(at, named);
		free(named);
	}
	(void)stpcpy(at, "]}");
	return json;
}

static void
test_the_set_has_limits(void **state)
{
	char *ec = mint_file("ec.jwk");
	char *most = many_keys(ec, "\"ec\"", KEY_SET_KEYS_MAX);
	char *more = many_keys(ec, "\"ec\"", KEY_SET_KEYS_MAX + 1);
	char *large = calloc(1, KEY_SET_SIZE_MAX + 2);
	struct key_set *set = NULL;

	(void)state;
	assert_int_equal(0, parse(most, &set));
	assert_int_equal(KEY_SET_KEYS_MAX, key_set_count(set));
	assert_non_null(key_set_find(set, slice_of("k63")));
	set = key_set_free(set);
	assert_int_equal(-EFBIG, parse(more, &set));
	memset(large, ' ', KEY_SET_SIZE_MAX + 1);
	assert_int_equal(-EFBIG, parse(large, &set));
	large[KEY_SET_SIZE_MAX] = '\0';
	assert_int_equal(-EBADMSG, parse(large, &set));
	memset(large, '[', KEY_SET_SIZE_MAX);
	assert_int_equal(-EFBIG, parse(large, &set));
	assert_null(set);
	free(ec);
	free(most);
	free(more);
	free(large);
}

static void
test_the_modulus_has_a_limit(void **state)
{
	char *rsa = mint_file("rsa.jwk");
	char *start = strstr(rsa, "\"n\":\"") + strlen("\"n\":\"");
	char modulus[1400];
	struct key_set *set = NULL;
	char *json;
	size_t size;

	(void)state;
	*start = '\0';
	/* 8192 bits are 1366 digits; the last holds four bits and two zeros. */
	for (size = 1366; size <= 1367; size++) {
		memset(modulus, '_', size);
		modulus[size - 1] = size == 1366 ? 'w' : '8';
		assert_true(asprintf(&json, "{\"keys\":[%s%.*s\"}]}", rsa,
				(int)size, modulus) > 0);
		assert_int_equal(size == 1366 ? 0 : -ENOKEY, parse(json, &set));
		set = size == 1366 ? key_set_free(set) : set;
		free(json);
	}
	free(rsa);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_only_safe_keys_are_used),
	    cmocka_unit_test(test_what_is_no_set_is_refused),
	    cmocka_unit_test(test_one_kid_for_two_keys_is_for_none),
	    cmocka_unit_test(test_a_kid_is_found_whole),
	    cmocka_unit_test(test_the_set_has_limits),
	    cmocka_unit_test(test_the_modulus_has_a_limit),
	};

	return cmocka_run_group_tests_name("key set", tests, NULL, NULL);
}
