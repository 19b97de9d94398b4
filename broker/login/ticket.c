#include "broker/login/ticket.h"

#include "broker/clock.h"
#include "broker/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

enum {
	RANDOM_SIZE = 20,
	HASH_SIZE = 32,
};

static const char prefix[] = "pvh1-";

enum { PREFIX_LENGTH = sizeof(prefix) - 1 };

_Static_assert((int)TICKET_SIZE == (int)PREFIX_LENGTH + RANDOM_SIZE * 8 / 5 + 1,
    "base32 of the random bits");

/* A spent one is remembered, until its place is needed, to say that it is. */
struct entry {
	uint8_t hash[HASH_SIZE];
	char account[NAME_MAX_SIZE]; /* "": free */
	char service[LOGIN_SERVICE_SIZE];
	char correlation[AUDIT_CORRELATION_SIZE];
	int64_t issued_at_s;
	struct secret *token; /* NULL: spent, or expired */
	bool expired;
};

struct ticket_table {
	sd_event *event;
	sd_event_source *expiry; /* of the oldest that is good; NULL: of none */
	struct entry entries[TICKETS_MAX];
};

int
ticket_table_new(sd_event *event, struct ticket_table **ret_table)
{
	struct ticket_table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	table->event = sd_event_ref(event);
	*ret_table = table;
	return 0;
}

static void
spend(struct entry *entry)
{
	entry->token = secret_free(entry->token);
}

struct ticket_table *
ticket_table_free(struct ticket_table *table)
{
	size_t i;

	if (!table)
		return NULL;
	for (i = 0; i < TICKETS_MAX; i++)
		spend(&table->entries[i]);
	sd_event_source_disable_unref(table->expiry);
	sd_event_unref(table->event);
	free(table);
	return NULL;
}

bool
ticket_is_one(const char *text, size_t size)
{
	return size >= PREFIX_LENGTH &&
	       memcmp(text, prefix, PREFIX_LENGTH) == 0;
}

/* No token stays longer than its ticket. */
static void
expire(struct ticket_table *table, int64_t now_s)
{
	struct entry *entry;
	size_t i;

	for (i = 0; i < TICKETS_MAX; i++) {
		entry = &table->entries[i];
		if (!entry->token ||
		    now_s - entry->issued_at_s <= TICKET_LIFETIME_S)
			continue;
		entry->expired = true;
		spend(entry);
	}
}

static bool
is_older(const struct entry *entry, const struct entry *than)
{
	return !than || entry->issued_at_s < than->issued_at_s;
}

/* The oldest that is good; NULL: there is none. */
static const struct entry *
find_oldest(const struct ticket_table *table)
{
	const struct entry *entry, *oldest = NULL;
	size_t i;

	for (i = 0; i < TICKETS_MAX; i++) {
		entry = &table->entries[i];
		if (entry->token && is_older(entry, oldest))
			oldest = entry;
	}
	return oldest;
}

static int expired(sd_event_source *source, uint64_t usec, void *userdata);

/* The tokens go when their time is up, whether or not anybody asks. */
static int
watch(struct ticket_table *table)
{
	const struct entry *oldest = find_oldest(table);
	int error;

	table->expiry = sd_event_source_disable_unref(table->expiry);
	if (!oldest)
		return 0;
	error = sd_event_add_time(table->event, &table->expiry, CLOCK_BOOTTIME,
	    (uint64_t)(oldest->issued_at_s + TICKET_LIFETIME_S + 1) * 1000000,
	    0, expired, table);
	return error < 0 ? error : 0;
}

static int
expired(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct ticket_table *table = userdata;

	(void)source;
	(void)usec;
	expire(table, clock_boot_s());
	return watch(table);
}

/* RFC 4648 base32, in lower case: 0, 1, 8 and 9 are in no ticket. */
static void
write_ticket(
    const uint8_t random[RANDOM_SIZE], char ret_text[static TICKET_SIZE])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	char *at = ret_text + PREFIX_LENGTH;
	unsigned int bits = 0, held = 0;
	size_t i;

	memcpy(ret_text, prefix, PREFIX_LENGTH);
	for (i = 0; i < RANDOM_SIZE; i++) {
		held = (held << 8 | random[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			*at++ = letters[held >> (bits - 5) & 31];
	}
	*at = '\0';
}

static int
hash_of(const char *text, size_t size, uint8_t ret_hash[HASH_SIZE])
{
	return EVP_Digest(text, size, ret_hash, NULL, EVP_sha256(), NULL) == 1
		   ? 0
		   : -EIO;
}

static void
keep_few(struct ticket_table *table, const char *account)
{
	struct entry *entry, *oldest = NULL;
	size_t i, count = 0;

	for (i = 0; i < TICKETS_MAX; i++) {
		entry = &table->entries[i];
		if (!entry->token || strcmp(entry->account, account) != 0)
			continue;
		count++;
		if (is_older(entry, oldest))
			oldest = entry;
	}
	if (count >= TICKETS_MAX_OF_ACCOUNT)
		spend(oldest);
}

/* One that is free, or the one that is spent for the longest time. */
static struct entry *
find_place(struct ticket_table *table)
{
	struct entry *entry, *place = NULL;
	size_t i;

	for (i = 0; i < TICKETS_MAX; i++) {
		entry = &table->entries[i];
		if (!entry->token && is_older(entry, place))
			place = entry;
	}
	return place;
}

int
ticket_issue(struct ticket_table *table, const char *account,
    const char *service, const char *token, size_t size,
    const char correlation[static AUDIT_CORRELATION_SIZE], int64_t now_s,
    char ret_ticket[static TICKET_SIZE])
{
	struct entry entry = {.issued_at_s = now_s}, *place;
	uint8_t random[RANDOM_SIZE];
	char text[TICKET_SIZE];
	int error;

	expire(table, now_s);
	keep_few(table, account);
	place = find_place(table);
	if (!place)
		return -EBUSY;
	random_bytes(random, sizeof(random));
	write_ticket(random, text);
	strcpy(entry.account, account);
	strcpy(entry.service, service);
	memcpy(entry.correlation, correlation, sizeof(entry.correlation));
	error = hash_of(text, strlen(text), entry.hash);
	if (!error)
		error = secret_new(token, size, &entry.token);
	if (!error) {
		*place = entry;
		error = watch(table);
		if (error)
			spend(place);
		else
			memcpy(ret_ticket, text, sizeof(text));
	}
	OPENSSL_cleanse(random, sizeof(random));
	OPENSSL_cleanse(text, sizeof(text));
	return error;
}

static struct entry *
find(struct ticket_table *table, const char *text, size_t size)
{
	uint8_t hash[HASH_SIZE];
	size_t i;

	if (hash_of(text, size, hash))
		return NULL;
	for (i = 0; i < TICKETS_MAX; i++) {
		struct entry *entry = &table->entries[i];

		if (entry->account[0] &&
		    CRYPTO_memcmp(entry->hash, hash, sizeof(hash)) == 0)
			return entry;
	}
	return NULL;
}

enum ticket_result
ticket_take(struct ticket_table *table, const char *text, size_t size,
    const char *account, const char *service, int64_t now_s,
    char ret_correlation[static AUDIT_CORRELATION_SIZE],
    struct secret **ret_token)
{
	struct entry *entry;

	expire(table, now_s);
	entry = find(table, text, size);
	if (!entry)
		return TICKET_UNKNOWN;
	memcpy(ret_correlation, entry->correlation, sizeof(entry->correlation));
	if (!entry->token)
		return entry->expired ? TICKET_EXPIRED : TICKET_USED;
	if (strcmp(entry->account, account) != 0) {
		spend(entry);
		return TICKET_OTHER_ACCOUNT;
	}
	if (strcmp(entry->service, service) != 0) {
		spend(entry);
		return TICKET_OTHER_SERVICE;
	}
	*ret_token = entry->token;
	entry->token = NULL;
	return TICKET_GOOD;
}

const char *
ticket_result_word(enum ticket_result result)
{
	switch (result) {
	case TICKET_GOOD:
		return "granted";
	case TICKET_USED:
		return "handle-used";
	case TICKET_EXPIRED:
		return "handle-expired";
	case TICKET_OTHER_ACCOUNT:
		return "handle-of-another-account";
	case TICKET_OTHER_SERVICE:
		return "handle-of-another-service";
	case TICKET_UNKNOWN:
		break;
	}
	return "handle-unknown";
}
