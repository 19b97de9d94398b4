#include "tests/unit/token_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>

/* The P-256 key of RFC 7517, appendix A.1. */
#define JWKS                                                          \
	"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"1\"," \
	"\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","      \
	"\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}]}"

static struct world the_world;
struct world *const world = &the_world;

static const char *const machine_targets[] = {
    "ks:fiks", "nav:helse/sykepenger.read"};
static const char *const resources[] = {"https://api.example",
    "https://api.example/", "https://one.example/", "urn:two"};
static const char *const details_for[] = {"0192:974760673"};
static const char *const details_types[] = {"t"};
static const char *const staff_targets[] = {"reports", "reports.write"};
static const char *const exchange_targets[] = {
    "prod:ns:archive", "prod:ns:mail"};
static const char *const machine_hosts[] = {"mp.example"};
static const char *const staff_hosts[] = {"idp.example"};

int __wrap_clock_gettime(clockid_t id, struct timespec *ret_now);
int __wrap_fetch_client_start(struct fetch_client *client,
    const struct fetch_request *request, fetch_done_fn done, void *userdata,
    struct fetch_call **ret_call);
void __wrap_fetch_call_cancel(struct fetch_call *call);
sd_event *__wrap_fetch_client_event(const struct fetch_client *client);
size_t __wrap_fetch_client_calls(const struct fetch_client *client);
const struct metadata *__wrap_issuer_metadata(const struct issuer *issuer);

int
__wrap_clock_gettime(clockid_t id, struct timespec *ret_now)
{
	if (id == CLOCK_REALTIME)
		*ret_now = (struct timespec){.tv_sec = world->wall_s};
	else
		*ret_now = (struct timespec){
		    .tv_sec = world->boot_us / WORLD_SECOND,
		    .tv_nsec = world->boot_us % WORLD_SECOND * 1000,
		};
	return 0;
}

static struct world_call *
free_call(void)
{
	size_t i;

	for (i = 0; i < WORLD_CALLS_MAX; i++) {
		if (!world->calls[i].is_under_way)
			return &world->calls[i];
	}
	fail_msg("more calls than the test has places for");
	return NULL;
}

static void
copy_form(struct world_call *call, const struct fetch_request *request)
{
	size_t i, at = 0;

	call->form[0] = '\0';
	for (i = 0; i < request->form_count; i++) {
		at += (size_t)snprintf(&call->form[at], sizeof(call->form) - at,
		    "%s=%s&", request->form[i].name, request->form[i].value);
		assert_true(at < sizeof(call->form));
	}
}

int
__wrap_fetch_client_start(struct fetch_client *client,
    const struct fetch_request *request, fetch_done_fn done, void *userdata,
    struct fetch_call **ret_call)
{
	struct world_call *call = free_call();

	(void)client;
	call->is_under_way = true;
	call->is_get = request->method == FETCH_GET;
	call->done = done;
	call->userdata = userdata;
	(void)snprintf(call->url, sizeof(call->url), "%s", request->url);
	(void)snprintf(call->authorization, sizeof(call->authorization), "%s",
	    request->authorization ? request->authorization : "");
	copy_form(call, request);
	world->posts += !call->is_get;
	*ret_call = (struct fetch_call *)call;
	return 0;
}

void
__wrap_fetch_call_cancel(struct fetch_call *call)
{
	if (call)
		((struct world_call *)call)->is_under_way = false;
}

sd_event *
__wrap_fetch_client_event(const struct fetch_client *client)
{
	(void)client;
	return world->event;
}

size_t
__wrap_fetch_client_calls(const struct fetch_client *client)
{
	(void)client;
	return world->calls_elsewhere;
}

const struct metadata *
__wrap_issuer_metadata(const struct issuer *issuer)
{
	(void)issuer;
	return &world->metadata;
}

static void
complete(struct world_call *call, enum fetch_outcome outcome,
    unsigned int status, const char *body)
{
	char *copy = strdup(body);
	const struct fetch_answer answer = {
	    .outcome = outcome,
	    .status = status,
	    .content_type = "application/json",
	    .date = "",
	    .body = copy,
	    .body_size = strlen(body),
	    .detail = "because",
	};

	assert_true(call->is_under_way);
	call->is_under_way = false;
	call->done(&answer, call->userdata);
	/* What is borrowed longer than the call shows under the sanitizers. */
	free(copy);
}

/* Metadata and keys, of whichever issuer is asked. */
static void
complete_get(struct world_call *call)
{
	const char *base = strstr(call->url, "//mp.example") ? MACHINES : STAFF;
	char document[1024];

	if (world->is_down) {
		complete(call, FETCH_UNREACHABLE, 0, "");
		return;
	}
	if (!strstr(call->url, "/.well-known/")) {
		complete(call, FETCH_DONE, 200, JWKS);
		return;
	}
	(void)snprintf(document, sizeof(document),
	    "{\"issuer\":\"%s\",\"jwks_uri\":\"%sjwks\","
	    "\"token_endpoint\":\"https://idp.example/token\","
	    "\"device_authorization_endpoint\":\"https://idp.example/device\"}",
	    base, MACHINES);
	complete(call, FETCH_DONE, 200, document);
}

static bool
complete_gets(void)
{
	size_t i;

	for (i = 0; i < WORLD_CALLS_MAX; i++) {
		if (!world->calls[i].is_under_way || !world->calls[i].is_get)
			continue;
		complete_get(&world->calls[i]);
		return true;
	}
	return false;
}

void
world_run(void)
{
	int result;

	do {
		result = sd_event_run(world->event, 0);
		assert_true(result >= 0);
	} while (result > 0 || complete_gets());
}

void
world_wait_s(int64_t seconds)
{
	world->boot_us += seconds * WORLD_SECOND;
	world->wall_s += seconds;
}

size_t
world_posts_under_way(void)
{
	size_t i, count = 0;

	for (i = 0; i < WORLD_CALLS_MAX; i++)
		count +=
		    world->calls[i].is_under_way && !world->calls[i].is_get;
	return count;
}

struct world_call *
world_post(void)
{
	size_t i;

	assert_int_equal(world_posts_under_way(), 1);
	for (i = 0; i < WORLD_CALLS_MAX; i++) {
		if (world->calls[i].is_under_way && !world->calls[i].is_get)
			break;
	}
	return &world->calls[i];
}

void
world_answer_call(struct world_call *call, enum fetch_outcome outcome,
    unsigned int status, const char *body)
{
	complete(call, outcome, status, body);
	world_run();
}

void
world_answer(enum fetch_outcome outcome, unsigned int status, const char *body)
{
	world_answer_call(world_post(), outcome, status, body);
}

void
world_parameter(const struct world_call *call, const char *name,
    char *ret_value, size_t size)
{
	const size_t length = strlen(name);
	const char *at = call->form, *end;

	while (strncmp(at, name, length) != 0 || at[length] != '=') {
		at = strchr(at, '&');
		assert_non_null(at);
		at++;
	}
	at += length + 1;
	end = strchr(at, '&');
	assert_non_null(end);
	assert_true((size_t)(end - at) < size);
	(void)snprintf(ret_value, size, "%.*s", (int)(end - at), at);
}

static struct secret *
secret_of(const char *text, size_t size)
{
	struct secret *secret = NULL;

	assert_int_equal(secret_new(text, size, &secret), 0);
	return secret;
}

static void
make_key(void)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long size;

	world->key = EVP_RSA_gen(2048);
	assert_int_equal(PEM_write_bio_PrivateKey(
			     bio, world->key, NULL, NULL, 0, NULL, NULL),
	    1);
	size = BIO_get_mem_data(bio, &text);
	world->key_pem = secret_of(text, (size_t)size);
	BIO_free(bio);
}

static void
configure(void)
{
	world->config.issuers[0] = (struct config_issuer){
	    .profile.issuer = MACHINES,
	    .kind = issuer_kind_find("maskinporten"),
	    .name = "maskinporten",
	    .client_id = "machine-client",
	    .client_auth = CONFIG_CLIENT_PRIVATE_KEY_JWT,
	    .client_key = world->key_pem,
	    .client_key_id = "key-1",
	    .client_key_algorithm = "RS256",
	    .targets = machine_targets,
	    .targets_count = 2,
	    .resources = resources,
	    .resources_count = 4,
	    .details_for = details_for,
	    .details_for_count = 1,
	    .details_types = details_types,
	    .details_types_count = 1,
	    .hosts = machine_hosts,
	    .hosts_count = 1,
	};
	world->config.issuers[1] = (struct config_issuer){
	    .profile.issuer = STAFF,
	    .kind = issuer_kind_find("generic"),
	    .name = "staff",
	    .client_id = "portvakt",
	    .client_auth = CONFIG_CLIENT_SECRET_BASIC,
	    .client_secret = world->client_secret,
	    .introspects = true,
	    .targets = staff_targets,
	    .targets_count = 2,
	    .resources = resources,
	    .resources_count = 4,
	    .details_for = details_for,
	    .details_for_count = 1,
	    .details_types = details_types,
	    .details_types_count = 1,
	    .exchange_targets = exchange_targets,
	    .exchange_targets_count = 2,
	    .hosts = staff_hosts,
	    .hosts_count = 1,
	};
	world->config.issuers[2] = world->config.issuers[1];
	world->config.issuers[2].name = "people";
	world->config.issuers[2].kind = issuer_kind_find("idporten");
	world->config.issuers[2].introspects = false;
	world->config.issuers_count = 3;
}

struct config_issuer *
world_issuer(const char *name)
{
	size_t i;

	for (i = 0; i < world->config.issuers_count; i++) {
		if (strcmp(world->config.issuers[i].name, name) == 0)
			return &world->config.issuers[i];
	}
	fail_msg("no issuer %s", name);
	return NULL;
}

int
world_set_up(void **state)
{
	size_t i;

	(void)state;
	memset(world, 0, sizeof(*world));
	world->boot_us = 1000 * (int64_t)WORLD_SECOND;
	world->wall_s = WORLD_NOW_S;
	make_key();
	world->client_secret = secret_of("hemmelig", strlen("hemmelig"));
	configure();
	world->metadata = (struct metadata){
	    .jwks_uri = MACHINES "jwks",
	    .token_endpoint = "https://mp.example/token",
	    .introspection_endpoint = "https://idp.example/introspect",
	};
	if (sd_event_new(&world->event) < 0)
		return -1;
	/* It never comes to its end: the references of the test stay. */
	world->realm.references = 1;
	world->realm.config = &world->config;
	for (i = 0; i < world->config.issuers_count; i++) {
		if (issuer_new(NULL, &world->config.issuers[i], 1000, NULL,
			&world->realm.issuers[i]))
			return -1;
	}
	return 0;
}

int
world_tear_down(void **state)
{
	size_t i;

	(void)state;
	assert_int_equal(world->realm.references, 1);
	for (i = 0; i < world->config.issuers_count; i++)
		issuer_free(world->realm.issuers[i]);
	(void)sd_event_unref(world->event);
	secret_free(world->key_pem);
	secret_free(world->client_secret);
	EVP_PKEY_free(world->key);
	return 0;
}
