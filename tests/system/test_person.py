"""A person is found by the identity number until the subject is known."""

import subprocess

import provider
from suite import check, contains, equal, test


def add_by_number(machine, name, number):
    done = subprocess.run(
        ["portvaktctl", "--json", "account", "add", name, "--pid"],
        input=number + "\n", capture_output=True, text=True, timeout=20,
        check=False)
    equal(done.returncode, 0, f"exit status ({done.stdout}{done.stderr})")


@test("an account made by number: its first login binds the subject, and a "
      "number of another account is another person")
def person_by_number(machine):
    kari = provider.KARI
    machine.ctl("account", "remove", "kari", "--yes")
    try:
        add_by_number(machine, "kari", kari["pid"])
        one = machine.ssh("kari")
        machine.approve(one, "ola")
        check(one.end() != 0, "somebody else was let in")
        contains(one.screen(), "annen person", "the words")
        machine.log_in("kari")
        shown = machine.ctl("account", "show", "kari")["account"]
        equal(shown["subject"], kari["sub"], "subject")
        machine.provider.change("kari", pid=provider.OLA["pid"])
        one = machine.ssh("kari")
        machine.approve(one, "kari")
        check(one.end() != 0, "let in with a number that is not hers")
        contains(one.screen(), "annen person", "the words")
        add_by_number(machine, "per", provider.OLA["pid"])
        one = machine.ssh("kari")
        machine.approve(one, "kari")
        check(one.end() != 0, "let in with the number of per")
        contains(one.screen(), "annen person", "the words")
    finally:
        machine.ctl("account", "remove", "per", "--yes", refused=True)
        machine.ctl("account", "remove", "kari", "--yes", refused=True)
        machine.add_account(kari)
