"""The issuers where a machine gets tokens of its own: one like Maskinporten
(JWT grant), and one like TokenX (token exchange). Both are the real provider
of tests/idp, in one process, each with its address, keys and control port.

    with machine_issuers.running(machine) as (maskinporten, tokenx):
        maskinporten.control("counts")["token jwt-bearer"]

and portvakt.conf has them as the issuers "maskinporten" and "tokenx" besides
"staff", with the targets below.
"""

import contextlib
import json
import pathlib

import provider
import services
import world

DROP_IN = "/etc/portvakt/portvakt.conf.d/machines.conf"
ORGNO = "911830868"  # whose machine it is: KDI's, a public number
SCOPES = ("ks:fiks", "nav:helse/sykepenger/afp.read")
RESOURCE = "https://a.example"
CUSTOMER = "0192:974760673"  # whose system user may be asked for
TARGETS = ("cluster:saker:arkiv", "cluster:saker:journal")

KEY = """\
	client_key_file = "/etc/portvakt/client-rsa.pem"
	client_key_id = "portvakt-rsa"
	client_key_algorithm = "RS256"
	ca_file = "/etc/portvakt/ca.pem"
"""
SECTIONS = """\
issuer "%(maskinporten)s" {
	name = "maskinporten"
	kind = "maskinporten"
	client_id = "portvakt-maskin"
	client_auth = "private_key_jwt"
	targets = { %(scopes)s }
	resources = { "%(resource)s" }
	authorization_details_for = { "%(customer)s" }
%(key)s}
issuer "%(tokenx)s" {
	name = "tokenx"
	algorithms = { "RS256" }
	metadata = "oauth-authorization-server"
	login = false
	client_id = "cluster:vakt:portvakt"
	client_auth = "private_key_jwt"
	targets = { "saker:les" }
	exchange_targets = { %(targets)s }
%(key)s}
"""


def words(names):
    return ", ".join(f'"{name}"' for name in names)


class MachineIssuer:
    def __init__(self, first, name, port, slash, **config):
        self.name = name
        self.port = port
        self.control_port = port + 100
        self.url = f"https://{first.host}:{port}{slash}"
        self.path = first.directory / f"{name}.json"
        client = config.pop("client")
        self.path.write_text(json.dumps({
            "issuer": self.url, "port": port,
            "control_port": self.control_port,
            "tls": {"key": "idp.key", "cert": "idp.crt", "ca": "ca.pem"},
            "log": f"{name}.jsonl", "canaries": f"{name}-canaries.txt",
            "clients": [{"public_key_file": "client-rsa.pub",
                         "key_id": "portvakt-rsa", "orgno": ORGNO,
                         **client}],
            "people": [], **config}))

    def control(self, command, value=None):
        return provider.control(command, value, self.control_port)

    def fail(self, endpoint, kind, **options):
        self.control("faults", [{"endpoint": endpoint, "kind": kind,
                                 **options}])

    def sign(self, claims, **options):
        """A token of its own, as it would sign it itself."""
        return self.control("sign", {"claims": claims, **options})["token"]


class MachineIssuers:
    """first is the provider whose people's tokens are exchanged."""

    def __init__(self, first, log):
        self.maskinporten = MachineIssuer(
            first, "maskinporten", 8461, "/", kind="maskinporten",
            client={"client_id": "portvakt-maskin", "auth": "none",
                    "grants": ["jwt-bearer"],
                    # One more than portvakt.conf lets out.
                    "scopes": [*SCOPES, "ks:hemmelig"]})
        self.tokenx = MachineIssuer(
            first, "tokenx", 8462, "",
            subject_issuers={first.issuer: f"{first.issuer}/jwks"},
            acr_map={provider.HIGH: "Level4", provider.SUBSTANTIAL: "Level3"},
            client={"client_id": "cluster:vakt:portvakt",
                    "auth": "private_key_jwt",
                    "grants": ["token-exchange", "client_credentials"],
                    "scopes": ["saker:les"],
                    # One less than portvakt.conf lets out.
                    "targets": list(TARGETS[:1])})
        self.service = provider.ProviderService(
            "machine-issuers",
            [provider.node(), str(provider.IDP_DIR / "server.js"),
             "--config", str(self.maskinporten.path),
             "--config", str(self.tokenx.path)], log,
            ready=lambda: services.port_open(self.tokenx.control_port),
            environment={"NODE_NO_WARNINGS": "1"})

    def sections(self):
        return SECTIONS % {
            "maskinporten": self.maskinporten.url, "tokenx": self.tokenx.url,
            "resource": RESOURCE, "customer": CUSTOMER,
            "scopes": words(SCOPES), "targets": words(TARGETS), "key": KEY}


def apply(machine, **options):
    """The fetcher keeps to the hosts that it was told first."""
    machine.configure(**options)
    machine.fetch.stop()
    machine.fetch.start()
    machine.ctl("reload")


@contextlib.contextmanager
def running(machine, **staff):
    """staff: options of the section of the agency's own issuer."""
    issuers = MachineIssuers(machine.provider, machine.log("machine-issuers"))
    issuers.service.start()
    pathlib.Path(DROP_IN).parent.mkdir(exist_ok=True)
    world.write(DROP_IN, issuers.sections(), 0o640, group=world.BROKER_ID)
    try:
        apply(machine, name='"staff"', **staff)
        yield issuers.maskinporten, issuers.tokenx
    finally:
        issuers.service.stop()
        pathlib.Path(DROP_IN).unlink(missing_ok=True)
        apply(machine)
