"""The provider changes its keys, stumbles, lies about where it is, and goes
away."""

import time

import provider
import services
from suite import check, contains, equal, test, within

# The longest that a person waits for an answer of a provider that is away.
OUTAGE_LIMIT_S = 20


def outage(machine, one):
    not_in(machine, one, "outage", "ID-tjenesten")


def not_in(machine, one, result, sentence):
    begun = time.monotonic()
    status = one.end(OUTAGE_LIMIT_S + 5)
    within(OUTAGE_LIMIT_S, begun, "the refusal")
    check(status != 0, "the login was let in")
    contains(one.screen(), sentence, "the reason on screen")
    results = {record["result"] for record in machine.audit(action="login")}
    equal(results, {result}, "results in the audit")


def rotate(machine, how):
    one = machine.ssh("kari")
    code = one.code()
    one.wait("Trykk Enter")
    provider.control("rotate", {"how": how})
    machine.provider.approve(code)
    one.press_enter()
    one.shell()
    equal(len(machine.requests("jwks")), 1, "times the keys were fetched")


# The broker limits how often a strange key makes it ask: it starts anew.
@test("the keys are rotated softly during a login")
def rotate_soft(machine):
    machine.restart_broker()
    machine.log_in("kari")
    machine.request_mark = len(machine.provider.requests())
    rotate(machine, "soft")


@test("the keys are rotated hard during a login")
def rotate_hard(machine):
    machine.restart_broker()
    machine.log_in("kari")
    machine.request_mark = len(machine.provider.requests())
    rotate(machine, "hard")


# What the device endpoint answers, and what it is to be called.
DEVICE_FAULTS = {
    "resets the connection": dict(kind="reset"),
    "answers 500": dict(kind="status", status=500),
    "answers rubbish": dict(kind="garbage"),
    "answers with a web page": dict(kind="text"),
    "cuts its answer short": dict(kind="truncated"),
    "answers without end": dict(kind="oversized"),
    "does not answer": dict(kind="hang"),
    "redirects to another host": dict(
        kind="redirect", to="https://annen.portvakt.test:8443/device/auth",
        status=307),
    "redirects to http": dict(
        kind="redirect", to="http://idp.portvakt.test:8080/device/auth",
        status=307),
    "redirects to itself": dict(
        kind="redirect", to="https://idp.portvakt.test:8443/device/auth",
        status=307),
}


def fail_device(what, fault):
    @test(f"the device endpoint {what}: an outage, said so")
    def failed(machine):
        machine.provider.fail("device", **fault)
        outage(machine, machine.ssh("kari"))
    failed.__name__ = f"device_{fault['kind']}"


for _what, _fault in DEVICE_FAULTS.items():
    fail_device(_what, _fault)


@test("the provider is slow: the login takes longer, and works")
def slow(machine):
    machine.provider.fail("*", "slow", ms=1500)
    one = machine.log_in("kari")
    equal(one.command("id -un"), "kari", "name")


@test("the token endpoint stumbles: the login goes on")
def token_stumbles(machine):
    one = machine.ssh("kari")
    code = one.code()
    one.wait("Trykk Enter")
    provider.control("faults", [
        {"endpoint": "token", "kind": "reset", "count": 1},
        {"endpoint": "token", "kind": "status", "status": 503, "count": 1}])
    machine.provider.approve(code)
    one.press_enter()
    one.shell(30)


@test("the token endpoint answers rubbish: no login")
def token_garbage(machine):
    one = machine.ssh("kari")
    code = one.code()
    one.wait("Trykk Enter")
    machine.provider.settings(expires_in_s=6)
    machine.provider.fail("token", "garbage")
    machine.provider.approve(code)
    one.press_enter()
    outage(machine, one)


@test("slow_down is obeyed: five seconds more between polls")
def slow_down(machine):
    machine.provider.fail("token", "error", error="slow_down", count=1)
    one = machine.ssh("kari")
    code = one.code()
    one.wait("Trykk Enter")
    services.wait_for(lambda: machine.requests("token"), "the first poll")
    machine.provider.approve(code)
    one.press_enter()
    one.shell()
    polls = machine.requests("token")
    equal(polls[0].get("fault"), "error", "the first poll met")
    check(polls[1]["since_last_ms"] >= 5950,
          f"polled again after {polls[1]['since_last_ms']} ms")


@test("without an interval the client keeps to five seconds")
def no_interval(machine):
    machine.provider.settings(interval_s=None)
    one = machine.log_in("kari")
    one.close()
    polls = machine.requests("token")
    check(all(not poll["too_soon"] for poll in polls),
          f"polls after {[poll['since_last_ms'] for poll in polls]} ms")


@test("the provider is away when the broker starts: outage, then it is back")
def away_at_start(machine):
    machine.provider.service.stop()
    machine.restart_broker()
    try:
        equal(machine.run("id", "-un", "kari").stdout, "kari\n", "name")
        outage(machine, machine.ssh("kari"))
    finally:
        machine.provider.service.start()
    one = machine.ssh("kari")
    machine.approve(one)
    one.shell()


@test("discovery names another issuer: misconfigured, nobody in")
def discovery_other_issuer(machine):
    machine.provider.fail("discovery", "status", status=200, body={
        "issuer": "https://evil.example", "jwks_uri":
        f"{machine.provider.issuer}/jwks",
        "token_endpoint": f"{machine.provider.issuer}/token",
        "device_authorization_endpoint":
        f"{machine.provider.issuer}/device/auth"})
    machine.restart_broker()
    try:
        not_in(machine, machine.ssh("kari"), "misconfigured",
               "riktig satt opp")
    finally:
        machine.provider.reset()
        machine.restart_broker()


@test("a certificate from another CA: an outage, and the audit says why")
def wrong_authority(machine):
    other = machine.directory / "other-ca"
    other.mkdir(exist_ok=True)
    provider.make_certificates(other, machine.host)
    machine.configure()
    path = "/etc/portvakt/ca.pem"
    with open(path, "w", encoding="ascii") as file:
        file.write((other / "ca.pem").read_text())
    machine.restart_broker()
    try:
        outage(machine, machine.ssh("kari"))
        contains(machine.audit(action="login")[0]["detail"], "certificate",
                 "the reason for the administrator")
    finally:
        machine.configure()
        machine.restart_broker()
