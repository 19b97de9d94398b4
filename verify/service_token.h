/*
 * A service token: is this access token good for this service, now? Pure, as
 * evidence.h, and by the same steps; what differs is the claims. A service
 * never takes an id_token, and a login never takes this: the two share no
 * expectation.
 *
 * A token says either of a person (sub, perhaps pid and mandates) or of a
 * machine (consumer, perhaps a supplier). A machine's token has no person in
 * it, whatever it holds: Maskinporten puts a pid there of somebody who has not
 * logged in.
 */
#pragma once

#include "verify/confirmation.h"
#include "verify/evidence.h"
#include "verify/service_bearer.h"
#include "verify/signed_token.h"

#include <stddef.h>
#include <stdint.h>

enum {
	SERVICE_TEXT_SIZE = 256, /* of each text below, terminated */
	SERVICE_ORGANISATION_SIZE = 15, /* "0192:911830868" */
};

/* Of whom the tokens of an issuer can speak. */
enum service_subjects {
	SERVICE_MACHINES = 0, /* always: Maskinporten */
	SERVICE_PEOPLE, /* always: ID-porten, Ansattporten */
	/*
	 * A machine when sub is the client itself (RFC 9068 section 5) or when
	 * there is a consumer and no sub; a person otherwise.
	 */
	SERVICE_EITHER,
};

enum service_claim {
	SERVICE_CLAIM_SCOPE = 1 << 0,
	SERVICE_CLAIM_CONSUMER = 1 << 1,
	SERVICE_CLAIM_CLIENT_ID = 1 << 2,
};

/* How one issuer's access tokens are judged, beyond its profile. */
struct service_rules {
	enum service_subjects subjects;
	/*
	 * aud may be absent, or the literal "unspecified", when the caller asks
	 * for a scope: so write ID-porten and Maskinporten unless the client
	 * named a resource (RFC 8707). Of a caller that names an audience too
	 * it must be a scope that not everybody's tokens have.
	 */
	bool audience_optional;
	unsigned int required; /* of enum service_claim */
};

struct service_expectation {
	const struct issuer_profile *profile;
	const struct service_rules *rules;
	struct key_set *keys; /* of that issuer; one thread at a time */
	/* This service; NULL only where audience_optional, with scopes. */
	const char *audience;
	/* It must be there whatever the rules say: somebody logs in with it. */
	bool audience_required;
	const char *const *scopes; /* every one of them */
	size_t scopes_count;
	int acr_rank_min; /* 0: any, even none */
	int64_t max_age_s; /* of auth_time; 0: any */
	const struct presentation *presentation; /* confirmation.h */
	/* NULL, or told whose a token is that was refused when it had held. */
	struct service_bearer *bearer;
};

/* One of OpenID Connect's own, which any client may ask for: "openid". */
bool service_scope_is_anybodys(const char *scope);

enum service_subject {
	SERVICE_SUBJECT_MACHINE = 0, /* identity.subject is "" */
	SERVICE_SUBJECT_PERSON,
};

/* An absent text is "". Pass it by pointer, because of the identity. */
struct service_token {
	struct identity identity;
	enum service_subject subject;
	char client_id[SERVICE_TEXT_SIZE]; /* for the log, not for decisions */
	char token_id[SERVICE_TEXT_SIZE]; /* jti */
	char session[SERVICE_TEXT_SIZE]; /* sid */
	/* Who calls for the consumer (identity.consumer), and who says so. */
	char supplier[SERVICE_ORGANISATION_SIZE];
	char delegation_source[SERVICE_TEXT_SIZE];
	/*
	 * Of machines: a system user in Altinn (urn:altinn:systemuser), and the
	 * organisation that made it. No mandate: rules that give people access
	 * on behalf of somebody do not mean machines.
	 */
	char system_user_organisation[SERVICE_ORGANISATION_SIZE];
	char system_user_id[SERVICE_TEXT_SIZE];
	char system_id[SERVICE_TEXT_SIZE];
	struct confirmation confirmation;
};

/*
 * Checks an access token. On EVIDENCE_GOOD, and only then, *ret_token is
 * filled. On a refusal ret_detail, when not NULL, names the member at fault (a
 * constant of ours). A bound token needs its proof in the presentation; a
 * DPoP proof is used up by a yes, and by nothing else.
 *
 * Always required: kid, iss, exp, iat, of a person sub, of a machine consumer
 * if the rules say so. typ is absent, "JWT", "at+jwt" or "application/at+jwt".
 * A token without a sign that it gives access (that typ, scope, client_id), or
 * with one that it is for a login (nonce, at_hash, c_hash), is
 * EVIDENCE_LOGIN_TOKEN; one for a logout or for getting others is
 * EVIDENCE_TYPE_REFUSED. client_orgno and amr are not looked at.
 */
enum evidence_result service_token_check(const char *token, size_t size,
    const struct service_expectation *expectation, int64_t now_s,
    struct service_token *ret_token, const char **ret_detail);

/*
 * The same in two steps, for those who find the expectation by the issuer that
 * the token names. What is read is nobody's word until it is judged.
 */
struct service_reading {
	struct slice issuer; /* "iss"; empty: it names none */
	const char *text; /* the token, borrowed until it is judged */
	size_t size;
	struct signed_token token;
};

/* EVIDENCE_NOT_CHECKED, which is no yes, or a refusal: then it is wiped. */
enum evidence_result service_token_read(const char *token, size_t size,
    struct service_reading *ret_reading, const char **ret_detail);

/* Once: as service_token_check(), and it wipes the reading. */
enum evidence_result service_token_judge(struct service_reading *reading,
    const struct service_expectation *expectation, int64_t now_s,
    struct service_token *ret_token, const char **ret_detail);

/* Of a reading that nobody judges. */
void service_reading_wipe(struct service_reading *reading);

/*
 * The issuer alone, for those who look it up elsewhere. 0, -EMSGSIZE or
 * -EBADMSG.
 */
int service_token_issuer(
    const char *token, size_t size, char ret_issuer[IDENTITY_ISSUER_SIZE]);

void service_token_wipe(struct service_token *token);

/* The same of what one check wrote into a wiped one: much less to wipe. */
void service_token_wipe_checked(struct service_token *token);
