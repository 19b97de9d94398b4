"""Who is in a restricted group, everybody's session knows of itself and nobody
of a colleague: real sessions and lookups of several users."""

import contextlib
import functools
import os

import machine as machines
import services
import suite
import terminal
import test_login
import world
from suite import check, contains, equal, lacks

GROUP = "ko-drift"
IMAGE = "/var/lib/portvakt/directory.restricted"
RULES = {**machines.RULES, "drift.conf": machines.RULES["drift.conf"].replace(
    "\tgid = ", "\trestricted = true\n\tgid = ")}


def put_in_force(machine, rules):
    machine.write_rules(rules)
    machine.ctl("reload")


@contextlib.contextmanager
def restricted(machine):
    put_in_force(machine, RULES)
    try:
        yield
    finally:
        put_in_force(machine, machines.RULES)


def test(title):
    """As suite.test, while the rules call the group restricted."""
    def mark(function):
        @functools.wraps(function)
        def inside(machine):
            with restricted(machine):
                function(machine)
        return suite.test(title)(inside)
    return mark


def groups_seen_by(machine, person, **who):
    """The names that `id` gives for a person, asked by root or by who."""
    return machine.run("id", "-nG", person, check=True, **who).stdout.split()


def local(machine):
    return {"user": world.LOCAL_ID, "group": world.LOCAL_ID,
            "extra_groups": []}


@test("a session by ssh has its restricted group, and its own id says so")
def session_by_ssh(machine):
    one = machine.log_in("kari")
    equal(one.command("id -nG"), f"kari ko-kompis {GROUP}", "the session")
    number = one.command(f"getent group {GROUP} | cut -d: -f3")
    contains(one.command("grep ^Groups: /proc/self/status"), number,
             "what the kernel says")
    # By name she asks as anybody does.
    equal(one.command("id -nG kari"), "kari ko-kompis", "id kari by kari")


@test("su, login, sudo and an SSH key give a session the same groups")
def session_by_others(machine):
    test_login.authorize_key("kari")
    machine.log_in("kari")
    wanted = f"kari ko-kompis {GROUP}"
    done = machine.run(*terminal.ssh_command("kari", "id", "-nG", key=True))
    equal(done.stdout.strip(), wanted, "SSH key")
    done = machine.run("sudo", "-u", "kari", "id", "-nG")
    equal(done.stdout.strip(), wanted, "sudo -u kari")
    one = machine.terminal("su", "-", "kari", **machine.as_local())
    machine.provider.approve(one.code(), "kari")
    one.shell()
    equal(one.command("id -nG"), wanted, "su")
    one = machine.terminal("login")
    one.wait("login:")
    one.type("kari")
    machine.provider.approve(one.code(), "kari")
    one.shell()
    equal(one.command("id -nG"), wanted, "login")


@test("a colleague sees the group, and nobody in it; root sees both")
def seen_by_others(machine):
    machine.log_in("kari")
    check(GROUP in groups_seen_by(machine, "kari"), "root is not told")
    lacks(" ".join(groups_seen_by(machine, "kari", **local(machine))), GROUP,
          "id kari by a local user")
    one = machine.log_in("ola")
    lacks(one.command("id -nG kari"), GROUP, "id kari by ola")
    contains(one.command("id -nG kari"), "ko-kompis", "id kari by ola")
    for asked in (one.command(f"getent group {GROUP}"),
                  machine.run("getent", "group", GROUP).stdout):
        contains(asked, f"^{GROUP}:", "the group")
        lacks(asked, "kari", "its members")


@test("nobody but the broker and root can open the restricted image")
def closed_to_others(machine):
    one = machine.log_in("kari")
    equal(one.command(f"cat {IMAGE} >/dev/null 2>&1 || echo no"), "no",
          "kari opens it")
    for uid in (world.LOCAL_ID, world.FETCH_ID, world.SSHD_ID):
        check(machine.run("cat", IMAGE, user=uid, group=uid,
                          extra_groups=[]).returncode != 0,
              f"uid {uid} opens it")


@test("a service that goes by the group lets in its members and nobody else")
def service_goes_by_it(machine):
    machine.log_in("kari")
    number = int(machine.run("getent", "group", GROUP,
                             check=True).stdout.split(":")[2])
    path = "/home/kun-for-drift"
    world.write(path, "innhold\n", 0o640, group=number)
    try:
        one = machine.log_in("kari")
        equal(one.command(f"cat {path}"), "innhold", "kari")
        two = machine.log_in("ola")
        equal(two.command(f"cat {path} 2>/dev/null || echo no"), "no", "ola")
    finally:
        os.unlink(path)


@test("a restricted membership that is gone, is gone from both images")
def withdrawn(machine):
    machine.log_in("kari")
    check(GROUP in groups_seen_by(machine, "kari"), "root is not told")
    machine.provider.change("kari", roles=["kompis-saksbehandler"])
    one = machine.log_in("kari")
    equal(one.command("id -nG"), "kari ko-kompis", "the session")
    lacks(" ".join(groups_seen_by(machine, "kari")), GROUP, "id by root")


@test("without the restricted image, no restricted group and all the others")
def image_gone(machine):
    test_login.authorize_key("kari")
    machine.log_in("kari")
    os.unlink(IMAGE)
    try:
        done = machine.run(*terminal.ssh_command("kari", "id", "-nG",
                                                 key=True))
        equal(done.stdout.strip(), "kari ko-kompis", "the session")
    finally:
        machine.restart_broker()
    services.wait_for(lambda: GROUP in groups_seen_by(machine, "kari"),
                      "the publication of a broker that has started")


@suite.test("a rule that makes a group restricted hides it without a login")
def rule_change(machine):
    machine.log_in("kari")
    contains(machine.run("getent", "group", GROUP).stdout, "kari", "members")
    with restricted(machine):
        lacks(machine.run("getent", "group", GROUP).stdout, "kari", "members")
        lacks(" ".join(groups_seen_by(machine, "kari", **local(machine))),
              GROUP, "id kari by a local user")
        check(GROUP in groups_seen_by(machine, "kari"), "root is not told")
    contains(machine.run("getent", "group", GROUP).stdout, "kari", "members")
