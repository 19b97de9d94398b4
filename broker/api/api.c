#include "broker/api/api.h"

#include "broker/api/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_gate(const char *path)
{
	return strcmp(path, "/auth") == 0 || strncmp(path, "/auth/", 6) == 0;
}

static bool
is_get(const char *method)
{
	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static const char *
health_words(int error)
{
	switch (-error) {
	case ENOENT:
		return "there is no trust image\n";
	case EACCES:
	case EPERM:
		return "portvakt-api may not read the trust image: its user "
		       "must be in the group portvakt-verify\n";
	default:
		return "the trust image cannot be used\n";
	}
}

static void
answer_health(struct api *api, struct answer *answer)
{
	/* What verifies is asked, not what describes it. */
	int count = portvakt_groups_count(api->portvakt);

	if (count >= 0) {
		answer_text(answer, 200, "text/plain", strdup("ok\n"));
		return;
	}
	answer_text(answer, 503, "text/plain", strdup(health_words(count)));
	answer_header(answer, "Retry-After", "1");
}

static void
answer_metrics(struct api *api, struct answer *answer)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	int failed;

	if (file) {
		issuers_refresh(&api->issuers);
		metrics_print(api->metrics, file);
		issuers_print(&api->issuers, file);
		(void)fputs("# EOF\n", file);
		failed = ferror(file);
		if (fclose(file) != 0 || failed) {
			free(text);
			text = NULL;
		}
	}
	answer_text(answer, 200,
	    "application/openmetrics-text; version=1.0.0; charset=utf-8", text);
}

/*
 * On TCP a client has a secret. Authorization is its own but where it brings
 * somebody else's token there.
 */
static const struct api_client *
client_by_secret(const struct api *api, const struct api_call *call)
{
	const char *header = is_gate(call->path) ? call->portvakt_authorization
						 : call->authorization;
	const struct api_client *client = NULL;
	struct request_login login;

	if (!header)
		return NULL;
	if (request_basic(header, &login) == 0)
		client = api_config_client_by_secret(
		    api->config, login.name, login.secret);
	explicit_bzero(&login, sizeof(login));
	return client;
}

const struct api_client *
api_find_client(const struct api *api, const struct api_call *call)
{
	if (call->local)
		return api_config_client_by_uid(api->config, call->uid);
	return client_by_secret(api, call);
}

/* Nothing but a status: they are not told what there is. */
static void
refuse_stranger(const struct api_call *call, struct answer *answer)
{
	/* To a web server, 401 would mean its own caller's credentials. */
	answer_status(answer, call->local || is_gate(call->path) ? 403 : 401);
	if (answer->status == 401)
		answer_header(
		    answer, "WWW-Authenticate", "Basic realm=\"portvakt\"");
}

struct route {
	const char *path;
	const char *allow;
	bool (*admits)(const char *method);
	void (*answer)(struct api *api, const struct api_client *client,
	    const struct api_call *call, struct answer *ret_answer);
};

static bool
is_post(const char *method)
{
	return strcmp(method, "POST") == 0;
}

static void
api_metrics(struct api *api, const struct api_client *client,
    const struct api_call *call, struct answer *ret_answer)
{
	(void)client;
	(void)call;
	answer_metrics(api, ret_answer);
}

static const struct route gate = {"/auth", "GET, HEAD", is_get, api_gate};
static const struct route routes[] = {
    {"/introspect", "POST", is_post, api_introspect},
    {"/api/v1/introspect", "POST", is_post, api_texas},
    {"/api/v1/token", "POST", is_post, api_token},
    {"/api/v1/token/exchange", "POST", is_post, api_exchange},
    {"/link", "POST", is_post, api_link},
    {"/metrics", "GET, HEAD", is_get, api_metrics},
};

static const struct route *
find_route(const char *path)
{
	size_t i;

	if (is_gate(path))
		return &gate;
	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(routes[i].path, path) == 0)
			return &routes[i];
	}
	return NULL;
}

static void
answer_route(struct api *api, const struct api_call *call,
    const struct route *route, struct answer *ret_answer)
{
	const struct api_client *client = api_find_client(api, call);

	if (!client) {
		refuse_stranger(call, ret_answer);
		return;
	}
	if (!route) {
		answer_status(ret_answer, 404);
		return;
	}
	if (!route->admits(call->method)) {
		answer_status(ret_answer, 405);
		answer_header(ret_answer, "Allow", "%s", route->allow);
		return;
	}
	route->answer(api, client, call, ret_answer);
}

bool
api_answer(
    struct api *api, const struct api_call *call, struct answer *ret_answer)
{
	if (strcmp(call->path, "/healthz") == 0 && is_get(call->method)) {
		answer_health(api, ret_answer);
		return true;
	}
	answer_route(api, call, find_route(call->path), ret_answer);
	if (!errand_waits(call->errand))
		return true;
	/* Nothing was written, or nothing of it counts. */
	return false;
}
