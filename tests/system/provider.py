"""The identity provider as the tests see it: its keys, its configuration, and
its control port."""

import http.client
import json
import pathlib
import shutil
import subprocess
import time
import uuid

import services
import world

IDP_DIR = world.HERE.parent / "idp"
PORT, CONTROL_PORT = 8443, 8444

SUBSTANTIAL = "idporten-loa-substantial"
HIGH = "idporten-loa-high"
LOW = "idporten-loa-low"

# The identity numbers are synthetic (month + 80), with check digits that are
# right, and serve as canaries too.
KARI = {
    "id": "kari", "sub": "3f1e9a52-kari", "name": "Kari Nordmann",
    "pid": "01815010260", "acr": HIGH,
    "roles": ["kompis-saksbehandler", "driftsvakt"],
}
OLA = {
    "id": "ola", "sub": "77c04d1b-ola", "name": "Ola Nordmann",
    "pid": "02825510012", "acr": HIGH, "roles": ["kompis-saksbehandler"],
}

PID_WRONG = "01815010261" # what tests/idp/forge.js puts in Kari's place


def openssl(directory, *arguments):
    subprocess.run(["openssl", *arguments], cwd=directory, check=True,
                   capture_output=True)


def make_certificates(directory, host):
    """A test CA, and a certificate for the issuer from it."""
    ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl(directory, "req", "-x509", *ec, "-keyout", "ca.key", "-out",
            "ca.pem", "-subj", "/CN=Portvakt test CA", "-days", "2",
            "-addext", "keyUsage=critical,keyCertSign")
    openssl(directory, "req", *ec, "-keyout", "idp.key", "-out", "idp.csr",
            "-subj", f"/CN={host}")
    (directory / "idp.ext").write_text(
        f"subjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\n")
    openssl(directory, "x509", "-req", "-in", "idp.csr", "-CA", "ca.pem",
            "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "idp.ext", "-out", "idp.crt")


def make_client_key(directory):
    openssl(directory, "genpkey", "-algorithm", "EC", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-out", "client.pem")
    # Maskinporten takes RSA alone.
    openssl(directory, "genpkey", "-algorithm", "RSA", "-pkeyopt",
            "rsa_keygen_bits:2048", "-out", "client-rsa.pem")
    for name in ("client", "client-rsa"):
        openssl(directory, "pkey", "-in", f"{name}.pem", "-pubout", "-out",
                f"{name}.pub")


def node():
    """The Node.js that tests/prepare.sh brought, or the machine's own."""
    own = IDP_DIR / "node_modules" / ".bin" / "node"
    return str(own) if own.exists() else shutil.which("node")


def control(command, value=None, port=CONTROL_PORT):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", f"/{command}",
                           json.dumps(value if value is not None else {}))
        answer = connection.getresponse()
        body = json.loads(answer.read())
    finally:
        connection.close()
    if answer.status != 200:
        raise RuntimeError(f"idp {command}: {body}")
    return body


def approve(user_code, person="kari", **options):
    """As person in a browser; returns the last page's status and text."""
    return control("visit", {"user_code": user_code, "person": person,
                             **options})


class ProviderService(services.Service):
    """Not what is tested: a Node.js that hangs before its first line, which
    a loaded machine has shown once, is started again."""

    ATTEMPTS = 3

    def start(self):
        for attempt in range(1, self.ATTEMPTS + 1):
            try:
                super().start()
                return
            except TimeoutError as hung:
                if attempt == self.ATTEMPTS:
                    raise
                with open(self.log, "a", encoding="utf-8") as log:
                    log.write(f"attempt {attempt}: {hung}\n")


class Provider:
    def __init__(self, directory, log, host=world.IDP_NAME):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir()
        self.host = host
        self.issuer = f"https://{host}:{PORT}"
        self.log = self.directory / "requests.jsonl"
        self.canary_file = self.directory / "canaries.txt"
        make_certificates(self.directory, host)
        make_client_key(self.directory)
        self.write_config()
        self.service = ProviderService(
            "idp", [node(), str(IDP_DIR / "server.js"),
                    "--config", str(self.directory / "config.json")], log,
            ready=lambda: services.port_open(CONTROL_PORT),
            environment={"NODE_NO_WARNINGS": "1"})

    def write_config(self):
        config = {
            "issuer": self.issuer, "port": PORT,
            "control_port": CONTROL_PORT,
            "tls": {"key": "idp.key", "cert": "idp.crt", "ca": "ca.pem"},
            "log": self.log.name, "canaries": self.canary_file.name,
            "clients": [{
                "client_id": "portvakt", "auth": "private_key_jwt",
                "public_key_file": "client.pub", "key_id": "portvakt-1",
            }, {
                "client_id": "portvakt-basic",
                "auth": "client_secret_basic",
                "secret": "kanari-hemmelighet-basic-41",
                "id_token_alg": "PS256",
            }, {
                "client_id": "portvakt-post", "auth": "client_secret_post",
                "secret": "kanari-hemmelighet-post-42",
                "id_token_alg": "ES256",
            }],
            "people": [KARI, OLA],
            "interval_s": 1,
        }
        (self.directory / "config.json").write_text(json.dumps(config))

    def reset(self):
        if not self.service.running():
            self.service.start() # a test ended between stop and start
        control("reset")

    def access_token(self, audience, person=KARI, **changes):
        """As the issuer would sign it for a person at a service that is a
        client of its own; None removes a claim."""
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": audience, "sub": person["sub"],
            "pid": person["pid"], "iat": now, "exp": now + 300,
            "auth_time": now, "acr": person["acr"], "client_id": "saker-web",
            "scope": "openid profile", "jti": str(uuid.uuid4()),
            "sid": str(uuid.uuid4()), "name": person["name"],
            "roles": person["roles"], **changes}
        return control("sign", {"claims": {
            name: value for name, value in claims.items()
            if value is not None}})["token"]

    def approve(self, user_code, person="kari", **options):
        return approve(user_code, person, **options)

    def refuse(self, user_code):
        return control("visit", {"user_code": user_code, "person": "kari",
                                 "deny": True})

    def change(self, person, **changes):
        control("person", {"id": person, **changes})

    def fail(self, endpoint, kind, **options):
        control("faults", [{"endpoint": endpoint, "kind": kind, **options}])

    def settings(self, **changes):
        control("settings", changes)

    def requests(self, endpoint=None):
        return [entry for entry in services.read_json_lines(self.log)
                if endpoint in (None, entry.get("endpoint"))]

    def canaries(self):
        """Everything that must never be seen on the other side."""
        found = [tuple(line.split(" ", 1))
                 for path in self.directory.glob("*canaries.txt")
                 for line in path.read_text().splitlines()]
        found += [("pid", person["pid"]) for person in (KARI, OLA)]
        found += [("pid", PID_WRONG)]
        return found
