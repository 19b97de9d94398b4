// What the tests can change while the issuer runs, and what it has seen.

import { appendFileSync } from "node:fs";

import { endpointOf, Faults } from "./faults.js";
import { forge } from "./forge.js";
import { GRANTS, nameClient } from "./grants.js";
import { issuer, signingKeys } from "./issuer.js";
import { Store } from "./store.js";

const SETTINGS = {
	interval_s: 1,	   // null: not sent, so that the client must know 5
	expires_in_s: 60,
	retention_s: 600,  // how long an expired code is still known
	clock_offset_s: 0, // how far its Date header is off
	forgery: null,	   // forge.js: the next id_tokens are spoiled so
	machine_token_s: 120,	// how long its machine tokens live
	exchanged_token_s: 900, // and those that it exchanged
};

export class State {
	constructor(config) {
		this.config = config;
		this.settings = { ...SETTINGS };
		for (const name of Object.keys(SETTINGS))
			if (config[name] !== undefined)
				this.settings[name] = config[name];
		this.initial = { ...this.settings };
		this.initialPeople = config.people;
		this.faults = new Faults();
		this.store = new Store(this.settings);
		this.polls = new Map();
		this.assertions = new Set(); // jti of those that were used
		this.counts = {};
		this.keys = [];
		this.setPeople(config.people);
		this.rotate("hard");
	}

	setPeople(list) {
		this.people = new Map(list.map((person) => [person.id, person]));
	}

	personBySubject(sub) {
		return [...this.people.values()].find((one) => one.sub === sub);
	}

	// As it was at the start, but for the keys and what was handed out.
	reset() {
		Object.assign(this.settings, this.initial);
		this.faults.set([]);
		this.setPeople(this.initialPeople);
	}

	// soft: the old keys stay published behind the new; hard: they are gone.
	rotate(how) {
		const fresh = signingKeys();
		this.previous = this.keys;
		this.keys = how === "soft" ? [...fresh, ...this.keys] : fresh;
		this.provider = issuer(this, this.keys);
		this.callback = this.provider.callback();
	}

	// A token that only its issuer can read; what the claims say besides
	// is told to whoever may introspect.
	async mintOpaque({ claims = {}, client_id, lifetime_s = 120 }) {
		const { sub, scope, aud, iat, ...extra } = claims;
		const client = await this.provider.Client.find(
			client_id ?? this.config.clients[0].client_id);
		const token = await new this.provider.AccessToken({
			accountId: sub, scope, aud, iat, extra, client,
			expiresIn: lifetime_s,
		}).save();
		this.canary("access_token", token);
		return { token };
	}

	async revokeOpaque({ token }) {
		const found = await this.provider.AccessToken.find(token);
		if (!found)
			throw new Error("no such token");
		await found.destroy();
	}

	count(endpoint, form) {
		const grant = Object.keys(GRANTS).find((name) =>
			GRANTS[name] === form.get("grant_type"));
		for (const name of [endpoint, ...grant
			? [`${endpoint} ${grant}`] : []])
			this.counts[name] = (this.counts[name] ?? 0) + 1;
	}

	log(entry) {
		appendFileSync(this.config.log, JSON.stringify(
			{ at_ms: Date.now(), ...entry }) + "\n");
	}

	// A secret that must turn up nowhere on the other side.
	canary(kind, value) {
		if (value)
			appendFileSync(this.config.canaries,
				`${kind} ${value}\n`);
	}

	deviceCodeIssued(body) {
		this.canary("device_code", body.device_code);
		this.polls.set(body.device_code, {
			interval_ms: (this.settings.interval_s ?? 5) * 1000,
			last_ms: Date.now(),
			due_ms: Date.now(),
		});
	}

	async tokenIssued(body) {
		this.canary("id_token", body.id_token);
		this.canary("access_token", body.access_token);
		if (!this.settings.forgery)
			return body;
		const forged = await forge(body.id_token,
			this.settings.forgery, this.keys);
		this.canary("id_token", forged);
		return { ...body, id_token: forged };
	}

	// RFC 8628 3.5: between two polls of one code passes at least the
	// interval; each slow_down makes it five seconds longer.
	poll(form, entry) {
		this.canary("client_assertion", form.get("client_assertion"));
		const poll = this.polls.get(form.get("device_code"));
		if (!poll)
			return;
		const now = Date.now();
		entry.since_last_ms = now - poll.last_ms;
		entry.interval_ms = poll.interval_ms;
		// What waited in this process, which may have been busy, came late
		// for that: the next one then looks soon, and is held against when
		// this one was due.
		entry.too_soon = now - poll.due_ms < poll.interval_ms - 50;
		// Whoever was cut off may come again at once.
		if (entry.fault !== "reset") {
			poll.last_ms = now;
			poll.due_ms = Math.min(now,
				poll.due_ms + poll.interval_ms);
		}
		if (entry.fault === "error" && entry.error === "slow_down")
			poll.interval_ms += 5000;
	}

	handler() {
		return (req, res) => this.serve(req, res).catch((error) => {
			this.log({ event: "failed", error: String(error) });
			res.destroy();
		});
	}

	async serve(req, res) {
		const began = performance.now();
		const endpoint = endpointOf(req.url);
		const entry = {
			event: "request", endpoint, method: req.method,
			url: req.url,
		};
		const body = req.method === "POST" && endpoint !== "page"
			? await peek(req) : "";
		const form = new URLSearchParams(body);
		this.count(endpoint, form);
		const fault = this.faults.next(endpoint);
		if (fault) {
			entry.fault = fault.kind;
			entry.error = fault.error;
		}
		if (endpoint === "device")
			this.canary("client_assertion",
				form.get("client_assertion"));
		if (endpoint === "token") {
			entry.grant = form.get("grant_type");
			nameClient(form);
			this.canary("assertion", form.get("assertion"));
			this.poll(form, entry);
		}
		if (endpoint === "introspection")
			this.canary("client_assertion",
				form.get("client_assertion"));
		res.on("finish", () => {
			entry.took_ms = performance.now() - began;
			entry.sent_at_ms = performance.timeOrigin
				+ performance.now();
		});
		res.on("close", () => this.log(
			{ ...entry, status: res.statusCode }));
		if (fault)
			this.log({ event: "fault", kind: fault.kind,
				struck: endpoint });
		if (this.settings.clock_offset_s)
			res.setHeader("date", new Date(Date.now() + 1000 *
				this.settings.clock_offset_s).toUTCString());
		if (fault && await this.faults.strike(fault, req, res))
			return;
		if (body)
			req.body = Object.fromEntries(form);
		this.callback(req, res);
	}
}

// Reads a body that the provider will be handed again, as req.body.
async function peek(req) {
	let body = "";
	for await (const chunk of req) {
		body += chunk;
		if (body.length > 65536)
			throw new Error("request too large");
	}
	return body;
}
