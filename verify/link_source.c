#include "verify/link_source.h"

#include "lib/deadline.h"
#include "verify/link_client.h"

#include <errno.h>
#include <string.h>

int
link_source_init(struct link_source *source)
{
	return link_cache_new(&source->cache);
}

void
link_source_done(struct link_source *source)
{
	source->cache = link_cache_free(source->cache);
}

int
link_source_set_path(struct link_source *source, const char *path)
{
	size_t size = path ? strlen(path) : 0;

	if (path && path[0] != '/')
		return -EINVAL;
	if (size >= sizeof(source->path))
		return -ENAMETOOLONG;
	memset(source->path, 0, sizeof(source->path));
	if (path)
		memcpy(source->path, path, size);
	source->pause_until_ms = 0;
	link_cache_clear(source->cache);
	return 0;
}

int
link_source_find(void *userdata, const struct link_query *query,
    struct link_holder *ret_holder)
{
	struct link_source *source = userdata;
	struct link_holder holder;
	int found;

	if (source->path[0] == '\0')
		return -ENOENT;
	found = link_cache_find(source->cache, query, ret_holder);
	if (found != -EAGAIN)
		return found;
	if (deadline_left_ms(source->pause_until_ms) > 0)
		return -EAGAIN;
	found = link_client_ask(source->path, query, &holder);
	if (found == -ENOTSUP)
		return -EAGAIN;
	if (found && found != -ENOENT) {
		source->pause_until_ms = deadline_after(LINK_SOURCE_PAUSE_MS);
		return -EAGAIN;
	}
	/* The API reads an older image than we do. */
	if (!found && holder.links_epoch < query->links_epoch)
		return -EAGAIN;
	link_cache_keep(source->cache, query, found ? NULL : &holder);
	if (!found)
		*ret_holder = holder;
	return found;
}
