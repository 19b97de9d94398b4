/*
 * The input is /etc/passwd and /etc/group: beside whatever stands there, the
 * lines that are well formed are found.
 */
#include "broker/register/local_accounts.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char known[] = "\nkjent:x:4711:4711::/:/bin/sh\n";

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
put_file(const char *path, const uint8_t *data, size_t size)
{
	FILE *file = fopen(path, "w");

	must(file && fwrite(data, 1, size, file) == size);
	must(fputs(known, file) >= 0 && fclose(file) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"passwd", "group"};
	char dir[] = "/tmp/portvakt-fuzz-XXXXXX", path[64];
	struct local_accounts *accounts = NULL;
	int error;
	size_t i;

	must(mkdtemp(dir));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		put_file(path, data, size);
	}
	error = local_accounts_read(dir, &accounts);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
	must((error == 0) == (accounts != NULL));
	if (!accounts)
		return 0;
	must(local_accounts_has_name(accounts, "kjent"));
	must(local_accounts_has_id(accounts, 4711));
	local_accounts_free(accounts);
	return 0;
}
