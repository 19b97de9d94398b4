#include "lib/buf.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

void
buf_writer_init(struct buf_writer *w, void *storage, size_t size)
{
	w->start = storage;
	w->at = storage;
	w->end = w->at + size;
}

size_t
buf_writer_size(const struct buf_writer *w)
{
	return (size_t)(w->at - w->start);
}

static int
put_raw(struct buf_writer *w, const void *bytes, size_t size)
{
	if (size > (size_t)(w->end - w->at))
		return -EMSGSIZE;
	if (size > 0)
		memcpy(w->at, bytes, size);
	w->at += size;
	return 0;
}

int
buf_put_u8(struct buf_writer *w, uint8_t value)
{
	return put_raw(w, &value, sizeof(value));
}

int
buf_put_u16(struct buf_writer *w, uint16_t value)
{
	value = htobe16(value);
	return put_raw(w, &value, sizeof(value));
}

int
buf_put_u32(struct buf_writer *w, uint32_t value)
{
	value = htobe32(value);
	return put_raw(w, &value, sizeof(value));
}

int
buf_put_u64(struct buf_writer *w, uint64_t value)
{
	value = htobe64(value);
	return put_raw(w, &value, sizeof(value));
}

int
buf_put_bytes(struct buf_writer *w, const void *bytes, size_t size)
{
	if (size > UINT32_MAX ||
	    (size_t)(w->end - w->at) < sizeof(uint32_t) + size)
		return -EMSGSIZE;
	(void)buf_put_u32(w, (uint32_t)size);
	return put_raw(w, bytes, size);
}

int
buf_put_string(struct buf_writer *w, const char *string)
{
	if (!string)
		string = "";
	return buf_put_bytes(w, string, strlen(string));
}

void
buf_reader_init(struct buf_reader *r, const void *bytes, size_t size)
{
	r->at = bytes;
	r->end = r->at + size;
}

size_t
buf_reader_left(const struct buf_reader *r)
{
	return (size_t)(r->end - r->at);
}

static int
get_raw(struct buf_reader *r, void *ret, size_t size)
{
	if (buf_reader_left(r) < size)
		return -EBADMSG;
	memcpy(ret, r->at, size);
	r->at += size;
	return 0;
}

int
buf_get_u8(struct buf_reader *r, uint8_t *ret_value)
{
	return get_raw(r, ret_value, sizeof(*ret_value));
}

int
buf_get_u16(struct buf_reader *r, uint16_t *ret_value)
{
	uint16_t value;
	int error;

	error = get_raw(r, &value, sizeof(value));
	if (error)
		return error;
	*ret_value = be16toh(value);
	return 0;
}

int
buf_get_u32(struct buf_reader *r, uint32_t *ret_value)
{
	uint32_t value;
	int error;

	error = get_raw(r, &value, sizeof(value));
	if (error)
		return error;
	*ret_value = be32toh(value);
	return 0;
}

int
buf_get_u64(struct buf_reader *r, uint64_t *ret_value)
{
	uint64_t value;
	int error;

	error = get_raw(r, &value, sizeof(value));
	if (error)
		return error;
	*ret_value = be64toh(value);
	return 0;
}

int
buf_get_bytes(struct buf_reader *r, size_t size_max, const uint8_t **ret_bytes,
    size_t *ret_size)
{
	struct buf_reader ahead = *r;
	uint32_t size;
	int error;

	error = buf_get_u32(&ahead, &size);
	if (error)
		return error;
	if (size > size_max || size > buf_reader_left(&ahead))
		return -EBADMSG;
	*ret_bytes = ahead.at;
	*ret_size = size;
	r->at = ahead.at + size;
	return 0;
}

int
buf_get_string(struct buf_reader *r, char *ret_string, size_t size)
{
	struct buf_reader ahead = *r;
	const uint8_t *bytes;
	size_t length;
	int error;

	error = buf_get_bytes(&ahead, size - 1, &bytes, &length);
	if (error)
		return error;
	if (memchr(bytes, '\0', length))
		return -EBADMSG;
	memcpy(ret_string, bytes, length);
	ret_string[length] = '\0';
	*r = ahead;
	return 0;
}

int
buf_get_end(const struct buf_reader *r)
{
	return r->at == r->end ? 0 : -EBADMSG;
}
