/* Synthetic numbers, and those that the authorities publish as samples. */
#include "tests/unit/unit.h"
#include "verify/person_number.h"

static const struct vector {
	const char *text;
	enum person_number_kind kind;
} vectors[] = {
    /* samples of documentation, all synthetic */
    {"21879498012", PERSON_NUMBER_SYNTHETIC},
    {"45840375084", PERSON_NUMBER_SYNTHETIC}, /* a D-number */
    {"47906701517", PERSON_NUMBER_SYNTHETIC}, /* a D-number */
    {"10850199405", PERSON_NUMBER_SYNTHETIC},
    {"23079410918", PERSON_NUMBER_REAL}, /* Difi's sample of 2017 */

    /* k1 leaves 0; 1, 2 and 3, as from 2032 on; a D-number */
    {"15869000016", PERSON_NUMBER_SYNTHETIC},
    {"15869000024", PERSON_NUMBER_SYNTHETIC},
    {"15869000032", PERSON_NUMBER_SYNTHETIC},
    {"15869000040", PERSON_NUMBER_SYNTHETIC},
    {"55869000190", PERSON_NUMBER_SYNTHETIC},

    /* dates; the individual numbers are some that nobody was given */
    {"15014550078", PERSON_NUMBER_REAL}, /* real */
    {"55014550061", PERSON_NUMBER_REAL}, /* a D-number */
    /* synthetic */
    {"15814550033", PERSON_NUMBER_SYNTHETIC},
    /* H-numbers */
    {"15414550050", PERSON_NUMBER_INVALID},
    {"55414550044", PERSON_NUMBER_INVALID},
    {"15524550099", PERSON_NUMBER_INVALID},
    {"29024850038",
	PERSON_NUMBER_REAL}, /* 29 February, in a leap year of some century */
    {"29020090039", PERSON_NUMBER_REAL},
    {"29824850184", PERSON_NUMBER_SYNTHETIC},
    {"69024850021", PERSON_NUMBER_REAL},
    /* and in a year that is none */
    {"29024950059", PERSON_NUMBER_INVALID},
    {"29824950014", PERSON_NUMBER_INVALID},
    {"69024950042", PERSON_NUMBER_INVALID},
    /* 30 February */
    {"30024850087", PERSON_NUMBER_INVALID},
    {"15004550088",
	PERSON_NUMBER_INVALID}, /* months and days that do not exist */
    {"15804550043", PERSON_NUMBER_INVALID},
    {"15134550187", PERSON_NUMBER_INVALID},
    {"15934550061", PERSON_NUMBER_INVALID},
    {"15404550060", PERSON_NUMBER_INVALID},
    {"15534550089", PERSON_NUMBER_INVALID},
    {"15664550188", PERSON_NUMBER_INVALID},
    {"00014550011", PERSON_NUMBER_INVALID},
    {"32014550002", PERSON_NUMBER_INVALID},
    {"31044550043", PERSON_NUMBER_INVALID},
    {"40014550005", PERSON_NUMBER_INVALID},
    {"72014550187", PERSON_NUMBER_INVALID},
    {"71044550037", PERSON_NUMBER_INVALID},
    {"80014550260", PERSON_NUMBER_INVALID},
    /* the last days */
    {"31014550073", PERSON_NUMBER_REAL},
    {"71124550186", PERSON_NUMBER_REAL},
    {"30924550038", PERSON_NUMBER_SYNTHETIC},
    {"28920090003", PERSON_NUMBER_SYNTHETIC},

    /* not 11 digits */
    {"", PERSON_NUMBER_INVALID},
    {"2187949801", PERSON_NUMBER_INVALID},
    {"218794980120", PERSON_NUMBER_INVALID},
    {"021879498012", PERSON_NUMBER_INVALID},
    {"2187949801x", PERSON_NUMBER_INVALID},
    {"x1879498012", PERSON_NUMBER_INVALID},
    {"218794 98012", PERSON_NUMBER_INVALID},
    {"218794-8012", PERSON_NUMBER_INVALID},
    {" 1879498012", PERSON_NUMBER_INVALID},
    {"-1879498012", PERSON_NUMBER_INVALID},
    {"2187949801\xc2\xb2", PERSON_NUMBER_INVALID},
};

static void
test_vectors(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		if (person_number_check(slice_of(vectors[i].text)) !=
		    vectors[i].kind)
			fail_msg("%s", vectors[i].text);
	}
}

/* Whatever one digit is changed to, it is another person's or nobody's. */
static void
test_one_wrong_digit_is_seen(void **state)
{
	static const char good[] = "21879498012";
	size_t i;
	char digit;

	(void)state;
	for (i = 0; i < sizeof(good) - 1; i++) {
		char text[sizeof(good)] = "21879498012";

		for (digit = '0'; digit <= '9'; digit++) {
			text[i] = digit;
			assert_int_equal(person_number_check(slice_of(text)) !=
					     PERSON_NUMBER_INVALID,
			    digit == good[i]);
		}
	}
}

static void
test_the_text_ends_where_its_size_says(void **state)
{
	(void)state;
	assert_int_equal(
	    person_number_check((struct slice){"21879498012345", 11}),
	    PERSON_NUMBER_SYNTHETIC);
	assert_int_equal(person_number_check((struct slice){"21879498012", 10}),
	    PERSON_NUMBER_INVALID);
	assert_int_equal(person_number_check((struct slice){NULL, 0}),
	    PERSON_NUMBER_INVALID);
}

static void
test_is_found_in_a_text(void **state)
{
	(void)state;
	assert_true(person_number_is_in(slice_of("21879498012")));
	assert_true(person_number_is_in(slice_of("pid:21879498012.")));
	assert_true(person_number_is_in(slice_of("12 21879498012")));
	assert_true(person_number_is_in(slice_of("0021879498012")));
	assert_true(person_number_is_in(slice_of("218794980120")));
	assert_false(person_number_is_in(slice_of("")));
	assert_false(person_number_is_in(slice_of("2187949801")));
	assert_true(person_number_is_in(slice_of("218794 98012")));
	assert_true(person_number_is_in(slice_of("nr. 218794-98012, Oslo")));
	assert_true(person_number_is_in(slice_of("21.87.94 980 12")));
	assert_true(person_number_is_in(slice_of("218794\xc2\xa0"
						 "98012")));
	assert_true(person_number_is_in(slice_of("12 218794 98012")));
	assert_false(person_number_is_in(slice_of("218794  98012")));
	assert_false(person_number_is_in(slice_of("218794:98012")));
	assert_false(person_number_is_in(slice_of("218794 980")));
	assert_false(person_number_is_in((struct slice){"218794 98012", 11}));
	assert_false(person_number_is_in(slice_of("0192:911830868")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_vectors),
	    cmocka_unit_test(test_one_wrong_digit_is_seen),
	    cmocka_unit_test(test_the_text_ends_where_its_size_says),
	    cmocka_unit_test(test_is_found_in_a_text),
	};

	return cmocka_run_group_tests_name("person number", tests, NULL, NULL);
}
