"""A SIGHUP, and a reload while a login is under way."""

import os
import pathlib

import machine as machines
import services
from suite import check, contains, equal, test


@test("SIGHUP reads the configuration anew")
def hang_up_reads(machine):
    before = machine.ctl("status")["login_timeout_s"]
    machine.configure(timeout_s=before - 100)
    try:
        equal(machine.ctl("status")["login_timeout_s"], before,
              "before the signal")
        machine.broker.reload()
        equal(machine.ctl("status")["login_timeout_s"], before - 100,
              "after the signal")
        equal([record["result"] for record in
               machine.audit(action="configure")], ["in-force"], "audit")
    finally:
        machine.reconfigure()


@test("SIGHUP with a wrong configuration keeps the old one, and says so")
def hang_up_wrong(machine):
    path = pathlib.Path(machines.CONFIG)
    path.write_text(path.read_text().replace("scope =", "skope ="))
    try:
        machine.broker.reload()
        contains(machine.ctl("status")["config"]["error"],
                 r"portvakt\.conf:\d+.*skope", "the error in status")
        record, = machine.audit(action="configure")
        equal(record["result"], "refused", "result in the audit")
        contains(record["detail"], r"portvakt\.conf:\d+", "the audit")
        machine.log_in("kari")
    finally:
        machine.reconfigure()
    equal(machine.ctl("status")["config"]["error"], "", "error when mended")


@test("SIGHUP opens the audit file anew, for logrotate")
def hang_up_audit(machine):
    old = pathlib.Path(machines.AUDIT + ".1")
    os.rename(machines.AUDIT, old)
    size = old.stat().st_size
    machine.audit_mark = 0
    machine.log_in("kari")
    check(old.stat().st_size > size, "the broker lost the file it had open")
    machine.broker.reload()
    size = old.stat().st_size
    machine.log_in("kari")
    equal(old.stat().st_size, size, "size of the old file")
    equal(len(machine.audit(action="login", result="allow")), 1,
          "logins in the new file")
    equal(pathlib.Path(machines.AUDIT).stat().st_mode & 0o777, 0o640, "mode")


def with_the_code(machine):
    one = machine.ssh("kari")
    code = one.code()
    one.wait("Trykk Enter")
    return one, code


# Another client, whose tokens have another audience and algorithm: a login
# that took anything of it would be refused.
OTHER_CLIENT = dict(
    client_auth='"client_secret_basic"', client_id='"portvakt-basic"',
    client_secret_file='"/etc/portvakt/secret-basic"',
    algorithms='{ "PS256" }', client_key_file=None, client_key_id=None,
    client_key_algorithm=None)


@test("a login under way ends well under the configuration it began with")
def reload_in_login(machine):
    one, code = with_the_code(machine)
    machine.reconfigure(**OTHER_CLIENT)
    try:
        machine.provider.approve(code)
        one.press_enter()
        one.shell()
        equal(one.command("id -nG"), "kari ko-kompis ko-drift", "groups")
        machine.log_in("kari")
    finally:
        machine.reconfigure()
    equal(len(machine.audit(action="login", result="allow")), 2, "logins")


@test("reloads at every moment of a login do it no harm")
def reload_often(machine):
    machine.provider.fail("*", "slow", ms=300)
    one = machine.ssh("kari")
    services.wait_for(lambda: machine.struck("device"), "the request")
    machine.ctl("reload")
    code = one.code()
    one.wait("Trykk Enter")
    machine.ctl("reload")
    machine.provider.approve(code)
    polls = len(machine.struck("token"))
    services.wait_for(lambda: len(machine.struck("token")) > polls, "a poll")
    machine.ctl("reload")
    one.press_enter()
    one.shell()


@test("a login that waits for the keys survives a reload")
def reload_before_keys(machine):
    machine.provider.fail("discovery", "slow", ms=1000)
    machine.restart_broker()
    one = machine.ssh("kari")
    services.wait_for(lambda: machine.ctl("status")["logins"], "the login")
    check(not machine.requests("jwks"), "the keys came too early")
    machine.ctl("reload")
    machine.approve(one)
    one.shell()
