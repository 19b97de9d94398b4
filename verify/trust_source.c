#include "verify/trust_source.h"

#include <errno.h>
#include <string.h>

int
trust_source_init(struct trust_source *source, const char *path)
{
	size_t size = strlen(path) + 1;

	if (size > sizeof(source->path))
		return -ENAMETOOLONG;
	*source = (struct trust_source){.error = -ENOENT, .looked_s = -1};
	memcpy(source->path, path, size);
	return 0;
}

void
trust_source_done(struct trust_source *source)
{
	source->trust = trust_close(source->trust);
	source->error = -ENOENT;
}

/*
 * The word of a publisher comes before the new image has the name: until then
 * the old one is still the right one.
 */
static bool
is_current(struct trust_source *source, int64_t boot_s)
{
	if (!source->trust)
		return false;
	if (boot_s == source->looked_s && !trust_is_superseded(source->trust))
		return true;
	source->looked_s = boot_s;
	return trust_check_current(source->trust, source->path) == 0;
}

/*
 * A file that is not there is looked for each time; one that is there and no
 * good costs more to look at, and is looked at once a second.
 */
static bool
is_known_to_be_bad(const struct trust_source *source, int64_t boot_s)
{
	return !source->trust && source->error != -ENOENT &&
	       source->looked_s == boot_s;
}

bool
trust_source_refresh(struct trust_source *source, int64_t boot_s)
{
	struct trust *trust = NULL;
	bool had = source->trust != NULL;

	if (is_current(source, boot_s) || is_known_to_be_bad(source, boot_s))
		return false;
	source->error = trust_open(source->path, &trust);
	source->looked_s = boot_s;
	(void)trust_close(source->trust);
	source->trust = source->error ? NULL : trust;
	return had || source->trust;
}
