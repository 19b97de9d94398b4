/*
 * When the images are published anew, and by what: register, decisions and
 * publisher are this test's, the loop and the clock are not.
 */
#include "broker/publication.h"

#include "broker/broker.h"
#include "broker/clock.h"
#include "broker/directory/publisher.h"
#include "broker/entitlement/entitlement.h"
#include "broker/membership_record.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { GID_A = 1900000101, GID_B = 1900000102, NEVER = -1 };

static struct {
	/* what the others say */
	bool refresh_fails;
	bool next_change_fails;
	int publish_error;
	int trust_error;
	int64_t next_change_s;
	size_t changed; /* accounts, by a refresh */
	/* what they were asked */
	int refreshed_all;
	int refreshed_due;
	int services_published, published;
	const struct policy *policy; /* of the last refresh */
	size_t groups_count; /* of the last publication */
	int records;
	char detail[128]; /* of the last record */
	char reason[32];
} world;

static const struct policy_group groups[] = {
    {.name = "ko-a", .gid = GID_A, .restricted = true}};
static const struct policy policy = {.groups = groups, .groups_count = 1};
static struct config config;
static struct realm realm = {.references = 1, .config = &config};
static struct broker broker;

const struct policy *__wrap_rules_policy(const struct rules *rules);
enum register_result __wrap_entitlement_refresh_all(struct register_db *db,
    const struct policy *by, int64_t now_s,
    const struct entitlement_watch *watch, bool *ret_changed);
enum register_result __wrap_entitlement_refresh_due(struct register_db *db,
    const struct policy *by, int64_t now_s,
    const struct entitlement_watch *watch, bool *ret_changed);
enum register_result __wrap_register_next_change(
    struct register_db *db, int64_t *ret_at_s);
enum register_result __wrap_register_group_by_gid(
    struct register_db *db, uint32_t gid, struct account_group *ret_group);
int __wrap_publisher_publish(struct register_db *db,
    const struct publisher_input *input, const struct local_accounts *local,
    const struct publisher_paths *paths, uint64_t generation,
    size_t *ret_left_out);
int __wrap_trust_publication_publish(
    struct broker *of, const struct realm *in_force, uint64_t generation);
int __wrap_services_file_publish(const char *path, const struct config *of);
int __wrap_local_accounts_read(
    const char *dir, struct local_accounts **ret_local);
int __wrap_broker_register_trouble(struct broker *of);
int __wrap_broker_audit(struct broker *of, const struct audit_record *record);

const struct policy *
__wrap_rules_policy(const struct rules *rules)
{
	assert_ptr_equal(rules, realm.rules);
	return &policy;
}

static enum register_result
refresh(const struct policy *by, const struct entitlement_watch *watch,
    bool *ret_changed)
{
	static const uint32_t given[] = {GID_A}, taken[] = {GID_B};
	size_t i;

	world.policy = by;
	for (i = 0; i < world.changed; i++)
		watch->changed("kari", given, 1, taken, 1, watch->userdata);
	if (world.refresh_fails)
		return REGISTER_FAILED;
	*ret_changed = world.changed > 0;
	return REGISTER_OK;
}

enum register_result
__wrap_entitlement_refresh_all(struct register_db *db, const struct policy *by,
    int64_t now_s, const struct entitlement_watch *watch, bool *ret_changed)
{
	(void)db;
	(void)now_s;
	world.refreshed_all++;
	return refresh(by, watch, ret_changed);
}

enum register_result
__wrap_entitlement_refresh_due(struct register_db *db, const struct policy *by,
    int64_t now_s, const struct entitlement_watch *watch, bool *ret_changed)
{
	(void)db;
	(void)now_s;
	world.refreshed_due++;
	return refresh(by, watch, ret_changed);
}

enum register_result
__wrap_register_next_change(struct register_db *db, int64_t *ret_at_s)
{
	(void)db;
	if (world.next_change_fails)
		return REGISTER_FAILED;
	*ret_at_s = world.next_change_s;
	return REGISTER_OK;
}

enum register_result
__wrap_register_group_by_gid(
    struct register_db *db, uint32_t gid, struct account_group *ret_group)
{
	(void)db;
	assert_int_equal(gid, GID_B);
	*ret_group = (struct account_group){.name = "ko-b", .gid = gid};
	return REGISTER_OK;
}

int
__wrap_trust_publication_publish(
    struct broker *of, const struct realm *in_force, uint64_t generation)
{
	(void)in_force;
	assert_ptr_equal(of, &broker);
	assert_int_equal(generation, broker.publication.generation);
	return world.trust_error;
}

/* The list stands before the image that relies on it. */
int
__wrap_services_file_publish(const char *path, const struct config *of)
{
	assert_ptr_equal(path, broker.paths.strict_services);
	assert_non_null(of);
	assert_int_equal(world.services_published, world.published);
	world.services_published++;
	return 0;
}

int
__wrap_publisher_publish(struct register_db *db,
    const struct publisher_input *input, const struct local_accounts *local,
    const struct publisher_paths *paths, uint64_t generation,
    size_t *ret_left_out)
{
	(void)db;
	(void)local;
	(void)paths;
	assert_true(generation > broker.publication.generation);
	world.published++;
	world.groups_count = input->groups_count;
	if (world.publish_error)
		return world.publish_error;
	*ret_left_out = 3;
	return 0;
}

int
__wrap_local_accounts_read(const char *dir, struct local_accounts **ret_local)
{
	(void)dir;
	*ret_local = NULL;
	return 0;
}

int
__wrap_broker_register_trouble(struct broker *of)
{
	assert_ptr_equal(of, &broker);
	return -EIO;
}

int
__wrap_broker_audit(struct broker *of, const struct audit_record *record)
{
	assert_ptr_equal(of, &broker);
	assert_string_equal(record->action, "memberships");
	assert_string_equal(record->result, "changed");
	world.records++;
	(void)snprintf(
	    world.detail, sizeof(world.detail), "%s", record->detail);
	(void)snprintf(
	    world.reason, sizeof(world.reason), "%s", record->reason);
	return 0;
}

static int
set_up(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.next_change_s = INT64_MAX;
	broker = (struct broker){
	    .paths = {.directory = "directory", .local_dir = "/"},
	    .realm = &realm,
	};
	assert_true(sd_event_new(&broker.event) >= 0);
	assert_int_equal(publication_init(&broker), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	publication_done(&broker);
	sd_event_unref(broker.event);
	return 0;
}

/* Lets what is due happen; answers whether something was. */
static bool
pass(unsigned int wait_ms)
{
	int ran = sd_event_run(broker.event, (uint64_t)wait_ms * 1000);

	assert_true(ran >= 0);
	return ran > 0;
}

/* Seconds from now, or NEVER. */
static int64_t
armed_in_s(sd_event_source *source, int64_t now_us)
{
	uint64_t at_us;
	int enabled;

	assert_true(sd_event_source_get_enabled(source, &enabled) >= 0);
	if (enabled == SD_EVENT_OFF)
		return NEVER;
	assert_true(sd_event_source_get_time(source, &at_us) >= 0);
	return ((int64_t)at_us - now_us + 500000) / 1000000;
}

static int64_t
retries_in_s(void)
{
	return armed_in_s(broker.publication.soon, clock_boot_us());
}

static void
assert_due_within(int64_t from_s, int64_t to_s)
{
	int64_t in_s = armed_in_s(broker.publication.due, clock_wall_us());

	assert_in_range(in_s, from_s, to_s);
}

static void
assert_not_due(void)
{
	assert_int_equal(
	    armed_in_s(broker.publication.due, clock_wall_us()), NEVER);
}

/* The first comes from the loop, and decides first. */
static void
test_begins_by_deciding(void **state)
{
	(void)state;
	world.changed = 1;
	assert_true(pass(1000));
	assert_int_equal(world.refreshed_all, 1);
	assert_ptr_equal(world.policy, &policy);
	assert_int_equal(world.published, 1);
	assert_int_equal(world.groups_count, 1);
	assert_int_equal(broker.publication.left_out, 3);
	assert_string_equal(world.detail, "given: ko-a; taken: ko-b");
	assert_string_equal(world.reason, "decided-anew");
	assert_int_equal(retries_in_s(), NEVER);
	assert_not_due();
	assert_int_equal(broker_publish(&broker), 0);
	assert_int_equal(world.refreshed_all, 1);
	assert_int_equal(world.published, 2);
}

static void
test_tries_again_what_failed(void **state)
{
	(void)state;
	world.refresh_fails = true;
	world.changed = 1;
	world.next_change_s = clock_wall_s() + 100;
	assert_int_equal(broker_publish(&broker), -EIO);
	assert_int_equal(world.published, 0);
	assert_int_equal(world.records, 0);
	assert_true(broker.publication.unpublished);
	assert_in_range(retries_in_s(), 1, 2);
	assert_not_due();
	world.refresh_fails = false;
	world.publish_error = -ENOSPC;
	assert_int_equal(broker_publish(&broker), -ENOSPC);
	assert_int_equal(world.records, 1);
	assert_in_range(retries_in_s(), 1, 2);
	world.publish_error = 0;
	assert_int_equal(broker_publish(&broker), 0);
	assert_int_equal(world.refreshed_all, 2);
	assert_false(broker.publication.unpublished);
	assert_int_equal(retries_in_s(), NEVER);
	assert_due_within(98, 101);
}

/* Services see it later; nobody who logs in waits for that. */
static void
test_a_trust_image_that_fails_is_tried_again_alone(void **state)
{
	(void)state;
	world.trust_error = -ENOENT;
	assert_int_equal(broker_publish(&broker), 0);
	assert_true(broker.publication.trust_behind);
	assert_false(broker.publication.unpublished);
	assert_in_range(retries_in_s(), 1, 2);
	world.trust_error = 0;
	assert_int_equal(broker_publish(&broker), 0);
	assert_false(broker.publication.trust_behind);
	assert_int_equal(retries_in_s(), NEVER);
}

static void
test_waits_for_the_clock(void **state)
{
	(void)state;
	assert_true(pass(1000));
	world.next_change_s = clock_wall_s() - 7;
	publication_arm(&broker);
	assert_due_within(0, 1);
	world.changed = 1;
	world.next_change_s = INT64_MAX;
	assert_true(pass(3000));
	assert_int_equal(world.refreshed_due, 1);
	assert_int_equal(world.published, 2);
	assert_int_equal(world.records, 1);
	assert_string_equal(world.reason, "time");
	assert_not_due();
}

/* A time that comes and changes nobody's groups is no news. */
static void
test_publishes_nothing_that_stayed(void **state)
{
	(void)state;
	assert_true(pass(1000));
	world.next_change_s = clock_wall_s();
	publication_arm(&broker);
	assert_true(pass(3000));
	assert_int_equal(world.refreshed_due, 1);
	assert_int_equal(world.published, 1);
	assert_int_equal(world.records, 0);
	assert_due_within(0, 1);
}

static void
test_a_clock_that_was_not_heard_decides_all(void **state)
{
	(void)state;
	assert_true(pass(1000));
	world.next_change_s = clock_wall_s();
	publication_arm(&broker);
	world.refresh_fails = true;
	world.changed = 1;
	assert_true(pass(3000));
	assert_int_equal(world.refreshed_due, 1);
	assert_int_equal(world.refreshed_all, 2);
	assert_int_equal(world.records, 0);
	assert_true(broker.publication.undecided);
	assert_in_range(retries_in_s(), 1, 2);
}

static void
test_asks_again_when_the_next_time_is_not_told(void **state)
{
	(void)state;
	assert_true(pass(1000));
	world.next_change_fails = true;
	publication_arm(&broker);
	assert_due_within(1, 2);
}

/* Without rules what ends still ends. */
static void
test_goes_on_without_rules(void **state)
{
	(void)state;
	broker.realm = NULL;
	assert_true(pass(1000));
	assert_int_equal(world.refreshed_all, 1);
	assert_null(world.policy);
	assert_int_equal(world.groups_count, 0);
	world.next_change_s = clock_wall_s();
	publication_arm(&broker);
	assert_true(pass(3000));
	assert_int_equal(world.refreshed_due, 1);
	assert_null(world.policy);
}

static void
test_rules_that_fail_give_way_to_those_in_force(void **state)
{
	struct realm next = realm;

	(void)state;
	assert_true(pass(1000));
	world.changed = 1;
	assert_int_equal(publication_try(&broker, &next), 0);
	assert_string_equal(world.reason, "rules");
	assert_false(broker.publication.undecided);
	world.publish_error = -ENOSPC;
	assert_int_equal(publication_try(&broker, &next), -ENOSPC);
	assert_true(broker.publication.undecided);
	assert_in_range(retries_in_s(), 1, 2);
	world.publish_error = 0;
	assert_int_equal(broker_publish(&broker), 0);
	assert_int_equal(world.refreshed_all, 4);
}

static void
test_records_no_more_than_anybody_reads(void **state)
{
	(void)state;
	world.changed = MEMBERSHIP_RECORDS_MAX + 7;
	assert_true(pass(1000));
	assert_int_equal(world.records, MEMBERSHIP_RECORDS_MAX + 1);
	assert_string_equal(world.detail, "of 7 more accounts");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    CASE(test_begins_by_deciding),
	    CASE(test_tries_again_what_failed),
	    CASE(test_a_trust_image_that_fails_is_tried_again_alone),
	    CASE(test_waits_for_the_clock),
	    CASE(test_publishes_nothing_that_stayed),
	    CASE(test_a_clock_that_was_not_heard_decides_all),
	    CASE(test_asks_again_when_the_next_time_is_not_told),
	    CASE(test_goes_on_without_rules),
	    CASE(test_rules_that_fail_give_way_to_those_in_force),
	    CASE(test_records_no_more_than_anybody_reads),
	};

	return cmocka_run_group_tests_name("publication", tests, NULL, NULL);
}
