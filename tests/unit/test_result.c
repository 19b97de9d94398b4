#include "tests/unit/unit.h"
#include "verify/reason.h"
#include "verify/result.h"

#include <stdlib.h>
#include <string.h>

static const struct policy_group groups[] = {
    {.name = "ko-arkiv", .gid = 1900000100},
    {.name = "ko-leder", .gid = 1900000101},
    {.name = "ko-post", .gid = 1900000102},
};

static const struct decision decisions[] = {
    {.group = &groups[0], .outcome = DECISION_GRANTED, .changes_at_s = 500},
    {.group = &groups[1], .outcome = DECISION_WITHHELD, .changes_at_s = 1},
    {.group = &groups[2],
	.outcome = DECISION_GRANTED,
	.changes_at_s = POLICY_NO_END},
};

/* In memory of its own, which is gone when the result is looked at. */
static struct portvakt_result *
make(void)
{
	struct identity *identity = calloc(1, sizeof(*identity));
	struct result_source source = {
	    .kind = PORTVAKT_SUBJECT_PERSON,
	    .identity = identity,
	    .decisions = decisions,
	    .decisions_count = 3,
	    .texts = {[RESULT_ACCOUNT] = slice_of("ola"),
		[RESULT_SUBJECT] = {"sub-that-goes-on", 3}},
	};
	struct portvakt_result *result = NULL;

	identity->acr_rank = 2;
	identity->expires_at_s = 1000;
	identity->scopes[0] = slice_of("a:read");
	identity->scopes[1] = slice_of("a:write");
	identity->scopes_count = 2;
	identity->mandates[0].organisation = slice_of("0192:911830868");
	identity->mandates[0].resource = slice_of("urn:x");
	identity->mandates[1].organisation = slice_of("0192:974760673");
	identity->mandates_count = 2;
	assert_int_equal(result_new(&source, &result), 0);
	memset(identity, 'x', sizeof(*identity));
	free(identity);
	return result;
}

static void
says_what_it_was_made_of(void **state)
{
	struct portvakt_result *result = make();

	(void)state;
	assert_int_equal(
	    portvakt_result_verdict(result), PORTVAKT_VERDICT_GOOD);
	assert_string_equal(portvakt_result_word(result), "good");
	assert_string_equal(portvakt_result_account(result), "ola");
	assert_string_equal(portvakt_result_subject(result), "sub");
	assert_null(portvakt_result_consumer(result));
	assert_int_equal(portvakt_result_level(result), 2);
	assert_int_equal(portvakt_result_expires_at(result), 1000);
	assert_int_equal(portvakt_result_scopes_count(result), 2);
	assert_string_equal(portvakt_result_scope(result, 1), "a:write");
	assert_null(portvakt_result_scope(result, 2));
	portvakt_result_free(result);
}

static void
lists_the_granted_groups(void **state)
{
	struct portvakt_result *result = make();

	(void)state;
	assert_int_equal(portvakt_result_groups_count(result), 2);
	assert_string_equal(portvakt_result_group_name(result, 0), "ko-arkiv");
	assert_int_equal(portvakt_result_group_gid(result, 0), 1900000100);
	assert_int_equal(portvakt_result_group_granted_until(result, 0), 500);
	assert_string_equal(portvakt_result_group_name(result, 1), "ko-post");
	assert_true(
	    portvakt_result_group_granted_until(result, 1) == INT64_MAX);
	assert_null(portvakt_result_group_name(result, 2));
	assert_true(portvakt_result_has_group(result, "ko-post"));
	assert_false(portvakt_result_has_group(result, "ko-leder"));
	assert_false(portvakt_result_has_group(result, "ko-pos"));
	portvakt_result_free(result);
}

static void
lists_whom_it_acts_for(void **state)
{
	struct portvakt_result *result = make();

	(void)state;
	assert_int_equal(portvakt_result_on_behalf_of_count(result), 2);
	assert_string_equal(
	    portvakt_result_on_behalf_of(result, 0), "0192:911830868");
	assert_string_equal(
	    portvakt_result_on_behalf_of_resource(result, 0), "urn:x");
	assert_null(portvakt_result_on_behalf_of_resource(result, 1));
	assert_null(portvakt_result_on_behalf_of(result, 2));
	portvakt_result_free(result);
}

static void
a_refusal_says_nothing_else(void **state)
{
	struct portvakt_result *result =
	    result_new_refusal(PORTVAKT_EXPIRED, "exp");

	(void)state;
	assert_int_equal(
	    portvakt_result_verdict(result), PORTVAKT_VERDICT_REFUSED);
	assert_string_equal(portvakt_result_word(result), "expired");
	assert_string_equal(portvakt_result_detail(result), "exp");
	assert_int_equal(
	    portvakt_result_subject_kind(result), PORTVAKT_SUBJECT_NONE);
	assert_null(portvakt_result_account(result));
	assert_int_equal(portvakt_result_groups_count(result), 0);
	assert_false(portvakt_result_has_group(result, "ko-post"));
	portvakt_result_free(result);
}

/* For the record alone: whose a refused token is, is no answer. */
static void
a_refusal_tells_its_bearer_to_the_record_alone(void **state)
{
	const struct slice texts[RESULT_TEXTS] = {
	    [RESULT_ACCOUNT] = slice_of("kari"),
	    [RESULT_ISSUER_NAME] = slice_of("staff"),
	    [RESULT_SUBJECT] = slice_of("f3a9"),
	    [RESULT_TOKEN_ID] = slice_of("t-1"),
	    [RESULT_SESSION] = slice_of("s-1"),
	};
	struct portvakt_result *result =
	    result_new_refusal_of(PORTVAKT_REVOKED, NULL, texts);

	(void)state;
	assert_string_equal(portvakt_result_word(result), "revoked");
	assert_null(portvakt_result_account(result));
	assert_null(portvakt_result_issuer_name(result));
	assert_null(portvakt_result_subject(result));
	assert_null(portvakt_result_token_id(result));
	assert_string_equal(result_recorded(result, RESULT_ACCOUNT), "kari");
	assert_string_equal(result_recorded(result, RESULT_SUBJECT), "f3a9");
	assert_string_equal(result_recorded(result, RESULT_TOKEN_ID), "t-1");
	assert_string_equal(result_recorded(result, RESULT_SESSION), "s-1");
	assert_null(result_recorded(result, RESULT_CLIENT_ID));
	portvakt_result_free(result);
}

static void
nothing_is_a_refusal(void **state)
{
	(void)state;
	assert_int_equal(
	    portvakt_result_verdict(NULL), PORTVAKT_VERDICT_REFUSED);
	assert_string_equal(portvakt_result_word(NULL), "not-judged");
	assert_null(portvakt_result_account(NULL));
	assert_null(portvakt_result_scope(NULL, 0));
	assert_false(portvakt_result_has_group(NULL, "ko-post"));
	portvakt_result_free(NULL);
}

/* A number that is not of the list is no yes, either. */
static void
one_reason_alone_is_good(void **state)
{
	unsigned int reason;

	(void)state;
	for (reason = 0; reason < 256; reason++)
		assert_int_equal(reason_verdict((enum portvakt_reason)reason) ==
				     PORTVAKT_VERDICT_GOOD,
		    reason == PORTVAKT_GOOD);
}

/* Who reads the audit log finds the word that the service was told. */
static void
the_words_are_those_of_the_log(void **state)
{
	enum evidence_result result;
	const char *word;

	(void)state;
	for (result = EVIDENCE_GOOD; result <= EVIDENCE_CERTIFICATE_WRONG;
	     result++) {
		if (result == EVIDENCE_NONCE_WRONG ||
		    result == EVIDENCE_AUTHORIZED_PARTY_WRONG)
			continue; /* of logins alone */
		word = reason_word(reason_of_evidence(result));
		assert_string_equal(word, evidence_result_word(result));
		assert_int_equal(reason_of_evidence(result) == PORTVAKT_GOOD,
		    result == EVIDENCE_GOOD);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_it_was_made_of),
	    cmocka_unit_test(lists_the_granted_groups),
	    cmocka_unit_test(lists_whom_it_acts_for),
	    cmocka_unit_test(a_refusal_says_nothing_else),
	    cmocka_unit_test(a_refusal_tells_its_bearer_to_the_record_alone),
	    cmocka_unit_test(nothing_is_a_refusal),
	    cmocka_unit_test(one_reason_alone_is_good),
	    cmocka_unit_test(the_words_are_those_of_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
