/*
 * Who asks an issuer for tokens, how often, and what everybody is told. The
 * fetcher and the clocks are the test's.
 */
#include "broker/token/token_source.h"

#include "broker/token/endpoint_call.h"
#include "tests/unit/token_world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define GOOD(token, seconds)                                         \
	"{\"access_token\":\"" token "\",\"token_type\":\"Bearer\"," \
	"\"issued_token_type\":"                                     \
	"\"urn:ietf:params:oauth:token-type:access_token\","         \
	"\"expires_in\":" #seconds ",\"scope\":\"ks:fiks\"}"
/* {"alg":"none"} . {"exp":1800000100} . "": read as data, never checked */
#define USER_TOKEN "eyJhbGciOiJub25lIn0.eyJleHAiOjE4MDAwMDAxMDB9.c2ln"
#define USER_TOKEN_LEFT_S 100

enum { MANY = 50 };

static const struct token_question machine = {
    .kind = TOKEN_MACHINE,
    .issuer = "maskinporten",
    .target = "ks:fiks",
};
static const struct token_question exchange = {
    .kind = TOKEN_EXCHANGE,
    .issuer = "staff",
    .target = "prod:ns:archive",
    .user_token = USER_TOKEN,
};

static struct {
	struct token_source *source;
	struct token_wait *wait;
	int told;
	struct token_reply reply;
	char token[128], type[32], error[64], detail[600];
	struct token_source *free_when_told;
} heard;

static void
copy_text(char *to, size_t size, const char *text)
{
	(void)snprintf(to, size, "%s", text ? text : "");
}

static void
told(const struct token_reply *reply, void *userdata)
{
	assert_ptr_equal(userdata, &heard);
	heard.told++;
	heard.reply = *reply;
	copy_text(heard.token, sizeof(heard.token), reply->access_token);
	copy_text(heard.type, sizeof(heard.type), reply->token_type);
	copy_text(heard.error, sizeof(heard.error), reply->error);
	copy_text(heard.detail, sizeof(heard.detail), reply->detail);
	heard.free_when_told = token_source_free(heard.free_when_told);
}

/* Asks; what is told is to be seen after the next answer or run. */
static void
begin(const struct token_question *question)
{
	int before = heard.told;

	assert_int_equal(token_source_ask(heard.source, &world->realm, question,
			     told, &heard, &heard.wait),
	    0);
	assert_int_equal(heard.told, before);
}

static void
ask(const struct token_question *question)
{
	heard.told = 0;
	begin(question);
	world_run();
}

static void
assert_heard(enum token_outcome outcome, const char *token, int64_t left_s)
{
	assert_int_equal(heard.told, 1);
	assert_int_equal(heard.reply.outcome, outcome);
	assert_string_equal(heard.token, token);
	assert_int_equal(heard.reply.expires_in_s, left_s);
}

/* Asks, has it answered, and expects the token. */
static void
get(const struct token_question *question, const char *body)
{
	ask(question);
	world_answer(FETCH_DONE, 200, body);
	assert_int_equal(heard.told, 1);
	assert_int_equal(heard.reply.outcome, TOKEN_GOOD);
}

static void
test_many_who_ask_the_same_share_a_request(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < MANY; i++)
		begin(&machine);
	world_run();
	assert_int_equal(world->posts, 1);
	assert_string_equal(world_post()->url, "https://mp.example/token");
	world_answer(FETCH_DONE, 200, GOOD("t1", 600));
	assert_int_equal(heard.told, MANY);
	assert_string_equal(heard.token, "t1");
	assert_string_equal(heard.type, "Bearer");
	assert_int_equal(heard.reply.expires_in_s, 600);
	assert_int_equal(world->posts, 1);
}

static void
test_is_kept_until_shortly_before_it_expires(void **state)
{
	(void)state;
	get(&machine, GOOD("t1", 600));
	world_wait_s(479);
	ask(&machine);
	assert_heard(TOKEN_GOOD, "t1", 121);
	assert_int_equal(world->posts, 1);
	world_wait_s(1);
	ask(&machine);
	assert_int_equal(heard.told, 0);
	world_answer(FETCH_DONE, 200, GOOD("t2", 600));
	assert_heard(TOKEN_GOOD, "t2", 600);
	assert_int_equal(world->posts, 2);
}

static void
test_a_short_one_is_kept_for_half_its_life(void **state)
{
	(void)state;
	get(&machine, GOOD("t1", 120));
	world_wait_s(59);
	ask(&machine);
	assert_heard(TOKEN_GOOD, "t1", 61);
	world_wait_s(1);
	ask(&machine);
	assert_int_equal(heard.told, 0);
	assert_int_equal(world_posts_under_way(), 1);
}

/* Clocks of the wall are stepped, and machines sleep. */
static void
test_the_wall_clock_keeps_no_token_alive(void **state)
{
	(void)state;
	get(&machine, GOOD("t1", 600));
	world->wall_s -= 3600;
	world->boot_us += 700 * (int64_t)WORLD_SECOND;
	ask(&machine);
	assert_int_equal(heard.told, 0);
	assert_int_equal(world_posts_under_way(), 1);
}

static void
test_other_questions_are_other_tokens(void **state)
{
	static const char *const resources[] = {"https://api.example"};
	static const char *const others[] = {"https://api.example/"};
	struct token_question question = machine;

	(void)state;
	get(&machine, GOOD("t1", 600));
	question.target = "nav:helse/sykepenger.read";
	get(&question, GOOD("t2", 600));
	question = machine;
	question.resources = resources;
	question.resources_count = 1;
	get(&question, GOOD("t3", 600));
	question.resources = others;
	get(&question, GOOD("t5", 600));
	question = machine;
	question.authorization_details = "[{\"type\":\"t\"}]";
	get(&question, GOOD("t4", 600));
	assert_int_equal(world->posts, 5);
	ask(&machine);
	assert_heard(TOKEN_GOOD, "t1", 600);
}

static void
test_who_skips_the_cache_shares_with_those_who_do(void **state)
{
	struct token_question skip = machine;

	(void)state;
	skip.skip_cache = true;
	get(&machine, GOOD("t1", 600));
	heard.told = 0;
	begin(&skip);
	begin(&skip);
	world_run();
	assert_int_equal(world->posts, 2);
	/* Those who do not are not made to wait. */
	begin(&machine);
	world_run();
	assert_heard(TOKEN_GOOD, "t1", 600);
	world_answer(FETCH_DONE, 200, GOOD("t2", 600));
	assert_int_equal(heard.told, 3);
	assert_string_equal(heard.token, "t2");
	ask(&machine);
	assert_heard(TOKEN_GOOD, "t2", 600);
}

static void
test_who_skips_the_cache_joins_no_older_request(void **state)
{
	struct token_question skip = machine;

	(void)state;
	skip.skip_cache = true;
	begin(&machine);
	begin(&skip);
	begin(&machine);
	world_run();
	assert_int_equal(world_posts_under_way(), 2);
}

static void
test_refused_in_the_words_of_the_issuer(void **state)
{
	(void)state;
	ask(&machine);
	world_answer(FETCH_DONE, 403,
	    "{\"error\":\"invalid_scope\",\"error_description\":"
	    "\"MP-105: no access to \\u001b[1mks:fiks for 01019012345\"}");
	assert_heard(TOKEN_REFUSED, "", 0);
	assert_int_equal(heard.reply.status, 403);
	assert_string_equal(heard.error, "invalid_scope");
	assert_string_equal(
	    heard.detail, "MP-105: no access to  [1mks:fiks for ***********");
}

static void
test_a_refusal_stands_for_a_moment(void **state)
{
	struct token_question skip = machine;

	(void)state;
	skip.skip_cache = true;
	ask(&machine);
	world_answer(FETCH_DONE, 400, "{\"error\":\"invalid_grant\"}");
	ask(&machine);
	assert_heard(TOKEN_REFUSED, "", 0);
	ask(&skip);
	assert_heard(TOKEN_REFUSED, "", 0);
	assert_string_equal(heard.error, "invalid_grant");
	assert_int_equal(world->posts, 1);
	world_wait_s(TOKEN_REFUSAL_S);
	ask(&machine);
	assert_int_equal(heard.told, 0);
	assert_int_equal(world->posts, 2);
}

/* It is one question that is refused: others are asked. */
static void
test_a_refusal_is_of_one_question(void **state)
{
	struct token_question other = machine;

	(void)state;
	ask(&machine);
	world_answer(FETCH_DONE, 400, "{\"error\":\"invalid_grant\"}");
	other.target = "nav:helse/sykepenger.read";
	ask(&other);
	assert_int_equal(world_posts_under_way(), 1);
}

static void
test_a_failure_is_told_to_all(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < MANY; i++)
		begin(&machine);
	world_run();
	world_answer(FETCH_TIMED_OUT, 0, "");
	assert_int_equal(heard.told, MANY);
	assert_int_equal(heard.reply.outcome, TOKEN_OUTAGE);
	assert_non_null(strstr(heard.detail, "timed-out"));
	/* and to those who ask right after it, unasked */
	ask(&machine);
	assert_heard(TOKEN_OUTAGE, "", 0);
	assert_int_equal(world->posts, 1);
	world_wait_s(TOKEN_PAUSE_S);
	get(&machine, GOOD("t1", 600));
}

static void
test_an_overloaded_issuer_is_left_alone_longer_and_longer(void **state)
{
	static const struct {
		unsigned int status;
		int64_t pause_s;
	} rows[] = {
	    {429, 2}, {429, 4}, {429, 8}, {429, 16}, {429, 32}, {429, 32}};
	struct token_question other = machine;
	size_t i;

	(void)state;
	other.target = "nav:helse/sykepenger.read";
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask(&machine);
		world_answer(FETCH_DONE, rows[i].status, "");
		assert_heard(TOKEN_OUTAGE, "", 0);
		assert_int_equal(heard.reply.status, rows[i].status);
		world_wait_s(rows[i].pause_s - 1);
		/* whatever it is asked for */
		ask(&other);
		assert_heard(TOKEN_OUTAGE, "", 0);
		assert_int_equal(world->posts, i + 1);
		world_wait_s(1);
	}
	get(&machine, GOOD("t1", 600));
	/* That is over. */
	ask(&other);
	world_answer(FETCH_DONE, 429, "");
	world_wait_s(2);
	get(&other, GOOD("t2", 600));
}

/* What one service provokes is not for all to suffer. */
static void
test_an_odd_question_is_left_alone_by_itself(void **state)
{
	struct token_question odd = machine;
	int i;

	(void)state;
	odd.authorization_details = "[{\"type\":\"t\",\"odd\":1}]";
	for (i = 0; i < 2 * TOKEN_FAILURES; i++) {
		ask(&odd);
		world_answer(FETCH_DONE, 500, "");
		assert_heard(TOKEN_OUTAGE, "", 0);
		ask(&odd);
		assert_heard(TOKEN_OUTAGE, "", 0);
		assert_int_equal(world_posts_under_way(), 0);
		world_wait_s(TOKEN_PAUSE_S);
	}
	get(&machine, GOOD("t1", 600));
}

static void
test_an_issuer_that_fails_with_different_questions_is_ill(void **state)
{
	struct token_question question = machine;
	char details[64];
	size_t i;

	(void)state;
	question.authorization_details = details;
	for (i = 0; i < TOKEN_FAILURES; i++) {
		(void)snprintf(details, sizeof(details),
		    "[{\"type\":\"t\",\"n\":%zu}]", i);
		ask(&question);
		world_answer(FETCH_DONE, 503, "");
		assert_int_equal(world->posts, i + 1);
	}
	ask(&machine);
	assert_heard(TOKEN_OUTAGE, "", 0);
	assert_int_equal(world->posts, TOKEN_FAILURES);
	/* The next one, of whatever question, makes it longer. */
	world_wait_s(TOKEN_PAUSE_S);
	ask(&machine);
	world_answer(FETCH_DONE, 500, "");
	world_wait_s(2 * TOKEN_PAUSE_S - 1);
	question.authorization_details = NULL;
	question.target = "nav:helse/sykepenger.read";
	ask(&question);
	assert_heard(TOKEN_OUTAGE, "", 0);
	world_wait_s(1);
	get(&question, GOOD("t1", 600));
	get(&machine, GOOD("t2", 600));
}

static void
test_what_is_in_our_own_way_pauses_nobody(void **state)
{
	(void)state;
	world->calls_elsewhere = FETCH_CALLS_MAX;
	ask(&machine);
	assert_heard(TOKEN_BUSY, "", 0);
	assert_int_equal(world->posts, 0);
	world->calls_elsewhere = 0;
	get(&machine, GOOD("t1", 600));
}

static void
test_the_pause_is_of_one_issuer(void **state)
{
	const struct token_question other = {
	    .kind = TOKEN_MACHINE,
	    .issuer = "staff",
	    .target = "reports",
	};

	(void)state;
	ask(&machine);
	world_answer(FETCH_DONE, 429, "");
	strcpy(world->metadata.token_endpoint, "https://idp.example/token");
	get(&other, GOOD("t1", 600));
}

static void
test_words_for_not_now_are_no_refusal(void **state)
{
	(void)state;
	ask(&machine);
	world_answer(
	    FETCH_DONE, 400, "{\"error\":\"temporarily_unavailable\"}");
	assert_heard(TOKEN_OUTAGE, "", 0);
}

/* What is due for renewal but not over is better than nothing. */
static void
test_an_old_token_serves_in_an_outage(void **state)
{
	struct token_question skip = machine;

	(void)state;
	skip.skip_cache = true;
	get(&machine, GOOD("t1", 600));
	world_wait_s(500);
	ask(&machine);
	world_answer(FETCH_UNREACHABLE, 0, "");
	assert_heard(TOKEN_GOOD, "t1", 100);
	ask(&machine); /* during the pause */
	assert_heard(TOKEN_GOOD, "t1", 100);
	ask(&skip);
	assert_heard(TOKEN_OUTAGE, "", 0);
	world_wait_s(95);
	ask(&machine);
	world_answer(FETCH_UNREACHABLE, 0, "");
	assert_heard(TOKEN_OUTAGE, "", 0);
}

static void
test_a_fresh_token_needs_no_issuer(void **state)
{
	(void)state;
	get(&machine, GOOD("t1", 600));
	world->is_down = true;
	world_wait_s(400);
	ask(&machine);
	assert_heard(TOKEN_GOOD, "t1", 200);
	assert_int_equal(world->posts, 1);
}

static void
test_an_issuer_that_never_was_there_is_an_outage(void **state)
{
	(void)state;
	world->is_down = true;
	ask(&machine);
	assert_heard(TOKEN_OUTAGE, "", 0);
	assert_int_equal(world->posts, 0);
}

static void
test_only_targets_of_the_section_are_asked_for(void **state)
{
	static const char *const machine_targets[] = {"ks:fik", "ks:fiks ",
	    "KS:FIKS", "", "ks:fiks nav:helse/sykepenger.read", "reports"};
	static const char *const exchange_targets[] = {
	    "prod:ns:archiv", "prod:ns:archive2", "", "reports"};
	struct token_question question = machine;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(machine_targets) / sizeof(char *); i++) {
		question.target = machine_targets[i];
		ask(&question);
		assert_heard(TOKEN_REFUSED, "", 0);
		assert_int_equal(heard.reply.status, 400);
		assert_string_equal(heard.error, "invalid_scope");
	}
	question = exchange;
	for (i = 0; i < sizeof(exchange_targets) / sizeof(char *); i++) {
		question.target = exchange_targets[i];
		ask(&question);
		assert_heard(TOKEN_REFUSED, "", 0);
		assert_int_equal(heard.reply.status, 400);
		assert_string_equal(heard.error, "invalid_target");
	}
	assert_int_equal(world->posts, 0);
}

static void
test_only_resources_of_the_section_are_asked_for(void **state)
{
	static const char *const others[] = {"https://lonn.example",
	    "https://api.example//", "HTTPS://api.example", "", "not a uri"};
	const char *asked[] = {"https://api.example", NULL};
	struct token_question question = machine;
	size_t i;

	(void)state;
	question.resources = asked;
	question.resources_count = 2;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		asked[1] = others[i];
		ask(&question);
		assert_heard(TOKEN_REFUSED, "", 0);
		assert_int_equal(heard.reply.status, 400);
		assert_string_equal(heard.error, "invalid_target");
	}
	assert_int_equal(world->posts, 0);
	asked[1] = "urn:two";
	ask(&question);
	assert_int_equal(world_posts_under_way(), 1);
}

#define FOR(organisation)                                                \
	"{\"type\":\"urn:altinn:systemuser\",\"systemuser_org\":"        \
	"{\"authority\":\"iso6523-actorid-upis\",\"ID\":\"" organisation \
	"\"}}"

static void
test_only_details_of_the_section_are_asked_for(void **state)
{
	static const char *const others[] = {"[" FOR("0192:911830868") "]",
	    "[" FOR("0192:974760673") "," FOR("0192:911830868") "]",
	    "[{\"type\":\"urn:altinn:systemuser\"}]",
	    "[{\"type\":\"urn:altinn:systemuser\",\"systemuser_org\":"
	    "{\"authority\":\"other\",\"ID\":\"0192:974760673\"}}]",
	    "[{\"type\":\"urn:altinn:systemuser\",\"systemuser_org\":"
	    "{\"authority\":\"iso6523-actorid-upis\",\"ID\":"
	    "\"0192:974760673\"},\"systemuser_id\":[\"a\"]}]",
	    "[{\"type\":\"urn:altinn:systemuser\",\"systemuser_org\":"
	    "{\"authority\":\"iso6523-actorid-upis\",\"ID\":"
	    "\"0192:974760673\",\"id\":\"0192:911830868\"}}]",
	    "[{\"type\":\"urn:altinn:consent\"}]",
	    "[{\"type\":\"t\"},{\"type\":\"u\"}]", "[{}]", "[]", "[1]", "{}",
	    "x"};
	struct token_question question = machine;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		question.authorization_details = others[i];
		ask(&question);
		assert_heard(TOKEN_REFUSED, "", 0);
		assert_int_equal(heard.reply.status, 400);
		assert_string_equal(
		    heard.error, "invalid_authorization_details");
	}
	assert_int_equal(world->posts, 0);
	question.authorization_details =
	    "[" FOR("0192:974760673") ",{\"type\":\"t\",\"a\":1}]";
	ask(&question);
	assert_int_equal(world_posts_under_way(), 1);
}

static void
test_questions_that_nobody_is_asked(void **state)
{
	struct token_question question = machine;

	(void)state;
	question = exchange;
	question.user_token = "a b";
	ask(&question);
	assert_heard(TOKEN_REFUSED, "", 0);
	assert_string_equal(heard.error, "invalid_request");
	assert_int_equal(world->posts, 0);
	question = machine;
	question.issuer = "nobody";
	assert_int_equal(token_source_ask(heard.source, &world->realm,
			     &question, told, &heard, &heard.wait),
	    -ENOENT);
}

static void
exchange_ready(void)
{
	strcpy(world->metadata.token_endpoint, "https://idp.example/token");
}

static void
test_exchanges_a_persons_token(void **state)
{
	struct token_question another = exchange;

	(void)state;
	exchange_ready();
	ask(&exchange);
	assert_string_equal(world_post()->form,
	    "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&"
	    "subject_token_type=urn:ietf:params:oauth:token-type:jwt&"
	    "subject_token=" USER_TOKEN "&audience=prod:ns:archive&");
	assert_string_equal(
	    world_post()->authorization, "Basic cG9ydHZha3Q6aGVtbWVsaWc=");
	world_answer(FETCH_DONE, 200, GOOD("x1", 900));
	assert_heard(TOKEN_GOOD, "x1", 900);
	/* Another person, another token. */
	another.user_token = "eyJhbGciOiJub25lIn0.eyJleHAiOjE4MDAwMDAxMDB9.b";
	get(&another, GOOD("x2", 900));
	ask(&exchange);
	assert_heard(TOKEN_GOOD, "x1", 900);
	assert_int_equal(world->posts, 2);
}

static void
test_an_exchanged_token_is_kept_no_longer_than_the_persons(void **state)
{
	(void)state;
	exchange_ready();
	get(&exchange, GOOD("x1", 900));
	world_wait_s(USER_TOKEN_LEFT_S - 1);
	ask(&exchange);
	assert_heard(TOKEN_GOOD, "x1", 900 - USER_TOKEN_LEFT_S + 1);
	world_wait_s(1);
	ask(&exchange);
	assert_int_equal(world_posts_under_way(), 1);
	/* also not in an outage */
	world_answer(FETCH_UNREACHABLE, 0, "");
	assert_heard(TOKEN_OUTAGE, "", 0);
}

static void
test_a_token_of_unknown_end_is_not_kept(void **state)
{
	struct token_question question = exchange;

	(void)state;
	exchange_ready();
	question.user_token = "opaque-0123456789";
	begin(&question);
	ask(&question);
	assert_non_null(strstr(world_post()->form,
	    "subject_token_type="
	    "urn:ietf:params:oauth:token-type:access_token&"));
	world_answer(FETCH_DONE, 200, GOOD("x1", 900));
	assert_int_equal(heard.reply.outcome, TOKEN_GOOD);
	assert_int_equal(world->posts, 1);
	ask(&question);
	assert_int_equal(world_posts_under_way(), 1);
}

static void
test_client_credentials_of_other_issuers(void **state)
{
	static const char *const resources[] = {
	    "https://one.example/", "urn:two"};
	const struct token_question question = {
	    .kind = TOKEN_MACHINE,
	    .issuer = "staff",
	    .target = "reports.write",
	    .resources = resources,
	    .resources_count = 2,
	    .authorization_details = "[{\"type\":\"t\"}]",
	};

	(void)state;
	strcpy(world->metadata.token_endpoint, "https://idp.example/token");
	ask(&question);
	assert_string_equal(world_post()->form,
	    "grant_type=client_credentials&scope=reports.write&"
	    "resource=https://one.example/&resource=urn:two&"
	    "authorization_details=[{\"type\":\"t\"}]&");
	assert_string_equal(
	    world_post()->authorization, "Basic cG9ydHZha3Q6aGVtbWVsaWc=");
	world_answer(FETCH_DONE, 200, GOOD("t1", 600));
	assert_heard(TOKEN_GOOD, "t1", 600);
}

static void
test_what_the_administrator_must_mend(void **state)
{
	static const char *const targets[] = {"reports"};
	struct token_question people = {
	    .kind = TOKEN_MACHINE,
	    .issuer = "people",
	    .target = "reports",
	};
	struct config_issuer *issuer = world_issuer("maskinporten");

	(void)state;
	/* where the issuer says that its endpoint is */
	strcpy(world->metadata.token_endpoint, "https://idp.example/token");
	ask(&machine);
	assert_heard(TOKEN_MISCONFIGURED, "", 0);
	assert_non_null(strstr(heard.detail, "add it to hosts"));
	assert_non_null(strstr(heard.detail, "\"maskinporten\""));
	world_wait_s(TOKEN_REFUSAL_S);
	strcpy(world->metadata.token_endpoint, "");
	ask(&machine);
	assert_heard(TOKEN_MISCONFIGURED, "", 0);
	world_wait_s(TOKEN_REFUSAL_S);
	/* how we prove who we are */
	strcpy(world->metadata.token_endpoint, "https://mp.example/token");
	issuer->client_key_algorithm = "ES256";
	ask(&machine);
	assert_heard(TOKEN_MISCONFIGURED, "", 0);
	assert_non_null(strstr(heard.detail, "private_key_jwt"));
	world_wait_s(TOKEN_REFUSAL_S);
	issuer->client_auth = CONFIG_CLIENT_NONE;
	ask(&machine);
	assert_heard(TOKEN_MISCONFIGURED, "", 0);
	/* who gives machines no tokens */
	strcpy(world->metadata.token_endpoint, "https://idp.example/token");
	world_issuer("people")->targets = targets;
	ask(&people);
	assert_heard(TOKEN_MISCONFIGURED, "", 0);
	assert_int_equal(world->posts, 0);
}

static void
test_answers_that_are_none(void **state)
{
	static const struct {
		unsigned int status;
		const char *body;
		enum token_outcome outcome;
	} rows[] = {
	    {200, "{}", TOKEN_OUTAGE},
	    {200, "<html>", TOKEN_OUTAGE},
	    {201, GOOD("t1", 600), TOKEN_OUTAGE},
	    {408, "", TOKEN_OUTAGE},
	    {404, "<html>", TOKEN_MISCONFIGURED},
	    {400, "{\"error\":\"\"}", TOKEN_MISCONFIGURED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask(&machine);
		world_answer(FETCH_DONE, rows[i].status, rows[i].body);
		assert_heard(rows[i].outcome, "", 0);
		assert_true(strlen(heard.detail) > 0);
		assert_null(strstr(heard.detail, "t1"));
		world_wait_s(TOKEN_PAUSE_S);
	}
}

static void
test_who_cancelled_is_not_told(void **state)
{
	(void)state;
	begin(&machine);
	world_run();
	token_wait_cancel(heard.wait);
	world_answer(FETCH_DONE, 200, GOOD("t1", 600));
	assert_int_equal(heard.told, 0);
	/* What came is good for the next one all the same. */
	begin(&machine);
	token_wait_cancel(heard.wait);
	world_run();
	assert_int_equal(heard.told, 0);
	ask(&machine);
	assert_heard(TOKEN_GOOD, "t1", 600);
	assert_int_equal(world->posts, 1);
}

struct pair {
	struct token_wait *waits[2]; /* NULL once told or cancelled */
	int told;
};

struct one_of_pair {
	struct pair *pair;
	int other;
};

static void
told_one_of_pair(const struct token_reply *reply, void *userdata)
{
	const struct one_of_pair *one = userdata;

	assert_int_equal(reply->outcome, TOKEN_GOOD);
	one->pair->told++;
	one->pair->waits[!one->other] = NULL;
	token_wait_cancel(one->pair->waits[one->other]);
	one->pair->waits[one->other] = NULL;
}

static void
test_who_is_told_may_cancel_the_others(void **state)
{
	struct pair pair = {0};
	struct one_of_pair ones[] = {{&pair, 1}, {&pair, 0}};
	int i;

	(void)state;
	for (i = 0; i < 2; i++)
		assert_int_equal(
		    token_source_ask(heard.source, &world->realm, &machine,
			told_one_of_pair, &ones[i], &pair.waits[i]),
		    0);
	world_run();
	world_answer(FETCH_DONE, 200, GOOD("t1", 600));
	assert_int_equal(pair.told, 1);
}

static void
test_who_is_told_may_free_the_source(void **state)
{
	(void)state;
	begin(&machine);
	begin(&machine);
	world_run();
	heard.free_when_told = heard.source;
	heard.source = NULL;
	world_answer(FETCH_DONE, 200, GOOD("t1", 600));
	assert_int_equal(heard.told, 1);
}

static void
test_a_reload_forgets(void **state)
{
	(void)state;
	get(&machine, GOOD("t1", 600));
	token_source_clear(heard.source);
	ask(&machine);
	assert_int_equal(heard.told, 0);
	/* What is under way then is told to those who wait, and not kept. */
	token_source_clear(heard.source);
	world_answer(FETCH_DONE, 200, GOOD("t2", 600));
	assert_heard(TOKEN_GOOD, "t2", 600);
	ask(&machine);
	assert_int_equal(world_posts_under_way(), 1);
	world_answer(FETCH_DONE, 503, "");
	token_source_clear(heard.source);
	ask(&machine);
	assert_int_equal(world_posts_under_way(), 1);
}

static void
test_a_reload_gives_no_old_request_to_new_questions(void **state)
{
	(void)state;
	begin(&machine);
	world_run();
	token_source_clear(heard.source);
	begin(&machine);
	world_run();
	assert_int_equal(world_posts_under_way(), 2);
}

static void
test_requests_under_way_are_bounded(void **state)
{
	const struct token_question other = {
	    .kind = TOKEN_MACHINE,
	    .issuer = "staff",
	    .target = "reports",
	};
	char details[64];
	struct token_question question = machine;
	int i, error;

	(void)state;
	question.authorization_details = details;
	for (i = 0; i <= ENDPOINT_CALLS_PER_ISSUER; i++) {
		(void)snprintf(
		    details, sizeof(details), "[{\"type\":\"t\",\"n\":%d}]", i);
		error = token_source_ask(heard.source, &world->realm, &question,
		    told, &heard, &heard.wait);
		assert_int_equal(
		    error, i < ENDPOINT_CALLS_PER_ISSUER ? 0 : -EBUSY);
	}
	world_run();
	assert_int_equal(world_posts_under_way(), ENDPOINT_CALLS_PER_ISSUER);
	/* An issuer that never answers leaves the others theirs. */
	strcpy(world->metadata.token_endpoint, "https://idp.example/token");
	begin(&other);
	world_run();
	assert_int_equal(
	    world_posts_under_way(), ENDPOINT_CALLS_PER_ISSUER + 1);
}

static void
test_those_who_wait_are_bounded(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < TOKEN_WAITS_MAX; i++)
		begin(&machine);
	assert_int_equal(token_source_ask(heard.source, &world->realm, &machine,
			     told, &heard, &heard.wait),
	    -EBUSY);
	world_run();
	world_answer(FETCH_DONE, 200, GOOD("t1", 600));
	assert_int_equal(heard.told, TOKEN_WAITS_MAX);
	begin(&machine);
	world_run();
}

static int
start(void **state)
{
	memset(&heard, 0, sizeof(heard));
	return world_set_up(state) ||
		       token_source_new(world->event, &heard.source)
		   ? -1
		   : 0;
}

static int
stop(void **state)
{
	token_source_free(heard.source);
	return world_tear_down(state);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_WORLD(test_many_who_ask_the_same_share_a_request),
	    IN_WORLD(test_is_kept_until_shortly_before_it_expires),
	    IN_WORLD(test_a_short_one_is_kept_for_half_its_life),
	    IN_WORLD(test_the_wall_clock_keeps_no_token_alive),
	    IN_WORLD(test_other_questions_are_other_tokens),
	    IN_WORLD(test_who_skips_the_cache_shares_with_those_who_do),
	    IN_WORLD(test_who_skips_the_cache_joins_no_older_request),
	    IN_WORLD(test_refused_in_the_words_of_the_issuer),
	    IN_WORLD(test_a_refusal_stands_for_a_moment),
	    IN_WORLD(test_a_refusal_is_of_one_question),
	    IN_WORLD(test_a_failure_is_told_to_all),
	    IN_WORLD(test_an_overloaded_issuer_is_left_alone_longer_and_longer),
	    IN_WORLD(test_an_odd_question_is_left_alone_by_itself),
	    IN_WORLD(test_an_issuer_that_fails_with_different_questions_is_ill),
	    IN_WORLD(test_what_is_in_our_own_way_pauses_nobody),
	    IN_WORLD(test_the_pause_is_of_one_issuer),
	    IN_WORLD(test_words_for_not_now_are_no_refusal),
	    IN_WORLD(test_an_old_token_serves_in_an_outage),
	    IN_WORLD(test_a_fresh_token_needs_no_issuer),
	    IN_WORLD(test_an_issuer_that_never_was_there_is_an_outage),
	    IN_WORLD(test_only_targets_of_the_section_are_asked_for),
	    IN_WORLD(test_only_resources_of_the_section_are_asked_for),
	    IN_WORLD(test_only_details_of_the_section_are_asked_for),
	    IN_WORLD(test_questions_that_nobody_is_asked),
	    IN_WORLD(test_exchanges_a_persons_token),
	    IN_WORLD(
		test_an_exchanged_token_is_kept_no_longer_than_the_persons),
	    IN_WORLD(test_a_token_of_unknown_end_is_not_kept),
	    IN_WORLD(test_client_credentials_of_other_issuers),
	    IN_WORLD(test_what_the_administrator_must_mend),
	    IN_WORLD(test_answers_that_are_none),
	    IN_WORLD(test_who_cancelled_is_not_told),
	    IN_WORLD(test_who_is_told_may_cancel_the_others),
	    IN_WORLD(test_who_is_told_may_free_the_source),
	    IN_WORLD(test_a_reload_forgets),
	    IN_WORLD(test_a_reload_gives_no_old_request_to_new_questions),
	    IN_WORLD(test_requests_under_way_are_bounded),
	    IN_WORLD(test_those_who_wait_are_bounded),
	};

	return cmocka_run_group_tests_name("token_source", tests, NULL, NULL);
}
