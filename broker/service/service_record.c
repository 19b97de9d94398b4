#include "broker/service/service_record.h"

#include "broker/clock.h"
#include "broker/service/service_answer.h"
#include "verify/person_number.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	WORD_SIZE_MAX = 64,
	TEXT_SIZE_MAX = 512, /* what a record keeps of a value */
	ORDINARY_SIZE = 512, /* of the texts of a record */
	TIMES_SIZE = 24,
	TIMES_MAX = 1000000000,
};

static const int64_t at_ms_max = 253402300799999; /* of the year 9999 */
static const char withheld[] = "(an identity number was here)";

/* A record, and the texts that it needs storage for. */
struct draft {
	struct audit_record record;
	char at[AUDIT_TIME_SIZE];
	char times[TIMES_SIZE];
	char subject[PERSON_KEY_SUBJECT_SIZE];
};

struct member {
	const char *name;
	size_t offset;
	bool (*is_good)(const char *text);
};

static bool
is_any_text(const char *text)
{
	return strlen(text) <= TEXT_SIZE_MAX;
}

static bool
is_word(const char *text)
{
	size_t size = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return size <= WORD_SIZE_MAX && text[size] == '\0';
}

static bool
is_one_of(const char *const *words, const char *text)
{
	while (*words && strcmp(*words, text) != 0)
		words++;
	return *words != NULL;
}

static bool
is_action(const char *text)
{
	static const char *const actions[] = {
	    "verify", "token", "exchange", NULL};

	return is_one_of(actions, text);
}

static bool
is_result(const char *text)
{
	static const char *const results[] = {
	    "allow", "deny", "outage", "misconfigured", NULL};

	return is_one_of(results, text);
}

#define MEMBER(name, is_good)                                       \
	{                                                           \
#name, offsetof(struct audit_record, name), is_good \
	}

static const struct member members[] = {
    MEMBER(action, is_action),
    MEMBER(result, is_result),
    MEMBER(reason, is_word),
    MEMBER(client, is_any_text),
    MEMBER(audience, is_any_text),
    MEMBER(issuer, is_any_text),
    MEMBER(account, name_is_valid),
    MEMBER(subject, is_any_text),
    MEMBER(client_id, is_any_text),
    MEMBER(consumer, is_any_text),
    MEMBER(supplier, is_any_text),
    MEMBER(delegation_source, is_any_text),
    MEMBER(token_id, is_any_text),
    MEMBER(session, is_any_text),
    MEMBER(scope, is_any_text),
    MEMBER(acr, is_any_text),
    MEMBER(group, is_any_text),
    MEMBER(target, is_any_text),
    MEMBER(resource, is_any_text),
    MEMBER(authorization, is_any_text),
};

const char *
service_record_text(const char *text)
{
	return person_number_is_in(slice_of(text)) ? withheld : text;
}

static const struct member *
find_member(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (strcmp(members[i].name, name) == 0)
			return &members[i];
	}
	return NULL;
}

static bool
take_text(struct draft *draft, const char *name, const json_t *value)
{
	const struct member *member = find_member(name);
	const char *text = json_string_value(value);

	if (!member || !text || !text[0] || !member->is_good(text))
		return false;
	text = service_record_text(text);
	memcpy((char *)&draft->record + member->offset, &text, sizeof(text));
	return true;
}

static bool
take_at(struct draft *draft, const json_t *value)
{
	json_int_t at_ms = json_integer_value(value);

	if (!json_is_integer(value) || at_ms < 0 || at_ms > at_ms_max)
		return false;
	audit_time(at_ms * 1000, draft->at);
	draft->record.at = draft->at;
	return true;
}

static bool
take_times(struct draft *draft, const json_t *value)
{
	json_int_t times = json_integer_value(value);

	if (!json_is_integer(value) || times < 1 || times > TIMES_MAX)
		return false;
	(void)snprintf(draft->times, sizeof(draft->times), "%d", (int)times);
	draft->record.times = draft->times;
	return true;
}

static bool
take_member(struct draft *draft, const char *name, const json_t *value)
{
	if (strcmp(name, "at_ms") == 0)
		return take_at(draft, value);
	if (strcmp(name, "times") == 0)
		return take_times(draft, value);
	return take_text(draft, name, value);
}

/*
 * Who has an account is told by its name. Without a key there is no hash, and
 * the record is more than the subject.
 */
static void
hide_subject(
    const struct broker *broker, const json_t *said, struct draft *draft)
{
	const char *subject =
	    json_string_value(json_object_get(said, "subject"));
	struct audit_record *record = &draft->record;

	record->subject = NULL;
	if (!subject || record->account || !broker->person_keys ||
	    person_key_subject(broker->person_keys,
		record->issuer ? record->issuer : "", subject, draft->subject))
		return;
	record->subject = draft->subject;
}

/* Its subject is as it came: hide_subject() is the next step. */
static bool
make_draft(json_t *said, struct draft *ret_draft)
{
	struct audit_record *record = &ret_draft->record;
	const char *name;
	json_t *value;

	*record = (struct audit_record){0};
	json_object_foreach (said, name, value) {
		if (!take_member(ret_draft, name, value))
			return false;
	}
	return record->at && record->action && record->result && record->reason;
}

static bool
is_good(const json_t *records)
{
	struct draft draft;
	json_t *said;
	size_t i;

	json_array_foreach (records, i, said) {
		if (!make_draft(said, &draft))
			return false;
	}
	return true;
}

/* What is no plain ASCII takes six bytes at most. */
static size_t
written_size(const char *text)
{
	size_t size = 0;

	for (; *text; text++)
		size += *text >= ' ' && *text <= '~' ? 1 : 6;
	return size;
}

/* How many records of an ordinary size it is worth. */
static size_t
weigh(json_t *said)
{
	const char *name;
	size_t size = 0;
	json_t *value;

	json_object_foreach (said, name, value)
		if (json_is_string(value))
			size += written_size(json_string_value(value));
	return 1 + size / ORDINARY_SIZE;
}

bool
service_record_room(struct broker *broker, size_t weight)
{
	int64_t now_us = clock_boot_us();

	for (; weight > 0; weight--) {
		if (!rate_take(&broker->records_rate, SERVICE_RECORDS_BURST,
			SERVICE_RECORDS_PER_S, now_us))
			return false;
	}
	return true;
}

static bool
have_room(struct broker *broker, const json_t *records)
{
	size_t i, weight = 0;
	json_t *said;

	json_array_foreach (records, i, said)
		weight += weigh(said);
	return service_record_room(broker, weight);
}

/* 0 when the file has it: the journal alone forgets. */
static int
keep(struct broker *broker, json_t *said, const char *peer)
{
	struct draft draft;
	int error;

	if (!make_draft(said, &draft))
		return -EINVAL;
	hide_subject(broker, said, &draft);
	draft.record.peer = peer;
	error = broker_audit(broker, &draft.record);
	return error ? error : audit_file_error(broker->audit);
}

static json_t *
refuse(int64_t id, int error, size_t kept)
{
	json_t *answer;
	char text[128];

	(void)snprintf(
	    text, sizeof(text), "the audit file: %s", strerror(-error));
	answer = service_error(id, "outage", text);
	(void)json_object_set_new(
	    answer, "kept", json_integer((json_int_t)kept));
	return answer;
}

json_t *
service_record(struct broker *broker, const struct service_question *question)
{
	json_t *said;
	size_t i;
	int error;

	if (!is_good(question->records))
		return service_error(question->id, "bad-request", "records");
	if (!have_room(broker, question->records))
		return service_error(
		    question->id, "busy", "too much was to be recorded");
	json_array_foreach (question->records, i, said) {
		error = keep(broker, said, question->peer);
		if (error)
			return refuse(question->id, error, i);
	}
	return service_done(question->id);
}
