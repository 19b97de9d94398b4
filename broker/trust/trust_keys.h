/*
 * The keys of an issuer as the trust image carries them: of the set that was
 * fetched, the public members of keys that could be used, and nothing else. A
 * provider that publishes a private key by mistake finds it nowhere here.
 */
#pragma once

#include <stddef.h>

/*
 * json: what key_set_parse() accepts. *ret_json is malloc'ed, and what
 * key_set_parse() makes of it has the same keys. 0, -EBADMSG, -ENOMEM.
 */
int trust_keys_public(
    const char *json, size_t size, char **ret_json, size_t *ret_size);
