"""Rules of access: in force together or not at all, and kept true by the
clock, without a login."""

import json
import time

import machine as machines
import services
from suite import check, contains, equal, test

ARCHIVE = """\
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
	roles_any = { "kompis-saksbehandler" }
%s
}
"""


def groups_of(machine, person="kari"):
    return machine.run("id", "-nG", person).stdout.split()


def put_archive(machine, condition=""):
    machine.write_rules({**machines.RULES,
                         "arkiv.conf": ARCHIVE % condition})
    machine.ctl("reload")


@test("a changed rule gives and takes groups without a login")
def rule_change(machine):
    machine.log_in("kari")
    check("ko-arkiv" not in groups_of(machine), "before the rule")
    put_archive(machine)
    check("ko-arkiv" in groups_of(machine), "with the rule")
    put_archive(machine, '\tlevel = "high"\n\troles_all = { "arkivar" }')
    check("ko-arkiv" not in groups_of(machine), "with a stricter rule")
    put_archive(machine)
    check("ko-arkiv" in groups_of(machine), "with the rule again")
    machine.reconfigure()
    check("ko-arkiv" not in groups_of(machine), "without the rule")
    records = machine.audit(action="memberships", account="kari")
    equal([(record["reason"], record["detail"]) for record in records],
          [("rules", f"{how}: ko-arkiv")
           for how in ("given", "taken", "given", "taken")], "the records")


@test("a membership that depends on age ends by itself, within seconds")
def membership_ends(machine):
    put_archive(machine, '\tmax_age = "6s"')
    machine.log_in("kari")
    check("ko-arkiv" in groups_of(machine), "after the login")
    check("ko-kompis" in groups_of(machine), "what has no end")
    services.wait_for(lambda: "ko-arkiv" not in groups_of(machine),
                      "the end of the membership", 10)
    check("ko-kompis" in groups_of(machine), "what has no end stays")
    records = machine.audit(action="memberships", account="kari")
    equal([record["detail"] for record in records if
           record["reason"] == "time"], ["taken: ko-arkiv"], "the records")
    machine.reconfigure()


@test("a membership that begins later begins by itself")
def membership_begins(machine):
    machine.log_in("kari")
    begins = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 4))
    put_archive(machine, f'\tvalid_from = "{begins}"')
    check("ko-arkiv" not in groups_of(machine), "before its time")
    services.wait_for(lambda: "ko-arkiv" in groups_of(machine),
                      "the beginning of the membership", 8)
    machine.reconfigure()


@test("a login of a lower level takes the groups of the higher one along")
def lower_level(machine):
    machine.log_in("kari")
    check("ko-drift" in groups_of(machine), "at the high level")
    machine.provider.change("kari", acr="idporten-loa-substantial")
    machine.log_in("kari")
    check("ko-drift" not in groups_of(machine), "at the lower one")
    check("ko-kompis" in groups_of(machine), "what asks for less stays")
    record = machine.audit(action="login", result="allow")[-1]
    contains(record["detail"], "withheld: ko-drift: level", "the record")


@test("a locked account is in no group of anybody's list")
def locked(machine):
    machine.log_in("kari")
    machine.ctl("account", "lock", "kari", "--reason", "permisjon")
    try:
        members = machine.run("getent", "group", "ko-kompis").stdout
        check("kari" not in members, f"listed: {members}")
        done = machine.run("pamtester", "cron", "kari", "acct_mgmt")
        check(done.returncode != 0, "cron may run her jobs")
        record = machine.audit(action="account", service="cron")[-1]
        equal(record["reason"], "account-locked", "the reason")
    finally:
        machine.ctl("account", "unlock", "kari")
    check("ko-kompis" in groups_of(machine), "back with the account")


BAD_RULES = (
    ("level = \"hoyest\"", r"arkiv\.conf:\d+.*hoyest"),
    ("colour = \"red\"", r"arkiv\.conf:\d+.*colour"),
    ("issuer = { \"nobody\" }", r"arkiv\.conf:\d+.*nobody"),
    ("units = { \"9999\" }", r"arkiv\.conf:\d+.*write units\.conf"),
)


@test("bad rules are refused with file and line, the old ones stay in force")
def bad_rules(machine):
    put_archive(machine)
    machine.log_in("kari")
    for condition, pattern in BAD_RULES:
        machine.write_rules({**machines.RULES,
                             "arkiv.conf": ARCHIVE % f"\t{condition}"})
        done = machine.run("portvaktctl", "--json", "reload")
        check(done.returncode != 0, f"taken: {condition}")
        contains(json.loads(done.stdout)["text"], pattern, condition)
        check("ko-arkiv" in groups_of(machine), "the old rules are gone")
    machine.reconfigure()


def restart_without_rules(machine):
    with open(machines.CONFIG, "a", encoding="utf-8") as config:
        config.write("skrivefeil = 1\n")
    machine.restart_broker()
    check(machine.ctl("status")["config"]["error"],
          "the configuration is good")


@test("without rules a lock takes the groups, and what has no end stays")
def lock_without_rules(machine):
    machine.log_in("kari")
    restart_without_rules(machine)
    check("ko-kompis" in groups_of(machine), "what was decided last")
    machine.ctl("account", "lock", "kari", "--reason", "permisjon")
    try:
        equal(groups_of(machine), ["kari"], "of the locked account")
        check(machine.audit(action="account-lock", account="kari"), "record")
    finally:
        machine.ctl("account", "unlock", "kari")
    machine.reconfigure()
    check("ko-kompis" in groups_of(machine), "with the rules again")


@test("without rules a membership ends at its time all the same")
def end_without_rules(machine):
    put_archive(machine, '\tmax_age = "3s"')
    machine.log_in("kari")
    check("ko-arkiv" in groups_of(machine), "after the login")
    restart_without_rules(machine)
    services.wait_for(lambda: "ko-arkiv" not in groups_of(machine),
                      "the end of the membership", 8)
    contains(machine.audit(action="memberships")[-1]["detail"],
             "taken:.* ko-arkiv", "the record")
    machine.reconfigure()
    check("ko-kompis" in groups_of(machine), "with the rules again")


@test("a broker that starts decides anew what the clock has ended meanwhile")
def ended_while_stopped(machine):
    put_archive(machine, '\tmax_age = "3s"')
    machine.log_in("kari")
    check("ko-arkiv" in groups_of(machine), "after the login")
    machine.broker.stop()
    time.sleep(3)
    check("ko-arkiv" in groups_of(machine), "the image of a stopped broker")
    machine.broker.start()
    services.wait_for(lambda: "ko-arkiv" not in groups_of(machine),
                      "the membership's end")
    machine.reconfigure()
    equal(groups_of(machine)[0], "kari", "the private group")


@test("portvaktd --check reads the rules as well as the configuration")
def checked(machine):
    done = machine.run("portvaktd", "--check")
    equal((done.returncode, done.stderr), (0, ""), "good ones")
    try:
        for condition, pattern in BAD_RULES:
            machine.write_rules({**machines.RULES,
                                 "arkiv.conf": ARCHIVE % f"\t{condition}"})
            done = machine.run("portvaktd", "--check")
            equal(done.returncode, 1, f"exit status for {condition}")
            contains(done.stderr, pattern, condition)
        found = [one for one in machine.ctl("check", refused=True)["checks"]
                 if one["check"] == "configuration"]
        equal([one["level"] for one in found], ["fault"], "the check")
        contains(found[0]["text"], BAD_RULES[-1][1], "the check")
        machine.configure(needs={"sudo": 'groups = { "ko-ukjent" }'})
        done = machine.run("portvaktd", "--check")
        equal(done.returncode, 1, "exit status for a group of a pam section")
        contains(done.stderr, r"portvakt\.conf:\d+.*ko-ukjent", "the group")
    finally:
        machine.reconfigure()
