"""The programs of doc/examples that ask portvakt-api themselves: nothing but
the HTTP of Python and Node.js on the Unix socket, and openid-client on TCP."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys

import adapters
import machine_issuers
import provider
import services
import world
from suite import Skipped, contains, equal, lacks, test

WORK = "/run/kompis"
GOOD, REFUSED, UNANSWERED = 0, 1, 2


class Client:
    """A program of the examples, as the user of its service."""

    def __init__(self, command, environment=None):
        self.command = command
        self.environment = environment or {}
        self.user = world.SERVICE_ID

    def run(self, token, *arguments):
        return subprocess.run(
            [*self.command, *arguments], input=token, capture_output=True,
            text=True, timeout=30, check=False, user=self.user,
            group=self.user, extra_groups=[], cwd=WORK,
            env={"PATH": "/usr/bin:/bin", "NODE_NO_WARNINGS": "1",
                 **self.environment})

    def ask(self, token, *arguments):
        """Its exit status, answer and complaint."""
        done = self.run(token, *arguments)
        lacks(done.stdout, provider.KARI["pid"], "an identity number")
        answer = json.loads(done.stdout) if done.stdout else None
        return done.returncode, answer, done.stderr


def of_node(script, **options):
    """Node.js can lie where only root may go; what it runs must not."""
    if not provider.node():
        raise Skipped("node is not installed")
    node = os.path.realpath(provider.node())
    for path, name in ((node, "node"), (adapters.EXAMPLES / script,
                                        "whose.mjs")):
        shutil.copy(path, f"{WORK}/{name}")
        os.chmod(f"{WORK}/{name}", 0o755)
    return Client([f"{WORK}/node", f"{WORK}/whose.mjs"], **options)


def judge(machine, client):
    """What every client is told of good and of bad tokens."""
    good = adapters.token(machine)
    services.wait_for(lambda: client.ask(good)[0] == GOOD, "a good token", 10)
    status, answer, _ = client.ask(good)
    equal((status, answer["active"], answer["username"]),
          (GOOD, True, "kari"), "a good token")
    equal(sorted(answer["access_groups"]), ["ko-drift", "ko-kompis"],
          "groups")
    equal(answer["aud"], adapters.SITE, "audience")
    _, answer, _ = client.ask(adapters.token(machine, roles=[]))
    equal(answer["access_groups"], [], "groups of no role")
    for name, bad in adapters.refused_twins(machine).items():
        equal((name, *client.ask(bad)), (name, REFUSED, None, ""),
              "a refused token")


def judge_texas(machine, client):
    """The same by the other interface, which shows a token's own claims."""
    texas = "--texas", "staff"
    status, answer, _ = client.ask(adapters.token(machine), *texas)
    equal((status, answer["active"], answer["aud"]),
          (GOOD, True, adapters.SITE), "Texas")
    for name, bad in adapters.refused_twins(machine).items():
        equal((name, *client.ask(bad, *texas)), (name, REFUSED, None, ""),
              "a refused token")
    equal(client.ask(adapters.token(machine), "--texas", "nobody")[0],
          UNANSWERED, "an issuer that is not configured")


def need_a_group(machine, client, api, example):
    """Then a token without it is not active, by either interface."""
    path = f"/etc/portvakt/api.conf.d/{example}.conf"
    text = pathlib.Path(path).read_text()
    world.write(path, text.replace(
        "\taudiences", '\tgroup = "ko-drift"\n\taudiences'), 0o640,
        group=world.API_ID)
    api.stop()
    api.start()
    without = adapters.token(machine, roles=["kompis-saksbehandler"])
    for texas in ([], ["--texas", "staff"]):
        equal(client.ask(adapters.token(machine), *texas)[0], GOOD,
              "with the group")
        equal(client.ask(without, *texas)[:2], (REFUSED, None),
              "without the group")


def fall_silent(machine, client, api):
    """No answer is never taken for a good one, nor for a refusal."""
    good = adapters.token(machine)
    api.fall_silent()
    status, answer, complaint = client.ask(good)
    equal((status, answer), (UNANSWERED, None), "a silent portvakt-api")
    contains(complaint, "^portvakt-api: ", "the complaint")
    api.stop()
    equal(client.ask(good)[:2], (UNANSWERED, None), "no portvakt-api")
    api.start()


def be_somebody(machine, client):
    client.user = world.LOCAL_ID
    status, answer, complaint = client.ask(adapters.token(machine))
    equal((status, answer), (UNANSWERED, None), "one who is not listed")
    contains(complaint, "403", "the complaint")


def ask_locally(machine, example, client):
    adapters.prepare(machine)
    with adapters.api(machine, example) as api:
        judge(machine, client)
        judge_texas(machine, client)
        fall_silent(machine, client, api)
        be_somebody(machine, client)
        client.user = world.SERVICE_ID
        need_a_group(machine, client, api, example)


@test("Python: its own HTTP asks about tokens over the Unix socket")
def python(machine):
    world.directory(WORK, 0o755)
    script = f"{WORK}/whose.py"
    adapters.copy("python/whose.py", script, 0o755)
    ask_locally(machine, "python", Client([sys.executable, script]))


ASK_TWICE = """
import whose
connection = whose.Connection()
token = input()
print(whose.introspect(connection, token)["active"], flush=True)
input()
print(whose.introspect(connection, token)["active"])
"""


@test("Python: a connection that the server has ended is made anew")
def python_again(machine):
    world.directory(WORK, 0o755)
    adapters.copy("python/whose.py", f"{WORK}/whose.py", 0o755)
    adapters.prepare(machine)
    with adapters.api(machine, "python") as api:
        client = Client([sys.executable, f"{WORK}/whose.py"])
        good = adapters.token(machine)
        services.wait_for(lambda: client.ask(good)[0] == GOOD,
                          "a good token", 10)
        with subprocess.Popen(
                [sys.executable, "-c", ASK_TWICE], cwd=WORK, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                user=world.SERVICE_ID, group=world.SERVICE_ID,
                extra_groups=[]) as asking:
            asking.stdin.write(good + "\n")
            asking.stdin.flush()
            equal(asking.stdout.readline(), "True\n", "the first answer")
            api.stop()
            api.start()
            asking.stdin.write("\n")
            asking.stdin.flush()
            equal(asking.stdout.readline(), "True\n", "the second")


@test("Node.js: its own HTTP asks about tokens over the Unix socket")
def node(machine):
    world.directory(WORK, 0o755)
    ask_locally(machine, "node", of_node("node/whose.mjs"))


def packages():
    """openid-client and what it needs, as tests/idp pins them."""
    for name in ("openid-client", "oauth4webapi", "jose"):
        shutil.copytree(provider.IDP_DIR / "node_modules" / name,
                        f"{WORK}/node_modules/{name}", dirs_exist_ok=True)


@test("openid-client: tokenIntrospection() with a secret over TCP")
def openid_client(machine):
    world.directory(WORK, 0o755)
    packages()
    secret = adapters.write_secret("kompis-web")
    client = of_node("openid-client/whose.mjs",
                     environment={"PORTVAKT_SECRET": secret})
    adapters.prepare(machine)
    with adapters.api(machine, "openid-client") as api:
        judge(machine, client)
        fall_silent(machine, client, api)
        client.environment["PORTVAKT_SECRET"] = secret[:-1]
        equal(client.ask(adapters.token(machine))[:2], (UNANSWERED, None),
              "another secret")


def claims_of(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def fetch(client, token, *arguments):
    """Its exit status, the token that it got, and its complaint."""
    done = client.run(token, *arguments)
    return done.returncode, done.stdout.strip(), done.stderr


@test("Python: a service gets tokens for calling others, and no more than its")
def machine_token(machine):
    world.directory(WORK, 0o755)
    adapters.copy("machine-token/token.py", f"{WORK}/token.py", 0o755)
    adapters.prepare(machine)
    client = Client([sys.executable, f"{WORK}/token.py"])
    own = "maskinporten", "ks:fiks"
    for_kari = "tokenx", "cluster:saker:arkiv", "--exchange"
    with machine_issuers.running(machine) as (_, tokenx), \
            adapters.api(machine, "machine-token") as api:
        services.wait_for(lambda: fetch(client, "", *own)[0] == GOOD,
                          "a token of the machine", 10)
        claims = claims_of(fetch(client, "", *own)[1])
        equal(claims["scope"], "ks:fiks", "its scope")
        kari = adapters.token(machine)
        services.wait_for(lambda: fetch(client, kari, *for_kari)[0] == GOOD,
                          "a token in exchange", 10)
        claims = claims_of(fetch(client, kari, *for_kari)[1])
        equal((claims["iss"], claims["aud"]),
              (tokenx.url, "cluster:saker:arkiv"), "what was exchanged")
        for name, bad in adapters.refused_twins(machine).items():
            equal((name, *fetch(client, bad, *for_kari)[:2]),
                  (name, REFUSED, ""), "a token that is not good")
        for name, other in {
                "another scope": ("maskinporten",
                                  "nav:helse/sykepenger/afp.read"),
                "an issuer that is not configured": ("nobody", "ks:fiks"),
                "what is for exchange": ("tokenx", "cluster:saker:arkiv"),
        }.items():
            equal((name, *fetch(client, "", *other)[:2]),
                  (name, REFUSED, ""), "what is not listed")
        client.user = world.LOCAL_ID
        equal(fetch(client, "", *own)[:2], (REFUSED, ""), "a stranger")
        client.user = world.SERVICE_ID
        api.stop()
        equal(fetch(client, "", *own)[:2], (UNANSWERED, ""),
              "no portvakt-api")
        api.start()
