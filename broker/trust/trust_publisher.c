#include "broker/trust/trust_publisher.h"

#include "broker/register/authorisation.h"
#include "broker/register/person_link.h"
#include "broker/register/revocation.h"
#include "broker/trust/trust_image.h"
#include "broker/trust/trust_keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert((int)TRUST_AUTHORISATIONS_MAX == (int)AUTHORISATIONS_MAX,
    "an account's authorisations fit");
_Static_assert((int)TRUST_SESSIONS_MAX >= (int)REVOCATIONS_MAX,
    "the revoked sessions fit");

/* An authorisation, or the time before which an account's tokens are void. */
struct held {
	int64_t account_id;
	struct decision_authorisation authorisation;
	char unit[POLICY_UNIT_SIZE];
};

struct before {
	int64_t account_id;
	int64_t before_s;
};

struct list {
	void *items;
	size_t count;
	size_t room;
};

struct compilation {
	struct trust_writer *writer;
	const struct trust_input *input;
	struct trust_content content;
	char *keys[POLICY_ISSUERS_MAX];
	struct list held; /* struct held, by account */
	struct list befores; /* struct before, by account */
	struct list sessions; /* struct trust_session, their texts ours */
};

static void
compilation_done(struct compilation *compilation)
{
	struct trust_session *sessions = compilation->sessions.items;
	size_t i;

	for (i = 0; i < compilation->sessions.count; i++)
		free((char *)(uintptr_t)sessions[i].session);
	for (i = 0; i < POLICY_ISSUERS_MAX; i++)
		free(compilation->keys[i]);
	free(compilation->held.items);
	free(compilation->befores.items);
	free(compilation->sessions.items);
	trust_writer_free(compilation->writer);
}

/* Room for one more at the end, or NULL. */
static void *
list_add(struct list *list, size_t item_size)
{
	size_t room = list->room ? 2 * list->room : 64;
	void *items;

	if (list->count == list->room) {
		items = reallocarray(list->items, room, item_size);
		if (!items)
			return NULL;
		list->items = items;
		list->room = room;
	}
	return (char *)list->items + item_size * list->count++;
}

/* Both kinds begin with the account's id. */
static int
compare_ids(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void
list_sort(struct list *list, size_t item_size,
    int (*compare)(const void *, const void *))
{
	if (list->count > 0)
		qsort(list->items, list->count, item_size, compare);
}

/* The index of the first of this account's, or of where it would be. */
static size_t
list_find(const struct list *list, size_t item_size, int64_t account_id)
{
	size_t low = 0, high = list->count, middle;
	const char *items = list->items;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (*(const int64_t *)(const void *)(items +
						     item_size * middle) <
		    account_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int
hold(const struct authorisation *given, void *userdata)
{
	struct compilation *compilation = userdata;
	struct held *held = list_add(&compilation->held, sizeof(*held));

	if (!held)
		return -ENOMEM;
	*held = (struct held){
	    .account_id = given->account_id,
	    .authorisation = {.id = given->id,
		.gid = given->gid,
		.kind = given->kind,
		.from_s = given->from_s,
		.until_s = given->until_s},
	};
	memcpy(held->unit, given->unit, sizeof(held->unit));
	return 0;
}

/* Its index, or the count. */
static size_t
find_issuer(const struct config *config, const char *url)
{
	size_t i;

	for (i = 0; i < config->issuers_count; i++) {
		if (strcmp(config->issuers[i].profile.issuer, url) == 0)
			break;
	}
	return i;
}

static int
revoke_session(
    struct compilation *compilation, const struct revocation *revocation)
{
	const struct config *config = compilation->input->config;
	size_t issuer = find_issuer(config, revocation->issuer);
	struct trust_session *session;
	char *text;

	if (revocation->issuer[0] == '\0')
		issuer = TRUST_ANY_ISSUER;
	else if (issuer == config->issuers_count)
		return 0; /* nobody believes that issuer any more */
	text = strdup(revocation->session);
	session =
	    text ? list_add(&compilation->sessions, sizeof(*session)) : NULL;
	if (!session) {
		free(text);
		return -ENOMEM;
	}
	*session = (struct trust_session){text, issuer};
	return 0;
}

static void
revoke_issuers(
    struct compilation *compilation, const struct revocation *revocation)
{
	struct trust_content *content = &compilation->content;
	size_t i;

	for (i = 0; i < content->issuers_count; i++) {
		struct trust_issuer *issuer = &content->issuers[i];

		if (revocation->issuer[0] != '\0' &&
		    strcmp(revocation->issuer, issuer->profile.issuer) != 0)
			continue;
		if (issuer->tokens_from_s < revocation->before_s)
			issuer->tokens_from_s = revocation->before_s;
	}
}

static int
take_revocation(const struct revocation *revocation, void *userdata)
{
	struct compilation *compilation = userdata;
	struct before *before;

	switch (revocation->kind) {
	case REVOCATION_SESSION:
		return revoke_session(compilation, revocation);
	case REVOCATION_ISSUER:
		revoke_issuers(compilation, revocation);
		return 0;
	case REVOCATION_ACCOUNT:
		before = list_add(&compilation->befores, sizeof(*before));
		if (!before)
			return -ENOMEM;
		*before = (struct before){
		    revocation->account_id, revocation->before_s};
		return 0;
	}
	return -EINVAL;
}

/* By a rule too many nobody gets more: of too many, none counts. */
static void
give_authorisations(const struct compilation *compilation, int64_t account_id,
    struct trust_account *account)
{
	const struct held *held = compilation->held.items;
	size_t at = list_find(&compilation->held, sizeof(*held), account_id);
	size_t count = 0;

	for (;
	     at < compilation->held.count && held[at].account_id == account_id;
	     at++) {
		if (count == TRUST_AUTHORISATIONS_MAX) {
			account->authorisations_count = 0;
			return;
		}
		account->authorisations[count] = held[at].authorisation;
		account->authorisations[count].unit = held[at].unit;
		count++;
	}
	account->authorisations_count = count;
}

static int64_t
tokens_from(const struct compilation *compilation, int64_t account_id)
{
	const struct before *before = compilation->befores.items;
	size_t at =
	    list_find(&compilation->befores, sizeof(*before), account_id);
	int64_t from_s = TRUST_SINCE_EVER;

	for (; at < compilation->befores.count &&
	       before[at].account_id == account_id;
	     at++) {
		if (before[at].before_s > from_s)
			from_s = before[at].before_s;
	}
	return from_s;
}

static int
add_account(const struct account *account, void *userdata)
{
	struct compilation *compilation = userdata;
	const struct config *config = compilation->input->config;
	size_t issuer = find_issuer(config, account->issuer);
	struct trust_account entry;

	memcpy(entry.name, account->name, sizeof(entry.name));
	entry.uid = account->uid;
	entry.locked = account->locked;
	entry.tokens_from_s = tokens_from(compilation, account->id);
	give_authorisations(compilation, account->id, &entry);
	if (issuer == config->issuers_count)
		issuer = TRUST_NO_ISSUER;
	return trust_writer_account(
	    compilation->writer, issuer, account->subject, &entry);
}

/* Too old is the same as none: whoever reads it could not believe it. */
static int
add_keys(struct compilation *compilation, size_t i)
{
	const struct trust_key_text *keys = &compilation->input->keys[i];
	struct trust_key_text *entry = &compilation->content.keys[i];

	*entry = (struct trust_key_text){.json = NULL};
	if (keys->size == 0)
		return 0;
	*entry = *keys;
	entry->json = NULL;
	if (trust_keys_public(keys->json, keys->size, &compilation->keys[i],
		&entry->size) < 0)
		return -ENOMEM;
	entry->json = compilation->keys[i];
	return 0;
}

static int
add_issuers(struct compilation *compilation)
{
	const struct config *config = compilation->input->config;
	int error = 0;
	size_t i;

	for (i = 0; i < config->issuers_count && !error; i++) {
		const struct config_issuer *issuer = &config->issuers[i];

		compilation->content.issuers[i] = (struct trust_issuer){
		    .profile = issuer->profile,
		    .name = issuer->name,
		    .kind = issuer->kind->name,
		    .level_low = issuer->level_low,
		    .level_substantial = issuer->level_substantial,
		    .level_high = issuer->level_high,
		    .client_id = issuer->client_id,
		    .links_persons = issuer->links_persons,
		    .introspects = issuer->introspects,
		    .tokens_from_s = TRUST_SINCE_EVER,
		};
		error = add_keys(compilation, i);
	}
	compilation->content.issuers_count = config->issuers_count;
	compilation->content.policy = compilation->input->policy;
	return error;
}

static int
compare_sessions(const void *a, const void *b)
{
	return trust_session_compare(a, b);
}

/* In order, each once. */
static void
add_sessions(struct compilation *compilation)
{
	struct trust_session *sessions = compilation->sessions.items;
	struct list *list = &compilation->sessions;
	size_t i, kept = 0;

	list_sort(list, sizeof(*sessions), compare_sessions);
	for (i = 0; i < list->count; i++) {
		if (kept > 0 && trust_session_compare(
				    &sessions[kept - 1], &sessions[i]) == 0)
			free((char *)(uintptr_t)sessions[i].session);
		else
			sessions[kept++] = sessions[i];
	}
	list->count = kept;
	compilation->content.sessions = sessions;
	compilation->content.sessions_count = kept;
}

static int
compile(struct compilation *compilation, struct register_db *db)
{
	const int64_t now_s = compilation->input->now_s;
	const struct authorisation_filter filter = {
	    .from_s = now_s, .to_s = INT64_MAX};
	int error = add_issuers(compilation);

	if (error)
		return error;
	if (authorisation_each(db, &filter, hold, compilation) != REGISTER_OK ||
	    revocation_each(db, now_s, take_revocation, compilation) !=
		REGISTER_OK ||
	    person_links_epoch(db, &compilation->content.links_epoch) !=
		REGISTER_OK)
		return -EIO;
	list_sort(&compilation->held, sizeof(struct held), compare_ids);
	list_sort(&compilation->befores, sizeof(struct before), compare_ids);
	add_sessions(compilation);
	if (register_each_account(db, "", add_account, compilation) !=
	    REGISTER_OK)
		return -EIO;
	return trust_writer_content(compilation->writer, &compilation->content);
}

int
trust_publisher_publish(struct register_db *db, const struct trust_input *input,
    const char *path, uint64_t generation, uint64_t *digest)
{
	__attribute__((
	    cleanup(compilation_done))) struct compilation compilation = {
	    .input = input};
	uint64_t new_digest;
	int error;

	error = trust_writer_new(&compilation.writer);
	if (!error)
		error = compile(&compilation, db);
	if (error)
		return error;
	new_digest = trust_writer_digest(compilation.writer);
	if (new_digest == *digest && access(path, F_OK) == 0)
		return 0;
	error = trust_writer_publish(compilation.writer, generation, path);
	if (!error)
		*digest = new_digest;
	return error;
}
