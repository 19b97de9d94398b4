/*
 * authorization_details: each mandate that is read is for an organisation that
 * can be, stands in the text, and has rights of its own.
 */
#include "tests/fuzz/fuzz.h"
#include "verify/mandate.h"
#include "verify/organisation_number.h"

#include <stdlib.h>
#include <string.h>

enum {
	NODES_MAX = 2048,
};

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
must_be_within(struct slice text, const char *from, size_t size)
{
	must(text.at >= from && text.at + text.size <= from + size);
}

static void
must_be_right(const struct identity *identity, const char *text, size_t size)
{
	size_t i, rights = 0;

	must(identity->mandates_count <= IDENTITY_MANDATES_MAX);
	must(identity->rights_count <= IDENTITY_RIGHTS_MAX);
	for (i = 0; i < identity->mandates_count; i++) {
		const struct identity_mandate *mandate = &identity->mandates[i];

		must(organisation_identifier_is_valid(mandate->organisation));
		must_be_within(mandate->organisation, text, size);
		if (mandate->resource.size > 0)
			must_be_within(mandate->resource, text, size);
		must(mandate->rights_first == rights);
		rights += mandate->rights_count;
	}
	must(rights == identity->rights_count);
	for (i = 0; i < rights; i++) {
		must(identity->rights[i].size > 0);
		must_be_within(identity->rights[i], text, size);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct json_node nodes[NODES_MAX];
	static struct identity identity;
	struct objection found;
	struct json json;
	char *text = malloc(size > 0 ? size : 1);

	must(text != NULL);
	memcpy(text, data, size);
	identity.mandates_count = 0;
	identity.rights_count = 0;
	if (json_read(text, size, nodes, NODES_MAX, &json) == 0) {
		found = mandates_get(&json, json.nodes, &identity);
		must(identity.mandates_count <= IDENTITY_MANDATES_MAX);
		must(identity.rights_count <= IDENTITY_RIGHTS_MAX);
		if (!is_objection(found))
			must_be_right(&identity, text, size);
	}
	free(text);
	return 0;
}
