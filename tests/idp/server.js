#!/usr/bin/env node
// An ID-porten-like issuer for Portvakt's tests: oidc-provider over TLS, and
// beside it a plain control port on the loopback (control.js).
//
//	node server.js --config config.json [--config another.json ...]
//
// Each configuration is an issuer of its own, with its own ports and keys.
//
// {
//   "issuer": "https://idp.portvakt.test:8443",
//   "port": 8443, "control_port": 8444,
//   "tls": { "key": "idp.key", "cert": "idp.crt", "ca": "ca.pem" },
//   "log": "requests.jsonl",         every request, for assertions
//   "canaries": "canaries.txt",      every secret given out, one a line
//   "kind": "maskinporten",          RFC 8414 metadata alone; may be absent
//   "clients": [{ "client_id": "portvakt", "auth": "private_key_jwt",
//                 "public_key_file": "client.pub", "key_id": "portvakt-1",
//                 "secret": "...", "id_token_alg": "RS256",
//                 "grants": ["device"],   or jwt-bearer (auth "none"),
//                                         token-exchange, client_credentials
//                 "scopes": ["ks:fiks"],  that it may have as a machine
//                 "orgno": "911830868",   whose machine it is
//                 "targets": ["cluster:ns:app"],  that it may exchange for
//                 "introspects": true }],         the default
//   "subject_issuers": { "https://another": "https://another/jwks" },
//   "acr_map": { "idporten-loa-high": "Level4" },   in what is exchanged
//   "people": [{ "id": "kari", "sub": "...", "pid": "...", "name": "...",
//                "acr": "idporten-loa-high", "roles": [] }],
//   "interval_s": 1, "expires_in_s": 60
// }

import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import path from "node:path";
import { parseArgs } from "node:util";

import { control } from "./control.js";
import { State } from "./state.js";

function readConfig(file) {
	const config = JSON.parse(readFileSync(file, "utf8"));
	const dir = path.dirname(path.resolve(file));
	const read = (name) => readFileSync(path.resolve(dir, name), "utf8");
	for (const client of config.clients)
		if (client.public_key_file)
			client.public_key = read(client.public_key_file);
	config.tls = Object.fromEntries(Object.entries(config.tls)
		.map(([name, value]) => [name, read(value)]));
	config.log = path.resolve(dir, config.log);
	config.canaries = path.resolve(dir, config.canaries);
	return config;
}

function listen(server, port) {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, "127.0.0.1", resolve);
	});
}

const { values } = parseArgs({
	options: { config: { type: "string", multiple: true } },
});
if (!values.config) {
	console.error("usage: server.js --config FILE...");
	process.exit(2);
}
for (const file of values.config) {
	const state = new State(readConfig(file));
	const { config } = state;
	await listen(https.createServer(config.tls, state.handler()),
		config.port);
	await listen(http.createServer(control(state)), config.control_port);
}
console.log("READY");
