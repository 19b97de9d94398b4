/* What callers of portvakt-api send: read as it is meant, or not at all. */
#include "broker/api/request.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct body_case {
	enum request_form form;
	const char *body;
	int error;
	const char *token; /* NULL: none */
	const char *provider;
};

static const struct body_case bodies[] = {
    {REQUEST_FORM_URLENCODED, "token=a.b.c", 0, "a.b.c", NULL},
    {REQUEST_FORM_URLENCODED, "token=a&token_type_hint=access_token", 0, "a",
	NULL},
    {REQUEST_FORM_URLENCODED, "&&token=a%2Eb&", 0, "a.b", NULL},
    {REQUEST_FORM_URLENCODED, "x&token=a+b&identity_provider=maskinporten", 0,
	"a b", "maskinporten"},
    {REQUEST_FORM_URLENCODED, "token=a.b.c%0A", 0, "a.b.c", NULL},
    {REQUEST_FORM_URLENCODED, "token=+%09a.b+c%0D%0A%0A", 0, "a.b c", NULL},
    {REQUEST_FORM_URLENCODED, "token=a%0A&identity_provider=x+", 0, "a", "x "},
    {REQUEST_FORM_URLENCODED, "token=%0A", 0, "", NULL},
    {REQUEST_FORM_JSON, "{\"token\":\" a\\n\"}", 0, "a", NULL},
    {REQUEST_FORM_URLENCODED, "", 0, NULL, NULL},
    {REQUEST_FORM_URLENCODED, "token=", 0, "", NULL},
    {REQUEST_FORM_URLENCODED, "tokens=a", 0, NULL, NULL},
    {REQUEST_FORM_URLENCODED, "token", -EBADMSG, NULL, NULL},
    {REQUEST_FORM_URLENCODED, "token=a&token=b", -EBADMSG, NULL, NULL},
    {REQUEST_FORM_URLENCODED, "token=a&token=", -EBADMSG, NULL, NULL},
    {REQUEST_FORM_URLENCODED, "token=%", -EBADMSG, NULL, NULL},
    {REQUEST_FORM_URLENCODED, "token=%4", -EBADMSG, NULL, NULL},
    {REQUEST_FORM_URLENCODED, "token=%4g", -EBADMSG, NULL, NULL},
    {REQUEST_FORM_URLENCODED, "token=a%00b", -EBADMSG, NULL, NULL},
    {REQUEST_FORM_JSON, "{\"token\":\"a\",\"identity_provider\":\"idporten\"}",
	0, "a", "idporten"},
    {REQUEST_FORM_JSON, "{\"token\":\"a\",\"skip_cache\":true}", 0, "a", NULL},
    {REQUEST_FORM_JSON, "{\"token\":null}", 0, NULL, NULL},
    {REQUEST_FORM_JSON, "{}", 0, NULL, NULL},
    {REQUEST_FORM_JSON, "{\"token\":7}", -EBADMSG, NULL, NULL},
    {REQUEST_FORM_JSON, "{\"token\":[\"a\"]}", -EBADMSG, NULL, NULL},
    {REQUEST_FORM_JSON, "{\"token\":\"a\",\"token\":\"b\"}", -EBADMSG, NULL,
	NULL},
    {REQUEST_FORM_JSON, "{\"token\":\"a\\u0000b\"}", -EBADMSG, NULL, NULL},
    {REQUEST_FORM_JSON, "{\"token\":\"a\"} x", -EBADMSG, NULL, NULL},
    {REQUEST_FORM_JSON, "[\"token\"]", -EBADMSG, NULL, NULL},
    {REQUEST_FORM_JSON, "token=a", -EBADMSG, NULL, NULL},
    {REQUEST_FORM_JSON, "", -EBADMSG, NULL, NULL},
    {REQUEST_FORM_NONE, "token=a", -EBADMSG, NULL, NULL},
};

static void
expect_text(const char *found, const char *wanted)
{
	if (!wanted)
		assert_null(found);
	else
		assert_string_equal(found, wanted);
}

static void
test_bodies(void **state)
{
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct introspection asked = {0};
		char *body;

		size = strlen(bodies[i].body);
		/* Where a sanitizer sees each byte beyond it. */
		body = malloc(size + 1);
		assert_non_null(body);
		memcpy(body, bodies[i].body, size + 1);
		body = realloc(body, size ? size : 1);
		assert_int_equal(
		    introspection_read(bodies[i].form, body, size, &asked),
		    bodies[i].error);
		expect_text(asked.token, bodies[i].token);
		expect_text(asked.provider, bodies[i].provider);
		introspection_done(&asked);
		free(body);
	}
}

static void
test_a_body_with_a_nul_is_none(void **state)
{
	static const char form[] = "token=a\0b", json[] = "{\"token\":\"a\"}\0";
	struct introspection asked = {0};

	(void)state;
	assert_int_equal(introspection_read(REQUEST_FORM_URLENCODED, form,
			     sizeof(form) - 1, &asked),
	    -EBADMSG);
	assert_int_equal(introspection_read(
			     REQUEST_FORM_JSON, json, sizeof(json) - 1, &asked),
	    -EBADMSG);
	assert_null(asked.token);
}

static void
test_content_types(void **state)
{
	(void)state;
	assert_int_equal(
	    request_form_of("application/json"), REQUEST_FORM_JSON);
	assert_int_equal(request_form_of("Application/JSON; charset=utf-8"),
	    REQUEST_FORM_JSON);
	assert_int_equal(request_form_of("application/x-www-form-urlencoded"),
	    REQUEST_FORM_URLENCODED);
	assert_int_equal(
	    request_form_of("application/jsonp"), REQUEST_FORM_NONE);
	assert_int_equal(request_form_of("text/plain"), REQUEST_FORM_NONE);
	assert_int_equal(request_form_of(""), REQUEST_FORM_NONE);
	assert_int_equal(request_form_of(NULL), REQUEST_FORM_NONE);
}

static void
test_credentials(void **state)
{
	static const struct {
		const char *header;
		enum portvakt_scheme scheme;
		const char *token; /* NULL: refused */
	} cases[] = {
	    {"Bearer a.b-c_d", PORTVAKT_SCHEME_BEARER, "a.b-c_d"},
	    {"bearer  a==", PORTVAKT_SCHEME_BEARER, "a=="},
	    {"DPoP a.b.c", PORTVAKT_SCHEME_DPOP, "a.b.c"},
	    {"Bearer a ", PORTVAKT_SCHEME_BEARER, "a"},
	    {"Bearer", 0, NULL},
	    {"Bearer ", 0, NULL},
	    {"Bearera", 0, NULL},
	    {"Bearer a b", 0, NULL},
	    {"Bearer a,Bearer b", 0, NULL},
	    {"Bearer \"a\"", 0, NULL},
	    {"Basic YTpi", 0, NULL},
	    {"", 0, NULL},
	};
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum portvakt_scheme scheme = PORTVAKT_SCHEME_BEARER;
		const char *token = NULL;

		if (!cases[i].token) {
			assert_int_equal(request_credentials(cases[i].header,
					     &scheme, &token, &size),
			    -EBADMSG);
			assert_null(token);
			continue;
		}
		assert_int_equal(request_credentials(
				     cases[i].header, &scheme, &token, &size),
		    0);
		assert_int_equal(scheme, cases[i].scheme);
		assert_int_equal(size, strlen(cases[i].token));
		assert_memory_equal(token, cases[i].token, size);
	}
}

static void
test_basic(void **state)
{
	static const char *const bad[] = {"Basic", "Basic ", "Basic YTp",
	    "Bearer YTpi", "Basic YWI=" /* no colon */,
	    "Basic YTpi=", "Basic YT-i", "Basic YTpi YTpi",
	    "Basic YQA6Yg==" /* NUL */,
	    "Basic ====", "Basic YSUwMDpi" /* a%00:b */,
	    "Basic YSUyOmI=" /* a%2:b */};
	struct request_login login;
	size_t i;

	(void)state;
	assert_int_equal(request_basic("Basic YTpi", &login), 0);
	assert_string_equal(login.name, "a");
	assert_string_equal(login.secret, "b");
	/* "kompis:a?>:~": both of the characters that base64url has not. */
	assert_int_equal(request_basic("basic a29tcGlzOmE/Pjp+", &login), 0);
	assert_string_equal(login.name, "kompis");
	assert_string_equal(login.secret, "a?>:~");
	/* "kompis%2Dweb:a%2E%7e", as in a form. */
	assert_int_equal(
	    request_basic("Basic a29tcGlzJTJEd2ViOmElMkUlN2U=", &login), 0);
	assert_string_equal(login.name, "kompis-web");
	assert_string_equal(login.secret, "a.~");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(request_basic(bad[i], &login), -EBADMSG);
}

static void
test_a_long_login_is_none(void **state)
{
	char header[4096];
	struct request_login login;
	size_t size;

	(void)state;
	for (size = 4; size < sizeof(header) - 7; size += 4) {
		memcpy(header, "Basic ", 6);
		memset(header + 6, 'Y', size);
		memcpy(header + 6, "YTpi", 4); /* a:b... */
		header[6 + size] = '\0';
		assert_int_equal(request_basic(header, &login),
		    size / 4 * 3 - 2 < REQUEST_SECRET_SIZE ? 0 : -EBADMSG);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bodies),
	    cmocka_unit_test(test_a_body_with_a_nul_is_none),
	    cmocka_unit_test(test_content_types),
	    cmocka_unit_test(test_credentials),
	    cmocka_unit_test(test_basic),
	    cmocka_unit_test(test_a_long_login_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
