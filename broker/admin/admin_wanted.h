/* What would satisfy a decision that withheld a group, in words. */
#pragma once

#include "verify/decision.h"

enum { ADMIN_WANTED_SIZE = 1024 };

/* account: whose decision it is. "" for one that was granted. */
void admin_wanted(const struct policy *policy, const struct decision *decision,
    const struct identity *identity, const char *account,
    char ret_text[static ADMIN_WANTED_SIZE]);
