/*
 * What larger records are written and read with, over lib/buf.h: the first
 * error stays, what follows it does nothing, and one look at the end tells.
 * Texts stand in the record with their terminators, so that what was read may
 * borrow them for as long as the record's bytes stand.
 */
#pragma once

#include "lib/arena.h"
#include "lib/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Grows up to size_max; all zero but that to begin with. */
struct record_writer {
	struct buf_writer buf;
	size_t size_max;
	int error; /* -EMSGSIZE, -ENOMEM */
};

void record_put_u8(struct record_writer *w, uint8_t value);
void record_put_count(struct record_writer *w, size_t value); /* 32 bits */
void record_put_u32(struct record_writer *w, uint32_t value);
void record_put_s64(struct record_writer *w, int64_t value);
void record_put_text(struct record_writer *w, const char *text); /* or NULL */
void record_put_bytes(struct record_writer *w, const void *bytes, size_t size);
void record_writer_done(struct record_writer *w);

struct record_reader {
	struct buf_reader buf;
	struct arena *arena; /* for arrays */
	int error; /* -EBADMSG, -ENOMEM */
};

uint8_t record_get_u8(struct record_reader *r, uint8_t max);
bool record_get_bool(struct record_reader *r);
uint32_t record_get_u32(struct record_reader *r);
int64_t record_get_s64(struct record_reader *r);

/*
 * An array's count, at most max, and no more than the rest of the record could
 * hold of elements of at least size_min bytes.
 */
size_t record_get_count(struct record_reader *r, size_t max, size_t size_min);

/* Zeroed; NULL for none, and after an error. */
void *record_get_array(struct record_reader *r, size_t count, size_t size);

/* A text that must be there: after an error it is "". */
const char *record_get_text(struct record_reader *r);
const char *record_get_text_or_null(struct record_reader *r);

/* Borrows. After an error the size is 0. */
const void *record_get_bytes(
    struct record_reader *r, size_t size_max, size_t *ret_size);

/* What was read is not one of ours. */
void record_refuse_unless(struct record_reader *r, bool is_right);

/* 0 when all was good and nothing is left. */
int record_get_end(const struct record_reader *r);
