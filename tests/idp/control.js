// The control port: how a test tells the issuer who exists, what a person
// does, and what goes wrong. Plain HTTP, loopback, JSON both ways.
//
//	POST /reset    {}                      people, settings, faults as first
//	POST /people   [{ id, sub, pid, ... }] replaces everybody
//	POST /person   { id, ... }             changes one, by id
//	POST /visit    { user_code, person, acr?, deny? }   as in a browser
//	POST /rotate   { how: "soft" | "hard" }
//	POST /faults   [{ endpoint, kind, count?, ... }]    faults.js
//	POST /settings { interval_s?, expires_in_s?, retention_s?, forgery?,
//	                 machine_token_s?, exchanged_token_s?,
//	                 clock_offset_s? }   what its Date header says
//	POST /sign     { claims, alg?, typ?, kid?, previous? } -> { token }
//	                                       an access token, by the issuer's
//	                                       key; typ null: without; kid: as if
//	                                       by that; previous: by the key
//	                                       before the last rotation
//	POST /opaque   { claims?, client_id?, lifetime_s? } -> { token }
//	                                       an opaque access token; what is
//	                                       in claims is what its
//	                                       introspection says
//	POST /revoke   { token }               the same is active no more
//	GET  /counts                           requests so far, by endpoint and
//	                                       grant: { discovery, jwks, token,
//	                                       "token jwt-bearer",
//	                                       "token token-exchange",
//	                                       introspection, ... }
//	GET  /kinds                            the forgeries there are

import { KINDS, signClaims } from "./forge.js";
import { visit } from "./person.js";

const COMMANDS = {
	reset: (state) => state.reset(),
	people: (state, list) => state.setPeople(list),
	person: (state, change) => state.people.set(change.id,
		{ ...state.people.get(change.id), ...change }),
	visit: (state, request) => visit(state.config.issuer,
		state.config.tls.ca, request),
	rotate: (state, { how }) => state.rotate(how),
	faults: (state, list) => state.faults.set(list),
	settings: (state, change) => Object.assign(state.settings, change),
	sign: async (state, { claims, alg, typ, kid, previous }) => ({
		token: await signClaims(claims,
			{ alg: alg ?? "RS256", typ, kid },
			previous ? state.previous : state.keys),
	}),
	opaque: (state, request) => state.mintOpaque(request),
	revoke: (state, request) => state.revokeOpaque(request),
	counts: (state) => state.counts,
	kinds: () => KINDS,
};

// Those whose result is for the test; of the others it is the state's own.
const ANSWERED = new Set(["/visit", "/sign", "/opaque", "/counts",
	"/kinds"]);

async function read(req) {
	let body = "";
	for await (const chunk of req)
		body += chunk;
	return body ? JSON.parse(body) : {};
}

export function control(state) {
	return async (req, res) => {
		const command = COMMANDS[req.url.slice(1)];
		res.setHeader("content-type", "application/json");
		try {
			if (!command)
				throw new Error(`no such command: ${req.url}`);
			const result = await command(state, await read(req));
			res.end(JSON.stringify(ANSWERED.has(req.url)
				? result : {}));
		} catch (error) {
			res.statusCode = 400;
			res.end(JSON.stringify({ error: String(error) }));
		}
	};
}
