/*
 * Bounded byte buffers: everything that crosses a trust boundary is written
 * and read through these typed calls. Integers are big-endian. Neither kind
 * allocates; both work on storage that the caller owns.
 *
 * Every call returns 0 or a negative errno and changes nothing on failure:
 * -EMSGSIZE when a put does not fit, -EBADMSG when a get finds less, or
 * something else, than the type asks for.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf_writer {
	uint8_t *start;
	uint8_t *at;
	uint8_t *end;
};

struct buf_reader {
	const uint8_t *at;
	const uint8_t *end;
};

void buf_writer_init(struct buf_writer *w, void *storage, size_t size);
size_t buf_writer_size(const struct buf_writer *w);
int buf_put_u8(struct buf_writer *w, uint8_t value);
int buf_put_u16(struct buf_writer *w, uint16_t value);
int buf_put_u32(struct buf_writer *w, uint32_t value);
int buf_put_u64(struct buf_writer *w, uint64_t value);

/* u32 length and the bytes. */
int buf_put_bytes(struct buf_writer *w, const void *bytes, size_t size);

/* A text: u32 length and the bytes without a terminator. NULL counts as "". */
int buf_put_string(struct buf_writer *w, const char *string);

void buf_reader_init(struct buf_reader *r, const void *bytes, size_t size);
size_t buf_reader_left(const struct buf_reader *r);
int buf_get_u8(struct buf_reader *r, uint8_t *ret_value);
int buf_get_u16(struct buf_reader *r, uint16_t *ret_value);
int buf_get_u32(struct buf_reader *r, uint32_t *ret_value);
int buf_get_u64(struct buf_reader *r, uint64_t *ret_value);

/* Borrows: *ret_bytes points into the reader's storage. */
int buf_get_bytes(struct buf_reader *r, size_t size_max,
    const uint8_t **ret_bytes, size_t *ret_size);

/*
 * Copies a text into ret_string[size] and terminates it. A text that does not
 * fit with its terminator, or holds a NUL, is refused.
 */
int buf_get_string(struct buf_reader *r, char *ret_string, size_t size);

/* 0 when everything has been read: trailing bytes are an error. */
int buf_get_end(const struct buf_reader *r);
