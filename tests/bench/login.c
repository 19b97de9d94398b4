/*
 * A PAM application that notes when it is told what: the instrument of
 * login.py.
 *
 *	login CONFDIR SERVICE USER
 *
 * prints a line "MILLISECONDS call|text|end [...]" (wall clock) for the call
 * of pam_authenticate, each text with the code in it, and the end.
 */
#include <security/pam_appl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
note(const char *what, const char *more)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	printf("%.3f %s %s\n",
	    (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6, what, more);
	(void)fflush(stdout);
}

/* The code stands behind this word, up to the end of its line. */
static void
note_text(const char *text)
{
	static const char before[] = "Skriv  ";
	const char *at = strstr(text, before);
	char code[64];

	if (!at)
		return;
	at += sizeof(before) - 1;
	(void)snprintf(code, sizeof(code), "%.*s", (int)strcspn(at, "\n"), at);
	note("text", code);
}

static int
converse(int count, const struct pam_message **messages,
    struct pam_response **ret_responses, void *userdata)
{
	int i;

	(void)userdata;
	for (i = 0; i < count; i++)
		note_text(messages[i]->msg);
	*ret_responses = calloc((size_t)count, sizeof(**ret_responses));
	return *ret_responses ? PAM_SUCCESS : PAM_BUF_ERR;
}

int
main(int argc, char **argv)
{
	const struct pam_conv conversation = {.conv = converse};
	pam_handle_t *handle;
	int result;

	if (argc != 4) {
		fputs("usage: login CONFDIR SERVICE USER\n", stderr);
		return 2;
	}
	result = pam_start_confdir(
	    argv[2], argv[3], &conversation, argv[1], &handle);
	if (result != PAM_SUCCESS)
		return EXIT_FAILURE;
	(void)pam_set_item(handle, PAM_TTY, "tty1");
	note("call", "");
	result = pam_authenticate(handle, 0);
	note(
	    "end", result == PAM_SUCCESS ? "in" : pam_strerror(handle, result));
	(void)pam_end(handle, result);
	return result == PAM_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE;
}
