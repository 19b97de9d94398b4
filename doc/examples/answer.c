/* answer GROUP < token: what a web service would answer, and why. */
#include <portvakt.h>
#include <stdio.h>

static int
status_of(const struct portvakt_result *result, const char *group)
{
	switch (portvakt_result_verdict(result)) {
	case PORTVAKT_VERDICT_GOOD:
		return portvakt_result_has_group(result, group) ? 200 : 403;
	case PORTVAKT_VERDICT_FORBIDDEN:
		return 403;
	case PORTVAKT_VERDICT_OUTAGE:
		return 503;
	case PORTVAKT_VERDICT_REFUSED:
		return 401;
	}
	return 401;
}

int
main(int argc, char **argv)
{
	static const char *const scopes[] = {"agency:orders.read"};
	struct portvakt_options options = PORTVAKT_OPTIONS_INIT;
	struct portvakt_result *result = NULL;
	struct portvakt *portvakt = NULL;
	char token[16384];
	size_t size;

	if (argc != 2) {
		fputs("Usage: answer GROUP < token\n", stderr);
		return 3;
	}
	if (portvakt_open(NULL, &portvakt) < 0)
		return 2;
	options.scopes = scopes;
	options.scopes_count = 1;
	options.level = "substantial";
	size = fread(token, 1, sizeof(token), stdin);
	while (size > 0 && token[size - 1] == '\n')
		size--;
	(void)portvakt_verify(portvakt, token, size,
	    "https://orders.example.no", &options, &result);
	printf("%d %s\n", status_of(result, argv[1]),
	    portvakt_result_word(result));
	portvakt_result_free(result);
	portvakt_close(portvakt);
	return 0;
}
