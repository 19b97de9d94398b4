/*
 * What libpam would make of a stack if its modules answered so: would the
 * person be let in?
 */
#pragma once

#include "ctl/pam_stack.h"

/* What a module returns, as a PAM_ code; module is its base name. */
typedef int (*pam_dispatch_answer_fn)(const char *module, const void *scenario);

/* The PAM_ code of the whole stack. */
int pam_dispatch(const struct pam_stack *stack, pam_dispatch_answer_fn answer,
    const void *scenario);
