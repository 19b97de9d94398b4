#include "broker/admin/admin_actor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PATH_SIZE = 64,
	NUMBER_SIZE = 16,
};

static const uint32_t unset = UINT32_MAX; /* of a process of no login */

/* What /proc/PID/loginuid holds; unset when it cannot be read. */
static uint32_t
login_uid(pid_t pid)
{
	char path[PATH_SIZE], text[NUMBER_SIZE];
	unsigned long number;
	ssize_t size;
	char *end;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/loginuid", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return unset;
	size = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (size <= 0)
		return unset;
	text[size] = '\0';
	number = strtoul(text, &end, 10);
	return end == text || number > UINT32_MAX ? unset : (uint32_t)number;
}

/* Root is root whatever is behind it: an empty register must be filled. */
static void
find_root(struct broker *broker, pid_t pid, struct admin_actor *actor)
{
	uint32_t uid = login_uid(pid);
	struct account account;

	actor->root = true;
	if (uid == unset ||
	    register_account_by_uid(broker->db, uid, &account) != REGISTER_OK) {
		(void)snprintf(actor->record, sizeof(actor->record), "uid 0");
		return;
	}
	(void)snprintf(
	    actor->account, sizeof(actor->account), "%s", account.name);
	(void)snprintf(
	    actor->record, sizeof(actor->record), "%s (root)", account.name);
}

int
admin_actor_find(struct broker *broker, const struct ucred *peer,
    struct admin_actor *ret_actor)
{
	struct admin_actor actor = {0};
	struct account account;

	if (peer->uid == 0) {
		find_root(broker, peer->pid, &actor);
		*ret_actor = actor;
		return 0;
	}
	if (register_account_by_uid(broker->db, peer->uid, &account) !=
		REGISTER_OK ||
	    account.locked)
		return -EACCES;
	(void)snprintf(
	    actor.account, sizeof(actor.account), "%s", account.name);
	(void)snprintf(actor.record, sizeof(actor.record), "%s", account.name);
	*ret_actor = actor;
	return 0;
}

const char *
admin_actor_name(const struct admin_actor *actor)
{
	return actor->account[0] ? actor->account : "administrator";
}
