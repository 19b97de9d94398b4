/*
 * What the broker knows of its issuer, against a fetcher and a clock that are
 * this test's.
 */
#include "broker/issuer/issuer.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ISSUER "https://idp.example"
#define DISCOVERY ISSUER "/.well-known/openid-configuration"
#define DOCUMENT                                                       \
	"{\"issuer\":\"" ISSUER "\",\"jwks_uri\":\"" ISSUER "/jwks\"," \
	"\"token_endpoint\":\"" ISSUER "/token\","                     \
	"\"device_authorization_endpoint\":\"" ISSUER "/device\"}"
/* The P-256 key of RFC 7517, appendix A.1. */
#define JWKS                                                          \
	"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"1\"," \
	"\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","      \
	"\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}]}"

static struct {
	int64_t now_s;
	fetch_done_fn done;
	void *userdata;
	char url[FETCH_URL_SIZE];
	int fetches;
	int told;
	enum issuer_result result;
	char detail[512];
	const char *date; /* of the answers */
	struct issuer *free_when_told;
} world;

static const struct config_issuer config = {
    .profile = {.issuer = ISSUER}, .logs_people_in = true};

int __wrap_clock_gettime(clockid_t id, struct timespec *ret_now);
int __wrap_fetch_client_start(struct fetch_client *client,
    const struct fetch_request *request, fetch_done_fn done, void *userdata,
    struct fetch_call **ret_call);
void __wrap_fetch_call_cancel(struct fetch_call *call);

int
__wrap_clock_gettime(clockid_t id, struct timespec *ret_now)
{
	(void)id;
	*ret_now = (struct timespec){.tv_sec = world.now_s};
	return 0;
}

int
__wrap_fetch_client_start(struct fetch_client *client,
    const struct fetch_request *request, fetch_done_fn done, void *userdata,
    struct fetch_call **ret_call)
{
	(void)client;
	assert_null(world.done);
	world.done = done;
	world.userdata = userdata;
	world.fetches++;
	strcpy(world.url, request->url);
	*ret_call = (struct fetch_call *)&world;
	return 0;
}

void
__wrap_fetch_call_cancel(struct fetch_call *call)
{
	if (call)
		world.done = NULL;
}

static void
answer(enum fetch_outcome outcome, unsigned int status, const char *body)
{
	const struct fetch_answer result = {
	    .outcome = outcome,
	    .status = status,
	    .body = body,
	    .body_size = strlen(body),
	    .detail = "because",
	    .date = world.date,
	};
	fetch_done_fn done = world.done;

	assert_non_null(done);
	world.done = NULL;
	done(&result, world.userdata);
}

static void
ready(enum issuer_result result, const char *detail, void *userdata)
{
	(void)userdata;
	world.told++;
	world.result = result;
	(void)snprintf(world.detail, sizeof(world.detail), "%s", detail);
	world.free_when_told = issuer_free(world.free_when_told);
}

static int
start(void **state)
{
	struct issuer *issuer;

	memset(&world, 0, sizeof(world));
	world.now_s = 1000;
	world.date = "";
	if (issuer_new(NULL, &config, 1000, NULL, &issuer))
		return -1;
	*state = issuer;
	return 0;
}

static int
stop(void **state)
{
	issuer_free(*state);
	return 0;
}

static int
prepare(struct issuer *issuer)
{
	struct issuer_wait *wait;

	return issuer_prepare(issuer, ready, NULL, &wait);
}

static void
make_ready(struct issuer *issuer)
{
	assert_int_equal(prepare(issuer), 0);
	answer(FETCH_DONE, 200, DOCUMENT);
	answer(FETCH_DONE, 200, JWKS);
	assert_int_equal(world.result, ISSUER_READY);
}

static void
test_fetches_once_for_all_who_wait(void **state)
{
	assert_int_equal(prepare(*state), 0);
	assert_string_equal(world.url, DISCOVERY);
	assert_int_equal(prepare(*state), 0);
	answer(FETCH_DONE, 200, DOCUMENT);
	assert_string_equal(world.url, ISSUER "/jwks");
	assert_int_equal(world.told, 0);
	answer(FETCH_DONE, 200, JWKS);
	assert_int_equal(world.told, 2);
	assert_int_equal(world.fetches, 2);
	assert_int_equal(key_set_count(issuer_keys(*state)), 1);
	assert_int_equal(prepare(*state), 1);
	assert_int_equal(world.fetches, 2);
}

static void
test_refreshes_after_a_day(void **state)
{
	make_ready(*state);
	world.now_s += ISSUER_FRESH_S;
	assert_int_equal(prepare(*state), 0);
	answer(FETCH_DONE, 200, DOCUMENT);
	answer(FETCH_DONE, 200, JWKS);
	assert_int_equal(prepare(*state), 1);
}

static void
test_goes_on_through_an_outage_but_not_for_ever(void **state)
{
	make_ready(*state);
	world.now_s += ISSUER_STALE_MAX_S - 1;
	assert_int_equal(prepare(*state), 0);
	answer(FETCH_TIMED_OUT, 0, "");
	assert_int_equal(world.result, ISSUER_READY);
	assert_non_null(strstr(world.detail, "because"));
	world.now_s += 1;
	assert_int_equal(prepare(*state), 0);
	answer(FETCH_TIMED_OUT, 0, "");
	assert_int_equal(world.result, ISSUER_UNAVAILABLE);
}

static void
test_tells_illness_from_misconfiguration(void **state)
{
	static const struct {
		enum fetch_outcome outcome;
		unsigned int status;
		const char *body;
		enum issuer_result result;
	} rows[] = {
	    {FETCH_UNREACHABLE, 0, "", ISSUER_UNAVAILABLE},
	    {FETCH_DONE, 500, "", ISSUER_UNAVAILABLE},
	    {FETCH_DONE, 200, "<html>", ISSUER_UNAVAILABLE},
	    {FETCH_REDIRECTED, 302, "", ISSUER_UNAVAILABLE},
	    {FETCH_HOST_REFUSED, 0, "", ISSUER_MISCONFIGURED},
	    {FETCH_DONE, 200, "{\"issuer\":\"https://evil.example\"}",
		ISSUER_MISCONFIGURED},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(prepare(*state), 0);
		answer(rows[i].outcome, rows[i].status, rows[i].body);
		assert_int_equal(world.result, rows[i].result);
		assert_non_null(strstr(world.detail, ISSUER));
	}
}

static void
test_bad_keys_do_not_replace_good_ones(void **state)
{
	make_ready(*state);
	world.now_s += ISSUER_FRESH_S;
	assert_int_equal(prepare(*state), 0);
	answer(FETCH_DONE, 200, DOCUMENT);
	answer(FETCH_DONE, 200, "{\"keys\":[]}");
	assert_int_equal(world.result, ISSUER_READY);
	assert_int_equal(key_set_count(issuer_keys(*state)), 1);
}

static void
test_an_unknown_kid_is_one_refresh(void **state)
{
	struct issuer_wait *wait;
	int i;

	make_ready(*state);
	assert_int_equal(issuer_refresh_keys(*state, ready, NULL, &wait), 0);
	answer(FETCH_DONE, 200, JWKS);
	assert_int_equal(world.fetches, 3);
	for (i = 0; i < 1000; i++)
		assert_int_equal(
		    issuer_refresh_keys(*state, ready, NULL, &wait), 1);
	assert_int_equal(world.fetches, 3);
	world.now_s += ISSUER_UNKNOWN_KEY_INTERVAL_S;
	assert_int_equal(issuer_refresh_keys(*state, ready, NULL, &wait), 0);
	answer(FETCH_DONE, 200, JWKS);
	assert_int_equal(world.fetches, 4);
}

/* A token may come before anybody has asked where the keys are. */
static void
test_an_unknown_kid_before_the_metadata(void **state)
{
	struct issuer_wait *wait;

	assert_int_equal(issuer_refresh_keys(*state, ready, NULL, &wait), 0);
	assert_string_equal(world.url, DISCOVERY);
	answer(FETCH_DONE, 200, DOCUMENT);
	answer(FETCH_DONE, 200, JWKS);
	assert_int_equal(world.result, ISSUER_READY);
	assert_int_equal(issuer_refresh_keys(*state, ready, NULL, &wait), 1);
}

static void
test_a_cancelled_wait_is_not_told(void **state)
{
	struct issuer_wait *wait;

	assert_int_equal(issuer_prepare(*state, ready, NULL, &wait), 0);
	issuer_wait_cancel(wait);
	answer(FETCH_DONE, 200, DOCUMENT);
	answer(FETCH_DONE, 200, JWKS);
	assert_int_equal(world.told, 0);
	assert_int_equal(prepare(*state), 1);
}

/* The last login of an old realm takes its issuer along. */
static void
test_may_be_freed_by_who_is_told(void **state)
{
	assert_int_equal(prepare(*state), 0);
	assert_int_equal(prepare(*state), 0);
	world.free_when_told = *state;
	*state = NULL;
	answer(FETCH_UNREACHABLE, 0, "");
	assert_int_equal(world.told, 1);
}

static void
test_warms_up_before_anybody_waits(void **state)
{
	issuer_warm(*state);
	issuer_warm(*state);
	assert_int_equal(world.fetches, 1);
	answer(FETCH_DONE, 200, DOCUMENT);
	answer(FETCH_DONE, 200, JWKS);
	assert_int_equal(prepare(*state), 1);
	issuer_warm(*state);
	assert_int_equal(world.fetches, 2);
}

static void
test_hands_down_what_it_knows(void **state)
{
	struct issuer *heir;

	make_ready(*state);
	assert_int_equal(issuer_new(NULL, &config, 1000, *state, &heir), 0);
	assert_int_equal(prepare(heir), 1);
	assert_int_equal(key_set_count(issuer_keys(heir)), 1);
	assert_int_equal(
	    issuer_key_text(heir).version, issuer_key_text(*state).version);
	issuer_free(heir);
}

/* Keys stay keys; but of the metadata less was read than a login needs. */
static void
test_reads_the_metadata_anew_for_logins(void **state)
{
	static const struct config_issuer verified = {
	    .profile = {.issuer = ISSUER}};
	struct issuer *first, *heir;

	(void)state;
	assert_int_equal(issuer_new(NULL, &verified, 1000, NULL, &first), 0);
	assert_int_equal(prepare(first), 0);
	answer(FETCH_DONE, 200,
	    "{\"issuer\":\"" ISSUER "\",\"jwks_uri\":\"" ISSUER "/jwks\"}");
	answer(FETCH_DONE, 200, JWKS);
	assert_int_equal(world.result, ISSUER_READY);
	assert_int_equal(issuer_new(NULL, &config, 1000, first, &heir), 0);
	assert_int_equal(key_set_count(issuer_keys(heir)), 1);
	assert_int_equal(prepare(heir), 0);
	assert_string_equal(world.url, DISCOVERY);
	issuer_free(heir);
	issuer_free(first);
}

/* Maskinporten's, whose name ends in a slash that RFC 8414 leaves out. */
static void
test_asks_where_rfc_8414_says(void **state)
{
	static const struct config_issuer machines = {
	    .profile = {.issuer = ISSUER "/"}, .oauth_metadata = true};
	struct issuer *issuer;

	(void)state;
	assert_int_equal(issuer_new(NULL, &machines, 1000, NULL, &issuer), 0);
	assert_int_equal(prepare(issuer), 0);
	assert_string_equal(
	    world.url, ISSUER "/.well-known/oauth-authorization-server");
	answer(FETCH_DONE, 200,
	    "{\"issuer\":\"" ISSUER "\",\"jwks_uri\":\"" ISSUER "/jwks\"}");
	assert_int_equal(world.result, ISSUER_MISCONFIGURED);
	assert_non_null(strstr(world.detail, "oauth-authorization-server: "));
	assert_int_equal(prepare(issuer), 0);
	answer(FETCH_DONE, 200,
	    "{\"issuer\":\"" ISSUER "/\",\"jwks_uri\":\"" ISSUER "/jwk\"}");
	assert_string_equal(world.url, ISSUER "/jwk");
	answer(FETCH_DONE, 200, JWKS);
	assert_int_equal(world.result, ISSUER_READY);
	issuer_free(issuer);
}

static void
test_keeps_how_far_the_clocks_are_apart(void **state)
{
	int64_t offset_s = 99;

	make_ready(*state);
	assert_int_equal(issuer_clock_offset_s(*state, &offset_s), -ENODATA);
	assert_int_equal(offset_s, 99);

	world.now_s += ISSUER_FRESH_S;
	world.date = "Fri, 02 Jan 1970 00:16:47 GMT";
	make_ready(*state);
	assert_int_equal(issuer_clock_offset_s(*state, &offset_s), 0);
	assert_int_equal(offset_s, 7);

	world.now_s += ISSUER_FRESH_S;
	make_ready(*state);
	assert_int_equal(issuer_clock_offset_s(*state, &offset_s), 0);
	assert_int_equal(offset_s, 7 - ISSUER_FRESH_S);

	/* What it said before its last answer is old. */
	world.now_s += ISSUER_FRESH_S;
	assert_int_equal(prepare(*state), 0);
	answer(FETCH_TIMED_OUT, 0, "");
	assert_int_equal(issuer_clock_offset_s(*state, &offset_s), -ENODATA);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(test_fetches_once_for_all_who_wait),
	    CASE(test_refreshes_after_a_day),
	    CASE(test_goes_on_through_an_outage_but_not_for_ever),
	    CASE(test_tells_illness_from_misconfiguration),
	    CASE(test_bad_keys_do_not_replace_good_ones),
	    CASE(test_an_unknown_kid_is_one_refresh),
	    CASE(test_an_unknown_kid_before_the_metadata),
	    CASE(test_reads_the_metadata_anew_for_logins),
	    CASE(test_asks_where_rfc_8414_says),
	    CASE(test_a_cancelled_wait_is_not_told),
	    CASE(test_may_be_freed_by_who_is_told),
	    CASE(test_warms_up_before_anybody_waits),
	    CASE(test_hands_down_what_it_knows),
	    CASE(test_keeps_how_far_the_clocks_are_apart),
	};

	return cmocka_run_group_tests_name("issuer", tests, NULL, NULL);
}
