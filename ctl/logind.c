#include "ctl/logind.h"

#include <systemd/sd-bus.h>

enum { ANSWER_US = 5 * 1000000 };

int
logind_terminate_user(uint32_t uid)
{
	__attribute__((cleanup(sd_bus_flush_close_unrefp))) sd_bus *bus = NULL;
	int error;

	error = sd_bus_open_system(&bus);
	if (error < 0)
		return error;
	(void)sd_bus_set_method_call_timeout(bus, ANSWER_US);
	error = sd_bus_call_method(bus, "org.freedesktop.login1",
	    "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
	    "TerminateUser", NULL, NULL, "u", uid);
	return error < 0 ? error : 0;
}
