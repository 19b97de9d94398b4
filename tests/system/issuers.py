"""The issuers beside the agency's own: further OpenID Providers, all of them
in one process, each with its address, keys and people."""

import json

import provider
import services

# Name in the rules: the ladder, lowest first.
LADDERS = {
    "idporten": ("idporten-loa-low", "idporten-loa-substantial",
                 "idporten-loa-high"),
    "ansattporten": ("entraid", "substantial", "high"),
    "police": ("low", "substantial", "high"),
    "krus": ("low", "substantial", "high"),
}
FIRST_PORT = 8451

CONFIG = """\
issuer "%s" {
	name = "%s"
	client_id = "portvakt"
	client_auth = "private_key_jwt"
	client_key_file = "/etc/portvakt/client.pem"
	client_key_id = "portvakt-1"
	client_key_algorithm = "ES256"
	scope = "openid profile"
	algorithms = { "RS256" }
	acr = { %s }
	acr_minimum = "%s"
	units_claim = "units"
	test = true
	ca_file = "/etc/portvakt/ca.pem"
	clock_skew_s = 10
}
"""


class Issuer:
    def __init__(self, name, port, host):
        self.name = name
        self.port = port
        self.control_port = port + 100
        self.url = f"https://{host}:{port}"

    def write(self, directory):
        """Its configuration, beside the first provider's certificates."""
        path = directory / f"{self.name}.json"
        path.write_text(json.dumps({
            "issuer": self.url, "port": self.port,
            "control_port": self.control_port,
            "tls": {"key": "idp.key", "cert": "idp.crt", "ca": "ca.pem"},
            "log": f"{self.name}.jsonl",
            "canaries": f"{self.name}-canaries.txt",
            "clients": [{
                "client_id": "portvakt", "auth": "private_key_jwt",
                "public_key_file": "client.pub", "key_id": "portvakt-1",
            }],
            "people": [], "interval_s": 1,
        }))
        return str(path)

    def section(self):
        ladder = LADDERS[self.name]
        return CONFIG % (self.url, self.name, ", ".join(
            f'"{acr}"' for acr in ladder), ladder[0])

    def register(self, person):
        provider.control("person", person, self.control_port)

    def approve(self, user_code, person, acr):
        return provider.control(
            "visit", {"user_code": user_code, "person": person, "acr": acr},
            self.control_port)


class Issuers:
    """first is the provider that the agency's own people use."""

    def __init__(self, first, log):
        self.issuers = {
            name: Issuer(name, FIRST_PORT + number, first.host)
            for number, name in enumerate(LADDERS)}
        configs = []
        for issuer in self.issuers.values():
            configs += ["--config", issuer.write(first.directory)]
        self.service = provider.ProviderService(
            "issuers", [provider.node(),
                        str(provider.IDP_DIR / "server.js"), *configs], log,
            ready=self.ready, environment={"NODE_NO_WARNINGS": "1"})

    def ready(self):
        return all(services.port_open(issuer.control_port)
                   for issuer in self.issuers.values())

    def sections(self):
        return "".join(one.section() for one in self.issuers.values())
