#include "tests/unit/service_world.h"

#include "tests/vectors/mint.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TIMES "\"iat\":1678375492,\"exp\":1678376092"
#define REST                                                                 \
	TIMES ",\"scope\":\"ko:saker.read openid\",\"client_id\":\"klient\"" \
	      ",\"jti\":\"UPw8a6-uKGo\",\"sid\":\"" WORLD_SESSION "\""
#define AUD "\"aud\":\"" WORLD_AUDIENCE "\""

const char *const world_payloads[WORLD_ISSUERS] = {
    [WORLD_STAFF] =
	"{\"iss\":\"https://test.idporten.no\",\"sub\":\"sub-kari\","
	"\"acr\":\"idporten-loa-substantial\",\"auth_time\":1678375491,"
	"\"pid\":\"21879498012\",\"roles\":[\"arkivar\"]," AUD "," REST "}",
    [WORLD_MACHINES] = "{\"iss\":\"https://test.maskinporten.no/\","
		       "\"consumer\":{\"authority\":\"iso6523-actorid-upis\","
		       "\"ID\":\"0192:991825827\"}," REST "}",
    [WORLD_INTERNAL] = "{\"iss\":\"https://sso.example\","
		       "\"sub\":\"kari-internal\"," AUD "," REST "}",
    [WORLD_EMPLOYEES] =
	"{\"iss\":\"https://test.ansattporten.no\",\"sub\":\"kari-ansatt\","
	"\"acr\":\"substantial\",\"auth_time\":1678375491,"
	"\"pid\":\"21879498012\"," AUD "," REST "}",
};

char *
world_payload_now(enum world_issuer issuer)
{
	int64_t now_s = time(NULL);
	char times[64];

	(void)snprintf(times, sizeof(times),
	    "\"iat\":%" PRId64 ",\"exp\":%" PRId64, now_s, now_s + 3600);
	return mint_replace(world_payloads[issuer], TIMES, times);
}

char *
world_token(const char *payload)
{
	return mint_token(
	    MINT_RS256, "{\"kid\":\"rsa\",\"alg\":\"RS256\"}", payload);
}

static const char *const ladder[] = {
    "idporten-loa-low", "idporten-loa-substantial", "idporten-loa-high"};
static const char *const employees_ladder[] = {"substantial", "high"};
static const char *const roles_claims[] = {"roles"};
static const char *const archivist[] = {"arkivar"};
static const char *const agency[] = {"0192:991825827"};
static const char *const others[] = {"0192:974760673"};

#define FOREVER .valid_until_s = POLICY_NO_END

/* Each group has one grant, of the same index. */
static const struct policy_grant grants[] = {
    {.issuers = 7, .roles_any = {archivist, 1}, FOREVER},
    {.issuers = 7,
	.roles_any = {archivist, 1},
	.valid_until_s = WORLD_NOW_S + 50},
    {.issuers = 2, .consumers = {agency, 1}, FOREVER},
    {.issuers = 2, .consumers = {others, 1}, FOREVER},
};
static const struct policy_service services[] = {
    {.name = "x", .title = "X", .title_en = "X"}};
static const struct policy_group groups[] = {
    {.name = "ko-arkiv",
	.gid = 1900000100,
	.title = "Arkivet",
	.grants = &grants[0],
	.grants_count = 1},
    {.name = "ko-frist",
	.gid = 1900000101,
	.title = "Til en frist",
	.grants = &grants[1],
	.grants_count = 1},
    {.name = "ko-maskin",
	.gid = 1900000102,
	.title = "Maskiner",
	.grants = &grants[2],
	.grants_count = 1},
    {.name = "ko-nabo",
	.gid = 1900000103,
	.title = "Naboens maskiner",
	.grants = &grants[3],
	.grants_count = 1},
};
static const struct policy policy = {
    .issuers = {{"https://test.idporten.no", "staff"},
	{"https://test.maskinporten.no/", "maskin"},
	{"https://sso.example", "internal"},
	{"https://test.ansattporten.no", "ansatt"}},
    .issuers_count = WORLD_ISSUERS,
    .ladders = {{ladder, 3}},
    .services = services,
    .services_count = 1,
    .groups = groups,
    .groups_count = 4,
};

static void
add_account(struct service_world *world, enum world_issuer issuer,
    const char *subject, const char *name)
{
	struct world_account *account =
	    &world->accounts[world->accounts_count++];

	account->issuer = issuer;
	account->subject = subject;
	account->account.uid = WORLD_UID;
	account->account.tokens_from_s = TRUST_SINCE_EVER;
	(void)snprintf(
	    account->account.name, sizeof(account->account.name), "%s", name);
}

static void
fill_issuers(struct service_world *world)
{
	static const char *const kinds[WORLD_ISSUERS] = {
	    "idporten", "maskinporten", "generic", "ansattporten"};
	size_t i;

	for (i = 0; i < WORLD_ISSUERS; i++) {
		struct trust_issuer *issuer = &world->content.issuers[i];

		issuer->profile.issuer = policy.issuers[i].url;
		issuer->profile.algorithms = EVIDENCE_RS256 | EVIDENCE_ES256;
		issuer->profile.roles_claims = roles_claims;
		issuer->profile.roles_claims_count = 1;
		issuer->profile.test = true;
		issuer->profile.clock_skew_s = 10;
		issuer->name = policy.issuers[i].name;
		issuer->kind = kinds[i];
		issuer->client_id = "portvakt";
		issuer->tokens_from_s = TRUST_SINCE_EVER;
		world->content.keys[i] =
		    (struct trust_key_text){world->keys, strlen(world->keys),
			WORLD_BOOT_S - 100, WORLD_BOOT_S + 900};
	}
	world->content.issuers[0].profile.acr_ladder = ladder;
	world->content.issuers[0].profile.acr_ladder_count = 3;
	world->content.issuers[0].level_substantial = ladder[1];
	world->content.issuers[0].level_high = ladder[2];
	world->content.issuers[WORLD_EMPLOYEES].profile.acr_ladder =
	    employees_ladder;
	world->content.issuers[WORLD_EMPLOYEES].profile.acr_ladder_count = 2;
	world->content.issuers[WORLD_EMPLOYEES].level_substantial =
	    employees_ladder[0];
	world->content.issuers[WORLD_EMPLOYEES].level_high =
	    employees_ladder[1];
	world->content.issuers_count = WORLD_ISSUERS;
}

static char *
read_keys(void)
{
	char *rsa = mint_file("rsa.jwk"), *ec = mint_file("ec.jwk"), *keys;

	if (asprintf(&keys, "{\"keys\":[%s,%s]}", rsa, ec) < 0)
		errx(99, "no memory");
	free(rsa);
	free(ec);
	return keys;
}

struct service_world *
service_world_new(void)
{
	struct service_world *world = calloc(1, sizeof(*world));

	if (!world)
		errx(99, "no memory");
	world->keys = read_keys();
	(void)strcpy(world->folder, "/tmp/test-service-XXXXXX");
	if (!mkdtemp(world->folder))
		err(99, "%s", world->folder);
	(void)snprintf(
	    world->path, sizeof(world->path), "%s/image", world->folder);
	fill_issuers(world);
	world->content.policy = &policy;
	world->content.sessions = world->sessions;
	add_account(world, WORLD_STAFF, "sub-kari", "kari");
	add_account(world, WORLD_STAFF, "sub-ola", "ola");
	service_world_publish(world);
	return world;
}

void
service_world_free(struct service_world *world)
{
	(void)unlink(world->path);
	(void)rmdir(world->folder);
	free(world->keys);
	free(world);
}

static int
put_fleet(const struct service_world *world, struct trust_writer *writer)
{
	struct trust_account account = {.tokens_from_s = TRUST_SINCE_EVER};
	char subject[64];
	int error = 0;
	size_t i;

	for (i = 0; !error && i < world->fleet; i++) {
		(void)snprintf(subject, sizeof(subject), "subject-%040zu", i);
		(void)snprintf(
		    account.name, sizeof(account.name), "user%zu", i);
		account.uid = WORLD_UID;
		error = trust_writer_account(
		    writer, WORLD_STAFF, subject, &account);
	}
	return error;
}

void
service_world_publish(struct service_world *world)
{
	struct trust_writer *writer = NULL;
	size_t i;
	int error = trust_writer_new(&writer);

	if (!error)
		error = put_fleet(world, writer);

	for (i = 0; !error && i < world->accounts_count; i++)
		error = trust_writer_account(writer, world->accounts[i].issuer,
		    world->accounts[i].subject, &world->accounts[i].account);
	if (!error)
		error = trust_writer_content(writer, &world->content);
	if (!error)
		error = trust_writer_publish(
		    writer, ++world->generation, world->path);
	if (error)
		errx(99, "no image: %s", strerror(-error));
	(void)trust_writer_free(writer);
}

void
service_world_withdraw(struct service_world *world)
{
	if (trust_withdraw(world->path) != 0)
		errx(99, "it is still there");
}

void
service_world_publish_now(struct service_world *world)
{
	struct timespec boot = {0};
	size_t i;

	(void)clock_gettime(CLOCK_BOOTTIME, &boot);
	for (i = 0; i < WORLD_ISSUERS; i++) {
		world->content.keys[i].at_s = boot.tv_sec;
		world->content.keys[i].until_s = boot.tv_sec + 3600;
	}
	service_world_publish(world);
}
