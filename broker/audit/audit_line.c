#include "broker/audit/audit_line.h"

#include "broker/text.h"
#include "lib/utf8.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct field {
	const char *name;
	const char *journal_name;
	size_t offset;
	size_t size; /* bytes of a value that are kept */
	bool told; /* in the journal's message too */
};

#define FIELD(name, journal_name, size, told)                       \
	{                                                           \
#name, "PORTVAKT_" journal_name "=",                \
		    offsetof(struct audit_record, name), size, told \
	}

static const struct field fields[AUDIT_FIELDS_COUNT] = {
    FIELD(action, "ACTION", AUDIT_VALUE_SIZE, false),
    FIELD(result, "RESULT", AUDIT_VALUE_SIZE, false),
    FIELD(reason, "REASON", AUDIT_VALUE_SIZE, true),
    FIELD(detail, "DETAIL", AUDIT_VALUE_SIZE, true),
    FIELD(account, "ACCOUNT", AUDIT_VALUE_SIZE, true),
    FIELD(peer, "PEER", AUDIT_VALUE_SIZE, false),
    FIELD(service, "SERVICE", AUDIT_VALUE_SIZE, true),
    FIELD(tty, "TTY", AUDIT_VALUE_SIZE, false),
    FIELD(rhost, "RHOST", AUDIT_VALUE_SIZE, true),
    FIELD(issuer, "ISSUER", AUDIT_VALUE_SIZE, false),
    FIELD(acr, "ACR", AUDIT_VALUE_SIZE, false),
    FIELD(on_behalf_of, "ON_BEHALF_OF", AUDIT_VALUE_SIZE, false),
    FIELD(groups, "GROUPS", AUDIT_GROUPS_SIZE, false),
    FIELD(correlation, "CORRELATION", AUDIT_VALUE_SIZE, true),
    FIELD(session, "SESSION", AUDIT_VALUE_SIZE, false),
    FIELD(actor, "ACTOR", AUDIT_VALUE_SIZE, true),
    FIELD(at, "AT", AUDIT_VALUE_SIZE, false),
    FIELD(client, "CLIENT", AUDIT_VALUE_SIZE, true),
    FIELD(audience, "AUDIENCE", AUDIT_VALUE_SIZE, false),
    FIELD(subject, "SUBJECT", AUDIT_VALUE_SIZE, false),
    FIELD(client_id, "CLIENT_ID", AUDIT_VALUE_SIZE, false),
    FIELD(consumer, "CONSUMER", AUDIT_VALUE_SIZE, true),
    FIELD(supplier, "SUPPLIER", AUDIT_VALUE_SIZE, false),
    FIELD(delegation_source, "DELEGATION_SOURCE", AUDIT_VALUE_SIZE, false),
    FIELD(token_id, "TOKEN_ID", AUDIT_VALUE_SIZE, false),
    FIELD(scope, "SCOPE", AUDIT_VALUE_SIZE, false),
    FIELD(group, "GROUP", AUDIT_VALUE_SIZE, true),
    FIELD(target, "TARGET", AUDIT_VALUE_SIZE, true),
    FIELD(resource, "RESOURCE", AUDIT_VALUE_SIZE, true),
    FIELD(authorization, "AUTHORIZATION", AUDIT_VALUE_SIZE, true),
    FIELD(times, "TIMES", AUDIT_VALUE_SIZE, false),
};

_Static_assert(
    sizeof(struct audit_record) == AUDIT_FIELDS_COUNT * sizeof(const char *),
    "every member of a record has its field");

static const char *
value_of(const struct audit_record *record, const struct field *field)
{
	const char *value;

	memcpy(&value, (const char *)record + field->offset, sizeof(value));
	return value && value[0] ? value : NULL;
}

/* Bytes that are no character count as U+FFFD, one by one. */
static size_t
next_character(const char *text, uint32_t *ret_codepoint)
{
	size_t size =
	    utf8_decode(text, strnlen(text, UTF8_SIZE_MAX), ret_codepoint);

	if (size > 0)
		return size;
	*ret_codepoint = 0xfffd;
	return 1;
}

/* RFC 8259, 7. The caller's buffer is AUDIT_LINE_SIZE. */
static char *
put_escaped(char *at, uint32_t codepoint)
{
	if (codepoint >= 0x20 && codepoint < 0x7f && codepoint != '"' &&
	    codepoint != '\\') {
		*at = (char)codepoint;
		return at + 1;
	}
	if (codepoint >= 0x10000) {
		at = put_escaped(at, 0xd800 + ((codepoint - 0x10000) >> 10));
		codepoint = 0xdc00 + ((codepoint - 0x10000) & 0x3ff);
	}
	return at + snprintf(at, sizeof("\\uxxxx"), "\\u%04x", codepoint);
}

static char *
put_member(char *at, const char *name, const char *value, size_t size_max)
{
	uint32_t codepoint = 0;
	size_t taken, size;

	at += snprintf(at, AUDIT_VALUE_SIZE, "\"%s\":\"", name);
	for (taken = 0; value[taken]; taken += size) {
		size = next_character(value + taken, &codepoint);
		if (taken + size > size_max)
			break;
		at = put_escaped(at, codepoint);
	}
	*at++ = '"';
	*at++ = ',';
	return at;
}

void
audit_time(int64_t at_us, char ret_text[static AUDIT_TIME_SIZE])
{
	int64_t us = at_us % 1000000;
	time_t seconds = (time_t)(at_us / 1000000);
	struct tm tm;

	if (us < 0) {
		us += 1000000;
		seconds--;
	}
	if (!gmtime_r(&seconds, &tm))
		memset(&tm, 0, sizeof(tm));
	(void)snprintf(ret_text, AUDIT_TIME_SIZE,
	    "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
	    (int)us);
}

size_t
audit_line(const struct audit_record *record, const char *host, int64_t now_us,
    char ret_line[static AUDIT_LINE_SIZE])
{
	char time_text[AUDIT_TIME_SIZE];
	char *at = ret_line;
	size_t i;

	*at++ = '{';
	audit_time(now_us, time_text);
	at = put_member(at, "time", time_text, sizeof(time_text));
	at = put_member(at, "host", host, AUDIT_VALUE_SIZE);
	for (i = 0; i < AUDIT_FIELDS_COUNT; i++) {
		const char *value = value_of(record, &fields[i]);

		if (value)
			at = put_member(
			    at, fields[i].name, value, fields[i].size);
	}
	at[-1] = '}'; /* in the place of the last comma */
	*at++ = '\n';
	return (size_t)(at - ret_line);
}

/*
 * Copies value, at most size_max bytes of it and whole characters only, with
 * "?" for what cannot be shown.
 */
static void
copy_clean(const char *value, size_t size_max, char *ret_text)
{
	uint32_t codepoint = 0;
	size_t taken, size, filled = 0;

	for (taken = 0; value[taken]; taken += size) {
		size = next_character(value + taken, &codepoint);
		if (taken + size > size_max)
			break;
		if (codepoint == 0xfffd || !text_is_shown(codepoint)) {
			ret_text[filled++] = '?';
			continue;
		}
		memcpy(ret_text + filled, value + taken, size);
		filled += size;
	}
	ret_text[filled] = '\0';
}

bool
audit_journal_field(const struct audit_record *record, size_t field,
    char ret_text[static AUDIT_JOURNAL_FIELD_SIZE])
{
	const char *value = value_of(record, &fields[field]);
	size_t length = strlen(fields[field].journal_name);

	if (!value)
		return false;
	memcpy(ret_text, fields[field].journal_name, length);
	copy_clean(value, fields[field].size, ret_text + length);
	return true;
}

void
audit_message(const struct audit_record *record,
    char ret_message[static AUDIT_MESSAGE_SIZE])
{
	char value[AUDIT_VALUE_SIZE + 1];
	size_t i, length;

	copy_clean(record->action ? record->action : "event", AUDIT_VALUE_SIZE,
	    ret_message);
	copy_clean(
	    record->result ? record->result : "", AUDIT_VALUE_SIZE, value);
	length = strlen(ret_message);
	(void)snprintf(
	    ret_message + length, AUDIT_MESSAGE_SIZE - length, " %s", value);
	for (i = 0; i < AUDIT_FIELDS_COUNT; i++) {
		const char *text = value_of(record, &fields[i]);

		if (!text || !fields[i].told)
			continue;
		copy_clean(text, AUDIT_VALUE_SIZE, value);
		length = strlen(ret_message);
		(void)snprintf(ret_message + length,
		    AUDIT_MESSAGE_SIZE - length, ", %s %s", fields[i].name,
		    value);
	}
}
