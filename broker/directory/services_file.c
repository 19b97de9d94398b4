#include "broker/directory/services_file.h"

#include "broker/directory/atomic_file.h"
#include "lib/strict_services.h"

#include <errno.h>
#include <string.h>

static int
write_text(struct atomic_file *file, const char *text)
{
	return atomic_file_write(file, text, strlen(text));
}

static int
write_services(struct atomic_file *file, const struct config *config)
{
	size_t i;
	int error = write_text(file, STRICT_SERVICES_HEAD);

	for (i = 0; i < config->services_count && !error; i++) {
		if (!config_service_is_strict(&config->services[i]))
			continue;
		error = write_text(file, config->services[i].name);
		if (!error)
			error = write_text(file, "\n");
	}
	return error;
}

int
services_file_publish(const char *path, const struct config *config)
{
	struct atomic_file file;
	int error;

	error = atomic_file_begin(path, 0644, &file);
	if (error)
		return error;
	error = write_services(&file, config);
	if (!error)
		error = atomic_file_commit(&file);
	atomic_file_discard(&file);
	return error;
}
