// The pages that a person meets in the browser: type the code, see that it is
// the right one, say who you are, done.

const STYLE = "body{font-family:sans-serif;max-width:28em;margin:3em auto}" +
	"button{display:block;width:100%;padding:.7em;margin:.4em 0}" +
	"code{font-size:2em}";

const LADDER = [
	["idporten-loa-low", "lavt"],
	["idporten-loa-substantial", "betydelig"],
	["idporten-loa-high", "høyt"],
];

function escape(text) {
	return String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function page(title, body) {
	return `<!DOCTYPE html><html lang="nb"><head><meta charset="utf-8">` +
		`<title>${title}</title><style>${STYLE}</style></head>` +
		`<body><h1>${title}</h1>${body}</body></html>`;
}

export const device = {
	async userCodeInputSource(ctx, form, out, error) {
		const complaint = error?.name === "AbortedError"
			? "<p>Innloggingen er avvist.</p>"
			: error || out
				? "<p>Koden gjelder ikke (lenger).</p>" : "";
		ctx.body = page("Skriv inn koden", `${complaint}${form}` +
			`<button type="submit" form="op.deviceInputForm">` +
			`Fortsett</button>`);
	},
	async userCodeConfirmSource(ctx, form, client, deviceInfo, userCode) {
		ctx.body = page("Er dette koden du ser?",
			`<p>${escape(client.clientName)} viser</p>` +
			`<p><code>${escape(userCode)}</code></p>${form}` +
			`<button type="submit" form="op.deviceConfirmForm">` +
			`Ja, det er koden</button>` +
			`<button type="submit" form="op.deviceConfirmForm" ` +
			`value="yes" name="abort">Nei, avbryt</button>`);
	},
	async successSource(ctx) {
		ctx.body = page("Du er logget inn",
			"<p>Gå tilbake til terminalen.</p>");
	},
};

export async function error(ctx, out) {
	ctx.type = "html";
	ctx.body = page("Noe gikk galt", `<p>${escape(out.error)}</p>` +
		`<p>${escape(out.error_description ?? "")}</p>`);
}

function loginPage(uid, people) {
	const levels = LADDER.map(([acr, word]) =>
		`<option value="${acr}"${acr === "idporten-loa-high"
			? " selected" : ""}>${word}</option>`).join("");
	const buttons = people.map((person) =>
		`<button name="person" value="${escape(person.id)}">` +
		`${escape(person.name)}</button>`).join("");
	return page("Hvem er du?",
		`<form method="post" action="/interaction/${escape(uid)}">` +
		`<label>Sikkerhetsnivå <select name="acr">${levels}</select>` +
		`</label>${buttons}</form>`);
}

async function form(request) {
	let body = "";
	for await (const chunk of request) {
		body += chunk;
		if (body.length > 4096)
			throw new Error("form too large");
	}
	return new URLSearchParams(body);
}

// GET shows who may log in, POST logs one of them in.
export function interactions(state, provider) {
	return async (ctx, next) => {
		const match = /^\/interaction\/([\w-]+)$/.exec(ctx.path);
		if (!match)
			return next();
		if (ctx.method === "GET") {
			ctx.type = "html";
			ctx.body = loginPage(match[1],
				[...state.people.values()]);
			return undefined;
		}
		const answer = await form(ctx.req);
		const person = state.people.get(answer.get("person"));
		if (!person) {
			ctx.status = 400;
			ctx.body = "no such person";
			return undefined;
		}
		ctx.status = 303;
		ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, {
			login: {
				accountId: person.sub,
				acr: answer.get("acr") || person.acr,
				amr: person.amr ?? ["BankID"],
				remember: false,
			},
		}, { mergeWithLastSubmission: false }));
		return undefined;
	};
}
