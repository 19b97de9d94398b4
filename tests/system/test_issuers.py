"""Several issuers: an account needs the one that it was registered at. That
each lets its own people in, test_catalogue.py shows."""

import contextlib
import pathlib

import issuers
import provider
import world
from suite import check, contains, equal, test

DROP_IN = "/etc/portvakt/portvakt.conf.d/issuers.conf"
PER = {"id": "per", "sub": "0b7e-per", "name": "Per Politi",
       "acr": "high", "roles": []}


def apply(machine, **options):
    """The fetcher keeps to the hosts that it was told first."""
    machine.configure(**options)
    machine.fetch.stop()
    machine.fetch.start()
    machine.ctl("reload")


@contextlib.contextmanager
def several(machine):
    more = issuers.Issuers(machine.provider, machine.log("more-issuers"))
    more.service.start()
    pathlib.Path(DROP_IN).parent.mkdir(exist_ok=True)
    world.write(DROP_IN, more.sections(), 0o640, group=world.BROKER_ID)
    try:
        apply(machine, name='"staff"')
        yield more.issuers["police"]
    finally:
        more.service.stop()
        pathlib.Path(DROP_IN).unlink(missing_ok=True)
        apply(machine)


def add_per(machine):
    refused = machine.ctl("account", "add", "per", PER["sub"], refused=True)
    contains(refused["text"], "several issuers", "without an issuer")
    return machine.ctl("account", "add", "per", PER["sub"], "--issuer",
                       "police")["account"]


@test("several issuers: an account logs in at its own, and needs it")
def issuer_of_an_account(machine):
    with several(machine) as police:
        names = [one["name"] for one in machine.ctl("status")["issuers"]]
        equal(names, ["staff", *issuers.LADDERS], "issuers")
        equal(add_per(machine)["issuer"], police.url, "issuer of per")
        police.register(PER)
        one = machine.ssh("per")
        code = one.code()
        one.wait("Enter")
        police.approve(code, "per", "high")
        one.press_enter()
        one.shell()
        record, = machine.audit(action="login", account="per")
        equal(record["issuer"], police.url, "issuer in the audit")
    try:
        one = machine.ssh("per")
        check(one.end() != 0, "let in without an issuer")
        contains(one.screen(), "ikke satt opp her", "the words")
        record = machine.audit(action="login", account="per")[-1]
        equal(record["result"], "misconfigured", "result")
        equal(record["reason"], "issuer-unknown", "reason")
        machine.log_in("kari", acr=provider.HIGH)
    finally:
        machine.ctl("account", "remove", "per", "--yes")
