"""After everything else: what must never be seen was not, and what must never
be done was not."""

import glob
import os
import pathlib
import stat

import services
import world
from suite import check, equal, test


def places(machine):
    """Everything that the suite wrote or said, by name."""
    for log in machine.directory.glob("*.log"):
        if log.name not in ("idp.log", "more-issuers.log"):  # providers'
            yield log.name, log.read_bytes()
    for pattern in ("/var/lib/portvakt/**", "/var/log/portvakt/**",
                    "/run/portvakt/**", "/home/*/.*"):
        for path in map(pathlib.Path, glob.glob(pattern, recursive=True)):
            if path.is_file():
                yield str(path), path.read_bytes()
    for name, listener in (("journal", machine.journal),
                           ("syslog", machine.syslog)):
        yield name, b"\n".join(listener.received)
    for screen in (machine.directory / "screens").iterdir():
        yield f"screen {screen.name}", screen.read_bytes()


@test("no token, device code, secret or identity number was ever written")
def canaries(machine):
    machine.log_in("kari")
    machine.end()
    secrets = machine.provider.canaries()
    kinds = {kind for kind, _ in secrets}
    for kind in ("device_code", "id_token", "access_token",
                 "client_assertion", "pid"):
        check(kind in kinds, f"no {kind} was planted")
    secrets += [("client_secret", "kanari-hemmelighet"),
                ("client_key", "PRIVATE KEY")]
    found = set()
    looked = set()
    for name, content in places(machine):
        looked.add(name)
        for kind, secret in secrets:
            if secret.encode() in content:
                found.add(f"{kind} in {name}")
    for name in ("/var/lib/portvakt/register.db",
                 "/var/lib/portvakt/register.db-wal",
                 "/var/lib/portvakt/directory",
                 "/var/lib/portvakt/directory.restricted",
                 "/var/lib/portvakt/person.keys",
                 "/var/log/portvakt/audit.jsonl", "portvaktctl.log",
                 "broker.log", "fetch.log", "journal", "syslog"):
        check(name in looked, f"{name} was not looked at")
    equal(sorted(found), [], "secrets")


@test("a canary that is planted is found")
def canary_works(machine):
    planted = machine.directory / "screens" / "planted.txt"
    planted.write_text("x" + machine.provider.canaries()[0][1] + "y")
    try:
        hits = [name for name, content in places(machine) if
                machine.provider.canaries()[0][1].encode() in content]
        equal(hits, ["screen planted.txt"], "places")
    finally:
        planted.unlink()


@test("a name typed at a prompt that no account bears is in no log of ours")
def typed_names(machine):
    one = machine.terminal("login")
    one.wait("login:")
    one.type("knus-passord-i-navnefeltet")
    one.wait("Password:")
    one.close()
    for path in (machine.log("broker"), "/var/log/portvakt/audit.jsonl"):
        check(b"knus-passord" not in pathlib.Path(path).read_bytes(),
              f"typed name in {path}")
    check(not any(b"knus-passord" in record
                  for record in machine.journal.received),
          "typed name in the journal")


@test("the provider was never polled sooner than it allowed")
def polls(machine):
    found = [poll for poll in machine.provider.requests("token")
             if "too_soon" in poll]
    check(len(found) > 10, "hardly any polls")
    equal([poll for poll in found if poll["too_soon"]], [],
          "polls that came too soon")


@test("files and sockets have the owners and modes that they must have")
def modes(machine):
    wanted = {
        "/var/lib/portvakt/register.db": (0o600, world.BROKER_ID),
        "/var/lib/portvakt/directory": (0o644, world.BROKER_ID),
        "/var/log/portvakt/audit.jsonl": (0o640, world.BROKER_ID),
    }
    for path, (mode, owner) in wanted.items():
        found = os.stat(path)
        equal((oct(stat.S_IMODE(found.st_mode)), found.st_uid),
              (oct(mode), owner), path)


@test("every decision is one JSON line with a time, an action and a result")
def audit_is_whole(machine):
    records = services.read_json_lines("/var/log/portvakt/audit.jsonl")
    check(len(records) > 10, "hardly any records")
    for record in records:
        for name in ("time", "action", "result"):
            check(name in record, f"no {name} in {record}")
