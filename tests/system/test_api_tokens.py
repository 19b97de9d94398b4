"""What portvakt-api asks the broker for, end to end: tokens of the machine's
own, exchanges, opaque tokens, pairwise subjects, new keys, and the record."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import pwd
import socket
import subprocess
import time
import urllib.parse

import machine_issuers
import proof
import provider
import services
import world
from suite import check, contains, equal, lacks, test
from test_person import add_by_number

AUDIENCE = "https://saker.portvakt.test"
OTHER = "https://annen.portvakt.test"
SCOPE, OTHER_SCOPE = machine_issuers.SCOPES
TARGET, REFUSED_TARGET = machine_issuers.TARGETS
FORM = "application/x-www-form-urlencoded"
CONFIG = f"""\
server {{ workers = 2 }}
client "saker" {{
	user = "root"
	audiences = {{ "{AUDIENCE}" }}
	claims = {{ "username", "access_groups" }}
	token_targets = {{ "maskinporten:{SCOPE}", "maskinporten:ks:hemmelig" }}
	token_resources = {{ "maskinporten:{machine_issuers.RESOURCE}" }}
	token_details_for = {{ "maskinporten:{machine_issuers.CUSTOMER}" }}
	exchange_targets = {{ "tokenx:{TARGET}", "tokenx:{REFUSED_TARGET}" }}
}}
client "annen" {{
	user = "www-data"
	audiences = {{ "{OTHER}" }}
}}
client "streng" {{
	user = "kompis"
	audiences = {{ "{AUDIENCE}" }}
	record = "each"
}}
location "/auth/saker" {{ origin = "{AUDIENCE}" }}
"""


class Connection(http.client.HTTPConnection):
    def __init__(self, uid):
        super().__init__("localhost", timeout=20)
        self.uid = uid

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        os.seteuid(self.uid)  # SO_PEERCRED is of the moment of connect()
        try:
            self.sock.connect(services.Api.socket_path)
        finally:
            os.seteuid(0)


def ask(path, body, kind="application/json", uid=0):
    one = Connection(uid)
    one.request("POST", path, body, {"Content-Type": kind})
    answer = one.getresponse()
    text = answer.read().decode()
    one.close()
    lacks(text, provider.KARI["pid"], "an identity number")
    return answer.status, json.loads(text) if text else None


def introspect(token, uid=0):
    return ask("/introspect", urllib.parse.urlencode({"token": token}), FORM,
               uid)


def is_active(token, uid=0):
    status, found = introspect(token, uid)
    return status == 200 and found["active"]


def get_token(target, name="maskinporten", **members):
    return ask("/api/v1/token", json.dumps(
        {"identity_provider": name, "target": target, **members}))


def exchange(user_token, target=TARGET):
    return ask("/api/v1/token/exchange", urllib.parse.urlencode(
        {"identity_provider": "tokenx", "target": target,
         "user_token": user_token}), FORM)


@contextlib.contextmanager
def serving(machine):
    world.write("/etc/portvakt/api.conf", CONFIG, 0o644)
    service = services.Api(machine.install_root, machine.log("api"))
    service.start()
    try:
        yield service
    finally:
        equal(service.stop(), 0, "exit status of portvakt-api")


def person_token(machine, **changes):
    return machine.provider.access_token(AUDIENCE, **changes)


def await_active(machine):
    """Keys are in the image as soon as somebody has logged in."""
    machine.ensure_accounts()
    machine.log_in("kari").close()
    services.wait_for(lambda: is_active(person_token(machine)),
                      "a token that is active", 10)


def curl(target):
    done = subprocess.run(
        ["curl", "-s", "--unix-socket", services.Api.socket_path, "--json",
         json.dumps({"identity_provider": "maskinporten", "target": target}),
         "http://localhost/api/v1/token"], check=True, capture_output=True,
        text=True, timeout=20)
    return json.loads(done.stdout)


@test("a machine's token by curl, for a target that is listed, and recorded")
def machine_token(machine):
    with machine_issuers.running(machine) as (maskinporten, _), \
            serving(machine):
        found = curl(SCOPE)
        equal(sorted(found), ["access_token", "expires_in", "token_type"],
              "members")
        claims = machine_issuers_claims(found["access_token"])
        equal((claims["iss"], claims["scope"], claims["consumer"]["ID"]),
              (maskinporten.url, SCOPE, f"0192:{machine_issuers.ORGNO}"),
              "claims")
        record, = machine.audit(action="token", result="allow")
        equal((record["client"], record["issuer"], record["target"]),
              ("saker", "maskinporten", SCOPE), "record")
        lacks(json.dumps(machine.audit()), found["access_token"], "a token")
        equal(curl(OTHER_SCOPE)["error"], "access_denied", "not listed here")
        status, refused = get_token("ks:hemmelig")
        check(status in (400, 403), f"not let out by portvakt.conf: {status}")
        contains(refused["error"], "^[a-z_]+$", "error")
        equal(maskinporten.control("counts")["token jwt-bearer"], 1,
              "requests of the provider")
        services.wait_for(lambda: len(machine.audit(
            action="token", result="deny")) == 2, "the refusals recorded")
        status, refused = get_token(SCOPE, "staff")
        equal((status, refused["error"]), (403, "access_denied"), "staff")


def machine_issuers_claims(token):
    import base64
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(
        payload + "=" * (-len(payload) % 4)))


def system_user(organisation):
    return [{"type": "urn:altinn:systemuser", "systemuser_org": {
        "authority": "iso6523-actorid-upis", "ID": organisation}}]


@test("whom a machine's token speaks to and for is listed, and recorded")
def breadth(machine):
    with machine_issuers.running(machine) as (maskinporten, _), \
            serving(machine):
        for members in ({"resource": "https://lonn.example"},
                        {"resource": [machine_issuers.RESOURCE,
                                      "https://lonn.example"]},
                        {"authorization_details":
                            system_user("0192:911830868")},
                        {"authorization_details":
                            [{"type": "urn:altinn:consent"}]}):
            status, refused = get_token(SCOPE, **members)
            equal((status, refused["error"]), (403, "access_denied"),
                  f"{members}")
        equal(maskinporten.control("counts").get("token jwt-bearer", 0), 0,
              "requests")
        status, answer = get_token(
            SCOPE, resource=machine_issuers.RESOURCE,
            authorization_details=system_user(machine_issuers.CUSTOMER))
        equal(status, 200, "what is listed")
        equal(machine_issuers_claims(answer["access_token"])["aud"],
              machine_issuers.RESOURCE, "aud")
        for action in ("token", "token-out"):
            said = machine.audit(action=action, result="allow")[-1]
            equal(said["resource"], machine_issuers.RESOURCE, action)
            equal(said["authorization"],
                  f"urn:altinn:systemuser={machine_issuers.CUSTOMER}", action)


@test("a hundred who ask for the same token are one request of the provider")
def parallel(machine):
    with machine_issuers.running(machine) as (maskinporten, _), \
            serving(machine):
        with concurrent.futures.ThreadPoolExecutor(25) as pool:
            answers = list(pool.map(lambda _: get_token(SCOPE), range(100)))
        equal({status for status, _ in answers}, {200}, "statuses")
        equal(len({found["access_token"] for _, found in answers}), 1,
              "tokens")
        equal(maskinporten.control("counts")["token jwt-bearer"], 1,
              "requests of the provider")
        equal(len(machine.audit(action="token", result="allow")), 100,
              "records")
        left = [found["expires_in"] for _, found in answers]
        time.sleep(1.1)
        check(get_token(SCOPE)[1]["expires_in"] < max(left),
              "expires_in is not what remains")
        other = get_token(SCOPE, skip_cache=True)[1]["access_token"]
        check(other != answers[0][1]["access_token"], "skip_cache is nothing")
        maskinporten.fail("token", "hang", count=1)
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            slow = pool.submit(get_token, SCOPE, skip_cache=True)
            time.sleep(0.2)
            introspect("x.y.z")
            check(time.monotonic() - begun < 2, "another had to wait")
            equal(slow.result()[0], 500, "a provider that hangs")
        check(time.monotonic() - begun < 17, "it took too long")


@test("a person's token is exchanged, when it is good for who asks")
def exchanged(machine):
    with machine_issuers.running(machine) as (maskinporten, tokenx), \
            serving(machine):
        await_active(machine)
        status, found = exchange(person_token(machine))
        equal(status, 200, f"status ({found})")
        claims = machine_issuers_claims(found["access_token"])
        equal((claims["iss"], claims["aud"], claims["sub"]),
              (tokenx.url, TARGET, provider.KARI["sub"]), "claims")
        record, = machine.audit(action="exchange", result="allow")
        equal((record["account"], record["target"]), ("kari", TARGET),
              "record")
        now = int(time.time())
        asked = tokenx.control("counts")["token token-exchange"]
        machines = get_token(SCOPE)[1]["access_token"]
        for name, bad in {
                "expired": person_token(machine, iat=now - 900, exp=now - 600),
                "of another": machine.provider.access_token(OTHER),
                "a machine's": machines,
                "nonsense": "x"}.items():
            status, refused = exchange(bad)
            equal((name, status, refused["error"]),
                  (name, 400, "invalid_request"), "refused")
        equal(tokenx.control("counts")["token token-exchange"], asked,
              "requests of the provider")
        # The issuer's own no passes.
        status, refused = exchange(person_token(machine), REFUSED_TARGET)
        equal((status, refused["error"]), (400, "invalid_target"), "refused")
        equal(exchange(person_token(machine), "cluster:x:y")[0], 403,
              "not listed")


def opaque(machine, lifetime_s=120, **changes):
    person = provider.KARI
    return provider.control("opaque", {"lifetime_s": lifetime_s, "claims": {
        "sub": person["sub"], "aud": AUDIENCE, "scope": "openid",
        "acr": person["acr"], "roles": person["roles"],
        "pid": person["pid"], **changes}})["token"]


def asked_about(machine):
    return len(machine.requests("introspection"))


@test("opaque tokens: the issuer is asked once, and nobody beyond the end")
def opaque_tokens(machine):
    with machine_issuers.running(machine, introspection="true"), \
            serving(machine) as service:
        await_active(machine)
        one = opaque(machine)
        begun = asked_about(machine)
        status, found = introspect(one)
        equal((status, found["active"], found.get("username")),
              (200, True, "kari"), f"answer {found}")
        equal(found["access_groups"], ["ko-drift", "ko-kompis"], "groups")
        workers = 2
        for _ in range(20):
            check(is_active(one), "not active any more")
        check(asked_about(machine) - begun <= workers,
              f"{asked_about(machine) - begun} questions")
        # Of another caller's audience it is none.
        equal(introspect(one, world.WEB_ID), (200, {"active": False}),
              "another caller")
        status, found = ask("/api/v1/introspect", json.dumps(
            {"identity_provider": "staff", "token": one}))
        equal((found["active"], found["sub"] if "sub" in found else None),
              (True, None), "Texas")
        equal(introspect("unknown")[1], {"active": False}, "unknown")
        short = opaque(machine, lifetime_s=3)
        ends = time.monotonic() + 3
        for _ in range(6):
            check(is_active(short), "a short one")
        services.wait_for(lambda: not is_active(short), "its end", 5)
        check(time.monotonic() >= ends - 1.1, "it ended too soon")
        check(time.monotonic() < ends + 1.5, "it was good for too long")
        # Locked at once, whatever is kept of the token.
        machine.ctl("account", "lock", "kari", "--reason", "a test")
        services.wait_for(lambda: not is_active(one), "the lock", 2)
        machine.ctl("account", "unlock", "kari")
        services.wait_for(lambda: is_active(one), "the end of it", 2)
        fresh = opaque(machine)
        machine.provider.service.freeze()
        try:
            check(is_active(one), "what is known")
            begun = time.monotonic()
            equal(introspect(fresh)[0], 503, "what is not")
            check(time.monotonic() - begun < 17, "it took too long")
        finally:
            machine.provider.service.thaw()
        equal(service.running(), True, "portvakt-api")


def gate(token, dpop):
    """The status, and whose the token is."""
    one = Connection(0)
    one.request("GET", "/auth/saker", None, {
        "Authorization": f"DPoP {token}", "DPoP": dpop,
        "X-Original-Method": "GET", "X-Original-URI": "/sak?n=1"})
    answer = one.getresponse()
    answer.read()
    one.close()
    return answer.status, answer.getheader("X-Portvakt-Account")


@test("a pairwise subject is linked by number, for the API and the library")
def pairwise(machine):
    kari = provider.KARI
    machine.ctl("account", "remove", "kari", "--yes", refused=True)
    try:
        add_by_number(machine, "kari", kari["pid"])
        # They are in the image when somebody has logged in: Ola this time.
        machine.log_in("ola").close()
        with serving(machine):
            one = person_token(machine, sub="pairwise-kari")
            services.wait_for(lambda: is_active(one), "the keys", 10)
            status, found = introspect(one)
            equal((status, found.get("username"), found["access_groups"]),
                  (200, "kari", ["ko-drift", "ko-kompis"]), "the API")
            nobody = person_token(machine, sub="pairwise-x", pid=None)
            equal(introspect(nobody)[1].get("username"), None, "no number")
            done = subprocess.run(
                ["portvakt", "verify", "--audience", AUDIENCE, "--group",
                 "ko-kompis", "--json"], input=one, capture_output=True,
                text=True, timeout=20, check=False)
            equal(done.returncode, 0, f"the library: {done.stdout}"
                  f"{done.stderr}")
            equal(json.loads(done.stdout)["account"], "kari", "the library")
            # The link is asked for in the midst of it, the proof used once.
            key = proof.Key()
            bound = person_token(machine, sub="pairwise-bound",
                                 cnf={"jkt": key.thumbprint()})
            dpop = key.prove(bound, "GET", AUDIENCE + "/sak")
            equal(gate(bound, dpop), (204, "kari"), "a proof")
            equal(gate(bound, dpop), (401, None), "the same again")
            equal(gate(bound, key.prove(bound, "GET", AUDIENCE + "/annen")),
                  (401, None), "a proof of another page")
            # The library has seen the proof itself; the API need not.
            status, found = ask("/link", urllib.parse.urlencode(
                {"token": person_token(machine, sub="pairwise-y",
                                       cnf={"jkt": key.thumbprint()}),
                 "audience": AUDIENCE}), FORM)
            equal((status, found["account"], found["uid"]),
                  (200, "kari", pwd.getpwnam("kari").pw_uid), "/link")
            for uid in (world.WEB_ID, world.SERVICE_ID, world.LOCAL_ID):
                equal(ask("/link", urllib.parse.urlencode(
                    {"token": one, "audience": AUDIENCE}), FORM, uid),
                      (403, None), f"/link of uid {uid}")
            machine.ctl("account", "lock", "kari", "--reason", "a test")
            services.wait_for(lambda: not is_active(one), "the lock", 2)
    finally:
        machine.ctl("account", "remove", "kari", "--yes", refused=True)
        machine.ensure_accounts()


def linked(token):
    """Whom the API and the library of a new process name."""
    done = subprocess.run(
        ["portvakt", "verify", "--audience", AUDIENCE, "--json"],
        input=token, capture_output=True, text=True, timeout=20, check=False)
    return (introspect(token)[1].get("username"),
            json.loads(done.stdout).get("account"))


@test("a link goes with its account, and with its number")
def link_ends(machine):
    machine.ctl("account", "remove", "kari", "--yes", refused=True)
    try:
        add_by_number(machine, "kari", provider.KARI["pid"])
        machine.log_in("ola").close()
        with serving(machine):
            one = person_token(machine, sub="pairwise-kari")
            services.wait_for(lambda: is_active(one), "the keys", 10)
            equal(linked(one), ("kari", "kari"), "before")
            # The number was another person's.
            subprocess.run(["portvaktctl", "account", "pid", "kari"],
                           input=provider.OLA["pid"] + "\n", text=True,
                           capture_output=True, timeout=20, check=True)
            services.wait_for(
                lambda: linked(one) == (None, None), "another number", 3)
            subprocess.run(["portvaktctl", "account", "pid", "kari"],
                           input=provider.KARI["pid"] + "\n", text=True,
                           capture_output=True, timeout=20, check=True)
            services.wait_for(
                lambda: linked(one) == ("kari", "kari"), "it is theirs", 15)
            # The name gets another person; the token is new, and the old one's.
            machine.ctl("account", "remove", "kari", "--yes")
            machine.ctl("account", "add", "kari", "another-subject")
            services.wait_for(
                lambda: linked(one) == (None, None), "the old token", 3)
            equal(linked(person_token(machine, sub="pairwise-kari")),
                  (None, None), "a new token of the old person")
    finally:
        machine.ctl("account", "remove", "kari", "--yes", refused=True)
        machine.ensure_accounts()


@test("keys that the issuer changes are known to the API within a second")
def rotation(machine):
    with serving(machine):
        await_active(machine)
        old = person_token(machine)
        provider.control("rotate", {"how": "hard"})
        begun = time.monotonic()
        new = person_token(machine)
        check(is_active(new), "the new key")
        check(time.monotonic() - begun < 1,
              f"{time.monotonic() - begun:.2f} s")
        check(not is_active(old), "the old key")
        fetched = len(machine.requests("jwks"))
        for _ in range(30):
            check(not is_active(provider.control("sign", {
                "claims": {"iss": machine.provider.issuer},
                "kid": "nobody"})["token"]), "an unknown key")
        check(len(machine.requests("jwks")) - fetched <= 1, "a storm")


@test("record: fresh judgements are kept; each use of who wants it, or 503")
def record(machine):
    with serving(machine):
        await_active(machine)
        one = person_token(machine)
        before = len(machine.audit(action="verify", client="streng"))
        for count in range(1, 4):
            check(is_active(one, world.SERVICE_ID), "each")
            kept = machine.audit(action="verify", client="streng",
                                 result="allow", account="kari")
            equal(len(kept) - before, count, "records of each use")
        check(is_active(one), "a plain client")
        services.wait_for(lambda: machine.audit(
            action="verify", client="saker", result="allow"), "fresh ones")
        machine.broker.stop()
        try:
            begun = time.monotonic()
            equal(introspect(one, world.SERVICE_ID)[0], 503, "without a broker")
            check(time.monotonic() - begun < 1, "not at once")
            check(is_active(one), "plain clients go on")
            equal(get_token(SCOPE)[0], 400, "no such provider")
        finally:
            machine.broker.start()
        services.wait_for(lambda: is_active(one, world.SERVICE_ID),
                          "the broker", 3)


def refused_record(machine, reason, token):
    """What the only record says of a token that is refused for that."""
    wanted = {"action": "verify", "client": "streng", "reason": reason}
    mark = len(machine.audit(**wanted))
    check(not is_active(token, world.SERVICE_ID), reason)
    found, = machine.audit(**wanted)[mark:]
    return {name: found.get(name) for name in (
        "account", "subject", "client_id", "token_id", "session")}


@test("record: whose a refused token is, once its signature holds")
def record_of_refusals(machine):
    with serving(machine):
        await_active(machine)
        names = {"jti": "jti-kari-9", "sid": "sid-kari-9"}
        one = person_token(machine, **names)
        check(is_active(one, world.SERVICE_ID), "a good one")
        good = machine.audit(action="verify", client="streng",
                             result="allow")[-1]
        expected = {"account": "kari", "subject": None,
                    "client_id": good["client_id"],
                    "token_id": "jti-kari-9", "session": "sid-kari-9"}
        equal({name: good.get(name) for name in expected}, expected, "good")
        old = person_token(machine, iat=int(time.time()) - 7200,
                           exp=int(time.time()) - 3600, **names)
        equal(refused_record(machine, "expired", old), expected, "expired")
        other = machine.provider.access_token(OTHER, **names)
        equal(refused_record(machine, "audience-wrong", other), expected,
              "for another")
        forged = one[:-8] + ("AAAAAAAA" if one[-8:] != "AAAAAAAA" else
                             "BBBBBBBB")
        equal(set(refused_record(machine, "signature-bad", forged).values()),
              {None}, "nobody's word")
        nobody = machine.provider.access_token(OTHER, sub="sub-nobody", jti="x")
        found = refused_record(machine, "audience-wrong", nobody)
        equal((found["account"], found["token_id"]), (None, "x"), "nobody")
        contains(found["subject"], "^[0-9]+:[0-9a-f]{32}$", "keyed")
        machine.ctl("account", "lock", "kari", "--reason", "a test")
        try:
            services.wait_for(
                lambda: not is_active(one), "the lock", 2)
            equal(refused_record(machine, "account-locked", one), expected,
                  "locked")
        finally:
            machine.ctl("account", "unlock", "kari")
        services.wait_for(lambda: is_active(one), "the end of the lock", 2)
        machine.ctl("revoke", "--session", "sid-kari-9", "--reason", "a test")
        services.wait_for(lambda: not is_active(one), "the revocation", 2)
        equal(refused_record(machine, "revoked", one), expected, "revoked")
        lacks(json.dumps(machine.audit_records()), provider.KARI["pid"],
              "an identity number")
