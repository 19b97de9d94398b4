/* Questions that an issuer answers, later, never, or after nobody waits. */
#include "broker/service/service_pending.h"

#include "lib/service_protocol.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	int start; /* what the issuer, or who asks it, says at first */
	unsigned int asked;
	unsigned int cancelled;
	issuer_ready_fn ready;
	void *userdata;
	int publish_error;
	unsigned int published;
	uint64_t deadline_us;
	sd_event_time_handler_t late;
	void *late_userdata;
	unsigned int told;
	char answer[512];
} world;

static struct config config;
static struct realm realm = {.references = 1, .config = &config};
static struct broker broker = {.realm = &realm};

int __wrap_issuer_refresh_keys(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait);
void __wrap_issuer_wait_cancel(struct issuer_wait *wait);
int __wrap_trust_publication_catch_up(struct broker *of);
int __wrap_sd_event_add_time_relative(sd_event *event,
    sd_event_source **ret_source, clockid_t clock, uint64_t usec,
    uint64_t accuracy, sd_event_time_handler_t callback, void *userdata);

int
__wrap_issuer_refresh_keys(struct issuer *issuer, issuer_ready_fn ready,
    void *userdata, struct issuer_wait **ret_wait)
{
	assert_ptr_equal(issuer, (struct issuer *)&config);
	world.asked++;
	if (world.start)
		return world.start;
	world.ready = ready;
	world.userdata = userdata;
	*ret_wait = (struct issuer_wait *)&world;
	return 0;
}

void
__wrap_issuer_wait_cancel(struct issuer_wait *wait)
{
	world.cancelled += wait != NULL;
}

int
__wrap_trust_publication_catch_up(struct broker *of)
{
	assert_ptr_equal(of, &broker);
	assert_int_equal(world.told, 0);
	world.published++;
	return world.publish_error;
}

int
__wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **ret_source,
    clockid_t clock, uint64_t usec, uint64_t accuracy,
    sd_event_time_handler_t callback, void *userdata)
{
	(void)event;
	(void)accuracy;
	assert_int_equal(clock, CLOCK_BOOTTIME);
	*ret_source = NULL;
	world.deadline_us = usec;
	world.late = callback;
	world.late_userdata = userdata;
	return 0;
}

static void
told(json_t *answer, void *userdata)
{
	char *text = json_dumps(answer, JSON_COMPACT);

	assert_ptr_equal(userdata, &world);
	assert_non_null(text);
	(void)snprintf(world.answer, sizeof(world.answer), "%s", text);
	world.told++;
	free(text);
	json_decref(answer);
}

static int
set_up(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	config.issuers[0].name = "staff";
	config.issuers_count = 1;
	realm.issuers[0] = (struct issuer *)&config;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	assert_int_equal(realm.references, 1);
	return 0;
}

/* NULL and world.answer, or what waits. */
static struct service_pending *
begin(const char *text)
{
	struct service_question question;
	struct service_pending *pending;
	json_t *answer = NULL;
	const char *problem;

	if (service_question_read(text, strlen(text), &question, &problem))
		fail_msg("%s: %s", text, problem);
	pending =
	    service_pending_new(&broker, &question, told, &world, &answer);
	assert_null(question.document);
	if (pending) {
		assert_null(answer);
		assert_int_equal(realm.references, 2);
		assert_int_equal(world.deadline_us, SERVICE_DEADLINE_MS * 1000);
		return pending;
	}
	told(answer, &world);
	return NULL;
}

#define KEYS "{\"id\":5,\"ask\":\"keys\",\"issuer\":\"staff\"}"

static void
assert_told(const char *answer)
{
	assert_int_equal(world.told, 1);
	assert_string_equal(world.answer, answer);
}

static void
test_keys_are_published_before_it_says_so(void **state)
{
	struct service_pending *pending = begin(KEYS);

	(void)state;
	assert_int_equal(world.told, 0);
	world.ready(ISSUER_READY, "", world.userdata);
	assert_int_equal(world.published, 1);
	assert_told("{\"id\":5,\"ok\":true}");
	service_pending_free(pending);
	assert_int_equal(world.cancelled, 0);
}

static void
test_keys_that_came_just_now(void **state)
{
	(void)state;
	world.start = 1;
	assert_null(begin(KEYS));
	assert_told("{\"id\":5,\"ok\":true}");
}

static void
test_keys_that_do_not_come(void **state)
{
	static const struct {
		enum issuer_result result;
		const char *detail;
		int publish_error;
		const char *answer;
	} cases[] = {
	    {ISSUER_UNAVAILABLE, "refused", 0,
		"{\"id\":5,\"ok\":false,\"error\":\"outage\",\"text\":"
		"\"refused\"}"},
	    {ISSUER_MISCONFIGURED, "another issuer", 0,
		"{\"id\":5,\"ok\":false,\"error\":\"misconfigured\",\"text\":"
		"\"another issuer\"}"},
	    /* The old ones go on, but it is new ones that are asked for. */
	    {ISSUER_READY, "refused", 0,
		"{\"id\":5,\"ok\":false,\"error\":\"outage\",\"text\":"
		"\"refused\"}"},
	    {ISSUER_READY, "", -ENOSPC,
		"{\"id\":5,\"ok\":false,\"error\":\"outage\",\"text\":\"the "
		"trust image could not be published; see the journal of "
		"portvaktd\"}"},
	};
	struct service_pending *pending;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)set_up(state);
		world.publish_error = cases[i].publish_error;
		pending = begin(KEYS);
		world.ready(cases[i].result, cases[i].detail, world.userdata);
		assert_told(cases[i].answer);
		service_pending_free(pending);
	}
}

static void
test_keys_that_cannot_be_asked_for(void **state)
{
	(void)state;
	assert_null(begin("{\"id\":5,\"ask\":\"keys\",\"issuer\":\"x\"}"));
	assert_told("{\"id\":5,\"ok\":false,\"error\":\"issuer-unknown\","
		    "\"text\":\"no issuer section of portvakt.conf has this "
		    "name\"}");
	assert_int_equal(world.asked, 0);
	(void)set_up(state);
	world.start = -EBUSY;
	assert_null(begin(KEYS));
	assert_told("{\"id\":5,\"ok\":false,\"error\":\"busy\",\"text\":\"too "
		    "many requests to issuers are under way\"}");
	(void)set_up(state);
	world.start = -ENOMEM;
	assert_null(begin(KEYS));
	assert_told("{\"id\":5,\"ok\":false,\"error\":\"outage\",\"text\":"
		    "\"Cannot allocate memory\"}");
}

static void
test_what_takes_too_long(void **state)
{
	struct service_pending *pending = begin(KEYS);

	(void)state;
	assert_int_equal(world.late(NULL, 0, world.late_userdata), 0);
	assert_int_equal(world.cancelled, 1);
	assert_told("{\"id\":5,\"ok\":false,\"error\":\"outage\",\"text\":"
		    "\"the issuer did not answer in time\"}");
	service_pending_free(pending);
	assert_int_equal(world.cancelled, 1);
}

static void
test_what_nobody_waits_for_is_cancelled(void **state)
{
	(void)state;
	service_pending_free(begin(KEYS));
	assert_int_equal(world.cancelled, 1);
	assert_int_equal(world.told, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	    TEST(test_keys_are_published_before_it_says_so),
	    TEST(test_keys_that_came_just_now),
	    TEST(test_keys_that_do_not_come),
	    TEST(test_keys_that_cannot_be_asked_for),
	    TEST(test_what_takes_too_long),
	    TEST(test_what_nobody_waits_for_is_cancelled),
	};

	return cmocka_run_group_tests_name(
	    "service_pending", tests, NULL, NULL);
}
