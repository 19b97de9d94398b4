#include "ctl/pid.h"

#include "ctl/failure.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum {
	DIGITS = 11,
	LINE_SIZE = 64,
};

static const struct failure no_number = {EXIT_USAGE, "pid-invalid",
    "standard input had no identity number: 11 digits on a line",
    "It is never an argument: those can be seen by everybody."};

/* Space between birth date and the rest is how people write it. */
static bool
take_digits(const char *line, char ret_digits[static DIGITS + 1])
{
	size_t length = 0;

	for (; *line && *line != '\n' && *line != '\r'; line++) {
		if (*line == ' ')
			continue;
		if (*line < '0' || *line > '9' || length == DIGITS)
			return false;
		ret_digits[length++] = *line;
	}
	ret_digits[length] = '\0';
	return length == DIGITS;
}

static bool
read_line(char *ret_line)
{
	/* A buffer of stdio would keep the number. */
	(void)setvbuf(stdin, NULL, _IONBF, 0);
	return fgets(ret_line, LINE_SIZE, stdin) != NULL;
}

static bool
read_without_echo(char *ret_line)
{
	struct termios before, quiet;
	bool got;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return read_line(ret_line);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ECHONL;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) < 0)
		return false;
	fputs("Identity number (not shown): ", stderr);
	got = read_line(ret_line);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	return got;
}

int
pid_read(const struct invocation *invocation, json_t *request)
{
	char line[LINE_SIZE] = "", digits[DIGITS + 1];
	bool good;

	good = read_without_echo(line) && take_digits(line, digits);
	explicit_bzero(line, sizeof(line));
	if (!good)
		return failure_print(invocation, &no_number);
	(void)json_object_set_new(request, "pid", json_string(digits));
	explicit_bzero(digits, sizeof(digits));
	return EXIT_DONE;
}
