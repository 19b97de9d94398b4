#include "broker/login/qr.h"
#include "broker/login/sentence.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static struct sentence_invitation
invitation(void)
{
	return (struct sentence_invitation){
	    .account = "kari",
	    .host = "ws-17",
	    .verification_uri = "https://idp.example/device",
	    .verification_uri_complete =
		"https://idp.example/device?user_code=ABCD-EFGH",
	    .user_code = "ABCD-EFGH",
	    .expires_in_s = 290,
	    .with_qr = true,
	};
}

/* Characters of the widest line: 80 columns are what everybody has. */
static size_t
widest_line(const char *text)
{
	size_t width = 0, widest = 0;

	for (; *text; text++) {
		if (*text == '\n')
			width = 0;
		else if (((unsigned char)*text & 0xc0) != 0x80)
			width++;
		if (width > widest)
			widest = width;
	}
	return widest;
}

static void
test_invites_with_address_code_and_qr(void **state)
{
	struct sentence_invitation with = invitation();
	char text[LOGIN_TEXT_SIZE];

	(void)state;
	sentence_invite(&with, text);
	assert_non_null(strstr(text, "kari"));
	assert_non_null(strstr(text, "ws-17"));
	assert_non_null(strstr(text, "https://idp.example/device\n"));
	assert_non_null(strstr(text, "ABCD-EFGH\n"));
	assert_non_null(strstr(text, "\u2588\u2588"));
	assert_non_null(strstr(text, "5 min"));
	assert_true(widest_line(text) < 80);
	assert_true(strlen(text) < 3500);
}

static void
test_does_without_a_qr_code(void **state)
{
	struct sentence_invitation without = invitation();
	char text[LOGIN_TEXT_SIZE];

	(void)state;
	without.verification_uri_complete = NULL;
	sentence_invite(&without, text);
	assert_null(strstr(text, "\u2588"));
	without = invitation();
	without.with_qr = false;
	sentence_invite(&without, text);
	assert_null(strstr(text, "\u2588"));
	assert_non_null(strstr(text, "ABCD-EFGH\n"));
}

static void
test_qr_refuses_what_does_not_fit(void **state)
{
	char text[QR_TEXT_SIZE] = "untouched", long_uri[2000];

	(void)state;
	memset(long_uri, 'a', sizeof(long_uri) - 1);
	long_uri[sizeof(long_uri) - 1] = '\0';
	assert_int_not_equal(qr_draw(long_uri, text), 0);
	assert_string_equal(text, "untouched");
}

static bool
is_ascii(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text > 126)
			return false;
	}
	return true;
}

/* Each verdict has words, a next step and the reference; no two are alike. */
static void
test_refusals_differ_and_bear_the_reference(void **state)
{
	char texts[LOGIN_EXPIRED + 1][LOGIN_TEXT_SIZE];
	int verdict, other;

	(void)state;
	for (verdict = LOGIN_DENY; verdict <= LOGIN_EXPIRED; verdict++) {
		if (verdict == LOGIN_ALLOW)
			continue;
		sentence_refuse((enum login_verdict)verdict, "any", "K7F3-9QXM",
		    texts[verdict]);
		assert_non_null(strstr(texts[verdict], "K7F3-9QXM"));
		assert_true(widest_line(texts[verdict]) < 80);
		assert_true(is_ascii(texts[verdict]));
		for (other = LOGIN_DENY; other < verdict; other++) {
			if (other != LOGIN_ALLOW)
				assert_string_not_equal(
				    texts[verdict], texts[other]);
		}
	}
}

static void
test_says_what_a_person_can_do(void **state)
{
	char text[LOGIN_TEXT_SIZE];

	(void)state;
	sentence_refuse(LOGIN_DENY, "other-person", "K7F3-9QXM", text);
	assert_non_null(strstr(text, "annen person"));
	assert_true(is_ascii(text));
	sentence_refuse(LOGIN_DENY, "acr-too-low", "K7F3-9QXM", text);
	assert_non_null(strstr(text, "svakere eID"));
	assert_true(is_ascii(text));
	sentence_refuse(LOGIN_DENY, "denied", "K7F3-9QXM", text);
	assert_non_null(strstr(text, "avvist"));
	assert_true(is_ascii(text));
	sentence_refuse(LOGIN_DENY, "test-identity", "K7F3-9QXM", text);
	assert_non_null(strstr(text, "testperson"));
	assert_true(is_ascii(text));
	sentence_refuse(LOGIN_DENY, "person-number-bad", "K7F3-9QXM", text);
	assert_non_null(strstr(text, "identitetsnummer"));
	assert_true(is_ascii(text));
	sentence_refuse(LOGIN_DENY, "account-locked", "K7F3-9QXM", text);
	assert_non_null(strstr(text, "sperret"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_invites_with_address_code_and_qr),
	    cmocka_unit_test(test_does_without_a_qr_code),
	    cmocka_unit_test(test_qr_refuses_what_does_not_fit),
	    cmocka_unit_test(test_refusals_differ_and_bear_the_reference),
	    cmocka_unit_test(test_says_what_a_person_can_do),
	};

	return cmocka_run_group_tests_name("sentence", tests, NULL, NULL);
}
