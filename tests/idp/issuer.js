// The issuer itself: oidc-provider set up the way ID-porten looks to a relying
// party (acr ladder, pid, amr, auth_time and roles in the id_token), or, of the
// kind "maskinporten", the way that one looks to a machine.

import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import Provider from "oidc-provider";

import { GRANTS, registerGrants } from "./grants.js";
import * as pages from "./pages.js";

const ACR_VALUES = [
	"idporten-loa-low", "idporten-loa-substantial", "idporten-loa-high",
];
const ALGORITHMS = ["RS256", "PS256", "ES256"];
// Maskinporten has RFC 8414 metadata alone, and this much of it.
const MASKINPORTEN_METADATA = [
	"issuer", "token_endpoint", "jwks_uri",
	"token_endpoint_auth_methods_supported", "grant_types_supported",
	"token_endpoint_auth_signing_alg_values_supported",
];

function signingKey(type, options) {
	const { privateKey } = generateKeyPairSync(type, options);
	return {
		...privateKey.export({ format: "jwk" }),
		kid: `${type}-${randomBytes(6).toString("hex")}`,
		use: "sig",
	};
}

// A fresh pair of signing keys, one a key type.
export function signingKeys() {
	return [
		signingKey("rsa", { modulusLength: 2048 }),
		signingKey("ec", { namedCurve: "P-256" }),
	];
}

function clientMetadata(client) {
	const metadata = {
		client_id: client.client_id,
		client_name: client.name ?? "Kriminalomsorgens maskiner",
		token_endpoint_auth_method: client.auth,
		grant_types: (client.grants ?? ["device"]).map(
			(name) => GRANTS[name]),
		response_types: [],
		redirect_uris: [],
		id_token_signed_response_alg: client.id_token_alg ?? "RS256",
	};
	if (client.scopes)
		metadata.scope = ["openid", "profile", ...client.scopes]
			.join(" ");
	if (client.secret)
		metadata.client_secret = client.secret;
	if (client.public_key) {
		const jwk = createPublicKey(client.public_key)
			.export({ format: "jwk" });
		metadata.jwks = {
			keys: [{ ...jwk, kid: client.key_id, use: "sig" }],
		};
	}
	return metadata;
}

function account(person) {
	return {
		accountId: person.sub,
		claims: async () => ({
			sub: person.sub,
			pid: person.pid,
			roles: person.roles ?? [],
			name: person.name,
			authorization_details: person.authorization_details,
			...person.claims,
		}),
	};
}

// Nobody is asked for consent: ID-porten asks for none.
async function grantEverything(ctx) {
	const grant = new ctx.oidc.provider.Grant({
		clientId: ctx.oidc.client.clientId,
		accountId: ctx.oidc.session.accountId,
	});
	grant.addOIDCScope("openid profile");
	await grant.save();
	return grant;
}

// What oidc-provider leaves out of its answers (interval), and what the test
// asked to have spoiled (id_token).
function answers(state) {
	return async (ctx, next) => {
		await next();
		const route = ctx.oidc?.route;
		if (route === "device_authorization" && ctx.status === 200) {
			state.deviceCodeIssued(ctx.body);
			if (state.settings.interval_s !== null)
				ctx.body = {
					...ctx.body,
					interval: state.settings.interval_s,
				};
		}
		if (route === "token" && ctx.body?.id_token)
			ctx.body = await state.tokenIssued(ctx.body);
	};
}

// How Maskinporten describes itself: in one place, by what it has.
async function maskinporten(ctx, next) {
	if (ctx.path === "/.well-known/openid-configuration") {
		ctx.status = 404;
		return;
	}
	await next();
	if (ctx.path !== "/.well-known/oauth-authorization-server")
		return;
	ctx.body = {
		...Object.fromEntries(MASKINPORTEN_METADATA.map((name) =>
			[name, ctx.body[name]])),
		token_endpoint_auth_methods_supported: ["private_key_jwt"],
		token_endpoint_auth_signing_alg_values_supported:
			["RS256", "RS384", "RS512"],
		grant_types_supported: [GRANTS["jwt-bearer"]],
		authorization_details_types_supported:
			["urn:altinn:systemuser", "urn:altinn:consent"],
	};
}

function mayIntrospect(state) {
	return (ctx, client) => state.config.clients.find((one) =>
		one.client_id === client.clientId).introspects !== false;
}

export function issuer(state, keys) {
	const { config, settings, store } = state;
	const provider = new Provider(config.issuer, {
		adapter: store.adapter(),
		clients: config.clients.map(clientMetadata),
		jwks: { keys },
		clockTolerance: 0,
		acrValues: ACR_VALUES,
		claims: {
			openid: ["sub", "pid", "roles", "acr", "amr",
				"auth_time", "authorization_details",
				"units", "enhet", "groups", "scope"],
			profile: ["name"],
		},
		conformIdTokenClaims: false,
		cookies: { keys: [randomBytes(16).toString("hex")] },
		enabledJWA: {
			idTokenSigningAlgValues: ALGORITHMS,
			clientAuthSigningAlgValues: ["RS256", "ES256"],
		},
		clientAuthMethods: [
			"private_key_jwt", "client_secret_basic",
			"client_secret_post", "none",
		],
		scopes: ["openid", "profile", ...new Set(config.clients.flatMap(
			(client) => client.scopes ?? []))],
		features: {
			devInteractions: { enabled: false },
			deviceFlow: { enabled: true, ...pages.device },
			clientCredentials: { enabled: true },
			introspection: {
				enabled: true,
				allowedPolicy: mayIntrospect(state),
			},
		},
		extraTokenClaims: (ctx, token) => token.extra, // mintOpaque()
		findAccount: (ctx, sub) => {
			const person = state.personBySubject(sub);
			return person && account(person);
		},
		loadExistingGrant: grantEverything,
		interactions: { url: (ctx, { uid }) => `/interaction/${uid}` },
		ttl: {
			AccessToken: 120,
			ClientCredentials: 120,
			DeviceCode: () => settings.expires_in_s,
			Grant: 3600,
			IdToken: 120,
			Interaction: 3600,
			Session: 3600,
		},
		renderError: pages.error,
	});
	registerGrants(state, provider);
	if (config.kind === "maskinporten")
		provider.use(maskinporten);
	provider.use(answers(state));
	provider.use(pages.interactions(state, provider));
	provider.on("server_error", (ctx, error) =>
		state.log({ event: "server_error", error: String(error) }));
	return provider;
}

