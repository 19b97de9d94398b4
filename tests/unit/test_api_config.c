/* api.conf: what it says is what holds, and mistakes are told with a place. */
#include "broker/api/api_config.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
	char path[64];
};

static void
put(const struct folder *folder, const char *name, const char *text,
    mode_t mode)
{
	char path[160];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder->path, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int
setup(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	assert_non_null(folder);
	(void)strcpy(folder->path, "/tmp/test-api-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	*state = folder;
	return 0;
}

static int
teardown(void **state)
{
	struct folder *folder = *state;
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder->path);
	assert_int_equal(system(command), 0);
	free(folder);
	return 0;
}

#define SECRET "0123456789abcdef0123456789ABCDEF"

static void
expect_targets(const struct api_client *client)
{
	const struct api_list *tokens = &client->token_targets;

	assert_true(api_list_has_target(tokens, "maskin-1", "ks:fiks"));
	assert_false(api_list_has_target(tokens, "maskin-1", "ks:fik"));
	assert_false(api_list_has_target(tokens, "maskin-1", "ks:fiks2"));
	assert_false(api_list_has_target(tokens, "maskin", "1:ks:fiks"));
	assert_false(api_list_has_target(tokens, "", "maskin-1:ks:fiks"));
	assert_false(api_list_has_target(tokens, "tokenx", "c:n:a"));
	assert_true(
	    api_list_has_target(&client->exchange_targets, "tokenx", "c:n:a"));
	assert_true(api_list_has_target(
	    &client->token_resources, "maskin-1", "https://a"));
	assert_true(api_list_has_target(
	    &client->token_details_for, "maskin-1", "0192:974760673"));
	assert_true(api_list_has_target(
	    &client->token_details_types, "maskin-1", "urn:t"));
}

static void
test_reads_all_of_it(void **state)
{
	const struct folder *folder = *state;
	struct api_config *config = NULL;
	const struct api_client *client;
	const struct api_location *location;
	struct config_error error;
	char text[1024];

	put(folder, "secret", SECRET "\n", 0600);
	(void)snprintf(text, sizeof(text),
	    "server { workers = 3 }\n"
	    "client \"kompis\" { user = \"root\"\n"
	    "audiences = { \"https://kompis.example\", \"kompis\" }\n"
	    "claims = { \"username\", \"access_groups\" }\n"
	    "token_targets = { \"maskin-1:ks:fiks\" }\n"
	    "token_resources = { \"maskin-1:https://a\" }\n"
	    "token_details_for = { \"maskin-1:0192:974760673\" }\n"
	    "token_details_types = { \"maskin-1:urn:t\" }\n"
	    "exchange_targets = { \"tokenx:c:n:a\" }\n"
	    "record = \"each\" forwards_certificate = true }\n"
	    "client \"caller\" { uid = 4243 record = \"fresh\"\n"
	    "token_targets = { \"maskin:x\" } }\n"
	    "client \"dovecot\" { secret_file = \"%s/secret\"\n"
	    "scopes = { \"mail\" } group = \"ko-post\" }\n",
	    folder->path);
	put(folder, "api.conf", text, 0644);
	assert_int_equal(
	    mkdir(strcat(strcpy(text, folder->path), "/api.conf.d"), 0755), 0);
	put(folder, "api.conf.d/a.conf",
	    "location \"/auth/kompis\" { audience = \"kompis\"\n"
	    "group = \"ko-kompis\" level = \"high\" max_age = \"15min\"\n"
	    "origin = \"https://kompis.example\" scopes = { \"a\" } }\n"
	    "client \"other\" { uid = 4242 audiences = { \"x\" } }\n",
	    0644);
	assert_int_equal(api_config_read(folder->path, &config, &error), 0);
	assert_int_equal(config->workers, 3);
	client = api_config_client_by_uid(config, 0);
	assert_non_null(client);
	assert_string_equal(client->name, "kompis");
	assert_int_equal(client->audiences.count, 2);
	assert_true(api_list_has(&client->claims, "access_groups"));
	assert_null(client->group);
	assert_false(api_list_has(&client->claims, "sub"));
	assert_string_equal(
	    api_config_client_by_uid(config, 4242)->name, "other");
	assert_null(api_config_client_by_uid(config, 4244));
	assert_true(client->records_each && client->forwards_certificate);
	expect_targets(client);
	client = api_config_client_by_uid(config, 4243);
	assert_false(client->records_each || client->forwards_certificate);
	assert_false(
	    api_list_has_target(&client->exchange_targets, "maskin", "x"));
	location = api_config_location(config, "/auth/kompis");
	assert_non_null(location);
	assert_string_equal(location->group, "ko-kompis");
	assert_string_equal(location->level, "high");
	assert_int_equal(location->places.group, 2);
	assert_non_null(strstr(location->places.file, "api.conf.d/a.conf"));
	assert_int_equal(location->max_age_s, 900);
	assert_null(api_config_location(config, "/auth"));
	assert_string_equal(
	    api_config_client_by_secret(config, "dovecot", SECRET)->name,
	    "dovecot");
	assert_string_equal(
	    api_config_client_by_secret(config, "dovecot", SECRET)->group,
	    "ko-post");
	assert_null(api_config_client_by_secret(config, "kompis", SECRET));
	assert_null(api_config_client_by_secret(config, "dovecot", ""));
	assert_null(api_config_client_by_secret(
	    config, "dovecot", "0123456789abcdef0123456789ABCDEf"));
	api_config_free(config);
}

static const struct {
	const char *text;
	const char *said;
} refusals[] = {
    {"client \"a\" { uid = 1 token_targets = { \"x\" } }",
	"write ISSUER:TARGET"},
    {"client \"a\" { uid = 1 token_targets = { \"x:\" } }",
	"write ISSUER:TARGET"},
    {"client \"a\" { uid = 1 token_targets = { \":x\" } }",
	"write ISSUER:TARGET"},
    {"client \"a\" { uid = 1 token_targets = { \"Maskin:y\" } }",
	"write ISSUER:TARGET"},
    {"client \"a\" { uid = 1 token_targets = { \"x:y\" }\n"
     "token_resources = { \"https\" } }",
	"api.conf:2: token_resources = \"https\": write ISSUER:RESOURCE"},
    {"client \"a\" { uid = 1 token_targets = { \"x:y\" }\n"
     "token_details_for = { \"x:974760673\" } }",
	"write ISSUER:0192:NUMBER"},
    {"client \"a\" { uid = 1 token_targets = { \"x:y\" }\n"
     "token_details_types = { \"x:urn:altinn:systemuser\" } }",
	"write ISSUER:TYPE"},
    {"client \"a\" { uid = 1 audiences = { \"x\" }\n"
     "token_resources = { \"x:https://a\" } }",
	"token_resources: only tokens for token_targets"},
    {"client \"a\" { uid = 1 token_targets = { \"x:y\" }\n"
     "exchange_targets = { \"x:y\" } }",
	"has exchange_targets but no audiences"},
    {"client \"a\" { uid = 1 audiences = { \"x\" } record = \"all\" }", "each"},
    {"client \"a\" { uid = 1 audiences = { \"x\" }\n"
     "forwards_certificate = yes }",
	"api.conf:2"},
    {"client \"a\" { audiences = { \"x\" } }", "nobody could be it"},
    {"client \"a\" { uid = 1 }", "neither audiences nor scopes"},
    {"client \"A\" { uid = 1 audiences = { \"x\" } }", "write a name of"},
    {"client \"a\" { user = \"no-such-user\" audiences = { \"x\" } }",
	"there is no user"},
    {"client \"a\" { uid = 4294967295 audiences = { \"x\" } }",
	"write a decimal number"},
    {"client \"a\" { user = \"root\" uid = 0 audiences = { \"x\" } }",
	"there is a uid already"},
    {"client \"a\" { uid = 1 audiences = { \"x\" } claims = { \"pid\" } }",
	"pid is never shown"},
    {"client \"a\" { uid = 1 audiences = { \"x\" } }\n"
     "client \"b\" { uid = 1 audiences = { \"x\" } }",
	"api.conf:1: keep them in one section"},
    {"client \"a\" { uid = 1 audiences = { \"x\" } }\n"
     "client \"a\" { uid = 2 audiences = { \"x\" } }",
	"keep them in one section"},
    {"client \"a\" {\nsecret_file = \"/none\" audiences = { \"x\" } }",
	"api.conf:2: secret_file /none: there is no such file"},
    {"client \"a\" { uid = 1 audiences = { \"x\" } }\n"
     "location \"/auth/a\" {\naudience = \"y\" }",
	"api.conf:3: audience \"y\" of location \"/auth/a\" is in no client's"},
    {"client \"a\" { uid = 1 audience = { \"x\" } }", "api.conf(5)"},
    {"location \"/api\" { }", "write /auth or /auth/NAME"},
    {"location \"/authx\" { }", "write /auth or /auth/NAME"},
    {"location \"/auth/\" { }", "write /auth or /auth/NAME"},
    {"location \"/auth/a\" { }\nlocation \"/auth/a\" { }", "stands twice"},
    {"location \"/auth/a\" { origin = \"https://a/b\" }", "without a path"},
    {"location \"/auth/a\" { max_age = \"0s\" }", "write a number"},
    {"server { workers = 0 }", "write a decimal number"},
    {"server { workers = 65 }", "write a decimal number"},
    {"listener { }", "api.conf(5)"},
};

static void
test_says_what_is_wrong(void **state)
{
	const struct folder *folder = *state;
	struct api_config *config = NULL;
	struct config_error error;
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		put(folder, "api.conf", refusals[i].text, 0644);
		assert_true(api_config_read(folder->path, &config, &error) < 0);
		assert_null(config);
		if (!strstr(error.text, refusals[i].said))
			fail_msg("%zu: %s", i, error.text);
	}
}

static void
expect_secret(
    const struct folder *folder, const char *secret, mode_t mode, int good)
{
	struct api_config *config = NULL;
	struct config_error error;
	char text[256];

	put(folder, "secret", secret, mode);
	(void)snprintf(text, sizeof(text),
	    "client \"a\" { secret_file = \"%s/secret\" scopes = { \"x\" } }",
	    folder->path);
	put(folder, "api.conf", text, 0644);
	assert_int_equal(
	    api_config_read(folder->path, &config, &error) == 0, good);
	if (!good)
		assert_null(strstr(error.text, "0123456789"));
	api_config_free(config);
}

static void
test_secrets(void **state)
{
	const struct folder *folder = *state;

	expect_secret(folder, SECRET, 0600, 1);
	expect_secret(folder, SECRET "\n", 0640, 1);
	expect_secret(folder, SECRET, 0644, 0);
	expect_secret(folder, SECRET "\n\n", 0600, 0);
	expect_secret(folder, "0123456789abcdef0123456789ABCDE", 0600, 0);
	expect_secret(folder, SECRET "%", 0600, 0);
	expect_secret(folder, SECRET " ", 0600, 0);
	expect_secret(folder, "", 0600, 0);
}

static void
test_a_missing_file_is_an_error(void **state)
{
	const struct folder *folder = *state;
	struct api_config *config = NULL;
	struct config_error error;

	assert_true(api_config_read(folder->path, &config, &error) < 0);
	assert_non_null(strstr(error.text, "api.conf"));
	assert_null(config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_reads_all_of_it, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_says_what_is_wrong, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_secrets, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_a_missing_file_is_an_error, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
