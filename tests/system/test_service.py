"""service.sock: what portvakt-api asks the broker, asked here in its name."""

import json
import os
import socket
import struct

import provider
import world
from suite import check, equal, lacks, test
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
            equal(link(asker, kari), {"ok": True, "account": None}, "nobody")
            add_by_number(machine, "kari", kari["pid"])
            found = {"ok": True, "account": "kari"}
            equal(link(asker, kari), found, "kari")
            equal(link(asker, ola), {"ok": True, "account": None}, "ola")
            machine.ctl("account", "lock", "kari", "--reason", "a test")
            equal(link(asker, kari), found, "kari, who is locked")
            shown = machine.ctl("account", "show", "kari")["account"]
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
