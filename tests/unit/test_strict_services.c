/* What the module may decide from the image alone: texts, whole and not. */
#include "lib/strict_services.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[] = "/tmp/test-strict-XXXXXX";

static int
set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int
tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

static void
put(const char *text, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static bool
has(const char *service)
{
	bool found = false;

	assert_int_equal(strict_services_has(path, service, &found), 0);
	return found;
}

static int
refusal(void)
{
	bool found = true;
	int error = strict_services_has(path, "sudo", &found);

	assert_true(found); /* written on success only */
	return error;
}

static void
test_finds_whole_names(void **state)
{
	static const char text[] = STRICT_SERVICES_HEAD "sudo\nsudo-i\n";

	(void)state;
	put(text, strlen(text));
	assert_true(has("sudo"));
	assert_true(has("sudo-i"));
	assert_false(has("su"));
	assert_false(has("sudo-"));
	assert_false(has("sshd"));
	assert_false(has(""));
	put(STRICT_SERVICES_HEAD, strlen(STRICT_SERVICES_HEAD));
	assert_false(has("sudo"));
}

static void
test_refuses_what_is_no_such_text(void **state)
{
	static char much[STRICT_SERVICES_SIZE_MAX + 1];
	static const char *const texts[] = {
	    "",
	    "\n",
	    "portvakt strict services 2\nsshd\n",
	    "portvakt strict services 1",
	    STRICT_SERVICES_HEAD "sshd",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(texts[i], strlen(texts[i]));
		assert_int_equal(refusal(), -EBADMSG);
	}
	put(STRICT_SERVICES_HEAD "a\0b\n", strlen(STRICT_SERVICES_HEAD) + 4);
	assert_int_equal(refusal(), -EBADMSG);
	memset(much, '\n', sizeof(much));
	memcpy(much, STRICT_SERVICES_HEAD, strlen(STRICT_SERVICES_HEAD));
	put(much, sizeof(much));
	assert_int_equal(refusal(), -EBADMSG);
}

static void
test_tells_what_cannot_be_read(void **state)
{
	bool found;

	(void)state;
	assert_int_equal(
	    strict_services_has("/nowhere/services", "sudo", &found), -ENOENT);
	assert_int_equal(strict_services_has("/tmp", "sudo", &found), -EBADMSG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_finds_whole_names),
	    cmocka_unit_test(test_refuses_what_is_no_such_text),
	    cmocka_unit_test(test_tells_what_cannot_be_read),
	};

	return cmocka_run_group_tests_name(
	    "strict_services", tests, set_up, tear_down);
}
