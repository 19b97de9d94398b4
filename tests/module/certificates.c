#include "tests/module/certificates.h"
#include "tests/unit/unit.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

enum {
	DAY_S = 24 * 60 * 60,
};

struct pair {
	EVP_PKEY *key;
	X509 *certificate;
};

static void
add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension;

	extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static X509_NAME *
make_name(const char *common_name)
{
	X509_NAME *name = X509_NAME_new();

	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
			     (const unsigned char *)common_name, -1, -1, 0),
	    1);
	return name;
}

/* Signed by issuer, or by itself when that is NULL. */
static struct pair
make_pair(const char *common_name, const char *alternative_names,
    const struct pair *issuer, int days_left)
{
	static long serial;
	struct pair pair = {EVP_EC_gen("P-256"), X509_new()};
	X509_NAME *name = make_name(common_name);
	X509 *certificate = pair.certificate;

	assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -10L * DAY_S);
	X509_gmtime_adj(
	    X509_getm_notAfter(certificate), (long)days_left * DAY_S);
	assert_int_equal(X509_set_subject_name(certificate, name), 1);
	assert_int_equal(
	    X509_set_issuer_name(certificate,
		issuer ? X509_get_subject_name(issuer->certificate) : name),
	    1);
	assert_int_equal(X509_set_pubkey(certificate, pair.key), 1);
	if (issuer)
		add_extension(
		    certificate, NID_subject_alt_name, alternative_names);
	else
		add_extension(
		    certificate, NID_basic_constraints, "critical,CA:TRUE");
	assert_true(X509_sign(certificate, issuer ? issuer->key : pair.key,
			EVP_sha256()) > 0);
	X509_NAME_free(name);
	return pair;
}

static void
write_pair(const struct pair *pair, const char *directory, const char *file)
{
	char path[256];
	FILE *out;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, file);
	out = fopen(path, "we");
	assert_non_null(out);
	assert_int_equal(
	    PEM_write_PrivateKey(out, pair->key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(PEM_write_X509(out, pair->certificate), 1);
	assert_int_equal(fclose(out), 0);
}

static void
drop_pair(struct pair *pair)
{
	EVP_PKEY_free(pair->key);
	X509_free(pair->certificate);
}

static void
write_leaf(const char *directory, const char *file, const char *names,
    const struct pair *issuer, int days_left)
{
	struct pair leaf = make_pair("leaf", names, issuer, days_left);

	write_pair(&leaf, directory, file);
	drop_pair(&leaf);
}

void
certificates_write(const char *directory)
{
	static const char here[] = "DNS:localhost,IP:127.0.0.1";
	struct pair ca = make_pair("Test CA", NULL, NULL, 10);
	struct pair other = make_pair("Other CA", NULL, NULL, 10);

	write_pair(&ca, directory, "ca.pem");
	write_leaf(directory, "good.pem", here, &ca, 10);
	write_leaf(directory, "wrong-name.pem", "DNS:other.example", &ca, 10);
	write_leaf(directory, "expired.pem", here, &ca, -1);
	write_leaf(directory, "other-ca.pem", here, &other, 10);
	drop_pair(&ca);
	drop_pair(&other);
}
