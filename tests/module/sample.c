#include "tests/module/sample.h"

#include <inttypes.h>
#include <stdio.h>

uint32_t
sample_group_count(uint32_t users)
{
	return users / 20 > 50 ? users / 20 : 50;
}

uint32_t
sample_group_of(uint32_t users, uint32_t user, uint32_t k)
{
	uint32_t others = sample_group_count(users) - 1;

	if (user < SAMPLE_BIG_GROUP) {
		if (k == 0)
			return 0;
		k--;
	}
	return 1 + (user * 7 + k) % others;
}

static int
fill_groups(struct directory_builder *builder, uint32_t users)
{
	char name[SAMPLE_NAME_SIZE];
	uint32_t i, index;
	int error = 0;

	for (i = 0; i < sample_group_count(users) && !error; i++) {
		(void)snprintf(name, sizeof(name), "ko-group%05u", i);
		error = directory_builder_group(
		    builder, name, SAMPLE_GID + i, &index);
	}
	return error;
}

static int
fill_user(struct directory_builder *builder, uint64_t generation,
    uint32_t users, uint32_t user, uint32_t groups)
{
	char name[SAMPLE_NAME_SIZE], gecos[64], home[64];
	uint32_t index, k;
	int error;

	(void)snprintf(name, sizeof(name), "user%06u", user);
	(void)snprintf(
	    gecos, sizeof(gecos), "User %u of %" PRIu64, user, generation);
	(void)snprintf(home, sizeof(home), "/home/%s", name);
	error = directory_builder_user(builder, name, SAMPLE_UID + user, gecos,
	    home, "/bin/bash", user % 10 != 9, &index);
	for (k = 0; k < groups && !error; k++)
		error = directory_builder_member(
		    builder, sample_group_of(users, user, k), index);
	return error;
}

static int
make_builder(uint64_t generation, bool enumerate, uint32_t users,
    uint32_t groups_per_user, struct directory_builder **ret_builder)
{
	struct directory_builder *builder;
	uint32_t i;
	int error;

	error = directory_builder_new(generation, enumerate, &builder);
	if (error)
		return error;
	error = fill_groups(builder, users);
	for (i = 0; i < users && !error; i++)
		error =
		    fill_user(builder, generation, users, i, groups_per_user);
	if (error)
		(void)directory_builder_free(builder);
	else
		*ret_builder = builder;
	return error;
}

int
sample_publish(const char *path, uint64_t generation, bool enumerate,
    uint32_t users, uint32_t groups_per_user)
{
	struct directory_builder *builder;
	int error;

	error = make_builder(
	    generation, enumerate, users, groups_per_user, &builder);
	if (error)
		return error;
	error = directory_builder_publish(builder, path);
	(void)directory_builder_free(builder);
	return error;
}

static int
fill_restricted(struct directory_builder *restricted,
    struct directory_builder *builder, uint32_t users)
{
	uint32_t i, group, user;
	int error;

	error = directory_builder_group(
	    builder, "ko-restricted", SAMPLE_RESTRICTED, &group);
	if (!error)
		error = directory_builder_group(
		    restricted, "ko-restricted", SAMPLE_RESTRICTED, &group);
	for (i = 0; i < users && !error; i += 3) {
		error =
		    directory_builder_user_of(restricted, builder, i, &user);
		if (!error)
			error =
			    directory_builder_member(restricted, group, user);
	}
	return error;
}

int
sample_publish_both(const char *path, const char *restricted_path,
    uint64_t generation, uint32_t users, uint32_t groups_per_user)
{
	struct directory_builder *builder, *restricted = NULL;
	int error;

	error =
	    make_builder(generation, true, users, groups_per_user, &builder);
	if (error)
		return error;
	error = directory_builder_new_restricted(generation, &restricted);
	if (!error)
		error = fill_restricted(restricted, builder, users);
	if (!error)
		error = directory_builder_publish_both(
		    builder, path, restricted, restricted_path);
	(void)directory_builder_free(builder);
	(void)directory_builder_free(restricted);
	return error;
}
