// Asks portvakt-api about a token with openid-client 6 (npm):
//
//	PORTVAKT_SECRET=... node whose.mjs < token
//
// Status 0: the answer, as JSON. 1: the token is not good. 2: nobody could say.

import { readFileSync } from "node:fs";
import * as client from "openid-client";

const server = {
	issuer: "http://127.0.0.1:7421",
	introspection_endpoint: "http://127.0.0.1:7421/introspect",
};
const config = new client.Configuration(server, "kompis-web", undefined,
	client.ClientSecretBasic(process.env.PORTVAKT_SECRET));
// Without TLS: what is said over the loopback address stays on this machine.
client.allowInsecureRequests(config);
config.timeout = 3;

const token = readFileSync(0, "utf8").trim();
try {
	const found = await client.tokenIntrospection(config, token);
	if (found.active)
		console.log(JSON.stringify(found));
	else
		process.exitCode = 1;
} catch (error) {
	// An answer that is none must never pass for a good token.
	console.error(`portvakt-api: ${error.code ?? error.message}`);
	process.exitCode = 2;
}
