#include "broker/admin/admin.h"

#include "broker/admin/admin_actor.h"
#include "broker/admin/admin_answer.h"
#include "broker/admin/admin_command.h"
#include "broker/admin/admin_handle.h"
#include "broker/clock.h"
#include "broker/json_document.h"
#include "lib/admin_protocol.h"
#include "lib/frame.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* Others than root import 200 rows at most, and not all day. */
	REQUEST_OF_OTHERS_MAX = 256 * 1024,
	OTHERS_MAX_OF_UID = 4, /* connections at one time; nobody takes all */
	OTHERS_BURST = 20,
	OTHERS_PER_S = 5,
};

/* One issuer of check-issuer, while it is asked and with what it said. */
struct probe {
	struct admin *admin;
	const struct issuer *issuer;
	struct issuer_wait *wait;
	json_t *said; /* NULL: nothing yet */
};

struct admin {
	struct broker *broker;
	int fd;
	struct admin_actor actor;
	uid_t uid;
	bool counted; /* in admins_of_others */
	sd_event_source *input;
	sd_event_source *deadline;
	struct frame_reader reader;
	struct frame_writer writer;
	bool asked; /* one request a connection */
	struct realm *realm; /* of check-issuer, held while it waits */
	struct admin_handle *handle; /* that is being judged */
	struct probe probes[POLICY_ISSUERS_MAX]; /* as its issuers */
};

static void
stop_probes(struct admin *admin)
{
	size_t i;

	for (i = 0; i < POLICY_ISSUERS_MAX; i++) {
		issuer_wait_cancel(admin->probes[i].wait);
		json_decref(admin->probes[i].said);
		admin->probes[i] = (struct probe){0};
	}
}

/* One of the places that others than root share, if there is one for uid. */
static bool
take_place(struct broker *broker, uid_t uid)
{
	unsigned int i, own = 0;

	for (i = 0; i < broker->admins_of_others_count; i++)
		own += broker->admins_of_others[i] == uid;
	if (i == BROKER_ADMINS_OF_OTHERS_MAX || own >= OTHERS_MAX_OF_UID)
		return false;
	broker->admins_of_others[broker->admins_of_others_count++] = uid;
	return true;
}

static void
leave_place(struct broker *broker, uid_t uid)
{
	unsigned int i = 0;

	while (broker->admins_of_others[i] != uid)
		i++;
	broker->admins_of_others[i] =
	    broker->admins_of_others[--broker->admins_of_others_count];
}

static void
admin_free(struct admin *admin)
{
	if (admin->counted)
		leave_place(admin->broker, admin->uid);
	stop_probes(admin);
	admin_handle_free(admin->handle);
	realm_unref(admin->realm);
	sd_event_source_disable_unref(admin->input);
	sd_event_source_disable_unref(admin->deadline);
	frame_reader_done(&admin->reader);
	frame_writer_done(&admin->writer);
	(void)close(admin->fd);
	free(admin);
}

/* Sends what the peer takes now; the rest when it takes more. */
static void
flush(struct admin *admin)
{
	if (frame_writer_flush(&admin->writer, admin->fd) ||
	    frame_writer_waiting(&admin->writer) == 0)
		admin_free(admin);
	else
		(void)sd_event_source_set_io_events(admin->input, EPOLLOUT);
}

/* jansson's copy of a secret is freed as it is. */
static void
wipe_text(const json_t *value)
{
	union {
		const char *shown;
		char *own;
	} at = {json_string_value(value)};

	if (at.own)
		explicit_bzero(at.own, json_string_length(value));
}

/* json_dumps would grow its text, and leave copies where it was. */
static char *
write_text(const json_t *reply)
{
	size_t size = json_dumpb(reply, NULL, 0, JSON_COMPACT);
	char *text = size > 0 ? malloc(size + 1) : NULL;

	if (!text)
		return NULL;
	if (json_dumpb(reply, text, size, JSON_COMPACT) != size) {
		free(text);
		return NULL;
	}
	text[size] = '\0';
	return text;
}

/* Sends the answer (taken; NULL: out of memory) and ends the connection. */
static void
answer(struct admin *admin, json_t *reply)
{
	char *text = reply ? write_text(reply) : NULL;
	int error = text ? frame_writer_put(&admin->writer, text, strlen(text))
			 : -ENOMEM;

	wipe_text(json_object_get(json_object_get(reply, "result"), "handle"));
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
	json_decref(reply);
	if (error)
		admin_free(admin);
	else
		flush(admin);
}

static json_t *
clock_offset(const struct issuer *issuer)
{
	int64_t offset_s;

	return issuer_clock_offset_s(issuer, &offset_s)
		   ? json_null()
		   : json_integer(offset_s);
}

/* That what the configuration asks of it needs; NULL: it has all of them. */
static const char *
missing_endpoint(const struct issuer *issuer)
{
	const struct config_issuer *config = issuer_config(issuer);
	const struct metadata *metadata = issuer_metadata(issuer);

	if ((config->targets_count > 0 || config->exchange_targets_count > 0) &&
	    metadata->token_endpoint[0] == '\0')
		return "token_endpoint";
	if (config->introspects && metadata->introspection_endpoint[0] == '\0')
		return "introspection_endpoint";
	return NULL;
}

/* NULL while one of them has not answered. */
static json_t *
collect(struct admin *admin)
{
	size_t i, count = admin->realm->config->issuers_count;
	json_t *issuers;

	for (i = 0; i < count; i++) {
		if (!admin->probes[i].said)
			return NULL;
	}
	issuers = json_array();
	for (i = 0; i < count; i++)
		(void)json_array_append(issuers, admin->probes[i].said);
	return issuers;
}

static void
probed(enum issuer_result result, const char *detail, void *userdata)
{
	struct probe *probe = userdata;
	const struct config_issuer *config = issuer_config(probe->issuer);
	json_t *issuers;

	probe->wait = NULL;
	probe->said = json_pack("{s:s, s:s, s:b, s:b, s:s, s:o, s:s?}", "url",
	    config->profile.issuer, "name", config->name, "login",
	    config->logs_people_in, "reachable",
	    result == ISSUER_READY && !detail[0], "detail", detail,
	    "clock_offset_s", clock_offset(probe->issuer), "lacks",
	    result == ISSUER_READY ? missing_endpoint(probe->issuer) : NULL);
	issuers = collect(probe->admin);
	if (issuers)
		answer(probe->admin, json_pack("{s:b, s:{s:o}}", "ok", 1,
					 "result", "issuers", issuers));
}

/* The one command that takes a while: it asks the providers, all at once. */
static void
check_issuers(struct admin *admin)
{
	struct probe *probe;
	size_t i;
	int error = 0;

	if (!admin->broker->realm) {
		answer(admin, admin_error("not-configured",
				  admin->broker->config_error.text));
		return;
	}
	admin->realm = realm_ref(admin->broker->realm);
	for (i = 0; i < admin->realm->config->issuers_count && !error; i++) {
		probe = &admin->probes[i];
		probe->admin = admin;
		probe->issuer = admin->realm->issuers[i];
		error = issuer_probe(
		    admin->realm->issuers[i], probed, probe, &probe->wait);
	}
	if (error) {
		stop_probes(admin);
		answer(admin, admin_error("failed", strerror(-error)));
	}
}

static void
handle_judged(json_t *reply, void *userdata)
{
	answer(userdata, reply);
}

/* The other one that may take a while: keys may have to be fetched. */
static void
make_handle(struct admin *admin, const json_t *request)
{
	json_t *refusal;

	refusal = admin_handle_new(admin->broker, &admin->actor, request,
	    handle_judged, admin, &admin->handle);
	wipe_text(json_object_get(request, "token"));
	if (refusal || !admin->handle)
		answer(admin, refusal);
}

static bool
is_command(const json_t *request, const char *name)
{
	const char *command =
	    json_string_value(json_object_get(request, "command"));

	return command && strcmp(command, name) == 0;
}

static void
take_request(struct admin *admin, const uint8_t *body, size_t size)
{
	json_document *request = json_document_parse((const char *)body, size);

	admin->asked = true;
	if (admin->actor.root && is_command(request, "check-issuer")) {
		check_issuers(admin);
		return;
	}
	if (is_command(request, "handle")) {
		make_handle(admin, request);
		return;
	}
	answer(admin, admin_command_run(admin->broker, &admin->actor, request));
}

static int
serve(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct admin *admin = userdata;
	const uint8_t *body;
	size_t size;
	int got;

	(void)source;
	if (events & EPOLLOUT) {
		flush(admin);
		return 0;
	}
	if (admin->asked) { /* spoke out of turn, or left */
		admin_free(admin);
		return 0;
	}
	got = frame_reader_next(&admin->reader, fd, &body, &size);
	if (got > 0)
		take_request(admin, body, size);
	else if (got < 0)
		admin_free(admin);
	return 0;
}

static int
late(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	admin_free(userdata);
	return 0;
}

static int
watch(struct admin *admin)
{
	sd_event *event = admin->broker->event;
	int error;

	error = sd_event_add_io(
	    event, &admin->input, admin->fd, EPOLLIN, serve, admin);
	if (error >= 0)
		error = sd_event_add_time_relative(event, &admin->deadline,
		    CLOCK_BOOTTIME, (uint64_t)ADMIN_DEADLINE_MS * 1000, 0, late,
		    admin);
	return error < 0 ? error : 0;
}

/* Says so and waits for nothing: a stranger takes nobody's place. */
static int
refuse_unknown(struct admin *admin)
{
	json_auto_t *reply = admin_error("not-permitted",
	    "only root, and accounts of Portvakt that are not locked, may ask "
	    "the broker");
	char *text = reply ? json_dumps(reply, JSON_COMPACT) : NULL;

	if (text && !frame_writer_put(&admin->writer, text, strlen(text)))
		(void)frame_writer_flush(&admin->writer, admin->fd);
	free(text);
	return -EACCES;
}

/* Who is too much of others than root gets no answer. */
static int
admit(struct admin *admin)
{
	struct broker *broker = admin->broker;

	if (admin->actor.root)
		return 0;
	admin->counted = take_place(broker, admin->uid);
	if (!admin->counted || !rate_take(&broker->admin_others_rate,
				   OTHERS_BURST, OTHERS_PER_S, clock_boot_us()))
		return -EBUSY;
	return 0;
}

static int
start(struct admin *admin)
{
	struct ucred peer;
	int error;

	error = frame_peer(admin->fd, &peer);
	if (error)
		return error;
	admin->uid = peer.uid;
	if (admin_actor_find(admin->broker, &peer, &admin->actor))
		return refuse_unknown(admin);
	error = admit(admin);
	if (error)
		return error;
	frame_reader_init(&admin->reader,
	    admin->actor.root ? ADMIN_FRAME_SIZE_MAX : REQUEST_OF_OTHERS_MAX);
	return watch(admin);
}

int
admin_serve(struct broker *broker, int fd)
{
	struct admin *admin = calloc(1, sizeof(*admin));
	int error;

	if (!admin) {
		(void)close(fd);
		return -ENOMEM;
	}
	admin->broker = broker;
	admin->fd = fd;
	frame_writer_init(&admin->writer, ADMIN_FRAME_SIZE_MAX);
	error = start(admin);
	if (error)
		admin_free(admin);
	return error;
}
