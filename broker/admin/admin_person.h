/*
 * Identity numbers in requests: what an account is linked by. The number is
 * wiped from the request once it is a link, and stands in no answer.
 */
#pragma once

#include "broker/admin/admin_answer.h"
#include "broker/register/person_link.h"

/*
 * The link of the number that stands in request as "pid", for an account of
 * that issuer: NULL, or the refusal. except: the account that may have it
 * already; 0: none.
 */
json_t *admin_person_read(struct broker *broker, const json_t *request,
    const char *issuer, int64_t except, struct person_link *ret_link);
