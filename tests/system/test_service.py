"""service.sock: what portvakt-api asks the broker, asked here in its name."""

import json
import os
import pathlib
import socket
import struct
import time

import machine_issuers
import provider
import services
import test_api
import world
from machine import AUDIT
from suite import check, contains, equal, lacks, test
from test_person import add_by_number

PATH = "/run/portvakt/service.sock"
STRANGERS = {"a local user": world.LOCAL_ID, "the broker": world.BROKER_ID,
             "the fetcher": world.FETCH_ID}


class Asker:
    """A worker of portvakt-api, or somebody who would like to be one."""

    def __init__(self, uid=world.API_ID):
        self.number = 0
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        os.seteuid(uid)  # SO_PEERCRED is of the moment of connect()
        try:
            self.socket.connect(PATH)
        finally:
            os.seteuid(0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, question):
        body = json.dumps(question).encode()
        self.socket.sendall(struct.pack(">I", len(body)) + body)

    def receive(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                return None
            data += more
        return data

    def answer(self):
        header = self.receive(4)
        if header is None:
            return None
        return json.loads(self.receive(struct.unpack(">I", header)[0]))

    def ask(self, ask, **members):
        self.number += 1
        self.send({"id": self.number, "ask": ask, **members})
        answer = self.answer()
        equal(answer.pop("id"), self.number, "id")
        return answer


def link(asker, person, **changes):
    return asker.ask("link", **{"client": "saker", "issuer": "staff",
                                "subject": "pairwise", "pid": person["pid"],
                                **changes})


@test("service.sock: strangers are refused before they are heard")
def service_strangers(machine):
    mode = os.stat(PATH)
    equal((mode.st_uid, mode.st_mode & 0o777), (world.API_ID, 0o600),
          "owner and mode of the socket")
    for name, uid in STRANGERS.items():
        try:
            Asker(uid)
        except PermissionError:
            continue
        raise AssertionError(f"{name} may connect")
    # The broker does not lean on the mode alone.
    os.chmod(PATH, 0o666)
    try:
        for name, uid in STRANGERS.items():
            with Asker(uid) as asker:
                equal(asker.answer(), None, f"what {name} is told")
    finally:
        os.chmod(PATH, 0o600)
    with Asker() as asker:
        equal(link(asker, provider.KARI)["ok"], True, "portvakt-api")
    with Asker(0) as asker:
        equal(link(asker, provider.KARI)["ok"], True, "root")


@test("service.sock: whose account a number leads to, locked or not")
def service_link(machine):
    kari, ola = provider.KARI, provider.OLA
    machine.ctl("account", "remove", "kari", "--yes")
    try:
        with Asker() as asker:
            equal(link(asker, kari)["account"], None, "nobody")
            add_by_number(machine, "kari", kari["pid"])
            found = link(asker, kari)
            equal(found["account"], "kari", "kari")
            equal(link(asker, ola)["account"], None, "ola")
            machine.ctl("account", "lock", "kari", "--reason", "a test")
            equal(link(asker, kari), found, "kari, who is locked")
            shown = machine.ctl("account", "show", "kari")["account"]
            equal(found["uid"], shown["uid"], "her uid")
            check(not shown.get("subject"), "asking has bound a subject")
            equal(link(asker, kari, issuer="x")["error"], "issuer-unknown",
                  "another issuer")
            equal(link(asker, {"pid": provider.PID_WRONG})["error"],
                  "bad-request", "a number that is none")
    finally:
        machine.ctl("account", "remove", "kari", "--yes", refused=True)
        machine.ensure_accounts()
    for name in ("broker", "portvaktctl"):
        lacks(machine.log(name).read_text(), kari["pid"], name)


RECORD = {"at_ms": 1795305062001, "action": "verify", "result": "deny",
          "reason": "expired", "client": "saker", "issuer": "staff",
          "audience": "https://saker.portvakt.test"}


@test("service.sock: a record is in the audit file when it is answered")
def service_record(machine):
    subject = "kanari-subjekt-43"
    with Asker() as asker:
        equal(asker.ask("record", records=[
            {**RECORD, "subject": subject, "times": 3},
            {**RECORD, "account": "kari", "result": "allow",
             "token_id": f"jti-{provider.KARI['pid']}"}]), {"ok": True},
              "answer")
        denied, allowed = machine.audit(action="verify")
        equal({name: denied.get(name) for name in (
            "result", "reason", "client", "at", "times", "peer", "account")},
              {"result": "deny", "reason": "expired", "client": "saker",
               "at": "2026-11-21T23:51:02.001000Z", "times": "3",
               "peer": f"uid {world.API_ID}", "account": None}, "denied")
        contains(denied["subject"], "^[0-9]+:[0-9a-f]{32}$", "the subject")
        equal((allowed["account"], allowed["token_id"]),
              ("kari", "(an identity number was here)"), "allowed")
        equal(asker.ask("record", records=[RECORD, {**RECORD, "x": "y"}])[
            "error"], "bad-request", "a member that is not known")
        equal(len(machine.audit(action="verify")), 2, "records")
    lacks(pathlib.Path(AUDIT).read_text(), subject, "the audit file")


IMAGE = "/run/portvakt/trust/image"


def image():
    return pathlib.Path(IMAGE).read_bytes()


def fetches(machine):
    return len(machine.requests("jwks"))


def await_fetch(machine, before):
    """The provider writes down what it has answered, a moment later."""
    services.wait_for(lambda: fetches(machine) > before, "a fetch of keys")


def restart(machine):
    """What a start fetches by itself is over: nobody asked for it."""
    before = fetches(machine)
    machine.restart_broker()
    await_fetch(machine, before)
    services.wait_for(lambda: machine.ctl("status")["issuers"][0][
        "keys_age_s"] is not None, "the first keys")


@test("service.sock: new keys are fetched once, and are in the image when it "
      "says so")
def service_keys(machine):
    restart(machine)
    with Asker() as asker, Asker() as another:
        equal(asker.ask("keys", issuer="x")["error"], "issuer-unknown", "x")
        provider.control("rotate", {"how": "hard"})
        begun = fetches(machine)
        before = image()
        asker.send({"id": 1, "ask": "keys", "issuer": "staff"})
        another.send({"id": 2, "ask": "keys", "issuer": "staff"})
        for one, number in ((asker, 1), (another, 2)):
            equal(one.answer(), {"id": number, "ok": True}, "answer")
        check(image() != before, "the image is the old one")
        for _ in range(50):
            equal(asker.ask("keys", issuer="staff"), {"ok": True}, "again")
        await_fetch(machine, begun)
        equal(fetches(machine) - begun, 1, "fetches")


@test("service.sock: keys of a provider that is down are an outage, soon")
def service_keys_outage(machine):
    machine.restart_broker()
    with Asker() as asker:
        machine.provider.service.freeze()
        begun = time.monotonic()
        try:
            equal(asker.ask("keys", issuer="staff")["error"], "outage",
                  "answer")
        finally:
            machine.provider.service.thaw()
        check(time.monotonic() - begun < 16, "it took too long")
        # Who asks for what is known waits for nobody.
        equal(link(asker, provider.KARI)["ok"], True, "a link")


@test("service.sock: who goes on to ask nonsense is hung up on")
def service_nonsense(machine):
    with Asker() as asker, Asker() as another:
        for _ in range(8):
            equal(asker.ask("x")["error"], "bad-request", "nonsense")
        equal(asker.answer(), None, "after eight times")
        equal(link(another, provider.KARI)["ok"], True, "another worker")


def token_records(machine, **wanted):
    return [(record["action"], record["result"], record["reason"],
             record["client"], record["issuer"], record["target"])
            for record in machine.audit(peer=f"uid {world.API_ID}", **wanted)]


@test("service.sock: what is handed out is on record, and no token is")
def service_token(machine):
    with machine_issuers.running(machine) as (maskinporten, _), \
            Asker() as asker:
        asked = {"client": "saker", "issuer": "maskinporten"}
        answer = asker.ask("token", target="ks:fiks", **asked)
        equal((answer["ok"], answer["token_type"]), (True, "Bearer"), "answer")
        check(0 < answer["expires_in"] <= 120, "expires_in")
        token = answer["access_token"]
        equal(token.count("."), 2, "the token's dots")
        equal(asker.ask("token", target="ks:fiks", **asked)["access_token"],
              token, "the token of the second time")
        equal(maskinporten.control("counts")["token jwt-bearer"], 1,
              "requests for a token")
        # Whatever api.conf lets a client have, portvakt.conf bounds it.
        refused = asker.ask("token", target="ks:hemmelig", **asked)
        equal((refused["error"], refused["code"], refused["status"]),
              ("refused", "invalid_scope", 400), "a target of nobody")
        equal(maskinporten.control("counts")["token jwt-bearer"], 1,
              "requests for a token")
        equal(token_records(machine, action="token-out"), [
            ("token-out", "allow", "handed-out", "saker", "maskinporten",
             "ks:fiks")] * 2 + [
            ("token-out", "deny", "invalid_scope", "saker", "maskinporten",
             "ks:hemmelig")], "records")
        lacks(pathlib.Path(AUDIT).read_text(), token.split(".")[2], "audit")
        lacks(machine.log("broker").read_text(), token.split(".")[2], "log")


@test("service.sock: a person's token is exchanged, and that is on record")
def service_exchange(machine):
    target = machine_issuers.TARGETS[0]
    with machine_issuers.running(machine), Asker() as asker:
        answer = asker.ask("exchange", client="saker", issuer="tokenx",
                           target=target, user_token=test_api.token(machine))
        equal(answer["ok"], True, f"answer {answer}")
        equal(token_records(machine, action="exchange-out"), [
            ("exchange-out", "allow", "handed-out", "saker", "tokenx",
             target)], "records")
        equal(asker.ask("introspect", client="saker", issuer="tokenx",
                        token="opak")["error"], "misconfigured",
              "an issuer that is not asked about tokens")
