/*
 * Who asks: root, or somebody of ours. Root who became root from an account of
 * ours (the kernel's login uid, which sudo and su leave alone) has root's
 * rights, and answers for what is done by that name.
 */
#pragma once

#include "broker/broker.h"

#include <stdbool.h>

#include <sys/socket.h>

enum { ADMIN_ACTOR_RECORD_SIZE = NAME_MAX_SIZE + 16 };

struct admin_actor {
	bool root;
	char account[NAME_MAX_SIZE]; /* "": root, and no account of ours */
	/* For the record: "uid 0", "kari", "kari (root)". */
	char record[ADMIN_ACTOR_RECORD_SIZE];
};

/*
 * 0, or -EACCES for everybody who is neither root nor an account of ours that
 * is not locked.
 */
int admin_actor_find(struct broker *broker, const struct ucred *peer,
    struct admin_actor *ret_actor);

/* The name that stands behind what is given and withdrawn. */
const char *admin_actor_name(const struct admin_actor *actor);
