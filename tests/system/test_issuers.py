"""Several issuers: an account needs the one that it was registered at. That
each lets its own people in, test_catalogue.py shows."""

import contextlib
import pathlib
import subprocess
import time

import issuers
import machine_issuers
import provider
import services
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


def verify(token, scope):
    """How portvakt(1) ends, asked as a service that wants a scope."""
    return subprocess.run(
        ("portvakt", "verify", "--scope", scope), input=token, text=True,
        capture_output=True, check=False, timeout=20, user=4242,
        group=world.VERIFY_ID, extra_groups=[]).returncode


@test("an issuer where nobody logs in: its tokens verify, no account is its")
def no_login(machine):
    with machine_issuers.running(machine) as (maskinporten, _):
        now = int(time.time())
        machine_token = maskinporten.sign(
            {"iss": maskinporten.url, "aud": "unspecified", "scope": "ks:fiks",
             "client_id": "c", "client_amr": "private_key_jwt", "iat": now,
             "exp": now + 100, "jti": "1", "consumer": {
                 "authority": "iso6523-actorid-upis",
                 "ID": "0192:911830868"}}, typ=None)
        services.wait_for(lambda: verify(machine_token, "ks:fiks") == 0,
                          "the machine's token to be good", 10)
        names = {one["name"]: one
                 for one in machine.ctl("status")["issuers"]}
        equal({name: one["login"] for name, one in names.items()},
              {"staff": True, "maskinporten": False, "tokenx": False},
              "where people log in")
        equal(names["maskinporten"]["targets"], 2, "targets")
        # The one that people log in at is meant, whatever else is there.
        one = machine.ctl("account", "add", "eva", "s-eva")["account"]
        equal(one["issuer"], machine.provider.issuer, "issuer of eva")
        machine.ctl("account", "remove", "eva", "--yes")
        refused = machine.ctl("account", "add", "eva", "s-eva", "--issuer",
                              "maskinporten", refused=True)
        equal(refused["error"], "issuer-unsuitable", "at Maskinporten")
        found = maskinporten.control("counts")
        check(found["discovery"] >= 1 and found["jwks"] >= 1, str(found))
        machine.log_in("kari").close()
        # Nobody logs in anywhere: a good configuration, and a clear answer.
        machine.reconfigure(name='"staff"', login="false", scope=None,
                            introspection="true", acr_minimum=None)
        one = machine.ssh("kari")
        check(one.end() != 0, "let in where nobody logs in")
        contains(one.screen(), "logger ingen inn", "the words")
        record = machine.audit(action="login", account="kari")[-1]
        equal((record["result"], record["reason"]),
              ("misconfigured", "issuer-no-login"), "audit")
        refused = machine.ctl("account", "add", "eva", "s-eva", refused=True)
        equal(refused["error"], "issuer-missing", "an account, anywhere")
        equal(verify(machine_token, "ks:fiks"), 0, "the token, all the same")
