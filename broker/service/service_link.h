/*
 * "link": whose account an identity number leads to, for tokens whose subject
 * is another one for each service (ID-porten's is). Only at an issuer that is
 * marked links_persons, only to an account of that issuer, and never by
 * writing anything. An account that is locked is named: the trust image says
 * that it is. How many are asked in a time is bounded over all connections,
 * for whoever may ask could otherwise try every number there is.
 */
#pragma once

#include "broker/broker.h"
#include "broker/service/service_question.h"

enum {
	SERVICE_LINK_BURST = 5000, /* all who are logged in, asked again */
	SERVICE_LINK_PER_S = 100,
};

/* The whole answer; NULL when out of memory. */
json_t *service_link(
    struct broker *broker, const struct service_question *question);
