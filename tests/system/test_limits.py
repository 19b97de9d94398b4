"""What others take away: descriptors, room for logins, the audit's disk."""

import contextlib
import os
import pathlib
import re
import socket
import subprocess
import sys
import time

import machine as machines
import services
import world
from suite import check, contains, equal, test

LOGIN_SOCKET = "/run/portvakt/login.sock"

# LOGINS_OF_OTHERS_MAX in broker/login/login.h
OTHERS_MAX = 32

# Opens connections that say nothing, tells how many of them stay open, and
# keeps them until its standard input ends.
CROWD = """
import select, socket, sys, time
crowd = []
for _ in range(int(sys.argv[1])):
    one = socket.socket(socket.AF_UNIX)
    one.connect(sys.argv[2])
    crowd.append(one)
time.sleep(0.5)
closed = select.select(crowd, [], [], 0)[0]
print(len(crowd) - len(closed), flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def crowd(size):
    """Connections of a local user; yields how many the broker keeps."""
    process = subprocess.Popen(
        [sys.executable, "-c", CROWD, str(size), LOGIN_SOCKET],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        user=world.LOCAL_ID, group=world.LOCAL_ID, extra_groups=[])
    try:
        yield int(process.stdout.readline())
    finally:
        process.communicate()


# LOGINS_OF_OTHERS_BURST
OTHERS_BURST = 40


@test("a local user cannot flood the audit, nor the provider with codes")
def flooded(machine):
    before = len(machine.audit())
    flood = """
import os, socket, sys
os.setuid(%d)
facts = b"".join(
    len(text).to_bytes(4, "big") + text
    for text in (b"sshd", b"kari", b"", b"203.0.113.66", b""))
for number in range(500):
    # Every other one says that it has a token.
    body = bytes((1, 2, 1, number %% 2)) + facts
    one = socket.socket(socket.AF_UNIX)
    one.connect(sys.argv[1])
    try:
        one.sendall(len(body).to_bytes(4, "big") + body)
        one.recv(4096)
    except OSError:
        pass
    one.close()
""" % world.LOCAL_ID
    machine.run(sys.executable, "-c", flood, LOGIN_SOCKET, check=True)
    records = machine.audit(account="kari")
    check(len(records) > 0, "nothing is recorded")
    check(len(machine.audit()) - before < OTHERS_BURST + 10,
          f"{len(machine.audit()) - before} records")
    for record in records:
        equal(record["reason"], "peer-not-entitled", "reason")
        equal(record["peer"], f"uid {world.LOCAL_ID}", "who asked")
        check("rhost" not in record, "a claim of a stranger is recorded")
    equal(machine.requests("device"), [], "codes at the provider")
    machine.log_in("kari").close()
    machine.restart_broker()  # others have room again


@test("connections of local users cannot crowd out root's programs")
def crowded(machine):
    with crowd(OTHERS_MAX + 20) as kept:
        equal(kept, OTHERS_MAX, "connections that are kept")
        equal(machine.ctl("status")["logins"], OTHERS_MAX, "logins")
        machine.log_in("kari").close()
    services.wait_for(lambda: machine.ctl("status")["logins"] == 0,
                      "the crowd to leave")
    with crowd(5) as kept:
        equal(kept, 5, "connections that are kept when there is room")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def processor_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")


def limit_descriptors(machine, pid, limit):
    """The broker's own user may, and root in a container may not."""
    machine.run("prlimit", "--pid", str(pid), f"--nofile={limit}:",
                check=True, user=world.BROKER_ID, group=world.BROKER_ID,
                extra_groups=[])


@contextlib.contextmanager
def scarce_descriptors(machine, pid, spare):
    usual = int(re.search(r"(?m)^Max open files +(\d+)", pathlib.Path(
        f"/proc/{pid}/limits").read_text()).group(1))
    limit_descriptors(machine, pid, descriptors(pid) + spare)
    try:
        yield
    finally:
        limit_descriptors(machine, pid, usual)


@test("out of descriptors: accepting pauses, and goes on by itself")
def no_descriptors(machine):
    machine.log_in("kari").close()
    pid = machine.broker.process.pid
    with contextlib.ExitStack() as clients:
        with scarce_descriptors(machine, pid, 2):
            before, spent = descriptors(pid), processor_s(pid)
            for _ in range(6):
                one = clients.enter_context(socket.socket(socket.AF_UNIX))
                one.connect(LOGIN_SOCKET)
            services.wait_for(lambda: descriptors(pid) == before + 2,
                              "the last descriptor")
            time.sleep(1)
            spent = processor_s(pid) - spent
            check(spent < 0.5, f"the broker span: {spent} s of processor")
        services.wait_for(lambda: machine.ctl("status")["logins"] == 6,
                          "those who waited to be let in", 3)
    machine.log_in("kari")


@contextlib.contextmanager
def no_journal(machine):
    path = "/run/systemd/journal/socket"
    os.rename(path, path + ".away")
    try:
        yield
    finally:
        os.rename(path + ".away", path)


@contextlib.contextmanager
def full_disk(machine):
    """The audit file is opened anew on a file system without room."""
    log = pathlib.Path(machines.AUDIT).parent
    world.mount("tmpfs", log, "tmpfs", "size=64k,mode=0750")
    try:
        os.chown(log, world.BROKER_ID, world.BROKER_ID)
        with contextlib.suppress(OSError):
            with open(log / "filler", "wb", buffering=0) as filler:
                while filler.write(bytes(4096)):
                    pass
        machine.broker.reload()
        machine.audit_mark = 0
        yield
    finally:
        machine.run("umount", "-l", str(log), check=True)
        machine.broker.reload()


def approved(machine):
    one = machine.ssh("kari")
    machine.approve(one)
    return one


@test("a login that cannot be recorded is refused as an outage")
def unrecorded(machine):
    with full_disk(machine), no_journal(machine):
        one = approved(machine)
        check(one.end() != 0, "a login without a record was let in")
        contains(one.screen(), "ID-tjenesten svarer ikke", "the reason")
        equal(machine.audit(), [], "records")
    machine.log_in("kari")


@test("a full disk alone keeps nobody out: the journal has the record")
def recorded_in_journal(machine):
    with full_disk(machine):
        seen = len(machine.journal.received)
        approved(machine).shell()
        records = b"".join(machine.journal.received[seen:])
        check(b"PORTVAKT_ACTION=login\n" in records and
              b"PORTVAKT_RESULT=allow\n" in records, "no record")
