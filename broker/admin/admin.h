/*
 * One connection of the admin protocol (lib/admin_protocol.h): a command of
 * the administrator, and the answer to it.
 */
#pragma once

#include "broker/broker.h"

/* Serves fd (taken in any case) until it was answered; frees itself. */
int admin_serve(struct broker *broker, int fd);
