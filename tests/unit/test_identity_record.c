/* The record of an identity: whole through put and get, or refused. */
#include "lib/buf.h"
#include "tests/unit/unit.h"
#include "verify/identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static uint8_t record[IDENTITY_RECORD_SIZE_MAX];
static struct identity found, untouched;

static void
describe_person(struct identity *person)
{
	memset(person, 0, sizeof(*person));
	strcpy(person->issuer, "https://test.ansattporten.no");
	strcpy(person->subject, "z9RuQiLefXmJOBnywa_c75YQMH05nDsHjw0RFzuJC8M");
	strcpy(person->acr, "high");
	strcpy(person->person_number, "45840375084");
	person->acr_rank = 2;
	person->issued_at_s = 1671033211;
	person->expires_at_s = 1671033331;
	person->authenticated_at_s = 1671033189;
	person->roles[0] = slice_of("infoflyt-saksbehandler");
	person->roles[1] = slice_of("f\xc3\xb8rstelinje");
	person->roles_count = 2;
	person->scopes[0] = slice_of("openid");
	person->scopes_count = 1;
	person->units[0] = slice_of("0321");
	person->units_count = 1;
	person->consumer = slice_of("0192:991825827");
	person->mandates[0] =
	    (struct identity_mandate){slice_of("0192:911830868"),
		slice_of("urn:altinn:resource:a"), 0, 2};
	person->mandates[1] = (struct identity_mandate){
	    slice_of("0192:987464291"), slice_of(""), 2, 1};
	person->mandates_count = 2;
	person->rights[0] = slice_of("read");
	person->rights[1] = slice_of("write");
	person->rights[2] = slice_of("Read");
	person->rights_count = 3;
}

static size_t
put(const struct identity *person)
{
	size_t size = 0;

	assert_int_equal(
	    identity_put(person, record, sizeof(record), &size), 0);
	return size;
}

static void
assert_same_texts(const struct slice *a, size_t a_count, const struct slice *b,
    size_t b_count)
{
	size_t i;

	assert_int_equal(a_count, b_count);
	for (i = 0; i < a_count; i++) {
		assert_int_equal(a[i].size, b[i].size);
		assert_memory_equal(a[i].at, b[i].at, a[i].size);
	}
}

static void
assert_same_mandates(const struct identity *a, const struct identity *b)
{
	size_t i;

	assert_int_equal(a->mandates_count, b->mandates_count);
	for (i = 0; i < a->mandates_count; i++) {
		const struct identity_mandate *x = &a->mandates[i];
		const struct identity_mandate *y = &b->mandates[i];

		assert_same_texts(&x->organisation, 1, &y->organisation, 1);
		assert_same_texts(&x->resource, 1, &y->resource, 1);
		assert_int_equal(x->rights_first, y->rights_first);
		assert_int_equal(x->rights_count, y->rights_count);
	}
}

static void
assert_same(const struct identity *a, const struct identity *b)
{
	assert_string_equal(a->issuer, b->issuer);
	assert_string_equal(a->subject, b->subject);
	assert_string_equal(a->acr, b->acr);
	assert_int_equal(a->issued_at_s, b->issued_at_s);
	assert_int_equal(a->expires_at_s, b->expires_at_s);
	assert_int_equal(a->authenticated_at_s, b->authenticated_at_s);
	assert_same_texts(a->roles, a->roles_count, b->roles, b->roles_count);
	assert_same_texts(
	    a->scopes, a->scopes_count, b->scopes, b->scopes_count);
	assert_same_texts(a->units, a->units_count, b->units, b->units_count);
	assert_same_texts(
	    a->rights, a->rights_count, b->rights, b->rights_count);
	assert_same_texts(&a->consumer, 1, &b->consumer, 1);
	assert_same_mandates(a, b);
}

static void
assert_refused(const void *bytes, size_t size)
{
	memset(&found, 0x5a, sizeof(found));
	assert_int_equal(identity_get(bytes, size, &found), -EBADMSG);
	assert_memory_equal(&found, &untouched, sizeof(found));
}

/* But for the number and the rank, which the record does not have. */
static void
test_what_is_put_is_got(void **state)
{
	struct identity person;
	size_t size;

	(void)state;
	describe_person(&person);
	size = put(&person);
	assert_null(memmem(record, size, "45840375084", 11));
	memset(&found, 0x5a, sizeof(found));
	assert_int_equal(identity_get(record, size, &found), 0);
	memset(record, 0, sizeof(record));
	assert_same(&person, &found);
	assert_string_equal(found.person_number, "");
	assert_int_equal(found.acr_rank, 0);
	assert_true(found.roles[0].at >= found.storage &&
		    found.roles[0].at < found.storage + found.storage_size);
}

static void
test_nothing_but_names_is_enough(void **state)
{
	struct identity person;
	size_t size;

	(void)state;
	memset(&person, 0, sizeof(person));
	strcpy(person.issuer, "https://idporten.no");
	strcpy(person.subject, "s");
	size = put(&person);
	assert_int_equal(identity_get(record, size, &found), 0);
	assert_same(&person, &found);
}

static void
test_what_does_not_fit_is_not_put(void **state)
{
	struct identity person;
	size_t size, room, untold = 7;

	(void)state;
	describe_person(&person);
	size = put(&person);
	for (room = 0; room < size; room++)
		assert_int_equal(
		    identity_put(&person, record, room, &untold), -EMSGSIZE);
	assert_int_equal(untold, 7);
	assert_int_equal(identity_put(&person, record, size, &untold), 0);
	assert_int_equal(untold, size);
}

static void
fill(struct slice *texts, size_t count, size_t size, size_t *left)
{
	static char text[IDENTITY_TOKEN_SIZE_MAX];
	size_t i;

	memset(text, 'r', sizeof(text));
	for (i = 0; i < count; i++) {
		texts[i].at = text;
		texts[i].size = size < *left ? size : *left;
		*left -= texts[i].size;
	}
}

/* As much of everything as an identity holds. */
static void
describe_the_largest(struct identity *person)
{
	size_t left = IDENTITY_TOKEN_SIZE_MAX, i;

	memset(person, 0, sizeof(*person));
	memset(person->issuer, 'i', sizeof(person->issuer) - 1);
	memset(person->subject, 's', sizeof(person->subject) - 1);
	memset(person->acr, 'a', sizeof(person->acr) - 1);
	fill(person->scopes, IDENTITY_SCOPES_MAX, 1, &left);
	fill(person->units, IDENTITY_UNITS_MAX, 16, &left);
	fill(person->rights, IDENTITY_RIGHTS_MAX, 1, &left);
	for (i = 0; i < IDENTITY_MANDATES_MAX; i++) {
		fill(&person->mandates[i].organisation, 1, 14, &left);
		fill(&person->mandates[i].resource, 1, 1, &left);
		person->mandates[i].rights_first = i * 4;
		person->mandates[i].rights_count = 4;
	}
	fill(person->roles, IDENTITY_ROLES_MAX, 60, &left);
	fill(&person->consumer, 1, 255, &left);
	person->scopes_count = IDENTITY_SCOPES_MAX;
	person->units_count = IDENTITY_UNITS_MAX;
	person->rights_count = IDENTITY_RIGHTS_MAX;
	person->mandates_count = IDENTITY_MANDATES_MAX;
	person->roles_count = IDENTITY_ROLES_MAX;
	assert_int_equal(left, 0);
}

static void
test_the_largest_identity_has_a_record(void **state)
{
	struct identity person;
	size_t size;

	(void)state;
	describe_the_largest(&person);
	size = put(&person);
	assert_int_equal(identity_get(record, size, &found), 0);
	assert_same(&person, &found);
	assert_int_equal(found.storage_size, IDENTITY_TOKEN_SIZE_MAX);
	person.consumer.size++;
	size = put(&person);
	assert_refused(record, size);
}

static void
test_a_copy_stands_alone(void **state)
{
	static struct identity person, copy;

	(void)state;
	describe_person(&person);
	assert_int_equal(identity_copy(&person, &copy), 0);
	assert_same(&person, &copy);
	assert_string_equal(copy.person_number, "45840375084");
	assert_int_equal(copy.acr_rank, 2);
	assert_int_equal(identity_copy(&copy, &found), 0);
	identity_wipe(&copy);
	assert_same(&person, &found);
	describe_the_largest(&person);
	person.consumer.size++;
	memset(&found, 0x5a, sizeof(found));
	assert_int_equal(identity_copy(&person, &found), -EMSGSIZE);
	assert_memory_equal(&found, &untouched, sizeof(found));
}

static void
test_a_record_is_whole(void **state)
{
	struct identity person;
	size_t size, cut;

	(void)state;
	describe_person(&person);
	size = put(&person);
	for (cut = 0; cut < size; cut++)
		assert_refused(record, cut);
	record[size] = 0;
	assert_refused(record, size + 1);
}

/* A changed byte is refused, or says something else: never the same twice. */
static void
test_each_byte_has_its_meaning(void **state)
{
	static uint8_t changed[IDENTITY_RECORD_SIZE_MAX];
	struct identity person;
	size_t size, again, i;
	int bit;

	(void)state;
	describe_person(&person);
	size = put(&person);
	memcpy(changed, record, size);
	for (i = 0; i < size; i++) {
		for (bit = 0; bit < 8; bit++) {
			changed[i] ^= (uint8_t)(1 << bit);
			if (identity_get(changed, size, &found) == 0) {
				again = put(&found);
				assert_int_equal(again, size);
				assert_memory_equal(changed, record, size);
			}
			changed[i] ^= (uint8_t)(1 << bit);
		}
	}
}

/* One text of the record replaced by another one of any size. */
struct odd {
	const char *issuer;
	const char *subject;
	const char *acr;
	const char *role;
	uint64_t time_s;
	unsigned int version;
};

static size_t
put_odd(const struct odd *odd)
{
	struct buf_writer w;

	buf_writer_init(&w, record, sizeof(record));
	assert_int_equal(buf_put_u8(&w, (uint8_t)odd->version), 0);
	assert_int_equal(buf_put_string(&w, odd->issuer), 0);
	assert_int_equal(buf_put_string(&w, odd->subject), 0);
	assert_int_equal(buf_put_string(&w, odd->acr), 0);
	assert_int_equal(buf_put_u64(&w, odd->time_s), 0);
	assert_int_equal(buf_put_u64(&w, 1), 0);
	assert_int_equal(buf_put_u64(&w, 1), 0);
	assert_int_equal(buf_put_u16(&w, 1), 0);
	assert_int_equal(buf_put_string(&w, odd->role), 0);
	assert_int_equal(buf_put_u16(&w, 0), 0);
	assert_int_equal(buf_put_u16(&w, 0), 0);
	assert_int_equal(buf_put_string(&w, ""), 0);
	assert_int_equal(buf_put_u16(&w, 0), 0);
	return buf_writer_size(&w);
}

static void
test_a_record_says_nothing_odd(void **state)
{
	static char long_text[257];
	const struct odd good = {"i", "s", "a", "r", INT64_MAX, 1};
	const struct odd odds[] = {
	    {"", "s", "a", "r", 1, 1},
	    {"i", "", "a", "r", 1, 1},
	    {"i", "s", "a", "", 1, 1},
	    {"i\n", "s", "a", "r", 1, 1},
	    {"i", "k\xc3\xa5re", "a", "r", 1, 1},
	    {"i", "s", "\x7f", "r", 1, 1},
	    {"i", "s", "a", "r\x1b", 1, 1},
	    {long_text, "s", "a", "r", 1, 1},
	    {"i", long_text, "a", "r", 1, 1},
	    {"i", "s", long_text, "r", 1, 1},
	    {"i", "s", "a", long_text, 1, 1},
	    {"i", "s", "a", "r", (uint64_t)INT64_MAX + 1, 1},
	    {"i", "s", "a", "r", 1, 0},
	    {"i", "s", "a", "r", 1, 2},
	};
	size_t i;

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	assert_int_equal(identity_get(record, put_odd(&good), &found), 0);
	for (i = 0; i < sizeof(odds) / sizeof(*odds); i++)
		assert_refused(record, put_odd(&odds[i]));
}

/* Counts above what an identity holds, each with texts enough behind it. */
static void
assert_count_refused(size_t skipped, size_t count)
{
	struct buf_writer w;
	size_t i;

	buf_writer_init(&w, record, sizeof(record));
	(void)buf_put_u8(&w, 1);
	(void)buf_put_string(&w, "i");
	(void)buf_put_string(&w, "s");
	(void)buf_put_string(&w, "");
	for (i = 0; i < 3; i++)
		(void)buf_put_u64(&w, 1);
	for (i = 0; i < skipped; i++)
		(void)buf_put_u16(&w, 0);
	if (skipped == 3)
		(void)buf_put_string(&w, "");
	(void)buf_put_u16(&w, (uint16_t)count);
	for (i = 0; i < count; i++) {
		(void)buf_put_string(&w, "t");
		if (skipped < 3)
			continue;
		(void)buf_put_string(&w, "");
		(void)buf_put_u16(&w, 0);
	}
	for (i = skipped + 1; i < 3; i++)
		(void)buf_put_u16(&w, 0);
	if (skipped < 3) {
		(void)buf_put_string(&w, "");
		assert_int_equal(buf_put_u16(&w, 0), 0);
	}
	assert_refused(record, buf_writer_size(&w));
}

static void
test_counts_have_limits(void **state)
{
	(void)state;
	assert_count_refused(0, IDENTITY_ROLES_MAX + 1);
	assert_count_refused(1, IDENTITY_SCOPES_MAX + 1);
	assert_count_refused(2, IDENTITY_UNITS_MAX + 1);
	assert_count_refused(3, IDENTITY_MANDATES_MAX + 1);
}

static void
test_rights_have_a_limit_together(void **state)
{
	struct identity person;
	size_t i, size;

	(void)state;
	describe_person(&person);
	for (i = 0; i < IDENTITY_RIGHTS_MAX; i++)
		person.rights[i] = slice_of("r");
	person.rights_count = IDENTITY_RIGHTS_MAX;
	person.mandates[0].rights_count = IDENTITY_RIGHTS_MAX - 1;
	person.mandates[1].rights_first = IDENTITY_RIGHTS_MAX - 1;
	person.mandates[1].rights_count = 1;
	size = put(&person);
	assert_int_equal(identity_get(record, size, &found), 0);
	person.mandates[1].rights_first--;
	person.mandates[1].rights_count++;
	size = put(&person);
	assert_refused(record, size);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_put_is_got),
	    cmocka_unit_test(test_nothing_but_names_is_enough),
	    cmocka_unit_test(test_what_does_not_fit_is_not_put),
	    cmocka_unit_test(test_the_largest_identity_has_a_record),
	    cmocka_unit_test(test_a_copy_stands_alone),
	    cmocka_unit_test(test_a_record_is_whole),
	    cmocka_unit_test(test_each_byte_has_its_meaning),
	    cmocka_unit_test(test_a_record_says_nothing_odd),
	    cmocka_unit_test(test_counts_have_limits),
	    cmocka_unit_test(test_rights_have_a_limit_together),
	};

	memset(&untouched, 0x5a, sizeof(untouched));
	return cmocka_run_group_tests_name(
	    "identity record", tests, NULL, NULL);
}
