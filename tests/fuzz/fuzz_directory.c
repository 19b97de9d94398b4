/*
 * Any bytes as a directory image: first as they would be mapped, with the sizes
 * and the checksum put right so that the fuzzer gets past them; then as what
 * a valid mapping has turned into, with nothing checked since. All answers of
 * the NSS module are made from both, in buffers of exactly the size that they
 * ask for; source_enter() and restricted_enter() are this file's own, and what
 * is public is restricted, too. With libFuzzer:
 *   tests/fuzz/run directory 60 -DPORTVAKT_STATEDIR='""' \
 *       nss_module/answer.c nss_module/group.c nss_module/passwd.c
 */
#include "lib/directory.h"
#include "lib/directory_image.h"
#include "lib/id.h"
#include "nss_module/answer.h"
#include "nss_module/group.h"
#include "nss_module/passwd.h"
#include "nss_module/restricted.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SIZE_MAX_TRIED = 1 << 16,
};

static struct directory directory;

int
source_enter(struct source *source, struct reading *ret_reading)
{
	(void)source;
	ret_reading->directory = &directory;
	return 0;
}

void
source_leave(struct reading *reading)
{
	(void)reading;
}

int
restricted_enter(struct source *source, const char *user,
    struct reading *ret_reading, struct directory *ret_restricted)
{
	(void)user;
	*ret_restricted = directory;
	return source_enter(source, ret_reading);
}

void
restricted_leave(struct reading *reading, struct directory *restricted)
{
	*restricted = (struct directory){0};
	source_leave(reading);
}

static void
require(bool condition, const char *what)
{
	if (!condition) {
		(void)fprintf(stderr, "not so: %s\n", what);
		abort();
	}
}

static void
use_passwd(const struct passwd *pw)
{
	require(id_is_ours(pw->pw_uid) && id_is_ours(pw->pw_gid), "our uid");
	require(strlen(pw->pw_name) + strlen(pw->pw_passwd) +
			strlen(pw->pw_gecos) + strlen(pw->pw_dir) +
			strlen(pw->pw_shell) <
		    5 * UINT16_MAX,
	    "texts that end");
}

static void
use_group(const struct group *gr)
{
	size_t i, length = 0;

	require(id_is_ours(gr->gr_gid), "our gid");
	for (i = 0; gr->gr_mem[i]; i++)
		length += strlen(gr->gr_mem[i]) > 0;
	require(length <= i && strlen(gr->gr_name) < SIZE_MAX_TRIED,
	    "texts that end");
}

static void
ask_user(const char *name)
{
	struct passwd pw;
	enum nss_status status = NSS_STATUS_TRYAGAIN;
	size_t size;
	char *buffer;
	int error = 0;

	for (size = 1; status == NSS_STATUS_TRYAGAIN; size *= 2) {
		buffer = malloc(size);
		require(buffer != NULL, "memory");
		status =
		    _nss_portvakt_getpwnam_r(name, &pw, buffer, size, &error);
		if (status == NSS_STATUS_SUCCESS)
			use_passwd(&pw);
		free(buffer);
	}
}

static void
ask_group(gid_t gid)
{
	struct group gr;
	enum nss_status status = NSS_STATUS_TRYAGAIN;
	size_t size;
	char *buffer;
	int error = 0;

	for (size = 1; status == NSS_STATUS_TRYAGAIN; size *= 2) {
		buffer = malloc(size);
		require(buffer != NULL, "memory");
		status =
		    _nss_portvakt_getgrgid_r(gid, &gr, buffer, size, &error);
		if (status == NSS_STATUS_SUCCESS)
			use_group(&gr);
		free(buffer);
	}
}

static void
ask_groups_of(const char *name)
{
	gid_t *gids = calloc(1, sizeof(*gids));
	long start = 1, size = 1, i;
	int error = 0;

	require(gids != NULL, "memory");
	(void)_nss_portvakt_initgroups_dyn(
	    name, 1, &start, &size, &gids, 100, &error);
	require(start <= size && size <= 100, "groups within the limit");
	for (i = 1; i < start; i++)
		require(id_is_ours(gids[i]), "our gids");
	free(gids);
}

static void
ask_everything(void)
{
	struct directory_entry entry;
	uint32_t id = 0;
	char name[64];

	ask_user("kari");
	ask_groups_of("kari");
	ask_group(1990000001);
	ask_group(0);
	while (directory_find_next(&directory, id, &entry)) {
		require(entry.id > id, "a walk that goes on");
		id = entry.id;
		(void)snprintf(name, sizeof(name), "%.*s",
		    (int)(entry.head_size < 40 ? entry.head_size : 40),
		    entry.text);
		ask_user(name);
		ask_groups_of(name);
		ask_group(id);
	}
}

static void
sign(uint8_t *image, size_t size)
{
	struct image_checksum checksum;
	struct image_header header;

	memcpy(&header, image, sizeof(header));
	header.magic = DIRECTORY_MAGIC;
	header.version = DIRECTORY_VERSION;
	header.size_bytes = size;
	header.checksum = 0;
	header.successor = 0;
	image_checksum_init(&checksum);
	image_checksum_add(&checksum, &header, sizeof(header));
	image_checksum_add(
	    &checksum, image + sizeof(header), size - sizeof(header));
	header.checksum = image_checksum_end(&checksum);
	memcpy(image, &header, sizeof(header));
}

/* The mapping of a valid image of that size, whose bytes are now these. */
static void
take_as_mapped(const uint8_t *image, size_t size)
{
	const uint32_t slots = IMAGE_SLOTS_MIN;
	const uint64_t *names =
	    (const void *)(image + sizeof(struct image_header));

	directory = (struct directory){
	    .base = image,
	    .size_bytes = size,
	    .names = names,
	    .ids = names + slots,
	    .slot_mask = slots - 1,
	    .records_at =
		sizeof(struct image_header) + 2 * slots * sizeof(uint64_t),
	    .enumerate = true,
	};
	memcpy(directory.seed, image + offsetof(struct image_header, seed),
	    sizeof(directory.seed));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *image;

	size -= size % IMAGE_STRIPE;
	if (size < sizeof(struct image_header) + 8 * IMAGE_STRIPE ||
	    size > SIZE_MAX_TRIED)
		return 0;
	image = malloc(size);
	require(image != NULL, "memory");
	memcpy(image, data, size);
	sign(image, size);
	if (directory_check(image, size, &directory) == 0)
		ask_everything();
	take_as_mapped(image, size);
	ask_everything();
	free(image);
	return 0;
}
