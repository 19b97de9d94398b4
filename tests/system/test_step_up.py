"""What a PAM service needs of a login: real sudo, ssh with a key, su and cron
ask for a level, an age and a group, and say so."""

import contextlib
import time

import provider
import terminal
from suite import check, contains, equal, lacks, test
from test_login import authorize_key

FRESH = 'acr = "high" max_age = "15min"'
HIGH_ONLY = 'acr = "high"'
GROUP = 'groups = { "ko-drift" }'


@contextlib.contextmanager
def needing(machine, **needs):
    machine.reconfigure(needs=needs)
    try:
        yield
    finally:
        machine.provider.settings(forgery=None)
        machine.reconfigure()


def ask_sudo(machine, one, **options):
    """Types sudo at a shell and approves; what was shown before the code."""
    mark = len(one.screen())
    one.type("sudo id -un; echo status $?")
    code = one.code()
    shown = one.screen()[mark:]
    machine.provider.approve(code, "kari", **options)
    return shown


@test("sudo says what it needs, asks the provider for it, and takes it")
def step_up_sudo(machine):
    with needing(machine, sudo=FRESH):
        one = machine.log_in("kari")
        shown = ask_sudo(machine, one)
        contains(shown, "sudo krever nivå high", "the reason")
        contains(shown, "høyst 15 minutter", "the age")
        one.wait(r"root\s+status 0")
        record, = machine.audit(action="login", result="allow",
                                service="sudo")
        equal(record["acr"], provider.HIGH, "acr in the audit")


@test("sudo with a lower level than it needs is refused, with words")
def step_up_sudo_too_low(machine):
    with needing(machine, sudo=FRESH):
        one = machine.log_in("kari")
        ask_sudo(machine, one, acr=provider.SUBSTANTIAL)
        one.wait("svakere eID")
        record = machine.audit(action="login", result="deny",
                               service="sudo")[0]
        equal(record["reason"], "acr-too-low", "reason")
        equal(machine.audit(result="allow", service="sudo"), [], "allowed")


@test("sudo with an authentication that is too old is refused, with words")
def step_up_sudo_too_old(machine):
    with needing(machine, sudo=FRESH):
        one = machine.log_in("kari")
        machine.provider.settings(forgery="auth-time-old")
        ask_sudo(machine, one)
        one.wait("for lenge siden")
        record = machine.audit(action="login", result="deny",
                               service="sudo")[0]
        equal(record["reason"], "authentication-too-old", "reason")


@test("sudo for members of a group: others are told which")
def step_up_sudo_group(machine):
    with needing(machine, sudo=GROUP):
        machine.provider.change("kari", roles=["kompis-saksbehandler"])
        one = machine.log_in("kari")
        ask_sudo(machine, one)
        one.wait("bare for medlemmer av")
        one.wait("ko-drift")
        record = machine.audit(action="login", result="deny",
                               service="sudo")[0]
        equal(record["reason"], "group-missing", "reason")
        machine.provider.change("kari", roles=["driftsvakt"])
        one = machine.log_in("kari")
        ask_sudo(machine, one)
        one.wait(r"root\s+status 0")


@test("a password that sudo remembers does not pass by a new need")
def step_up_sudo_remembered(machine):
    one = machine.log_in("kari")
    ask_sudo(machine, one)
    one.wait(r"root\s+status 0")
    one.shell()
    equal(one.command("sudo id -un"), "root", "remembered, nothing needed")
    with needing(machine, sudo='max_age = "1s"'):
        time.sleep(2.1)
        one.type("sudo id -un; echo status $?")
        code = one.code()
        machine.provider.approve(code, "kari")
        one.wait(r"root\s+status 0")
        record, = machine.audit(action="account", service="sudo",
                                acr=provider.HIGH)
        equal(record["result"], "allow", "result")


def key_login(machine):
    return machine.run(*terminal.ssh_command("kari", "id", "-un", key=True))


@test("an SSH key where a level is needed: refused with the next step")
def step_up_ssh_key(machine):
    authorize_key("kari")
    machine.log_in("kari", acr=provider.SUBSTANTIAL)
    with needing(machine, sshd=HIGH_ONLY):
        done = key_login(machine)
        equal(done.stdout, "", "output")
        check(done.returncode != 0, "let in with a level that is too low")
        contains(done.stderr, "PreferredAuthentications=keyboard-interactive",
                 "the next step")
        record = machine.audit(action="account", result="deny")[0]
        equal(record["reason"], "step-up-needed", "reason")
        machine.log_in("kari", acr=provider.HIGH)
        equal(key_login(machine).stdout.strip(), "kari", "after stepping up")


@test("without the broker, a service that needs something lets nobody in")
def step_up_without_the_broker(machine):
    authorize_key("kari")
    machine.log_in("kari", acr=provider.HIGH)
    equal(key_login(machine).stdout.strip(), "kari", "with the broker")
    with needing(machine, sshd=HIGH_ONLY):
        equal(key_login(machine).stdout.strip(), "kari", "with a high login")
        machine.broker.stop()
        try:
            done = key_login(machine)
            check(done.returncode != 0, "let in without the broker")
            contains(done.stderr, "Denne tjenesten krever", "the words")
        finally:
            machine.broker.start()
    machine.broker.stop()
    try:
        equal(key_login(machine).stdout.strip(), "kari", "without a need")
    finally:
        machine.broker.start()


@test("what sudo needs, sudo -i needs too")
def step_up_sudo_i(machine):
    with needing(machine, sudo=FRESH):
        one = machine.log_in("kari")
        one.type("sudo -i id -un; echo status $?")
        code = one.code()
        contains(one.screen(), "sudo-i krever nivå high", "the reason")
        machine.provider.approve(code, "kari", acr=provider.SUBSTANTIAL)
        one.wait("svakere eID")


@test("an SSH key where a group is needed")
def step_up_ssh_key_group(machine):
    authorize_key("kari")
    machine.log_in("kari", acr=provider.SUBSTANTIAL)
    with needing(machine, sshd=GROUP):
        check(key_login(machine).returncode != 0, "let in without the group")
        record = machine.audit(action="account", result="deny")[0]
        equal(record["reason"], "group-missing", "reason")
        machine.log_in("kari", acr=provider.HIGH)
        equal(key_login(machine).stdout.strip(), "kari", "with the group")


@test("cron cannot ask anybody: refused until there is a login")
def step_up_cron(machine):
    machine.log_in("kari", acr=provider.SUBSTANTIAL)
    with needing(machine, cron=HIGH_ONLY):
        done = machine.run("pamtester", "cron", "kari", "acct_mgmt")
        check(done.returncode != 0, "let in")
        contains(done.stdout + done.stderr, "cron krever", "the reason")
        record, = machine.audit(action="account", result="deny")
        equal(record["reason"], "step-up-needed", "reason")
        machine.log_in("kari", acr=provider.HIGH)
        done = machine.run("pamtester", "cron", "kari", "acct_mgmt")
        equal(done.returncode, 0, "after a login")


@test("root's su to an account where a level is needed: it is stepped up to")
def step_up_su(machine):
    machine.log_in("kari", acr=provider.SUBSTANTIAL)
    with needing(machine, su=HIGH_ONLY):
        one = machine.terminal("su", "kari", "-c", "echo as $(id -un)")
        code = one.code()
        contains(one.screen(), "su krever nivå high", "the reason")
        machine.provider.approve(code, "kari", acr=provider.HIGH)
        one.wait("as kari")
        equal(one.end(), 0, "exit status")
        record, = machine.audit(action="account", result="allow",
                                service="su")
        equal(record["acr"], provider.HIGH, "acr")


@test("a step-up that the provider does not answer is no leave to come in")
def step_up_in_an_outage(machine):
    machine.log_in("kari", acr=provider.SUBSTANTIAL)
    with needing(machine, su=HIGH_ONLY):
        machine.provider.fail("device", "status", status=500)
        one = machine.terminal("su", "kari", "-c", "echo as $(id -un)")
        check(one.end() != 0, "let in")
        contains(one.screen(), "ID-tjenesten svarer ikke", "the words")
        lacks(one.screen(), "as kari", "output")
        record, = machine.audit(action="account", result="outage")
        equal(record["reason"], "provider-outage", "reason")


@test("whom a person acts for is in the records of login and session")
def on_behalf_of(machine):
    machine.provider.change("kari", authorization_details=[{
        "type": "ansattporten:orgno",
        "authorized_parties": [{
            "orgno": {"authority": "iso6523-actorid-upis",
                      "ID": "0192:974760673"}, "rights": []}]}])
    machine.log_in("kari")
    for action in ("login", "session-open"):
        record = machine.audit(action=action, result="allow",
                               service="sshd")[0]
        equal(record["on_behalf_of"], "0192:974760673", action)
