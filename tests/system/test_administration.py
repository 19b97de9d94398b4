"""What an administrator does: configuration, checks, accounts."""

import json
import os
import pathlib
import re

import machine as machines
import services
import world
from suite import check, contains, equal, test


def rewrite(change):
    path = pathlib.Path(machines.CONFIG)
    path.write_text(change(path.read_text()))


@test("status says what runs and whether the issuer answers")
def status(machine):
    machine.log_in("kari")
    found = machine.ctl("status")
    equal(found["issuers"][0]["url"], machine.provider.issuer, "issuer")
    check(found["issuers"][0]["reachable"], "the issuer is not reachable")
    check(found["accounts"] >= 2, "accounts")


@test("a wrong configuration is refused with file and line, the old one stays")
def wrong_configuration(machine):
    rewrite(lambda text: text.replace("scope =", "skope ="))
    try:
        done = machine.run("portvaktctl", "--json", "reload")
        check(done.returncode != 0, "a wrong configuration was taken")
        answer = json.loads(done.stdout)
        equal(answer["error"], "config-invalid", "error")
        contains(answer["text"], r"portvakt\.conf:\d+", "file and line")
        contains(answer["text"], "skope", "the unknown option")
        machine.log_in("kari")
    finally:
        machine.reconfigure()


def reload_refused(machine, name, *patterns):
    """ko-drift under another name is refused, and leaves all as is."""
    rules = machines.RULES["drift.conf"].replace('"ko-drift"', f'"{name}"')
    machine.write_rules({**machines.RULES, "drift.conf": rules})
    try:
        done = machine.run("portvaktctl", "--json", "reload")
        check(done.returncode != 0, "it was taken")
        text = json.loads(done.stdout)["text"]
        for pattern in (r"access\.d/drift\.conf:5", *patterns):
            contains(text, pattern, "the reason")
    finally:
        machine.reconfigure()


@test("a gid that was another group's is refused: its members would be in")
def gid_used_twice(machine):
    machine.log_in("kari")
    reload_refused(machine, "ko-gradert", "1900100002", "ko-drift",
                   "never used twice")
    done = machine.run("getent", "group", "ko-gradert")
    check(done.returncode != 0, "the group is there")


@test("one name is a group or an account, never both")
def one_name(machine):
    answer = machine.ctl("account", "add", "ko-drift", "somebody",
                         refused=True)
    equal(answer["error"], "name-taken", "an account named like a group")
    reload_refused(machine, "kari", "kari", "private group")
    machine.log_in("kari")


@test("a local user of the same name wins, and status counts what is left out")
def local_double(machine):
    passwd = pathlib.Path("/etc/passwd")
    before = passwd.read_text()
    added = pathlib.Path("/etc/passwd.new")
    added.write_text(before + "ola:x:4711:4711::/home/ola:/bin/sh\n")
    added.rename(passwd)
    try:
        services.wait_for(lambda: machine.ctl("status")["left_out"] == 1,
                          "the image without ola")
        line = machine.run("getent", "passwd", "2000000001").stdout
        equal(line, "", "ola by our uid")
        contains(machine.run("id", "ola").stdout, "4711", "the local ola")
        contains(machine.run("portvaktctl", "check").stdout,
                 "not published", "what check says")
    finally:
        added.write_text(before)
        added.rename(passwd)
    services.wait_for(lambda: machine.ctl("status")["left_out"] == 0,
                      "the image with ola")


@test("a client key that others can read is refused, with the remedy")
def readable_key(machine):
    os.chmod("/etc/portvakt/client.pem", 0o644)
    try:
        done = machine.run("portvaktctl", "--json", "reload")
        check(done.returncode != 0, "a readable key was taken")
        contains(done.stdout, "client.pem", "the file")
        contains(done.stdout, "chmod|0?6[04]0", "the remedy")
    finally:
        machine.reconfigure()


@test("not configured: nobody in, and it says misconfigured")
def not_configured(machine):
    machine.broker.stop()
    os.unlink(machines.CONFIG)
    try:
        machine.broker.start()
        one = machine.ssh("kari")
        check(one.end() != 0, "kari was let in")
        contains(one.screen(), "riktig satt opp", "the reason on screen")
        check(machine.audit(action="login", result="misconfigured"),
              "no audit record")
    finally:
        machine.configure()
        machine.restart_broker()


@test("a name or subject that is taken, or local, is refused by name")
def refused_accounts(machine):
    for arguments, error in (
            (("kari", "new-subject"), "name-taken"),
            (("ny", "3f1e9a52-kari"), "subject-taken"),
            (("root", "new-subject"), "name-local"),
            (("lokal", "new-subject"), "name-local"),
            (("../etc", "new-subject"), "name-invalid"),
            (("ny", "new-subject", "--uid", "999"), "id-refused"),
            (("ny", "new-subject", "--uid", "1000"), "id-refused")):
        answer = machine.ctl("account", "add", *arguments, refused=True)
        equal(answer.get("error"), error, f"account add {arguments}")


@test("an import is all or nothing, and names the row that is wrong")
def import_accounts(machine):
    path = machine.directory / "people.csv"
    rows = ["name,subject,gecos", "per,subject-per,Per",
            "kari,subject-x,Kari"]
    path.write_text("\n".join(rows) + "\n")
    done = machine.run("portvaktctl", "--json", "import", str(path))
    check(done.returncode != 0, "a wrong import was taken")
    answer = json.loads(done.stdout)
    equal(answer["error"], "name-taken", "error")
    contains(answer["text"], r"people\.csv: line 3\b", "the row")
    equal(machine.run("getent", "passwd", "per").stdout, "", "per")
    path.write_text("\n".join(rows[:2]) + "\n")
    machine.run("portvaktctl", "--json", "import", str(path), check=True)
    contains(machine.run("getent", "passwd", "per").stdout, "^per:", "per")
    machine.ctl("account", "remove", "per", "--yes")


@test("with systemd's sockets: started by root, where it cannot write")
def socket_activation(machine):
    machine.broker.stop()
    activated = services.ActivatedBroker(machine.install_root,
                                         machine.log("broker-activated"))
    activated.start()
    try:
        machine.log_in("kari")
        check(machine.ctl("status")["accounts"] >= 2, "accounts")
    finally:
        equal(activated.stop(), 0, "exit status")
        machine.broker.start()


@test("only root may administer")
def only_root(machine):
    done = machine.run("setpriv", "--reuid", str(world.LOCAL_ID), "--regid",
                       str(world.LOCAL_ID), "--clear-groups", "portvaktctl",
                       "--json", "account", "lock", "kari", "--reason", "x")
    check(done.returncode != 0, "a local user locked an account")
    check(not machine.ctl("account", "show", "kari")["account"]["locked"],
          "kari is locked")


@test("check says how far the clocks are apart, and what to do")
def clocks(machine):
    def found():
        checks = json.loads(machine.run("portvaktctl", "--json",
                                        "check").stdout)["checks"]
        return [one for one in checks if one["check"] == "clock"]

    equal([one["level"] for one in found()], ["ok"], "clock")
    for offset_s, level in ((-30, "warning"), (300, "fault")):
        machine.provider.settings(clock_offset_s=offset_s)
        one, = found()
        equal(one["level"], level, f"clock {offset_s} s off")
        seconds = int(re.search(r"are (\d+) seconds apart", one["text"])[1])
        check(abs(seconds - abs(offset_s)) <= 2, one["text"])
        contains(one["remedy"], "timedatectl set-ntp true", "remedy")


@test("check names each fault and its remedy")
def check_command(machine):
    done = machine.run("portvaktctl", "check")
    equal(done.returncode, 0, f"check on a good machine:\n{done.stdout}"
                              f"{done.stderr}")
    machine.fetch.stop()
    machine.fetch.start()
    done = machine.run("portvaktctl", "check")
    equal(done.returncode, 0, f"check after portvakt-fetch started anew:\n"
                              f"{done.stdout}{done.stderr}")
    passwd = pathlib.Path("/etc/passwd")
    good = passwd.read_text()
    # A broker that runs takes kari out of the image at once.
    machine.broker.stop()
    passwd.write_text(good + "kari:x:1234:1234::/home/kari:/bin/sh\n")
    try:
        done = machine.run("portvaktctl", "check")
        check(done.returncode != 0, "a local kari passed")
        contains(done.stdout, "the user kari has a name of ours", "check")
        contains(done.stdout, "usermod -l", "the remedy")
    finally:
        passwd.write_text(good)
        machine.broker.start()
    nsswitch = pathlib.Path("/etc/nsswitch.conf")
    good = nsswitch.read_text()
    nsswitch.write_text(good.replace("portvakt", ""))
    try:
        done = machine.run("portvaktctl", "check")
        check(done.returncode != 0, "a missing nsswitch line passed")
        contains(done.stdout, r"(?m)^fault +nsswitch: /etc/nsswitch\.conf:1: "
                              "passwd does not ask portvakt", "the fault")
        contains(done.stdout, "Write: passwd: files portvakt", "the remedy")
    finally:
        nsswitch.write_text(good)
    machine.provider.service.stop()
    try:
        done = machine.run("portvaktctl", "check", timeout_s=40)
        check(done.returncode != 0, "an unreachable issuer passed")
        contains(done.stdout, r"(?m)^fault +issuer: https://\S+ cannot be "
                              "used", "the fault")
        contains(done.stdout, r"Look at the network", "the remedy")
    finally:
        machine.provider.service.start()
