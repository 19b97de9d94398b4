"""The trust image: who may read it, and that it says within a second what
the broker knows."""

import os
import stat
import subprocess
import time

import machine as machines
import provider
import services
import world
from suite import check, equal, test

IMAGE = "/run/portvakt/trust/image"
SOON_S = 1.0


def image():
    with open(IMAGE, "rb") as file:
        return file.read()


def generation():
    return int.from_bytes(image()[16:24], "little")


def account(name):
    """Whether the record of an account says that it is locked, and its
    bytes up to the next one."""
    found = image()
    text = name.encode() + b"\0"
    text = len(text).to_bytes(4, "big") + text
    after = found.index(text) + len(text) + 4 # behind the uid
    return bool(found[after]), found[after:after + 200]


def soon(condition, what):
    services.wait_for(condition, f"{what} in the trust image", SOON_S)


def await_keys(machine):
    services.wait_for(lambda: b'"kid"' in image(), "keys in the image", 10)


@test("the image is for the group that verifies, and for nobody else")
def mode_and_owner(machine):
    machine.restart_broker()
    services.wait_for(lambda: os.path.exists(IMAGE), "the image", 5)
    found = os.stat(IMAGE)
    equal(stat.S_IMODE(found.st_mode), 0o640, "mode")
    equal((found.st_uid, found.st_gid), (world.BROKER_ID, world.VERIFY_ID),
          "owner and group")
    equal(image()[:8], b"PVtImge1", "what it begins with")


@test("a lock is in the image within a second, and so is its end")
def lock(machine):
    machine.ensure_accounts()
    check(not account("kari")[0], "locked before")
    machine.ctl("lock", "kari", "--reason", "a test")
    soon(lambda: account("kari")[0], "the lock")
    machine.ctl("account", "unlock", "kari")
    soon(lambda: not account("kari")[0], "its end")


@test("a changed rule is in the image within a second")
def rule(machine):
    check(b"trust-rolle" not in image(), "the rule, before")
    machine.write_rules({**machines.RULES, "arkiv.conf": """\
service "arkiv" {
	title = "Arkivet"
	title_en = "The archive"
}
group "ko-arkiv" {
	gid = 1900100020
	title = "Arkivet"
	title_en = "The archive"
	basis = "a test"
}
grant "ko-arkiv" {
	reason = "a test"
	roles_any = { "trust-rolle" }
}
"""})
    machine.ctl("reload")
    soon(lambda: b"trust-rolle" in image(), "the rule")
    machine.reconfigure()
    soon(lambda: b"trust-rolle" not in image(), "the old rules")


@test("what does not concern it leaves the image as it is")
def unchanged(machine):
    machine.log_in("kari")
    await_keys(machine)
    # portvaktctl asks the issuer then: the same keys, a second later.
    machine.ctl("reload")
    time.sleep(SOON_S + 0.1)
    before = generation()
    machine.ctl("reload")
    time.sleep(SOON_S)
    equal(generation(), before, "generation")


@test("other keys of the issuer are in the image as soon as they are known")
def rotation(machine):
    machine.log_in("kari")
    await_keys(machine)
    before = image()
    provider.control("rotate", {"how": "hard"})
    machine.ctl("status")
    machine.restart_broker()
    services.wait_for(lambda: image() != before and b'"kid"' in image(),
                      "other keys", 10)


@test("the keys outlive a broker that starts anew during an outage")
def keys_of_last_run(machine):
    machine.log_in("kari")
    await_keys(machine)
    machine.provider.fail("jwks", kind="status", status=500)
    machine.restart_broker()
    services.wait_for(lambda: generation() and b'"kid"' in image(),
                      "the keys of the last run", 5)
    time.sleep(SOON_S)
    check(b'"kid"' in image(), "the keys are gone")
    # Once it answers, they are its own.
    machine.provider.reset()
    machine.restart_broker()
    await_keys(machine)


@test("a revoked session, person or time is in the image within a second")
def revoke(machine):
    machine.ensure_accounts()
    before = generation()
    machine.ctl("revoke", "--session", "sid-of-a-test", "--reason", "a test")
    soon(lambda: b"sid-of-a-test" in image(), "the session")
    check(generation() > before, "no newer generation")
    never = (-2**63).to_bytes(8, "big", signed=True)
    check(never in account("kari")[1][:16], "a time before there was one")
    machine.ctl("revoke", "--subject", "kari", "--reason", "a test")
    soon(lambda: never not in account("kari")[1][:16], "kari's time")
    check(never in account("ola")[1][:16], "ola's time is none")
    moment = int(time.time()) - 60
    said = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
    machine.ctl("revoke", "--reason", "a test", "--before", said)
    soon(lambda: moment.to_bytes(8, "big") in image(), "the time of all")
    records = machine.audit(action="revoke")
    equal([record["result"] for record in records], ["done"] * 3,
          "audit records")
    check(said[:-1] in records[-1]["detail"], f"{said} in {records[-1]}")


@test("what cannot be revoked is refused, and says why")
def revoke_refused(machine):
    for arguments, error in (
            (("--before", "2999-01-01"), "before-ahead"),
            (("--subject", "nobody-of-ours"), "not-found"),
            (("--before", "2026-01-01", "--issuer", "unknown"),
             "issuer-not-configured")):
        equal(machine.ctl("revoke", "--reason", "a test", *arguments,
                          refused=True).get("error"), error, arguments)
    for arguments in (("--session", "x", "--subject", "kari"), ()):
        equal(machine.run("portvaktctl", "revoke", "--reason", "a test",
                          *arguments).returncode, 2, arguments)


@test("a revocation outlives the broker")
def revocation_stays(machine):
    machine.ctl("revoke", "--session", "sid-that-stays", "--reason", "a test")
    machine.restart_broker()
    services.wait_for(lambda: b"sid-that-stays" in image(),
                      "the session after a new start", 5)


@test("without a configuration there is no image")
def not_configured(machine):
    check(os.path.exists(IMAGE), "no image before")
    path = "/etc/portvakt/portvakt.conf"
    text = open(path, encoding="utf-8").read()
    world.write(path, "", 0o640, group=world.BROKER_ID)
    try:
        machine.restart_broker()
        services.wait_for(lambda: not os.path.exists(IMAGE),
                          "the image to go", 5)
    finally:
        world.write(path, text, 0o640, group=world.BROKER_ID)
        machine.restart_broker()
    services.wait_for(lambda: os.path.exists(IMAGE), "the image", 5)


@test("there is no secret and no identity number in the image")
def no_secret(machine):
    machine.log_in("kari")
    await_keys(machine)
    found = image()
    for kind, canary in machine.provider.canaries():
        check(canary.encode() not in found, f"a {kind} is in the image")
    check(b"kanari-hemmelighet" not in found, "a client secret")


def ask(group, *arguments):
    """portvakt, by a user of that group alone."""
    return subprocess.run(("portvakt", *arguments), input="no.token.here\n",
                          capture_output=True, text=True, check=False,
                          timeout=20, user=4242, group=group, extra_groups=[])


@test("portvakt reads it as its group does, and others are told why not")
def command_reads_it(machine):
    await_keys(machine)
    listed = ask(world.VERIFY_ID, "groups")
    equal(listed.returncode, 0, "how portvakt groups ends")
    check("ko-drift" in listed.stdout, f"no ko-drift in {listed.stdout}")
    question = ("verify", "--audience", "orders")
    answer = ask(world.VERIFY_ID, *question)
    equal((answer.returncode, answer.stdout), (1, "malformed\n"),
          "a token that is none")
    stranger = ask(4242, *question)
    equal((stranger.returncode, stranger.stdout),
          (3, "no-access-to-image\n"), "somebody who may not read it")
