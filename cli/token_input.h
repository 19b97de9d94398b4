/*
 * The token on the standard input: an argument would show it to everybody who
 * lists processes.
 */
#pragma once

#include <stddef.h>

enum { TOKEN_INPUT_SIZE = 32768 }; /* the library refuses far less */

/*
 * Reads to the end, without the white space around the token. 0; -EMSGSIZE; or
 * a negative errno of read. Terminated.
 */
int token_input_read(
    int fd, char ret_token[TOKEN_INPUT_SIZE], size_t *ret_size);
