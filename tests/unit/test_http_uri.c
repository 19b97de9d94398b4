#include "tests/unit/unit.h"
#include "verify/http_uri.h"

#include <errno.h>
#include <string.h>

static void
test_one_spelling(void **state)
{
	static const struct {
		const char *uri;
		const char *wanted;
	} cases[] = {
	    {"https://a.example/x", "https://a.example/x"},
	    {"HTTPS://A.Example/X", "https://a.example/X"},
	    {"http://a.example:80/", "http://a.example/"},
	    {"http://a.example:443/", "http://a.example:443/"},
	    {"https://a.example:443/", "https://a.example/"},
	    {"https://a.example:00443/", "https://a.example/"},
	    {"https://a.example:/", "https://a.example/"},
	    {"https://a.example:8443", "https://a.example:8443/"},
	    {"https://a.example", "https://a.example/"},
	    {"https://a.example?q=1", "https://a.example/"},
	    {"https://a.example/x?q=/y#z", "https://a.example/x"},
	    {"https://a.example/x#z?q", "https://a.example/x"},
	    {"https://[2001:DB8::1]:8443/x", "https://[2001:db8::1]:8443/x"},
	    {"https://127.0.0.1/x", "https://127.0.0.1/x"},
	    {"https://a.example/%7euser/%2f%c3%b8", "https://a.example/~user/"
						    "%2F%C3%B8"},
	    {"https://a.example/a/./b/../c", "https://a.example/a/c"},
	    {"https://a.example/a/%2e%2E/c", "https://a.example/c"},
	    {"https://a.example/../../c", "https://a.example/c"},
	    {"https://a.example/a/..", "https://a.example/"},
	    {"https://a.example/a/b/..", "https://a.example/a/"},
	    {"https://a.example/a/.", "https://a.example/a/"},
	    {"https://a.example/a//b", "https://a.example/a//b"},
	    {"https://a.example/a/...", "https://a.example/a/..."},
	    {"https://a.example/a;b=c/@:!$&'()*+,;=", "https://a.example/a;b=c/"
						      "@:!$&'()*+,;="},
	};
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (http_uri_normalize(
			slice_of(cases[i].uri), text, sizeof(text)) < 0)
			fail_msg("%s", cases[i].uri);
		assert_string_equal(text, cases[i].wanted);
	}
}

static void
test_refused(void **state)
{
	static const char *const uris[] = {"", "https", "https:", "https://",
	    "https:///x", "ftp://a.example/", "//a.example/", "/x",
	    "https://u@a.example/", "https://u:p@a.example/",
	    "https://a.example:65536/", "https://a.example:x/",
	    "https://a.example:1:2/", "https://[::1/", "https://[]/",
	    "https://[::1]x/", "https://a b.example/", "https://a%2e.example/",
	    "https://a.example/ ", "https://a.example/\\",
	    "https://a.example/%", "https://a.example/%2",
	    "https://a.example/%zz", "https://a.example/\xc3\xb8",
	    "https://a.example/\"", " https://a.example/",
	    "https://a.example:-1/", "https://a.example:99999999999999999999/"};
	static const char with_nul[] = "https://a.example/x\0y";
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(uris) / sizeof(*uris); i++) {
		if (http_uri_normalize(slice_of(uris[i]), text, sizeof(text)) !=
		    -EBADMSG)
			fail_msg("%s", uris[i]);
	}
	assert_int_equal(
	    http_uri_normalize((struct slice){with_nul, sizeof(with_nul) - 1},
		text, sizeof(text)),
	    -EBADMSG);
	assert_int_equal(
	    http_uri_normalize((struct slice){NULL, 0}, text, sizeof(text)),
	    -EBADMSG);
}

static void
test_room(void **state)
{
	static const char uri[] = "https://a.example/x";
	char text[sizeof(uri)];
	size_t room;

	(void)state;
	for (room = 1; room < sizeof(uri); room++)
		assert_int_equal(
		    http_uri_normalize(slice_of(uri), text, room), -EMSGSIZE);
	assert_int_equal(
	    http_uri_normalize(slice_of(uri), text, sizeof(uri)), 0);
	assert_string_equal(text, uri);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_spelling),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests_name("http_uri", tests, NULL, NULL);
}
