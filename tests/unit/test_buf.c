#include "lib/buf.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

static void
test_reads_back_what_was_put(void **state)
{
	uint8_t storage[64], u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	char text[8];
	struct buf_writer w;
	struct buf_reader r;

	(void)state;
	buf_writer_init(&w, storage, sizeof(storage));
	assert_int_equal(buf_put_u8(&w, 1), 0);
	assert_int_equal(buf_put_u16(&w, 0x0203), 0);
	assert_int_equal(buf_put_u32(&w, 0x04050607), 0);
	assert_int_equal(buf_put_u64(&w, UINT64_MAX - 1), 0);
	assert_int_equal(buf_put_string(&w, "kari"), 0);
	assert_int_equal(buf_put_string(&w, NULL), 0);

	buf_reader_init(&r, storage, buf_writer_size(&w));
	assert_int_equal(buf_get_u8(&r, &u8), 0);
	assert_int_equal(u8, 1);
	assert_int_equal(buf_get_u16(&r, &u16), 0);
	assert_int_equal(u16, 0x0203);
	assert_int_equal(buf_get_u32(&r, &u32), 0);
	assert_int_equal(u32, 0x04050607);
	assert_int_equal(buf_get_u64(&r, &u64), 0);
	assert_true(u64 == UINT64_MAX - 1);
	assert_int_equal(buf_get_string(&r, text, sizeof(text)), 0);
	assert_string_equal(text, "kari");
	assert_int_equal(buf_get_end(&r), -EBADMSG);
	assert_int_equal(buf_get_string(&r, text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(buf_get_end(&r), 0);
}

static void
test_put_never_passes_the_end(void **state)
{
	uint8_t storage[6] = {0};
	struct buf_writer w;

	(void)state;
	buf_writer_init(&w, storage, 5);
	assert_int_equal(buf_put_string(&w, "ab"), -EMSGSIZE);
	assert_int_equal(buf_writer_size(&w), 0);
	assert_int_equal(buf_put_u64(&w, UINT64_MAX), -EMSGSIZE);
	assert_int_equal(buf_put_string(&w, "a"), 0);
	assert_int_equal(buf_put_u8(&w, 1), -EMSGSIZE);
	assert_int_equal(storage[5], 0);
}

static void
test_get_refuses_what_is_not_exactly_right(void **state)
{
	static const uint8_t longer_than_it_is[] = {0, 0, 0, 9, 'a'};
	static const uint8_t with_nul[] = {0, 0, 0, 2, 'a', 0};
	static const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff, 'a'};
	static const uint8_t fits_without_terminator[] = {0, 0, 0, 2, 'a', 'b'};
	char text[2] = "?";
	struct buf_reader r;
	uint64_t u64;

	(void)state;
	buf_reader_init(&r, longer_than_it_is, sizeof(longer_than_it_is));
	assert_int_equal(buf_get_string(&r, text, sizeof(text)), -EBADMSG);
	assert_int_equal(buf_get_u64(&r, &u64), -EBADMSG);
	buf_reader_init(&r, with_nul, sizeof(with_nul));
	assert_int_equal(buf_get_string(&r, text, sizeof(text)), -EBADMSG);
	buf_reader_init(&r, huge, sizeof(huge));
	assert_int_equal(buf_get_string(&r, text, sizeof(text)), -EBADMSG);
	buf_reader_init(
	    &r, fits_without_terminator, sizeof(fits_without_terminator));
	assert_int_equal(buf_get_string(&r, text, sizeof(text)), -EBADMSG);
	assert_int_equal(buf_reader_left(&r), 6);
	assert_string_equal(text, "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads_back_what_was_put),
	    cmocka_unit_test(test_put_never_passes_the_end),
	    cmocka_unit_test(test_get_refuses_what_is_not_exactly_right),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
