/*
 * Pairwise subjects, linked by number: who is asked when, and what is made of
 * the answer. A linker that answers what a test wants stands for portvakt-api.
 */
#include "tests/unit/service_world.h"
#include "tests/unit/unit.h"
#include "tests/vectors/mint.h"
#include "verify/portvakt_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NUMBER "21879498012"

static struct service_world *world;
static struct portvakt *portvakt;
static struct portvakt_result *result;
static int64_t now_s, boot_s;

static struct {
	int error;
	const char *name;
	uint32_t uid;
	unsigned int asked;
	char said[256]; /* of the query */
	int64_t expires_at_s;
} linker_state;

int __wrap_clock_gettime(clockid_t id, struct timespec *ret_time);

int
__wrap_clock_gettime(clockid_t id, struct timespec *ret_time)
{
	*ret_time =
	    (struct timespec){.tv_sec = id == CLOCK_BOOTTIME ? boot_s : now_s};
	return 0;
}

static int
find(void *userdata, const struct link_query *query,
    struct link_holder *ret_holder)
{
	assert_ptr_equal(userdata, &linker_state);
	linker_state.asked++;
	linker_state.expires_at_s = query->expires_at_s;
	assert_int_equal(query->now_s, now_s);
	assert_true(query->token.size > 0);
	(void)snprintf(linker_state.said, sizeof(linker_state.said),
	    "%s %.*s %.*s %s", query->issuer, (int)query->subject.size,
	    query->subject.at, (int)query->person_number.size,
	    query->person_number.at, query->audience);
	assert_int_equal(query->links_epoch, world->content.links_epoch);
	assert_int_equal(query->scopes_count, 1);
	assert_string_equal(query->scopes[0], "ko:saker.read");
	if (!linker_state.error) {
		(void)snprintf(ret_holder->account, NAME_MAX_SIZE, "%s",
		    linker_state.name);
		ret_holder->uid = linker_state.uid;
	}
	return linker_state.error;
}

static int
set_up(void **state)
{
	const struct linker linker = {find, &linker_state};

	(void)state;
	now_s = WORLD_NOW_S;
	boot_s = WORLD_BOOT_S;
	memset(&linker_state, 0, sizeof(linker_state));
	linker_state.name = "kari";
	linker_state.uid = WORLD_UID;
	world = service_world_new();
	world->content.issuers[WORLD_STAFF].links_persons = true;
	world->content.links_epoch = 5;
	service_world_publish(world);
	assert_int_equal(portvakt_open(world->path, &portvakt), 0);
	portvakt_set_linker(portvakt, &linker);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	portvakt_result_free(result);
	result = NULL;
	portvakt_close(portvakt);
	service_world_free(world);
	return 0;
}

static const char *
ask(enum world_issuer issuer, const char *from, const char *to)
{
	static const char *const scopes[] = {"ko:saker.read"};
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;
	char *payload = mint_replace(world_payloads[issuer], from, to);
	char *token = world_token(payload);

	options.scopes = scopes;
	options.scopes_count = 1;
	portvakt_result_free(result);
	(void)portvakt_verify(portvakt, token, strlen(token),
	    issuer == WORLD_MACHINES ? NULL : WORLD_AUDIENCE, &options,
	    &result);
	free(token);
	free(payload);
	return portvakt_result_word(result);
}

/* A subject that the register does not know. */
static const char *
ask_pairwise(void)
{
	return ask(WORLD_STAFF, "sub-kari", "pairwise-1");
}

static void
a_number_tells_whose_it_is(void **state)
{
	(void)state;
	assert_string_equal(ask_pairwise(), "good");
	assert_string_equal(portvakt_result_account(result), "kari");
	assert_string_equal(portvakt_result_subject(result), "pairwise-1");
	assert_true(portvakt_result_has_group(result, "ko-arkiv"));
	assert_int_equal(linker_state.asked, 1);
	assert_int_equal(linker_state.expires_at_s, WORLD_EXPIRES_S);
	assert_string_equal(
	    linker_state.said, "staff pairwise-1 " NUMBER " " WORLD_AUDIENCE);
	assert_string_equal(ask_pairwise(), "good");
	assert_int_equal(linker_state.asked, 1);
}

static void
nobody_is_asked_in_vain(void **state)
{
	(void)state;
	assert_string_equal(ask(WORLD_STAFF, "kari", "kari"), "good");
	assert_string_equal(portvakt_result_account(result), "kari");
	assert_string_equal(
	    ask(WORLD_STAFF,
		"sub-kari\",\"acr\":\"idporten-loa-substantial\","
		"\"auth_time\":1678375491,\"pid\":\"" NUMBER,
		"pairwise-1"),
	    "good");
	assert_null(portvakt_result_account(result));
	assert_string_equal(
	    ask(WORLD_STAFF, "sub-kari\",", "pairwise-1\",\"nonce\":\"x\","),
	    "login-token");
	world->content.issuers[WORLD_MACHINES].links_persons = true;
	world->content.issuers[WORLD_STAFF].links_persons = false;
	service_world_publish(world);
	assert_string_equal(ask(WORLD_MACHINES, "\"consumer\"",
				"\"pid\":\"" NUMBER "\",\"consumer\""),
	    "good");
	assert_string_equal(ask_pairwise(), "good");
	assert_null(portvakt_result_account(result));
	assert_int_equal(linker_state.asked, 0);
}

static void
without_a_linker_nobody_is_linked(void **state)
{
	(void)state;
	assert_string_equal(ask_pairwise(), "good");
	assert_string_equal(portvakt_result_account(result), "kari");
	portvakt_set_linker(portvakt, NULL);
	assert_string_equal(ask_pairwise(), "good");
	assert_null(portvakt_result_account(result));
	assert_int_equal(portvakt_result_groups_count(result), 0);
	assert_int_equal(linker_state.asked, 1);
}

static void
nobodys_number_is_asked_again_soon(void **state)
{
	(void)state;
	linker_state.error = -ENOENT;
	assert_string_equal(ask_pairwise(), "good");
	assert_null(portvakt_result_account(result));
	linker_state.error = 0;
	now_s += LINK_NOBODY_S - 1;
	assert_string_equal(ask_pairwise(), "good");
	assert_null(portvakt_result_account(result));
	now_s++;
	assert_string_equal(ask_pairwise(), "good");
	assert_string_equal(portvakt_result_account(result), "kari");
	assert_int_equal(linker_state.asked, 2);
}

static void
silence_is_an_outage(void **state)
{
	(void)state;
	linker_state.error = -EAGAIN;
	assert_string_equal(ask_pairwise(), "link-unavailable");
	assert_int_equal(
	    portvakt_result_reason(result), PORTVAKT_LINK_UNAVAILABLE);
	assert_int_equal(
	    portvakt_result_verdict(result), PORTVAKT_VERDICT_OUTAGE);
	assert_null(portvakt_result_subject(result));
	linker_state.error = -EIO;
	assert_string_equal(ask_pairwise(), "link-unavailable");
	linker_state.error = 0;
	assert_string_equal(ask_pairwise(), "good");
	assert_string_equal(portvakt_result_account(result), "kari");
}

/* A link is no way around what the administrator says of the account. */
static void
the_account_is_judged_as_ever(void **state)
{
	struct trust_account *kari = &world->accounts[0].account;

	(void)state;
	kari->locked = true;
	service_world_publish(world);
	assert_string_equal(ask_pairwise(), "account-locked");
	kari->locked = false;
	kari->tokens_from_s = WORLD_NOW_S;
	service_world_publish(world);
	assert_string_equal(ask_pairwise(), "revoked");
	kari->tokens_from_s = TRUST_SINCE_EVER;
	service_world_publish(world);
	assert_string_equal(ask_pairwise(), "good");
	linker_state.name = "gone";
	service_world_publish(world);
	assert_string_equal(ask_pairwise(), "good");
	assert_null(portvakt_result_account(result));
}

/* The name was given to somebody else since the answer was. */
static void
an_account_is_nobodys_who_had_the_name_before(void **state)
{
	struct trust_account *kari = &world->accounts[0].account;

	(void)state;
	kari->uid++;
	service_world_publish(world);
	assert_string_equal(ask_pairwise(), "good");
	assert_null(portvakt_result_account(result));
	assert_int_equal(portvakt_result_groups_count(result), 0);
	kari->uid--;
	service_world_publish(world);
	assert_string_equal(ask_pairwise(), "good");
	assert_string_equal(portvakt_result_account(result), "kari");
}

/* A number leads to an account of the issuer that says it, and to no other. */
static void
an_account_of_another_issuer_is_not_led_to(void **state)
{
	(void)state;
	world->accounts[0].issuer = WORLD_INTERNAL;
	service_world_publish(world);
	assert_string_equal(ask_pairwise(), "good");
	assert_int_equal(linker_state.asked, 1);
	assert_null(portvakt_result_account(result));
	world->accounts[0].issuer = (enum world_issuer)TRUST_NO_ISSUER;
	service_world_publish(world);
	assert_string_equal(ask_pairwise(), "good");
	assert_null(portvakt_result_account(result));
}

/* What is wrong with the token is said first, and to nobody else. */
static void
bad_tokens_are_shown_to_nobody(void **state)
{
	(void)state;
	assert_string_equal(
	    ask(WORLD_STAFF,
		"sub-kari\",\"acr\":\"idporten-loa-substantial\","
		"\"auth_time\":1678375491,\"pid\":\"" NUMBER,
		"pairwise-1\",\"pid\":\"21879498013"),
	    "person-number-bad");
	now_s = WORLD_EXPIRES_S + 60;
	assert_string_equal(ask_pairwise(), "expired");
	now_s = WORLD_NOW_S;
	world->sessions[0] =
	    (struct trust_session){WORLD_SESSION, TRUST_ANY_ISSUER};
	world->content.sessions_count = 1;
	service_world_publish(world);
	assert_string_equal(ask_pairwise(), "revoked");
	assert_int_equal(linker_state.asked, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_number_tells_whose_it_is),
	    TEST(nobody_is_asked_in_vain),
	    TEST(without_a_linker_nobody_is_linked),
	    TEST(nobodys_number_is_asked_again_soon),
	    TEST(silence_is_an_outage),
	    TEST(the_account_is_judged_as_ever),
	    TEST(an_account_is_nobodys_who_had_the_name_before),
	    TEST(an_account_of_another_issuer_is_not_led_to),
	    TEST(bad_tokens_are_shown_to_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
