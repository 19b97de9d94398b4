"""What stands between a service and portvakt-api: the files of doc/examples,
copied to where they say, and the API on the addresses that they ask."""

import contextlib
import http.client
import os
import pathlib
import secrets
import shutil
import socket
import time
import uuid

import provider
import services
import world
from suite import equal

EXAMPLES = world.TREE / "doc" / "examples"
SITE = "https://kompis.example.no"
EC_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
TCP = "127.0.0.1", 7421


class Api(services.Api):
    """As systemd starts it with doc/examples/api-tcp.conf: the sockets are
    made for it."""

    def __init__(self, machine):
        super().__init__(machine.install_root, machine.log("api"))
        program = self.command[0]
        self.command = ["/bin/sh", "-c", f"LISTEN_PID=$$ exec {program}"]
        self.environment = {"LISTEN_FDS": "2"}
        self.ready = self.answers
        self.sockets = []

    def start(self):
        local = socket.socket(socket.AF_UNIX)
        local.bind(self.socket_path)
        os.chmod(self.socket_path, 0o666)
        assert "\nListenStream=%s:%d\n" % TCP in (
            EXAMPLES / "api-tcp.conf").read_text()
        self.sockets = [local, socket.create_server(TCP)]
        local.listen(64)
        self.inherited = [one.fileno() for one in self.sockets]
        super().start()

    @staticmethod
    def answers():
        one = http.client.HTTPConnection(*TCP, timeout=1)
        try:
            one.request("GET", "/healthz")
            return one.getresponse().status == 200
        except OSError:
            return False
        finally:
            one.close()

    def stop(self, *arguments, **options):
        """As by `systemctl stop` of both units."""
        try:
            return super().stop(*arguments, **options)
        finally:
            for one in self.sockets:
                one.close()
            self.sockets = []
            pathlib.Path(self.socket_path).unlink(missing_ok=True)

    def fall_silent(self):
        """Its sockets take connections still, and nobody answers."""
        equal(super().stop(), 0, "exit status of portvakt-api")


def copy(example, target, mode=0o644, group=0, **changes):
    """A file of doc/examples, to where its first lines say; changes: what
    this machine has in the place of a word."""
    text = (EXAMPLES / example).read_text()
    for word, value in changes.items():
        assert word in text, f"{example}: no {word}"
        text = text.replace(word, value)
    world.write(target, text, mode, group=group)


def write_secret(name):
    """As `openssl rand -hex 32` does."""
    secret = secrets.token_hex(32)
    world.write(f"/etc/portvakt/api-{name}.secret", secret + "\n", 0o640,
                group=world.API_ID)
    return secret


@contextlib.contextmanager
def api(machine, *examples):
    """portvakt-api with the api.conf of these examples and no other."""
    world.write("/etc/portvakt/api.conf", "", 0o640, group=world.API_ID)
    shutil.rmtree("/etc/portvakt/api.conf.d", ignore_errors=True)
    for name in examples:
        copy(f"{name}/api.conf", f"/etc/portvakt/api.conf.d/{name}.conf",
             0o640, world.API_ID)
    service = Api(machine)
    service.start()
    try:
        yield service
    finally:
        service.stop()
        shutil.rmtree("/etc/portvakt/api.conf.d")


def make_certificate(machine, host, certificate, key):
    """A server's, from the test CA; returns the CA's file."""
    directory = machine.provider.directory
    request = [*EC_KEY, "-keyout", key, "-out", "host.csr", "-subj",
               f"/CN={host}"]
    provider.openssl(directory, "req", *request)
    (directory / "host.ext").write_text(
        f"subjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\n")
    provider.openssl(directory, "x509", "-req", "-in", "host.csr", "-CA",
                     "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                     "2", "-extfile", "host.ext", "-out", certificate)
    return directory / "ca.pem"


def prepare(machine):
    """Keys are in the trust image as soon as somebody has logged in, and so
    are home directories on the machine."""
    machine.ensure_accounts()
    for person in ("kari", "ola"):
        if not os.path.exists(f"/home/{person}"):
            machine.log_in(person).close()


def token(machine, person=provider.KARI, **changes):
    """As the issuer would sign it for a person at the service; None
    removes."""
    now = int(time.time())
    claims = {
        "iss": machine.provider.issuer, "aud": SITE,
        "sub": person["sub"], "pid": person["pid"], "iat": now,
        "exp": now + 300, "auth_time": now, "acr": person["acr"],
        "client_id": "kompis-web", "scope": "openid profile",
        "jti": str(uuid.uuid4()), "name": person["name"],
        "roles": person["roles"], **changes}
    return provider.control("sign", {"claims": {
        name: value for name, value in claims.items()
        if value is not None}})["token"]


def refused_twins(machine, **claims):
    """Tokens that differ from a good one in one respect, by name."""
    now = int(time.time())
    good = token(machine, **claims)
    return {
        "expired": token(machine, **{**claims, "iat": now - 900,
                                     "exp": now - 600}),
        "of another audience": token(machine, **{
            **claims, "aud": "https://another.example.no"}),
        "of another issuer": token(machine, **{
            **claims, "iss": machine.provider.issuer + "/"}),
        "bound to a key": token(machine, **{
            **claims, "cnf": {"jkt": "A" * 43}}),
        "cut": good[:-20],
        "none": "no.token.here",
    }
