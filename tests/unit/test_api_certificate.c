/* The certificate that a web server hands on. */
#include "broker/api/certificate.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN "-----BEGIN%20CERTIFICATE-----%0A"
#define END "-----END%20CERTIFICATE-----%0A"

/* SHA-256 of 0xfb 0xff 0xfe, whose base64 has both odd characters. */
static const uint8_t digest[CERTIFICATE_SHA256_SIZE] = {0xdb, 0xdf, 0x99, 0x75,
    0x42, 0x52, 0x99, 0x70, 0x9a, 0x94, 0x51, 0xb0, 0x4a, 0x26, 0xc8, 0x2d,
    0x41, 0xd0, 0xb6, 0x86, 0xd3, 0xcd, 0x90, 0xb7, 0x53, 0x28, 0xac, 0xf8,
    0xcd, 0x00, 0x43, 0x5d};

static void
test_good(void **state)
{
	static const char *const good[] = {BEGIN
	    "%2B%2F%2F%2B" END, /* as nginx escapes it */
	    "-----BEGIN CERTIFICATE-----\n+//+\n-----END CERTIFICATE-----",
	    "%0A" BEGIN "%2B%2F%0D%0A%2F%2B%0A" END "%20%0A"};
	uint8_t found[CERTIFICATE_SHA256_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		memset(found, 0, sizeof(found));
		assert_int_equal(certificate_read(good[i], found), 0);
		assert_memory_equal(found, digest, sizeof(digest));
	}
}

static void
test_bad(void **state)
{
	static const char *const bad[] = {"", "%", "x", BEGIN END,
	    BEGIN "%2B%2F%2F%2B", "%2B%2F%2F%2B" END, BEGIN "%2B%2F%2F%2" END,
	    BEGIN "%2B%2F%2F" END, BEGIN "-_-_" END, BEGIN "AA=A" END,
	    BEGIN "A===" END, BEGIN "AAA%00" END, BEGIN "AA%7E%7E" END,
	    BEGIN "AAAA" END "x", BEGIN "AAAA" END BEGIN "AAAA" END,
	    "x" BEGIN "AAAA" END,
	    "-----BEGIN%20PRIVATE%20KEY-----AAAA-----END%20PRIVATE%20KEY-----"};
	uint8_t found[CERTIFICATE_SHA256_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (certificate_read(bad[i], found) != -EBADMSG)
			fail_msg("%zu: %s", i, bad[i]);
	}
}

static void
test_large(void **state)
{
	char *header = malloc(CERTIFICATE_HEADER_SIZE_MAX + 2);
	uint8_t found[CERTIFICATE_SHA256_SIZE];
	size_t size;

	(void)state;
	assert_non_null(header);
	size = CERTIFICATE_HEADER_SIZE_MAX - strlen(BEGIN) - strlen(END);
	size -= size % 4;
	(void)snprintf(header, CERTIFICATE_HEADER_SIZE_MAX + 2, "%s%*s%s",
	    BEGIN, (int)size, "", END);
	memset(header + strlen(BEGIN), 'A', size);
	assert_int_equal(certificate_read(header, found), 0);
	memset(header, 'A', CERTIFICATE_HEADER_SIZE_MAX + 1);
	header[CERTIFICATE_HEADER_SIZE_MAX + 1] = '\0';
	assert_int_equal(certificate_read(header, found), -EBADMSG);
	free(header);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_good),
	    cmocka_unit_test(test_bad), cmocka_unit_test(test_large)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
