// The grants that give machines tokens: the JWT grant as Maskinporten takes it
// (RFC 7523 section 2.1), and token exchange as TokenX does (RFC 8693). Both
// are strict where the real ones are, so that a client that is careless there
// fails here first.

import { createPublicKey, randomUUID } from "node:crypto";
import * as jose from "jose";

import { signClaims } from "./forge.js";
import { getJson } from "./person.js";

const PREFIX = "urn:ietf:params:oauth:grant-type:";
export const GRANTS = {
	"device": `${PREFIX}device_code`,
	"jwt-bearer": `${PREFIX}jwt-bearer`,
	"token-exchange": `${PREFIX}token-exchange`,
	"client_credentials": "client_credentials",
};

const JWT_GRANT_ALGORITHMS = ["RS256", "RS384", "RS512"];
const IAT_SLACK_S = 10;
const ASSERTION_LIFE_MAX_S = 120;
const DETAILS_TYPES = ["urn:altinn:systemuser", "urn:altinn:consent"];
const SUBJECT_TYPES = ["jwt", "access_token"].map((type) =>
	`urn:ietf:params:oauth:token-type:${type}`);

class Refused extends Error {
	constructor(error, description, status = 400) {
		super(description);
		this.error = error;
		this.status = status;
	}
}

function demand(condition, error, description) {
	if (!condition)
		throw new Refused(error, description);
}

function organisation(number) {
	return { authority: "iso6523-actorid-upis", ID: `0192:${number}` };
}

function list(value) {
	return value === undefined ? [] : [value].flat();
}

// What both grants do about their clock, their memory and their errors.
function handler(state, grant) {
	return async (ctx) => {
		const client = state.config.clients.find((one) =>
			one.client_id === ctx.oidc.client.clientId);
		try {
			ctx.body = await grant(state, client, ctx.oidc.params);
			state.canary("access_token", ctx.body.access_token);
		} catch (error) {
			if (!(error instanceof Refused))
				throw error;
			ctx.status = error.status;
			ctx.body = {
				error: error.error,
				error_description: error.message,
				...(state.config.kind === "maskinporten" && {
					error_uri: `${state.config.issuer}docs`,
				}),
			};
		}
	};
}

// RFC 7523 section 3, rule 7: an assertion is good once.
function useOnce(state, jti, code) {
	demand(typeof jti === "string" && jti !== "", "invalid_grant",
		`${code}: jti is missing`);
	demand(!state.assertions.has(jti), "invalid_grant",
		`${code}: the assertion was used before`);
	state.assertions.add(jti);
}

async function verifyAssertion(state, client, assertion) {
	let header;
	try {
		header = jose.decodeProtectedHeader(assertion);
	} catch {
		throw new Refused("invalid_grant", "MP-001: not a JWT");
	}
	demand((header.kid === undefined) !== (header.x5c === undefined),
		"invalid_grant", "MP-002: exactly one of kid and x5c");
	demand(header.kid === client.key_id, "invalid_grant",
		"MP-003: no key of that kid is registered");
	demand(JWT_GRANT_ALGORITHMS.includes(header.alg), "invalid_grant",
		`MP-004: alg ${header.alg} is not accepted`);
	try {
		const { payload } = await jose.compactVerify(assertion,
			createPublicKey(client.public_key));
		return JSON.parse(new TextDecoder().decode(payload));
	} catch {
		throw new Refused("invalid_grant", "MP-005: bad signature");
	}
}

function checkTimes({ iat, exp }) {
	const now = Math.floor(Date.now() / 1000);
	demand(Number.isInteger(iat) && Number.isInteger(exp),
		"invalid_grant", "MP-010: iat and exp are needed, in seconds");
	demand(Math.abs(iat - now) <= IAT_SLACK_S, "invalid_grant",
		`MP-011: iat is ${iat - now} s from the server's clock`);
	demand(exp > now, "invalid_grant", "MP-012: it has expired");
	demand(exp - iat <= ASSERTION_LIFE_MAX_S, "invalid_grant",
		`MP-013: it lives ${exp - iat} s, and may 120`);
}

function checkScope(client, scope) {
	demand(typeof scope === "string" && scope !== "", "invalid_scope",
		"MP-020: scope is missing");
	for (const one of scope.split(" "))
		demand(client.scopes?.includes(one), "invalid_scope",
			`MP-021: the client has no access to the scope ${one}`);
}

// What a system user's token says, however it was asked for.
function details(asked) {
	return list(asked).map((one) => {
		demand(DETAILS_TYPES.includes(one?.type),
			"invalid_authorization_details",
			"MP-030: no such type of authorization_details");
		return {
			type: one.type,
			systemuser_id: ["a3f2c7de-0000-4000-8000-000000000001"],
			systemuser_org: one.systemuser_org ??
				organisation("910753614"),
			system_id: "portvakt-test",
		};
	});
}

async function jwtGrant(state, client, { assertion }) {
	demand(assertion, "invalid_request", "MP-000: assertion is missing");
	const asked = await verifyAssertion(state, client, assertion);
	demand(list(asked.aud).length === 1 &&
		list(asked.aud)[0] === state.config.issuer, "invalid_grant",
		"MP-006: aud is not this issuer");
	demand(asked.iss === client.client_id, "invalid_grant",
		"MP-007: iss is not the client");
	checkTimes(asked);
	checkScope(client, asked.scope);
	const rights = details(asked.authorization_details);
	useOnce(state, asked.jti, "MP-008");
	const now = Math.floor(Date.now() / 1000);
	const life_s = state.settings.machine_token_s;
	const resource = list(asked.resource);
	const claims = {
		iss: state.config.issuer, client_id: client.client_id,
		client_amr: "private_key_jwt", token_type: "Bearer",
		aud: resource.length > 1 ? resource
			: resource[0] ?? "unspecified",
		scope: asked.scope, iat: now, exp: now + life_s,
		jti: randomUUID(), client_orgno: client.orgno,
		consumer: organisation(asked.consumer_org ?? client.orgno),
		...(asked.consumer_org && {
			supplier: organisation(client.orgno),
			delegation_source: "https://altinn.portvakt.test/",
		}),
		...(asked.pid && { pid: asked.pid }),
		...(rights.length > 0 && { authorization_details: rights }),
	};
	return {
		access_token: await signClaims(claims,
			{ alg: "RS256", typ: null }, state.keys),
		token_type: "Bearer", expires_in: life_s, scope: asked.scope,
	};
}

// The keys of the issuer of a person's token: our own, or as it publishes.
async function subjectKeys(state, issuer) {
	if (issuer === state.config.issuer)
		return jose.createLocalJWKSet({ keys: state.keys });
	const uri = state.config.subject_issuers?.[issuer];
	demand(uri, "invalid_request", "the issuer of subject_token is not known");
	return jose.createLocalJWKSet(
		await getJson(uri, state.config.tls.ca));
}

async function verifySubject(state, client, token) {
	let claims;
	try {
		claims = jose.decodeJwt(token);
	} catch {
		throw new Refused("invalid_request", "subject_token is no JWT");
	}
	const keys = await subjectKeys(state, claims.iss);
	try {
		await jose.jwtVerify(token, keys, {
			algorithms: ["RS256"], requiredClaims: ["exp", "iat"],
		});
	} catch (error) {
		throw new Refused("invalid_request",
			`subject_token: ${error.code}`);
	}
	demand(claims.iss !== state.config.issuer ||
		list(claims.aud).includes(client.client_id), "invalid_request",
		"subject_token was issued here, and not for this client");
	return claims;
}

// oidc-provider has verified it; this is what TokenX asks besides.
function checkClientAssertion(state, assertion) {
	demand(assertion, "invalid_client", "client_assertion is missing");
	const { aud, iat, nbf, exp, jti } = jose.decodeJwt(assertion);
	demand(Number.isInteger(nbf) && Number.isInteger(iat) && jti,
		"invalid_client", "client_assertion needs iat, nbf and jti");
	demand(list(aud).length === 1 && list(aud)[0] === state.config.issuer,
		"invalid_client", "aud of client_assertion is not this issuer");
	demand(exp - iat <= ASSERTION_LIFE_MAX_S, "invalid_client",
		"client_assertion lives longer than 120 s");
}

async function exchange(state, client, params) {
	if (client.auth === "private_key_jwt")
		checkClientAssertion(state, params.client_assertion);
	demand(SUBJECT_TYPES.includes(params.subject_token_type),
		"invalid_request", "subject_token_type is not supported");
	demand(params.subject_token, "invalid_request",
		"subject_token is missing");
	demand(params.audience, "invalid_request", "audience is missing");
	demand(client.targets?.includes(params.audience), "invalid_target",
		`${client.client_id} may not call ${params.audience}`);
	const subject = await verifySubject(state, client,
		params.subject_token);
	const now = Math.floor(Date.now() / 1000);
	const life_s = state.settings.exchanged_token_s;
	const acr = state.config.acr_map?.[subject.acr] ?? subject.acr;
	const claims = {
		...subject, ...(acr && { acr }), iss: state.config.issuer,
		aud: params.audience, client_id: client.client_id,
		idp: subject.idp ?? subject.iss, iat: now, nbf: now,
		exp: now + life_s, jti: randomUUID(),
	};
	return {
		access_token: await signClaims(claims,
			{ alg: "RS256", typ: null }, state.keys),
		issued_token_type:
			"urn:ietf:params:oauth:token-type:access_token",
		token_type: "Bearer", expires_in: life_s,
	};
}

export function registerGrants(state, provider) {
	provider.registerGrantType(GRANTS["jwt-bearer"],
		handler(state, jwtGrant), ["assertion"]);
	provider.registerGrantType(GRANTS["token-exchange"],
		handler(state, exchange), ["subject_token",
			"subject_token_type", "audience"]);
}

// Maskinporten is told who asks by the assertion alone; oidc-provider wants to
// know before it looks at the grant.
export function nameClient(form) {
	if (form.get("grant_type") !== GRANTS["jwt-bearer"] ||
	    form.has("client_id"))
		return;
	try {
		const { iss } = jose.decodeJwt(form.get("assertion"));
		if (typeof iss === "string")
			form.set("client_id", iss);
	} catch {
		// No JWT: it is refused as a request without a client.
	}
}
