#include "broker/login/need.h"
#include "tests/unit/unit.h"

static const char *const ladder[] = {"low", "substantial", "high"};
static const struct config_group groups[] = {
    {.name = "ko-drift"}, {.name = "ko-vakt"}};
static const struct config_service services[] = {
    {.name = "sudo", .acr = "high", .acr_rank_min = {3, -1}, .max_age_s = 900},
    {.name = "su", .groups = groups, .groups_count = 2},
    {.name = "login"},
};
static const struct config config = {
    .issuers =
	{
	    {.profile = {.acr_ladder = ladder, .acr_ladder_count = 3},
		.acr_rank_min = 2,
		.max_age_s = 3600},
	    {.max_age_s = 60},
	},
    .issuers_count = 2,
    .services = services,
    .services_count = 3,
};

static struct need
need(const char *service, size_t issuer)
{
	return need_of(&config, service, &config.issuers[issuer]);
}

static void
test_the_stricter_one_is_asked_for(void **state)
{
	struct need sudo = need("sudo", 0), su = need("su", 0);
	struct need other = need("sudo", 1);

	(void)state;
	assert_int_equal(need_acr_rank(&sudo), 3);
	assert_int_equal(need_max_age_s(&sudo), 900);
	assert_int_equal(need_acr_rank(&su), 2);
	assert_int_equal(need_max_age_s(&su), 3600);
	assert_int_equal(need_max_age_s(&other), 60);
}

static void
test_knows_who_needs_nothing(void **state)
{
	const struct need none = {0};
	struct need sudo = need("sudo", 0), su = need("su", 0);
	struct need login = need("login", 0), unheard = need("unheard", 0);

	(void)state;
	assert_true(need_is_nothing(&none));
	assert_true(need_is_nothing(&login));
	assert_true(need_is_nothing(&unheard));
	assert_false(need_is_nothing(&sudo));
	assert_false(need_is_nothing(&su));
}

static void
test_holds_a_login_against_level_and_age(void **state)
{
	static const struct {
		const char *acr;
		int64_t authenticated_at_s;
		enum need_result result;
	} rows[] = {
	    {"high", 1000, NEED_MET},
	    {"high", 100, NEED_MET},
	    {"high", 99, NEED_STEP_UP},
	    {"high", 0, NEED_STEP_UP},
	    {"substantial", 1000, NEED_STEP_UP},
	    {"High", 1000, NEED_STEP_UP},
	    {"", 1000, NEED_STEP_UP},
	    {"", 0, NEED_STEP_UP},
	};
	struct need sudo = need("sudo", 0), su = need("su", 0);
	struct need other = need("sudo", 1);
	struct need stray = need_of(&config, "sudo", NULL);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(need_check_login(&sudo, rows[i].acr,
				     rows[i].authenticated_at_s, 1000),
		    rows[i].result);
		assert_int_equal(need_check_login(&su, rows[i].acr,
				     rows[i].authenticated_at_s, 1000),
		    NEED_MET);
	}
	assert_int_equal(need_check_login(&other, "high", 1000, 1000),
	    NEED_LEVEL_UNREACHABLE);
	assert_int_equal(need_check_login(&stray, "high", 1000, 1000),
	    NEED_LEVEL_UNREACHABLE);
}

static void
test_one_group_is_enough(void **state)
{
	static const struct account_group held[] = {
	    {.name = "ko-kompis"}, {.name = "ko-vakt"}, {.name = "ko-drif"}};
	struct need sudo = need("sudo", 0), su = need("su", 0);

	(void)state;
	assert_int_equal(need_check_groups(&su, held, 3), NEED_MET);
	assert_int_equal(need_check_groups(&su, held, 1), NEED_GROUP_MISSING);
	assert_int_equal(need_check_groups(&su, NULL, 0), NEED_GROUP_MISSING);
	assert_int_equal(need_check_groups(&sudo, NULL, 0), NEED_MET);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_stricter_one_is_asked_for),
	    cmocka_unit_test(test_knows_who_needs_nothing),
	    cmocka_unit_test(test_holds_a_login_against_level_and_age),
	    cmocka_unit_test(test_one_group_is_enough),
	};

	return cmocka_run_group_tests_name("need", tests, NULL, NULL);
}
