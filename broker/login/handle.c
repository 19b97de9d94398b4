#include "broker/login/handle.h"
#include "broker/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

_Static_assert((int)LOGIN_HANDLE_SIZE == (int)RANDOM_HEX_SIZE,
    "a handle is what random_hex() writes");

struct entry {
	char handle[LOGIN_HANDLE_SIZE]; /* "": free */
	int64_t issued_at_s;
	struct handle_login login;
};

/* A ring: the next place is the oldest one. */
struct handle_table {
	size_t next;
	struct entry entries[HANDLE_COUNT_MAX];
};

int
handle_table_new(struct handle_table **ret_table)
{
	struct handle_table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	*ret_table = table;
	return 0;
}

struct handle_table *
handle_table_free(struct handle_table *table)
{
	if (table)
		OPENSSL_cleanse(table, sizeof(*table));
	free(table);
	return NULL;
}

void
handle_issue(struct handle_table *table, const struct handle_login *login,
    int64_t now_s, char ret_handle[static LOGIN_HANDLE_SIZE])
{
	struct entry *entry = &table->entries[table->next];

	table->next = (table->next + 1) % HANDLE_COUNT_MAX;
	random_hex(entry->handle);
	entry->issued_at_s = now_s;
	entry->login = *login;
	memcpy(ret_handle, entry->handle, sizeof(entry->handle));
}

static const struct entry *
find(const struct handle_table *table, const char *handle, int64_t account_id,
    const char *service, int64_t now_s)
{
	const struct entry *entry;
	size_t i;

	if (strlen(handle) != LOGIN_HANDLE_SIZE - 1)
		return NULL;
	for (i = 0; i < HANDLE_COUNT_MAX; i++) {
		entry = &table->entries[i];
		if (CRYPTO_memcmp(entry->handle, handle, LOGIN_HANDLE_SIZE))
			continue;
		if (now_s - entry->issued_at_s > HANDLE_LIFETIME_S ||
		    entry->login.account_id != account_id ||
		    strcmp(entry->login.service, service) != 0)
			return NULL;
		return entry;
	}
	return NULL;
}

bool
handle_peek(const struct handle_table *table, const char *handle,
    int64_t account_id, const char *service, int64_t now_s,
    struct handle_login *ret_login)
{
	const struct entry *entry =
	    find(table, handle, account_id, service, now_s);

	if (!entry)
		return false;
	*ret_login = entry->login;
	return true;
}

bool
handle_take(struct handle_table *table, const char *handle, int64_t account_id,
    const char *service, int64_t now_s, struct handle_login *ret_login)
{
	const struct entry *entry =
	    find(table, handle, account_id, service, now_s);

	if (!entry)
		return false;
	*ret_login = entry->login;
	OPENSSL_cleanse(
	    &table->entries[entry - table->entries], sizeof(*entry));
	return true;
}
