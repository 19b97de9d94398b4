/*
 * One connection of the service protocol (lib/service_protocol.h): a worker of
 * portvakt-api, which asks for what no image can tell.
 */
#pragma once

#include "broker/broker.h"

/*
 * Serves fd (taken in any case) until its other end closes it, then frees
 * itself. 0 or a negative errno.
 */
int service_serve(struct broker *broker, int fd);
