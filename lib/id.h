/*
 * The numbers that a uid or gid of ours may have, whoever asks for them: the
 * administrator, a file on disk, or the allocator. Refused are all ranges that
 * somebody else hands out (systemd's UIDS-GIDS table and Debian Policy 9.2.2):
 *
 *          0 ...      65535  the system, local people, homed, DynamicUser,
 *                            nobody, the 16-bit (uid_t)-1
 *     100000 ... 1879048191  subordinate ids and containers
 * 2147352576 ...             foreign images, reserved, (uid_t)-1
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	ID_FLOOR = 65536,
	ID_LOW_END = 99999, /* up to SUB_UID_MIN of login.defs */
	ID_HIGH_START = 1879048192,
	ID_HIGH_END = 2147352575,

	/* Meant for the gids of access groups. */
	ID_ACCESS_START = 1900000000,
	ID_ACCESS_END = 1999999999,

	/*
	 * Where the register allocates uids when nobody says otherwise. The
	 * gids of access groups stay out of it, because every uid is also the
	 * gid of its private group.
	 */
	ID_ALLOCATE_START = 2000000000,
	ID_ALLOCATE_END = 2099999999,
};

static inline bool
id_is_ours(uint32_t id)
{
	return (id >= ID_FLOOR && id <= ID_LOW_END) ||
	       (id >= ID_HIGH_START && id <= ID_HIGH_END);
}
