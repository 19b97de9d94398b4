#!/usr/bin/python3
"""What a login costs on top of the person and the provider, and what a fleet
costs the broker. Root only; in a private world, like the system tests.

	login.py --install-root DIR --instrument PROGRAM [--logins N]
	         [--accounts N]

DIR is what `make DESTDIR=DIR install` of a build with --prefix=/usr made, and
PROGRAM is tests/bench/login of that build.
"""

import argparse
import contextlib
import os
import pathlib
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "system"))

import machine
import provider

REGISTER = "/var/lib/portvakt/register.db"
GROUPS = 20
FIRST_GID = 1900000000


def parse(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--install-root", required=True)
    parser.add_argument("--instrument", required=True)
    parser.add_argument("--logins", type=int, default=20)
    parser.add_argument("--accounts", type=int, default=100000)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def answered(under_test, endpoint):
    """The provider's note of its good answer, written a moment later."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        good = [entry for entry in under_test.requests(endpoint)
                if entry["status"] == 200]
        if good:
            return good[-1]
        time.sleep(0.01)
    raise SystemExit(f"the provider noted no answer of {endpoint}")


def timed_login(under_test, instrument, confdir):
    """One login: milliseconds from call to text and from token to end, each
    without the provider's own time."""
    under_test.begin("bench")
    notes = {}
    with subprocess.Popen([instrument, confdir, "login", "kari"], text=True,
                          stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            at_ms, what, more = line.rstrip("\n").split(" ", 2)
            notes[what] = float(at_ms)
            if what == "text":
                under_test.provider.approve(more, "kari",
                                            acr=provider.HIGH)
            if what == "end" and more != "in":
                raise SystemExit(f"the login ended with: {more}")
    device = answered(under_test, "device")
    token = answered(under_test, "token")
    return (notes["text"] - notes["call"] - device["took_ms"],
            notes["end"] - token["sent_at_ms"])


def write_service(directory):
    confdir = directory / "bench-pam.d"
    confdir.mkdir()
    (confdir / "login").write_text("auth required pam_portvakt.so\n")
    return str(confdir)


def spread(name, values):
    values = sorted(values)
    print(f"| {name} | {values[0]:.1f} | {statistics.median(values):.1f} "
          f"| {values[-1]:.1f} |", flush=True)


def bench_logins(under_test, arguments):
    confdir = write_service(under_test.directory)
    timed_login(under_test, arguments.instrument, confdir)  # warms up
    pairs = [timed_login(under_test, arguments.instrument, confdir)
             for _ in range(arguments.logins)]
    print(f"{arguments.logins} logins, milliseconds on top of the provider's "
          "own\n\n| | least | median | most |\n|---|---|---|---|")
    spread("PAM call to the code on screen", [first for first, _ in pairs])
    spread("token sent to PAM success", [last for _, last in pairs])


def evidence_of_kari(under_test):
    """The record that a login leaves, of a person with every role."""
    under_test.provider.change(
        "kari", roles=[f"fleet-{i}" for i in range(GROUPS)])
    under_test.log_in("kari")
    with contextlib.closing(sqlite3.connect(REGISTER)) as database:
        return database.execute(
            "SELECT evidence FROM login ORDER BY id DESC").fetchone()[0]


def fill(count, issuer, evidence):
    """A fleet, written past the broker: it is stopped. Everybody has logged
    in like kari, and nothing is decided yet."""
    database = sqlite3.connect(REGISTER)
    first = database.execute("SELECT next_uid FROM allocation").fetchone()[0]
    with database:
        for i in range(count):
            row = database.execute(
                "INSERT INTO account (name, uid, gecos, home, shell, issuer,"
                " subject, created_at_s) VALUES (?, ?, '', ?, '/bin/bash', ?,"
                " ?, 1)", (f"user{i:06}", first + i, f"/home/user{i:06}",
                           issuer, f"fleet-{i}"))
            database.execute(
                "INSERT INTO login (account_id, at_s, evidence)"
                " VALUES (?, 1, ?)", (row.lastrowid, evidence))
        database.execute("UPDATE allocation SET next_uid = ?",
                         (first + count,))
    database.close()


def rules():
    """A service of as many groups, each for a role of its own."""
    title = 'title = "x" title_en = "x"'
    return f'service "fleet" {{ {title} }}\n' + "".join(
        f'group "ko-{i}" {{ gid = {FIRST_GID + i} {title} basis = "x" }}\n'
        f'grant "ko-{i}" {{ reason = "x" roles_any = {{ "fleet-{i}" }} }}\n'
        for i in range(GROUPS))


def peak_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def published_ms(under_test):
    """From readiness to the first answer, which comes after publishing."""
    under_test.broker.start()
    begun = time.monotonic()
    under_test.ctl("status")
    return (time.monotonic() - begun) * 1e3


def bench_fleet(under_test, count):
    broker = under_test.broker
    broker.stop()
    broker.start()
    print(f"\nportvaktd with 2 accounts: ready after {broker.start_s * 1e3:.0f}"
          " ms")
    under_test.write_rules({"fleet.conf": rules()})
    under_test.ctl("reload")
    evidence = evidence_of_kari(under_test)
    broker.stop()
    fill(count, under_test.provider.issuer, evidence)
    first_ms = published_ms(under_test)
    broker.stop()
    again_ms = published_ms(under_test)
    members = len(under_test.run("getent", "group", "ko-0",
                                 check=True).stdout.split(","))
    print(f"portvaktd with {count} accounts in {GROUPS} groups each: ready "
          f"after {broker.start_s * 1e3:.0f} ms; everybody decided, written "
          f"and published {first_ms:.0f} ms later, and {again_ms:.0f} ms "
          "after the next start, when nothing has changed; peak memory "
          f"{peak_mib(broker.process.pid):.0f} MiB; ko-0 has {members} members")


def inside(arguments):
    directory = pathlib.Path(arguments.inside)
    under_test = machine.Machine(directory,
                                 pathlib.Path(arguments.install_root))
    under_test.build()
    under_test.start()
    try:
        bench_logins(under_test, arguments)
        bench_fleet(under_test, arguments.accounts)
    finally:
        under_test.stop()


def main():
    arguments = parse(sys.argv[1:])
    if arguments.inside:
        inside(arguments)
        return
    with tempfile.TemporaryDirectory(prefix="portvakt-bench.") as logs:
        os.chmod(logs, 0o755)
        subprocess.run(
            [sys.executable, TOP / "tests" / "system" / "enter.py", "--",
             sys.executable, __file__, "--inside", logs,
             "--install-root", os.path.abspath(arguments.install_root),
             "--instrument", os.path.abspath(arguments.instrument),
             "--logins", str(arguments.logins),
             "--accounts", str(arguments.accounts)], check=True)


if __name__ == "__main__":
    main()
