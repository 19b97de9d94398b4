#include "verify/http_uri.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	PORT_MAX = 65535,
};

static const struct scheme {
	const char *start;
	unsigned int port;
} schemes[] = {
    {"https://", 443},
    {"http://", 80},
};

struct writer {
	char *text;
	size_t used;
	size_t room; /* with the terminator */
};

static int
put(struct writer *writer, char c)
{
	if (writer->used + 1 >= writer->room)
		return -EMSGSIZE;
	writer->text[writer->used++] = c;
	return 0;
}

static int
put_text(struct writer *writer, const char *text)
{
	int r = 0;

	while (r == 0 && *text)
		r = put(writer, *text++);
	return r;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 3986 section 2.3. */
static bool
is_unreserved(char c)
{
	return is_letter(c) || is_digit(c) || (c && strchr("-._~", c));
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes the scheme off the URI; NULL: it is none of ours. */
static const struct scheme *
take_scheme(struct slice *uri)
{
	size_t i, size;

	for (i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		size = strlen(schemes[i].start);
		if (uri->size < size ||
		    strncasecmp(uri->at, schemes[i].start, size) != 0)
			continue;
		uri->at += size;
		uri->size -= size;
		return &schemes[i];
	}
	return NULL;
}

/* Takes off what stands before the first of these characters, or all. */
static struct slice
take_until(struct slice *text, const char *ends)
{
	struct slice taken = {text->at, 0};

	while (taken.size < text->size && text->at[taken.size] != '\0' &&
	       !strchr(ends, text->at[taken.size]))
		taken.size++;
	text->at += taken.size;
	text->size -= taken.size;
	return taken;
}

static int
put_host(struct writer *writer, struct slice host, const char *others)
{
	size_t i;
	int r;

	if (host.size == 0)
		return -EBADMSG;
	for (i = 0; i < host.size; i++) {
		char c = host.at[i];

		if (!is_letter(c) && !is_digit(c) && !(c && strchr(others, c)))
			return -EBADMSG;
		r = put(writer, lower(c));
		if (r < 0)
			return r;
	}
	return 0;
}

/* "[::1]" and what follows it, or a name or an IPv4 address. */
static int
take_host(struct writer *writer, struct slice *authority)
{
	int r;

	if (authority->size == 0 || authority->at[0] != '[')
		return put_host(writer, take_until(authority, ":"), "-._~");
	authority->at++;
	authority->size--;
	r = put(writer, '[');
	if (r == 0)
		r = put_host(writer, take_until(authority, "]"), ":.");
	if (r < 0 || authority->size == 0)
		return r < 0 ? r : -EBADMSG;
	authority->at++;
	authority->size--;
	return put(writer, ']');
}

/* ":", and digits or nothing; the scheme's own port is not written. */
static int
put_port(struct writer *writer, struct slice port, unsigned int usual)
{
	char text[sizeof(":65535")];
	unsigned int number = 0;
	size_t i;

	if (port.size == 0)
		return 0;
	if (port.at[0] != ':')
		return -EBADMSG;
	for (i = 1; i < port.size; i++) {
		if (!is_digit(port.at[i]))
			return -EBADMSG;
		number = number * 10 + (unsigned int)(port.at[i] - '0');
		if (number > PORT_MAX)
			return -EBADMSG;
	}
	if (port.size == 1 || number == usual)
		return 0;
	(void)snprintf(text, sizeof(text), ":%u", number);
	return put_text(writer, text);
}

/* Section 6.2.2.1 and 2: what need not be escaped is not, hex is capital. */
static int
put_escaped(struct writer *writer, struct slice *text)
{
	static const char digits[] = "0123456789ABCDEF";
	int high, low, r;
	char c;

	if (text->size < 3)
		return -EBADMSG;
	high = hex_value(text->at[1]);
	low = hex_value(text->at[2]);
	if (high < 0 || low < 0)
		return -EBADMSG;
	c = (char)(high << 4 | low);
	text->at += 3;
	text->size -= 3;
	if (is_unreserved(c))
		return put(writer, c);
	r = put(writer, '%');
	if (r == 0)
		r = put(writer, digits[high]);
	return r < 0 ? r : put(writer, digits[low]);
}

/* RFC 3986 section 3.3: pchar. */
static int
put_segment(struct writer *writer, struct slice segment)
{
	int r = 0;

	while (r == 0 && segment.size > 0) {
		char c = *segment.at;

		if (c == '%') {
			r = put_escaped(writer, &segment);
			continue;
		}
		if (!is_unreserved(c) && !(c && strchr("!$&'()*+,;=:@", c)))
			return -EBADMSG;
		r = put(writer, c);
		segment.at++;
		segment.size--;
	}
	return r;
}

/* Back to where the segment before this one began, but not before the path. */
static void
drop_segment(struct writer *writer, size_t path)
{
	while (writer->used > path && writer->text[writer->used - 1] != '/')
		writer->used--;
	if (writer->used > path)
		writer->used--;
}

/* Section 5.2.4, one segment at a time: "." and ".." name none. */
static int
add_segment(
    struct writer *writer, struct slice segment, size_t path, bool is_last)
{
	size_t start = writer->used;
	struct slice written;
	bool is_dot, is_dots;
	int r;

	r = put(writer, '/');
	if (r == 0)
		r = put_segment(writer, segment);
	if (r < 0)
		return r;
	written.at = writer->text + start;
	written.size = writer->used - start;
	is_dot = slice_equal(written, "/.");
	is_dots = slice_equal(written, "/..");
	if (!is_dot && !is_dots)
		return 0;
	writer->used = start;
	if (is_dots)
		drop_segment(writer, path);
	return is_last ? put(writer, '/') : 0;
}

static int
put_path(struct writer *writer, struct slice path)
{
	size_t start = writer->used;
	struct slice segment;
	int r = 0;

	if (path.size == 0)
		return put(writer, '/');
	while (r == 0 && path.size > 0) {
		path.at++;
		path.size--;
		segment = take_until(&path, "/");
		/* A NUL ends it too, and is no slash to go on from. */
		if (path.size > 0 && *path.at != '/')
			return -EBADMSG;
		r = add_segment(writer, segment, start, path.size == 0);
	}
	return r;
}

int
http_uri_normalize(struct slice uri, char *ret_text, size_t room)
{
	struct writer writer = {ret_text, 0, room};
	const struct scheme *scheme = take_scheme(&uri);
	struct slice authority, path;
	int r;

	if (!scheme || memchr(uri.at, '\0', uri.size))
		return -EBADMSG;
	authority = take_until(&uri, "/?#");
	path = take_until(&uri, "?#");
	r = put_text(&writer, scheme->start);
	if (r == 0)
		r = take_host(&writer, &authority);
	if (r == 0)
		r = put_port(&writer, authority, scheme->port);
	if (r == 0)
		r = put_path(&writer, path);
	if (r < 0)
		return r;
	ret_text[writer.used] = '\0';
	return 0;
}
