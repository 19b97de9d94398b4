/*
 * tests/vectors/catalogue.people: what the logins of people say, and what the
 * catalogue in access/ is to give them. A line that is not understood fails the
 * test.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CATALOGUE_WORD_SIZE = 64,
	CATALOGUE_WORDS_MAX = 16,
	CATALOGUE_AUTHORISED_MAX = 4,
	CATALOGUE_EXPECTATIONS_MAX = 32,
	CATALOGUE_AUTHORISES_MAX = 16,
};

struct catalogue_words {
	char texts[CATALOGUE_WORDS_MAX][CATALOGUE_WORD_SIZE];
	size_t count;
};

struct catalogue_authorised {
	char group[CATALOGUE_WORD_SIZE];
	char unit[CATALOGUE_WORD_SIZE];
	bool clerical;
};

struct catalogue_expectation {
	char group[CATALOGUE_WORD_SIZE];
	char word[CATALOGUE_WORD_SIZE]; /* "granted", or what withheld it */
};

/* What comes of it when this person authorises somebody. */
struct catalogue_authorises {
	char group[CATALOGUE_WORD_SIZE];
	char unit[CATALOGUE_WORD_SIZE];
	char word[CATALOGUE_WORD_SIZE];
};

struct catalogue_person {
	char name[CATALOGUE_WORD_SIZE];
	char issuer[CATALOGUE_WORD_SIZE];
	char acr[CATALOGUE_WORD_SIZE];
	int64_t age_s;
	struct catalogue_words roles, units, on_behalf_of, rights, scopes;
	char consumer[CATALOGUE_WORD_SIZE];
	struct catalogue_authorised authorised[CATALOGUE_AUTHORISED_MAX];
	size_t authorised_count;
	struct catalogue_expectation expectations[CATALOGUE_EXPECTATIONS_MAX];
	size_t expectations_count;
	struct catalogue_authorises authorises[CATALOGUE_AUTHORISES_MAX];
	size_t authorises_count;
};

/* text is changed. The people are malloc'ed. */
void catalogue_people_read(
    char *text, struct catalogue_person **ret_people, size_t *ret_count);
