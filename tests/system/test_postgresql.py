"""PostgreSQL as doc/examples/postgresql has it: a person's access token is the
password, which PAM brings to the broker."""

import contextlib
import glob
import os
import pathlib
import subprocess

import adapters
import provider
import services
import world
from suite import Skipped, check, contains, equal, lacks, test

HOST = "db.example.no"
CLAIMS = {"aud": f"https://{HOST}"}
TOP = "/run/postgresql"
DATA = f"{TOP}/data"
SETTINGS = f"""\
listen_addresses = '127.0.0.1'
unix_socket_directories = '{TOP}'
ssl = on
ssl_cert_file = '{TOP}/server.pem'
ssl_key_file = '{TOP}/server.key'
log_connections = on
fsync = off
"""


def program(name):
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    if not found:
        raise Skipped("postgresql is not installed")
    return found[-1]


def as_postgres(*command, check_status=True):
    return subprocess.run(
        command, check=check_status, capture_output=True, text=True,
        timeout=60, cwd="/", user=world.POSTGRES_ID, group=world.POSTGRES_ID,
        extra_groups=[], env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})


def administer(statement):
    """As the administrator does, who needs no token."""
    return as_postgres(program("psql"), "-h", TOP, "-U", "postgres", "-Atc",
                       statement).stdout.strip()


class Database:
    """What a client sees."""

    def __init__(self, ca_file):
        self.ca_file = ca_file

    def connect(self, user, token, sslmode="verify-full"):
        """Who it is there, or None, and what was said."""
        done = subprocess.run(
            [program("psql"), "-Atc", "SELECT current_user",
             f"host={HOST} user={user} dbname=postgres sslmode={sslmode} "
             f"sslrootcert={self.ca_file}"],
            capture_output=True, text=True, timeout=60, check=False,
            stdin=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C",
                 "PGPASSWORD": token})
        return done.stdout.strip() or None, done.stderr

    def admits(self, user, token, **options):
        return self.connect(user, token, **options)[0] == user


def make_cluster(machine):
    world.directory(TOP, 0o755, world.POSTGRES_ID, world.POSTGRES_ID)
    if not os.path.exists(DATA):
        as_postgres(program("initdb"), "-D", DATA, "-A", "peer", "-U",
                    "postgres", "-E", "UTF8", "--no-sync")
    ca_file = adapters.make_certificate(
        machine, HOST, f"{TOP}/server.pem", f"{TOP}/server.key")
    os.chown(f"{TOP}/server.key", world.POSTGRES_ID, world.POSTGRES_ID)
    os.chmod(f"{TOP}/server.key", 0o600)
    for path, text in (("postgresql.conf", SETTINGS), ("pg_hba.conf", (
            adapters.EXAMPLES / "postgresql/pg_hba.conf").read_text())):
        world.write(f"{DATA}/{path}", text, 0o600, world.POSTGRES_ID,
                    world.POSTGRES_ID)
    return ca_file


@contextlib.contextmanager
def configured(machine):
    drop_in = "/etc/portvakt/portvakt.conf.d/postgresql.conf"
    adapters.copy("postgresql/pam", "/etc/pam.d/postgresql")
    adapters.copy("postgresql/portvakt.conf", drop_in, 0o640,
                  world.BROKER_ID)
    machine.ctl("reload")
    try:
        yield
    finally:
        pathlib.Path(drop_in).unlink()
        machine.ctl("reload")


@contextlib.contextmanager
def postgresql(machine):
    adapters.prepare(machine)
    ca_file = make_cluster(machine)
    service = services.Service(
        "postgresql", [program("postgres"), "-D", DATA],
        machine.log("postgresql"), user=world.POSTGRES_ID,
        group=world.POSTGRES_ID, ready=lambda: as_postgres(
            program("pg_isready"), "-h", TOP,
            check_status=False).returncode == 0)
    with configured(machine):
        service.start()
        try:
            for name in ("kari", "ola", "lokal"):
                administer(f"DROP ROLE IF EXISTS {name}")
                administer(f"CREATE ROLE {name} LOGIN")
            yield Database(ca_file)
        finally:
            service.stop()


@test("PostgreSQL: a person's own token is the password, and no other is")
def database_opens(machine):
    with postgresql(machine) as database:
        good = adapters.token(machine, **CLAIMS)
        who, said = database.connect("kari", good)
        equal((who, said), ("kari", ""), "a good token")
        ola = adapters.token(machine, provider.OLA, **CLAIMS)
        check(database.admits("ola", ola), "another person")
        refused = {
            **adapters.refused_twins(machine, **CLAIMS),
            "of somebody else": ola,
            "of nobody here": adapters.token(machine, sub="nobody", pid=None,
                                             **CLAIMS),
            "without the group": adapters.token(machine, roles=[], **CLAIMS),
            "that is a word": "hemmelig",
        }
        for name, bad in refused.items():
            check(not database.admits("kari", bad), f"a token {name}")
        for name in ("lokal", "postgres"):
            check(not database.admits(name, good), f"as {name}")
        check(not database.admits("kari", good, sslmode="disable"),
              "a token in clear")
        lacks(machine.log("postgresql").read_text(), "eyJ", "the log")


@test("PostgreSQL: a lock counts at once, and an outage lets nobody in")
def database_survives(machine):
    with postgresql(machine) as database:
        good = adapters.token(machine, **CLAIMS)
        check(database.admits("kari", good), "a good token")
        machine.ctl("lock", "kari", "--reason", "a test")
        services.wait_for(lambda: not database.admits("kari", good),
                          "the lock", 1.0)
        machine.ctl("account", "unlock", "kari")
        services.wait_for(lambda: database.admits("kari", good), "its end",
                          2.0)
        machine.broker.stop()
        _, said = database.connect("kari", good)
        contains(said, "PAM authentication failed", "without the broker")
        equal(administer("SELECT current_user"), "postgres",
              "the administrator")
        machine.broker.start()
        services.wait_for(lambda: database.admits("kari", good), "it again",
                          10)
