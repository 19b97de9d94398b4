"""People who may log in, do."""

import os
import re

import provider
import services
import terminal
import world
from suite import check, contains, equal, lacks, test


@test("kari logs in with ssh: text, address, code, QR, shell")
def ssh_login(machine):
    one = machine.ssh("kari")
    one.wait("Trykk Enter")
    screen = one.screen()
    contains(screen, r"Logg inn som kari på vakt01", "who and where")
    contains(screen, re.escape(f"{machine.provider.issuer}/device"),
             "the address in plain text")
    contains(screen, terminal.CODE, "the code in plain text")
    contains(screen, "[▀▄█]{8}", "the QR code")
    code = re.search(terminal.CODE, screen).group(1)
    machine.provider.approve(code, "kari")
    one.press_enter()
    one.shell()
    equal(one.command("id -un"), "kari", "name")
    equal(one.command("id -nG"), "kari ko-kompis ko-drift", "groups")
    equal(one.command("pwd"), "/home/kari", "home directory")
    equal(one.command("echo ${PORTVAKT_HANDLE-gone}"), "gone",
          "the handle in the person's environment")
    equal(one.command("stat -c %U:%G ."), "kari:kari",
          "owner of the home directory")
    record, = machine.audit(action="login", result="allow")
    equal(record["account"], "kari", "account in the audit")
    equal(record["service"], "sshd", "service in the audit")
    equal(record["acr"], provider.HIGH, "acr in the audit")
    equal(sorted(record["groups"].split()), ["ko-drift", "ko-kompis"],
          "groups in the audit")


@test("Enter before approving: the login waits, and then it works")
def early_enter(machine):
    one = machine.ssh("kari")
    code = one.code()
    one.wait("Trykk Enter")
    one.press_enter()
    services.wait_for(lambda: machine.requests("token"), "a poll")
    machine.provider.approve(code, "kari")
    one.shell()


@test("sudo inside the session asks the same broker")
def sudo_in_session(machine):
    one = machine.log_in("kari")
    one.type("sudo id -un; echo status $?")
    machine.provider.approve(one.code(), "kari")
    one.wait(r"root\s+status 0")
    check(machine.audit(action="login", result="allow", service="sudo"),
          "no audit record of sudo")


@test("sudo without the group: authenticated, and still not allowed")
def sudo_without_group(machine):
    one = machine.log_in("ola")
    one.type("sudo id -un; echo status $?")
    machine.provider.approve(one.code(), "ola")
    one.wait("not in the sudoers file")
    one.wait("status 1")


@test("su from a local user's session to kari")
def su_to_kari(machine):
    one = machine.terminal("su", "-", "kari", **machine.as_local())
    machine.provider.approve(one.code(), "kari")
    one.shell()
    equal(one.command("id -un"), "kari", "name")
    check(machine.audit(action="login", result="allow", service="su-l"),
          "no audit record of su")


@test("su from kari's session to root takes root's own password")
def su_to_root(machine):
    one = machine.log_in("kari")
    one.type("su -c 'id -un'; echo status $?")
    one.wait("Password:")
    one.type(world.ROOT_PASSWORD)
    one.wait(r"root\s+status 0")


@test("login(1) at a console")
def console_login(machine):
    one = machine.terminal("login")
    one.wait("login:")
    one.type("kari")
    machine.provider.approve(one.code(), "kari")
    one.shell()
    equal(one.command("id -un"), "kari", "name")
    check(machine.audit(action="login", result="allow", service="login"),
          "no audit record of login")


@test("local root logs in with its own password, the provider is not asked")
def local_root(machine):
    one = machine.ssh("root")
    one.wait("Password:")
    one.type(world.ROOT_PASSWORD)
    one.shell()
    equal(machine.requests(), [], "requests at the provider")


@test("a name that nobody bears is asked for a password and refused")
def unknown_name(machine):
    one = machine.ssh("ingen-slik")
    one.wait("Password:")
    one.type("hemmelig-passord")
    check(one.end() != 0, "an unknown name was let in")
    equal(machine.requests(), [], "requests at the provider")


@test("kari and ola log in at the same time, each with their own code")
def side_by_side(machine):
    first, second = machine.ssh("kari"), machine.ssh("ola")
    codes = first.code(), second.code()
    check(codes[0] != codes[1], "the same code for two people")
    machine.provider.approve(codes[1], "ola")
    machine.provider.approve(codes[0], "kari")
    for one, name in ((first, "kari"), (second, "ola")):
        one.wait("Trykk Enter")
        one.press_enter()
        one.shell()
        equal(one.command("id -un"), name, "name")


@test("a substantial login gets the groups of that level only")
def groups_by_level(machine):
    machine.log_in("kari", acr=provider.SUBSTANTIAL)
    equal(machine.groups_of("kari"), ["ko-kompis"], "groups")
    machine.log_in("kari", acr=provider.HIGH)
    equal(machine.groups_of("kari"), ["ko-drift", "ko-kompis"], "groups")


@test("a role that is gone takes its group with it at the next login")
def role_gone(machine):
    machine.log_in("kari")
    equal(machine.groups_of("kari"), ["ko-drift", "ko-kompis"], "groups")
    machine.provider.change("kari", roles=["driftsvakt"])
    one = machine.log_in("kari")
    equal(machine.groups_of("kari"), ["ko-drift"], "groups")
    equal(one.command("id -nG"), "kari ko-drift", "groups in the session")
    members = machine.run("getent", "group", "ko-kompis").stdout
    lacks(members, "kari", "members of ko-kompis")


@test("a group that is gone and cannot be published away: nobody in, twice")
def gone_and_unpublished(machine):
    machine.log_in("kari")
    machine.provider.change("kari", roles=["driftsvakt"])
    os.chmod("/var/lib/portvakt", 0o555)
    try:
        for _ in range(2):
            one = machine.ssh("kari")
            machine.approve(one)
            one.end()
        equal([record["reason"] for record in machine.audit(
            action="login", account="kari", result="outage")],
              ["not-recorded"] * 2, "reasons")
    finally:
        os.chmod("/var/lib/portvakt", 0o755)
    machine.log_in("kari")
    equal(machine.groups_of("kari"), ["ko-drift"], "groups")


def authorize_key(user):
    public = open("/run/person_key.pub").read()
    world.write(f"/etc/ssh/keys/{user}", public)


@test("an SSH key: the account phase still asks the broker")
def ssh_key(machine):
    authorize_key("kari")
    done = machine.run(*terminal.ssh_command("kari", "id", "-un", key=True))
    equal(done.stdout.strip(), "kari", "name")
    machine.ctl("account", "lock", "kari", "--reason", "permisjon")
    try:
        done = machine.run(*terminal.ssh_command("kari", "id", "-un",
                                                 key=True))
        equal(done.stdout, "", "output for a locked account")
        check(done.returncode != 0, "a locked account was let in")
    finally:
        machine.ctl("account", "unlock", "kari")
    check(machine.audit(action="account", result="deny",
                        reason="account-locked"), "no audit record")


CLIENTS = {
    "client_secret_basic": dict(
        client_id='"portvakt-basic"', algorithms='{ "PS256" }',
        client_secret_file='"/etc/portvakt/secret-basic"'),
    "client_secret_post": dict(
        client_id='"portvakt-post"', algorithms='{ "ES256" }',
        client_secret_file='"/etc/portvakt/secret-post"'),
}


def log_in_as_client(machine, auth):
    no_key = dict(client_key_file=None, client_key_id=None,
                  client_key_algorithm=None)
    machine.reconfigure(client_auth=f'"{auth}"', **CLIENTS[auth], **no_key)
    try:
        machine.log_in("kari")
    finally:
        machine.reconfigure()


@test("client_secret_basic and PS256")
def client_secret_basic(machine):
    log_in_as_client(machine, "client_secret_basic")


@test("client_secret_post and ES256")
def client_secret_post(machine):
    log_in_as_client(machine, "client_secret_post")


@test("a person who hangs up leaves no login behind")
def hang_up(machine):
    one = machine.ssh("kari")
    one.code()
    one.close()
    services.wait_for(lambda: machine.ctl("status")["logins"] == 0,
                      "the login to end", 15)
