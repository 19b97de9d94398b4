/*
 * The input is a question of the service protocol, to a broker with one
 * account. A question that is read has what it needs; what the broker answers
 * by itself is one object with its id, and no record that comes of it has an
 * identity number or the subject in it.
 */
#include "broker/service/service_link.h"
#include "broker/service/service_record.h"
#include "lib/service_protocol.h"
#include "tests/fuzz/fuzz.h"
#include "verify/person_number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum register_result __wrap_person_link_find(struct register_db *db,
    const struct person_link *link, struct account *ret_account);
enum register_result __wrap_person_links_epoch(
    struct register_db *db, int64_t *ret_epoch);
int __wrap_person_key_link(const struct person_keys *keys, unsigned int number,
    const char *person_number, struct person_link *ret_link);
int __wrap_person_key_subject(const struct person_keys *keys,
    const char *issuer, const char *subject,
    char ret_text[static PERSON_KEY_SUBJECT_SIZE]);
unsigned int __wrap_person_keys_number(
    const struct person_keys *keys, size_t age);
int __wrap_broker_audit(
    struct broker *broker, const struct audit_record *record);
int __wrap_audit_file_error(const struct audit *audit);

static void
must(bool condition)
{
	if (!condition)
		abort();
}

enum register_result
__wrap_person_link_find(struct register_db *db, const struct person_link *link,
    struct account *ret_account)
{
	(void)db;
	if (link->key != 1)
		return REGISTER_NOT_FOUND;
	*ret_account = (struct account){
	    .id = 1, .name = "kari", .issuer = "https://idp.example"};
	return REGISTER_OK;
}

enum register_result
__wrap_person_links_epoch(struct register_db *db, int64_t *ret_epoch)
{
	(void)db;
	*ret_epoch = 1;
	return REGISTER_OK;
}

int
__wrap_person_key_link(const struct person_keys *keys, unsigned int number,
    const char *person_number, struct person_link *ret_link)
{
	(void)keys;
	must(person_number_check(slice_of(person_number)) !=
	     PERSON_NUMBER_INVALID);
	*ret_link = (struct person_link){.key = number};
	return 0;
}

int
__wrap_person_key_subject(const struct person_keys *keys, const char *issuer,
    const char *subject, char ret_text[static PERSON_KEY_SUBJECT_SIZE])
{
	(void)keys;
	must(issuer && subject && *subject);
	strcpy(ret_text, "1:00");
	return 0;
}

unsigned int
__wrap_person_keys_number(const struct person_keys *keys, size_t age)
{
	(void)keys;
	return age < 2 ? 2 - (unsigned int)age : 0;
}

int
__wrap_broker_audit(struct broker *broker, const struct audit_record *record)
{
	const char *const *values = (const char *const *)record;
	size_t i;

	(void)broker;
	must(record->action && record->result && record->reason && record->at);
	must(!record->subject || strcmp(record->subject, "1:00") == 0);
	must(!record->account || name_is_valid(record->account));
	for (i = 0; i < sizeof(*record) / sizeof(*values); i++)
		must(!values[i] || !person_number_is_in(slice_of(values[i])));
	return 0;
}

int
__wrap_audit_file_error(const struct audit *audit)
{
	(void)audit;
	return 0;
}

static void
check_question(const struct service_question *question)
{
	bool of_client =
	    question->ask != SERVICE_KEYS && question->ask != SERVICE_RECORD;
	size_t i;

	must(question->id >= 0);
	must(of_client == (question->client != NULL));
	must((question->ask != SERVICE_RECORD) == (question->issuer != NULL));
	must((question->ask == SERVICE_RECORD) == (question->records != NULL));
	must((question->ask == SERVICE_LINK) == (question->pid != NULL));
	must((question->ask == SERVICE_EXCHANGE) ==
	     (question->user_token != NULL));
	must(question->resources_count <= TOKEN_RESOURCES_MAX);
	for (i = 0; i < question->resources_count; i++)
		must(question->resources[i][0] != '\0');
}

static void
check_answer(const struct service_question *question, const json_t *answer)
{
	must(json_is_object(answer));
	must(json_integer_value(json_object_get(answer, "id")) == question->id);
	if (json_is_true(json_object_get(answer, "ok")))
		return;
	must(json_is_false(json_object_get(answer, "ok")));
	must(json_string_length(json_object_get(answer, "error")) > 0);
	must(json_string_length(json_object_get(answer, "text")) > 0);
}

static void
put_question(const struct service_question *question)
{
	static struct config config = {
	    .issuers[0] = {.profile = {.issuer = "https://idp.example",
			       .test = true},
		.name = "staff",
		.links_persons = true},
	    .issuers_count = 1,
	};
	struct realm realm = {.config = &config};
	struct broker broker = {
	    .realm = &realm, .person_keys = (struct person_keys *)&realm};
	json_t *answer = NULL;

	if (question->ask == SERVICE_LINK)
		answer = service_link(&broker, question);
	else if (question->ask == SERVICE_RECORD)
		answer = service_record(&broker, question);
	else
		return;
	check_answer(question, answer);
	json_decref(answer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct service_question question;
	const char *problem = NULL;
	int error;

	error = service_question_read(data, size, &question, &problem);
	must(error == 0 ||
	     ((error == -EBADMSG || error == -EINVAL) && problem && *problem));
	must(question.id >= SERVICE_NO_ID);
	if (!error) {
		check_question(&question);
		put_question(&question);
	}
	service_question_done(&question);
	return 0;
}
