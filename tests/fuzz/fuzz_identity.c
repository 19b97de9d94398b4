/*
 * The record of an identity, as the register has it: what is read has no
 * identity number, lies whole in its storage, and is written again as it was.
 */
#include "tests/fuzz/fuzz.h"
#include "verify/identity.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
must_be_stored(
    const struct identity *identity, const struct slice *texts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		must(texts[i].at >= identity->storage);
		must(texts[i].at + texts[i].size <=
		     identity->storage + identity->storage_size);
	}
}

static void
must_be_whole(const struct identity *identity)
{
	size_t i, rights = 0;

	must(identity->storage_size <= sizeof(identity->storage));
	must(!identity->person_number[0]);
	must_be_stored(identity, identity->roles, identity->roles_count);
	must_be_stored(identity, identity->scopes, identity->scopes_count);
	must_be_stored(identity, identity->units, identity->units_count);
	must_be_stored(identity, identity->rights, identity->rights_count);
	must_be_stored(identity, &identity->consumer, 1);
	for (i = 0; i < identity->mandates_count; i++) {
		const struct identity_mandate *mandate = &identity->mandates[i];

		must_be_stored(identity, &mandate->organisation, 1);
		must_be_stored(identity, &mandate->resource, 1);
		must(mandate->rights_first == rights);
		rights += mandate->rights_count;
	}
	must(rights == identity->rights_count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[IDENTITY_RECORD_SIZE_MAX];
	static struct identity identity;
	size_t again_size;

	if (identity_get(data, size, &identity) < 0)
		return 0;
	must_be_whole(&identity);
	must(identity_put(&identity, again, sizeof(again), &again_size) == 0);
	must(again_size == size && memcmp(again, data, size) == 0);
	return 0;
}
