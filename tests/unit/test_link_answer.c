/* Answers to POST /link: the good ones, and what is none. */
#include "tests/unit/unit.h"
#include "verify/link_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OK "HTTP/1.1 200 OK\r\n"
#define SIZE(n) "Content-Length: " #n "\r\n"
#define KARI "{\"account\":\"kari\"}"

static const struct {
	const char *answer;
	int expected;
} answers[] = {
    {OK SIZE(18) "\r\n" KARI, 0},
    {"HTTP/1.1 200\r\n" SIZE(18) "\r\n" KARI, 0},
    {OK "Date: x\r\nContent-Type: application/json\r\ncontent-length:18\r\n"
	"\r\n" KARI,
	0},
    {OK SIZE(23) "\r\n{\"x\":1,\"account\":\"kari\"}\n", -EBADMSG},
    {OK SIZE(25) "\r\n{\"x\":1,\"account\":\"kari\"}\n", 0},
    {OK SIZE(16) "\r\n{\"account\":null}", -ENOENT},
    {"HTTP/1.1 403 Forbidden\r\n" SIZE(0) "\r\n", -ENOENT},
    {"HTTP/1.1 403 Forbidden\r\n" SIZE(2) "\r\n", -EBADMSG},
    {"HTTP/1.1 503 Service Unavailable\r\n" SIZE(0) "\r\n", -EAGAIN},
    {"HTTP/1.1 401 Unauthorized\r\n" SIZE(0) "\r\n", -EAGAIN},
    {"HTTP/1.1 404 Not Found\r\n" SIZE(18) "\r\n" KARI, -EAGAIN},
    {"HTTP/1.1 204 No Content\r\n" SIZE(0) "\r\n", -EAGAIN},
    /* What is not whole, or not exactly that. */
    {"", -EBADMSG},
    {"\r\n\r\n", -EBADMSG},
    {OK, -EBADMSG},
    {OK "\r\n" KARI, -EBADMSG},
    {OK SIZE(18) KARI, -EBADMSG},
    {OK SIZE(17) "\r\n" KARI, -EBADMSG},
    {OK SIZE(19) "\r\n" KARI, -EBADMSG},
    {OK SIZE(18) SIZE(18) "\r\n" KARI, -EBADMSG},
    {OK SIZE(+18) "\r\n" KARI, -EBADMSG},
    {OK SIZE(00018) "\r\n" KARI, -EBADMSG},
    {OK "Content-Length:\r\n\r\n", -EBADMSG},
    {OK SIZE(18) "Transfer-Encoding: chunked\r\n\r\n" KARI, -EBADMSG},
    {"HTTP/1.0 200 OK\r\n" SIZE(18) "\r\n" KARI, -EBADMSG},
    {"HTTP/1.1 2000 OK\r\n" SIZE(18) "\r\n" KARI, -EBADMSG},
    {"HTTP/1.1 20 OK\r\n" SIZE(18) "\r\n" KARI, -EBADMSG},
    {"HTTP/1.1 900 OK\r\n" SIZE(18) "\r\n" KARI, -EBADMSG},
    {OK SIZE(2) "\r\n{}", -EBADMSG},
    {OK SIZE(4) "\r\nnull", -EBADMSG},
    {OK SIZE(13) "\r\n{\"account\":1}", -EBADMSG},
    {OK SIZE(14) "\r\n{\"account\":\"\"}", -EBADMSG},
    {OK SIZE(18) "\r\n{\"account\":\"KARI\"}", -EBADMSG},
    {OK SIZE(18) "\r\n{\"account\":\"a/b\"}", -EBADMSG},
    {OK SIZE(35) "\r\n{\"account\":\"kari\",\"account\":\"kari\"}", -EBADMSG},
    {OK SIZE(54) "\r\n{\"account\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "a\"}",
	-EBADMSG},
    {OK SIZE(18) "\r\n{\"account\":\"kari\"]", -EBADMSG},
};

/* Where a sanitizer sees each byte. */
static int
read_answer(const char *text, size_t size, char ret_account[NAME_MAX_SIZE])
{
	char *answer = malloc(size ? size : 1);
	int error;

	assert_non_null(answer);
	memcpy(answer, text, size);
	error = link_answer_read(answer, size, ret_account);
	free(answer);
	return error;
}

static void
reads_what_is_one(void **state)
{
	char account[NAME_MAX_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		(void)strcpy(account, "untouched");
		if (read_answer(answers[i].answer, strlen(answers[i].answer),
			account) != answers[i].expected)
			fail_msg("answer %zu: %s", i, answers[i].answer);
		assert_string_equal(
		    account, answers[i].expected ? "untouched" : "kari");
	}
}

static void
refuses_what_is_cut(void **state)
{
	static const char whole[] = OK SIZE(18) "Server: x\r\n\r\n" KARI;
	char account[NAME_MAX_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(whole) - 1; i++)
		assert_int_equal(read_answer(whole, i, account), -EBADMSG);
	assert_int_equal(read_answer(whole, i, account), 0);
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
