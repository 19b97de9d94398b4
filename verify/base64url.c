#include "verify/base64url.h"

#include <errno.h>
#include <stdint.h>

/* A digit of the alphabet carries this bit, so that zero means "no digit". */
#define DIGIT 0x40
#define D(value) (DIGIT | (value))

static const uint8_t digits[256] = {
    ['A'] = D(0),
    ['B'] = D(1),
    ['C'] = D(2),
    ['D'] = D(3),
    ['E'] = D(4),
    ['F'] = D(5),
    ['G'] = D(6),
    ['H'] = D(7),
    ['I'] = D(8),
    ['J'] = D(9),
    ['K'] = D(10),
    ['L'] = D(11),
    ['M'] = D(12),
    ['N'] = D(13),
    ['O'] = D(14),
    ['P'] = D(15),
    ['Q'] = D(16),
    ['R'] = D(17),
    ['S'] = D(18),
    ['T'] = D(19),
    ['U'] = D(20),
    ['V'] = D(21),
    ['W'] = D(22),
    ['X'] = D(23),
    ['Y'] = D(24),
    ['Z'] = D(25),
    ['a'] = D(26),
    ['b'] = D(27),
    ['c'] = D(28),
    ['d'] = D(29),
    ['e'] = D(30),
    ['f'] = D(31),
    ['g'] = D(32),
    ['h'] = D(33),
    ['i'] = D(34),
    ['j'] = D(35),
    ['k'] = D(36),
    ['l'] = D(37),
    ['m'] = D(38),
    ['n'] = D(39),
    ['o'] = D(40),
    ['p'] = D(41),
    ['q'] = D(42),
    ['r'] = D(43),
    ['s'] = D(44),
    ['t'] = D(45),
    ['u'] = D(46),
    ['v'] = D(47),
    ['w'] = D(48),
    ['x'] = D(49),
    ['y'] = D(50),
    ['z'] = D(51),
    ['0'] = D(52),
    ['1'] = D(53),
    ['2'] = D(54),
    ['3'] = D(55),
    ['4'] = D(56),
    ['5'] = D(57),
    ['6'] = D(58),
    ['7'] = D(59),
    ['8'] = D(60),
    ['9'] = D(61),
    ['-'] = D(62),
    ['_'] = D(63),
};

/*
 * Four digits to three bytes, over and over. Returns 0 where one of them was
 * no digit; found out at the end, which keeps the loop free of branches.
 */
static unsigned int
decode_quads(const unsigned char *at, size_t quads, uint8_t *out)
{
	unsigned int good = DIGIT;

	for (; quads > 0; quads--, at += 4, out += 3) {
		unsigned int a = digits[at[0]], b = digits[at[1]];
		unsigned int c = digits[at[2]], d = digits[at[3]];
		uint32_t bits =
		    (a & 63) << 18 | (b & 63) << 12 | (c & 63) << 6 | (d & 63);

		good &= a & b & c & d;
		out[0] = (uint8_t)(bits >> 16);
		out[1] = (uint8_t)(bits >> 8);
		out[2] = (uint8_t)bits;
	}
	return good;
}

/* The two or three digits at the end: one or two bytes, no bit left over. */
static int
decode_tail(const unsigned char *at, size_t left, uint8_t *out)
{
	unsigned int a, b, c;

	if (left == 0)
		return 0;
	if (left == 1)
		return -EBADMSG;
	a = digits[at[0]];
	b = digits[at[1]];
	c = left == 3 ? digits[at[2]] : DIGIT;
	if (!(a & b & c & DIGIT))
		return -EBADMSG;
	if (left == 2 ? (b & 15) != 0 : (c & 3) != 0)
		return -EBADMSG;
	out[0] = (uint8_t)((a & 63) << 2 | (b & 63) >> 4);
	if (left == 3)
		out[1] = (uint8_t)((b & 15) << 4 | (c & 63) >> 2);
	return 0;
}

int
base64url_decode(const char *text, size_t size, size_t room, void *ret_bytes,
    size_t *ret_size)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t quads = size / 4;
	uint8_t *out = ret_bytes;
	int r;

	if (BASE64URL_DECODED_SIZE(size) > room)
		return -EMSGSIZE;
	if (!decode_quads(at, quads, out))
		return -EBADMSG;
	r = decode_tail(at + quads * 4, size % 4, out + quads * 3);
	if (r < 0)
		return r;
	*ret_size = BASE64URL_DECODED_SIZE(size);
	return 0;
}

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
base64url_encode(const void *bytes, size_t size, char *ret_text)
{
	const uint8_t *at = bytes;
	unsigned int bits = 0, held = 0;
	size_t i;

	for (i = 0; i < size; i++) {
		bits = bits << 8 | at[i];
		for (held += 8; held >= 6; held -= 6)
			*ret_text++ = alphabet[bits >> (held - 6) & 63];
	}
	if (held > 0)
		*ret_text = alphabet[bits << (6 - held) & 63];
}
