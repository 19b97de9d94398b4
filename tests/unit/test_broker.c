/*
 * A reload, against a configuration, a register and a publication that are
 * this test's: rules that are not kept are not in force.
 */
#include "broker/broker.h"
#include "broker/register/history.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	enum register_result kept; /* what the register answers */
	int publish_error;
	char order[64]; /* of what was done: "keep B, publish, " */
	char recorded[16]; /* the result in the audit record */
} world;

static struct config config;
static struct rules old_rules, new_rules;
static struct realm old_realm = {.config = &config, .rules = &old_rules};
static struct realm new_realm = {.config = &config, .rules = &new_rules};
static struct broker broker;

int __wrap_config_read(const char *dir, struct config **ret_config,
    struct config_error *ret_error);
int __wrap_rules_read(const struct rules_place *place, const struct config *of,
    struct rules **ret_rules, struct config_error *ret_error);
int __wrap_realm_new(struct config *of, struct rules *rules,
    struct fetch_client *fetch, const struct realm *previous,
    struct realm **ret_realm);
struct realm *__wrap_realm_unref(struct realm *realm);
int __wrap_fetch_client_hosts(struct fetch_client *client, const char *ca_file,
    const char *proxy, const char *const *hosts, size_t hosts_count);
int __wrap_policy_files_put(
    const struct policy_files *files, void **ret_record, size_t *ret_size);
enum register_result __wrap_history_rules(
    struct register_db *db, const void *record, size_t size, int64_t now_s);
const char *__wrap_register_error(const struct register_db *db);
int __wrap_publication_try(struct broker *of, const struct realm *realm);
void __wrap_publication_arm(struct broker *of);
int __wrap_audit_write(
    struct audit *audit, const struct audit_record *record, int64_t now_us);
int __wrap_audit_file_error(const struct audit *audit);
void __wrap_token_source_clear(struct token_source *source);

static void
note(const char *what)
{
	size_t at = strlen(world.order);

	(void)snprintf(
	    &world.order[at], sizeof(world.order) - at, "%s, ", what);
}

int
__wrap_config_read(
    const char *dir, struct config **ret_config, struct config_error *ret_error)
{
	(void)dir;
	(void)ret_error;
	*ret_config = &config;
	return 0;
}

int
__wrap_rules_read(const struct rules_place *place, const struct config *of,
    struct rules **ret_rules, struct config_error *ret_error)
{
	(void)place;
	(void)of;
	(void)ret_error;
	*ret_rules = &new_rules;
	return 0;
}

int
__wrap_realm_new(struct config *of, struct rules *rules,
    struct fetch_client *fetch, const struct realm *previous,
    struct realm **ret_realm)
{
	(void)of;
	(void)fetch;
	assert_ptr_equal(rules, &new_rules);
	assert_ptr_equal(previous, broker.realm);
	*ret_realm = &new_realm;
	return 0;
}

struct realm *
__wrap_realm_unref(struct realm *realm)
{
	(void)realm;
	return NULL;
}

int
__wrap_fetch_client_hosts(struct fetch_client *client, const char *ca_file,
    const char *proxy, const char *const *hosts, size_t hosts_count)
{
	(void)client;
	(void)ca_file;
	(void)proxy;
	(void)hosts;
	(void)hosts_count;
	return 0;
}

int
__wrap_policy_files_put(
    const struct policy_files *files, void **ret_record, size_t *ret_size)
{
	*ret_record = strdup(files == new_rules.files ? "new" : "old");
	assert_non_null(*ret_record);
	*ret_size = 3;
	return 0;
}

enum register_result
__wrap_history_rules(
    struct register_db *db, const void *record, size_t size, int64_t now_s)
{
	(void)db;
	(void)now_s;
	assert_int_equal(size, 3);
	note(record);
	return world.kept;
}

const char *
__wrap_register_error(const struct register_db *db)
{
	(void)db;
	return "database or disk is full";
}

int
__wrap_publication_try(struct broker *of, const struct realm *realm)
{
	assert_ptr_equal(of, &broker);
	assert_ptr_equal(realm, &new_realm);
	note("publish");
	return world.publish_error;
}

void
__wrap_publication_arm(struct broker *of)
{
	assert_ptr_equal(of, &broker);
}

int
__wrap_audit_write(
    struct audit *audit, const struct audit_record *record, int64_t now_us)
{
	(void)audit;
	(void)now_us;
	assert_string_equal(record->action, "configure");
	(void)snprintf(
	    world.recorded, sizeof(world.recorded), "%s", record->result);
	return 0;
}

int
__wrap_audit_file_error(const struct audit *audit)
{
	(void)audit;
	return 0;
}

/* What came by the configuration before. */
void
__wrap_token_source_clear(struct token_source *source)
{
	(void)source;
	assert_ptr_equal(broker.realm, &new_realm);
	note("forget");
}

static int
set_up(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.kept = REGISTER_OK;
	old_rules.files = (struct policy_files *)&old_rules;
	new_rules.files = (struct policy_files *)&new_rules;
	broker = (struct broker){
	    .paths = {.database = "register.db"}, .realm = &old_realm};
	return 0;
}

static void
test_keeps_rules_before_they_are_in_force(void **state)
{
	(void)state;
	assert_int_equal(broker_reload(&broker, "uid 0"), 0);
	assert_string_equal(world.order, "new, publish, forget, ");
	assert_ptr_equal(broker.realm, &new_realm);
	assert_string_equal(world.recorded, "in-force");
}

static void
test_refuses_rules_that_cannot_be_kept(void **state)
{
	(void)state;
	world.kept = REGISTER_FAILED;
	assert_int_equal(broker_reload(&broker, "uid 0"), -EIO);
	assert_string_equal(world.order, "new, ");
	assert_ptr_equal(broker.realm, &old_realm);
	assert_string_equal(world.recorded, "refused");
	assert_string_equal(broker.config_error.text,
	    "register.db: the rules cannot be kept, and what was decided by "
	    "them could not be explained later: free some disk, and reload");
}

/* What is kept last is what is in force. */
static void
test_keeps_the_old_rules_again_when_they_stay(void **state)
{
	(void)state;
	world.publish_error = -ENOSPC;
	assert_int_equal(broker_reload(&broker, "uid 0"), -ENOSPC);
	assert_string_equal(world.order, "new, publish, old, ");
	assert_ptr_equal(broker.realm, &old_realm);
	assert_string_equal(world.recorded, "refused");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(
		test_keeps_rules_before_they_are_in_force, set_up),
	    cmocka_unit_test_setup(
		test_refuses_rules_that_cannot_be_kept, set_up),
	    cmocka_unit_test_setup(
		test_keeps_the_old_rules_again_when_they_stay, set_up),
	};

	return cmocka_run_group_tests_name("broker", tests, NULL, NULL);
}
