/*
 * Who gained and who lost which groups while everybody was decided anew, by
 * the clock or by other rules: heard while it is decided, put on record once
 * the register has it.
 */
#pragma once

#include "broker/entitlement/entitlement.h"

#include <stddef.h>

enum {
	/* A rule for all changes all: nobody reads on, and the disk is finite. */
	MEMBERSHIP_RECORDS_MAX = 1000,
};

struct broker;
struct membership_change;

struct membership_record {
	struct membership_change *changes;
	size_t count;
	size_t allocated;
	size_t more; /* of which the names are not kept */
};

void membership_record_done(struct membership_record *record);

/* What fills it; an account whose evidence is damaged is told at once. */
struct entitlement_watch membership_record_watch(
    struct membership_record *record);

/*
 * Writes an audit record for each of them, and one for how many more there
 * were. policy: what its groups are called, when it is not NULL; of others the
 * register knows it. reason: why they were decided anew, a stable word.
 */
void membership_record_write(const struct membership_record *record,
    struct broker *broker, const struct policy *policy, const char *reason);
