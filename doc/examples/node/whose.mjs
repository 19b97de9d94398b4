// Asks portvakt-api about a token, with Node's own HTTP library:
//
//	node whose.mjs [--texas ISSUER] < token
//
// Status 0: the answer, as JSON. 1: the token is not good. 2: nobody could say.

import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";

// One for the whole service: connections are kept for the next question.
const agent = new Agent({ keepAlive: true, timeout: 10_000 });

function ask(path, form) {
	return new Promise((resolve, reject) => {
		const call = request({
			socketPath: "/run/portvakt-api/api.sock", path, agent,
			method: "POST", signal: AbortSignal.timeout(3000),
			headers: {
				"content-type": "application/x-www-form-urlencoded",
			},
		}, async (answer) => {
			let body = "";
			for await (const chunk of answer)
				body += chunk;
			// 403: this user is not in api.conf(5). 503: later.
			if (answer.statusCode === 200)
				resolve(JSON.parse(body));
			else
				reject(new Error(`${answer.statusCode}`));
		});
		call.on("error", reject);
		call.end(new URLSearchParams(form).toString());
	});
}

// RFC 7662.
export function introspect(token) {
	return ask("/introspect", { token });
}

// As services do that are written for Texas.
export function introspectTexas(token, issuer) {
	return ask("/api/v1/introspect", { identity_provider: issuer, token });
}

const token = readFileSync(0, "utf8").trim();
try {
	const found = process.argv[2] === "--texas"
		? await introspectTexas(token, process.argv[3])
		: await introspect(token);
	if (found.active === true)
		console.log(JSON.stringify(found));
	else
		process.exitCode = 1;
} catch (error) {
	// An answer that is none must never pass for a good token.
	console.error(`portvakt-api: ${error.message}`);
	process.exitCode = 2;
}
agent.destroy();
