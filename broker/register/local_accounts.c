#include "broker/register/local_accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	IDS_MAX = 4 * 1024 * 1024, /* a file beyond this is not a passwd */
};

struct local_accounts {
	char **names; /* sorted */
	size_t names_count;
	size_t names_room;
	uint32_t *ids; /* sorted */
	size_t ids_count;
	size_t ids_room;
};

/* Names with power by name: sudoers, polkit rules, socket owners, devices. */
static const char *const powerful[] = {"adm", "admin", "administrator", "audio",
    "backup", "bin", "cdrom", "crontab", "daemon", "dialout", "dip", "disk",
    "docker", "fax", "floppy", "incus", "incus-admin", "input", "kmem", "kvm",
    "libvirt", "libvirt-qemu", "lp", "lpadmin", "lxd", "mail", "man", "mem",
    "messagebus", "netdev", "news", "nobody", "nogroup", "operator", "plugdev",
    "podman", "polkitd", "portvakt", "portvakt-api", "portvakt-fetch",
    "portvakt-verify", "proxy", "render", "root", "sasl", "scanner", "shadow",
    "sgx", "src", "ssh", "sshd", "staff", "sudo", "sync", "sys", "syslog",
    "tape", "tss", "tty", "users", "utmp", "uucp", "video", "voice", "wheel",
    "wireshark", "www-data"};

/* Room for one more item behind count; *array is a pointer to items. */
static int
grow(void *array, size_t *room, size_t count, size_t item_size)
{
	size_t wanted = *room == 0 ? 64 : *room * 2;
	void *old, *grown;

	if (count < *room)
		return 0;
	if (wanted > IDS_MAX)
		return -EFBIG;
	memcpy(&old, array, sizeof(old));
	grown = reallocarray(old, wanted, item_size);
	if (!grown)
		return -ENOMEM;
	memcpy(array, &grown, sizeof(grown));
	*room = wanted;
	return 0;
}

static int
add_name(struct local_accounts *accounts, const char *name)
{
	int error;

	error = grow(&accounts->names, &accounts->names_room,
	    accounts->names_count, sizeof(char *));
	if (error)
		return error;
	accounts->names[accounts->names_count] = strdup(name);
	if (!accounts->names[accounts->names_count])
		return -ENOMEM;
	accounts->names_count++;
	return 0;
}

static int
add_id(struct local_accounts *accounts, const char *text)
{
	unsigned long id;
	char *end;
	int error;

	errno = 0;
	id = strtoul(text, &end, 10);
	if (end == text || *end != '\0' || errno || id > UINT32_MAX)
		return 0; /* no number, so it takes none */
	error = grow(&accounts->ids, &accounts->ids_room, accounts->ids_count,
	    sizeof(uint32_t));
	if (error)
		return error;
	accounts->ids[accounts->ids_count++] = (uint32_t)id;
	return 0;
}

/*
 * A damaged line still takes its name. Lines of the old NIS syntax ("+::::")
 * take a name that nobody can have.
 */
static int
add_line(struct local_accounts *accounts, char *line, size_t last_id_field)
{
	char *rest = line;
	const char *field;
	size_t i;
	int error = 0;

	line[strcspn(line, "\n")] = '\0';
	for (i = 0; i <= last_id_field && !error; i++) {
		field = strsep(&rest, ":");
		if (!field)
			break;
		if (i == 0)
			error = add_name(accounts, field);
		else if (i >= 2)
			error = add_id(accounts, field);
	}
	return error;
}

static void
close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

static void
free_line(char **line)
{
	free(*line);
}

static int
add_file(struct local_accounts *accounts, const char *dir, const char *name,
    size_t last_id_field)
{
	__attribute__((cleanup(close_file))) FILE *file = NULL;
	__attribute__((cleanup(free_line))) char *line = NULL;
	char path[PATH_MAX];
	size_t room = 0;
	int length, error;

	length = snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (length < 0 || (size_t)length >= sizeof(path))
		return -ENAMETOOLONG;
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (getline(&line, &room, file) >= 0) {
		error = add_line(accounts, line, last_id_field);
		if (error)
			return error;
	}
	return ferror(file) ? -EIO : 0;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
compare_ids(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static void
free_accounts(struct local_accounts **accounts)
{
	local_accounts_free(*accounts);
}

int
local_accounts_read(const char *dir, struct local_accounts **ret_accounts)
{
	__attribute__((
	    cleanup(free_accounts))) struct local_accounts *accounts = NULL;
	int error;

	accounts = calloc(1, sizeof(*accounts));
	if (!accounts)
		return -ENOMEM;
	error = add_file(accounts, dir, "passwd", 3);
	if (!error)
		error = add_file(accounts, dir, "group", 2);
	if (error)
		return error;
	if (accounts->names_count > 0)
		qsort(accounts->names, accounts->names_count, sizeof(char *),
		    compare_names);
	if (accounts->ids_count > 0)
		qsort(accounts->ids, accounts->ids_count, sizeof(uint32_t),
		    compare_ids);
	*ret_accounts = accounts;
	accounts = NULL;
	return 0;
}

struct local_accounts *
local_accounts_free(struct local_accounts *accounts)
{
	size_t i;

	if (!accounts)
		return NULL;
	for (i = 0; i < accounts->names_count; i++)
		free(accounts->names[i]);
	free(accounts->names);
	free(accounts->ids);
	free(accounts);
	return NULL;
}

static bool
find_name(const char *name, char *const *names, size_t count)
{
	return count > 0 &&
	       bsearch(&name, names, count, sizeof(char *), compare_names);
}

bool
local_accounts_has_name(const struct local_accounts *accounts, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(powerful) / sizeof(powerful[0]); i++) {
		if (strcmp(powerful[i], name) == 0)
			return true;
	}
	return find_name(name, accounts->names, accounts->names_count);
}

bool
local_accounts_has_id(const struct local_accounts *accounts, uint32_t id)
{
	return accounts->ids_count > 0 &&
	       bsearch(&id, accounts->ids, accounts->ids_count, sizeof(id),
		   compare_ids);
}
