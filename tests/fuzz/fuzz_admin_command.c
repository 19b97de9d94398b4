/*
 * The input is an administrator's request, to a broker with one account. Every
 * request gets one answer: done with a result, or refused in words. The broker
 * itself is left out: what it would publish and record is not looked at.
 */
#include "broker/admin/admin_command.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int __wrap_broker_publish(struct broker *broker);
int __wrap_broker_refresh(struct broker *broker, const char *account);
int __wrap_broker_reload(struct broker *broker, const char *actor);
int __wrap_broker_audit(
    struct broker *broker, const struct audit_record *record);
bool __wrap_fetch_client_is_connected(const struct fetch_client *client);

static void
must(bool condition)
{
	if (!condition)
		abort();
}

/* A group that takes an authorisation, which root may give. */
static const char rules_text[] =
    "service \"flyt\" {\n title = \"F\"\n title_en = \"F\"\n}\n"
    "group \"ko-flyt\" {\n gid = 1900100001\n title = \"F\"\n"
    " title_en = \"F\"\n basis = \"B\"\n}\n"
    "grant \"ko-flyt\" {\n reason = \"R\"\n authorised = { \"case\" }\n}\n"
    "quota \"ko-flyt\" {\n level = \"central\"\n minimum = 1\n"
    " maximum = 2\n givers = { \"administrator\" }\n"
    " giver_level = \"central\"\n}\n";
static const char units_text[] =
    "unit \"0001\" {\n name = \"KDI\"\n level = \"central\"\n}\n";

static void
read_rules(struct broker *broker, struct rules *rules)
{
	const struct rules_place place = {
	    .local_dir = broker->paths.local_dir, .db = broker->db};
	struct config_error error;

	rules->files = calloc(1, sizeof(*rules->files));
	must(rules->files &&
	     policy_files_add(rules->files, "flyt.conf", rules_text,
		 sizeof(rules_text) - 1, true, false) == 0 &&
	     policy_files_add(rules->files, "units.conf", units_text,
		 sizeof(units_text) - 1, false, true) == 0);
	must(rules_interpret(rules->files, false, &place, broker->realm->config,
		 &rules->text, &error) == 0);
}

int
__wrap_broker_publish(struct broker *broker)
{
	must(broker->db != NULL);
	return 0;
}

int
__wrap_broker_refresh(struct broker *broker, const char *account)
{
	(void)broker;
	(void)account;
	return 0;
}

int
__wrap_broker_reload(struct broker *broker, const char *actor)
{
	must(broker->db && actor);
	return 0;
}

int
__wrap_broker_audit(struct broker *broker, const struct audit_record *record)
{
	(void)broker;
	must(record->action && record->result);
	return 0;
}

bool
__wrap_fetch_client_is_connected(const struct fetch_client *client)
{
	(void)client;
	return true;
}

static void
put_file(const char *dir, const char *name, const char *text)
{
	char path[64];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	must(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static struct register_db *
open_register(const char *dir)
{
	const struct account_request kari = {
	    .name = "kari",
	    .issuer = "https://idp.example",
	    .subject = "s1",
	    .home = "/home/kari",
	    .shell = "/bin/sh",
	};
	struct register_db *db = NULL;
	struct account account;
	char path[64];

	put_file(dir, "passwd", "root:x:0:0::/:/bin/sh\n");
	put_file(dir, "group", "root:x:0:\n");
	(void)snprintf(path, sizeof(path), "%s/register.db", dir);
	must(register_open(path, dir, &db) == REGISTER_OK);
	must(register_account_add(db, &kari, 1000, &account) == REGISTER_OK);
	return db;
}

static void
drop_dir(const char *dir)
{
	static const char *const names[] = {"passwd", "group", "register.db",
	    "register.db-wal", "register.db-shm"};
	char path[64];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

static void
check_answer(const json_t *answer)
{
	must(json_is_object(answer));
	if (json_is_true(json_object_get(answer, "ok"))) {
		must(json_is_object(json_object_get(answer, "result")));
		return;
	}
	must(json_is_false(json_object_get(answer, "ok")));
	must(json_string_length(json_object_get(answer, "error")) > 0);
	must(json_is_string(json_object_get(answer, "text")));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct admin_actor root = {
	    .root = true, .record = "uid 0"};
	struct config config = {
	    .issuers[0] = {.profile.issuer = "https://idp.example",
		.name = "staff",
		.kind = issuer_kind_find("generic"),
		.logs_people_in = true},
	    .issuers_count = 1,
	    .home_base = "/home",
	    .shell = "/bin/sh",
	};
	char dir[] = "/tmp/portvakt-fuzz-XXXXXX";
	struct rules rules = {0};
	struct realm realm = {.config = &config, .rules = &rules};
	struct broker broker = {
	    .realm = &realm,
	    .paths = {.config_dir = dir,
		.catalogue_dir = dir,
		.local_dir = dir},
	};
	json_auto_t *request = NULL;
	json_auto_t *answer = NULL;

	request =
	    json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	must(mkdtemp(dir));
	must(issuer_new(
		 NULL, &config.issuers[0], 1000, NULL, &realm.issuers[0]) == 0);
	broker.db = open_register(dir);
	read_rules(&broker, &rules);
	must(session_table_new(&broker.sessions) == 0);
	answer = admin_command_run(&broker, &root, request);
	check_answer(answer);
	register_close(broker.db);
	policy_text_free(rules.text);
	policy_files_free(rules.files);
	session_table_free(broker.sessions);
	issuer_free(realm.issuers[0]);
	drop_dir(dir);
	return 0;
}
