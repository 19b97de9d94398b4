/*
 * Whom a PAM call is about, and whether that is one of ours. Local files win,
 * and nobody waits to hear that a name is not ours: no socket is opened here.
 */
#pragma once

#include "lib/name.h"

#include <security/pam_modules.h>
#include <stdbool.h>

struct person {
	char name[NAME_MAX_SIZE];
	bool may_log_in; /* as last published: for when the broker is silent */
};

/*
 * PAM_SUCCESS when PAM_USER is a valid name that the directory image has and
 * that the machine resolves to the same uid. PAM_USER_UNKNOWN otherwise; what
 * an administrator must repair is logged, a name that no account bears is
 * not. PAM_AUTHINFO_UNAVAIL for a name whose uid can only be ours while the image
 * is there and cannot be used. PAM_INCOMPLETE, PAM_CONV_ERR... when PAM cannot say who it is.
 */
int person_identify(pam_handle_t *pamh, struct person *ret_person);
