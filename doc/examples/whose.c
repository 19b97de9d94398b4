/* whose AUDIENCE < token: whose is it, and what may they do? */
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

int
main(int argc, char **argv)
{
	struct portvakt_result *result = NULL;
	struct portvakt *portvakt = NULL;
	char token[16384];
	size_t size;
	bool good;

	if (argc != 2 || portvakt_open(NULL, &portvakt) < 0)
		return 2;
	size = fread(token, 1, sizeof(token), stdin);
	while (size > 0 && token[size - 1] == '\n')
		size--;
	good = portvakt_verify(portvakt, token, size, argv[1], NULL, &result);
	if (good)
		say(result);
	else
		fprintf(stderr, "%s\n", portvakt_result_word(result));
	portvakt_result_free(result);
	portvakt_close(portvakt);
	return good ? 0 : 1;
}
