// Spoils a good id_token in one named way, signed as the case asks: with the
// issuer's own key where only a claim is to be wrong, with another where the
// signature is.

import { generateKeyPairSync } from "node:crypto";
import * as jose from "jose";

function setClaim(payload, name, value) {
	if (value === null)
		delete payload[name];
	else
		payload[name] = value;
}

// A token of another time: only its place on the clock is wrong.
function shift(payload, seconds) {
	for (const name of ["iat", "auth_time", "exp"])
		payload[name] += seconds;
}

// Changes of claims; the signature stays good.
const CLAIMS = {
	"aud-wrong": (p) => setClaim(p, "aud", "another-client"),
	"aud-missing": (p) => setClaim(p, "aud", null),
	"azp-wrong": (p) => setClaim(p, "azp", "another-client"),
	"iss-wrong": (p) => setClaim(p, "iss", "https://evil.example"),
	"iss-slash": (p) => setClaim(p, "iss", `${p.iss}/`),
	"nonce-wrong": (p) => setClaim(p, "nonce", "not-the-nonce"),
	"nonce-missing": (p) => setClaim(p, "nonce", null),
	"sub-missing": (p) => setClaim(p, "sub", null),
	"expired": (p) => shift(p, -3600),
	"exp-float": (p) => setClaim(p, "exp", p.exp + 0.5),
	"not-yet": (p) => setClaim(p, "nbf", p.iat + 3600),
	"iat-ahead": (p) => shift(p, 3600),
	"auth-time-old": (p) => setClaim(p, "auth_time", p.auth_time - 1800),
	"acr-missing": (p) => setClaim(p, "acr", null),
	"acr-unknown": (p) => setClaim(p, "acr", "idporten-loa-galactic"),
	"pid-wrong": (p) => setClaim(p, "pid", "01815010261"),
	"pid-number": (p) => setClaim(p, "pid", Number(p.pid)),
	"organisation-wrong": (p) => setClaim(p, "authorization_details", [{
		type: "ansattporten:orgno", orgno: {
			authority: "iso6523-actorid-upis", ID: "0192:911830869",
		},
	}]),
	"roles-string": (p) => setClaim(p, "roles", "kompis-saksbehandler"),
};

function encode(object) {
	return Buffer.from(JSON.stringify(object)).toString("base64url");
}

async function sign(header, payload, jwk) {
	const key = await jose.importJWK(jwk, header.alg);
	return new jose.SignJWT(payload).setProtectedHeader(header).sign(key);
}

// An access token with these claims, as the issuer itself would sign it: by
// its newest key of that algorithm. Members of the header that are null go.
export function signClaims(claims, { alg, typ, kid }, keys) {
	const type = alg === "ES256" ? "EC" : "RSA";
	const key = keys.find((one) => one.kty === type);
	const header = { alg, kid: kid ?? key.kid };
	if (typ !== null)
		header.typ = typ ?? "at+jwt";
	return sign(header, claims, key);
}

function strangerKey(alg) {
	const { privateKey } = alg === "ES256"
		? generateKeyPairSync("ec", { namedCurve: "P-256" })
		: generateKeyPairSync("rsa", { modulusLength: 2048 });
	return privateKey.export({ format: "jwk" });
}

const HEADERS = {
	"signature-bad": (token) => {
		const [header, payload, signature] = token.split(".");
		const bytes = Buffer.from(signature, "base64url");
		bytes[8] ^= 1;
		return `${header}.${payload}.${bytes.toString("base64url")}`;
	},
	"alg-none": (token, header, payload) =>
		`${encode({ alg: "none", typ: "JWT" })}.${encode(payload)}.`,
	"alg-none-signed": (token, header, payload) =>
		`${encode({ ...header, alg: "none" })}.${encode(payload)}.` +
		token.split(".")[2],
	"alg-hs256": (token, header, payload, keys) =>
		new jose.SignJWT(payload)
			.setProtectedHeader({ ...header, alg: "HS256" })
			.sign(Buffer.from(JSON.stringify(
				keys.find((key) => key.kid === header.kid).n ??
				"x".repeat(64)).padEnd(64))),
	"kid-unknown": (token, header, payload) =>
		sign({ ...header, kid: "nobody" }, payload,
			strangerKey(header.alg)),
	"key-stranger": (token, header, payload) =>
		sign(header, payload, strangerKey(header.alg)),
	"jwk-embedded": (token, header, payload) => {
		const jwk = strangerKey(header.alg);
		const { kty, n, e, crv, x, y } = jwk;
		return sign({ ...header, jwk: { kty, n, e, crv, x, y } },
			payload, jwk);
	},
	"crit": (token, header, payload, keys) =>
		sign({ ...header, crit: ["b64"], b64: true }, payload,
			keys.find((key) => key.kid === header.kid)),
	"truncated": (token) => token.slice(0, token.length - 40),
	"not-a-token": () => "A===.A.A",
	"huge": (token, header, payload, keys) =>
		sign(header, { ...payload, padding: "x".repeat(20000) },
			keys.find((key) => key.kid === header.kid)),
};

export const KINDS = [...Object.keys(CLAIMS), ...Object.keys(HEADERS)];

/*
 * `forgery` is the name of a kind, or { claims: { name: value } } for a change
 * of one's own (null removes). `keys` are the issuer's private keys.
 */
export async function forge(token, forgery, keys) {
	const header = jose.decodeProtectedHeader(token);
	const payload = jose.decodeJwt(token);
	if (typeof forgery === "string" && HEADERS[forgery])
		return HEADERS[forgery](token, header, payload, keys);
	if (typeof forgery === "string")
		CLAIMS[forgery](payload);
	else
		for (const [name, value] of Object.entries(forgery.claims))
			setClaim(payload, name, value);
	return sign(header, payload, keys.find((key) => key.kid === header.kid));
}
