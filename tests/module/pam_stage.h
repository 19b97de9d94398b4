/*
 * A stage for the real pam_portvakt.so: a private mount namespace where the
 * compiled-in paths belong to the test, a person who reads and answers, and a
 * broker that plays one scene.
 */
#pragma once

#include "lib/login_protocol.h"

#include <security/pam_appl.h>
#include <stdbool.h>

enum {
	STAGE_KARI_UID = 1900000001,
	STAGE_OLA_UID = 1900000002,
	STAGE_ANSWERS_MAX = 4,
};

#define STAGE_HANDLE "0123456789abcdef0123456789abcdef"
#define STAGE_OTHER_HANDLE "fedcba9876543210fedcba9876543210"

/* false: this machine lets us have no mount namespace of our own. */
bool stage_enter(void);

/* Before each case: kari and ola in the image and in passwd, no broker. */
int stage_reset(void **state);

/* Files below the private /etc and the state directory. */
void stage_write(const char *path, const char *text);
void stage_write_bytes(const char *path, const void *bytes, size_t size);
void stage_passwd(const char *lines);
void stage_publish(void); /* kari may log in, ola is locked */

/* One name a line; the stage's own service is "stage". */
void stage_strict_services(const char *lines);
const char *stage_image_path(void);

/* A service of one line per phase, "[control] .../pam_portvakt.so arguments".*/
void stage_service(const char *control, const char *arguments);
void stage_service_lines(const char *lines);
const char *stage_module_path(void);

/* The person at the terminal. */
struct stage_person {
	const char *answers[STAGE_ANSWERS_MAX]; /* in turn; NULL: none more */
	int fails_at; /* the message, from 1, that cannot be shown; 0: never */
	bool is_nobody; /* no conversation function at all */
	int messages;
	char transcript
	    [16384]; /* "info: ...\n", "error: ", "echo: ", "hidden: " */
};

pam_handle_t *stage_start(const char *user, struct stage_person *person);
void stage_end(pam_handle_t *pamh);

/*
 * The broker: a child with the listening socket, which accepts once and plays
 * the scene. stage_broker_leave() asserts that the scene went as written.
 */
typedef void (*stage_scene_fn)(int fd, const void *script);
void stage_broker(stage_scene_fn scene, const void *script);
void stage_broker_as(
    unsigned int uid, stage_scene_fn scene, const void *script);
void stage_broker_leave(void);

/* A listener that nobody serves: does anybody knock? */
void stage_broker_deaf(void);
bool stage_broker_was_called(void);

/* For scenes: they end the child with a message when things go otherwise. */
void scene_hear(
    int fd, enum login_message_type type, struct login_message *ret_message);
void scene_begin(int fd, enum login_phase phase);
void scene_say(int fd, const struct login_message *message);
void scene_raw(int fd, const void *bytes, size_t size);
void scene_show(int fd, enum login_style style, const char *text);
void scene_ask(int fd, bool echo, const char *text);
void scene_done(
    int fd, enum login_verdict verdict, const char *text, const char *handle);
void scene_end(int fd); /* the module hangs up */
void scene_check(bool is_right, const char *what);

/* Until the case ends, the monotonic clock and poll(2) run so much faster. */
void stage_hurry(int speed);

/* What the module logged in this case, one line each. */
const char *stage_log(void);

/* The longest wait that anybody asked poll(2) for, as asked. */
int stage_longest_wait_ms(void);
int stage_open_files(void);
