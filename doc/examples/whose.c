/*
 * whose AUDIENCE < token: whose is it, and what may they do?
 * Status 0: good. 1: refused. 2: nobody can say. 3: usage.
 */
#include <portvakt.h>
#include <stdio.h>

static void
say(const struct portvakt_result *result)
{
	const char *account = portvakt_result_account(result);
	size_t i;

	if (account)
		printf("account %s\n", account);
	for (i = 0; i < portvakt_result_groups_count(result); i++)
		printf("group %s\n", portvakt_result_group_name(result, i));
}

/* An outage is no refusal: asking again may help. */
static int
status_of(const struct portvakt_result *result)
{
	switch (portvakt_result_verdict(result)) {
	case PORTVAKT_VERDICT_GOOD:
		return 0;
	case PORTVAKT_VERDICT_OUTAGE:
		return 2;
	case PORTVAKT_VERDICT_REFUSED:
	case PORTVAKT_VERDICT_FORBIDDEN:
		return 1;
	}
	return 1;
}

int
main(int argc, char **argv)
{
	struct portvakt_result *result = NULL;
	struct portvakt *portvakt = NULL;
	char token[16384];
	size_t size;
	int status;

	if (argc != 2) {
		fputs("Usage: whose AUDIENCE < token\n", stderr);
		return 3;
	}
	if (portvakt_open(NULL, &portvakt) < 0)
		return 2;
	size = fread(token, 1, sizeof(token), stdin);
	while (size > 0 && token[size - 1] == '\n')
		size--;
	if (portvakt_verify(portvakt, token, size, argv[1], NULL, &result))
		say(result);
	else
		fprintf(stderr, "%s\n", portvakt_result_word(result));
	status = status_of(result);
	portvakt_result_free(result);
	portvakt_close(portvakt);
	return status;
}
