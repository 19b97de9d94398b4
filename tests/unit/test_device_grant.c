/*
 * The schedule of RFC 8628 against a provider whose answers, clock and timer
 * are this test's.
 */
#include "broker/issuer/device_grant.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SECOND = 1000000 };

static struct {
	int64_t now_us;
	/* the grant's timer */
	sd_event_time_handler_t fire;
	void *timer_userdata;
	uint64_t due_us;
	bool armed;
	/* the call under way */
	fetch_done_fn done;
	void *call_userdata;
	char url[FETCH_URL_SIZE];
	char form[512];
	/* what was reported last */
	int reports;
	enum device_grant_event event;
	char text[256];
} world;

static struct metadata metadata = {
    .token_endpoint = "https://idp.example/token",
    .device_authorization_endpoint = "https://idp.example/device",
};
static struct config_issuer config = {
    .client_id = "portvakt",
    .client_auth = CONFIG_CLIENT_NONE,
    .scope = "openid",
    .authorization_details = "[{\"type\":\"t\"}]",
};
static const struct device_grant_request wanted = {
    .nonce = "the-nonce",
    .acr_values = "high",
    .max_age_s = 900,
};

int __wrap_clock_gettime(clockid_t id, struct timespec *ret_now);
int __wrap_sd_event_add_time(sd_event *event, sd_event_source **ret_source,
    clockid_t clock, uint64_t usec, uint64_t accuracy,
    sd_event_time_handler_t callback, void *userdata);
int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec);
int __wrap_sd_event_source_set_enabled(sd_event_source *source, int enabled);
sd_event_source *__wrap_sd_event_source_disable_unref(sd_event_source *source);
int __wrap_fetch_client_start(struct fetch_client *client,
    const struct fetch_request *request, fetch_done_fn done, void *userdata,
    struct fetch_call **ret_call);
void __wrap_fetch_call_cancel(struct fetch_call *call);
const struct metadata *__wrap_issuer_metadata(const struct issuer *issuer);
const struct config_issuer *__wrap_issuer_config(const struct issuer *issuer);
struct fetch_client *__wrap_issuer_fetch(const struct issuer *issuer);
unsigned int __wrap_issuer_timeout_ms(const struct issuer *issuer);

int
__wrap_clock_gettime(clockid_t id, struct timespec *ret_now)
{
	(void)id;
	ret_now->tv_sec = world.now_us / SECOND;
	ret_now->tv_nsec = world.now_us % SECOND * 1000;
	return 0;
}

int
__wrap_sd_event_add_time(sd_event *event, sd_event_source **ret_source,
    clockid_t clock, uint64_t usec, uint64_t accuracy,
    sd_event_time_handler_t callback, void *userdata)
{
	(void)event;
	(void)clock;
	(void)usec;
	(void)accuracy;
	world.fire = callback;
	world.timer_userdata = userdata;
	*ret_source = (sd_event_source *)&world;
	return 0;
}

int
__wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec)
{
	(void)source;
	world.due_us = usec;
	return 0;
}

int
__wrap_sd_event_source_set_enabled(sd_event_source *source, int enabled)
{
	(void)source;
	world.armed = enabled != SD_EVENT_OFF;
	return 0;
}

sd_event_source *
__wrap_sd_event_source_disable_unref(sd_event_source *source)
{
	(void)source;
	world.armed = false;
	return NULL;
}

int
__wrap_fetch_client_start(struct fetch_client *client,
    const struct fetch_request *request, fetch_done_fn done, void *userdata,
    struct fetch_call **ret_call)
{
	size_t i;

	(void)client;
	assert_null(world.done);
	world.done = done;
	world.call_userdata = userdata;
	strcpy(world.url, request->url);
	world.form[0] = '\0';
	for (i = 0; i < request->form_count; i++) {
		strcpy(&world.form[strlen(world.form)], request->form[i].name);
		strcpy(&world.form[strlen(world.form)], "=");
		strcpy(&world.form[strlen(world.form)], request->form[i].value);
		strcpy(&world.form[strlen(world.form)], "&");
	}
	*ret_call = (struct fetch_call *)&world;
	return 0;
}

void
__wrap_fetch_call_cancel(struct fetch_call *call)
{
	if (call)
		world.done = NULL;
}

const struct metadata *
__wrap_issuer_metadata(const struct issuer *issuer)
{
	(void)issuer;
	return &metadata;
}

const struct config_issuer *
__wrap_issuer_config(const struct issuer *issuer)
{
	(void)issuer;
	return &config;
}

struct fetch_client *
__wrap_issuer_fetch(const struct issuer *issuer)
{
	(void)issuer;
	return NULL;
}

unsigned int
__wrap_issuer_timeout_ms(const struct issuer *issuer)
{
	(void)issuer;
	return 1000;
}

static void
report(const struct device_grant_report *report, void *userdata)
{
	(void)userdata;
	world.reports++;
	world.event = report->event;
	(void)snprintf(world.text, sizeof(world.text), "%s",
	    report->event == DEVICE_GRANT_CODE	  ? report->user_code
	    : report->event == DEVICE_GRANT_TOKEN ? report->id_token
						  : report->detail);
}

static void
answer_with(enum fetch_outcome outcome, unsigned int status, const char *body)
{
	const struct fetch_answer answer = {
	    .outcome = outcome,
	    .status = status,
	    .body = body,
	    .body_size = strlen(body),
	    .detail = "",
	};
	fetch_done_fn done = world.done;

	assert_non_null(done);
	world.done = NULL;
	done(&answer, world.call_userdata);
}

/* Lets the timer fire when it is due, and says how long that took. */
static int64_t
wait_for_timer(void)
{
	int64_t before_us = world.now_us;

	assert_true(world.armed);
	world.armed = false;
	world.now_us = (int64_t)world.due_us;
	world.fire(
	    (sd_event_source *)&world, world.due_us, world.timer_userdata);
	return (world.now_us - before_us) / SECOND;
}

static void
pend(const char *error)
{
	char body[64];

	(void)snprintf(body, sizeof(body), "{\"error\":\"%s\"}", error);
	answer_with(FETCH_DONE, 400, body);
}

static int
start(void **state)
{
	struct device_grant *grant;

	memset(&world, 0, sizeof(world));
	world.now_us = 1000 * (int64_t)SECOND;
	if (device_grant_new(NULL, NULL, &wanted, report, NULL, &grant))
		return -1;
	*state = grant;
	return 0;
}

static int
start_with_code(void **state)
{
	if (start(state))
		return -1;
	answer_with(FETCH_DONE, 200,
	    "{\"device_code\":\"secret\",\"user_code\":\"AB-CD\","
	    "\"verification_uri\":\"https://idp.example/d\","
	    "\"expires_in\":60,\"interval\":4}");
	return 0;
}

static int
stop(void **state)
{
	device_grant_free(*state);
	return 0;
}

static void
test_asks_for_a_code_as_this_client(void **state)
{
	(void)state;
	assert_string_equal(world.url, "https://idp.example/device");
	assert_string_equal(world.form,
	    "scope=openid&nonce=the-nonce&acr_values=high&"
	    "max_age=900&authorization_details=[{\"type\":\"t\"}]&"
	    "client_id=portvakt&");
	assert_int_equal(world.reports, 0);
}

static void
test_polls_at_the_interval_until_the_token(void **state)
{
	(void)state;
	assert_int_equal(world.event, DEVICE_GRANT_CODE);
	assert_string_equal(world.text, "AB-CD");
	assert_int_equal(wait_for_timer(), 4);
	assert_string_equal(world.url, "https://idp.example/token");
	assert_non_null(strstr(world.form, "device_code=secret&"));
	pend("authorization_pending");
	assert_int_equal(wait_for_timer(), 4);
	answer_with(FETCH_DONE, 200, "{\"id_token\":\"a.b.c\"}");
	assert_int_equal(world.event, DEVICE_GRANT_TOKEN);
	assert_string_equal(world.text, "a.b.c");
	assert_int_equal(world.reports, 2);
	assert_false(world.armed);
}

static void
test_slows_down_for_good(void **state)
{
	(void)state;
	(void)wait_for_timer();
	pend("slow_down");
	assert_int_equal(wait_for_timer(), 4 + 5);
	pend("authorization_pending");
	assert_int_equal(wait_for_timer(), 4 + 5);
}

static void
test_backs_off_from_a_provider_that_is_ill(void **state)
{
	(void)state;
	(void)wait_for_timer();
	answer_with(FETCH_TIMED_OUT, 0, "");
	assert_int_equal(wait_for_timer(), 8);
	answer_with(FETCH_DONE, 503, "");
	assert_int_equal(wait_for_timer(), 16);
	answer_with(FETCH_DONE, 200, "{\"id_token\":\"a.b.c\"}");
	assert_int_equal(world.event, DEVICE_GRANT_TOKEN);
}

static void
test_ends_when_the_code_does(void **state)
{
	int64_t waited_s = 0;

	(void)state;
	while (world.event == DEVICE_GRANT_CODE) {
		waited_s += wait_for_timer();
		if (world.done)
			pend("authorization_pending");
	}
	assert_int_equal(world.event, DEVICE_GRANT_EXPIRED);
	assert_int_equal(waited_s, 60);
	assert_false(world.armed);
}

static void
test_tells_errors_apart(void **state)
{
	static const struct {
		const char *error;
		enum device_grant_event event;
	} rows[] = {
	    {"access_denied", DEVICE_GRANT_DENIED},
	    {"expired_token", DEVICE_GRANT_EXPIRED},
	    {"invalid_grant", DEVICE_GRANT_EXPIRED},
	    {"invalid_client", DEVICE_GRANT_MISCONFIGURED},
	    {"something_new", DEVICE_GRANT_OUTAGE},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)stop(state);
		(void)start_with_code(state);
		(void)wait_for_timer();
		pend(rows[i].error);
		assert_int_equal(world.event, rows[i].event);
		assert_non_null(strstr(world.text, rows[i].error));
		assert_false(world.armed);
	}
}

static void
test_refuses_rubbish(void **state)
{
	(void)wait_for_timer();
	answer_with(FETCH_DONE, 200, "<html>");
	assert_int_equal(world.event, DEVICE_GRANT_OUTAGE);

	(void)stop(state);
	(void)start(state);
	answer_with(FETCH_DONE, 200, "{\"user_code\":7}");
	assert_int_equal(world.event, DEVICE_GRANT_OUTAGE);

	(void)stop(state);
	(void)start(state);
	answer_with(FETCH_HOST_REFUSED, 0, "");
	assert_int_equal(world.event, DEVICE_GRANT_MISCONFIGURED);
}

#define WITH_CODE(test) \
	cmocka_unit_test_setup_teardown(test, start_with_code, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_asks_for_a_code_as_this_client, start, stop),
	    WITH_CODE(test_polls_at_the_interval_until_the_token),
	    WITH_CODE(test_slows_down_for_good),
	    WITH_CODE(test_backs_off_from_a_provider_that_is_ill),
	    WITH_CODE(test_ends_when_the_code_does),
	    WITH_CODE(test_tells_errors_apart),
	    WITH_CODE(test_refuses_rubbish),
	};

	return cmocka_run_group_tests_name("device_grant", tests, NULL, NULL);
}
