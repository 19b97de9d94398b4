"""nginx and Apache, as doc/examples has them, before a service that believes
what they say: what portvakt-api calls good comes through, and nothing else."""

import contextlib
import http.client
import http.server
import json
import os
import ssl
import subprocess
import threading
import time
import urllib.parse

import adapters
import proof
import provider
import services
import world
from suite import Skipped, check, contains, equal, test, within

HOST = "kompis.example.no"
PAGE = adapters.SITE + "/sak?aar=2026"

FORWARDED = "X-Portvakt-Client-Cert"

NGINX = """\
daemon off;
user www-data;
pid /run/nginx.pid;
error_log %(log)s/error.log;
events {}
http {
	access_log off;
	include /etc/nginx/sites-enabled/kompis;
}
"""

APACHE = """\
. /etc/apache2/envvars
export APACHE_LOG_DIR=%(log)s
exec apache2 -D FOREGROUND
"""


class Backend(http.server.BaseHTTPRequestHandler):
    """The service behind: says what it was told."""

    def do_GET(self):
        body = json.dumps(dict(self.headers.items())).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def backend():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Backend)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def nginx(log):
    if not os.path.exists("/usr/sbin/nginx"):
        raise Skipped("nginx is not installed")
    adapters.copy("nginx/kompis.conf", "/etc/nginx/sites-enabled/kompis")
    world.write("/etc/nginx/test.conf", NGINX % {"log": log})
    return ["/usr/sbin/nginx", "-c", "/etc/nginx/test.conf"]


def apache(log):
    if not os.path.exists("/etc/apache2/mods-available/lua.load"):
        raise Skipped("apache2 is not installed")
    adapters.copy("apache/kompis.conf",
                  "/etc/apache2/sites-available/kompis.conf")
    adapters.copy("apache/portvakt.lua", "/etc/apache2/portvakt.lua")
    for command in (["a2dissite", "-q", "000-default"],
                    ["a2enmod", "-q", "lua", "ssl", "proxy_http"],
                    ["a2ensite", "-q", "kompis"]):
        subprocess.run(command, check=True, capture_output=True)
    world.directory("/run/apache2", 0o755)
    world.directory("/run/lock/apache2", 0o755, world.WEB_ID)
    return ["/bin/sh", "-c", APACHE % {"log": log}]


class Site:
    """What a client sees."""

    def __init__(self, ca_file):
        self.ca_file = ca_file

    def get(self, token=None, scheme="Bearer", key=None, **headers):
        context = ssl.create_default_context(cafile=self.ca_file)
        if key:
            context.load_cert_chain(key.certificate, key.file)
        one = http.client.HTTPSConnection(HOST, timeout=15, context=context)
        if token:
            headers["Authorization"] = f"{scheme} {token}"
        try:
            one.request("GET", PAGE.removeprefix(adapters.SITE), None,
                        headers)
            answer = one.getresponse()
            answer.text = answer.read().decode()
        finally:
            one.close()
        return answer

    def status(self, *arguments, **options):
        return self.get(*arguments, **options).status

    def await_good(self, token, deadline_s=10):
        services.wait_for(lambda: self.status(token) == 200, "a good token",
                          deadline_s)


@contextlib.contextmanager
def site(machine, server):
    """server in the foreground, with the service behind it and portvakt-api
    beside; gives what a client sees, and the API."""
    name = server.__name__
    log = machine.directory / f"{name}-logs"
    log.mkdir(exist_ok=True)
    command = server(log)
    adapters.prepare(machine)
    ca_file = adapters.make_certificate(
        machine, HOST, "/etc/ssl/kompis.pem", "/etc/ssl/private/kompis.key")
    service = services.Service(name, command, log / "stderr.log",
                               ready=lambda: services.port_open(443))
    with backend(), adapters.api(machine, name) as api:
        service.start()
        try:
            here = Site(ca_file)
            here.await_good(adapters.token(machine))
            yield here, api
        finally:
            service.stop()


def decide(machine, server):
    with site(machine, server) as (here, _):
        good = adapters.token(machine)
        seen = json.loads(here.get(good, **{
            "X-Remote-User": "root", "X_Remote_User": "root",
            "X-Remote_User": "root", "X-Remote-Groups": "ko-alt"}).text)
        check("root" not in seen.values(), f"who the client says: {seen}")
        equal(seen.get("X-Remote-User"), "kari", "the account")
        equal(sorted(seen.get("X-Remote-Groups").split(",")),
              ["ko-drift", "ko-kompis"], "the groups")
        check("Authorization" not in seen, "the service sees the token")
        for named in ("close, X-Remote-User", "X-Remote-Groups, close",
                      "keep-alive, X-Remote-User, X-Remote-Groups"):
            left = json.loads(here.get(good, Connection=named).text)
            equal((left.get("X-Remote-User"), "X-Remote-Groups" in left),
                  ("kari", True), f"with Connection: {named}")
        answer = here.get()
        equal(answer.status, 401, "without a token")
        contains(answer.getheader("WWW-Authenticate"), "^Bearer realm=",
                 "the challenge")
        for name, bad in adapters.refused_twins(machine).items():
            equal((name, here.status(bad)), (name, 401), "a refused token")
        equal(len(answer.headers.get_all("WWW-Authenticate")), 1,
              "challenges of a 401")
        answer = here.get(adapters.token(machine, roles=[]))
        equal(answer.status, 403, "without the group")
        equal(len(answer.headers.get_all("WWW-Authenticate", [])), 1,
              "challenges of a 403")
        equal(here.status(adapters.token(machine, sub="nobody", pid=None)),
              403, "of nobody here")
        answer = here.get(adapters.token(machine, acr=provider.SUBSTANTIAL))
        equal(answer.status, 401, "a level that is too low")
        contains(answer.getheader("WWW-Authenticate"),
                 "insufficient_user_authentication.*" + provider.HIGH,
                 "the challenge")


@test("nginx: a good token opens, and what others lack is told apart")
def nginx_decides(machine):
    decide(machine, nginx)


@test("Apache: a good token opens, and what others lack is told apart")
def apache_decides(machine):
    decide(machine, apache)


def survive(machine, server, unanswered):
    with site(machine, server) as (here, api):
        good = adapters.token(machine)
        machine.ctl("lock", "kari", "--reason", "a test")
        services.wait_for(lambda: here.status(good) == 401, "the lock", 1.0)
        machine.ctl("account", "unlock", "kari")
        here.await_good(good, 1.0)
        api.fall_silent()
        begun = time.monotonic()
        equal(here.status(good), unanswered, "a silent portvakt-api")
        within(5, begun, "the refusal")
        api.stop()
        equal(here.status(good), unanswered, "no portvakt-api")
        api.start()
        here.await_good(good)


@test("nginx: a lock counts at once, and without an answer nobody is let in")
def nginx_survives(machine):
    survive(machine, nginx, 500)


@test("Apache: a lock counts at once, and without an answer nobody is let in")
def apache_survives(machine):
    survive(machine, apache, 503)


def demand_proof(machine, server):
    key, other = proof.Key(), proof.Key()
    with site(machine, server) as (here, _):
        bound = adapters.token(machine, cnf={"jkt": key.thumbprint()})

        def ask(dpop, scheme="DPoP"):
            return here.get(bound, scheme, DPoP=dpop)
        good = key.prove(bound, "GET", adapters.SITE + "/sak")
        equal(ask(good).status, 200, "a good proof")
        answer = ask(good)
        equal(answer.status, 401, "the same proof again")
        contains(answer.getheader("WWW-Authenticate"),
                 '^DPoP .*error="invalid_dpop_proof"', "the challenge")
        wrong = {
            "of another page": key.prove(bound, "GET",
                                         adapters.SITE + "/annen"),
            "of another site": key.prove(bound, "GET",
                                         "https://annen.example.no/sak"),
            "of another method": key.prove(bound, "POST",
                                           adapters.SITE + "/sak"),
            "of another key": other.prove(bound, "GET",
                                          adapters.SITE + "/sak"),
            "of another token": key.prove("another", "GET",
                                          adapters.SITE + "/sak"),
            "of long ago": key.prove(bound, "GET", adapters.SITE + "/sak",
                                     iat=int(time.time()) - 3600),
        }
        for name, dpop in wrong.items():
            equal((name, ask(dpop).status), (name, 401), "a proof")
        equal(here.status(bound, "DPoP"), 401, "without a proof")
        equal(ask(key.prove(bound, "GET", adapters.SITE + "/sak"),
                  "Bearer").status, 401, "as if it were not bound")


@test("nginx: DPoP comes through, and a proof is good once and for one page")
def nginx_demands_proof(machine):
    demand_proof(machine, nginx)


@test("Apache: DPoP comes through, and a proof is good once and for one page")
def apache_demands_proof(machine):
    demand_proof(machine, apache)


def demand_certificate(machine, server):
    key, other = proof.Key(), proof.Key()
    with site(machine, server) as (here, _):
        bound = adapters.token(machine, cnf={
            "x5t#S256": key.certificate_thumbprint()})
        equal(here.status(bound, key=key), 200, "its certificate")
        equal(here.status(bound, key=other), 401, "another certificate")
        equal(here.status(bound), 401, "no certificate")
        pem = urllib.parse.quote(key.certificate.read_text())
        equal(here.status(bound, **{FORWARDED: pem}), 401,
              "a certificate that is only talked of")
        equal(here.status(bound, key=other, **{FORWARDED: pem}), 401,
              "one that is talked of beside another")
        equal(here.status(adapters.token(machine), key=other), 200,
              "a token that is bound to none")


@test("nginx: a token that is bound to a certificate needs that certificate")
def nginx_demands_certificate(machine):
    demand_certificate(machine, nginx)


@test("Apache: a token that is bound to a certificate needs that certificate")
def apache_demands_certificate(machine):
    demand_certificate(machine, apache)
