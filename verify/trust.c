#include "verify/trust.h"

#include "lib/arena.h"
#include "lib/trust_image.h"
#include "verify/trust_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct trust {
	struct image image;
	bool is_mapped; /* by us */
	const uint64_t *subjects;
	const uint64_t *names;
	uint32_t slot_mask;
	uint64_t seed[2];
	uint64_t generation;
	struct trust_parts parts;
	void *text; /* the content as it stood when it was validated */
	struct arena arena;
	struct trust_content content;
	struct key_set *keys[POLICY_ISSUERS_MAX];
};

static void
close_trust(struct trust **trust)
{
	trust_close(*trust);
}

static bool
part_fits(uint64_t at, uint64_t size, uint64_t from, uint64_t end)
{
	return at >= from && at % 8 == 0 && at <= end && size <= end - at;
}

/* The tables fit: image_check() has looked. */
static int
find_parts(struct trust *trust, const struct image_header *header)
{
	const uint8_t *base = trust->image.base;
	uint64_t at = sizeof(*header) + 2 * sizeof(uint64_t) * header->slots;
	uint64_t end = trust->image.size_bytes;
	struct trust_parts *parts = &trust->parts;

	if (end - at < sizeof(*parts))
		return -EBADMSG;
	memcpy(parts, base + at, sizeof(*parts));
	at += sizeof(*parts);
	if (!part_fits(parts->records_at, parts->records_size, at, end) ||
	    !part_fits(parts->content_at, parts->content_size, at, end) ||
	    parts->content_size > TRUST_CONTENT_SIZE_MAX)
		return -EBADMSG;
	trust->subjects = (const void *)(base + sizeof(*header));
	trust->names = trust->subjects + header->slots;
	trust->slot_mask = header->slots - 1;
	trust->seed[0] = header->seed[0];
	trust->seed[1] = header->seed[1];
	trust->generation = header->generation;
	return 0;
}

static int
decode(struct trust *trust)
{
	size_t size = trust->parts.content_size;
	struct record_reader r = {.arena = &trust->arena};

	trust->text = malloc(size + 1);
	if (!trust->text)
		return -ENOMEM;
	memcpy(trust->text, trust->image.base + trust->parts.content_at, size);
	buf_reader_init(&r.buf, trust->text, size);
	trust_content_get(&r, &trust->content);
	return record_get_end(&r);
}

/* What the broker published had usable keys in it. */
static int
parse_keys(struct trust *trust)
{
	const struct trust_key_text *text = trust->content.keys;
	size_t i;
	int error = 0;

	for (i = 0; i < trust->content.issuers_count && !error; i++) {
		if (text[i].size > 0)
			error = key_set_parse(
			    text[i].json, text[i].size, &trust->keys[i]);
	}
	return error && error != -ENOMEM ? -EBADMSG : error;
}

static int
read_image(struct trust *trust)
{
	struct image_header header;
	int error;

	error = image_check(trust->image.base, trust->image.size_bytes,
	    &trust_image_kind, &header);
	if (!error)
		error = find_parts(trust, &header);
	if (!error)
		error = decode(trust);
	return error ? error : parse_keys(trust);
}

/* Takes the mapping, also on failure. */
static int
open_image(const struct image *image, bool is_mapped, struct trust **ret_trust)
{
	__attribute__((cleanup(close_trust))) struct trust *trust = NULL;
	int error;

	trust = calloc(1, sizeof(*trust));
	if (!trust) {
		if (is_mapped)
			image_unmap(image->base, image->size_bytes);
		return -ENOMEM;
	}
	trust->image = *image;
	trust->is_mapped = is_mapped;
	error = read_image(trust);
	if (error)
		return error;
	*ret_trust = trust;
	trust = NULL;
	return 0;
}

int
trust_open(const char *path, struct trust **ret_trust)
{
	struct image image;
	int error = image_map(path, IMAGE_REFUSE_OTHERS, &image);

	return error ? error : open_image(&image, true, ret_trust);
}

int
trust_open_bytes(const void *image, size_t size, struct trust **ret_trust)
{
	const struct image bytes = {.base = image, .size_bytes = size};

	return open_image(&bytes, false, ret_trust);
}

struct trust *
trust_close(struct trust *trust)
{
	size_t i;

	if (!trust)
		return NULL;
	for (i = 0; i < POLICY_ISSUERS_MAX; i++)
		key_set_free(trust->keys[i]);
	arena_done(&trust->arena);
	free(trust->text);
	if (trust->is_mapped)
		image_unmap(trust->image.base, trust->image.size_bytes);
	free(trust);
	return NULL;
}

bool
trust_is_superseded(const struct trust *trust)
{
	return image_is_superseded(trust->image.base);
}

int
trust_check_current(const struct trust *trust, const char *path)
{
	return image_check_current(
	    trust->image.device, trust->image.inode, path);
}

uint64_t
trust_generation(const struct trust *trust)
{
	return trust->generation;
}

int64_t
trust_links_epoch(const struct trust *trust)
{
	return trust->content.links_epoch;
}

const struct trust_content *
trust_content(const struct trust *trust)
{
	return &trust->content;
}

const struct policy *
trust_policy(const struct trust *trust)
{
	return trust->content.policy;
}

size_t
trust_issuers_count(const struct trust *trust)
{
	return trust->content.issuers_count;
}

const struct trust_issuer *
trust_issuer_at(const struct trust *trust, size_t index)
{
	return &trust->content.issuers[index];
}

const struct trust_issuer *
trust_issuer_by_url(const struct trust *trust, struct slice url)
{
	const struct trust_content *content = &trust->content;
	size_t i;

	for (i = 0; i < content->issuers_count; i++) {
		if (slice_equal(url, content->issuers[i].profile.issuer))
			return &content->issuers[i];
	}
	return NULL;
}

const struct trust_issuer *
trust_issuer_by_name(const struct trust *trust, const char *name)
{
	const struct trust_content *content = &trust->content;
	size_t i;

	for (i = 0; i < content->issuers_count; i++) {
		if (strcmp(content->issuers[i].name, name) == 0)
			return &content->issuers[i];
	}
	return NULL;
}

static size_t
index_of(const struct trust *trust, const struct trust_issuer *issuer)
{
	return (size_t)(issuer - trust->content.issuers);
}

struct key_set *
trust_keys(
    struct trust *trust, const struct trust_issuer *issuer, int64_t boot_s)
{
	size_t i = index_of(trust, issuer);

	return boot_s < trust->content.keys[i].until_s ? trust->keys[i] : NULL;
}

int64_t
trust_keys_age_s(const struct trust *trust, const struct trust_issuer *issuer,
    int64_t boot_s)
{
	const struct trust_key_text *keys =
	    &trust->content.keys[index_of(trust, issuer)];

	return keys->size > 0 ? boot_s - keys->at_s : -1;
}

/* What a slot leads to, by whatever it should be found. */
struct wanted {
	size_t issuer;
	struct slice subject; /* or */
	const char *name;
};

/*
 * Looked at in a copy: the broker owns the file, and could write to it even
 * now. 1: it is the one; 0: another; -EBADMSG.
 */
static int
load_account(const struct trust *trust, uint64_t at,
    const struct wanted *wanted, struct trust_account *ret_account)
{
	const struct trust_parts *parts = &trust->parts;
	struct record_reader r = {.arena = NULL};
	uint8_t bytes[TRUST_RECORD_SIZE_MAX];
	struct trust_record record;
	const char *subject;
	size_t issuer;
	uint64_t room;

	if (at < parts->records_at ||
	    at - parts->records_at > parts->records_size)
		return -EBADMSG;
	room = parts->records_size - (at - parts->records_at);
	if (room < sizeof(record))
		return -EBADMSG;
	memcpy(&record, trust->image.base + at, sizeof(record));
	__asm__ volatile("" ::: "memory"); /* what was checked is used */
	if (record.size_bytes > room - sizeof(record) ||
	    record.size_bytes > sizeof(bytes))
		return -EBADMSG;
	memcpy(
	    bytes, trust->image.base + at + sizeof(record), record.size_bytes);
	buf_reader_init(&r.buf, bytes, record.size_bytes);
	trust_account_get(&r, &issuer, &subject, ret_account);
	if (record_get_end(&r))
		return -EBADMSG;
	ret_account->issuer = issuer < trust->content.issuers_count
				  ? &trust->content.issuers[issuer]
				  : NULL;
	if (wanted->name)
		return strcmp(ret_account->name, wanted->name) == 0;
	return issuer == wanted->issuer &&
	       slice_equal(wanted->subject, subject);
}

static int
find_account(const struct trust *trust, const uint64_t *table, uint64_t hash,
    const struct wanted *wanted, struct trust_account *ret_account)
{
	uint64_t i, slot;
	int found;

	for (i = 0; i <= trust->slot_mask; i++) {
		slot = __atomic_load_n(
		    &table[(hash + i) & trust->slot_mask], __ATOMIC_RELAXED);
		if (slot == 0)
			return -ENOENT;
		if ((uint32_t)slot != hash >> 32)
			continue;
		found =
		    load_account(trust, (slot >> 32) * 8, wanted, ret_account);
		if (found != 0)
			return found < 0 ? found : 0;
	}
	return -ENOENT;
}

int
trust_account_by_subject(const struct trust *trust,
    const struct trust_issuer *issuer, struct slice subject,
    struct trust_account *ret_account)
{
	const struct wanted wanted = {
	    .issuer = index_of(trust, issuer), .subject = subject};
	char key[IDENTITY_SUBJECT_SIZE];

	if (subject.size == 0 || subject.size >= sizeof(key))
		return -ENOENT;
	key[0] = (char)wanted.issuer;
	memcpy(key + 1, subject.at, subject.size);
	return find_account(trust, trust->subjects,
	    image_hash(trust->seed, key, subject.size + 1), &wanted,
	    ret_account);
}

int
trust_account_by_name(const struct trust *trust, const char *name,
    struct trust_account *ret_account)
{
	const struct wanted wanted = {.name = name};
	size_t length = strnlen(name, NAME_MAX_SIZE);

	if (length == 0 || length == NAME_MAX_SIZE)
		return -ENOENT;
	return find_account(trust, trust->names,
	    image_hash(trust->seed, name, length), &wanted, ret_account);
}

static bool
has_session(
    const struct trust_content *content, struct slice session, size_t issuer)
{
	size_t first = 0, end = content->sessions_count;

	while (first < end) {
		size_t middle = first + (end - first) / 2;
		const struct trust_session *at = &content->sessions[middle];
		int order = slice_compare(session, at->session);

		if (order == 0)
			order = (issuer > at->issuer) - (issuer < at->issuer);
		if (order == 0)
			return true;
		if (order < 0)
			end = middle;
		else
			first = middle + 1;
	}
	return false;
}

bool
trust_session_is_revoked(const struct trust *trust,
    const struct trust_issuer *issuer, struct slice session)
{
	return has_session(&trust->content, session, TRUST_ANY_ISSUER) ||
	       has_session(&trust->content, session, index_of(trust, issuer));
}
