/*
 * One connection of the service protocol (lib/service_protocol.h): a worker of
 * portvakt-api, which asks for what no image can tell.
 */
#pragma once

#include "broker/broker.h"

/*
 * Serves fd (taken in any case) until its other end closes it, breaks the
 * protocol or takes no answers, then frees itself; what it waits for is
 * cancelled. 0, or a negative errno and closed before a byte was read: -EACCES
 * for all but root and the owner of the socket's file, -EBUSY for too many.
 */
int service_serve(struct broker *broker, int fd);
