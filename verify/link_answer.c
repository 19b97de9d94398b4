#include "verify/link_answer.h"

#include "lib/id.h"
#include "verify/json.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { NODES_MAX = 16 };

/* Of "HTTP/1.1 200 OK"; -EBADMSG. */
static int
read_status(struct slice line)
{
	static const char version[] = "HTTP/1.1 ";
	const char *at = line.at + sizeof(version) - 1;

	if (line.size < sizeof(version) + 2 ||
	    memcmp(line.at, version, sizeof(version) - 1) != 0)
		return -EBADMSG;
	if (at[0] < '1' || at[0] > '5' || at[1] < '0' || at[1] > '9' ||
	    at[2] < '0' || at[2] > '9' ||
	    (line.size > sizeof(version) + 2 && at[3] != ' '))
		return -EBADMSG;
	return (at[0] - '0') * 100 + (at[1] - '0') * 10 + (at[2] - '0');
}

struct head {
	int status;
	size_t content_size;
	bool has_size;
};

static int
read_size(struct slice value, struct head *head)
{
	size_t i;

	if (head->has_size || value.size == 0 || value.size > 4)
		return -EBADMSG;
	for (i = 0; i < value.size; i++) {
		if (value.at[i] < '0' || value.at[i] > '9')
			return -EBADMSG;
		head->content_size =
		    head->content_size * 10 + (size_t)(value.at[i] - '0');
	}
	head->has_size = true;
	return 0;
}

static bool
is_named(struct slice line, const char *name)
{
	size_t size = strlen(name);

	return line.size >= size && strncasecmp(line.at, name, size) == 0;
}

/* What says how long the body is; the others change nothing. */
static int
read_field(struct slice line, struct head *head)
{
	static const char length[] = "Content-Length:";
	struct slice value = {
	    line.at + sizeof(length) - 1, line.size - (sizeof(length) - 1)};

	if (is_named(line, "Transfer-Encoding:"))
		return -EBADMSG;
	if (!is_named(line, length))
		return 0;
	while (value.size > 0 && *value.at == ' ') {
		value.at++;
		value.size--;
	}
	return read_size(value, head);
}

/* The line before the next CRLF, and what is behind it. */
static int
next_line(struct slice *rest, struct slice *ret_line)
{
	const char *end = memmem(rest->at, rest->size, "\r\n", 2);

	if (!end)
		return -EBADMSG;
	*ret_line = (struct slice){rest->at, (size_t)(end - rest->at)};
	rest->size -= ret_line->size + 2;
	rest->at = end + 2;
	return 0;
}

static int
read_head(struct slice *rest, struct head *ret_head)
{
	struct head head = {.status = 0};
	struct slice line;
	int error;

	error = next_line(rest, &line);
	if (error)
		return error;
	head.status = read_status(line);
	if (head.status < 0)
		return head.status;
	for (;;) {
		error = next_line(rest, &line);
		if (!error && line.size == 0)
			break;
		if (!error)
			error = read_field(line, &head);
		if (error)
			return error;
	}
	*ret_head = head;
	return 0;
}

/* A whole number from least to most; -EBADMSG. */
static int
read_number(const struct json *json, const char *name, uint64_t least,
    uint64_t most, uint64_t *ret_number)
{
	const struct json_node *node = json_member(json, json->nodes, name);
	uint64_t number;

	if (!node || json_get_unsigned(json, node, &number) < 0 ||
	    number < least || number > most)
		return -EBADMSG;
	*ret_number = number;
	return 0;
}

static int
read_body(char *body, size_t size, struct link_holder *ret_holder)
{
	struct link_holder holder = {.uid = 0};
	uint64_t uid, epoch;
	struct json_node nodes[NODES_MAX];
	const struct json_node *node;
	struct slice account;
	struct json json;

	if (json_read(body, size, nodes, NODES_MAX, &json) < 0)
		return -EBADMSG;
	node = json_member(&json, json.nodes, "account");
	if (!node)
		return -EBADMSG;
	if (node->kind == JSON_KIND_NULL)
		return -ENOENT;
	if (json_get_text(&json, node, &account) < 0 ||
	    account.size >= sizeof(holder.account))
		return -EBADMSG;
	memcpy(holder.account, account.at, account.size);
	if (!name_is_valid(holder.account) ||
	    read_number(&json, "uid", ID_FLOOR, ID_HIGH_END, &uid) < 0 ||
	    read_number(&json, "links_epoch", 0, INT64_MAX, &epoch) < 0)
		return -EBADMSG;
	holder.uid = (uint32_t)uid;
	holder.links_epoch = (int64_t)epoch;
	*ret_holder = holder;
	return 0;
}

int
link_answer_read(char *answer, size_t size, struct link_holder *ret_holder)
{
	struct slice rest = {answer, size};
	struct head head;
	int error;

	error = read_head(&rest, &head);
	if (error)
		return error;
	if (!head.has_size || head.content_size != rest.size)
		return -EBADMSG;
	switch (head.status) {
	case 200:
		return read_body(
		    answer + (size - rest.size), rest.size, ret_holder);
	case 403:
		return -ENOENT;
	default:
		return head.status >= 400 && head.status < 500 ? -ENOTSUP
							       : -EAGAIN;
	}
}
