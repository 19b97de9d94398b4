/* Links that are kept: for whom, how long, and how many. */
#include "tests/unit/unit.h"
#include "verify/link_cache.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { NOW_S = 1000, EXPIRES_S = 4600, EPOCH = 3 };

static struct link_cache *cache;
static struct link_holder holder;

static struct link_query
query_of(const char *subject)
{
	return (struct link_query){
	    .issuer = "staff",
	    .subject = slice_of(subject),
	    .person_number = slice_of("21879498012"),
	    .token = slice_of("a.b.c"),
	    .audience = "https://saker.example",
	    .links_epoch = EPOCH,
	    .expires_at_s = EXPIRES_S,
	    .now_s = NOW_S,
	};
}

static int
find_at(const char *subject, int64_t now_s)
{
	struct link_query query = query_of(subject);

	query.now_s = now_s;
	return link_cache_find(cache, &query, &holder);
}

static void
keep(const struct link_query *query, const char *name)
{
	struct link_holder kept = {
	    .uid = 2000000001, .links_epoch = query->links_epoch};

	(void)snprintf(kept.account, sizeof(kept.account), "%s", name);
	link_cache_keep(cache, query, &kept);
}

static int
set_up(void **state)
{
	(void)state;
	(void)strcpy(holder.account, "untouched");
	return link_cache_new(&cache);
}

static int
tear_down(void **state)
{
	(void)state;
	cache = link_cache_free(cache);
	assert_null(link_cache_free(NULL));
	return 0;
}

static void
keeps_a_name_until_the_token_ends(void **state)
{
	const struct link_query kari = query_of("kari");

	(void)state;
	assert_int_equal(find_at("kari", NOW_S), -EAGAIN);
	assert_string_equal(holder.account, "untouched");
	keep(&kari, "kari");
	assert_int_equal(link_cache_count(cache), 1);
	assert_int_equal(find_at("kari", EXPIRES_S - 1), 0);
	assert_string_equal(holder.account, "kari");
	assert_int_equal(holder.uid, 2000000001);
	assert_int_equal(holder.links_epoch, EPOCH);
	assert_int_equal(find_at("kari", EXPIRES_S), -EAGAIN);
	assert_int_equal(link_cache_count(cache), 0);
}

static void
keeps_nobody_for_a_moment(void **state)
{
	struct link_query ola = query_of("ola");

	(void)state;
	link_cache_keep(cache, &ola, NULL);
	assert_int_equal(find_at("ola", NOW_S + LINK_NOBODY_S - 1), -ENOENT);
	assert_string_equal(holder.account, "untouched");
	assert_int_equal(find_at("ola", NOW_S + LINK_NOBODY_S), -EAGAIN);
	ola.expires_at_s = NOW_S + 1;
	link_cache_keep(cache, &ola, NULL);
	assert_int_equal(find_at("ola", NOW_S), -ENOENT);
	assert_int_equal(find_at("ola", NOW_S + 1), -EAGAIN);
	link_cache_keep(cache, &ola, NULL);
	keep(&ola, "ola");
	assert_int_equal(find_at("ola", NOW_S), 0);
	assert_string_equal(holder.account, "ola");
}

static void
a_clock_that_goes_back_asks_anew(void **state)
{
	const struct link_query kari = query_of("kari");

	(void)state;
	keep(&kari, "kari");
	assert_int_equal(find_at("kari", NOW_S - 1), -EAGAIN);
}

static void
is_of_the_whole_question(void **state)
{
	const struct link_query kari = query_of("kari");
	struct link_query other = kari;

	(void)state;
	keep(&kari, "kari");
	other.issuer = "staf";
	other.subject = slice_of("fkari");
	assert_int_equal(link_cache_find(cache, &other, &holder), -EAGAIN);
	other = kari;
	other.person_number = slice_of("21879498013");
	assert_int_equal(link_cache_find(cache, &other, &holder), -EAGAIN);
	other = kari;
	other.audience = NULL;
	assert_int_equal(link_cache_find(cache, &other, &holder), -EAGAIN);
	other.audience = "";
	assert_int_equal(link_cache_find(cache, &other, &holder), -EAGAIN);
	other = kari;
	other.token = slice_of("another.of.theirs");
	assert_int_equal(link_cache_find(cache, &other, &holder), 0);
}

/* Another number, higher or lower: somebody's link may be another. */
static void
forgets_all_when_links_change(void **state)
{
	struct link_query kari = query_of("kari");
	struct link_holder of_then = {
	    .account = "kari", .uid = 2000000001, .links_epoch = EPOCH};

	(void)state;
	keep(&kari, "kari");
	link_cache_keep(cache, &kari, NULL);
	keep(&kari, "kari");
	kari.links_epoch++;
	assert_int_equal(link_cache_find(cache, &kari, &holder), -EAGAIN);
	assert_int_equal(link_cache_count(cache), 0);
	/* What was answered before the change comes too late. */
	link_cache_keep(cache, &kari, &of_then);
	assert_int_equal(link_cache_count(cache), 0);
	/* And of a newer image than ours, too early. */
	of_then.links_epoch = EPOCH + 2;
	link_cache_keep(cache, &kari, &of_then);
	assert_int_equal(link_cache_count(cache), 0);
	keep(&kari, "kari");
	assert_int_equal(link_cache_find(cache, &kari, &holder), 0);
	kari.links_epoch = EPOCH;
	keep(&kari, "ola");
	assert_int_equal(link_cache_count(cache), 1);
	assert_int_equal(find_at("kari", NOW_S), 0);
	assert_string_equal(holder.account, "ola");
}

static void
keeps_no_nonsense(void **state)
{
	struct link_query kari = query_of("kari");

	(void)state;
	keep(&kari, "Kari Nordmann");
	keep(&kari, "");
	kari.expires_at_s = NOW_S;
	keep(&kari, "kari");
	assert_int_equal(link_cache_count(cache), 0);
}

static void
is_bounded(void **state)
{
	char subject[32];
	size_t i, found = 0;

	(void)state;
	for (i = 0; i < 3 * (size_t)LINK_CACHE_ENTRIES_MAX; i++) {
		struct link_query query;

		(void)snprintf(subject, sizeof(subject), "subject-%zu", i);
		query = query_of(subject);
		keep(&query, "kari");
		assert_int_equal(find_at(subject, NOW_S), 0);
		assert_in_range(
		    link_cache_count(cache), 1, LINK_CACHE_ENTRIES_MAX);
	}
	assert_in_range(link_cache_count(cache), LINK_CACHE_ENTRIES_MAX / 2,
	    LINK_CACHE_ENTRIES_MAX);
	for (i = 0; i < LINK_CACHE_ENTRIES_MAX; i++) {
		(void)snprintf(subject, sizeof(subject), "subject-%zu", i);
		found += find_at(subject, NOW_S) == 0;
	}
	assert_in_range(found, 0, LINK_CACHE_ENTRIES_MAX / 4);
	link_cache_clear(cache);
	assert_int_equal(link_cache_count(cache), 0);
	assert_int_equal(find_at(subject, NOW_S), -EAGAIN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(keeps_a_name_until_the_token_ends),
	    TEST(keeps_nobody_for_a_moment),
	    TEST(a_clock_that_goes_back_asks_anew),
	    TEST(is_of_the_whole_question),
	    TEST(forgets_all_when_links_change),
	    TEST(keeps_no_nonsense),
	    TEST(is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
