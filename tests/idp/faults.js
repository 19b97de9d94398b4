// Everything that goes wrong on the way to a provider, on demand. A fault
// names an endpoint and how often it strikes; the first that fits is used.

import { randomBytes } from "node:crypto";

const ENDPOINTS = {
	"/.well-known/openid-configuration": "discovery",
	"/.well-known/oauth-authorization-server": "discovery",
	"/jwks": "jwks",
	"/device/auth": "device",
	"/token": "token",
	"/token/introspection": "introspection",
};

export function endpointOf(url) {
	return ENDPOINTS[new URL(url, "https://x").pathname] ?? "page";
}

function json(res, status, body) {
	res.writeHead(status, { "content-type": "application/json" });
	res.end(typeof body === "string" ? body : JSON.stringify(body));
}

// Each returns true when it has answered (or taken care not to).
const KINDS = {
	async slow(fault) {
		await new Promise((wake) => setTimeout(wake, fault.ms));
		return false;
	},
	async hang() {
		return true;
	},
	async reset(fault, req, res) {
		req.socket.destroy();
		res.destroy();
		return true;
	},
	async garbage(fault, req, res) {
		json(res, 200, randomBytes(512).toString("latin1"));
		return true;
	},
	async text(fault, req, res) {
		res.writeHead(fault.status ?? 200,
			{ "content-type": fault.type ?? "text/html" });
		res.end(fault.body ?? "<h1>Vedlikehold</h1>");
		return true;
	},
	async status(fault, req, res) {
		json(res, fault.status ?? 500,
			fault.body ?? { error: "server_error" });
		return true;
	},
	async oversized(fault, req, res) {
		res.writeHead(200, { "content-type": "application/json" });
		const chunk = Buffer.alloc(65536, 0x20);
		for (let sent = 0; sent < (fault.bytes ?? 64 << 20);
			sent += chunk.length) {
			if (res.destroyed)
				return true;
			if (!res.write(chunk))
				await new Promise((wake) => {
					res.once("drain", wake);
					res.once("close", wake);
				});
		}
		res.end("{}");
		return true;
	},
	async truncated(fault, req, res) {
		res.writeHead(200, { "content-type": "application/json",
			"content-length": 4096 });
		res.write('{"device_code":"abc","user_code":"');
		setTimeout(() => req.socket.destroy(), 50);
		return true;
	},
	async redirect(fault, req, res) {
		res.writeHead(fault.status ?? 302, { location: fault.to });
		res.end();
		return true;
	},
	async error(fault, req, res) {
		json(res, 400, { error: fault.error });
		return true;
	},
};

export class Faults {
	constructor() {
		this.list = [];
	}

	set(list) {
		for (const fault of list)
			if (!KINDS[fault.kind])
				throw new Error(`no such fault: ${fault.kind}`);
		this.list = list.map((fault) =>
			({ ...fault, left: fault.count ?? Infinity }));
	}

	// The fault that this request meets, if any.
	next(endpoint) {
		const fault = this.list.find((candidate) => candidate.left > 0 &&
			(candidate.endpoint === endpoint ||
				candidate.endpoint === "*"));
		if (fault)
			fault.left--;
		return fault;
	}

	// True when the request has been dealt with.
	strike(fault, req, res) {
		return KINDS[fault.kind](fault, req, res);
	}
}
