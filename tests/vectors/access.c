#include "tests/vectors/access.h"

#include "verify/thumbprint.h"

#include <err.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORG(id) "{\"authority\":\"iso6523-actorid-upis\",\"ID\":\"" id "\"}"
#define HEADER(alg, kid, more) \
	"{\"alg\":\"" alg "\",\"kid\":\"" kid "\"" more "}"
#define AUD "\"" ACCESS_AUDIENCE "\""
#define MANDATE(type, id)    \
	"[{\"type\":\"" type \
	"\",\"authorized_parties\":[{\"orgno\":" ORG(id) "}]}]"
/* Of ACCESS_CERTIFICATE. */
#define THUMBPRINT "\"29-ZdUJSmXCalFGwSibILUHQtobTzZC3Uyis-M0AQ10\""
#define OTHERS "\"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I\""

enum {
	MEMBERS_MAX = 16,
	ID = 1 << ACCESS_IDPORTEN,
	AN = 1 << ACCESS_ANSATTPORTEN,
	MP = 1 << ACCESS_MASKINPORTEN,
	GE = 1 << ACCESS_GENERIC,
	PEOPLE = ID | AN | GE,
	DIGDIR = ID | AN | MP,
	ALL = PEOPLE | MP,
};

struct member {
	const char *name;
	const char *value;
};

#define TIMES                 \
	{"iat", "@-30"},      \
	{                     \
		"exp", "@570" \
	}
#define USE                                                                    \
	{"scope", "\"" ACCESS_SCOPE " openid\""}, {"client_id", "\"klient\""}, \
	    TIMES,                                                             \
	{                                                                      \
		"jti", "\"UPw8a6-uKGo\""                                       \
	}
#define PERSON                                                           \
	{"auth_time", "@-31"}, {"pid", "\"21879498012\""}, {"aud", AUD}, \
	{                                                                \
		"sid", "\"session-7\""                                   \
	}

static const struct member profiles[ACCESS_PROFILES][MEMBERS_MAX] = {
    [ACCESS_IDPORTEN] = {{"iss", "\"https://test.idporten.no\""},
	{"sub", "\"sub-kari\""}, {"acr", "\"idporten-loa-substantial\""},
	{"roles", "[\"arkivar\"]"}, {"consumer", ORG("0192:991825827")}, PERSON,
	USE},
    [ACCESS_ANSATTPORTEN] = {{"iss", "\"https://test.ansattporten.no\""},
	{"sub", "\"kari-ansatt\""}, {"acr", "\"substantial\""},
	{"authorization_details",
	    MANDATE("ansattporten:orgno", "0192:911830868")},
	PERSON, USE},
    [ACCESS_MASKINPORTEN] = {{"iss", "\"https://test.maskinporten.no/\""},
	{"consumer", ORG("0192:991825827")}, {"aud", "\"unspecified\""},
	{"token_type", "\"Bearer\""}, {"client_amr", "\"private_key_jwt\""},
	USE},
    [ACCESS_GENERIC] = {{"iss", "\"https://sso.example\""},
	{"sub", "\"kari-internal\""}, {"typ", "\"Bearer\""}, PERSON, USE},
};

/* clang-format off */
const struct access_vector access_vectors[] = {
    {.name = "good", .profiles = ALL, .word = "good"},
    {.name = "good, typ JWT", .profiles = ALL, .word = "good",
	.header = HEADER("RS256", "rsa", ",\"typ\":\"JWT\"")},
    {.name = "good, typ at+jwt", .profiles = ALL, .word = "good",
	.header = HEADER("RS256", "rsa", ",\"typ\":\"at+jwt\"")},
    {.name = "good, with a chain", .profiles = ALL, .word = "good",
	.header = HEADER("RS256", "rsa", ",\"x5c\":[\"MIID\"]")},
    {.name = "good, ES256", .profiles = GE, .word = "good", .how = MINT_ES256,
	.header = HEADER("ES256", "ec", "")},

    /* the header */
    {.name = "ES256 of Digdir", .profiles = DIGDIR, .how = MINT_ES256,
	.header = HEADER("ES256", "ec", ""), .word = "algorithm-refused",
	.detail = "alg"},
    {.name = "PS256 of Digdir", .profiles = DIGDIR, .how = MINT_PS256,
	.header = HEADER("PS256", "rsa", ""), .word = "algorithm-refused",
	.detail = "alg"},
    {.name = "PS256 by a key for RS256", .profiles = GE, .how = MINT_PS256,
	.header = HEADER("PS256", "rsa", ""), .word = "key-mismatch",
	.detail = "alg"},
    {.name = "HS256 with the public key", .profiles = ALL, .how = MINT_HS256,
	.header = HEADER("HS256", "rsa", ""), .word = "algorithm-refused",
	.detail = "alg"},
    {.name = "none, signed", .profiles = ALL,
	.header = HEADER("none", "rsa", ""), .word = "algorithm-refused",
	.detail = "alg"},
    {.name = "none, unsigned", .profiles = ALL, .how = MINT_NOTHING,
	.header = HEADER("none", "rsa", ""), .word = "malformed"},
    {.name = "rs256", .profiles = ALL, .header = HEADER("rs256", "rsa", ""),
	.word = "algorithm-refused", .detail = "alg"},
    {.name = "no alg", .profiles = ALL, .header = "{\"kid\":\"rsa\"}",
	.word = "header-refused", .detail = "alg"},
    {.name = "alg twice", .profiles = ALL,
	.header = "{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"rsa\"}",
	.word = "malformed", .detail = "header"},
    {.name = "no kid", .profiles = ALL, .header = "{\"alg\":\"RS256\"}",
	.word = "header-refused", .detail = "kid"},
    {.name = "kid of nobody", .profiles = ALL,
	.header = HEADER("RS256", "other", ""), .word = "key-unknown",
	.detail = "kid"},
    {.name = "kid of another type", .profiles = ALL,
	.header = HEADER("RS256", "ec", ""), .word = "key-mismatch",
	.detail = "alg"},
    {.name = "kid a number", .profiles = ALL,
	.header = "{\"alg\":\"RS256\",\"kid\":7}", .word = "header-refused",
	.detail = "kid"},
    {.name = "typ logout+jwt", .profiles = ALL,
	.header = HEADER("RS256", "rsa", ",\"typ\":\"logout+jwt\""),
	.word = "type-refused", .detail = "typ"},
    {.name = "typ dpop+jwt", .profiles = ALL,
	.header = HEADER("RS256", "rsa", ",\"typ\":\"dpop+jwt\""),
	.word = "type-refused", .detail = "typ"},
    {.name = "typ null", .profiles = ALL,
	.header = HEADER("RS256", "rsa", ",\"typ\":null"),
	.word = "type-refused", .detail = "typ"},
    {.name = "crit", .profiles = ALL,
	.header = HEADER("RS256", "rsa", ",\"crit\":[\"x\"],\"x\":1"),
	.word = "header-refused", .detail = "crit"},
    {.name = "crit, empty", .profiles = ALL,
	.header = HEADER("RS256", "rsa", ",\"crit\":[]"),
	.word = "header-refused", .detail = "crit"},
    {.name = "b64", .profiles = ALL,
	.header = HEADER("RS256", "rsa", ",\"b64\":true"),
	.word = "header-refused", .detail = "b64"},
    {.name = "zip", .profiles = ALL,
	.header = HEADER("RS256", "rsa", ",\"zip\":\"DEF\""),
	.word = "header-refused", .detail = "zip"},

    /* the signature, and the form */
    {.name = "a stranger's", .profiles = ALL, .how = MINT_RS256_STRANGER,
	.word = "signature-bad", .detail = "signature"},
    {.name = "another hash", .profiles = ALL, .how = MINT_RS256_SHA512,
	.word = "signature-bad", .detail = "signature"},
    {.name = "ES256 in DER", .profiles = GE, .how = MINT_ES256_DER,
	.header = HEADER("ES256", "ec", ""), .word = "signature-bad",
	.detail = "signature"},
    {.name = "ES256 of zeros", .profiles = GE, .how = MINT_ES256_ZERO,
	.header = HEADER("ES256", "ec", ""), .word = "signature-bad",
	.detail = "signature"},
    {.name = "the claims of another token", .profiles = ALL,
	.form = ACCESS_OTHER_CLAIMS, .word = "signature-bad",
	.detail = "signature"},
    {.name = "cut", .profiles = ALL, .form = ACCESS_CUT, .word = "malformed"},
    {.name = "halved", .profiles = ALL, .form = ACCESS_HALVED,
	.word = "malformed"},
    {.name = "unsigned", .profiles = ALL, .form = ACCESS_UNSIGNED,
	.word = "malformed"},
    {.name = "two parts", .profiles = ALL, .form = ACCESS_TWO_PARTS,
	.word = "malformed"},
    {.name = "four parts", .profiles = ALL, .form = ACCESS_FOUR_PARTS,
	.word = "malformed"},
    {.name = "padded", .profiles = ALL, .form = ACCESS_PADDED,
	.word = "malformed"},
    {.name = "with a space in it", .profiles = ALL, .form = ACCESS_SPACED,
	.word = "malformed"},
    {.name = "as JSON", .profiles = ALL, .form = ACCESS_FLATTENED,
	.word = "malformed"},

    /* iss */
    {.name = "iss missing", .profiles = ALL, .member = "iss",
	.word = "malformed"},
    {.name = "iss a number", .profiles = ALL, .member = "iss", .value = "7",
	.word = "malformed"},
    {.name = "iss of nobody", .profiles = ALL, .member = "iss",
	.value = "\"https://evil.example\"", .word = "issuer-wrong",
	.detail = "iss"},
    {.name = "iss with a slash to spare", .profiles = PEOPLE, .member = "iss",
	.value = "\"https://test.idporten.no/\"", .word = "issuer-wrong",
	.detail = "iss"},
    {.name = "iss without its slash", .profiles = ALL, .member = "iss",
	.value = "\"https://test.maskinporten.no\"", .word = "issuer-wrong",
	.detail = "iss"},
    {.name = "iss of another of ours", .profiles = PEOPLE, .member = "iss",
	.value = "\"https://test.maskinporten.no/\"", .word = "issuer-wrong",
	.detail = "iss"},
    {.name = "a machine as a person", .profiles = MP, .member = "iss",
	.value = "\"https://sso.example\"", .word = "issuer-wrong",
	.detail = "iss"},

    /* aud */
    {.name = "aud of many", .profiles = ALL, .member = "aud",
	.value = "[\"a\"," AUD "]", .word = "good"},
    {.name = "aud of another", .profiles = ALL, .member = "aud",
	.value = "\"https://andre.example\"", .word = "audience-wrong",
	.detail = "aud"},
    {.name = "aud with a slash to spare", .profiles = ALL, .member = "aud",
	.value = "\"" ACCESS_AUDIENCE "/\"", .word = "audience-wrong",
	.detail = "aud"},
    {.name = "aud, the beginning of it", .profiles = ALL, .member = "aud",
	.value = "\"https://saker.exampl\"", .word = "audience-wrong",
	.detail = "aud"},
    {.name = "aud missing at Digdir, with a scope", .profiles = DIGDIR,
	.member = "aud", .word = "good"},
    {.name = "aud unspecified at Digdir, with a scope", .profiles = DIGDIR,
	.member = "aud", .value = "\"unspecified\"", .word = "good"},
    {.name = "aud missing", .profiles = GE, .member = "aud",
	.word = "claim-missing", .detail = "aud"},
    {.name = "aud unspecified", .profiles = GE, .member = "aud",
	.value = "\"unspecified\"", .word = "audience-wrong",
	.detail = "aud"},
    {.name = "aud a number", .profiles = ALL, .member = "aud", .value = "7",
	.word = "claims-malformed", .detail = "aud"},
    {.name = "aud an empty list", .profiles = ALL, .member = "aud",
	.value = "[]", .word = "claims-malformed", .detail = "aud"},
    {.name = "aud twice", .profiles = ALL, .member = "aud",
	.value = AUD ",\"aud\":\"x\"", .word = "malformed"},

    /* times */
    {.name = "exp missing", .profiles = ALL, .member = "exp",
	.word = "claim-missing", .detail = "exp"},
    {.name = "exp a text", .profiles = ALL, .member = "exp",
	.value = "\"2000000000\"", .word = "claims-malformed",
	.detail = "exp"},
    {.name = "exp negative", .profiles = ALL, .member = "exp", .value = "-5",
	.word = "claims-malformed", .detail = "exp"},
    {.name = "exp with a fraction", .profiles = ALL, .member = "exp",
	.value = "2000000000.5", .word = "claims-malformed",
	.detail = "exp"},
    {.name = "exp too far ahead", .profiles = ALL, .member = "exp",
	.value = "@200000", .word = "claims-malformed", .detail = "exp"},
    {.name = "exp before iat", .profiles = ALL, .member = "exp",
	.value = "@-40", .word = "claims-malformed", .detail = "exp"},
    {.name = "expired", .profiles = ALL, .member = "exp", .value = "@-25",
	.word = "expired", .detail = "exp"},
    {.name = "exp within the skew", .profiles = ALL, .exact = true,
	.member = "exp", .value = "@-9", .word = "good"},
    {.name = "exp beyond the skew", .profiles = ALL, .exact = true,
	.member = "exp", .value = "@-10", .word = "expired",
	.detail = "exp"},
    {.name = "iat missing", .profiles = ALL, .member = "iat",
	.word = "claim-missing", .detail = "iat"},
    {.name = "iat a text", .profiles = ALL, .member = "iat", .value = "\"1\"",
	.word = "claims-malformed", .detail = "iat"},
    {.name = "iat within the skew", .profiles = ALL, .exact = true,
	.member = "iat", .value = "@10", .word = "good"},
    {.name = "iat beyond the skew", .profiles = ALL, .exact = true,
	.member = "iat", .value = "@11", .word = "not-yet-valid",
	.detail = "iat"},
    {.name = "iat ahead", .profiles = ALL, .member = "iat", .value = "@300",
	.word = "not-yet-valid", .detail = "iat"},
    {.name = "nbf ahead", .profiles = ALL, .member = "nbf", .value = "@300",
	.word = "not-yet-valid", .detail = "nbf"},
    {.name = "nbf a text", .profiles = ALL, .member = "nbf", .value = "\"1\"",
	.word = "claims-malformed", .detail = "nbf"},
    {.name = "auth_time ahead", .profiles = PEOPLE, .member = "auth_time",
	.value = "@300", .word = "not-yet-valid", .detail = "auth_time"},

    /* scope */
    {.name = "scope missing", .profiles = DIGDIR, .member = "scope",
	.word = "claim-missing", .detail = "scope"},
    {.name = "scope missing, none is required", .profiles = GE,
	.member = "scope", .word = "scope-missing", .detail = "scope"},
    {.name = "scope, another", .profiles = ALL, .member = "scope",
	.value = "\"ko:saker.write\"", .word = "scope-missing",
	.detail = "scope"},
    {.name = "scope, the beginning of it", .profiles = ALL, .member = "scope",
	.value = "\"ko:saker ko:saker.rea\"", .word = "scope-missing",
	.detail = "scope"},
    {.name = "scope a list", .profiles = ALL, .member = "scope",
	.value = "[\"" ACCESS_SCOPE "\"]", .word = "claims-malformed",
	.detail = "scope"},

    /* an id_token as an access token, and others' uses */
    {.name = "nonce", .profiles = ALL, .member = "nonce", .value = "\"n\"",
	.word = "login-token", .detail = "nonce"},
    {.name = "at_hash", .profiles = ALL, .member = "at_hash",
	.value = "\"n\"", .word = "login-token", .detail = "at_hash"},
    {.name = "c_hash", .profiles = ALL, .member = "c_hash", .value = "\"n\"",
	.word = "login-token", .detail = "c_hash"},
    {.name = "events", .profiles = ALL, .member = "events", .value = "{}",
	.word = "type-refused", .detail = "events"},
    {.name = "typ ID", .profiles = ALL, .member = "typ", .value = "\"ID\"",
	.word = "type-refused", .detail = "typ"},
    {.name = "typ Refresh", .profiles = ALL, .member = "typ",
	.value = "\"Refresh\"", .word = "type-refused", .detail = "typ"},

    /* whom it is about */
    {.name = "sub missing", .profiles = PEOPLE, .member = "sub",
	.word = "claim-missing", .detail = "sub"},
    {.name = "sub empty", .profiles = PEOPLE, .member = "sub",
	.value = "\"\"", .word = "claims-malformed", .detail = "sub"},
    {.name = "sub a number", .profiles = PEOPLE, .member = "sub",
	.value = "7", .word = "claims-malformed", .detail = "sub"},
    {.name = "sub of nobody here", .profiles = PEOPLE, .member = "sub",
	.value = "\"somebody\"", .word = "good"},
    {.name = "sub is the client: a machine", .profiles = GE, .member = "sub",
	.value = "\"klient\"", .word = "good"},
    {.name = "a machine's, with a person in it", .profiles = MP,
	.member = "pid", .value = "\"21879498012\",\"sub\":\"sub-kari\"",
	.word = "good"},
    {.name = "pid missing", .profiles = PEOPLE, .member = "pid",
	.word = "good"},
    {.name = "pid with a wrong digit", .profiles = ALL, .member = "pid",
	.value = "\"21879498013\"", .word = "person-number-bad",
	.detail = "pid"},
    {.name = "pid a number", .profiles = ALL, .member = "pid",
	.value = "21879498012", .word = "claims-malformed", .detail = "pid"},
    {.name = "acr of no ladder", .profiles = PEOPLE, .member = "acr",
	.value = "\"Level4\"", .word = "good"},
    {.name = "acr a number", .profiles = PEOPLE, .member = "acr",
	.value = "4", .word = "claims-malformed", .detail = "acr"},
    {.name = "the level that is asked", .profiles = ID | AN,
	.level = "substantial", .word = "good"},
    {.name = "below the level that is asked", .profiles = ID | AN,
	.level = "high", .word = "acr-too-low", .detail = "acr"},
    {.name = "no acr where a level is asked", .profiles = ID | AN,
	.level = "substantial", .member = "acr", .word = "acr-too-low",
	.detail = "acr"},
    {.name = "a level of an issuer without", .profiles = MP | GE,
	.level = "high", .unmeetable = true, .word = "acr-too-low",
	.detail = "acr"},
    {.name = "as new as is asked", .profiles = PEOPLE, .max_age_s = 60,
	.word = "good"},
    {.name = "older than is asked", .profiles = PEOPLE, .max_age_s = 60,
	.member = "auth_time", .value = "@-100",
	.word = "authentication-too-old", .detail = "auth_time"},
    {.name = "no auth_time where an age is asked", .profiles = PEOPLE,
	.max_age_s = 60, .member = "auth_time",
	.word = "authentication-too-old", .detail = "auth_time"},

    /* organisations */
    {.name = "consumer missing", .profiles = MP, .member = "consumer",
	.word = "claim-missing", .detail = "consumer"},
    {.name = "consumer a text", .profiles = MP, .member = "consumer",
	.value = "\"0192:991825827\"", .word = "claims-malformed",
	.detail = "consumer"},
    {.name = "consumer with a wrong digit", .profiles = MP,
	.member = "consumer", .value = ORG("0192:991825828"),
	.word = "claims-malformed", .detail = "consumer"},
    {.name = "consumer of another register", .profiles = MP,
	.member = "consumer", .value = ORG("9908:991825827"),
	.word = "authority-unknown", .detail = "consumer"},
    {.name = "a supplier", .profiles = MP, .member = "supplier",
	.value = ORG("0192:910753614"), .word = "good"},
    {.name = "supplier a list", .profiles = MP, .member = "supplier",
	.value = "[]", .word = "claims-malformed", .detail = "supplier"},
    {.name = "mandate of another register", .profiles = AN,
	.member = "authorization_details",
	.value = MANDATE("ansattporten:orgno", "9908:911830868"),
	.word = "claims-malformed", .detail = "authorization_details"},
    {.name = "mandates a text", .profiles = AN,
	.member = "authorization_details", .value = "\"x\"",
	.word = "claims-malformed", .detail = "authorization_details"},
    {.name = "a claim twice", .profiles = ALL, .member = "jti",
	.value = "\"a\",\"jti\":\"b\"", .word = "malformed"},

    /* bound to a key or a certificate */
    {.name = "bound, proved", .profiles = ALL, .member = "cnf",
	.value = "@jkt", .proof = ACCESS_PROVED, .word = "good"},
    {.name = "bound, as a bearer's", .profiles = ALL, .member = "cnf",
	.value = "@jkt", .word = "proof-missing"},
    {.name = "bound, proof missing", .profiles = ALL, .member = "cnf",
	.value = "@jkt", .proof = ACCESS_AS_DPOP, .word = "proof-missing"},
    {.name = "bound, proved as a bearer's", .profiles = ALL, .member = "cnf",
	.value = "@jkt", .proof = ACCESS_PROVED_AS_BEARER,
	.word = "scheme-wrong"},
    {.name = "bound, another's proof", .profiles = ALL, .member = "cnf",
	.value = "{\"jkt\":" OTHERS "}", .proof = ACCESS_PROVED_BY_ANOTHER,
	.word = "proof-bad"},
    {.name = "bound, the proof of another URL", .profiles = ALL,
	.member = "cnf", .value = "@jkt", .proof = ACCESS_PROVED_ELSEWHERE,
	.word = "proof-bad"},
    {.name = "bound, the proof of another token", .profiles = ALL,
	.member = "cnf", .value = "@jkt", .proof = ACCESS_PROVED_FOR_ANOTHER,
	.word = "proof-bad"},
    {.name = "bound, an old proof", .profiles = ALL, .member = "cnf",
	.value = "@jkt", .proof = ACCESS_PROVED_LONG_AGO,
	.word = "proof-stale"},
    {.name = "not bound, as DPoP", .profiles = ALL, .proof = ACCESS_AS_DPOP,
	.word = "scheme-wrong"},
    {.name = "bound to a certificate", .profiles = ALL, .member = "cnf",
	.value = "{\"x5t#S256\":" OTHERS "}", .word = "certificate-missing"},
    {.name = "bound to a certificate that comes", .profiles = ALL,
	.member = "cnf", .value = "{\"x5t#S256\":" THUMBPRINT "}",
	.certificate = true, .word = "good"},
    {.name = "bound to another certificate", .profiles = ALL,
	.member = "cnf", .value = "{\"x5t#S256\":" OTHERS "}",
	.certificate = true, .word = "certificate-wrong"},
    {.name = "bound to none, and one comes", .profiles = ALL,
	.certificate = true, .word = "good"},
    {.name = "bound in another way", .profiles = ALL, .member = "cnf",
	.value = "{\"kid\":\"x\"}", .word = "proof-unsupported"},
    {.name = "bound to nothing", .profiles = ALL, .member = "cnf",
	.value = "{}", .word = "claims-malformed", .detail = "cnf"},
    {.name = "cnf a text", .profiles = ALL, .member = "cnf", .value = "\"x\"",
	.word = "claims-malformed", .detail = "cnf"},
};
/* clang-format on */
const size_t access_vectors_count =
    sizeof(access_vectors) / sizeof(*access_vectors);

static const char header_rs256[] = HEADER("RS256", "rsa", "");

static void
write_binding(FILE *file)
{
	char *jwk = mint_file("ec.jwk");
	char jkt[THUMBPRINT_SIZE];
	struct json_node nodes[32];
	struct json json;

	if (json_read(jwk, strlen(jwk), nodes, 32, &json) < 0 ||
	    thumbprint_of_jwk(&json, json.nodes, jkt) < 0)
		errx(99, "access: ec.jwk");
	(void)fprintf(file, "{\"jkt\":\"%s\"}", jkt);
	free(jwk);
}

static void
write_member(FILE *file, const char *name, const char *value, int64_t now_s)
{
	char *rest;
	long long offset_s;

	if (!value)
		return;
	(void)fprintf(file, ",\"%s\":", name);
	if (value[0] != '@') {
		(void)fputs(value, file);
		return;
	}
	if (strcmp(value, "@jkt") == 0) {
		write_binding(file);
		return;
	}
	offset_s = strtoll(value + 1, &rest, 10);
	(void)fprintf(file, "%lld%s", (long long)now_s + offset_s, rest);
}

/* The members of the profile with the vector's one, at its place or last. */
char *
access_payload(const struct access_vector *vector, enum access_profile profile,
    int64_t now_s)
{
	const struct member *member = profiles[profile];
	bool changed = !vector->member;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		errx(99, "access: no memory");
	(void)fputs("{\"v\":1", file);
	for (; member->name; member++) {
		bool is_it =
		    vector->member && !strcmp(member->name, vector->member);

		changed |= is_it;
		write_member(file, member->name,
		    is_it ? vector->value : member->value, now_s);
	}
	if (!changed)
		write_member(file, vector->member, vector->value, now_s);
	(void)fputc('}', file);
	if (fclose(file) != 0)
		errx(99, "access: no memory");
	return text;
}

__attribute__((format(printf, 1, 2))) static char *
print(const char *format, ...)
{
	va_list arguments;
	char *text;
	int size;

	va_start(arguments, format);
	size = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (size < 0)
		errx(99, "access: no memory");
	return text;
}

/* The claims of somebody else, under a signature that was good. */
static char *
with_other_claims(const char *token, const char *payload)
{
	char *other = mint_replace(payload, ACCESS_SCOPE, ACCESS_SCOPE "s");
	char *encoded = mint_base64url(other, strlen(other));
	char *header = strndup(token, strcspn(token, "."));
	char *mangled = print("%s.%s%s", header, encoded, strrchr(token, '.'));

	free(other);
	free(encoded);
	free(header);
	return mangled;
}

static char *
flattened(const char *token)
{
	const char *payload = strchr(token, '.') + 1;
	const char *signature = strrchr(token, '.') + 1;
	char *header = strndup(token, (size_t)(payload - token) - 1);
	char *claims = strndup(payload, (size_t)(signature - payload) - 1);
	char *mangled = print("{\"protected\":\"%s\",\"payload\":\"%s\","
			      "\"signature\":\"%s\"}",
	    header, claims, signature);

	free(header);
	free(claims);
	return mangled;
}

static char *
mangle(enum access_form form, const char *token, const char *payload)
{
	size_t size = strlen(token);

	switch (form) {
	case ACCESS_WHOLE:
		break;
	case ACCESS_CUT:
		return strndup(token, size - 1);
	case ACCESS_HALVED:
		return strndup(token, size / 2);
	case ACCESS_UNSIGNED:
		return strndup(
		    token, (size_t)(strrchr(token, '.') - token) + 1);
	case ACCESS_TWO_PARTS:
		return strndup(token, (size_t)(strrchr(token, '.') - token));
	case ACCESS_FOUR_PARTS:
		return print("%s.AAAA", token);
	case ACCESS_PADDED:
		return print("%s==", token);
	case ACCESS_SPACED:
		return print(
		    "%.*s %s", (int)(size / 2), token, token + size / 2);
	case ACCESS_OTHER_CLAIMS:
		return with_other_claims(token, payload);
	case ACCESS_FLATTENED:
		return flattened(token);
	}
	return strdup(token);
}

char *
access_token(const struct access_vector *vector, enum access_profile profile,
    int64_t now_s)
{
	char *payload = access_payload(vector, profile, now_s);
	char *token = mint_token(vector->how,
	    vector->header ? vector->header : header_rs256, payload);
	char *mangled = mangle(vector->form, token, payload);

	free(payload);
	free(token);
	return mangled;
}

static char *
prove(const char *token, const char *id, const char *url, int64_t at_s)
{
	char *jwk = mint_file("ec.jwk"), *claims, *proof, *header;
	char hash[THUMBPRINT_SIZE];

	if (thumbprint_of_bytes(token, strlen(token), hash) < 0 ||
	    asprintf(&claims,
		"{\"jti\":\"%s\",\"htm\":\"" ACCESS_METHOD "\",\"htu\":\"%s\","
		"\"iat\":%" PRId64 ",\"ath\":\"%s\"}",
		id, url, at_s, hash) < 0)
		errx(99, "access: no proof");
	header =
	    print("{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":%s}", jwk);
	proof = mint_token(MINT_ES256, header, claims);
	free(jwk);
	free(header);
	free(claims);
	return proof;
}

char *
access_proof(
    const struct access_vector *vector, const char *token, int64_t now_s)
{
	char id[THUMBPRINT_SIZE];

	/* No two tokens have the same. */
	if (thumbprint_of_bytes(token, strlen(token), id) < 0)
		errx(99, "access: no proof");
	switch (vector->proof) {
	case ACCESS_BEARER:
	case ACCESS_AS_DPOP:
		break;
	case ACCESS_PROVED:
	case ACCESS_PROVED_AS_BEARER:
	case ACCESS_PROVED_BY_ANOTHER:
		return prove(token, id, ACCESS_URL, now_s);
	case ACCESS_PROVED_ELSEWHERE:
		return prove(token, id, ACCESS_URL "8", now_s);
	case ACCESS_PROVED_LONG_AGO:
		return prove(token, id, ACCESS_URL, now_s - 61);
	case ACCESS_PROVED_FOR_ANOTHER:
		return prove("another", id, ACCESS_URL, now_s);
	}
	return NULL;
}
