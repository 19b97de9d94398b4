/*
 * Certificates for tests of TLS, made afresh: below directory,
 *
 *   ca.pem          the authority that the tests trust
 *   good.pem        key and certificate for localhost and 127.0.0.1
 *   wrong-name.pem  for other.example
 *   expired.pem     for localhost, until yesterday
 *   other-ca.pem    for localhost, by an authority that nobody trusts
 */
#pragma once

void certificates_write(const char *directory);
