/*
 * An audit record as text. Whatever a record holds, a line is one JSON object
 * in ASCII without a newline inside, of a bounded size; a journal field is
 * UTF-8 without control characters.
 */
#pragma once

#include "broker/audit/audit.h"

#include <stdbool.h>

enum {
	AUDIT_FIELDS_COUNT = 31,
	AUDIT_VALUE_SIZE = 512, /* bytes of a value that are kept */
	AUDIT_GROUPS_SIZE = 8448, /* REGISTER_GROUPS_MAX names */

	/* Each byte of a value becomes at most "\u00xx". */
	AUDIT_LINE_SIZE =
	    6 * (AUDIT_FIELDS_COUNT * AUDIT_VALUE_SIZE + AUDIT_GROUPS_SIZE) +
	    1024,
	AUDIT_MESSAGE_SIZE = 2048,
	AUDIT_JOURNAL_FIELD_SIZE = AUDIT_GROUPS_SIZE + 32,
};

/* Writes the line with its newline and returns its size. */
size_t audit_line(const struct audit_record *record, const char *host,
    int64_t now_us, char ret_line[static AUDIT_LINE_SIZE]);

/*
 * "login deny, reason expired, account kari, service sshd ...", terminated and
 * without control characters.
 */
void audit_message(const struct audit_record *record,
    char ret_message[static AUDIT_MESSAGE_SIZE]);

/*
 * Writes "PORTVAKT_NAME=value" of the field number field, below
 * AUDIT_FIELDS_COUNT. False when the record does not have it.
 */
bool audit_journal_field(const struct audit_record *record, size_t field,
    char ret_text[static AUDIT_JOURNAL_FIELD_SIZE]);
