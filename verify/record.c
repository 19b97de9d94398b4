#include "verify/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 4096 };

static int
make_room(struct record_writer *w, size_t size)
{
	size_t used = buf_writer_size(&w->buf);
	size_t room = (size_t)(w->buf.end - w->buf.start), wanted;
	uint8_t *bytes;

	if (size > w->size_max || used > w->size_max - size)
		return -EMSGSIZE;
	if (room - used >= size)
		return 0;
	wanted = room ? room : ROOM_FIRST;
	while (wanted - used < size)
		wanted *= 2;
	bytes = realloc(w->buf.start, wanted);
	if (!bytes)
		return -ENOMEM;
	buf_writer_init(&w->buf, bytes, wanted);
	w->buf.at = bytes + used;
	return 0;
}

static bool
has_room(struct record_writer *w, size_t size)
{
	if (!w->error)
		w->error = make_room(w, size);
	return !w->error;
}

void
record_put_u8(struct record_writer *w, uint8_t value)
{
	if (has_room(w, sizeof(value)))
		w->error = buf_put_u8(&w->buf, value);
}

void
record_put_u32(struct record_writer *w, uint32_t value)
{
	if (has_room(w, sizeof(value)))
		w->error = buf_put_u32(&w->buf, value);
}

void
record_put_count(struct record_writer *w, size_t value)
{
	if (value > UINT32_MAX && !w->error)
		w->error = -EMSGSIZE;
	record_put_u32(w, (uint32_t)value);
}

void
record_put_s64(struct record_writer *w, int64_t value)
{
	if (has_room(w, sizeof(value)))
		w->error = buf_put_u64(&w->buf, (uint64_t)value);
}

void
record_put_bytes(struct record_writer *w, const void *bytes, size_t size)
{
	if (size > w->size_max && !w->error)
		w->error = -EMSGSIZE;
	if (!w->error && has_room(w, size + sizeof(uint32_t)))
		w->error = buf_put_bytes(&w->buf, bytes, size);
}

void
record_put_text(struct record_writer *w, const char *text)
{
	record_put_bytes(w, text ? text : "", text ? strlen(text) + 1 : 0);
}

void
record_writer_done(struct record_writer *w)
{
	free(w->buf.start);
	*w = (struct record_writer){.size_max = w->size_max};
}

void
record_refuse_unless(struct record_reader *r, bool is_right)
{
	if (!is_right && !r->error)
		r->error = -EBADMSG;
}

uint8_t
record_get_u8(struct record_reader *r, uint8_t max)
{
	uint8_t value = 0;

	if (!r->error)
		r->error = buf_get_u8(&r->buf, &value);
	record_refuse_unless(r, value <= max);
	return r->error ? 0 : value;
}

bool
record_get_bool(struct record_reader *r)
{
	return record_get_u8(r, 1) == 1;
}

uint32_t
record_get_u32(struct record_reader *r)
{
	uint32_t value = 0;

	if (!r->error)
		r->error = buf_get_u32(&r->buf, &value);
	return value;
}

int64_t
record_get_s64(struct record_reader *r)
{
	uint64_t value = 0;

	if (!r->error)
		r->error = buf_get_u64(&r->buf, &value);
	return (int64_t)value;
}

size_t
record_get_count(struct record_reader *r, size_t max, size_t size_min)
{
	size_t count = record_get_u32(r);

	record_refuse_unless(
	    r, count <= max && count <= buf_reader_left(&r->buf) / size_min);
	return r->error ? 0 : count;
}

void *
record_get_array(struct record_reader *r, size_t count, size_t size)
{
	void *array = NULL;

	if (r->error || count == 0)
		return NULL;
	if (count <= SIZE_MAX / size)
		array = arena_alloc(r->arena, count * size);
	if (!array)
		r->error = -ENOMEM;
	return array;
}

const void *
record_get_bytes(struct record_reader *r, size_t size_max, size_t *ret_size)
{
	const uint8_t *bytes = NULL;
	size_t size = 0;

	if (!r->error)
		r->error = buf_get_bytes(&r->buf, size_max, &bytes, &size);
	*ret_size = size;
	return bytes;
}

const char *
record_get_text_or_null(struct record_reader *r)
{
	size_t size;
	const char *text = record_get_bytes(r, SIZE_MAX, &size);

	if (r->error || size == 0)
		return NULL;
	record_refuse_unless(r, strnlen(text, size) == size - 1);
	return r->error ? NULL : text;
}

const char *
record_get_text(struct record_reader *r)
{
	const char *text = record_get_text_or_null(r);

	record_refuse_unless(r, text != NULL);
	return text ? text : "";
}

int
record_get_end(const struct record_reader *r)
{
	return r->error ? r->error : buf_get_end(&r->buf);
}
