#include "verify/identity.h"

#include <errno.h>
#include <string.h>

static bool
has(const struct slice *texts, size_t count, const char *text)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (slice_equal(texts[i], text))
			return true;
	}
	return false;
}

bool
identity_has_role(const struct identity *identity, const char *role)
{
	return has(identity->roles, identity->roles_count, role);
}

bool
identity_has_scope(const struct identity *identity, const char *scope)
{
	return has(identity->scopes, identity->scopes_count, scope);
}

void
identity_wipe(struct identity *identity)
{
	explicit_bzero(identity, sizeof(*identity));
}

void
identity_wipe_copy(struct identity *identity)
{
	size_t used = identity->storage_size < sizeof(identity->storage)
			  ? identity->storage_size
			  : sizeof(identity->storage);

	explicit_bzero(identity->storage, used);
	explicit_bzero(identity, offsetof(struct identity, roles));
	explicit_bzero(
	    identity->person_number, sizeof(identity->person_number));
	identity->storage_size = 0;
	identity->roles_count = 0;
	identity->scopes_count = 0;
	identity->units_count = 0;
	identity->mandates_count = 0;
	identity->rights_count = 0;
	identity->consumer = (struct slice){0};
}

static size_t
size_of_texts(const struct slice *texts, size_t count)
{
	size_t size = 0, i;

	for (i = 0; i < count; i++)
		size += texts[i].size;
	return size;
}

static size_t
size_of_all_texts(const struct identity *identity)
{
	size_t size = identity->consumer.size, i;

	size += size_of_texts(identity->roles, identity->roles_count);
	size += size_of_texts(identity->scopes, identity->scopes_count);
	size += size_of_texts(identity->units, identity->units_count);
	size += size_of_texts(identity->rights, identity->rights_count);
	for (i = 0; i < identity->mandates_count; i++)
		size += identity->mandates[i].organisation.size +
			identity->mandates[i].resource.size;
	return size;
}

static struct slice
keep_text(struct identity *identity, struct slice text)
{
	struct slice kept = {
	    identity->storage + identity->storage_size, text.size};

	if (text.size > 0)
		memcpy(identity->storage + identity->storage_size, text.at,
		    text.size);
	identity->storage_size += text.size;
	return kept;
}

static void
keep_texts(struct identity *identity, const struct slice *texts, size_t count,
    struct slice *ret_texts, size_t *ret_count)
{
	size_t i;

	for (i = 0; i < count; i++)
		ret_texts[i] = keep_text(identity, texts[i]);
	*ret_count = count;
}

static void
keep_mandates(struct identity *identity, const struct identity *from)
{
	size_t i;

	for (i = 0; i < from->mandates_count; i++) {
		const struct identity_mandate *mandate = &from->mandates[i];

		identity->mandates[i] = (struct identity_mandate){
		    .organisation = keep_text(identity, mandate->organisation),
		    .resource = keep_text(identity, mandate->resource),
		    .rights_first = mandate->rights_first,
		    .rights_count = mandate->rights_count,
		};
	}
	identity->mandates_count = from->mandates_count;
}

/* The terminator and what stands before it: behind it may be anything. */
static void
copy_scalars(const struct identity *from, struct identity *identity)
{
	(void)stpcpy(identity->issuer, from->issuer);
	(void)stpcpy(identity->subject, from->subject);
	(void)stpcpy(identity->acr, from->acr);
	(void)stpcpy(identity->person_number, from->person_number);
	identity->acr_rank = from->acr_rank;
	identity->issued_at_s = from->issued_at_s;
	identity->expires_at_s = from->expires_at_s;
	identity->authenticated_at_s = from->authenticated_at_s;
}

int
identity_copy(const struct identity *from, struct identity *ret_identity)
{
	if (size_of_all_texts(from) > sizeof(ret_identity->storage))
		return -EMSGSIZE;
	copy_scalars(from, ret_identity);
	ret_identity->storage_size = 0;
	keep_texts(ret_identity, from->roles, from->roles_count,
	    ret_identity->roles, &ret_identity->roles_count);
	keep_texts(ret_identity, from->scopes, from->scopes_count,
	    ret_identity->scopes, &ret_identity->scopes_count);
	keep_texts(ret_identity, from->units, from->units_count,
	    ret_identity->units, &ret_identity->units_count);
	keep_texts(ret_identity, from->rights, from->rights_count,
	    ret_identity->rights, &ret_identity->rights_count);
	keep_mandates(ret_identity, from);
	ret_identity->consumer = keep_text(ret_identity, from->consumer);
	return 0;
}
