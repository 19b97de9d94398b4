#include "tests/unit/unit.h"
#include "verify/issuer_kind.h"

static const char *const names[] = {
    "idporten", "ansattporten", "maskinporten", "generic"};

static void
test_names(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_string_equal(issuer_kind_find(names[i])->name, names[i]);
	assert_null(issuer_kind_find(""));
	assert_null(issuer_kind_find("Idporten"));
	assert_null(issuer_kind_find("idporten "));
	assert_null(issuer_kind_find("id"));
}

static void
test_digdir_signs_rs256(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(
		    issuer_kind_find(names[i])->algorithms, EVIDENCE_RS256);
}

/* A level that a kind names must be a rung of its ladder, in this order. */
static void
test_ladders(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct issuer_kind *kind = issuer_kind_find(names[i]);
		const char *levels[] = {
		    kind->level_low, kind->level_substantial, kind->level_high};
		struct issuer_profile profile = {0};
		int rank, last = 0;
		size_t j;

		issuer_kind_complete(kind, &profile);
		for (j = 0; j < 3; j++) {
			if (!levels[j])
				continue;
			rank = issuer_acr_rank(&profile, slice_of(levels[j]));
			assert_true(rank > last);
			last = rank;
		}
	}
}

/* Neither a mail address nor a foreign card is somebody of the staff. */
static void
test_what_is_on_no_ladder(void **state)
{
	static const char *const acrs[] = {"selfregistered-email",
	    "eidas-loa-high", "eidas-loa-low", "entraid", "Level4", ""};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct issuer_profile profile = {0};

		issuer_kind_complete(issuer_kind_find(names[i]), &profile);
		for (j = 0; j < sizeof(acrs) / sizeof(*acrs); j++)
			assert_int_equal(
			    issuer_acr_rank(&profile, slice_of(acrs[j])), 0);
	}
}

static void
test_what_is_set_stands(void **state)
{
	static const char *const ladder[] = {"entraid", "substantial", "high"};
	struct issuer_profile profile = {.algorithms = EVIDENCE_ES256,
	    .acr_ladder = ladder,
	    .acr_ladder_count = 3,
	    .clock_skew_s = 7,
	    .units_claim = "enhet"};

	(void)state;
	issuer_kind_complete(issuer_kind_find("ansattporten"), &profile);
	assert_int_equal(profile.algorithms, EVIDENCE_ES256);
	assert_ptr_equal(profile.acr_ladder, ladder);
	assert_int_equal(profile.acr_ladder_count, 3);
	assert_int_equal(profile.clock_skew_s, 7);
	assert_string_equal(profile.units_claim, "enhet");
}

static void
test_slashes(void **state)
{
	const struct issuer_kind *idporten = issuer_kind_find("idporten");
	const struct issuer_kind *maskinporten =
	    issuer_kind_find("maskinporten");
	const struct issuer_kind *generic = issuer_kind_find("generic");

	(void)state;
	assert_null(issuer_kind_refuses(idporten, "https://idporten.no"));
	assert_non_null(issuer_kind_refuses(idporten, "https://idporten.no/"));
	assert_null(
	    issuer_kind_refuses(maskinporten, "https://maskinporten.no/"));
	assert_non_null(
	    issuer_kind_refuses(maskinporten, "https://maskinporten.no"));
	assert_non_null(issuer_kind_refuses(maskinporten, ""));
	assert_null(issuer_kind_refuses(generic, "https://a.example"));
	assert_null(issuer_kind_refuses(generic, "https://a.example/"));
}

/* R3, R12: a machine's issuer logs nobody in, whatever is in its tokens. */
static void
test_who_logs_people_in(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct issuer_kind *kind = issuer_kind_find(names[i]);

		assert_int_equal(kind->logs_people_in,
		    kind->service.subjects != SERVICE_MACHINES);
	}
	assert_false(issuer_kind_find("maskinporten")->logs_people_in);
	assert_false(issuer_kind_find("generic")->service.audience_optional);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_digdir_signs_rs256),
	    cmocka_unit_test(test_ladders),
	    cmocka_unit_test(test_what_is_on_no_ladder),
	    cmocka_unit_test(test_what_is_set_stands),
	    cmocka_unit_test(test_slashes),
	    cmocka_unit_test(test_who_logs_people_in),
	};

	return cmocka_run_group_tests_name("issuer kind", tests, NULL, NULL);
}
