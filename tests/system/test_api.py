"""portvakt-api with the broker's own trust image: access tokens that the
provider's key signed, and their refused twins, asked over the Unix socket."""

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import time
import urllib.parse

import provider
import services
import world
from suite import check, equal, lacks, test

AUDIENCE = "https://saker.portvakt.test"
CONFIG = f"""\
client "saker" {{
	user = "root"
	audiences = {{ "{AUDIENCE}" }}
	claims = {{ "sub", "username", "access_groups", "roles", "name" }}
}}
location "/auth/kompis" {{ group = "ko-kompis" level = "high" }}
location "/auth/drift" {{ group = "ko-drift" max_age = "15min" }}
"""


@contextlib.contextmanager
def api(machine):
    world.write("/etc/portvakt/api.conf", CONFIG, 0o644)
    service = services.Api(machine.install_root, machine.log("api"))
    service.start()
    try:
        yield service
    finally:
        equal(service.stop(), 0, "exit status of portvakt-api")


class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(services.Api.socket_path)


def ask(method, path, body=None, **headers):
    one = Connection("localhost")
    one.request(method, path, body, {
        name.replace("_", "-"): value for name, value in headers.items()})
    answer = one.getresponse()
    answer.text = answer.read().decode()
    one.close()
    return answer


def introspect(token):
    answer = ask("POST", "/introspect", urllib.parse.urlencode(
        {"token": token}), Content_Type="application/x-www-form-urlencoded")
    equal(answer.status, 200, "status")
    lacks(answer.text, provider.KARI["pid"], "an identity number")
    return json.loads(answer.text)


def token(machine, person=provider.KARI, **changes):
    return machine.provider.access_token(AUDIENCE, person, **changes)


def prepare(machine):
    """Keys are in the image as soon as somebody has logged in."""
    machine.ensure_accounts()
    machine.log_in("kari").close()


def await_active(machine):
    services.wait_for(lambda: introspect(token(machine))["active"],
                      "a token that is active", 10)


@test("portvakt-api: a person's token brings the account and its groups")
def person(machine):
    prepare(machine)
    with api(machine):
        await_active(machine)
        found = introspect(token(machine))
        equal(found["username"], "kari", "account")
        equal(sorted(found["access_groups"]), ["ko-drift", "ko-kompis"],
              "groups")
        equal(found["aud"], AUDIENCE, "audience")
        found = introspect(token(machine, roles=["driftsvakt"]))
        equal(found["access_groups"], ["ko-drift"], "groups of fewer roles")
        answer = ask("GET", "/auth/kompis",
                     Authorization="Bearer " + token(machine))
        equal((answer.status, answer.getheader("X-Portvakt-Account")),
              (204, "kari"), "the gate")
        answer = ask("POST", "/api/v1/introspect", json.dumps(
            {"identity_provider": "staff", "token": token(machine)}),
            Content_Type="application/json")
        found = json.loads(answer.text)
        equal((found["active"], found["name"], found["roles"]),
              (True, provider.KARI["name"], provider.KARI["roles"]), "Texas")
        check("pid" not in found, "pid is shown")


@test("portvakt-api: the refused twins of that token")
def twins(machine):
    now = int(time.time())
    spoiled = {
        "another audience": {"aud": "https://x.test"},
        "no audience": {"aud": None},
        "the broker's own audience": {"aud": "portvakt"},
        "another issuer": {"iss": machine.provider.issuer + "/"},
        "expired": {"iat": now - 900, "exp": now - 600},
        "not yet": {"nbf": now + 600},
        "no subject": {"sub": None},
        "no expiry": {"exp": None},
        "an id_token": {"nonce": "n", "scope": None, "client_id": None},
    }
    prepare(machine)
    with api(machine):
        await_active(machine)
        for name, changes in spoiled.items():
            equal(introspect(token(machine, **changes)), {"active": False},
                  name)
        good = token(machine)
        header, payload, signature = good.split(".")
        for name, bad in (("cut", good[:-20]), ("of two", header + payload),
                          ("unsigned", f"{header}.{payload}."),
                          ("of another", ".".join([header, token(
                              machine).split(".")[1], signature]))):
            equal(introspect(bad), {"active": False}, name)
        answer = ask("GET", "/auth/kompis", Authorization="Bearer " + token(
            machine, acr=provider.SUBSTANTIAL))
        equal(answer.status, 401, "a level that is too low")
        check("insufficient_user_authentication" in answer.getheader(
            "WWW-Authenticate"), "no word of stepping up")
        equal(ask("GET", "/auth/drift", Authorization="Bearer " + token(
            machine, auth_time=now - 3600)).status, 401, "long ago")
        equal(ask("GET", "/auth/drift", Authorization="Bearer " + token(
            machine, roles=[])).status, 403, "without the group")


@test("portvakt-api: a lock counts within a second, and an outage does not")
def lock(machine):
    prepare(machine)
    with api(machine):
        await_active(machine)
        one = token(machine)
        machine.ctl("lock", "kari", "--reason", "a test")
        services.wait_for(lambda: not introspect(one)["active"], "the lock",
                          1.0)
        machine.ctl("account", "unlock", "kari")
        services.wait_for(lambda: introspect(one)["active"], "its end", 1.0)
        machine.broker.stop()
        check(introspect(token(machine))["active"], "without the broker")
        machine.broker.start()


ASK_AS_LOCAL = """
import socket, sys
one = socket.socket(socket.AF_UNIX)
one.connect(sys.argv[1])
one.sendall(b"GET /auth/kompis HTTP/1.1\\r\\nHost: x\\r\\n"
            b"Authorization: Bearer " + sys.argv[2].encode() +
            b"\\r\\nConnection: close\\r\\n\\r\\n")
sys.stdout.write(one.makefile().read())
"""


@test("portvakt-api: a user who is not listed gets 403 and nothing else")
def stranger(machine):
    prepare(machine)
    with api(machine):
        await_active(machine)
        said = subprocess.run(
            [sys.executable, "-c", ASK_AS_LOCAL, services.Api.socket_path,
             token(machine)], check=True, capture_output=True, text=True,
            user=world.LOCAL_ID, group=world.LOCAL_ID, extra_groups=[]).stdout
        check(said.startswith("HTTP/1.1 403 "), said)
        lacks(said, "(?i)portvakt|kari|bearer", "what it says")
