#include "tests/vectors/login.h"

#include "tests/vectors/mint.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char login_header_rs256[] =
    "{\"x5c\":[\"MIID\"],\"kid\":\"rsa\",\"alg\":\"RS256\"}";
const char login_header_ps256[] =
    "{\"x5c\":[\"MIID\"],\"kid\":\"rsa-any\",\"alg\":\"PS256\"}";
const char login_header_es256[] =
    "{\"x5c\":[\"MIID\"],\"kid\":\"ec\",\"alg\":\"ES256\"}";

const char login_payload[] =
    "{\"sub\":\"ERIFvpD7pM6j6Xvrnz0ml53V-L_W5ZDSs3kYMs6dTVc\","
    "\"amr\":[\"TestID\"],\"iss\":\"https://idporten.dev\","
    "\"pid\":\"21879498012\",\"locale\":\"nb\","
    "\"nonce\":\"S6tRrJ3tWsilRZl7hqySoORosHDDq4l6du3dxDhXoWc\","
    "\"sid\":\"iZZbp-a_wSUffOSwmn1Weo9EoauyyQL6pqv0_-8bRHk\","
    "\"aud\":\"democlient_idporten_systest\","
    "\"acr\":\"idporten-loa-substantial\",\"auth_time\":1678375491,"
    "\"exp\":1678375612,\"iat\":1678375492,\"jti\":\"prkQoucQJf8\","
    "\"roles\":[\"saksbehandler\",\"f\\u00f8rstelinje\"]}";

static const char *const acr_ladder[] = {
    "idporten-loa-low", "idporten-loa-substantial", "idporten-loa-high"};
static const char *const roles_claims[] = {"roles"};

static struct key_set *
read_keys(void)
{
	char *rsa = mint_file("rsa.jwk");
	char *rsa_named =
	    mint_replace(rsa, "\"kid\":\"rsa\"", "\"kid\":\"rsa-any\"");
	char *rsa_any = mint_replace(rsa_named, "\"alg\":\"RS256\",", "");
	char *ec = mint_file("ec.jwk");
	struct key_set *set = NULL;
	char *json;

	if (asprintf(&json, "{\"keys\":[%s,%s,%s]}", rsa, rsa_any, ec) < 0 ||
	    key_set_parse(json, strlen(json), &set) < 0)
		errx(99, "login: no keys");
	free(rsa);
	free(rsa_named);
	free(rsa_any);
	free(ec);
	free(json);
	return set;
}

void
login_init(struct login *login)
{
	login->profile = (struct issuer_profile){
	    .issuer = "https://idporten.dev",
	    .algorithms = EVIDENCE_RS256 | EVIDENCE_PS256 | EVIDENCE_ES256,
	    .acr_ladder = acr_ladder,
	    .acr_ladder_count = sizeof(acr_ladder) / sizeof(*acr_ladder),
	    .roles_claims = roles_claims,
	    .roles_claims_count = 1,
	    .test = true,
	    .clock_skew_s = 10,
	};
	login->expectation = (struct evidence_expectation){
	    .profile = &login->profile,
	    .keys = read_keys(),
	    .audience = "democlient_idporten_systest",
	    .nonce = "S6tRrJ3tWsilRZl7hqySoORosHDDq4l6du3dxDhXoWc",
	    .acr_rank_min = 2,
	    .max_age_s = 3600,
	};
}

void
login_done(struct login *login)
{
	login->expectation.keys = key_set_free(login->expectation.keys);
}

enum evidence_result
login_check(const struct login *login, const char *token, size_t size,
    const char **ret_detail)
{
	static struct identity identity, untouched;
	enum evidence_result result;
	char *copy = malloc(size > 0 ? size : 1);

	if (!copy)
		errx(99, "login: no memory");
	memcpy(copy, token, size);
	memset(&identity, 0x5a, sizeof(identity));
	memset(&untouched, 0x5a, sizeof(untouched));
	result = evidence_check(copy, size, &login->expectation, LOGIN_NOW_S,
	    &identity, ret_detail);
	if (result != EVIDENCE_GOOD &&
	    memcmp(&identity, &untouched, sizeof(identity)) != 0)
		errx(99, "login: a refusal wrote an identity");
	free(copy);
	return result;
}
