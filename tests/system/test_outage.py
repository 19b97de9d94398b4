"""The broker is away, or hangs: names still resolve, local people still log
in, and nobody waits for long."""

import contextlib
import time

import terminal
import test_login
import world
from suite import check, contains, equal, lacks, test, within

# On a busy machine everything takes its time; still far from the 3 s that the
# module waits for a broker that hangs, so that one such wait is noticed.
AT_ONCE_S = 2.5


@contextlib.contextmanager
def stopped(machine):
    machine.broker.stop()
    try:
        yield
    finally:
        machine.broker.start()


@contextlib.contextmanager
def frozen(machine):
    machine.broker.freeze()
    try:
        yield
    finally:
        machine.broker.thaw()


AWAY = {"stopped": stopped, "frozen": frozen}


def names_resolve(machine):
    begun = time.monotonic()
    equal(machine.run("id", "-un", "kari").stdout, "kari\n", "id")
    contains(machine.run("getent", "passwd", "kari").stdout, "^kari:",
             "getent passwd")
    equal(machine.groups_of("kari"), ["ko-drift", "ko-kompis"], "groups")
    equal(machine.run("getent", "passwd", "ingen-slik").returncode, 2,
          "getent for nobody")
    within(AT_ONCE_S, begun, "four lookups")


def root_logs_in(machine):
    begun = time.monotonic()
    one = machine.terminal("login")
    one.wait("login:")
    one.type("root")
    one.wait("Password:")
    one.type(world.ROOT_PASSWORD)
    one.shell()
    within(AT_ONCE_S, begun, "login of root")
    begun = time.monotonic()
    one = machine.terminal("su", "-", **machine.as_local())
    one.wait("Password:")
    one.type(world.ROOT_PASSWORD)
    one.shell()
    within(AT_ONCE_S, begun, "su to root")


def kari_is_refused(machine, limit_s):
    begun = time.monotonic()
    one = machine.ssh("kari")
    check(one.end() != 0, "kari was let in")
    within(limit_s, begun, "the refusal")
    contains(one.screen(), "(?i)innlogging", "a sentence on screen")
    lacks(one.screen(), "Password:", "a denied person")


def away(how, limit_s):
    def begin(machine):
        machine.log_in("kari")
        return AWAY[how](machine)

    @test(f"broker {how}: id and getent still answer, at once")
    def lookups(machine):
        with begin(machine):
            names_resolve(machine)

    @test(f"broker {how}: local root logs in at a console and with su")
    def break_glass(machine):
        with AWAY[how](machine):
            root_logs_in(machine)

    @test(f"broker {how}: kari is refused within seconds, with a sentence")
    def kari(machine):
        with AWAY[how](machine):
            kari_is_refused(machine, limit_s)

    @test(f"broker {how}: an SSH key logs in as the image says")
    def ssh_key(machine):
        test_login.authorize_key("kari")
        with begin(machine):
            begun = time.monotonic()
            done = machine.run(*terminal.ssh_command(
                "kari", "id", "-nG", key=True), timeout_s=60)
            equal(done.stdout.strip(), "kari ko-kompis ko-drift", "groups")
            # account, open and close of the session may each wait once
            within(3 * limit_s, begun, "the login")
        machine.ctl("account", "lock", "kari", "--reason", "permisjon")
        try:
            with AWAY[how](machine):
                done = machine.run(*terminal.ssh_command(
                    "kari", "id", "-un", key=True), timeout_s=60)
                equal(done.stdout, "", "output for a locked account")
                check(done.returncode != 0, "a locked account was let in")
        finally:
            machine.ctl("account", "unlock", "kari")

    for function in (lookups, break_glass, kari, ssh_key):
        function.__name__ = f"{how}_{function.__name__}"


# Frozen: the module waits for 3 s. The rest is for ssh on a busy machine.
away("stopped", 8)
away("frozen", 15)


def quick(machine, command):
    begun = time.monotonic()
    done = machine.run(*command)
    within(AT_ONCE_S, begun, " ".join(command))
    return done


@test("sudo -n answers at once instead of waiting for a person")
def sudo_without_a_question(machine):
    one = machine.log_in("kari")
    begun = time.monotonic()
    one.command("sudo -k")
    output = one.command("sudo -n id -un")
    within(AT_ONCE_S, begun, "sudo -n")
    lacks(output, "(?m)^root$", "sudo -n")
    equal(machine.audit(service="sudo", result="allow"), [], "audit")


@test("cron-like calls are answered at once")
def cron(machine):
    done = quick(machine, ["pamtester", "cron", "kari", "authenticate"])
    check(done.returncode != 0, "authenticated without a person")
    done = quick(machine, ["pamtester", "cron", "kari", "acct_mgmt"])
    equal(done.returncode, 0, f"account phase: {done.stdout}{done.stderr}")
    equal(machine.requests("device"), [], "requests for a code")


@test("cron-like calls with the broker stopped")
def cron_stopped(machine):
    with stopped(machine):
        done = quick(machine, ["pamtester", "cron", "kari", "acct_mgmt"])
        equal(done.returncode, 0, f"account phase: {done.stdout}")
        done = quick(machine, ["pamtester", "cron", "kari", "authenticate"])
        check(done.returncode != 0, "authenticated without a broker")


@test("the fetcher is away: an outage, and it comes back by itself")
def fetch_away(machine):
    machine.fetch.kill()
    one = machine.ssh("kari")
    begun = time.monotonic()
    check(one.end() != 0, "kari was let in")
    within(15, begun, "the refusal")
    contains(one.screen(), "ID-tjenesten", "the reason on screen")
    machine.fetch.start()
    machine.log_in("kari")
