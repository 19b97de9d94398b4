#include "broker/api/body.h"

#include "broker/api/request.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_KEPT = 2048 }; /* most tokens fit */

static bool
grow(struct body *body, size_t size)
{
	size_t room = body->room ? body->room : ROOM_KEPT;
	char *bytes;

	while (room < size)
		room *= 2;
	if (room == body->room)
		return true;
	bytes = malloc(room);
	if (!bytes)
		return false;
	if (body->bytes) {
		memcpy(bytes, body->bytes, body->size);
		explicit_bzero(body->bytes, body->size);
		free(body->bytes);
	}
	body->bytes = bytes;
	body->room = room;
	return true;
}

bool
body_append(struct body *body, const char *bytes, size_t size)
{
	if (body->discarded > 0 || size > REQUEST_BODY_SIZE_MAX - body->size) {
		body->discarded += size;
		return body->discarded <= BODY_DISCARDED_MAX;
	}
	if (!grow(body, body->size + size))
		return false;
	memcpy(body->bytes + body->size, bytes, size);
	body->size += size;
	return true;
}

void
body_done(struct body *body)
{
	if (body->bytes)
		explicit_bzero(body->bytes, body->size);
	free(body->bytes);
	*body = (struct body){0};
}

void
body_reset(struct body *body)
{
	if (body->room > ROOM_KEPT) {
		body_done(body);
		return;
	}
	if (body->bytes)
		explicit_bzero(body->bytes, body->size);
	body->size = 0;
	body->discarded = 0;
}
