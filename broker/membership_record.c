#include "broker/membership_record.h"

#include "broker/broker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-daemon.h>

enum { DETAIL_SIZE = 1024 }; /* what a record keeps of it */

struct membership_change {
	char account[NAME_MAX_SIZE];
	uint32_t *gids; /* those given, then those taken */
	size_t given_count;
	size_t taken_count;
};

void
membership_record_done(struct membership_record *record)
{
	size_t i;

	for (i = 0; i < record->count; i++)
		free(record->changes[i].gids);
	free(record->changes);
}

static bool
has_room(struct membership_record *record)
{
	size_t wanted = record->allocated ? 2 * record->allocated : 16;
	struct membership_change *larger;

	if (record->count == MEMBERSHIP_RECORDS_MAX)
		return false;
	if (record->count < record->allocated)
		return true;
	larger = reallocarray(record->changes, wanted, sizeof(*larger));
	if (!larger)
		return false;
	record->changes = larger;
	record->allocated = wanted;
	return true;
}

static void
note_change(const char *account, const uint32_t *given, size_t given_count,
    const uint32_t *taken, size_t taken_count, void *userdata)
{
	struct membership_record *record = userdata;
	struct membership_change *change;
	uint32_t *gids = NULL;

	if (has_room(record))
		gids = calloc(given_count + taken_count, sizeof(*gids));
	if (!gids) {
		record->more++;
		return;
	}
	memcpy(gids, given, given_count * sizeof(*gids));
	memcpy(gids + given_count, taken, taken_count * sizeof(*gids));
	change = &record->changes[record->count++];
	(void)snprintf(change->account, sizeof(change->account), "%s", account);
	change->gids = gids;
	change->given_count = given_count;
	change->taken_count = taken_count;
}

static void
tell_damaged(const char *account, void *userdata)
{
	(void)userdata;
	fprintf(stderr,
	    SD_ERR "%s: the evidence of the last login is damaged: no groups "
		   "until the next one\n",
	    account);
}

struct entitlement_watch
membership_record_watch(struct membership_record *record)
{
	return (struct entitlement_watch){
	    .changed = note_change,
	    .damaged = tell_damaged,
	    .userdata = record,
	};
}

/* As far as there is room. */
static void
append(char detail[static DETAIL_SIZE], const char *before, const char *word)
{
	size_t at = strlen(detail);

	(void)snprintf(&detail[at], DETAIL_SIZE - at, "%s%s", before, word);
}

static void
append_group(struct broker *broker, const struct policy *policy, uint32_t gid,
    char detail[static DETAIL_SIZE])
{
	const struct policy_group *group =
	    policy ? policy_group_by_gid(policy, gid) : NULL;
	struct account_group known;
	char number[16];

	(void)snprintf(number, sizeof(number), "%u", gid);
	if (group)
		append(detail, " ", group->name);
	else if (register_group_by_gid(broker->db, gid, &known) == REGISTER_OK)
		append(detail, " ", known.name);
	else
		append(detail, " ", number);
}

/* "given: ko-esas ko-kompis; taken: ko-drift" */
static void
describe(struct broker *broker, const struct policy *policy,
    const struct membership_change *change, char detail[static DETAIL_SIZE])
{
	const uint32_t *taken = change->gids + change->given_count;
	size_t i;

	detail[0] = '\0';
	if (change->given_count > 0)
		append(detail, "", "given:");
	for (i = 0; i < change->given_count; i++)
		append_group(broker, policy, change->gids[i], detail);
	if (change->taken_count > 0)
		append(detail, detail[0] ? "; " : "", "taken:");
	for (i = 0; i < change->taken_count; i++)
		append_group(broker, policy, taken[i], detail);
}

static void
write_one(struct broker *broker, const char *account, const char *reason,
    const char *detail)
{
	const struct audit_record record = {
	    .action = "memberships",
	    .result = "changed",
	    .reason = reason,
	    .detail = detail,
	    .account = account,
	};

	(void)broker_audit(broker, &record);
}

void
membership_record_write(const struct membership_record *record,
    struct broker *broker, const struct policy *policy, const char *reason)
{
	const struct membership_change *change;
	char detail[DETAIL_SIZE];
	size_t i;

	for (i = 0; i < record->count; i++) {
		change = &record->changes[i];
		describe(broker, policy, change, detail);
		write_one(broker, change->account, reason, detail);
	}
	if (record->more == 0)
		return;
	(void)snprintf(
	    detail, sizeof(detail), "of %zu more accounts", record->more);
	write_one(broker, NULL, reason, detail);
}
