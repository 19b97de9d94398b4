// Where the issuer keeps what it must remember: in memory, for one test run.
// Expired records stay as long as `retention_s` says, because what an issuer
// answers about an old device code depends on whether it still knows it:
// `expired_token` while it does, `invalid_grant` when it does not.

const GRANTABLE = new Set([
	"AccessToken", "AuthorizationCode", "RefreshToken", "DeviceCode",
]);

export class Store {
	constructor(settings) {
		this.settings = settings;
		this.records = new Map();
	}

	// The class that oidc-provider calls an adapter, one object a model.
	adapter() {
		const store = this;
		return class {
			constructor(model) {
				this.model = model;
			}

			key(id) {
				return `${this.model}:${id}`;
			}

			async upsert(id, payload, expiresIn) {
				// oidc-provider accepts a nonce at the device
				// authorization endpoint but forgets it; OpenID
				// Connect Core 3.1.3.7 wants it in the id_token.
				if (this.model === "DeviceCode" &&
				    payload.params?.nonce)
					payload.nonce = payload.params.nonce;
				store.records.set(this.key(id), {
					payload,
					model: this.model,
					expiresAt: expiresIn
						? Date.now() + expiresIn * 1000
						: Infinity,
				});
			}

			async find(id) {
				return store.live(this.key(id));
			}

			async findByUid(uid) {
				return store.search(this.model,
					(payload) => payload.uid === uid);
			}

			async findByUserCode(userCode) {
				return store.search(this.model,
					(payload) => payload.userCode === userCode);
			}

			async consume(id) {
				const payload = store.live(this.key(id));
				if (payload)
					payload.consumed =
						Math.floor(Date.now() / 1000);
			}

			async destroy(id) {
				store.records.delete(this.key(id));
			}

			async revokeByGrantId(grantId) {
				for (const [key, record] of store.records)
					if (GRANTABLE.has(record.model) &&
					    record.payload.grantId === grantId)
						store.records.delete(key);
			}
		};
	}

	live(key) {
		const record = this.records.get(key);
		if (!record)
			return undefined;
		const keptUntil =
			record.expiresAt + this.settings.retention_s * 1000;
		if (Date.now() > keptUntil) {
			this.records.delete(key);
			return undefined;
		}
		return record.payload;
	}

	search(model, matches) {
		for (const [key, record] of this.records)
			if (record.model === model && matches(record.payload))
				return this.live(key);
		return undefined;
	}
}
