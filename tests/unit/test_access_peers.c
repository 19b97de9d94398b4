/*
 * Second opinions on access tokens: each well-formed one of the table
 * (tests/vectors/access.h) is shown to libjwt and to liboauth2. Where one of
 * them says another thing than we do, doc/second-opinions.md says why, by the
 * token's name; a disagreement that does not stand there fails, and so does a
 * line there that is none (any more). What we say is test_agreement's to prove.
 */
#include "tests/unit/peers.h"
#include "tests/unit/unit.h"
#include "tests/vectors/access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	EXPLANATIONS_MAX = 128,
	LINE_SIZE = 1024,
	COLUMNS = 4, /* tokens, libjwt, liboauth2, why */
};

struct explanation {
	char name[64];
	enum opinion libjwt;
	enum opinion liboauth2;
	bool used;
};

static struct {
	struct explanation rows[EXPLANATIONS_MAX];
	size_t count;
	char *rsa_pem, *ec_pem, *rsa_jwk, *ec_jwk;
} peers;

static const char *const words[] = {
    [REFUSES] = "refuses", [ACCEPTS] = "accepts", [DIES] = "dies"};

static enum opinion
opinion_of(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(word, words[i]) == 0)
			return (enum opinion)i;
	}
	fail_msg("second-opinions.md: \"%s\" is no opinion", word);
	return DIES;
}

static void
explain(const char *name, const char *libjwt, const char *liboauth2)
{
	struct explanation *row = &peers.rows[peers.count++];

	assert_true(peers.count <= EXPLANATIONS_MAX);
	assert_true(strlen(name) < sizeof(row->name));
	(void)strcpy(row->name, name);
	row->libjwt = opinion_of(libjwt);
	row->liboauth2 = opinion_of(liboauth2);
}

/* Without the spaces around it. */
static char *
trim(char *text)
{
	size_t size;

	text += strspn(text, " ");
	size = strlen(text);
	while (size > 0 && text[size - 1] == ' ')
		text[--size] = '\0';
	return text;
}

/* "| a; b | accepts | refuses | because |"; any other line says nothing. */
static void
read_line(char *line)
{
	char *columns[COLUMNS + 1], *name, *rest;
	size_t i;

	if (line[0] != '|' || line[1] == '-' ||
	    strncmp(line, "| Token", 7) == 0)
		return;
	rest = line + 1;
	for (i = 0; i < COLUMNS; i++) {
		columns[i] = strsep(&rest, "|");
		assert_non_null(columns[i]);
		columns[i] = trim(columns[i]);
		assert_true(columns[i][0] != '\0');
	}
	while ((name = strsep(&columns[0], ";")))
		explain(trim(name), columns[1], columns[2]);
}

static void
read_explanations(void)
{
	const char *top = getenv("top_srcdir");
	char path[512], line[LINE_SIZE];
	FILE *file;

	(void)snprintf(
	    path, sizeof(path), "%s/doc/second-opinions.md", top ? top : ".");
	file = fopen(path, "re");
	if (!file)
		fail_msg("%s cannot be read", path);
	while (fgets(line, sizeof(line), file)) {
		assert_non_null(strchr(line, '\n'));
		line[strcspn(line, "\n")] = '\0';
		read_line(line);
	}
	(void)fclose(file);
}

static struct explanation *
find_explanation(const char *name)
{
	size_t i;

	for (i = 0; i < peers.count; i++) {
		if (strcmp(peers.rows[i].name, name) == 0)
			return &peers.rows[i];
	}
	return NULL;
}

/* What has three parts that can be decoded. */
static bool
is_well_formed(const struct access_vector *vector)
{
	return vector->form == ACCESS_WHOLE ||
	       vector->form == ACCESS_OTHER_CLAIMS;
}

static bool
check(const struct access_vector *vector, enum access_profile profile)
{
	bool is_ec = vector->header && strstr(vector->header, "ES256");
	enum opinion ours =
	    strcmp(vector->word, "good") == 0 ? ACCEPTS : REFUSES;
	char *token = access_token(vector, profile, time(NULL));
	enum opinion libjwt =
	    peer_ask(PEER_LIBJWT, token, is_ec ? peers.ec_pem : peers.rsa_pem);
	enum opinion liboauth2 = peer_ask(
	    PEER_LIBOAUTH2, token, is_ec ? peers.ec_jwk : peers.rsa_jwk);
	struct explanation *known = find_explanation(vector->name);

	free(token);
	if (libjwt == ours && liboauth2 == ours)
		return true;
	if (known && known->libjwt == libjwt && known->liboauth2 == liboauth2) {
		known->used = true;
		return true;
	}
	print_error("%s (%d): %s, libjwt %s, liboauth2 %s\n", vector->name,
	    (int)profile, vector->word, words[libjwt], words[liboauth2]);
	return false;
}

static void
every_disagreement_is_explained(void **state)
{
	size_t i, unknown = 0;
	int profile;

	(void)state;
	for (i = 0; i < access_vectors_count; i++) {
		const struct access_vector *vector = &access_vectors[i];

		for (profile = 0; profile < ACCESS_PROFILES; profile++) {
			if (!(vector->profiles & (1U << profile)) ||
			    vector->exact || vector->certificate ||
			    !is_well_formed(vector))
				continue;
			unknown += !check(vector, (enum access_profile)profile);
		}
	}
	assert_int_equal(unknown, 0);
}

static void
every_explanation_is_of_one(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < peers.count; i++) {
		if (!peers.rows[i].used)
			fail_msg(
			    "nobody disagrees on \"%s\"", peers.rows[i].name);
	}
}

static int
set_up(void **state)
{
	(void)state;
	read_explanations();
	peers.rsa_pem = peer_public_pem("rsa.pem");
	peers.ec_pem = peer_public_pem("ec.pem");
	peers.rsa_jwk = mint_file("rsa.jwk");
	peers.ec_jwk = mint_file("ec.jwk");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(peers.rsa_pem);
	free(peers.ec_pem);
	free(peers.rsa_jwk);
	free(peers.ec_jwk);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_disagreement_is_explained),
	    cmocka_unit_test(every_explanation_is_of_one),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
