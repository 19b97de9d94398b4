#include "broker/secret.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct secret {
	size_t size;
	char bytes[];
};

int
secret_new(const void *bytes, size_t size, struct secret **ret_secret)
{
	struct secret *secret;

	if (size > SIZE_MAX - sizeof(*secret) - 1)
		return -ENOMEM;
	secret = malloc(sizeof(*secret) + size + 1);
	if (!secret)
		return -ENOMEM;
	secret->size = size;
	if (size > 0)
		memcpy(secret->bytes, bytes, size);
	secret->bytes[size] = '\0';
	*ret_secret = secret;
	return 0;
}

struct secret *
secret_free(struct secret *secret)
{
	if (secret)
		explicit_bzero(secret->bytes, secret->size);
	free(secret);
	return NULL;
}

const char *
secret_reveal(const struct secret *secret)
{
	return secret->bytes;
}

size_t
secret_size(const struct secret *secret)
{
	return secret->size;
}
