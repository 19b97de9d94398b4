#include "broker/api/issuers.h"

#include "broker/clock.h"
#include "verify/service_token.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

void
issuers_refresh(struct issuers *issuers)
{
	struct trust *trust;

	if (issuers->trust && !trust_is_superseded(issuers->trust) &&
	    trust_check_current(issuers->trust, issuers->path) == 0)
		return;
	issuers_done(issuers);
	if (trust_open(issuers->path, &trust) == 0)
		issuers->trust = trust;
}

void
issuers_done(struct issuers *issuers)
{
	issuers->trust = trust_close(issuers->trust);
}

const char *
issuers_claimed(const struct issuers *issuers, const char *token, size_t size)
{
	const struct trust_issuer *issuer;
	char url[IDENTITY_ISSUER_SIZE];

	if (!issuers->trust || service_token_issuer(token, size, url) != 0)
		return NULL;
	issuer = trust_issuer_by_url(issuers->trust, slice_of(url));
	return issuer ? issuer->name : NULL;
}

static const char *
only_of_kind(const struct trust *trust, const char *kind)
{
	const struct trust_issuer *issuer;
	const char *found = NULL;
	size_t i;

	for (i = 0; i < trust_issuers_count(trust); i++) {
		issuer = trust_issuer_at(trust, i);
		if (strcmp(issuer->kind, kind) != 0)
			continue;
		if (found)
			return NULL;
		found = issuer->name;
	}
	return found;
}

const char *
issuers_by_word(const struct issuers *issuers, const char *word)
{
	const struct trust_issuer *issuer;

	if (!issuers->trust)
		return NULL;
	issuer = trust_issuer_by_name(issuers->trust, word);
	return issuer ? issuer->name : only_of_kind(issuers->trust, word);
}

const char *
issuers_introspecting(const struct issuers *issuers, const char *name)
{
	const struct trust_issuer *issuer;
	const char *found = NULL;
	size_t i;

	for (i = 0; issuers->trust && i < trust_issuers_count(issuers->trust);
	     i++) {
		issuer = trust_issuer_at(issuers->trust, i);
		if (!issuer->introspects ||
		    (name && strcmp(issuer->name, name) != 0))
			continue;
		if (found)
			return NULL;
		found = issuer->name;
	}
	return found;
}

/* The lowest rung that a level means at an issuer; NULL: it has none. */
static const char *
rung_of(const struct trust_issuer *issuer, const char *level)
{
	size_t i;

	if (strcmp(level, "low") == 0)
		return issuer->level_low;
	if (strcmp(level, "substantial") == 0)
		return issuer->level_substantial;
	if (strcmp(level, "high") == 0)
		return issuer->level_high;
	for (i = 0; i < issuer->profile.acr_ladder_count; i++) {
		if (strcmp(issuer->profile.acr_ladder[i], level) == 0)
			return level;
	}
	return NULL;
}

/* A word that stands in a list of words already, or finds no room, is not. */
static void
add_word(const char *word, char *text, size_t size)
{
	size_t length = strlen(text), word_size = strlen(word);
	const char *at = text;

	while ((at = strstr(at, word)) != NULL) {
		if ((at == text || at[-1] == ' ') &&
		    (at[word_size] == '\0' || at[word_size] == ' '))
			return;
		at += word_size;
	}
	if (strchr(word, '"') || strchr(word, '\\') ||
	    length + 1 + word_size >= size)
		return;
	(void)snprintf(
	    text + length, size - length, "%s%s", length > 0 ? " " : "", word);
}

void
issuers_acr_values(const struct issuers *issuers, const char *name,
    const char *level, char *ret_text, size_t size)
{
	const struct trust_issuer *issuer;
	const char *rung;
	size_t i;

	ret_text[0] = '\0';
	for (i = 0; issuers->trust && i < trust_issuers_count(issuers->trust);
	     i++) {
		issuer = trust_issuer_at(issuers->trust, i);
		if (name && strcmp(issuer->name, name) != 0)
			continue;
		rung = rung_of(issuer, level);
		if (rung)
			add_word(rung, ret_text, size);
	}
}

void
issuers_print(const struct issuers *issuers, FILE *file)
{
	static const char age[] = "portvakt_api_keys_age_seconds";
	const struct trust *trust = issuers->trust;
	size_t i;
	int64_t age_s;

	(void)fprintf(file,
	    "# TYPE portvakt_api_image gauge\n"
	    "# HELP portvakt_api_image 1 when there is a trust image.\n"
	    "portvakt_api_image %d\n",
	    trust != NULL);
	if (!trust)
		return;
	(void)fprintf(file,
	    "# TYPE portvakt_api_image_generation gauge\n"
	    "# HELP portvakt_api_image_generation Of the trust image.\n"
	    "portvakt_api_image_generation %" PRIu64 "\n"
	    "# TYPE %s gauge\n# UNIT %s seconds\n"
	    "# HELP %s Since the issuer's keys were fetched.\n",
	    trust_generation(trust), age, age, age);
	for (i = 0; i < trust_issuers_count(trust); i++) {
		age_s = trust_keys_age_s(
		    trust, trust_issuer_at(trust, i), clock_boot_s());
		if (age_s >= 0)
			(void)fprintf(file, "%s{issuer=\"%s\"} %" PRId64 "\n",
			    age, trust_issuer_at(trust, i)->name, age_s);
	}
}

int
issuers_account(const struct issuers *issuers, const char *name,
    struct link_holder *ret_holder)
{
	struct trust_account account;
	int error = -ENOENT;

	if (issuers->trust)
		error = trust_account_by_name(issuers->trust, name, &account);
	if (error)
		return error;
	*ret_holder = (struct link_holder){
	    .uid = account.uid,
	    .links_epoch = trust_links_epoch(issuers->trust),
	};
	memcpy(ret_holder->account, account.name, NAME_MAX_SIZE);
	return 0;
}
