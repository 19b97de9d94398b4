#include "broker/login/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct entry {
	TAILQ_ENTRY(entry) entries;
	struct session session;
};

struct session_table {
	TAILQ_HEAD(, entry) entries; /* the oldest first */
	size_t count;
};

int
session_table_new(struct session_table **ret_table)
{
	struct session_table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	TAILQ_INIT(&table->entries);
	*ret_table = table;
	return 0;
}

static void
drop(struct session_table *table, struct entry *entry)
{
	TAILQ_REMOVE(&table->entries, entry, entries);
	table->count--;
	free(entry);
}

struct session_table *
session_table_free(struct session_table *table)
{
	if (!table)
		return NULL;
	while (table->count > 0)
		drop(table, TAILQ_FIRST(&table->entries));
	free(table);
	return NULL;
}

int
session_open(struct session_table *table, const struct session *session)
{
	struct entry *entry = malloc(sizeof(*entry));

	if (!entry)
		return -ENOMEM;
	entry->session = *session;
	TAILQ_INSERT_TAIL(&table->entries, entry, entries);
	table->count++;
	if (table->count > SESSIONS_MAX)
		drop(table, TAILQ_FIRST(&table->entries));
	return 0;
}

bool
session_close(struct session_table *table, const char *id, const char *account)
{
	struct entry *entry;

	TAILQ_FOREACH(entry, &table->entries, entries)
	{
		if (strcmp(entry->session.id, id) != 0 ||
		    strcmp(entry->session.account, account) != 0)
			continue;
		drop(table, entry);
		return true;
	}
	return false;
}

int
session_each(const struct session_table *table, const char *account,
    session_fn each, void *userdata)
{
	const struct entry *entry;
	int result = 0;

	TAILQ_FOREACH(entry, &table->entries, entries)
	{
		if (account && strcmp(entry->session.account, account) != 0)
			continue;
		result = each(&entry->session, userdata);
		if (result)
			return result;
	}
	return 0;
}

static bool
is_first(const struct identity *identity, size_t index)
{
	const struct slice this = identity->mandates[index].organisation;
	size_t i;

	for (i = 0; i < index; i++) {
		const struct slice other = identity->mandates[i].organisation;

		if (other.size == this.size &&
		    memcmp(other.at, this.at, this.size) == 0)
			return false;
	}
	return true;
}

/* What does not fit whole is left out: half a number is another one. */
static void
append(char *text, struct slice word)
{
	size_t at = strlen(text);

	if (at + 1 + word.size + 1 > SESSION_ON_BEHALF_OF_SIZE)
		return;
	if (at > 0)
		text[at++] = ' ';
	memcpy(text + at, word.at, word.size);
	text[at + word.size] = '\0';
}

void
session_on_behalf_of(const struct identity *identity,
    char ret_text[static SESSION_ON_BEHALF_OF_SIZE])
{
	size_t i;

	ret_text[0] = '\0';
	for (i = 0; i < identity->mandates_count; i++) {
		if (is_first(identity, i))
			append(ret_text, identity->mandates[i].organisation);
	}
}
