/* The trust image: what goes in comes out, and no other image is believed. */
#include "lib/trust_image.h"
#include "tests/unit/trust_fixture.h"
#include "tests/unit/unit.h"
#include "tests/vectors/mint.h"
#include "verify/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IMAGE_ROOM = 16384, GENERATION = 42, AT_S = 1500 };

struct fixture {
	char folder[64];
	char path[128];
	char *keys;
	_Alignas(8) uint8_t image[IMAGE_ROOM];
	size_t size;
};

static void
publish(const struct fixture *fixture, const char *keys, uint64_t generation)
{
	struct trust_writer *writer;

	assert_int_equal(trust_writer_new(&writer), 0);
	assert_int_equal(trust_fixture_fill(writer, keys), 0);
	assert_int_equal(
	    trust_writer_publish(writer, generation, fixture->path), 0);
	(void)trust_writer_free(writer);
}

static void
load(struct fixture *fixture)
{
	FILE *file = fopen(fixture->path, "re");

	assert_non_null(file);
	fixture->size = fread(fixture->image, 1, IMAGE_ROOM, file);
	assert_in_range(fixture->size, 1, IMAGE_ROOM - 1);
	(void)fclose(file);
}

static int
setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char *rsa = mint_file("rsa.jwk"), *ec = mint_file("ec.jwk");

	assert_non_null(fixture);
	assert_true(
	    asprintf(&fixture->keys, "{\"keys\":[%s,%s]}", rsa, ec) > 0);
	free(rsa);
	free(ec);
	(void)strcpy(fixture->folder, "/tmp/test-trust-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	(void)snprintf(
	    fixture->path, sizeof(fixture->path), "%s/image", fixture->folder);
	publish(fixture, fixture->keys, GENERATION);
	load(fixture);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	(void)unlink(fixture->path);
	assert_int_equal(rmdir(fixture->folder), 0);
	free(fixture->keys);
	free(fixture);
	return 0;
}

static struct trust *
open_it(const struct fixture *fixture)
{
	struct trust *trust = NULL;

	assert_int_equal(trust_open(fixture->path, &trust), 0);
	return trust;
}

static void
check_staff(const struct trust_issuer *issuer)
{
	const struct issuer_profile *profile = &issuer->profile;

	assert_string_equal(profile->issuer, TRUST_FIXTURE_STAFF);
	assert_int_equal(profile->algorithms, EVIDENCE_RS256 | EVIDENCE_ES256);
	assert_int_equal(profile->acr_ladder_count, 2);
	assert_string_equal(profile->acr_ladder[1], "high");
	assert_int_equal(profile->roles_claims_count, 2);
	assert_string_equal(profile->roles_claims[1], "realm_access.roles");
	assert_string_equal(profile->units_claim, "units");
	assert_true(profile->test);
	assert_int_equal(profile->clock_skew_s, 10);
	assert_string_equal(issuer->name, "staff");
	assert_string_equal(issuer->kind, "generic");
	assert_null(issuer->level_low);
	assert_string_equal(issuer->level_high, "high");
	assert_string_equal(issuer->client_id, "portvakt");
	assert_true(issuer->links_persons);
	assert_false(issuer->introspects);
	assert_int_equal(issuer->tokens_from_s, 500);
}

static void
test_issuers_come_back(void **state)
{
	struct trust *trust = open_it(*state);
	const struct trust_issuer *partner;

	assert_int_equal(trust_generation(trust), GENERATION);
	assert_int_equal(trust_links_epoch(trust), 9);
	assert_int_equal(trust_issuers_count(trust), 2);
	check_staff(trust_issuer_by_url(trust, slice_of(TRUST_FIXTURE_STAFF)));
	assert_null(
	    trust_issuer_by_url(trust, slice_of(TRUST_FIXTURE_STAFF "/")));
	assert_null(trust_issuer_by_name(trust, "Staff"));
	partner = trust_issuer_by_name(trust, "partner");
	assert_ptr_equal(partner, trust_issuer_at(trust, 1));
	assert_string_equal(partner->kind, "maskinporten");
	assert_int_equal(partner->profile.acr_ladder_count, 0);
	assert_null(partner->profile.units_claim);
	assert_false(partner->profile.test);
	assert_false(partner->links_persons);
	assert_true(partner->introspects);
	assert_true(partner->tokens_from_s == TRUST_SINCE_EVER);
	(void)trust_close(trust);
}

static void
test_keys_are_believed_for_their_time(void **state)
{
	struct trust *trust = open_it(*state);
	const struct trust_issuer *staff = trust_issuer_at(trust, 0);
	struct key_set *keys = trust_keys(trust, staff, AT_S);

	assert_non_null(keys);
	assert_int_equal(key_set_count(keys), 2);
	assert_non_null(key_set_find(keys, slice_of("rsa")));
	assert_ptr_equal(trust_keys(trust, staff, 1999), keys);
	assert_null(trust_keys(trust, staff, 2000));
	assert_null(trust_keys(trust, staff, INT64_MAX));
	assert_int_equal(trust_keys_age_s(trust, staff, AT_S), 500);
	assert_null(trust_keys(trust, trust_issuer_at(trust, 1), AT_S));
	assert_int_equal(
	    trust_keys_age_s(trust, trust_issuer_at(trust, 1), AT_S), -1);
	(void)trust_close(trust);
}

static void
check_kari(const struct trust_account *account)
{
	const struct decision_authorisation *given = account->authorisations;

	assert_string_equal(account->name, "kari");
	assert_false(account->locked);
	assert_int_equal(account->tokens_from_s, 77);
	assert_int_equal(account->uid, 2000000001);
	assert_string_equal(account->issuer->name, "staff");
	assert_int_equal(account->authorisations_count, 2);
	assert_int_equal(given[0].id, 3);
	assert_int_equal(given[0].gid, 1900000100);
	assert_string_equal(given[0].unit, "0321");
	assert_true(given[0].until_s == POLICY_NO_END);
	assert_int_equal(given[1].kind, POLICY_KIND_CLERICAL);
	assert_int_equal(given[1].from_s, 20);
	assert_int_equal(given[1].until_s, 30);
	assert_string_equal(given[1].unit, "0001");
}

static int
by_subject(const struct trust *trust, size_t issuer, const char *subject,
    struct trust_account *ret_account)
{
	return trust_account_by_subject(trust, trust_issuer_at(trust, issuer),
	    slice_of(subject), ret_account);
}

static void
test_accounts_are_found(void **state)
{
	struct trust *trust = open_it(*state);
	struct trust_account account;

	assert_int_equal(by_subject(trust, 0, "sub-kari", &account), 0);
	check_kari(&account);
	assert_int_equal(trust_account_by_name(trust, "kari", &account), 0);
	check_kari(&account);
	assert_int_equal(by_subject(trust, 1, "sub-kari", &account), 0);
	assert_string_equal(account.name, "ola");
	assert_true(account.locked);
	assert_int_equal(account.authorisations_count, 0);
	assert_int_equal(trust_account_by_name(trust, "per", &account), 0);
	assert_int_equal(trust_account_by_name(trust, "anne", &account), 0);
	(void)trust_close(trust);
}

static void
test_nobody_else_is(void **state)
{
	struct trust *trust = open_it(*state);
	struct trust_account account;
	char many[IDENTITY_SUBJECT_SIZE + 1];

	memset(many, 'x', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	assert_int_equal(by_subject(trust, 0, "sub-kar", &account), -ENOENT);
	assert_int_equal(by_subject(trust, 0, "sub-kari2", &account), -ENOENT);
	assert_int_equal(by_subject(trust, 0, "", &account), -ENOENT);
	assert_int_equal(by_subject(trust, 1, "elsewhere", &account), -ENOENT);
	assert_int_equal(by_subject(trust, 0, many, &account), -ENOENT);
	assert_int_equal(trust_account_by_name(trust, "", &account), -ENOENT);
	assert_int_equal(
	    trust_account_by_name(trust, "Kari", &account), -ENOENT);
	assert_int_equal(trust_account_by_name(trust, many, &account), -ENOENT);
	(void)trust_close(trust);
}

static void
test_revoked_sessions_are_known(void **state)
{
	struct trust *trust = open_it(*state);
	const struct trust_issuer *staff = trust_issuer_at(trust, 0);
	const struct trust_issuer *partner = trust_issuer_at(trust, 1);

	assert_true(trust_session_is_revoked(trust, staff, slice_of("sid-1")));
	assert_false(
	    trust_session_is_revoked(trust, partner, slice_of("sid-1")));
	assert_true(trust_session_is_revoked(trust, staff, slice_of("sid-2")));
	assert_true(
	    trust_session_is_revoked(trust, partner, slice_of("sid-2")));
	assert_false(trust_session_is_revoked(trust, staff, slice_of("sid-3")));
	assert_false(trust_session_is_revoked(trust, staff, slice_of("")));
	(void)trust_close(trust);
}

static void
test_policy_comes_back(void **state)
{
	struct trust *trust = open_it(*state);
	const struct policy *policy = trust_policy(trust);
	const struct policy_unit *unit = policy_unit_by_number(policy, "0321");

	assert_int_equal(policy_issuer_index(policy, TRUST_FIXTURE_PARTNER), 1);
	assert_int_equal(
	    policy_acr_rank(policy, TRUST_FIXTURE_STAFF, "high"), 2);
	assert_string_equal(unit->parent->number, "0001");
	assert_string_equal(unit->organisation, "974760673");
	assert_int_equal(unit->established[0].since_s, 40);
	assert_string_equal(
	    policy_group_by_name(policy, "ko-x")->grants->place.file, "x.conf");
	(void)trust_close(trust);
}

static void
test_mode_is_for_the_group_alone(void **state)
{
	const struct fixture *fixture = *state;
	struct trust *trust;
	struct stat st;

	assert_int_equal(stat(fixture->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(chmod(fixture->path, 0644), 0);
	assert_int_equal(trust_open(fixture->path, &trust), -EBADMSG);
	assert_int_equal(chmod(fixture->path, 0660), 0);
	assert_int_equal(trust_open(fixture->path, &trust), -EBADMSG);
}

static void
test_a_newer_one_is_noticed(void **state)
{
	const struct fixture *fixture = *state;
	struct trust *trust = open_it(fixture);
	struct trust_account account;

	assert_false(trust_is_superseded(trust));
	assert_int_equal(trust_check_current(trust, fixture->path), 0);
	publish(fixture, NULL, GENERATION + 1);
	assert_true(trust_is_superseded(trust));
	assert_int_equal(trust_check_current(trust, fixture->path), -ESTALE);
	assert_int_equal(by_subject(trust, 0, "sub-kari", &account), 0);
	assert_non_null(trust_keys(trust, trust_issuer_at(trust, 0), AT_S));
	(void)trust_close(trust);
	trust = open_it(fixture);
	assert_int_equal(trust_generation(trust), GENERATION + 1);
	assert_null(trust_keys(trust, trust_issuer_at(trust, 0), AT_S));
	(void)trust_close(trust);
}

static void
test_a_withdrawn_one_is_noticed(void **state)
{
	const struct fixture *fixture = *state;
	struct trust *trust = open_it(fixture), *none;

	assert_int_equal(trust_withdraw(fixture->path), 0);
	assert_true(trust_is_superseded(trust));
	assert_int_equal(trust_check_current(trust, fixture->path), -ENOENT);
	assert_int_equal(trust_open(fixture->path, &none), -ENOENT);
	assert_int_equal(trust_withdraw(fixture->path), 0);
	(void)trust_close(trust);
}

static uint64_t
digest_with(const char *keys)
{
	struct trust_writer *writer;
	uint64_t digest;

	assert_int_equal(trust_writer_new(&writer), 0);
	assert_int_equal(trust_fixture_fill(writer, keys), 0);
	digest = trust_writer_digest(writer);
	(void)trust_writer_free(writer);
	return digest;
}

static void
test_the_digest_is_of_what_it_says(void **state)
{
	const struct fixture *fixture = *state;

	assert_true(digest_with(fixture->keys) == digest_with(fixture->keys));
	assert_true(digest_with(fixture->keys) != digest_with(NULL));
}

static void
test_keys_that_are_none_are_refused(void **state)
{
	const struct fixture *fixture = *state;
	struct trust *trust;

	publish(fixture, "{\"keys\":[]}", 1);
	assert_int_equal(trust_open(fixture->path, &trust), -EBADMSG);
}

static void
test_every_single_bit_is_missed(void **state)
{
	struct fixture *fixture = *state;
	const size_t successor = offsetof(struct image_header, successor);
	struct trust *trust;
	size_t i;

	for (i = 0; i < fixture->size * 8; i++) {
		if (i / 8 >= successor && i / 8 < successor + sizeof(uint32_t))
			continue;
		fixture->image[i / 8] ^= (uint8_t)(1U << i % 8);
		assert_int_equal(
		    trust_open_bytes(fixture->image, fixture->size, &trust),
		    -EBADMSG);
		fixture->image[i / 8] ^= (uint8_t)(1U << i % 8);
	}
}

static void
test_every_other_length_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct trust *trust;
	size_t size;

	for (size = 0; size < fixture->size; size++)
		assert_int_equal(
		    trust_open_bytes(fixture->image, size, &trust), -EBADMSG);
}

static void
forge(struct fixture *fixture)
{
	struct image_checksum checksum;
	struct image_header header;

	memcpy(&header, fixture->image, sizeof(header));
	header.checksum = 0;
	memcpy(fixture->image, &header, sizeof(header));
	image_checksum_init(&checksum);
	image_checksum_add(&checksum, fixture->image, fixture->size);
	header.checksum = image_checksum_end(&checksum);
	memcpy(fixture->image, &header, sizeof(header));
}

static void
ask_everything(struct trust *trust)
{
	struct trust_account account;
	size_t i;

	for (i = 0; i < trust_issuers_count(trust); i++) {
		(void)by_subject(trust, i, "sub-kari", &account);
		(void)trust_keys(trust, trust_issuer_at(trust, i), AT_S);
		(void)trust_session_is_revoked(
		    trust, trust_issuer_at(trust, i), slice_of("sid-1"));
	}
	if (trust_account_by_name(trust, "kari", &account) == 0)
		assert_string_equal(account.name, "kari");
	(void)trust_account_by_name(trust, "anne", &account);
}

/* With the checksum put right: refused, or safe to ask; see also the fuzzer. */
static void
test_a_forged_byte_is_survived(void **state)
{
	struct fixture *fixture = *state;
	size_t i, opened = 0, refused = 0;

	for (i = sizeof(struct image_header); i < fixture->size; i++) {
		uint8_t was = fixture->image[i];
		struct trust *trust;

		fixture->image[i] = (uint8_t)(was ^ (i % 2 ? 0xff : 0x01));
		forge(fixture);
		if (trust_open_bytes(fixture->image, fixture->size, &trust)) {
			refused++;
		} else {
			ask_everything(trust);
			(void)trust_close(trust);
			opened++;
		}
		fixture->image[i] = was;
	}
	assert_true(opened > 0 && refused > 0);
}

/* The broker owns the file, and could write to what was validated. */
static void
test_lookups_are_safe_on_what_changes_later(void **state)
{
	struct fixture *fixture = *state;
	struct trust *trust;
	size_t i;

	assert_int_equal(
	    trust_open_bytes(fixture->image, fixture->size, &trust), 0);
	for (i = sizeof(struct image_header); i < fixture->size; i++) {
		uint8_t was = fixture->image[i];

		fixture->image[i] ^= 0xff;
		ask_everything(trust);
		fixture->image[i] = was;
	}
	memset(fixture->image, 0xff, fixture->size);
	ask_everything(trust);
	(void)trust_close(trust);
}

int
main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_issuers_come_back),
	    TEST(test_keys_are_believed_for_their_time),
	    TEST(test_accounts_are_found),
	    TEST(test_nobody_else_is),
	    TEST(test_revoked_sessions_are_known),
	    TEST(test_policy_comes_back),
	    TEST(test_mode_is_for_the_group_alone),
	    TEST(test_a_newer_one_is_noticed),
	    TEST(test_a_withdrawn_one_is_noticed),
	    TEST(test_the_digest_is_of_what_it_says),
	    TEST(test_keys_that_are_none_are_refused),
	    TEST(test_every_single_bit_is_missed),
	    TEST(test_every_other_length_is_refused),
	    TEST(test_a_forged_byte_is_survived),
	    TEST(test_lookups_are_safe_on_what_changes_later),
	};

	return cmocka_run_group_tests_name("trust", tests, NULL, NULL);
}
