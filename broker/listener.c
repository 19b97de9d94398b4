#include "broker/listener.h"
#include "lib/socket_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

enum { BACKLOG = 128, PAUSE_US = 100000 };

struct listener {
	sd_event_source *input;
	sd_event_source *pause;
	listener_accept_fn accepted;
	void *userdata;
};

/* Systemd's socket of that name (FileDescriptorName=), or -ENOENT. */
static int
find_passed(const char *name)
{
	char **names = NULL;
	int count, i, fd = -ENOENT;

	count = sd_listen_fds_with_names(0, &names);
	for (i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0)
			fd = SD_LISTEN_FDS_START + i;
		free(names[i]);
	}
	free(names);
	return fd;
}

static int
resume(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct listener *listener = userdata;

	(void)source;
	(void)usec;
	return sd_event_source_set_enabled(listener->input, SD_EVENT_ON);
}

static void
pause_listening(struct listener *listener)
{
	(void)sd_event_source_set_enabled(listener->input, SD_EVENT_OFF);
	(void)sd_event_source_set_time_relative(listener->pause, PAUSE_US);
	(void)sd_event_source_set_enabled(listener->pause, SD_EVENT_ONESHOT);
}

static int
acceptable(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct listener *listener = userdata;
	int peer;

	(void)source;
	(void)events;
	peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (peer >= 0)
		listener->accepted(peer, listener->userdata);
	else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		 errno == ENOBUFS)
		pause_listening(listener);
	return 0;
}

static int
watch(struct listener *listener, sd_event *event, int fd)
{
	int error;

	error = sd_event_add_io(
	    event, &listener->input, fd, EPOLLIN, acceptable, listener);
	if (error >= 0)
		error = sd_event_source_set_io_fd_own(listener->input, 1);
	if (error >= 0)
		error = sd_event_add_time_relative(event, &listener->pause,
		    CLOCK_BOOTTIME, 0, 0, resume, listener);
	if (error >= 0)
		error =
		    sd_event_source_set_enabled(listener->pause, SD_EVENT_OFF);
	return error < 0 ? error : 0;
}

int
listener_new(sd_event *event, const char *name, const char *path, mode_t mode,
    listener_accept_fn accepted, void *userdata, struct listener **ret_listener)
{
	struct listener *listener;
	int fd, error;

	fd = find_passed(name);
	if (fd < 0) {
		error = socket_file_listen(path, mode, BACKLOG, &fd);
		if (error)
			return error;
	}
	listener = calloc(1, sizeof(*listener));
	if (!listener) {
		(void)close(fd);
		return -ENOMEM;
	}
	listener->accepted = accepted;
	listener->userdata = userdata;
	error = watch(listener, event, fd);
	if (error) {
		listener_free(listener);
		return error;
	}
	*ret_listener = listener;
	return 0;
}

struct listener *
listener_free(struct listener *listener)
{
	if (!listener)
		return NULL;
	sd_event_source_disable_unref(listener->pause);
	sd_event_source_disable_unref(listener->input);
	free(listener);
	return NULL;
}
