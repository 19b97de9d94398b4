#include "lib/directory.h"

#include "lib/directory_image.h"

#include <errno.h>

bool
directory_is_superseded(const struct directory *directory)
{
	return image_is_superseded(directory->base);
}

int
directory_check_current(const struct directory *directory, const char *path)
{
	return image_check_current(directory->device, directory->inode, path);
}

static int
map_kind(const char *path, mode_t refused, bool restricted,
    struct directory *ret_directory)
{
	struct directory directory;
	struct image image;
	int error;

	error = image_map(path, refused, &image);
	if (error)
		return error;
	error = directory_check(image.base, image.size_bytes, &directory);
	if (!error && directory.restricted != restricted)
		error = -EBADMSG;
	if (error) {
		image_unmap(image.base, image.size_bytes);
		return error;
	}
	directory.device = image.device;
	directory.inode = image.inode;
	*ret_directory = directory;
	return 0;
}

int
directory_map(const char *path, struct directory *ret_directory)
{
	return map_kind(path, IMAGE_REFUSE_WRITERS, false, ret_directory);
}

int
directory_map_restricted(const char *path, struct directory *ret_directory)
{
	return map_kind(path, IMAGE_REFUSE_ALL, true, ret_directory);
}

void
directory_unmap(struct directory *directory)
{
	const struct directory mapped = *directory;

	*directory = (struct directory){0};
	image_unmap(mapped.base, mapped.size_bytes);
}
