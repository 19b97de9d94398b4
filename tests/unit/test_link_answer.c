/* Answers to POST /link: the good ones, and what is none. */
#include "tests/unit/unit.h"
#include "verify/link_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OK "HTTP/1.1 200 OK\r\n"
#define SIZE(n) "Content-Length: " #n "\r\n"
#define OF_KARI "\"account\":\"kari\",\"uid\":2000000001,\"links_epoch\":9"
#define KARI "{" OF_KARI "}"

static const struct {
	const char *answer;
	int expected;
} answers[] = {
    {OK SIZE(51) "\r\n" KARI, 0},
    {"HTTP/1.1 200\r\n" SIZE(51) "\r\n" KARI, 0},
    {OK "Date: x\r\nContent-Type: application/json\r\ncontent-length:51\r\n"
	"\r\n" KARI,
	0},
    {OK SIZE(56) "\r\n{\"x\":1," OF_KARI "}\n", -EBADMSG},
    {OK SIZE(58) "\r\n{\"x\":1," OF_KARI "}\n", 0},
    {OK SIZE(16) "\r\n{\"account\":null}", -ENOENT},
    {"HTTP/1.1 403 Forbidden\r\n" SIZE(0) "\r\n", -ENOENT},
    {"HTTP/1.1 403 Forbidden\r\n" SIZE(2) "\r\n", -EBADMSG},
    {"HTTP/1.1 503 Service Unavailable\r\n" SIZE(0) "\r\n", -EAGAIN},
    {"HTTP/1.1 401 Unauthorized\r\n" SIZE(0) "\r\n", -ENOTSUP},
    {"HTTP/1.1 400 Bad Request\r\n" SIZE(0) "\r\n", -ENOTSUP},
    {"HTTP/1.1 500 Error\r\n" SIZE(0) "\r\n", -EAGAIN},
    {"HTTP/1.1 302 Found\r\n" SIZE(0) "\r\n", -EAGAIN},
    {"HTTP/1.1 404 Not Found\r\n" SIZE(51) "\r\n" KARI, -ENOTSUP},
    {"HTTP/1.1 204 No Content\r\n" SIZE(0) "\r\n", -EAGAIN},
    /* What is not whole, or not exactly that. */
    {"", -EBADMSG},
    {"\r\n\r\n", -EBADMSG},
    {OK, -EBADMSG},
    {OK "\r\n" KARI, -EBADMSG},
    {OK SIZE(51) KARI, -EBADMSG},
    {OK SIZE(50) "\r\n" KARI, -EBADMSG},
    {OK SIZE(52) "\r\n" KARI, -EBADMSG},
    {OK SIZE(51) SIZE(51) "\r\n" KARI, -EBADMSG},
    {OK SIZE(+51) "\r\n" KARI, -EBADMSG},
    {OK SIZE(00051) "\r\n" KARI, -EBADMSG},
    {OK "Content-Length:\r\n\r\n", -EBADMSG},
    {OK SIZE(51) "Transfer-Encoding: chunked\r\n\r\n" KARI, -EBADMSG},
    {"HTTP/1.0 200 OK\r\n" SIZE(51) "\r\n" KARI, -EBADMSG},
    {"HTTP/1.1 2000 OK\r\n" SIZE(51) "\r\n" KARI, -EBADMSG},
    {"HTTP/1.1 20 OK\r\n" SIZE(51) "\r\n" KARI, -EBADMSG},
    {"HTTP/1.1 900 OK\r\n" SIZE(51) "\r\n" KARI, -EBADMSG},
    {OK SIZE(2) "\r\n{}", -EBADMSG},
    {OK SIZE(4) "\r\nnull", -EBADMSG},
    {OK SIZE(13) "\r\n{\"account\":1}", -EBADMSG},
    {OK SIZE(14) "\r\n{\"account\":\"\"}", -EBADMSG},
    {OK SIZE(18) "\r\n{\"account\":\"kari\"}", -EBADMSG},
    {OK SIZE(35) "\r\n{\"account\":\"kari\",\"uid\":2000000001}", -EBADMSG},
    {OK SIZE(34) "\r\n{\"account\":\"kari\",\"links_epoch\":9}", -EBADMSG},
    {OK SIZE(42) "\r\n{\"account\":\"kari\",\"uid\":0,\"links_epoch\":9}",
	-EBADMSG},
    {OK SIZE(46) "\r\n{\"account\":\"kari\",\"uid\":65535,\"links_epoch\":9}",
	-EBADMSG},
    {OK SIZE(
	 51) "\r\n{\"account\":\"kari\",\"uid\":4294967295,\"links_epoch\":9}",
	-EBADMSG},
    {OK SIZE(43) "\r\n{\"account\":\"kari\",\"uid\":-1,\"links_epoch\":9}",
	-EBADMSG},
    {OK SIZE(53) "\r\n{\"account\":\"kari\",\"uid\":\"2000000001\",\"links_"
		 "epoch\":9}",
	-EBADMSG},
    {OK SIZE(
	 52) "\r\n{\"account\":\"kari\",\"uid\":2000000001,\"links_epoch\":-9}",
	-EBADMSG},
    {OK SIZE(69) "\r\n{\"account\":\"kari\",\"uid\":2000000001,\"links_epoch\":"
		 "9223372036854775808}",
	-EBADMSG},
    {OK SIZE(
	 51) "\r\n{\"account\":\"KARI\",\"uid\":2000000001,\"links_epoch\":9}",
	-EBADMSG},
    {OK SIZE(
	 50) "\r\n{\"account\":\"a/b\",\"uid\":2000000001,\"links_epoch\":9}",
	-EBADMSG},
    {OK SIZE(68) "\r\n{\"account\":\"kari\"," OF_KARI "}", -EBADMSG},
    {OK SIZE(86) "\r\n{\"account\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
		 "\"uid\":2000000001,\"links_epoch\":9}",
	-EBADMSG},
    {OK SIZE(51) "\r\n{" OF_KARI "]", -EBADMSG},
};

/* Where a sanitizer sees each byte. */
static int
read_answer(const char *text, size_t size, struct link_holder *ret_holder)
{
	char *answer = malloc(size ? size : 1);
	int error;

	assert_non_null(answer);
	memcpy(answer, text, size);
	error = link_answer_read(answer, size, ret_holder);
	free(answer);
	return error;
}

static void
reads_what_is_one(void **state)
{
	struct link_holder holder;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		(void)strcpy(holder.account, "untouched");
		if (read_answer(answers[i].answer, strlen(answers[i].answer),
			&holder) != answers[i].expected)
			fail_msg("answer %zu: %s", i, answers[i].answer);
		assert_string_equal(
		    holder.account, answers[i].expected ? "untouched" : "kari");
	}
}

static void
refuses_what_is_cut(void **state)
{
	static const char whole[] = OK SIZE(51) "Server: x\r\n\r\n" KARI;
	struct link_holder holder;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(whole) - 1; i++)
		assert_int_equal(read_answer(whole, i, &holder), -EBADMSG);
	assert_int_equal(read_answer(whole, i, &holder), 0);
	assert_int_equal(holder.uid, 2000000001);
	assert_int_equal(holder.links_epoch, 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_what_is_one),
	    cmocka_unit_test(refuses_what_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
