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

static void
refuse(enum login_verdict verdict, const char *reason,
    char ret_text[static LOGIN_TEXT_SIZE])
{
	const struct sentence_refusal refusal = {
	    .verdict = verdict,
	    .reason = reason,
	    .correlation = "K7F3-9QXM",
	};

	sentence_refuse(&refusal, ret_text);
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
		refuse((enum login_verdict)verdict, "any", texts[verdict]);
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
	refuse(LOGIN_DENY, "other-person", text);
	assert_non_null(strstr(text, "annen person"));
	assert_true(is_ascii(text));
	refuse(LOGIN_DENY, "acr-too-low", text);
	assert_non_null(strstr(text, "svakere eID"));
	assert_true(is_ascii(text));
	refuse(LOGIN_DENY, "denied", text);
	assert_non_null(strstr(text, "avvist"));
	assert_true(is_ascii(text));
	refuse(LOGIN_DENY, "test-identity", text);
	assert_non_null(strstr(text, "testperson"));
	assert_true(is_ascii(text));
	refuse(LOGIN_DENY, "person-number-bad", text);
	assert_non_null(strstr(text, "identitetsnummer"));
	assert_true(is_ascii(text));
	refuse(LOGIN_DENY, "account-locked", text);
	assert_non_null(strstr(text, "sperret"));
}

static const struct config_group groups[] = {
    {.name = "ko-drift"}, {.name = "ko-vakt"}};

/* What is said before the code, and after a refusal. */
static const struct {
	struct config_service service;
	const char *why;
	const char *refusal;
} needs[] = {
    {{.name = "sudo",
	 .dialogue = CONFIG_DIALOGUE_TERMINAL,
	 .acr = "high",
	 .max_age_s = 900},
	"\nsudo krever nivå high\nog en innlogging som er høyst 15 minutter "
	"gammel.\n\nLogg inn som",
	"sudo krever en innlogging med eID av grad\nhigh,\n"
	"ikke eldre enn 15 minutter.\n"
	"Logg inn med koden i en terminal, og start dette igjen.\n"
	"Referanse: K7F3-9QXM"},
    {{.name = "sshd", .dialogue = CONFIG_DIALOGUE_HELD, .acr = "high"},
	"\nsshd krever nivå high.\n\nLogg inn som",
	"sshd krever en innlogging med eID av grad\nhigh.\n"
	"Logg inn med koden:\n"
	"ssh -o PreferredAuthentications=keyboard-interactive\n"
	"Referanse: K7F3-9QXM"},
    {{.name = "su", .dialogue = CONFIG_DIALOGUE_TERMINAL, .max_age_s = 3600},
	"\nsu krever en innlogging som er høyst 1 time gammel.\n\n",
	"su krever en innlogging\nikke eldre enn 1 time.\n"},
    {{.name = "su", .groups = groups, .groups_count = 2}, "\nLogg inn som",
	NULL},
};

static void
test_says_what_a_service_needs(void **state)
{
	struct sentence_invitation with = invitation();
	struct sentence_refusal refusal = {.verdict = LOGIN_DENY,
	    .reason = "step-up-needed",
	    .correlation = "K7F3-9QXM"};
	char text[LOGIN_TEXT_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		const struct need need = {.service = &needs[i].service,
		    .max_age_s = needs[i].service.max_age_s};

		with.need = &need;
		sentence_invite(&with, text);
		assert_memory_equal(text, needs[i].why, strlen(needs[i].why));
		if (!needs[i].refusal)
			continue;
		refusal.need = &need;
		sentence_refuse(&refusal, text);
		assert_memory_equal(
		    text, needs[i].refusal, strlen(needs[i].refusal));
		assert_true(is_ascii(text));
	}
}

static void
test_names_the_groups_that_are_missing(void **state)
{
	const struct need need = {.service = &needs[3].service};
	const struct sentence_refusal refusal = {.verdict = LOGIN_DENY,
	    .reason = "group-missing",
	    .correlation = "K7F3-9QXM",
	    .need = &need};
	char text[LOGIN_TEXT_SIZE];

	(void)state;
	sentence_refuse(&refusal, text);
	assert_non_null(strstr(text, "medlemmer av\n  ko-drift\n  ko-vakt\n"));
	assert_non_null(strstr(text, "leder"));
	assert_non_null(strstr(text, "Referanse: K7F3-9QXM"));
	assert_true(is_ascii(text));
	assert_true(widest_line(text) < 80);
}

/* Of a token, and of what stands for one. */
static const struct {
	const char *reason;
	enum login_verdict verdict;
	const char *says;
} of_tokens[] = {
    {"token-cut", LOGIN_DENY, "kuttet etter 1023 tegn"},
    {"token-cut", LOGIN_DENY, "portvakt handle --service sshd < token"},
    {"handle-used", LOGIN_DENY, "Engangskoden gjelder ikke."},
    {"handle-used", LOGIN_DENY, "portvakt handle --service sshd < token"},
    {"expired", LOGIN_DENY, "Tokenet gjelder ikke lenger."},
    {"audience-wrong", LOGIN_DENY, "en annen tjeneste"},
    {"signature-bad", LOGIN_DENY, "Tokenet ble ikke godtatt."},
    {"account-locked", LOGIN_DENY, "Kontoen er sperret."},
    {"provider-outage", LOGIN_OUTAGE, "svarer ikke som den skal"},
    {"tokens-not-configured", LOGIN_MISCONFIGURED, "tar ikke imot token"},
};

static void
test_says_what_is_wrong_with_a_token(void **state)
{
	struct sentence_refusal refusal = {.correlation = "K7F3-9QXM",
	    .by_token = true,
	    .token_size = 1023,
	    .service = "sshd"};
	char text[LOGIN_TEXT_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(of_tokens) / sizeof(of_tokens[0]); i++) {
		refusal.verdict = of_tokens[i].verdict;
		refusal.reason = of_tokens[i].reason;
		sentence_refuse(&refusal, text);
		if (!strstr(text, of_tokens[i].says))
			fail_msg("%s: %s", of_tokens[i].reason, text);
		assert_non_null(strstr(text, "Referanse: K7F3-9QXM"));
		assert_true(is_ascii(text));
		assert_true(widest_line(text) < 80);
	}
}

static void
test_one_wording_for_every_handle_that_is_not_good(void **state)
{
	static const char *const words[] = {"handle-unknown", "handle-used",
	    "handle-expired", "handle-of-another-account",
	    "handle-of-another-service"};
	struct sentence_refusal refusal = {.verdict = LOGIN_DENY,
	    .correlation = "K7F3-9QXM",
	    .by_token = true,
	    .service = "sudo"};
	char first[LOGIN_TEXT_SIZE], text[LOGIN_TEXT_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		refusal.reason = words[i];
		sentence_refuse(&refusal, i == 0 ? first : text);
		if (i > 0)
			assert_string_equal(text, first);
	}
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
	    cmocka_unit_test(test_says_what_a_service_needs),
	    cmocka_unit_test(test_names_the_groups_that_are_missing),
	    cmocka_unit_test(test_says_what_is_wrong_with_a_token),
	    cmocka_unit_test(
		test_one_wording_for_every_handle_that_is_not_good),
	};

	return cmocka_run_group_tests_name("sentence", tests, NULL, NULL);
}
