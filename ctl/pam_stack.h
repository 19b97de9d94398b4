/* The lines of a PAM service, with all that it includes (pam.conf(5)). */
#pragma once

#include "ctl/pam_control.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	PAM_STACK_LINES_MAX = 512,
	PAM_STACK_DEPTH_MAX = 16, /* of includes, like libpam's */
	PAM_STACK_PLACE_SIZE = 128,
	PAM_STACK_MODULE_SIZE = 64,
};

enum pam_stack_phase {
	PAM_STACK_AUTH = 1,
	PAM_STACK_ACCOUNT,
	PAM_STACK_SESSION,
};

enum pam_line_kind {
	PAM_LINE_BROKEN = 0, /* always fails */
	PAM_LINE_MODULE,
	PAM_LINE_SUBSTACK, /* stands before the lines of its depth */
};

struct pam_line {
	enum pam_line_kind kind;
	unsigned int depth; /* of substacks */
	bool has_token; /* the first argument is "token" */
	bool has_arguments; /* any other */
	bool broken_shadow; /* pam_unix then takes errors for a yes */
	struct pam_control control;
	char module[PAM_STACK_MODULE_SIZE]; /* base name */
	char place[PAM_STACK_PLACE_SIZE]; /* file:line */
};

struct pam_stack {
	struct pam_line lines[PAM_STACK_LINES_MAX];
	size_t count;
};

/*
 * Reads root/etc/pam.d/service with all it includes. A line that libpam could
 * not use is kept as one that always fails, as libpam does. 0, -ENOENT when
 * there is no such service, -ELOOP, -E2BIG, or the error of reading.
 */
int pam_stack_read(const char *root, const char *service,
    enum pam_stack_phase phase, struct pam_stack **ret_stack);
struct pam_stack *pam_stack_free(struct pam_stack *stack); /* accepts NULL */

/* Where module ("pam_unix.so") stands first, or NULL. */
const struct pam_line *pam_stack_find(
    const struct pam_stack *stack, const char *module);

const char *pam_stack_phase_word(enum pam_stack_phase phase);
