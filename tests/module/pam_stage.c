#include "tests/module/pam_stage.h"

#include "broker/directory/directory_builder.h"
#include "lib/frame.h"
#include "lib/paths.h"
#include "lib/strict_services.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define CONF_DIR "/run/stage/pam.d"
#define PASSWD "/run/stage/passwd"
#define NSSWITCH "/run/stage/nsswitch.conf"
#define SERVICE "stage"
#define SOCKET_PATH PORTVAKT_RUNDIR "/login.sock"
#define IMAGE_PATH PORTVAKT_STATEDIR "/directory"

static struct {
	char log[16384];
	int speed;
	int longest_wait_ms;
	int listener;
	pid_t broker;
	char module_path[4096];
} stage = {.speed = 1, .listener = -1, .broker = -1};

/* libc's calls, as this program lets the module have them. */
int clock_gettime(clockid_t clock, struct timespec *ret_time);
int poll(struct pollfd *fds, nfds_t count, int timeout_ms);
void __syslog_chk(int priority, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

int
clock_gettime(clockid_t clock, struct timespec *ret_time)
{
	int64_t faster_us;

	if (syscall(SYS_clock_gettime, clock, ret_time) < 0)
		return -1;
	if (clock != CLOCK_MONOTONIC)
		return 0;
	faster_us = (ret_time->tv_sec * 1000000 + ret_time->tv_nsec / 1000) *
		    stage.speed;
	ret_time->tv_sec = faster_us / 1000000;
	ret_time->tv_nsec = faster_us % 1000000 * 1000;
	return 0;
}

int
poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	int faster_ms = timeout_ms / stage.speed;
	struct timespec timeout = {
	    .tv_sec = faster_ms / 1000, .tv_nsec = faster_ms % 1000 * 1000000L};

	if (timeout_ms > stage.longest_wait_ms)
		stage.longest_wait_ms = timeout_ms;
	return ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, NULL);
}

void
__syslog_chk(int priority, int flag, const char *format, ...)
{
	size_t used = strlen(stage.log);
	va_list arguments;

	(void)priority;
	(void)flag;
	va_start(arguments, format);
	(void)vsnprintf(
	    stage.log + used, sizeof(stage.log) - used - 1, format, arguments);
	va_end(arguments);
	strcat(stage.log, "\n");
}

static void
make_dirs(const char *path)
{
	char part[4096];
	size_t i;

	for (i = 1; i <= strlen(path); i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			fail_msg("mkdir %s: %s", part, strerror(errno));
	}
}

/* Covers the nearest directory that exists, so that the host keeps its own. */
static bool
cover(const char *path)
{
	char at[4096];

	(void)snprintf(at, sizeof(at), "%s", path);
	while (access(at, F_OK) < 0)
		*strrchr(at, '/') = '\0';
	return at[0] && mount("stage", at, "tmpfs", 0, "mode=755") == 0;
}

static bool
map_self(const char *file, unsigned int id)
{
	char line[64];
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	int size = snprintf(line, sizeof(line), "0 %u 1", id);
	bool written = fd >= 0 && write(fd, line, (size_t)size) == size;

	if (fd >= 0)
		(void)close(fd);
	return written;
}

static bool
leave_the_host(void)
{
	unsigned int uid = geteuid(), gid = getegid();

	if (uid == 0)
		return unshare(CLONE_NEWNS) == 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return false;
	stage_write("/proc/self/setgroups", "deny");
	return map_self("/proc/self/uid_map", uid) &&
	       map_self("/proc/self/gid_map", gid);
}

bool
stage_enter(void)
{
	if (!realpath("pam_module/.libs/pam_portvakt.so", stage.module_path))
		fail_msg("pam_portvakt.so is not built");
	if (!leave_the_host() ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    !cover("/run") || !cover(PORTVAKT_STATEDIR))
		return false;
	(void)signal(SIGPIPE, SIG_DFL);
	make_dirs(CONF_DIR);
	make_dirs(PORTVAKT_STATEDIR);
	stage_write(CONF_DIR "/other", "auth required pam_deny.so\n");
	stage_write(PASSWD, "");
	stage_write(NSSWITCH, "passwd: files\ngroup: files\nshadow: files\n");
	return mount(PASSWD, "/etc/passwd", NULL, MS_BIND, NULL) == 0 &&
	       mount(NSSWITCH, "/etc/nsswitch.conf", NULL, MS_BIND, NULL) == 0;
}

void
stage_write_bytes(const char *path, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || close(fd) < 0)
		fail_msg("cannot write %s: %s", path, strerror(errno));
}

void
stage_write(const char *path, const char *text)
{
	stage_write_bytes(path, text, strlen(text));
}

void
stage_passwd(const char *lines)
{
	char text[4096];

	(void)snprintf(
	    text, sizeof(text), "root:x:0:0:root:/root:/bin/sh\n%s", lines);
	stage_write(PASSWD, text);
}

const char *
stage_image_path(void)
{
	return IMAGE_PATH;
}

void
stage_strict_services(const char *lines)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "%s%s", STRICT_SERVICES_HEAD, lines);
	stage_write(PORTVAKT_STRICT_SERVICES, text);
}

void
stage_publish(void)
{
	struct directory_builder *builder;
	uint32_t index;

	assert_int_equal(directory_builder_new(1, false, &builder), 0);
	assert_int_equal(directory_builder_user(builder, "kari", STAGE_KARI_UID,
			     "Kari", "/home/kari", "/bin/bash", true, &index),
	    0);
	assert_int_equal(directory_builder_user(builder, "ola", STAGE_OLA_UID,
			     "Ola", "/home/ola", "/bin/bash", false, &index),
	    0);
	assert_int_equal(directory_builder_publish(builder, IMAGE_PATH), 0);
	directory_builder_free(builder);
	stage_strict_services("");
}

const char *
stage_module_path(void)
{
	return stage.module_path;
}

void
stage_service_lines(const char *lines)
{
	stage_write(CONF_DIR "/" SERVICE, lines);
}

void
stage_service(const char *control, const char *arguments)
{
	static const char *const phases[] = {"auth", "account", "session"};
	char lines[16384] = "", line[5000];
	size_t i;

	for (i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
		(void)snprintf(line, sizeof(line), "%s %s %s %s\n", phases[i],
		    control, stage.module_path, arguments);
		strcat(lines, line);
	}
	stage_service_lines(lines);
}

int
stage_reset(void **state)
{
	(void)state;
	stage.log[0] = '\0';
	stage.longest_wait_ms = 0;
	stage.speed = 1;
	(void)unlink(SOCKET_PATH);
	(void)mkdir(PORTVAKT_RUNDIR, 0755);
	if (chmod(PORTVAKT_RUNDIR, 0755) < 0)
		return -1;
	stage_passwd("kari:x:1900000001:1900000001::/home/kari:/bin/bash\n"
		     "ola:x:1900000002:1900000002::/home/ola:/bin/bash\n");
	stage_publish();
	stage_service("required", "");
	return 0;
}

/* The person. */

static const char *
style_word(int style)
{
	switch (style) {
	case PAM_TEXT_INFO:
		return "info";
	case PAM_ERROR_MSG:
		return "error";
	case PAM_PROMPT_ECHO_ON:
		return "echo";
	case PAM_PROMPT_ECHO_OFF:
		return "hidden";
	default:
		return "?";
	}
}

static void
note(struct stage_person *person, const struct pam_message *message)
{
	size_t used = strlen(person->transcript);

	(void)snprintf(person->transcript + used,
	    sizeof(person->transcript) - used, "%s: %s\n",
	    style_word(message->msg_style), message->msg);
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **ret_responses, void *data)
{
	struct stage_person *person = data;
	struct pam_response *response;
	int style = messages[0]->msg_style;
	size_t i;

	assert_int_equal(count, 1);
	if (++person->messages == person->fails_at)
		return PAM_CONV_ERR;
	note(person, messages[0]);
	response = calloc(1, sizeof(*response));
	if (style == PAM_PROMPT_ECHO_ON || style == PAM_PROMPT_ECHO_OFF) {
		if (person->answers[0])
			response->resp = strdup(person->answers[0]);
		for (i = 1; i < STAGE_ANSWERS_MAX; i++)
			person->answers[i - 1] = person->answers[i];
	}
	*ret_responses = response;
	return PAM_SUCCESS;
}

pam_handle_t *
stage_start(const char *user, struct stage_person *person)
{
	struct pam_conv conv = {
	    .conv = person->is_nobody ? NULL : converse, .appdata_ptr = person};
	pam_handle_t *pamh = NULL;

	person->messages = 0;
	person->transcript[0] = '\0';
	assert_int_equal(
	    pam_start_confdir(SERVICE, user, &conv, CONF_DIR, &pamh),
	    PAM_SUCCESS);
	return pamh;
}

void
stage_end(pam_handle_t *pamh)
{
	assert_int_equal(pam_end(pamh, PAM_SUCCESS), PAM_SUCCESS);
}

/* The broker. */

static int
listen_here(void)
{
	struct sockaddr_un address = {
	    .sun_family = AF_UNIX, .sun_path = SOCKET_PATH};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)unlink(SOCKET_PATH);
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 8) < 0)
		fail_msg("cannot listen: %s", strerror(errno));
	return fd;
}

static void
play(int listener, stage_scene_fn scene, const void *script)
{
	int fd;

	(void)alarm(30);
	fd = accept(listener, NULL, NULL);
	scene_check(fd >= 0, "accept");
	(void)close(listener);
	scene(fd, script);
	_exit(0);
}

void
stage_broker(stage_scene_fn scene, const void *script)
{
	int listener = listen_here();

	stage.broker = fork();
	assert_true(stage.broker >= 0);
	if (stage.broker == 0)
		play(listener, scene, script);
	(void)close(listener);
}

/* Another user's process has bound the path: root lent its directory. */
void
stage_broker_as(unsigned int uid, stage_scene_fn scene, const void *script)
{
	int ready[2], listener;
	char byte;

	assert_int_equal(pipe(ready), 0);
	stage.broker = fork();
	assert_true(stage.broker >= 0);
	if (stage.broker == 0) {
		(void)chmod(PORTVAKT_RUNDIR, 0777);
		scene_check(setuid(uid) == 0, "setuid");
		listener = listen_here();
		(void)close(ready[1]);
		play(listener, scene, script);
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);
	(void)close(ready[0]);
	assert_int_equal(chmod(PORTVAKT_RUNDIR, 0755), 0);
}

void
stage_broker_leave(void)
{
	int status = -1;

	assert_int_equal(waitpid(stage.broker, &status, 0), stage.broker);
	stage.broker = -1;
	(void)unlink(SOCKET_PATH);
	assert_int_equal(status, 0);
}

void
stage_broker_deaf(void)
{
	stage.listener = listen_here();
}

bool
stage_broker_was_called(void)
{
	struct pollfd knock = {.fd = stage.listener, .events = POLLIN};
	bool called = poll(&knock, 1, 0) > 0;

	(void)close(stage.listener);
	stage.listener = -1;
	(void)unlink(SOCKET_PATH);
	return called;
}

void
scene_check(bool is_right, const char *what)
{
	if (is_right)
		return;
	(void)fprintf(stderr, "# the broker's scene went wrong: %s\n", what);
	_exit(1);
}

void
scene_hear(
    int fd, enum login_message_type type, struct login_message *ret_message)
{
	static uint8_t body[LOGIN_TOKEN_FRAME_SIZE_MAX]; /* a token stays */
	size_t size;

	scene_check(
	    frame_receive(fd, body, sizeof(body), 100000, &size) == 0, "frame");
	scene_check(login_message_get(body, size, ret_message) == 0, "message");
	scene_check(ret_message->type == type, "type");
}

void
scene_begin(int fd, enum login_phase phase)
{
	struct login_message m;

	scene_hear(fd, LOGIN_BEGIN, &m);
	scene_check(m.begin.phase == phase, "phase");
}

void
scene_raw(int fd, const void *bytes, size_t size)
{
	scene_check(
	    send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size, "send");
}

void
scene_say(int fd, const struct login_message *message)
{
	uint8_t body[LOGIN_FRAME_SIZE_MAX];
	size_t size = 0;

	scene_check(
	    login_message_put(message, body, sizeof(body), &size) == 0, "put");
	scene_check(frame_send(fd, body, size, 100000) == 0, "send");
}

void
scene_show(int fd, enum login_style style, const char *text)
{
	struct login_message m = {.type = LOGIN_SHOW, .show.style = style};

	strcpy(m.show.text, text);
	scene_say(fd, &m);
}

void
scene_ask(int fd, bool echo, const char *text)
{
	struct login_message m = {.type = LOGIN_ASK, .ask.echo = echo};

	strcpy(m.ask.text, text);
	scene_say(fd, &m);
}

void
scene_done(
    int fd, enum login_verdict verdict, const char *text, const char *handle)
{
	struct login_message m = {.type = LOGIN_DONE, .done.verdict = verdict};

	strcpy(m.done.text, text);
	strcpy(m.done.handle, handle);
	scene_say(fd, &m);
}

void
scene_end(int fd)
{
	char byte;

	scene_check(
	    recv(fd, &byte, 1, 0) == 0 || errno == ECONNRESET, "hung up");
}

/* What is left behind. */

void
stage_hurry(int speed)
{
	stage.speed = speed;
}

const char *
stage_log(void)
{
	return stage.log;
}

int
stage_longest_wait_ms(void)
{
	return stage.longest_wait_ms;
}

int
stage_open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	(void)closedir(dir);
	return count;
}
