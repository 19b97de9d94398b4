/*
 * The file of the keys, oldest first:
 *
 *   u32 "PvPK", u8 version, u8 count; each: u32 number, 32 bytes;
 *   SHA-256 of all that
 */
#include "broker/person_key.h"

#include "broker/config/trusted_file.h"
#include "broker/directory/atomic_file.h"
#include "broker/random.h"
#include "broker/secret.h"
#include "lib/buf.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	FILE_MAGIC = 0x5076504b, /* "PvPK" */
	FILE_VERSION = 1,
	FILE_SIZE_MAX = 1024,
	DIGEST_SIZE = 32,
	SUBJECT_MAC_SIZE = 16, /* of it, in a record */
	SUBJECT_MESSAGE_SIZE = 1024,
};

static const char label[] = "portvakt person link 1"; /* with its NUL */
static const char subject_label[] = "portvakt audit subject 1";

struct person_key {
	unsigned int number;
	struct secret *secret;
};

struct person_keys {
	char path[ATOMIC_FILE_PATH_SIZE];
	struct person_key keys[PERSON_KEYS_MAX]; /* numbers ascend */
	size_t count;
};

/* The bytes of the file, on their way between it and the keys. */
struct image {
	uint8_t bytes[FILE_SIZE_MAX];
	size_t size;
};

static void
wipe_image(struct image *image)
{
	OPENSSL_cleanse(image, sizeof(*image));
}

static void
free_secret(struct secret **secret)
{
	secret_free(*secret);
}

static void
free_keys(struct person_keys **keys)
{
	person_keys_free(*keys);
}

struct person_keys *
person_keys_free(struct person_keys *keys)
{
	size_t i;

	for (i = 0; keys && i < keys->count; i++)
		secret_free(keys->keys[i].secret);
	free(keys);
	return NULL;
}

static int
keys_new(const char *path, struct person_keys **ret_keys)
{
	struct person_keys *keys;

	if (strlen(path) >= sizeof(keys->path))
		return -ENAMETOOLONG;
	keys = calloc(1, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	memcpy(keys->path, path, strlen(path) + 1);
	*ret_keys = keys;
	return 0;
}

static int
append(struct person_keys *keys, unsigned int number, const uint8_t *bytes)
{
	struct person_key *key = &keys->keys[keys->count];
	int error;

	error = secret_new(bytes, PERSON_KEY_SIZE, &key->secret);
	if (error)
		return error;
	key->number = number;
	keys->count++;
	return 0;
}

static int
append_random(struct person_keys *keys, unsigned int number)
{
	uint8_t bytes[PERSON_KEY_SIZE];
	int error;

	random_bytes(bytes, sizeof(bytes));
	error = append(keys, number, bytes);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return error;
}

static int
digest(const void *bytes, size_t size, uint8_t ret_digest[static DIGEST_SIZE])
{
	size_t length = 0;

	if (EVP_Q_digest(
		NULL, "SHA256", NULL, bytes, size, ret_digest, &length) == 1 &&
	    length == DIGEST_SIZE)
		return 0;
	ERR_clear_error();
	return -EIO;
}

static int
put_key(struct buf_writer *w, const struct person_key *key)
{
	int error;

	error = buf_put_u32(w, key->number);
	if (!error)
		error = buf_put_bytes(
		    w, secret_reveal(key->secret), PERSON_KEY_SIZE);
	return error;
}

static int
get_key(struct buf_reader *r, struct person_keys *keys)
{
	unsigned int newest =
	    keys->count ? keys->keys[keys->count - 1].number : 0;
	const uint8_t *bytes;
	uint32_t number;
	size_t size;

	if (buf_get_u32(r, &number) < 0 || number <= newest ||
	    buf_get_bytes(r, PERSON_KEY_SIZE, &bytes, &size) < 0 ||
	    size != PERSON_KEY_SIZE)
		return -EBADMSG;
	return append(keys, number, bytes);
}

static int
put_keys(const struct person_keys *keys, struct image *ret_image)
{
	uint8_t sum[DIGEST_SIZE];
	struct buf_writer w;
	size_t i;
	int error;

	buf_writer_init(&w, ret_image->bytes, sizeof(ret_image->bytes));
	error = buf_put_u32(&w, FILE_MAGIC);
	if (!error)
		error = buf_put_u8(&w, FILE_VERSION);
	if (!error)
		error = buf_put_u8(&w, (uint8_t)keys->count);
	for (i = 0; i < keys->count && !error; i++)
		error = put_key(&w, &keys->keys[i]);
	if (!error)
		error = digest(ret_image->bytes, buf_writer_size(&w), sum);
	if (!error)
		error = buf_put_bytes(&w, sum, sizeof(sum));
	if (!error)
		ret_image->size = buf_writer_size(&w);
	return error;
}

/* The sum is behind what it is of, and nothing behind the sum. */
static int
check_sum(struct buf_reader *r, const void *start)
{
	size_t summed = (size_t)(r->at - (const uint8_t *)start);
	uint8_t sum[DIGEST_SIZE];
	const uint8_t *stored;
	size_t size;
	int error;

	if (buf_get_bytes(r, DIGEST_SIZE, &stored, &size) < 0 ||
	    size != DIGEST_SIZE || buf_get_end(r) < 0)
		return -EBADMSG;
	error = digest(start, summed, sum);
	if (error)
		return error;
	return memcmp(sum, stored, sizeof(sum)) == 0 ? 0 : -EBADMSG;
}

static int
get_keys(const struct secret *file, struct person_keys *keys)
{
	uint8_t version, count, i;
	struct buf_reader r;
	uint32_t magic;
	int error = 0;

	buf_reader_init(&r, secret_reveal(file), secret_size(file));
	if (buf_get_u32(&r, &magic) < 0 || magic != FILE_MAGIC ||
	    buf_get_u8(&r, &version) < 0 || version != FILE_VERSION ||
	    buf_get_u8(&r, &count) < 0 || count == 0 || count > PERSON_KEYS_MAX)
		return -EBADMSG;
	for (i = 0; i < count && !error; i++)
		error = get_key(&r, keys);
	return error ? error : check_sum(&r, secret_reveal(file));
}

static int
read_keys(struct person_keys *keys, const char **ret_problem)
{
	__attribute__((cleanup(free_secret))) struct secret *file = NULL;
	int error;

	error = trusted_file_read_secret(
	    keys->path, FILE_SIZE_MAX, &file, ret_problem);
	if (error)
		return error;
	*ret_problem = "memory is short";
	error = get_keys(file, keys);
	if (error == -EBADMSG)
		*ret_problem = "it is damaged: bring it back from a backup; "
			       "with another key nobody is found again by "
			       "their identity number";
	return error;
}

static int
write_image(const struct image *image, const char *path)
{
	struct atomic_file file;
	int error;

	error = atomic_file_begin(path, S_IRUSR | S_IWUSR, &file);
	if (error)
		return error;
	error = atomic_file_write(&file, image->bytes, image->size);
	if (error) {
		atomic_file_discard(&file);
		return error;
	}
	return atomic_file_commit(&file);
}

static int
write_keys(const struct person_keys *keys, const char **ret_problem)
{
	__attribute__((cleanup(wipe_image))) struct image image;
	int error;

	*ret_problem = "it cannot be written";
	error = put_keys(keys, &image);
	return error ? error : write_image(&image, keys->path);
}

int
person_keys_open(
    const char *path, struct person_keys **ret_keys, const char **ret_problem)
{
	__attribute__((cleanup(free_keys))) struct person_keys *keys = NULL;
	int error;

	*ret_problem = "the path is too long, or memory is short";
	error = keys_new(path, &keys);
	if (!error)
		error = read_keys(keys, ret_problem);
	if (error)
		return error;
	*ret_keys = keys;
	keys = NULL;
	return 0;
}

int
person_keys_create(
    const char *path, struct person_keys **ret_keys, const char **ret_problem)
{
	__attribute__((cleanup(free_keys))) struct person_keys *keys = NULL;
	struct stat st;
	int error;

	*ret_problem = "there is something of this name already";
	if (lstat(path, &st) == 0)
		return -EEXIST;
	*ret_problem = "it cannot be looked for";
	if (errno != ENOENT)
		return -errno;
	*ret_problem = "the path is too long, or memory is short";
	error = keys_new(path, &keys);
	if (!error)
		error = append_random(keys, 1);
	if (!error)
		error = write_keys(keys, ret_problem);
	if (error)
		return error;
	*ret_keys = keys;
	keys = NULL;
	return 0;
}

unsigned int
person_keys_number(const struct person_keys *keys, size_t age)
{
	return age < keys->count ? keys->keys[keys->count - 1 - age].number : 0;
}

int
person_keys_rotate(struct person_keys *keys, const char **ret_problem)
{
	unsigned int newest = person_keys_number(keys, 0);
	int error;

	*ret_problem = "it holds 16 keys: drop one that no link needs";
	if (keys->count == PERSON_KEYS_MAX || newest == UINT32_MAX)
		return -ENOSPC;
	*ret_problem = "memory is short";
	error = append_random(keys, newest + 1);
	if (error)
		return error;
	error = write_keys(keys, ret_problem);
	if (error) {
		keys->count--;
		secret_free(keys->keys[keys->count].secret);
	}
	return error;
}

int
person_keys_drop(
    struct person_keys *keys, unsigned int number, const char **ret_problem)
{
	struct person_keys left = *keys;
	size_t at = 0;
	int error;

	while (at < keys->count && keys->keys[at].number != number)
		at++;
	*ret_problem = "there is no key of this number";
	if (at == keys->count)
		return -ENOENT;
	*ret_problem = "it is the current key: rotate first";
	if (at == keys->count - 1)
		return -EBUSY;
	left.count--;
	memmove(&left.keys[at], &left.keys[at + 1],
	    (left.count - at) * sizeof(left.keys[0]));
	error = write_keys(&left, ret_problem);
	if (error)
		return error;
	secret_free(keys->keys[at].secret);
	*keys = left;
	return 0;
}

static const struct secret *
key_of(const struct person_keys *keys, unsigned int number)
{
	size_t i;

	for (i = 0; i < keys->count; i++) {
		if (keys->keys[i].number == number)
			return keys->keys[i].secret;
	}
	return NULL;
}

static bool
is_eleven_digits(const char *text)
{
	return strlen(text) == IDENTITY_PERSON_NUMBER_SIZE - 1 &&
	       strspn(text, "0123456789") == IDENTITY_PERSON_NUMBER_SIZE - 1;
}

static int
make_mac(const struct secret *key, const uint8_t *message, size_t size,
    uint8_t ret_mac[static DIGEST_SIZE])
{
	size_t length = 0;
	bool made;

	made = EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, secret_reveal(key),
	    secret_size(key), message, size, ret_mac, DIGEST_SIZE, &length);
	ERR_clear_error();
	return made && length == DIGEST_SIZE ? 0 : -EIO;
}

int
person_key_link(const struct person_keys *keys, unsigned int number,
    const char *person_number, struct person_link *ret_link)
{
	uint8_t message[sizeof(label) + IDENTITY_PERSON_NUMBER_SIZE - 1];
	const struct secret *key = key_of(keys, number);
	struct person_link link = {.key = number};
	int error;

	if (!is_eleven_digits(person_number))
		return -EINVAL;
	if (!key)
		return -ENOKEY;
	memcpy(message, label, sizeof(label));
	memcpy(message + sizeof(label), person_number,
	    sizeof(message) - sizeof(label));
	error = make_mac(key, message, sizeof(message), link.hash);
	OPENSSL_cleanse(message, sizeof(message));
	if (!error)
		*ret_link = link;
	return error;
}

static int
put_subject(struct buf_writer *w, const char *issuer, const char *subject)
{
	int error;

	error = buf_put_string(w, subject_label);
	if (!error)
		error = buf_put_string(w, issuer);
	return error ? error : buf_put_string(w, subject);
}

int
person_key_subject(const struct person_keys *keys, const char *issuer,
    const char *subject, char ret_text[static PERSON_KEY_SUBJECT_SIZE])
{
	unsigned int number = person_keys_number(keys, 0);
	uint8_t message[SUBJECT_MESSAGE_SIZE], mac[DIGEST_SIZE];
	struct buf_writer w;
	size_t i;
	int error, at;

	buf_writer_init(&w, message, sizeof(message));
	error = put_subject(&w, issuer, subject);
	if (!error)
		error = make_mac(
		    key_of(keys, number), message, buf_writer_size(&w), mac);
	OPENSSL_cleanse(message, sizeof(message));
	if (error)
		return error;
	at = snprintf(ret_text, PERSON_KEY_SUBJECT_SIZE, "%u:", number);
	for (i = 0; i < SUBJECT_MAC_SIZE; i++)
		at += snprintf(ret_text + at,
		    PERSON_KEY_SUBJECT_SIZE - (size_t)at, "%02x", mac[i]);
	return 0;
}
