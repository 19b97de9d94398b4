/*
 * Names in api.conf that the trust image does not know: a group, a level, an
 * issuer that is misspelt would look like a refusal for ever, and is none.
 */
#pragma once

#include "broker/api/api_config.h"
#include "verify/portvakt.h"

#include <stdio.h>

/*
 * A word for the record, "group-unknown", "level-unknown", "issuer-unknown", or
 * NULL: all of its names are known, or there is no image to say so.
 */
const char *misnomer_of_location(
    struct portvakt *portvakt, const struct api_location *location);
/* Of its group, which introspection asks for. */
const char *misnomer_of_client(
    struct portvakt *portvakt, const struct api_client *client);

/*
 * A line for each, with file, line and remedy, behind prefix; or one that says
 * why the image cannot be read, with the remedy. 0, or the negative errno of
 * portvakt_groups_count().
 */
int misnomers_print(struct portvakt *portvakt, const char *image,
    const struct api_config *config, const char *prefix, FILE *file);
