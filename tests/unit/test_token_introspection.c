/* broker/token/introspection: what an issuer says of a token, and of us. */
#include "broker/token/introspection.h"
#include "tests/unit/token_world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TOKEN "opaque-0123456789"

static struct {
	struct introspection *introspection;
	int told;
	enum introspection_outcome outcome;
	char claims[512];
	char detail[512];
} heard;

static void
told(const struct introspection_reply *reply, void *userdata)
{
	assert_ptr_equal(userdata, &heard);
	heard.told++;
	heard.outcome = reply->outcome;
	(void)snprintf(heard.claims, sizeof(heard.claims), "%.*s",
	    (int)reply->claims_size, reply->claims);
	(void)snprintf(heard.detail, sizeof(heard.detail), "%s", reply->detail);
	heard.introspection = introspection_free(heard.introspection);
}

static void
ask(void)
{
	memset(&heard, 0, sizeof(heard));
	assert_int_equal(introspection_new(&world->realm, "staff", TOKEN,
			     strlen(TOKEN), told, &heard, &heard.introspection),
	    0);
	assert_int_equal(heard.told, 0);
	world_run();
}

static void
test_asks_as_the_client_that_we_are(void **state)
{
	(void)state;
	ask();
	assert_string_equal(
	    world_post()->url, "https://idp.example/introspect");
	assert_string_equal(world_post()->form,
	    "token=" TOKEN "&token_type_hint=access_token&");
	/* portvakt:hemmelig */
	assert_string_equal(
	    world_post()->authorization, "Basic cG9ydHZha3Q6aGVtbWVsaWc=");
	world_answer(FETCH_DONE, 200, "{\"active\":true,\"sub\":\"k\"}");
	assert_int_equal(heard.told, 1);
	assert_int_equal(heard.outcome, INTROSPECTION_GOOD);
	assert_string_equal(heard.claims, "{\"active\":true,\"sub\":\"k\"}");
}

static void
test_an_inactive_token_is_an_answer(void **state)
{
	(void)state;
	ask();
	world_answer(FETCH_DONE, 200, "{\"active\":false}");
	assert_int_equal(heard.outcome, INTROSPECTION_GOOD);
	assert_string_equal(heard.claims, "{\"active\":false}");
}

static void
test_an_answer_is_an_object_with_active(void **state)
{
	static const char *const bodies[] = {"", "[]", "true", "{}",
	    "{\"active\":1}", "{\"active\":\"true\"}", "{\"active\":null}",
	    "{\"active\":true,\"active\":false}", "{\"active\":true} ;",
	    "[{\"active\":true}]", "{\"a\":{\"active\":true}}"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		ask();
		world_answer(FETCH_DONE, 200, bodies[i]);
		assert_int_equal(heard.told, 1);
		assert_int_equal(heard.outcome, INTROSPECTION_OUTAGE);
		assert_string_equal(heard.claims, "");
	}
}

static void
test_tells_who_is_to_blame(void **state)
{
	static const struct {
		enum fetch_outcome outcome;
		unsigned int status;
		enum introspection_outcome means;
	} rows[] = {
	    {FETCH_DONE, 400, INTROSPECTION_MISCONFIGURED},
	    {FETCH_DONE, 401, INTROSPECTION_MISCONFIGURED},
	    {FETCH_DONE, 403, INTROSPECTION_MISCONFIGURED},
	    {FETCH_DONE, 404, INTROSPECTION_MISCONFIGURED},
	    {FETCH_HOST_REFUSED, 0, INTROSPECTION_MISCONFIGURED},
	    {FETCH_REDIRECTED, 302, INTROSPECTION_MISCONFIGURED},
	    {FETCH_DONE, 201, INTROSPECTION_OUTAGE},
	    {FETCH_DONE, 429, INTROSPECTION_OUTAGE},
	    {FETCH_DONE, 500, INTROSPECTION_OUTAGE},
	    {FETCH_DONE, 503, INTROSPECTION_OUTAGE},
	    {FETCH_TIMED_OUT, 0, INTROSPECTION_OUTAGE},
	    {FETCH_UNREACHABLE, 0, INTROSPECTION_OUTAGE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask();
		world_answer(rows[i].outcome, rows[i].status,
		    "{\"active\":true,\"token\":\"" TOKEN "\"}");
		assert_int_equal(heard.told, 1);
		assert_int_equal(heard.outcome, rows[i].means);
		assert_true(strlen(heard.detail) > 0);
		assert_null(strstr(heard.detail, TOKEN));
		world_wait_s(ISSUER_INTROSPECTION_PAUSE_S);
	}
}

static void
test_needs_an_endpoint_of_this_issuer(void **state)
{
	(void)state;
	strcpy(world->metadata.introspection_endpoint, "");
	ask();
	assert_int_equal(heard.outcome, INTROSPECTION_MISCONFIGURED);
	assert_non_null(
	    strstr(heard.detail, "publishes no introspection_endpoint"));
	world->metadata.introspection_endpoint_bad = true;
	ask();
	assert_int_equal(heard.outcome, INTROSPECTION_MISCONFIGURED);
	assert_non_null(strstr(
	    heard.detail, "publishes no https URL as introspection_endpoint"));

	strcpy(world->metadata.introspection_endpoint,
	    "https://mp.example/introspect");
	ask();
	assert_int_equal(heard.outcome, INTROSPECTION_MISCONFIGURED);
	assert_non_null(strstr(heard.detail, "add it to hosts"));
	assert_int_equal(world->posts, 0);
}

static void
test_an_issuer_that_is_not_there(void **state)
{
	(void)state;
	world->is_down = true;
	ask();
	assert_int_equal(heard.told, 1);
	assert_int_equal(heard.outcome, INTROSPECTION_OUTAGE);
	assert_int_equal(world->posts, 0);
}

static void
test_leaves_calls_for_logins(void **state)
{
	(void)state;
	world->calls_elsewhere = FETCH_CALLS_MAX - 10;
	ask();
	assert_int_equal(heard.outcome, INTROSPECTION_BUSY);
	assert_non_null(strstr(heard.detail, "too many"));
	assert_int_equal(world->posts, 0);
}

static int
begin(const char *issuer, const char *token, size_t size)
{
	struct introspection *introspection;

	return introspection_new(
	    &world->realm, issuer, token, size, told, &heard, &introspection);
}

static void
test_refuses_at_once(void **state)
{
	(void)state;
	assert_int_equal(begin("nobody", TOKEN, strlen(TOKEN)), -ENOENT);
	assert_int_equal(begin("people", TOKEN, strlen(TOKEN)), -EPERM);
	assert_int_equal(begin("staff", "a\0b", 3), -EINVAL);
	assert_int_equal(begin("staff", "a\nb", 3), -EINVAL);
	assert_int_equal(begin("staff", "", 0), -EINVAL);
	world_run();
	assert_int_equal(world->posts, 0);
}

static void
test_is_not_told_after_it_was_freed(void **state)
{
	(void)state;
	ask();
	heard.introspection = introspection_free(heard.introspection);
	assert_int_equal(world_posts_under_way(), 0);
	world_run();
	assert_int_equal(heard.told, 0);
}

static void
test_an_outage_is_left_alone_for_a_moment(void **state)
{
	(void)state;
	ask();
	world_answer(FETCH_TIMED_OUT, 0, "");
	assert_int_equal(begin("staff", "other", 5), -EAGAIN);
	world_wait_s(ISSUER_INTROSPECTION_PAUSE_S);
	/* What a token provokes stops nobody else's. */
	ask();
	world_answer(FETCH_DONE, 500, "");
	ask();
	world_answer(FETCH_DONE, 429, "");
	assert_int_equal(begin("staff", TOKEN, strlen(TOKEN)), -EAGAIN);
	assert_int_equal(world->posts, 3);
}

#define IN_WORLD(test) \
	cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(test_asks_as_the_client_that_we_are),
	    IN_WORLD(test_an_inactive_token_is_an_answer),
	    IN_WORLD(test_an_answer_is_an_object_with_active),
	    IN_WORLD(test_tells_who_is_to_blame),
	    IN_WORLD(test_needs_an_endpoint_of_this_issuer),
	    IN_WORLD(test_an_issuer_that_is_not_there),
	    IN_WORLD(test_leaves_calls_for_logins),
	    IN_WORLD(test_refuses_at_once),
	    IN_WORLD(test_an_outage_is_left_alone_for_a_moment),
	    IN_WORLD(test_is_not_told_after_it_was_freed),
	};

	return cmocka_run_group_tests_name(
	    "token_introspection", tests, NULL, NULL);
}
