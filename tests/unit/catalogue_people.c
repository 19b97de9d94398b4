#include "tests/unit/catalogue_people.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line: its first word, and the others. */
struct line {
	const char *key;
	struct catalogue_words words;
};

static void
put(char *to, const char *word)
{
	assert_true(strlen(word) < CATALOGUE_WORD_SIZE);
	memcpy(to, word, strlen(word) + 1);
}

static const char *
word_of(const struct line *line, size_t index)
{
	if (index >= line->words.count)
		fail_msg("%s: a word is missing", line->key);
	return line->words.texts[index];
}

static void
split(char *text, struct line *ret_line)
{
	struct catalogue_words *words = &ret_line->words;
	char *rest = NULL;
	const char *word;

	words->count = 0;
	ret_line->key = strtok_r(text, " \t", &rest);
	while (ret_line->key && (word = strtok_r(NULL, " \t", &rest))) {
		assert_true(words->count < CATALOGUE_WORDS_MAX);
		put(words->texts[words->count++], word);
	}
}

static void
add_authorised(struct catalogue_person *person, const struct line *line)
{
	struct catalogue_authorised *one =
	    &person->authorised[person->authorised_count++];

	assert_true(person->authorised_count <= CATALOGUE_AUTHORISED_MAX);
	put(one->group, word_of(line, 0));
	put(one->unit, word_of(line, 1));
	one->clerical = strcmp(word_of(line, 2), "clerical") == 0;
	assert_true(one->clerical || strcmp(word_of(line, 2), "case") == 0);
}

static void
add_expectation(
    struct catalogue_person *person, const char *group, const char *word)
{
	struct catalogue_expectation *one =
	    &person->expectations[person->expectations_count++];

	assert_true(person->expectations_count <= CATALOGUE_EXPECTATIONS_MAX);
	put(one->group, group);
	put(one->word, word);
}

static void
add_authorises(struct catalogue_person *person, const struct line *line)
{
	struct catalogue_authorises *one =
	    &person->authorises[person->authorises_count++];

	assert_true(person->authorises_count <= CATALOGUE_AUTHORISES_MAX);
	put(one->group, word_of(line, 0));
	put(one->unit, word_of(line, 1));
	put(one->word, word_of(line, 2));
}

static struct catalogue_words *
list_of(struct catalogue_person *person, const char *key)
{
	const struct {
		const char *key;
		struct catalogue_words *words;
	} lists[] = {
	    {"roles", &person->roles},
	    {"units", &person->units},
	    {"on_behalf_of", &person->on_behalf_of},
	    {"rights", &person->rights},
	    {"scopes", &person->scopes},
	};
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(lists[i].key, key) == 0)
			return lists[i].words;
	}
	return NULL;
}

static void
take(struct catalogue_person *person, const struct line *line)
{
	struct catalogue_words *list = list_of(person, line->key);

	if (list)
		*list = line->words;
	else if (strcmp(line->key, "issuer") == 0)
		put(person->issuer, word_of(line, 0));
	else if (strcmp(line->key, "acr") == 0)
		put(person->acr, word_of(line, 0));
	else if (strcmp(line->key, "age") == 0)
		person->age_s = strtol(word_of(line, 0), NULL, 10);
	else if (strcmp(line->key, "consumer") == 0)
		put(person->consumer, word_of(line, 0));
	else if (strcmp(line->key, "authorised") == 0)
		add_authorised(person, line);
	else if (strcmp(line->key, "authorises") == 0)
		add_authorises(person, line);
	else if (strcmp(line->key, "granted") == 0)
		add_expectation(person, word_of(line, 0), "granted");
	else if (strcmp(line->key, "withheld") == 0)
		add_expectation(person, word_of(line, 0), word_of(line, 1));
	else
		fail_msg("%s: an unknown word", line->key);
}

void
catalogue_people_read(
    char *text, struct catalogue_person **ret_people, size_t *ret_count)
{
	struct catalogue_person *people = NULL;
	size_t count = 0;
	char *rest = NULL, *one;

	for (one = strtok_r(text, "\n", &rest); one;
	     one = strtok_r(NULL, "\n", &rest)) {
		struct line line;

		split(one, &line);
		if (!line.key || line.key[0] == '#')
			continue;
		if (strcmp(line.key, "person") == 0) {
			people = realloc(people, ++count * sizeof(*people));
			assert_non_null(people);
			memset(&people[count - 1], 0, sizeof(*people));
			put(people[count - 1].name, word_of(&line, 0));
		} else {
			assert_non_null(people);
			take(&people[count - 1], &line);
		}
	}
	*ret_people = people;
	*ret_count = count;
}
