#include "broker/login/qr.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <qrencode.h>

enum { QUIET_ZONE = 2 }; /* the standard asks for 4; phones are content */

static bool
is_light(const QRcode *code, int x, int y)
{
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return true;
	return !(code->data[y * code->width + x] & 1);
}

/* By what is light: the upper half is bit 1, the lower half bit 0. */
static const char *
half_blocks(bool upper, bool lower)
{
	static const char *const blocks[] = {" ", "\u2584", "\u2580", "\u2588"};

	return blocks[upper * 2 + lower];
}

static int
draw(const QRcode *code, char *text, size_t size)
{
	int end = code->width + QUIET_ZONE;
	size_t at = 0, length;
	const char *block;
	int x, y;

	for (y = -QUIET_ZONE; y < end; y += 2) {
		for (x = -QUIET_ZONE; x < end; x++) {
			block = half_blocks(is_light(code, x, y),
			    y + 1 < end && is_light(code, x, y + 1));
			length = strlen(block);
			if (at + length + 2 > size)
				return -EMSGSIZE;
			memcpy(&text[at], block, length);
			at += length;
		}
		text[at++] = '\n';
	}
	text[at] = '\0';
	return 0;
}

int
qr_draw(const char *content, char ret_text[static QR_TEXT_SIZE])
{
	char text[QR_TEXT_SIZE];
	QRcode *code;
	int error;

	code = QRcode_encodeString8bit(content, 0, QR_ECLEVEL_L);
	if (!code)
		return errno == ENOMEM ? -ENOMEM : -EMSGSIZE;
	error = draw(code, text, sizeof(text));
	QRcode_free(code);
	if (!error)
		memcpy(ret_text, text, sizeof(text));
	return error;
}
