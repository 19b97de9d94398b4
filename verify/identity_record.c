/*
 * The record of an identity, all through lib/buf.h:
 *
 *   u8 version; issuer, subject, acr; u64 issued, expires, authenticated;
 *   u16 and roles; u16 and scopes; u16 and units; consumer;
 *   u16 and mandates, each: organisation, resource, u16 and rights
 *
 * What comes back is judged as if a stranger had written it: there is one
 * record for an identity, and one identity for a record.
 */
#include "lib/buf.h"
#include "verify/identity.h"

#include <errno.h>

enum {
	RECORD_VERSION = 1,
	TEXT_SIZE_MAX = 255, /* as evidence takes them */
};

static int
put_text(struct buf_writer *w, struct slice text)
{
	return buf_put_bytes(w, text.at, text.size);
}

static int
put_texts(struct buf_writer *w, const struct slice *texts, size_t count)
{
	size_t i;
	int r;

	r = buf_put_u16(w, (uint16_t)count);
	for (i = 0; i < count && r == 0; i++)
		r = put_text(w, texts[i]);
	return r;
}

static int
put_times(struct buf_writer *w, const struct identity *identity)
{
	int r;

	r = buf_put_u64(w, (uint64_t)identity->issued_at_s);
	if (r == 0)
		r = buf_put_u64(w, (uint64_t)identity->expires_at_s);
	if (r == 0)
		r = buf_put_u64(w, (uint64_t)identity->authenticated_at_s);
	return r;
}

static int
put_head(struct buf_writer *w, const struct identity *identity)
{
	int r;

	r = buf_put_u8(w, RECORD_VERSION);
	if (r == 0)
		r = buf_put_string(w, identity->issuer);
	if (r == 0)
		r = buf_put_string(w, identity->subject);
	if (r == 0)
		r = buf_put_string(w, identity->acr);
	return r == 0 ? put_times(w, identity) : r;
}

static int
put_mandate(struct buf_writer *w, const struct identity *identity,
    const struct identity_mandate *mandate)
{
	int r;

	r = put_text(w, mandate->organisation);
	if (r == 0)
		r = put_text(w, mandate->resource);
	if (r == 0)
		r = put_texts(w, identity->rights + mandate->rights_first,
		    mandate->rights_count);
	return r;
}

static int
put_mandates(struct buf_writer *w, const struct identity *identity)
{
	size_t i;
	int r;

	r = buf_put_u16(w, (uint16_t)identity->mandates_count);
	for (i = 0; i < identity->mandates_count && r == 0; i++)
		r = put_mandate(w, identity, &identity->mandates[i]);
	return r;
}

int
identity_put(const struct identity *identity, void *storage, size_t size,
    size_t *ret_size)
{
	struct buf_writer w;
	int r;

	buf_writer_init(&w, storage, size);
	r = put_head(&w, identity);
	if (r == 0)
		r = put_texts(&w, identity->roles, identity->roles_count);
	if (r == 0)
		r = put_texts(&w, identity->scopes, identity->scopes_count);
	if (r == 0)
		r = put_texts(&w, identity->units, identity->units_count);
	if (r == 0)
		r = put_text(&w, identity->consumer);
	if (r == 0)
		r = put_mandates(&w, identity);
	if (r == 0)
		*ret_size = buf_writer_size(&w);
	return r;
}

/* Borrows from the record. */
static int
get_text(struct buf_reader *r, size_t size_min, struct slice *ret_text)
{
	const uint8_t *bytes;
	struct slice text;
	size_t size;

	if (buf_get_bytes(r, TEXT_SIZE_MAX, &bytes, &size) < 0)
		return -EBADMSG;
	text.at = (const char *)bytes;
	text.size = size;
	if (size < size_min || !slice_has_no_control(text))
		return -EBADMSG;
	*ret_text = text;
	return 0;
}

static int
get_count(struct buf_reader *r, size_t max, size_t *ret_count)
{
	uint16_t count;

	if (buf_get_u16(r, &count) < 0 || count > max)
		return -EBADMSG;
	*ret_count = count;
	return 0;
}

static int
get_texts(
    struct buf_reader *r, struct slice *texts, size_t max, size_t *ret_count)
{
	size_t count, i;

	if (get_count(r, max, &count) < 0)
		return -EBADMSG;
	for (i = 0; i < count; i++) {
		if (get_text(r, 1, &texts[i]) < 0)
			return -EBADMSG;
	}
	*ret_count = count;
	return 0;
}

static int
get_string(struct buf_reader *r, size_t size_min, char *ret_string, size_t size)
{
	struct slice text;

	if (buf_get_string(r, ret_string, size) < 0)
		return -EBADMSG;
	text = slice_of(ret_string);
	if (text.size < size_min ||
	    (text.size > 0 && !slice_is_printable(text)))
		return -EBADMSG;
	return 0;
}

static int
get_time(struct buf_reader *r, int64_t *ret_time_s)
{
	uint64_t time_s;

	if (buf_get_u64(r, &time_s) < 0 || time_s > INT64_MAX)
		return -EBADMSG;
	*ret_time_s = (int64_t)time_s;
	return 0;
}

static int
get_head(struct buf_reader *r, struct identity *identity)
{
	uint8_t version;

	if (buf_get_u8(r, &version) < 0 || version != RECORD_VERSION ||
	    get_string(r, 1, identity->issuer, sizeof(identity->issuer)) < 0 ||
	    get_string(r, 1, identity->subject, sizeof(identity->subject)) <
		0 ||
	    get_string(r, 0, identity->acr, sizeof(identity->acr)) < 0 ||
	    get_time(r, &identity->issued_at_s) < 0 ||
	    get_time(r, &identity->expires_at_s) < 0 ||
	    get_time(r, &identity->authenticated_at_s) < 0)
		return -EBADMSG;
	identity->acr_rank = 0;
	identity->person_number[0] = '\0';
	return 0;
}

static int
get_mandate(struct buf_reader *r, struct identity *identity,
    struct identity_mandate *mandate)
{
	const size_t first = identity->rights_count;

	if (get_text(r, 1, &mandate->organisation) < 0 ||
	    get_text(r, 0, &mandate->resource) < 0 ||
	    get_texts(r, identity->rights + first, IDENTITY_RIGHTS_MAX - first,
		&mandate->rights_count) < 0)
		return -EBADMSG;
	mandate->rights_first = first;
	identity->rights_count += mandate->rights_count;
	return 0;
}

static int
get_mandates(struct buf_reader *r, struct identity *identity)
{
	size_t i;

	identity->rights_count = 0;
	if (get_count(r, IDENTITY_MANDATES_MAX, &identity->mandates_count) < 0)
		return -EBADMSG;
	for (i = 0; i < identity->mandates_count; i++) {
		if (get_mandate(r, identity, &identity->mandates[i]) < 0)
			return -EBADMSG;
	}
	return 0;
}

int
identity_get(const void *record, size_t size, struct identity *ret_identity)
{
	struct identity found;
	struct buf_reader r;

	buf_reader_init(&r, record, size);
	if (get_head(&r, &found) < 0 ||
	    get_texts(&r, found.roles, IDENTITY_ROLES_MAX, &found.roles_count) <
		0 ||
	    get_texts(&r, found.scopes, IDENTITY_SCOPES_MAX,
		&found.scopes_count) < 0 ||
	    get_texts(&r, found.units, IDENTITY_UNITS_MAX, &found.units_count) <
		0 ||
	    get_text(&r, 0, &found.consumer) < 0 ||
	    get_mandates(&r, &found) < 0 || buf_get_end(&r) < 0)
		return -EBADMSG;
	/* More text than an identity holds: no put has written that. */
	return identity_copy(&found, ret_identity) < 0 ? -EBADMSG : 0;
}
