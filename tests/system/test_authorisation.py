"""Personal authorisations with real logins: a giver gives as herself, what is
given and withdrawn is in force at once, and the list of any day can be had;
what is missing is explained, other rules are tried before they are in force,
and whoever is locked is put out."""

import contextlib
import json
import os
import pathlib
import time

import machine as machines
import provider
import terminal
import world
from suite import Skipped, check, contains, equal, lacks, test
from test_login import authorize_key

UNITS_CONFIG = "/etc/portvakt/units.conf"

FLYT = """\
service "flyt" {
	title = "FLYT"
	title_en = "FLYT, a test"
	needs_established_unit = true
}
group "ko-flyt" {
	gid = 1900100010
	title = "FLYT"
	title_en = "FLYT, by name"
	basis = "a circular"
}
group "ko-flyt-giver" {
	gid = 1900100011
	title = "FLYT, de som gir"
	title_en = "FLYT, givers"
	basis = "a circular"
}
grant "ko-flyt" {
	reason = "who stands on the list"
	roles_any = { "flyt" }
	level = "high"
	authorised = { "case" }
}
grant "ko-flyt-giver" {
	reason = "regional leaders keep the list"
	roles_any = { "flyt-leder" }
	unit_levels = { "region" }
}
quota "ko-flyt" {
	level = "unit"
	minimum = 1
	maximum = 1
	givers = { "ko-flyt-giver" }
	giver_level = "region"
}
quota "ko-flyt" {
	level = "region"
	minimum = 1
	maximum = 2
	givers = { "administrator" }
	giver_level = "central"
}
"""

UNIT = """\
unit "%s" {
	name = "%s"
	level = "%s"
	%s
	established = { "flyt 2020-01-01" }
}
"""
UNITS = UNIT % ("0001", "KDI", "central", "") + \
    UNIT % ("0300", "Region øst", "region", 'parent = "0001"') + \
    UNIT % ("0321", "Oslo fengsel", "unit", 'parent = "0300"') + \
    UNIT % ("0400", "Region vest", "region", 'parent = "0001"') + \
    UNIT % ("0421", "Bergen fengsel", "unit", 'parent = "0400"')


@contextlib.contextmanager
def listing(machine):
    """Ola leads a region; Kari has the role that the list is about."""
    machine.configure(units_claim='"units"')
    machine.write_rules({**machines.RULES, "flyt.conf": FLYT})
    world.write(UNITS_CONFIG, UNITS)
    machine.ctl("reload")
    machine.provider.change("kari", roles=["kompis-saksbehandler", "flyt"])
    machine.provider.change("ola", roles=["flyt-leder"],
                            claims={"units": ["0300"]})
    try:
        yield
    finally:
        for person in ("kari", "ola"):
            machine.ctl("withdraw", person, "ko-flyt", "--reason", "slutt",
                        refused=True)
        os.unlink(UNITS_CONFIG)
        machine.reconfigure()
        machine.provider.reset()
        for person in ("kari", "ola"):
            machine.log_in(person)


def authorise(person, unit="0321", order=1):
    return ["authorise", person, "ko-flyt", "--unit", unit, "--order",
            str(order), "--kind", "case", "--basis", "vedtak 3",
            "--reason", "ny på vakt"]


def as_herself(one, *arguments, exception=None):
    """Runs portvaktctl --json at somebody's shell: status and answer."""
    words = " ".join(f"'{word}'" for word in arguments)
    if exception:
        words += f" --exception '{exception}'"
    shown = one.command(
        f"/usr/bin/portvaktctl --json {words} 2>/dev/null; echo status $?")
    answer, _, status = shown.rpartition("status ")
    return int(status), json.loads(answer)


def listed(machine, *arguments):
    return [one["person"] for one in machine.ctl(
        "authorised", "ko-flyt", *arguments)["authorisations"]]


@test("a giver authorises as herself: in force at once, and so is withdrawal")
def giver_authorises(machine):
    with listing(machine):
        machine.log_in("kari")
        lacks(" ".join(machine.groups_of("kari")), "ko-flyt", "before")
        giver = machine.log_in("ola")
        equal(machine.groups_of("ola"), ["ko-flyt-giver"], "Ola's groups")
        status, answer = as_herself(giver, *authorise("kari"))
        equal(status, 0, f"authorise: {answer}")
        equal(answer["authorisation"]["given_by"], "ola", "given by")
        check("ko-flyt" in machine.groups_of("kari"), "not in force")
        record, = machine.audit(action="authorise", result="done")
        equal((record["actor"], record["account"]), ("ola", "kari"), "audit")
        status, answer = as_herself(giver, "withdraw", "kari", "ko-flyt",
                                    "--reason", "av vakt")
        equal(status, 0, f"withdraw: {answer}")
        equal(answer["below_minimum"], ["0321"], "units below the minimum")
        check("ko-flyt" not in machine.groups_of("kari"), "still in force")
        kinds = [one["kind"] for one in machine.ctl("notices")["notices"]]
        equal(kinds[-3:], ["authorised", "withdrawn", "below-minimum"],
              "notices")


@test("nobody authorises themself, or where they are no giver; one too many "
      "takes an exception")
def giver_refused(machine):
    with listing(machine):
        machine.log_in("kari")
        giver = machine.log_in("ola")
        for arguments, error in ((authorise("ola"), "self"),
                                 (authorise("kari", "0421"), "other-unit"),
                                 (authorise("kari", "0300"), "not-a-giver"),
                                 (authorise("kari", "0999"), "unit-unknown"),
                                 (authorise("ukjent"), "no-person")):
            status, answer = as_herself(giver, *arguments)
            equal((status, answer["error"]), (1, error), str(arguments))
        status, _ = as_herself(giver, *authorise("kari"))
        equal(status, 0, "within the maximum")
        machine.add_account({"id": "eva", "sub": "s-eva", "name": "Eva"})
        try:
            status, answer = as_herself(giver, *authorise("eva", order=2))
            equal(answer.get("error"), "too-many", "one too many")
            status, answer = as_herself(giver, *authorise("eva", order=2),
                                        exception="avtale 7")
            equal(status, 0, f"with an exception: {answer}")
            equal(listed(machine), ["kari", "eva"], "in order of contact")
        finally:
            machine.ctl("account", "remove", "eva", "--yes")


@test("others ask the broker for nothing, and accounts for what is theirs")
def others_may_not(machine):
    done = machine.run(
        "setpriv", f"--reuid={world.LOCAL_ID}", f"--regid={world.LOCAL_ID}",
        "--clear-groups", "portvaktctl", "--json", "status")
    equal(done.returncode, 4, "a local user's exit code")
    equal(json.loads(done.stdout)["error"], "not-permitted", "error")
    one = machine.log_in("kari")
    for arguments in (("status",), ("account", "list"), ("explain", "kari"),
                      ("lock", "ola", "--reason", "x")):
        status, answer = as_herself(one, *arguments)
        equal((status, answer["error"]), (4, "not-permitted"),
              str(arguments))
    status, answer = as_herself(one, "authorised")
    equal((status, answer["authorisations"]), (0, []), "her own list")


@test("the list of a day, and a CSV file that is read again")
def list_and_file(machine):
    with listing(machine):
        machine.log_in("kari")
        before = int(time.time()) - 1
        machine.ctl(*authorise("kari", "0300"))
        machine.ctl(*authorise("ola", "0300", 2))
        equal(listed(machine), ["kari", "ola"], "the list")
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(before))
        equal(listed(machine, "--as-of", stamp), [], "before")
        exported = machine.run("portvaktctl", "authorised", "ko-flyt",
                               "--csv", check=True).stdout
        path = machine.directory / "authorised.csv"
        path.write_text(exported)
        time.sleep(1.1) # what was withdrawn has an end before the next begins
        given = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        time.sleep(1.1)
        for person in ("kari", "ola"):
            machine.ctl("withdraw", person, "ko-flyt", "--reason", "flyttet")
        equal(listed(machine), [], "after the withdrawal")
        equal(listed(machine, "--as-of", given), ["kari", "ola"], "as of then")
        check("ko-flyt" not in machine.groups_of("kari"), "still in force")
        done = machine.run("portvaktctl", "--json", "authorised", "import",
                           str(path))
        equal(json.loads(done.stdout).get("imported"), 2, done.stdout)
        again = machine.run("portvaktctl", "authorised", "ko-flyt", "--csv",
                            check=True).stdout

        def without_times(text):
            return [line.split(",")[:8] for line in text.splitlines()]

        equal(without_times(again), without_times(exported), "the file")
        check("ko-flyt" in machine.groups_of("kari"), "not in force")


@test("explain says what is missing, and who has authorised")
def explain(machine):
    with listing(machine):
        machine.log_in("kari", acr=provider.SUBSTANTIAL)
        decision, = machine.ctl("explain", "kari", "ko-flyt")["decisions"]
        equal((decision["granted"], decision["condition"]), (False, "level"),
              "at a lower level")
        decision, = machine.ctl("explain", "kari", "ko-flyt", "--with",
                                "level=high")["decisions"]
        equal(decision["condition"], "authorisation", "at a higher one")
        machine.ctl(*authorise("kari", "0300"))
        machine.log_in("kari")
        text = machine.run("portvaktctl", "explain", "kari", "ko-flyt",
                           check=True).stdout
        for pattern in (r"granted +yes", r"authorised by +administrator",
                        r"on the basis of +vedtak 3", r"unit +0300",
                        r"rule +/etc/portvakt/access.d/flyt.conf:\d+"):
            contains(text, pattern, "explain")
        check(max(map(len, text.splitlines())) <= 80, f"too wide:\n{text}")
        table = machine.run("portvaktctl", "explain", "kari",
                            check=True).stdout
        contains(table, r"ko-flyt +yes", "the table")
        # Of the past, by the rules of then.
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        time.sleep(1.1)
        machine.ctl("withdraw", "kari", "ko-flyt", "--reason", "slutt")
        decision, = machine.ctl("explain", "kari", "ko-flyt", "--as-of",
                                stamp)["decisions"]
        check(decision["granted"], f"as of {stamp}: {decision}")


@test("rules are tried before they are in force")
def simulate(machine):
    machine.log_in("kari")
    directory = machine.directory / "rules"
    directory.mkdir()
    for name, text in machines.RULES.items():
        (directory / name).write_text(text)
    equal(machine.ctl("simulate", "--rules", str(directory))["changes"], [],
          "the same rules")
    (directory / "kompis.conf").write_text(
        machines.RULES["kompis.conf"].replace("kompis-saksbehandler", "x"))
    change, = [one for one in machine.ctl(
        "simulate", "--rules", str(directory))["changes"]
        if one["account"] == "kari"]
    equal((change["group"], change["gains"], change["because"]["condition"]),
          ("ko-kompis", False, "role"), "what would be lost")
    check("ko-kompis" in machine.groups_of("kari"), "it was lost")
    (directory / "kompis.conf").write_text("nonsense = 1\n")
    done = machine.run("portvaktctl", "--json", "simulate", "--rules",
                       str(directory))
    equal(done.returncode, 1, "exit code")
    contains(json.loads(done.stdout)["text"], r"kompis\.conf:1",
             "file and line")


def processes_of(uid):
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            text = path.read_text()
        except OSError:
            continue
        if f"\nUid:\t{uid}\t" in text and "\nState:\tZ" not in text:
            found.append(int(path.parent.name))
    return found


@test("lock --end-sessions ends a session that came in with an SSH key")
def end_sessions(machine):
    authorize_key("kari")
    uid = machine.ctl("account", "show", "kari")["account"]["uid"]
    one = machine.terminal(*terminal.ssh_command("kari", key=True))
    one.shell()
    # Something that does not listen, and outlives the terminal.
    one.command("(trap '' TERM HUP; setsid sleep 600 & disown) "
                ">/dev/null 2>&1 </dev/null; true")
    other = machine.log_in("ola")
    check(len(processes_of(uid)) >= 3, f"processes: {processes_of(uid)}")
    try:
        ended = machine.ctl("lock", "kari", "--reason", "mistanke",
                            "--end-sessions")["ended"]
        check(ended["processes"] >= 2, f"ended: {ended}")
        check(ended["killed"] >= 1, f"by force: {ended}")
        equal(processes_of(uid), [], "what is left")
        check(one.end() != 0, "the session ended well")
        record, = machine.audit(action="account-lock", result="done")
        contains(record["detail"], "mistanke.*sessions are ended", "audit")
        equal(other.command("id -un"), "ola", "another session")
    finally:
        machine.ctl("account", "unlock", "kari")


def set_login_uid(uid):
    try:
        pathlib.Path("/proc/self/loginuid").write_text(str(uid))
    except OSError:
        os._exit(77)


@test("root who came from an account answers by its name")
def root_behind(machine):
    uid = machine.ctl("account", "show", "kari")["account"]["uid"]
    done = machine.run("portvaktctl", "--json", "account", "lock", "ola",
                       "--reason", "prøve",
                       preexec_fn=lambda: set_login_uid(uid))
    if done.returncode == 77:
        raise Skipped("no login uid can be set here")
    try:
        record, = machine.audit(action="account-lock")
        equal((record["result"], record["actor"]), ("done", "kari (root)"),
              "audit")
    finally:
        machine.ctl("account", "unlock", "ola")
