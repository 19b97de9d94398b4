#include "broker/fetch/host_list.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static struct host_list
list_of(const char *entry)
{
	struct host_list list = {0};

	assert_int_equal(host_list_add(&list, entry), 0);
	return list;
}

static bool
admits(const char *entry, const char *text)
{
	struct host_list list = list_of(entry);
	const char *detail = NULL;
	CURLU *url = host_list_admit(&list, text, &detail);
	bool admitted = url;

	assert_true(admitted == !detail);
	curl_url_cleanup(url);
	host_list_done(&list);
	return admitted;
}

static void
test_a_host_is_its_name_and_port(void **state)
{
	(void)state;
	assert_true(admits("idp.example", "https://idp.example/a?b#c"));
	assert_true(admits("idp.example", "https://idp.example:443/"));
	assert_true(admits("idp.example:443", "https://idp.example"));
	assert_true(admits("IDP.example", "https://idp.EXAMPLE/"));
	assert_true(admits("idp.example:8443", "https://idp.example:8443/"));
	assert_true(admits("127.0.0.1:8443", "https://127.0.0.1:8443/"));
	assert_true(admits("[::1]:8443", "https://[::1]:8443/"));
	assert_false(admits("idp.example", "https://idp.example:8443/"));
	assert_false(admits("idp.example:8443", "https://idp.example/"));
	assert_false(admits("idp.example", "https://a.idp.example/"));
	assert_false(admits("idp.example", "https://idp.example.evil/"));
	assert_false(admits("idp.example", "https://idp.example./"));
	assert_false(admits("idp.example", "https://evil/idp.example"));
}

static void
test_only_https(void **state)
{
	(void)state;
	assert_true(admits("idp.example", "HTTPS://idp.example/"));
	assert_false(admits("idp.example", "http://idp.example/"));
	assert_false(admits("idp.example", "http://idp.example:443/"));
	assert_false(admits("idp.example", "ftps://idp.example:443/"));
	assert_false(admits("idp.example", "file://idp.example/etc/passwd"));
	assert_false(admits("idp.example", "idp.example"));
	assert_false(admits("idp.example", "//idp.example/"));
	assert_false(admits("idp.example", ""));
}

static void
test_no_userinfo(void **state)
{
	(void)state;
	assert_false(admits("idp.example", "https://kari@idp.example/"));
	assert_false(admits("idp.example", "https://kari:p@idp.example/"));
	assert_false(admits("idp.example", "https://:p@idp.example/"));
	assert_false(admits("idp.example", "https://idp.example@evil/"));
}

/* Where parsers disagree about the host, only curl's opinion counts. */
static void
test_confusing_hosts_are_refused(void **state)
{
	static const char *const urls[] = {
	    "https://evil\\@idp.example/",
	    "https://evil/@idp.example/",
	    "https://evil#@idp.example/",
	    "https://evil?@idp.example/",
	    "https://idp.example\\.evil/",
	    "https://idp.example%2eevil/",
	    "https://idp.example%00.evil/",
	    "https://idp.example:443@evil/",
	    "https://idp.example:443:8443/",
	    "https://idp.example:0443x/",
	    "https://[idp.example]/",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		if (admits("idp.example", urls[i]))
			fail_msg("%s", urls[i]);
}

static void
test_what_an_entry_must_not_be(void **state)
{
	static const char *const entries[] = {"", " ", "a b", "https://a",
	    "a/b", "a?b", "a#b", "a@b", "a%41", ":443", "a:0x1bb", "a:65536",
	    "a:443:443", "*", "*.example", "a\n", "[::1", "a\\b"};
	struct host_list list = {0};
	char long_name[FETCH_HOST_SIZE + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		if (host_list_add(&list, entries[i]) != -EINVAL)
			fail_msg("'%s'", entries[i]);
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(host_list_add(&list, long_name), -EINVAL);
	for (i = 0; i < FETCH_HOSTS_MAX; i++)
		assert_int_equal(host_list_add(&list, "idp.example"), 0);
	assert_int_equal(host_list_add(&list, "idp.example"), -EINVAL);
	host_list_done(&list);
	assert_int_equal(list.count, 0);
}

static void
test_what_a_proxy_is(void **state)
{
	(void)state;
	assert_int_equal(host_list_check_proxy("http://proxy.example:3128"), 0);
	assert_int_equal(host_list_check_proxy("https://proxy.example"), 0);
	assert_int_equal(
	    host_list_check_proxy("http://u:p@proxy.example"), -EINVAL);
	assert_int_equal(
	    host_list_check_proxy("socks5://proxy.example"), -EINVAL);
	assert_int_equal(host_list_check_proxy("proxy.example:3128"), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_host_is_its_name_and_port),
	    cmocka_unit_test(test_only_https),
	    cmocka_unit_test(test_no_userinfo),
	    cmocka_unit_test(test_confusing_hosts_are_refused),
	    cmocka_unit_test(test_what_an_entry_must_not_be),
	    cmocka_unit_test(test_what_a_proxy_is),
	};

	return cmocka_run_group_tests_name("host_list", tests, NULL, NULL);
}
