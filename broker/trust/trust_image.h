/*
 * Writes a trust image (lib/trust_image.h): accounts are added one by one, the
 * content comes last. It is made in memory, and gets its name whole. What it
 * is made from is for broker/trust/trust_publisher.h to know.
 */
#pragma once

#include "lib/trust_image.h"
#include "verify/trust_record.h"

#include <stdint.h>

struct trust_writer;

enum {
	TRUST_ACCOUNTS_MAX = IMAGE_SLOTS_MAX / 2 - 1,
};

int trust_writer_new(struct trust_writer **ret_writer);
struct trust_writer *trust_writer_free(struct trust_writer *writer);

/*
 * issuer: its index in the content, or TRUST_NO_ISSUER; subject "": not known.
 * No name and no (issuer, subject) comes twice. 0, -EINVAL (no name of ours),
 * -EMSGSIZE or -ENOMEM.
 */
int trust_writer_account(struct trust_writer *writer, size_t issuer,
    const char *subject, const struct trust_account *account);

/* Once, and the last. */
int trust_writer_content(
    struct trust_writer *writer, const struct trust_content *content);

/*
 * What stands in it, as one number: the same in two images that say the same,
 * whatever their generation.
 */
uint64_t trust_writer_digest(const struct trust_writer *writer);

/*
 * In place of what is at path, readable by the group that the folder gives
 * new files. On failure the old image stands.
 */
int trust_writer_publish(
    struct trust_writer *writer, uint64_t generation, const char *path);

/* Nothing verifies any more. 0, also when there is none. */
int trust_withdraw(const char *path);
