/*
 * The outbox: what the central level must be told of (a new or withdrawn
 * authorisation, a unit below its minimum), until somebody has taken it.
 */
#pragma once

#include "broker/register/register.h"

enum { NOTICE_TEXT_SIZE = 2048 };

struct notice {
	int64_t id;
	int64_t at_s;
	char kind[32]; /* authorised, withdrawn, below-minimum */
	char text[NOTICE_TEXT_SIZE]; /* one JSON object, no identity number */
	int64_t taken_at_s; /* 0: it waits */
	char taken_by[NAME_MAX_SIZE];
};

/* On its own, or inside of a transaction that is open. */
enum register_result notice_add(
    struct register_db *db, const char *kind, const char *text, int64_t now_s);
enum register_result notice_take(
    struct register_db *db, int64_t id, const char *by, int64_t now_s);

/* By id, from the one after after_id; waiting ones alone, or all. */
typedef int (*notice_fn)(const struct notice *notice, void *userdata);
enum register_result notice_each(struct register_db *db, int64_t after_id,
    bool waiting_only, notice_fn each, void *userdata);
