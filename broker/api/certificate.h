/*
 * The TLS certificate of a client, as a web server that ended the TLS hands it
 * on: PEM, escaped as in a URL ($ssl_client_escaped_cert of nginx). Nobody
 * judges it here; a token that is bound to one (RFC 8705) names its digest.
 */
#pragma once

#include "verify/confirmation.h"

#include <stdint.h>

enum { CERTIFICATE_HEADER_SIZE_MAX = 24576 };

/* 0, or -EBADMSG: it is no certificate, or more than one. */
int certificate_read(
    const char *header, uint8_t ret_sha256[static CERTIFICATE_SHA256_SIZE]);
