#include "broker/audit/audit.h"

#include "broker/audit/audit_line.h"
#include "broker/random.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	HOST_SIZE = 256,
	CONSTANT_FIELDS = 3, /* MESSAGE_ID, SYSLOG_IDENTIFIER, PRIORITY */
	JOURNAL_FIELDS_MAX = CONSTANT_FIELDS + 1 + AUDIT_FIELDS_COUNT,
};

/* journalctl with this MESSAGE_ID finds every record, whatever it says. */
static const char message_id[] = "MESSAGE_ID=5f56d707f99b423aa18c130f2ef58b55";
static const char identifier[] = "SYSLOG_IDENTIFIER=portvaktd";
static const char message_name[] = "MESSAGE=";
static const struct sockaddr_un journal_address = {
    .sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket"};

struct audit {
	char *path; /* NULL: no file */
	int fd;
	int journal; /* a socket without a peer */
	int file_error;
	bool torn; /* the file ends inside a line */
	char host[HOST_SIZE];
	char line[AUDIT_LINE_SIZE];
	char message[sizeof(message_name) + AUDIT_MESSAGE_SIZE];
	char fields[AUDIT_FIELDS_COUNT][AUDIT_JOURNAL_FIELD_SIZE];
};

static int
open_file(const char *path, int *ret_fd)
{
	struct stat st;
	int fd, error;

	/* O_NONBLOCK: a FIFO in the place of the file must not hang us. */
	fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
		O_NONBLOCK | O_NOCTTY,
	    0640);
	if (fd < 0)
		return -errno;
	error = fstat(fd, &st) < 0 ? -errno : 0;
	if (!error && !S_ISREG(st.st_mode))
		error = -EINVAL;
	if (error) {
		close(fd);
		return error;
	}
	*ret_fd = fd;
	return 0;
}

int
audit_open(const char *path, struct audit **ret_audit)
{
	struct audit *audit;
	int error = 0;

	audit = calloc(1, sizeof(*audit));
	if (!audit)
		return -ENOMEM;
	audit->fd = -1;
	audit->journal =
	    socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (audit->journal < 0)
		error = -errno;
	if (gethostname(audit->host, sizeof(audit->host) - 1) < 0)
		(void)snprintf(audit->host, sizeof(audit->host), "unknown");
	if (path && !error) {
		audit->path = strdup(path);
		error = audit->path ? open_file(path, &audit->fd) : -ENOMEM;
	}
	if (error) {
		audit_close(audit);
		return error;
	}
	*ret_audit = audit;
	return 0;
}

struct audit *
audit_close(struct audit *audit)
{
	if (!audit)
		return NULL;
	if (audit->fd >= 0)
		close(audit->fd);
	if (audit->journal >= 0)
		close(audit->journal);
	free(audit->path);
	free(audit);
	return NULL;
}

/* The old file stays in use when the new one cannot be opened. */
int
audit_reopen(struct audit *audit)
{
	int fd, error;

	if (!audit->path)
		return 0;
	error = open_file(audit->path, &fd);
	if (error)
		return error;
	close(audit->fd);
	audit->fd = fd;
	audit->torn = false;
	return 0;
}

int
audit_file_error(const struct audit *audit)
{
	return audit->file_error;
}

static ssize_t
write_once(int fd, const char *bytes, size_t size)
{
	ssize_t written;

	do
		written = write(fd, bytes, size);
	while (written < 0 && errno == EINTR);
	return written < 0 ? -errno : written;
}

/*
 * One write, so that lines of two writers never mix. After a write that came
 * short the next line starts on a line of its own.
 */
static int
write_file(struct audit *audit, size_t size)
{
	ssize_t written;

	if (audit->fd < 0)
		return -ENOENT;
	if (audit->torn && write_once(audit->fd, "\n", 1) != 1)
		return -ENOSPC;
	audit->torn = false;
	written = write_once(audit->fd, audit->line, size);
	if (written < 0)
		return (int)written;
	audit->torn = written > 0 && (size_t)written < size;
	return (size_t)written == size ? 0 : -ENOSPC;
}

/* Info when it went as it should, notice for a refusal, else warning. */
static const char *
priority_of(const char *result)
{
	static const char *const good[] = {"allow", "done", "in-force"};
	static const char *const refused[] = {"deny", "refused"};
	size_t i;

	for (i = 0; result && i < sizeof(good) / sizeof(good[0]); i++) {
		if (strcmp(result, good[i]) == 0)
			return "PRIORITY=6";
	}
	for (i = 0; result && i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (strcmp(result, refused[i]) == 0)
			return "PRIORITY=5";
	}
	return "PRIORITY=4";
}

static struct iovec
field_of(const char *text)
{
	return (struct iovec){
	    .iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text)};
}

/* How systemd's JOURNAL_NATIVE_PROTOCOL has it: a line for each field. */
static size_t
put_line(const char *field, struct iovec ret_line[static 2])
{
	ret_line[0] = field_of(field);
	ret_line[1] = field_of("\n");
	return 2;
}

/*
 * sd_journal_sendv() would wait for a journal that hangs, and every login with
 * us; it also says 0 when there is no journal at all. The address goes with
 * each record, so that a journal that was started anew gets the next one.
 */
static int
write_journal(struct audit *audit, const struct audit_record *record)
{
	struct iovec lines[2 * JOURNAL_FIELDS_MAX];
	struct msghdr datagram = {
	    .msg_name = (void *)(uintptr_t)&journal_address,
	    .msg_namelen = sizeof(journal_address),
	    .msg_iov = lines,
	};
	size_t i, count = 0;

	memcpy(audit->message, message_name, sizeof(message_name));
	audit_message(record, audit->message + strlen(message_name));
	count += put_line(message_id, lines + count);
	count += put_line(identifier, lines + count);
	count += put_line(priority_of(record->result), lines + count);
	count += put_line(audit->message, lines + count);
	for (i = 0; i < AUDIT_FIELDS_COUNT; i++) {
		if (audit_journal_field(record, i, audit->fields[i]))
			count += put_line(audit->fields[i], lines + count);
	}
	datagram.msg_iovlen = count;
	if (sendmsg(audit->journal, &datagram, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

int
audit_write(
    struct audit *audit, const struct audit_record *record, int64_t now_us)
{
	size_t size;
	int journal_error;

	size = audit_line(record, audit->host, now_us, audit->line);
	audit->file_error = write_file(audit, size);
	journal_error = write_journal(audit, record);
	return audit->file_error && journal_error ? audit->file_error : 0;
}

void
audit_correlation(char ret_id[static AUDIT_CORRELATION_SIZE])
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	unsigned char bits[AUDIT_CORRELATION_SIZE - 2];
	size_t i, at = 0;

	random_bytes(bits, sizeof(bits));
	for (i = 0; i < sizeof(bits); i++) {
		if (i == sizeof(bits) / 2)
			ret_id[at++] = '-';
		ret_id[at++] = digits[bits[i] & 31];
	}
	ret_id[at] = '\0';
}
