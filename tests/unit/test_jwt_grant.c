/*
 * The assertion of a JWT grant, as Maskinporten wants it. OpenSSL checks it,
 * libjwt has a second opinion.
 */
#include "broker/issuer/assertion.h"
#include "broker/token/token_grant.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>
#include <jwt.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "verify/base64url.h"

enum { NOW_S = 1800000000, PART_SIZE = 16384 };

#define DETAILS                                 \
	"[{\"type\":\"urn:altinn:systemuser\"," \
	"\"systemuser_org\":{\"authority\":"    \
	"\"iso6523-actorid-upis\",\"ID\":\"0192:1\"}}]"

static const char *const resources[] = {
    "https://api.example/a", "https://api.example/b"};

static const struct token_question plain = {
    .kind = TOKEN_MACHINE,
    .issuer = "maskinporten",
    .target = "nav:helse/sykepenger/afp.read",
};
static const struct token_question full = {
    .kind = TOKEN_MACHINE,
    .issuer = "maskinporten",
    .target = "ks:fiks",
    .resources = resources,
    .resources_count = 2,
    .authorization_details = DETAILS,
};

static EVP_PKEY *key;
static struct config_issuer issuer = {
    .profile.issuer = "https://test.maskinporten.no/",
    .name = "maskinporten",
    .client_id = "machine-client",
    .client_auth = CONFIG_CLIENT_PRIVATE_KEY_JWT,
    .client_key_id = "key-1",
    .client_key_algorithm = "RS256",
};

static struct secret *
pem_of(EVP_PKEY *one)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct secret *pem = NULL;
	char *text;
	long size;

	assert_int_equal(
	    PEM_write_bio_PrivateKey(bio, one, NULL, NULL, 0, NULL, NULL), 1);
	size = BIO_get_mem_data(bio, &text);
	assert_int_equal(secret_new(text, (size_t)size, &pem), 0);
	BIO_free(bio);
	return pem;
}

static int
make_key(void **state)
{
	(void)state;
	key = EVP_RSA_gen(2048);
	issuer.client_key = pem_of(key);
	return 0;
}

static int
drop_key(void **state)
{
	(void)state;
	issuer.client_key = secret_free(issuer.client_key);
	EVP_PKEY_free(key);
	return 0;
}

static size_t
decode(const char *part, size_t size, unsigned char ret_bytes[PART_SIZE])
{
	size_t decoded;

	assert_int_equal(
	    base64url_decode(part, size, PART_SIZE, ret_bytes, &decoded), 0);
	return decoded;
}

/* RS256 over the first two parts, by the public key that issuer has of us. */
static void
check_signature(const char *jwt)
{
	unsigned char signature[PART_SIZE];
	const char *dot = strrchr(jwt, '.');
	size_t size = decode(dot + 1, strlen(dot + 1), signature);
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	assert_int_equal(
	    EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(EVP_DigestVerify(context, signature, size,
			     (const unsigned char *)jwt, (size_t)(dot - jwt)),
	    1);
	EVP_MD_CTX_free(context);
}

static void
check_with_libjwt(const char *jwt, const char *scope)
{
	BIO *bio = BIO_new(BIO_s_mem());
	jwt_t *decoded = NULL;
	char *text;
	long size;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
	size = BIO_get_mem_data(bio, &text);
	assert_int_equal(
	    jwt_decode(&decoded, jwt, (unsigned char *)text, (int)size), 0);
	assert_int_equal(jwt_get_alg(decoded), JWT_ALG_RS256);
	assert_string_equal(jwt_get_grant(decoded, "scope"), scope);
	assert_string_equal(jwt_get_grant(decoded, "iss"), "machine-client");
	jwt_free(decoded);
	BIO_free(bio);
}

static json_t *
part(const char *jwt, int which)
{
	unsigned char bytes[PART_SIZE];
	const char *start = jwt, *end = strchr(jwt, '.');
	json_t *json;

	if (which == 1) {
		start = end + 1;
		end = strchr(start, '.');
	}
	json = json_loadb((char *)bytes,
	    decode(start, (size_t)(end - start), bytes), JSON_REJECT_DUPLICATES,
	    NULL);
	assert_non_null(json);
	return json;
}

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	assert_non_null(text);
	return text;
}

static json_int_t
number_of(const json_t *object, const char *name)
{
	const json_t *number = json_object_get(object, name);

	assert_true(json_is_integer(number));
	return json_integer_value(number);
}

/* The form: two parameters, and nothing else that proves who we are. */
static const char *
fill(const struct token_question *question, struct post_form *form)
{
	const char *problem;

	*form = (struct post_form){0};
	assert_int_equal(
	    jwt_grant_fill(question, &issuer, NOW_S, form, &problem), 0);
	assert_int_equal(form->count, 2);
	assert_null(post_form_authorization(form));
	assert_string_equal(form->parameters[0].name, "grant_type");
	assert_string_equal(form->parameters[0].value,
	    "urn:ietf:params:oauth:grant-type:jwt-bearer");
	assert_string_equal(form->parameters[1].name, "assertion");
	return form->parameters[1].value;
}

static void
check_header(const char *jwt)
{
	json_t *header = part(jwt, 0);

	assert_string_equal(text_of(header, "alg"), "RS256");
	assert_string_equal(text_of(header, "kid"), "key-1");
	/* exactly one of kid and x5c */
	assert_null(json_object_get(header, "x5c"));
	json_decref(header);
}

static void
check_claims(const json_t *claims)
{
	assert_string_equal(text_of(claims, "iss"), "machine-client");
	assert_string_equal(
	    text_of(claims, "aud"), "https://test.maskinporten.no/");
	assert_int_equal(number_of(claims, "iat"), NOW_S);
	assert_in_range(number_of(claims, "exp"), NOW_S + 1, NOW_S + 120);
	assert_int_equal(strlen(text_of(claims, "jti")), 32);
	assert_null(json_object_get(claims, "sub"));
}

static void
test_says_who_and_what(void **state)
{
	struct post_form form;
	const char *jwt = fill(&plain, &form);
	json_t *claims = part(jwt, 1);

	(void)state;
	check_signature(jwt);
	check_with_libjwt(jwt, "nav:helse/sykepenger/afp.read");
	check_header(jwt);
	check_claims(claims);
	assert_string_equal(
	    text_of(claims, "scope"), "nav:helse/sykepenger/afp.read");
	assert_int_equal(json_object_size(claims), 6);
	json_decref(claims);
	post_form_done(&form);
}

static void
test_resources_and_details_stand_in_it(void **state)
{
	struct post_form form;
	const char *jwt = fill(&full, &form);
	json_t *claims = part(jwt, 1), *array, *details;

	(void)state;
	check_signature(jwt);
	check_with_libjwt(jwt, "ks:fiks");
	check_claims(claims);
	array = json_object_get(claims, "resource");
	assert_int_equal(json_array_size(array), 2);
	assert_string_equal(
	    json_string_value(json_array_get(array, 1)), resources[1]);
	details = json_loads(DETAILS, 0, NULL);
	assert_true(json_equal(
	    json_object_get(claims, "authorization_details"), details));
	assert_int_equal(json_object_size(claims), 8);
	json_decref(details);
	json_decref(claims);
	post_form_done(&form);
}

static void
test_no_two_are_the_same(void **state)
{
	struct post_form one, two;
	json_t *first = part(fill(&plain, &one), 1);
	json_t *second = part(fill(&plain, &two), 1);

	(void)state;
	assert_string_not_equal(text_of(first, "jti"), text_of(second, "jti"));
	json_decref(first);
	json_decref(second);
	post_form_done(&one);
	post_form_done(&two);
}

/* What is asked for never says who asks, nor when. */
static void
test_claims_cannot_speak_for_the_assertion(void **state)
{
	static const char *const claims[] = {"{\"iss\":\"another\"}",
	    "{\"aud\":\"https://another.example/\"}", "{\"exp\":1}",
	    "{\"iat\":1}", "{\"jti\":\"1\"}", "[]", "\"x\"", "{", "",
	    "{\"a\":1,\"a\":2}"};
	struct assertion assertion = {
	    .key = issuer.client_key,
	    .algorithm = "RS256",
	    .issuer = "machine-client",
	    .audience = "https://test.maskinporten.no/",
	};
	struct secret *jwt = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		assertion.claims = claims[i];
		assert_int_equal(
		    assertion_mint(&assertion, NOW_S, &jwt), -EINVAL);
		assert_null(jwt);
	}
}

static void
test_needs_a_key_that_signs(void **state)
{
	struct config_issuer other = issuer;
	struct post_form form = {0};
	const char *problem = NULL;

	(void)state;
	other.client_auth = CONFIG_CLIENT_SECRET_BASIC;
	assert_int_equal(
	    jwt_grant_fill(&plain, &other, NOW_S, &form, &problem), -EINVAL);
	assert_non_null(strstr(problem, "client_auth = private_key_jwt"));
	other = issuer;
	other.client_key_algorithm = "ES256";
	assert_int_equal(jwt_grant_fill(&plain, &other, NOW_S, &form, &problem),
	    -EKEYREJECTED);
	assert_int_equal(form.count, 0);
	post_form_done(&form);
}

/* As much as may be asked fits into the form that the fetcher takes. */
static void
test_the_largest_question_fits(void **state)
{
	static char details[TOKEN_DETAILS_SIZE],
	    uri[TOKEN_RESOURCES_TEXT_SIZE / TOKEN_RESOURCES_MAX];
	const char *const types[] = {"t"};
	const char *uris[TOKEN_RESOURCES_MAX];
	const char *const targets[] = {"ks:fiks"};
	struct config_issuer listed = issuer;
	struct token_question question = full;
	struct post_form form;
	size_t i;

	(void)state;
	memset(uri, 'a', sizeof(uri) - 1);
	for (i = 0; i < TOKEN_RESOURCES_MAX; i++)
		uris[i] = uri;
	memset(details, 'a', sizeof(details) - 1);
	memcpy(details, "[{\"type\":\"t\",\"", 14);
	memcpy(details + sizeof(details) - 7, "\":\"\"}]", 7);
	question.authorization_details = details;
	question.resources = uris;
	question.resources_count = TOKEN_RESOURCES_MAX;
	listed.targets = targets;
	listed.targets_count = 1;
	listed.resources = uris;
	listed.resources_count = 1;
	listed.details_types = types;
	listed.details_types_count = 1;
	assert_null(token_question_check(&question, &listed).error);
	assert_true(strlen(fill(&question, &form)) < FETCH_FORM_SIZE - 1024);
	post_form_done(&form);
	/* and one more does not pass for a question */
	question.resources_count++;
	assert_non_null(token_question_check(&question, &listed).error);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_says_who_and_what),
	    cmocka_unit_test(test_resources_and_details_stand_in_it),
	    cmocka_unit_test(test_no_two_are_the_same),
	    cmocka_unit_test(test_claims_cannot_speak_for_the_assertion),
	    cmocka_unit_test(test_needs_a_key_that_signs),
	    cmocka_unit_test(test_the_largest_question_fits),
	};

	return cmocka_run_group_tests_name(
	    "jwt_grant", tests, make_key, drop_key);
}
