// A person's browser, as far as the device pages need one: forms, cookies and
// redirects, over TLS with the test CA.

import https from "node:https";

const STEPS_MAX = 12;

function attributes(tag) {
	const found = {};
	for (const [, name, value] of tag.matchAll(/([\w-]+)="([^"]*)"/g))
		found[name] = value;
	return found;
}

// What oidc-provider's own client would not reach: a name of the tests.
function onLoopback(host, options, found) {
	if (options.all)
		found(null, [{ address: "127.0.0.1", family: 4 }]);
	else
		found(null, "127.0.0.1", 4);
}

// A JSON document over TLS, of an issuer of the tests.
export function getJson(uri, ca) {
	const url = new URL(uri);
	return new Promise((resolve, reject) => {
		https.get(url, {
			ca, agent: false, servername: url.hostname,
			lookup: onLoopback,
		}, async (answer) => {
			let text = "";
			for await (const part of answer)
				text += part;
			resolve(JSON.parse(text));
		}).on("error", reject);
	});
}

class Browser {
	constructor(base, ca) {
		this.base = new URL(base);
		this.ca = ca;
		this.cookies = new Map();
	}

	cookieHeader(path) {
		return [...this.cookies.values()]
			.filter((cookie) => path.startsWith(cookie.path))
			.map((cookie) => `${cookie.name}=${cookie.value}`)
			.join("; ");
	}

	keepCookies(headers) {
		for (const line of headers ?? []) {
			const [pair, ...rest] = line.split(/; */);
			const at = pair.indexOf("=");
			const path = rest.find((part) =>
				part.toLowerCase().startsWith("path="));
			const cookie = {
				name: pair.slice(0, at),
				value: pair.slice(at + 1),
				path: path ? path.slice(5) : "/",
			};
			const key = `${cookie.path} ${cookie.name}`;
			if (cookie.value)
				this.cookies.set(key, cookie);
			else
				this.cookies.delete(key);
		}
	}

	request(method, url, body) {
		const headers = { cookie: this.cookieHeader(url.pathname) };
		if (body !== undefined)
			headers["content-type"] =
				"application/x-www-form-urlencoded";
		return new Promise((resolve, reject) => {
			const request = https.request(url, {
				method, headers, ca: this.ca, agent: false,
				servername: url.hostname,
				lookup: onLoopback,
			}, (answer) => {
				let text = "";
				answer.setEncoding("utf8");
				answer.on("data", (part) => { text += part; });
				answer.on("error", reject);
				answer.on("end", () => {
					this.keepCookies(
						answer.headers["set-cookie"]);
					resolve({ status: answer.statusCode,
						headers: answer.headers, text });
				});
			});
			request.on("error", reject);
			request.end(body);
		});
	}

	// One request and the redirects that follow it.
	async go(method, target, fields) {
		let url = new URL(target, this.base);
		let body = fields && new URLSearchParams(fields).toString();
		for (let step = 0; step < STEPS_MAX; step++) {
			const answer = await this.request(method, url, body);
			if (answer.status < 300 || answer.status >= 400)
				return { ...answer, url };
			url = new URL(answer.headers.location, url);
			method = "GET";
			body = undefined;
		}
		throw new Error("too many redirects");
	}

	// Sends the page's only form, with these fields besides its hidden ones.
	async submit(page, fields) {
		const tag = /<form[^>]*>/.exec(page.text);
		if (!tag)
			throw new Error(`no form on the page: ${page.text}`);
		const form = attributes(tag[0]);
		const hidden = {};
		for (const [input] of page.text.matchAll(/<input[^>]*>/g)) {
			const { type, name, value } = attributes(input);
			if (type === "hidden" && name)
				hidden[name] = value ?? "";
		}
		return this.go("POST", new URL(form.action, page.url),
			{ ...hidden, ...fields });
	}
}

function said(page) {
	return page.text.replace(/<style>.*?<\/style>/s, " ")
		.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim();
}

/*
 * Visits the device page as `person` and approves or refuses `user_code`.
 * Returns what the last page said and its status.
 */
export async function visit(base, ca, { user_code, person, acr, deny }) {
	const browser = new Browser(base, ca);
	let page = await browser.go("GET",
		`/device?user_code=${encodeURIComponent(user_code)}`);
	page = await browser.submit(page, {}); // the code that was in the link
	if (page.status !== 200 || !page.text.includes("op.deviceConfirmForm"))
		return { status: page.status, said: said(page) };
	page = await browser.submit(page,
		deny ? { abort: "yes" } : { confirm: "yes" });
	if (!deny && page.url.pathname.startsWith("/interaction/"))
		page = await browser.submit(page, { person, acr: acr ?? "" });
	return { status: page.status, said: said(page) };
}
