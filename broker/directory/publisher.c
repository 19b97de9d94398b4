#include "broker/directory/publisher.h"

#include "broker/directory/directory_builder.h"

#include <errno.h>
#include <stdlib.h>

/* Where an account of the register went in the image. */
struct place {
	int64_t account_id;
	uint32_t index;
};

struct group_place {
	uint32_t gid;
	uint32_t index; /* in the image that has its members */
	bool restricted;
};

struct compilation {
	struct directory_builder *builder;
	struct directory_builder *restricted;
	const struct local_accounts *local;
	size_t left_out; /* the machine has them */
	struct place *places; /* sorted by account_id before members come */
	size_t places_count;
	size_t places_allocated;
	struct group_place *groups; /* sorted by gid */
	size_t groups_count;
	size_t groups_allocated;
};

static void
compilation_done(struct compilation *compilation)
{
	directory_builder_free(compilation->builder);
	directory_builder_free(compilation->restricted);
	free(compilation->places);
	free(compilation->groups);
}

/* The storage with room for one more element, or NULL and it stands. */
static void *
grow(void *storage, size_t element_size, size_t count, size_t *allocated)
{
	size_t wanted = *allocated ? 2 * *allocated : 64;
	void *larger;

	if (count < *allocated)
		return storage;
	larger = reallocarray(storage, wanted, element_size);
	if (larger)
		*allocated = wanted;
	return larger;
}

static bool
is_local(struct compilation *compilation, const char *name, uint32_t id)
{
	if (!local_accounts_has_name(compilation->local, name) &&
	    !local_accounts_has_id(compilation->local, id))
		return false;
	compilation->left_out++;
	return true;
}

static int
add_account(const struct account *account, void *userdata)
{
	struct compilation *compilation = userdata;
	struct place *places, *place;
	int error;

	if (is_local(compilation, account->name, account->uid))
		return 0;
	places = grow(compilation->places, sizeof(*places),
	    compilation->places_count, &compilation->places_allocated);
	if (!places)
		return -ENOMEM;
	compilation->places = places;
	place = &places[compilation->places_count];
	error = directory_builder_user(compilation->builder, account->name,
	    account->uid, account->gecos, account->home, account->shell,
	    !account->locked, &place->index);
	if (error)
		return error;
	place->account_id = account->id;
	compilation->places_count++;
	return 0;
}

static int
compare_places(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	return (left->account_id > right->account_id) -
	       (left->account_id < right->account_id);
}

static size_t
group_position(const struct compilation *compilation, uint32_t gid)
{
	size_t low = 0, high = compilation->groups_count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (compilation->groups[middle].gid < gid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
has_group(const struct compilation *compilation, size_t at, uint32_t gid)
{
	return at < compilation->groups_count &&
	       compilation->groups[at].gid == gid;
}

/* To the public image, and to the one that has its members. */
static int
add_group(struct compilation *compilation, const struct account_group *group,
    uint32_t *ret_index)
{
	int error;

	error = directory_builder_group(
	    compilation->builder, group->name, group->gid, ret_index);
	if (!error && group->restricted)
		error = directory_builder_group(compilation->restricted,
		    group->name, group->gid, ret_index);
	return error;
}

/* Adds a group, once. */
static int
place_group(struct compilation *compilation, const struct account_group *group)
{
	size_t at = group_position(compilation, group->gid), i;
	struct group_place *groups;
	uint32_t index;
	int error;

	if (has_group(compilation, at, group->gid) ||
	    is_local(compilation, group->name, group->gid))
		return 0;
	groups = grow(compilation->groups, sizeof(*groups),
	    compilation->groups_count, &compilation->groups_allocated);
	if (!groups)
		return -ENOMEM;
	compilation->groups = groups;
	error = add_group(compilation, group, &index);
	if (error)
		return error;
	for (i = compilation->groups_count++; i > at; i--)
		groups[i] = groups[i - 1];
	groups[at] = (struct group_place){
	    .gid = group->gid,
	    .index = index,
	    .restricted = group->restricted,
	};
	return 0;
}

enum { NOBODY = UINT32_MAX };

/* *restricted_user: the account in the restricted image, or NOBODY yet. */
static int
add_restricted(struct compilation *compilation, const struct place *place,
    const struct group_place *group, uint32_t *restricted_user)
{
	int error = 0;

	if (*restricted_user == NOBODY)
		error = directory_builder_user_of(compilation->restricted,
		    compilation->builder, place->index, restricted_user);
	return error ? error
		     : directory_builder_member(compilation->restricted,
			   group->index, *restricted_user);
}

/* NULL: left out. */
static const struct place *
find_place(const struct compilation *compilation, int64_t account_id)
{
	const struct place wanted = {.account_id = account_id};

	/* Without accounts there is no array, and bsearch takes no NULL. */
	if (compilation->places_count == 0)
		return NULL;
	return bsearch(&wanted, compilation->places, compilation->places_count,
	    sizeof(wanted), compare_places);
}

/* A membership of a group that is not in force any more is left out. */
static int
add_memberships(
    int64_t account_id, const uint32_t *gids, size_t count, void *userdata)
{
	struct compilation *compilation = userdata;
	const struct place *place = find_place(compilation, account_id);
	const struct group_place *group;
	uint32_t restricted_user = NOBODY;
	size_t i, at;
	int error = 0;

	for (i = 0; place && i < count && !error; i++) {
		at = group_position(compilation, gids[i]);
		if (!has_group(compilation, at, gids[i]))
			continue;
		group = &compilation->groups[at];
		if (group->restricted)
			error = add_restricted(
			    compilation, place, group, &restricted_user);
		else
			error = directory_builder_member(
			    compilation->builder, group->index, place->index);
	}
	return error;
}

static int
add_groups_in_force(
    struct compilation *compilation, const struct publisher_input *input)
{
	int error = 0;
	size_t i;

	for (i = 0; i < input->groups_count && !error; i++)
		error = place_group(compilation, &input->groups[i]);
	return error;
}

/* Two gids of one name: the configuration changed; the lower one stays. */
static int
add_recorded_group(const struct account_group *group, void *userdata)
{
	int error = place_group(userdata, group);

	return error == -EEXIST ? 0 : error;
}

static int
add_groups(struct compilation *compilation, struct register_db *db,
    const struct publisher_input *input)
{
	if (input->configured)
		return add_groups_in_force(compilation, input);
	if (register_each_group(db, add_recorded_group, compilation) !=
	    REGISTER_OK)
		return -EIO;
	return 0;
}

static int
compile(struct compilation *compilation, struct register_db *db,
    const struct publisher_input *input)
{
	int error;

	if (register_each_account(db, "", add_account, compilation) !=
	    REGISTER_OK)
		return -EIO;
	/* Without accounts there is no array, and qsort takes no NULL. */
	if (compilation->places_count > 0)
		qsort(compilation->places, compilation->places_count,
		    sizeof(*compilation->places), compare_places);
	error = add_groups(compilation, db, input);
	if (error)
		return error;
	if (register_each_membership(db, add_memberships, compilation) !=
	    REGISTER_OK)
		return -EIO;
	return 0;
}

int
publisher_publish(struct register_db *db, const struct publisher_input *input,
    const struct local_accounts *local, const struct publisher_paths *paths,
    uint64_t generation, size_t *ret_left_out)
{
	__attribute__((
	    cleanup(compilation_done))) struct compilation compilation = {
	    .local = local};
	int error;

	error = directory_builder_new(
	    generation, input->enumerate, &compilation.builder);
	if (!error)
		error = directory_builder_new_restricted(
		    generation, &compilation.restricted);
	if (!error)
		error = compile(&compilation, db, input);
	if (!error)
		error = directory_builder_publish_both(compilation.builder,
		    paths->directory, compilation.restricted,
		    paths->restricted);
	if (!error)
		*ret_left_out = compilation.left_out;
	return error;
}
