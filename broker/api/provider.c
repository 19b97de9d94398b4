#include "broker/api/provider.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Those that Texas knows, whether they are configured here or not. */
static bool
is_word_of_texas(const char *word)
{
	static const char *const known[] = {
	    "azuread", "entra_id", "idporten", "maskinporten", "tokenx"};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i], word) == 0)
			return true;
	}
	return false;
}

enum provider_found
provider_find(struct issuers *issuers, const char *word,
    char ret_name[static NAME_MAX_SIZE])
{
	const char *name;

	issuers_refresh(issuers);
	name = issuers_by_word(issuers, word);
	/* Its name of before, which Texas still takes. */
	if (!name && strcmp(word, "azuread") == 0)
		name = issuers_by_word(issuers, "entra_id");
	if (name) {
		(void)snprintf(ret_name, NAME_MAX_SIZE, "%s", name);
		return PROVIDER_OURS;
	}
	return is_word_of_texas(word) ? PROVIDER_NOT_ENABLED : PROVIDER_UNKNOWN;
}
