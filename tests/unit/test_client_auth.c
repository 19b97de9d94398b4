/* How the broker says which client it is, in each of the four ways. */
#include "broker/issuer/client_assertion.h"
#include "broker/issuer/client_auth.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NOW_S = 1800000000, LONG_SIZE = 2000 };

int __wrap_client_assertion_mint(const struct client_assertion *assertion,
    int64_t now_s, struct secret **ret_assertion);

int
__wrap_client_assertion_mint(const struct client_assertion *assertion,
    int64_t now_s, struct secret **ret_assertion)
{
	int error = mock_type(int);

	assert_int_equal(now_s, NOW_S);
	assert_string_equal(assertion->client_id, "portvakt");
	assert_string_equal(assertion->audience, "https://idp.example/");
	assert_string_equal(assertion->key_id, "key-1");
	assert_string_equal(assertion->algorithm, "ES256");
	return error ? error : secret_new("a.b.c", 5, ret_assertion);
}

static struct secret *
secret_of(const char *text)
{
	struct secret *secret = NULL;

	assert_int_equal(secret_new(text, strlen(text), &secret), 0);
	return secret;
}

static void
assert_parameter(const struct client_auth *auth, size_t at, const char *name,
    const char *value)
{
	assert_true(at < auth->form_count);
	assert_string_equal(auth->form[at].name, name);
	assert_string_equal(auth->form[at].value, value);
}

static void
test_public_client(void **state)
{
	const struct config_issuer issuer = {
	    .client_auth = CONFIG_CLIENT_NONE,
	    .client_id = "portvakt",
	};
	struct client_auth auth;

	(void)state;
	assert_int_equal(client_auth_init(&auth, &issuer, NOW_S), 0);
	assert_int_equal(auth.form_count, 1);
	assert_parameter(&auth, 0, "client_id", "portvakt");
	assert_null(auth.authorization);
	client_auth_done(&auth);
}

static void
test_secret_in_the_form(void **state)
{
	struct secret *secret = secret_of("hemmelig & %");
	const struct config_issuer issuer = {
	    .client_auth = CONFIG_CLIENT_SECRET_POST,
	    .client_id = "portvakt",
	    .client_secret = secret,
	};
	struct client_auth auth;

	(void)state;
	assert_int_equal(client_auth_init(&auth, &issuer, NOW_S), 0);
	assert_int_equal(auth.form_count, 2);
	assert_parameter(&auth, 0, "client_id", "portvakt");
	/* The fetcher encodes the form, once. */
	assert_parameter(&auth, 1, "client_secret", "hemmelig & %");
	assert_null(auth.authorization);
	client_auth_done(&auth);
	secret_free(secret);
}

static int
make_basic(const char *id, const char *secret_text, struct client_auth *auth)
{
	struct secret *secret = secret_of(secret_text);
	const struct config_issuer issuer = {
	    .client_auth = CONFIG_CLIENT_SECRET_BASIC,
	    .client_id = id,
	    .client_secret = secret,
	};
	int error = client_auth_init(auth, &issuer, NOW_S);

	secret_free(secret);
	return error;
}

/* The headers are what `printf %s ... | base64` says of the encoded parts. */
static void
test_basic(void **state)
{
	static const struct {
		const char *id, *secret, *header;
	} rows[] = {
	    /* RFC 6749 2.3.1 itself */
	    {"s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw",
		"Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"},
	    /* a%3Ab:c%3Ad: the colon between the parts is the only one */
	    {"a:b", "c:d", "Basic YSUzQWI6YyUzQWQ="},
	    /* p:a%25b%2Bc%26d%20e */
	    {"p", "a%b+c&d e", "Basic cDphJTI1YiUyQmMlMjZkJTIwZQ=="},
	    /* p:%C3%A6%7F~-._ : bytes, not characters */
	    {"p", "\xc3\xa6\x7f~-._", "Basic cDolQzMlQTYlN0Z+LS5f"},
	    {"p", "", "Basic cDo="},
	};
	struct client_auth auth;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    make_basic(rows[i].id, rows[i].secret, &auth), 0);
		assert_string_equal(
		    secret_reveal(auth.authorization), rows[i].header);
		assert_int_equal(auth.form_count, 0);
		client_auth_done(&auth);
		assert_null(auth.authorization);
	}
}

/* Each length up to far too long: whole, or an error. */
static void
test_basic_fits_or_fails(void **state)
{
	char text[LONG_SIZE + 1] = "";
	struct client_auth auth;
	size_t length, whole = 0;
	int error;

	(void)state;
	for (length = 0; length < LONG_SIZE; length++) {
		memset(text, length % 2 ? '%' : 'a', length);
		error = make_basic(text, "s", &auth);
		assert_true(error == 0 || error == -EMSGSIZE);
		whole += error == 0;
		client_auth_done(&auth);
		error = make_basic("p", text, &auth);
		assert_true(error == 0 || error == -EMSGSIZE);
		client_auth_done(&auth);
	}
	assert_in_range(whole, 1000, LONG_SIZE - 1);
}

/* The longest that the configuration takes, every byte of it escaped. */
static void
test_basic_fits_what_the_configuration_takes(void **state)
{
	char client_id[256], secret[512];
	struct client_auth auth;

	(void)state;
	memset(client_id, '%', sizeof(client_id) - 1);
	client_id[sizeof(client_id) - 1] = '\0';
	memset(secret, '%', sizeof(secret) - 1);
	secret[sizeof(secret) - 1] = '\0';
	assert_int_equal(make_basic(client_id, secret, &auth), 0);
	assert_true(secret_size(auth.authorization) < FETCH_AUTHORIZATION_SIZE);
	client_auth_done(&auth);
}

static const struct config_issuer key_issuer = {
    .client_auth = CONFIG_CLIENT_PRIVATE_KEY_JWT,
    .client_id = "portvakt",
    .client_key_id = "key-1",
    .client_key_algorithm = "ES256",
    .profile.issuer = "https://idp.example/",
};

static void
test_assertion(void **state)
{
	struct client_auth auth;

	(void)state;
	will_return(__wrap_client_assertion_mint, 0);
	assert_int_equal(client_auth_init(&auth, &key_issuer, NOW_S), 0);
	assert_int_equal(auth.form_count, 3);
	assert_parameter(&auth, 0, "client_id", "portvakt");
	assert_parameter(&auth, 1, "client_assertion_type",
	    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
	assert_parameter(&auth, 2, "client_assertion", "a.b.c");
	assert_null(auth.authorization);
	client_auth_done(&auth);
}

static void
test_key_that_does_not_sign(void **state)
{
	struct client_auth auth;

	(void)state;
	will_return(__wrap_client_assertion_mint, -EKEYREJECTED);
	assert_int_equal(
	    client_auth_init(&auth, &key_issuer, NOW_S), -EKEYREJECTED);
	client_auth_done(&auth);
}

static void
test_unknown_way(void **state)
{
	const struct config_issuer issuer = {.client_id = "portvakt"};
	struct client_auth auth;

	(void)state;
	assert_int_equal(client_auth_init(&auth, &issuer, NOW_S), -EINVAL);
	client_auth_done(&auth);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_public_client),
	    cmocka_unit_test(test_secret_in_the_form),
	    cmocka_unit_test(test_basic),
	    cmocka_unit_test(test_basic_fits_or_fails),
	    cmocka_unit_test(test_basic_fits_what_the_configuration_takes),
	    cmocka_unit_test(test_assertion),
	    cmocka_unit_test(test_key_that_does_not_sign),
	    cmocka_unit_test(test_unknown_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
