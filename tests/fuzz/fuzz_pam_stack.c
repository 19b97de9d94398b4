/* A stack whose modules all refuse lets nobody in, whatever it says. */
#include "ctl/pam_dispatch.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int
refuse(const char *module, const void *scenario)
{
	(void)module;
	(void)scenario;
	return PAM_AUTH_ERR;
}

static void
read_and_run(const char *path, enum pam_stack_phase phase)
{
	struct pam_stack *stack;
	int code;

	if (pam_stack_read("", path, phase, &stack))
		return;
	code = pam_dispatch(stack, refuse, NULL);
	if (code < 0 || code >= _PAM_RETURN_VALUES || code == PAM_SUCCESS)
		abort();
	(void)pam_stack_free(stack);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("stack", MFD_CLOEXEC);
	char path[64];

	if (fd < 0)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, data, size) == (ssize_t)size) {
		read_and_run(path, PAM_STACK_AUTH);
		read_and_run(path, PAM_STACK_ACCOUNT);
	}
	(void)close(fd);
	return 0;
}
