"""A token, or a handle that stands for one, in place of a password: real
PostgreSQL, su, sudo and sshd ask PAM."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import time

import provider
import services
import terminal
import world
from suite import Skipped, check, contains, equal, lacks, test

AUDIENCE = "https://vakt01.example.no"
TAKES = f'token_audiences = {{ "{AUDIENCE}" }}'
LINE = ("auth [success=done user_unknown=ignore auth_err=ignore default=die] "
        "pam_portvakt.so token\n")
POSTGRES_ID = world.POSTGRES_ID
POSTGRES = "/usr/lib/postgresql/15/bin"
DATA = "/var/lib/pg-test"
DROP_IN = "/etc/portvakt/portvakt.conf.d/50-postgresql.conf"
HANDLE = r"pvh1-[a-z2-7]{32}"


def token(machine, person=provider.KARI, **changes):
    return machine.provider.access_token(AUDIENCE, person, **changes)


def denied(machine, reason, **wanted):
    found = machine.audit(result="deny", reason=reason, **wanted)
    check(found, f"no record of {reason}: "
                 f"{machine.audit_records()[machine.audit_mark:]}")
    return found[0]


@contextlib.contextmanager
def taking(machine, *names, also=""):
    """These services take a token before they do what they did before."""
    kept = {name: pathlib.Path(f"/etc/pam.d/{name}").read_text()
            for name in names}
    for name, text in kept.items():
        first, _, rest = text.partition("@include common-auth")
        world.write(f"/etc/pam.d/{name}",
                    f"{first}{LINE}@include common-auth{rest}")
    machine.reconfigure(needs={name: f"{TAKES} {also}" for name in names})
    try:
        yield
    finally:
        for name, text in kept.items():
            world.write(f"/etc/pam.d/{name}", text)
        machine.reconfigure()


class Database:
    """PostgreSQL as its own user, with PAM for whoever comes by TCP."""

    def __init__(self, log):
        self.log = log
        if not os.path.exists(f"{POSTGRES}/initdb"):
            raise Skipped("PostgreSQL is not installed")
        world.directory(DATA, 0o700, POSTGRES_ID, POSTGRES_ID)
        self.as_postgres(f"{POSTGRES}/initdb", "-D", f"{DATA}/db", "-A",
                         "trust", "-N", "--no-sync")
        world.write(f"{DATA}/db/pg_hba.conf",
                    "local all all trust\nhost all all 127.0.0.1/32 pam "
                    "pamservice=postgresql\n", 0o600, POSTGRES_ID)
        self.server = services.Service(
            "postgres", [f"{POSTGRES}/postgres", "-D", f"{DATA}/db", "-k",
                         DATA, "-h", "127.0.0.1", "-F"], log, POSTGRES_ID,
            POSTGRES_ID, ready=self.is_ready)

    @staticmethod
    def is_ready():
        return subprocess.run([f"{POSTGRES}/pg_isready", "-q", "-h",
                               DATA]).returncode == 0

    @staticmethod
    def as_postgres(*command):
        done = subprocess.run(
            command, user=POSTGRES_ID, group=POSTGRES_ID, extra_groups=[],
            cwd=DATA, capture_output=True, text=True,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
        check(done.returncode == 0, f"{command}: {done.stderr}")

    def start(self):
        self.server.start()
        for name in ("kari", "ola"):
            self.as_postgres(f"{POSTGRES}/psql", "-h", DATA, "-d", "postgres",
                             "-c", f"CREATE ROLE {name} LOGIN")

    def stop(self):
        self.server.stop(number=2)  # SIGINT: ends what is connected
        shutil.rmtree(DATA)

    def ask(self, user, password=None):
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                       "HOME": "/home/root"}
        if password is not None:
            environment["PGPASSWORD"] = password
        return subprocess.run(
            [f"{POSTGRES}/psql", "-w", "-X", "-At", "-h", "127.0.0.1", "-U",
             user, "-d", "postgres", "-c", "SELECT current_user"],
            capture_output=True, text=True, timeout=30, env=environment,
            stdin=subprocess.DEVNULL)


@contextlib.contextmanager
def database(machine, options=TAKES + " token_peers = { postgres }"):
    world.directory(os.path.dirname(DROP_IN), 0o755)
    if options:
        world.write(DROP_IN, f'pam "postgresql" {{ {options} }}\n')
    shutil.copy(world.HERE / "pam.d" / "postgresql", "/etc/pam.d/postgresql")
    one = Database(machine.log("postgres"))
    try:
        machine.reconfigure()
        one.start()
        yield one
    finally:
        one.stop()
        pathlib.Path(DROP_IN).unlink(missing_ok=True)
        machine.reconfigure()


def refused(done, what):
    check(done.returncode != 0 and done.stdout == "",
          f"{what} came in: {done.stdout}")


@test("PostgreSQL takes a token as the password, and nobody else's")
def token_login_postgresql(machine):
    with database(machine) as one:
        done = one.ask("kari", token(machine))
        equal(done.stdout.strip(), "kari", f"who it is ({done.stderr})")
        record, = machine.audit(action="login", service="postgresql")
        equal((record["result"], record["reason"], record["account"]),
              ("allow", "granted", "kari"), "the record")
        equal(record["detail"], "by an access token", "what it was by")
        check(record["client_id"] and record["audience"], "the token's")
        equal([name for name, said in record.items() if not said], [],
              "members that say nothing")
        equal(record["peer"], f"uid {POSTGRES_ID}", "who asked")
        # The longest that pass: 120 roles and more.
        long = token(machine, x="x" * 9000)
        check(len(long) > 12000, "long enough")
        equal(one.ask("kari", long).stdout.strip(), "kari", "a long token")

        refused(one.ask("ola", token(machine)), "kari's token as ola")
        denied(machine, "other-person", account="ola")
        for reason, changes in (
                ("audience-wrong", {"aud": "https://annen.example.no"}),
                ("expired", {"iat": int(time.time()) - 600,
                             "exp": int(time.time()) - 300}),
                ("acr-too-low", {"acr": provider.LOW}),
                # A machine's: it has no level, whatever its token says.
                ("acr-too-low", {"sub": "saker-web", "pid": None}),
                ("login-token", {"nonce": "n"}),
                ("proof-missing", {"cnf": {
                    "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}),
        ):
            refused(one.ask("kari", token(machine, **changes)), reason)
            denied(machine, reason, service="postgresql")
        refused(one.ask("kari", "hemmelig-passord"), "a password")
        denied(machine, "not-a-token")


@test("psql that gives no password leaves no trace")
def token_login_postgresql_asks_first(machine):
    with database(machine) as one:
        done = one.ask("kari")
        refused(done, "nobody")
        contains(done.stderr, "no password supplied", "what psql says")
        equal(machine.audit(service="postgresql"), [], "records")


@test("a section without token options takes no token, and says what to write")
def token_login_not_configured(machine):
    with database(machine, 'dialogue = "none"') as one:
        refused(one.ask("kari", token(machine)), "an unconfigured service")
        record, = machine.audit(service="postgresql")
        equal(record["reason"], "peer-not-entitled", "without token_peers")
    with database(machine, None) as one:
        done = machine.run("pamtester", "postgresql", "kari", "authenticate",
                           check=False)
        check(done.returncode != 0, "came in")
    with taking(machine, "su"):
        machine.reconfigure()  # without the options, and with the line
        one = machine.terminal("su", "kari", "-c", "id -un",
                               **machine.as_local())
        one.wait("Token: ")
        one.type(token(machine))
        one.wait("Denne tjenesten tar ikke imot token")
        record, = machine.audit(service="su", result="misconfigured")
        equal(record["reason"], "tokens-not-configured", "reason")
        contains(record["detail"], "write token_audiences", "what to write")


@test("scopes do not stand in for the audience that a section names")
def token_login_audience(machine):
    with taking(machine, "su", also='token_scopes = { "openid" }'):
        machine.reconfigure(kind='"idporten"', needs={
            "su": TAKES + ' token_scopes = { "openid" }'})
        for changes, reason in (({"aud": None}, "claim-missing"),
                                ({"aud": "unspecified"}, "audience-wrong")):
            one = machine.terminal("su", "kari", "-c", "echo as $(id -un)",
                                   **machine.as_local())
            one.wait("Token: ")
            one.type(token(machine, **changes))
            one.wait("Referanse")
            denied(machine, reason, service="su")
            lacks(one.screen(), "as kari", "the command")
            made = make_handle(machine, "su", token(machine, **changes))
            equal(made.returncode, 1, "a handle of it")
        one = machine.terminal("su", "kari", "-c", "echo as $(id -un)",
                               **machine.as_local())
        one.wait("Token: ")
        one.type(token(machine))
        one.wait("as kari")


@test("where an issuer logs nobody in, its tokens do not either")
def token_login_no_login(machine):
    with taking(machine, "su"):
        machine.reconfigure(name='"staff"', login="false", scope=None,
                            introspection="true", acr_minimum=None,
                            needs={"su": TAKES})
        one = machine.terminal("su", "kari", "-c", "echo as $(id -un)",
                               **machine.as_local())
        one.wait("Token: ")
        one.type(token(machine))
        one.wait("logger ingen inn")
        lacks(one.screen(), "as kari", "the command")
        record, = machine.audit(service="su", result="misconfigured")
        equal(record["reason"], "issuer-no-login", "reason")
        made = make_handle(machine, "su", token(machine))
        equal(made.returncode, 3, "a handle")
        contains(made.stderr, "issuer-no-login", "why")


@test("what a section of sudo-i says of tokens leaves what sudo asks for")
def token_login_other_door(machine):
    machine.log_in("kari", acr=provider.SUBSTANTIAL)
    for needs in ({"sudo": 'acr = "high"'},
                  {"sudo": 'acr = "high"', "sudo-i": TAKES}):
        machine.reconfigure(needs=needs)
        done = machine.run("pamtester", "sudo-i", "kari", "acct_mgmt",
                           check=False)
        check(done.returncode != 0, f"came in by {needs}")
        strict = pathlib.Path("/var/lib/portvakt/strict-services").read_text()
        contains(strict, "(?m)^sudo-i$", "the services that need something")
    machine.reconfigure()


@test("a locked account and a revoked token come in nowhere")
def token_login_locked_and_revoked(machine):
    with database(machine) as one:
        good = token(machine)
        equal(one.ask("kari", good).stdout.strip(), "kari", "before")
        machine.ctl("account", "lock", "kari", "--reason", "test")
        refused(one.ask("kari", good), "a locked account")
        denied(machine, "account-locked", service="postgresql")
        machine.ctl("account", "unlock", "kari")
        sid = "okt-1"
        of_session = token(machine, sid=sid)
        equal(one.ask("kari", of_session).stdout.strip(), "kari", "a session")
        machine.ctl("revoke", "--session", sid, "--reason", "test")
        refused(one.ask("kari", of_session), "a revoked session")
        denied(machine, "revoked", service="postgresql")
        equal(one.ask("kari", good).stdout.strip(), "kari", "another session")


@test("groups come of the token itself, and the register stays as it was")
def token_login_groups(machine):
    options = TAKES + ' token_peers = { postgres } groups = { "ko-drift" }'
    machine.log_in("kari", acr=provider.SUBSTANTIAL)
    before = machine.ctl("account", "show", "kari")["account"]
    check("ko-drift" not in before["groups"], "not by the last login")
    with database(machine, options) as one:
        equal(one.ask("kari", token(machine)).stdout.strip(), "kari",
              "with the role")
        refused(one.ask("ola", token(machine, provider.OLA)),
                "without the role")
        denied(machine, "group-missing", account="ola")
    after = machine.ctl("account", "show", "kari")["account"]
    equal(after, before, "the account")


@test("the provider's outage stops no token, a token without its key is denied")
def token_login_outage(machine):
    with database(machine) as one:
        good = token(machine)
        equal(one.ask("kari", good).stdout.strip(), "kari", "before")
        machine.provider.fail("jwks", "status", status=500)
        equal(one.ask("kari", good).stdout.strip(), "kari", "in the outage")


@test("su takes a token of 4,000 characters; one that was cut is told so")
def token_login_su(machine):
    with taking(machine, "su"):
        one = machine.terminal("su", "kari", "-c", "echo as $(id -un)",
                               **machine.as_local())
        one.wait("Token: ")
        good = token(machine, x="x" * 2000)
        check(3000 < len(good) < 4095, "its length")
        one.type(good)
        one.wait("as kari")
        one = machine.terminal("su", "kari", "-c", "echo as $(id -un)",
                               **machine.as_local())
        one.wait("Token: ")
        one.type(token(machine, x="x" * 5000))
        one.wait("kuttet etter 4095 tegn")
        one.wait("portvakt handle --service su < token")
        denied(machine, "token-cut", service="su")
        lacks(one.screen(), "as kari", "the command")


@test("portvaktctl check finds nothing wrong with a line for tokens")
def token_login_check(machine):
    def faults():
        done = machine.run("portvaktctl", "--json", "check", timeout_s=60)
        return [found for found in json.loads(done.stdout)["checks"]
                if "/etc/pam.d/su" in json.dumps(found)]

    before = faults()
    with taking(machine, "su"):
        equal(faults(), before, "what is said of su")


@test("an empty answer at the prompt offers the login at the provider")
def token_login_empty(machine):
    with taking(machine, "su"):
        one = machine.terminal("su", "kari", "-c", "echo as $(id -un)",
                               **machine.as_local())
        one.wait("Token: ")
        one.press_enter()
        machine.provider.approve(one.code(), "kari")
        one.wait("as kari")


def make_handle(machine, service, text, *options):
    """As root, for kari."""
    done = subprocess.run(
        ["portvakt", "handle", "--service", service, "--account", "kari",
         *options], input=text, capture_output=True, text=True, timeout=20)
    return done


def handle(machine, service, text=None):
    done = make_handle(machine, service, text or token(machine))
    equal(done.returncode, 0, f"portvakt handle: {done.stderr}")
    made = done.stdout.strip()
    contains(made, f"^{HANDLE}$", "the handle alone")
    check(len(made) <= 60, "its length")
    return made


def sudo(one, typed):
    one.type("sudo -k; sudo id -un; echo status $?")
    one.wait("Token: ")
    one.type(typed)


@test("sudo takes a handle that its person made, once")
def token_login_sudo(machine):
    one = machine.log_in("kari")
    with taking(machine, "sudo"):
        world.write("/home/kari/token", token(machine), 0o600,
                    *(pathlib.Path("/home/kari").stat()[4:6]))
        made = one.command(
            "portvakt handle --service sudo < token 2> said")
        contains(made, f"^{HANDLE}$", "what it prints")
        contains(one.command("cat said"), "For sudo, as kari, once",
                 "what it says")
        sudo(one, made)
        one.wait(r"root\s+status 0")
        record, = machine.audit(action="login", service="sudo",
                                result="allow")
        equal(record["detail"], "by a one-time handle", "detail")
        used = record
        record, = machine.audit(action="handle", result="allow")
        equal([record.get(name) for name in (
            "correlation", "client_id", "token_id", "audience")],
              [used.get(name) for name in (
                  "correlation", "client_id", "token_id", "audience")],
              "what the login says of it")
        check(record["correlation"] and record["client_id"], "said")
        equal((record["account"], record["service"], record["actor"]),
              ("kari", "sudo", "kari"), "the record of the handle")
        one.shell()
        sudo(one, made)
        one.wait("Engangskoden gjelder ikke")
        one.wait("status 1")
        denied(machine, "handle-used", service="sudo")
        equal(machine.audit(result="allow", service="sudo",
                            action="login")[1:], [], "once")


@test("sudo, which fails at a whole token, says what to type instead")
def token_login_sudo_too_long(machine):
    one = machine.log_in("kari")
    with taking(machine, "sudo"):
        long = token(machine)
        check(512 < len(long) < 1000, f"its length: {len(long)}")
        sudo(one, long)
        one.wait("Programmet tok ikke imot svaret")
        one.wait("portvakt handle --service sudo < token")
        one.wait("Token: ")
        one.type(handle(machine, "sudo"))
        one.wait(r"root\s+status 0")
        record, = machine.audit(action="login", service="sudo",
                                result="allow")
        equal(record["detail"], "by a one-time handle", "detail")
        # Who interrupts the question is not asked again.
        one.shell()
        one.type("sudo -k; sudo id -un; echo status $?")
        one.wait("Token: ")
        one.child.send("\x03")
        one.wait("status [1-9]")
        # Nothing typed: the next line, the login at the provider.
        one.shell()
        sudo(one, long)
        one.wait("Programmet tok ikke imot svaret")
        one.wait("Token: ")
        one.type("")
        machine.provider.approve(one.code(), "kari")
        one.wait(r"root\s+status 0")


@test("an outage ends sudo: nobody is told to try another password")
def token_login_sudo_outage(machine):
    one = machine.log_in("kari")
    with taking(machine, "sudo"):
        machine.broker.stop()
        try:
            sudo(one, "pvh1-" + "a" * 32)
            one.wait("status 1")
        finally:
            machine.broker.start()
        lacks(one.screen(), "Sorry, try again", "what sudo says")
        contains(one.screen(), "Innloggingstjenesten", "what we say")


@test("a handle is of one account and one service; any other spends it")
def token_login_handle_bound(machine):
    with taking(machine, "su", "sudo"):
        for user, service, reason in (
                ("ola", "su", "handle-of-another-account"),
                ("kari", "sudo", "handle-of-another-service")):
            made = handle(machine, service)
            one = machine.terminal("su", user, "-c", "echo as $(id -un)",
                                   **machine.as_local())
            one.wait("Token: ")
            one.type(made)
            one.wait("Engangskoden gjelder ikke")
            denied(machine, reason, service="su", account=user)
            one = machine.terminal("su", "kari", "-c", "echo as $(id -un)",
                                   **machine.as_local())
            one.wait("Token: ")
            one.type(made)
            one.wait("Engangskoden gjelder ikke")
            denied(machine, "handle-used", service="su")
        one = machine.terminal("su", "kari", "-c", "id -un",
                               **machine.as_local())
        one.wait("Token: ")
        one.type("pvh1-" + "a" * 32)
        one.wait("Engangskoden gjelder ikke")
        denied(machine, "handle-unknown", service="su")


@test("a handle ends with the broker, the account's lock and the token")
def token_login_handle_ends(machine):
    with taking(machine, "su"):
        def ends(made, words, reason):
            one = machine.terminal("su", "kari", "-c", "id -un",
                                   **machine.as_local())
            one.wait("Token: ")
            one.type(made)
            one.wait(words)
            denied(machine, reason, service="su")

        made = handle(machine, "su", token(machine, sid="okt-2"))
        machine.ctl("revoke", "--session", "okt-2", "--reason", "test")
        ends(made, "trukket tilbake", "revoked")
        now = int(time.time())
        # The issuer's clock may be ten seconds off: eight are left to make
        # the handle, however busy the machine is.
        made = handle(machine, "su", token(machine, iat=now - 60,
                                           auth_time=now - 60, exp=now - 2))
        time.sleep(max(0, now - 2 + 11 - time.time()))
        ends(made, "gjelder ikke lenger", "expired")
        made = handle(machine, "su")
        machine.restart_broker()
        ends(made, "Engangskoden gjelder ikke", "handle-unknown")


@test("portvakt handle refuses, and says why")
def token_login_handle_refused(machine):
    with taking(machine, "su"):
        done = make_handle(machine, "su", token(machine, provider.OLA))
        equal(done.returncode, 1, "another's token")
        contains(done.stderr, "other-person", "why")
        equal(done.stdout, "", "output")
        done = make_handle(machine, "su", "hemmelig")
        equal(done.returncode, 1, "a password")
        done = make_handle(machine, "login", token(machine))
        equal(done.returncode, 3, "a service that takes none")
        contains(done.stderr, "token_audiences", "what to write")
        done = make_handle(machine, "su", "")
        equal(done.returncode, 2, "no token")
        done = make_handle(machine, "su", token(machine), "--json")
        said = json.loads(done.stdout)
        equal((said["good"], said["expires_in_s"]), (True, 60), "JSON")
        now = int(time.time())
        done = make_handle(machine, "su", token(
            machine, iat=now - 600, exp=now - 300), "--json")
        equal((done.returncode, json.loads(done.stdout)),
              (1, {"good": False, "reason": "expired", "detail": "exp"}),
              "a refusal, as of portvakt verify")
        done = make_handle(machine, "su", token(
            machine, iat=now - 600, exp=now - 300))
        equal(done.stderr, "expired (exp)\n", "the same for people")
        done = subprocess.run(
            ["portvakt", "handle", "--service", "su", "--account", "ingen"],
            input=token(machine), capture_output=True, text=True, timeout=20)
        equal(done.returncode, 1, "an account that is none")
        record = denied(machine, "not-found", action="handle")
        equal((record["service"], record["actor"]), ("su", "uid 0"),
              "the record of it")
        done = subprocess.run(
            ["portvakt", "handle", "--service", "su"], input=token(machine),
            capture_output=True, text=True, timeout=20)
        equal(done.returncode, 2, "root without an account is usage")
        contains(done.stderr, "--account", "what to say")
        for reason in ("other-person", "not-a-token"):
            denied(machine, reason, action="handle")
        # One of ours gets none but its own.
        ola = machine.ctl("account", "show", "ola")["account"]["uid"]
        done = subprocess.run(
            ["portvakt", "handle", "--service", "su", "--account", "kari"],
            input=token(machine), capture_output=True, text=True, timeout=20,
            user=ola, group=ola, extra_groups=[])
        check(done.returncode != 0, "ola got one for kari")
        equal(done.stdout, "", "what ola got")
        contains(done.stderr, "not-permitted .*for itself alone",
                 "what ola is told")


@test("portvakt handle answers whom the broker does not know, each time")
def token_login_handle_stranger(machine):
    with taking(machine, "su"):
        for _ in range(40):
            one = subprocess.run(
                ["portvakt", "handle", "--service", "su", "--json"],
                input=token(machine), capture_output=True, text=True,
                timeout=20, user=world.LOCAL_ID, group=world.LOCAL_ID,
                extra_groups=[])
            said = json.loads(one.stdout)
            equal((one.returncode, said["good"], said["reason"]),
                  (5, False, "not-permitted"), "a local account")
            contains(said["detail"], "only root, and accounts", "why")


def ssh(machine, method):
    return machine.terminal(
        "ssh", *terminal.SSH_OPTIONS, "-o",
        f"PreferredAuthentications={method}", "-l", "kari", world.HOST_NAME)


@test("sshd takes a handle with keyboard-interactive, and cut tokens are told")
def token_login_sshd(machine):
    with taking(machine, "sshd"):
        one = ssh(machine, "keyboard-interactive")
        one.wait("Token: ")
        one.type(handle(machine, "sshd"))
        one.shell()
        equal(one.command("id -un"), "kari", "who it is")
        record = machine.audit(action="session-open", service="sshd")[0]
        equal(record["reason"], "after-login", "its session")
        long = token(machine, x="x" * 1000)
        one = ssh(machine, "keyboard-interactive")
        one.wait("Token: ")
        one.type(long)
        one.end()
        denied(machine, "token-cut", service="sshd")


@test("sshd takes a handle with the method password")
def token_login_sshd_password(machine):
    config = pathlib.Path("/etc/ssh/sshd_config").read_text()
    world.write("/etc/ssh/sshd_config", "PasswordAuthentication yes\n" + config)
    machine.sshd.stop()
    machine.sshd.start()
    try:
        with taking(machine, "sshd"):
            one = ssh(machine, "password")
            one.wait("password: ")
            one.type(handle(machine, "sshd"))
            one.shell()
            equal(one.command("id -un"), "kari", "who it is")
    finally:
        world.write("/etc/ssh/sshd_config", config)
        machine.sshd.stop()
        machine.sshd.start()


class Caller:
    """What is no PAM module says at login.sock (lib/login_protocol.h)."""

    AUTHENTICATE, ACCOUNT, OPEN = 1, 2, 3
    SHOW, DONE, WANT = 3, 6, 7

    def __init__(self, phase, service, tty="", handle="", with_token=False):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect("/run/portvakt/login.sock")
        self.say(bytes([1, 2, phase, with_token])
                 + b"".join(self.text(one) for one in (
                     service, "kari", tty, "", handle)))

    @staticmethod
    def text(text):
        return struct.pack(">I", len(text.encode())) + text.encode()

    def say(self, body):
        self.socket.sendall(struct.pack(">I", len(body)) + body)

    def give(self, token):
        self.say(bytes([8]) + self.text(token))
        return self.hear()

    def exactly(self, size):
        got = b""
        while len(got) < size:
            some = self.socket.recv(size - len(got))
            if not some:
                raise EOFError
            got += some
        return got

    def hear(self):
        """The next message that is more than a sign of life."""
        while True:
            body = self.exactly(struct.unpack(">I", self.exactly(4))[0])
            if body[0] != 5:
                return body


def verdict(message):
    equal(message[0], Caller.DONE, f"a decision: {message[:80]}")
    return message[1]


def as_uid(uid, work):
    """What work() returns, done by a process of that uid."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            said = work()
        except BaseException as error:  # pylint: disable=broad-except
            said = repr(error)
        os.write(theirs, json.dumps(said).encode())
        os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as pipe:
        said = json.loads(pipe.read())
    os.waitpid(child, 0)
    return said


@contextlib.contextmanager
def peers(machine, **options):
    world.directory(os.path.dirname(DROP_IN), 0o755)
    world.write(DROP_IN, "".join(f'pam "{name}" {{ {TAKES} {said} }}\n'
                                 for name, said in options.items()))
    try:
        machine.reconfigure()
        yield
    finally:
        pathlib.Path(DROP_IN).unlink(missing_ok=True)
        machine.reconfigure()


@test("who may ask with tokens begins no login, in no phase")
def token_login_peer_begins_none(machine):
    machine.log_in("kari", acr=provider.SUBSTANTIAL)
    with peers(machine, postgresql='token_peers = { postgres } acr = "high" '
                                   'dialogue = "terminal"'):
        asked = len(machine.requests("device"))

        def ask(phase):
            return list(Caller(phase, "postgresql", "/dev/pts/9").hear()[:2])

        for phase, reason in ((Caller.ACCOUNT, "step-up-needed"),
                              (Caller.OPEN, "peer-not-entitled")):
            said = as_uid(POSTGRES_ID, lambda phase=phase: ask(phase))
            equal(said, [Caller.DONE, 0], f"phase {phase}")
            record = machine.audit(service="postgresql")[-1]
            equal((record["result"], record["reason"]), ("deny", reason),
                  "the record")
        equal(len(machine.requests("device")), asked, "codes of the provider")


@test("a service that asks too much leaves few records, and others their place")
def token_login_peer_floods(machine):
    with peers(machine, postgresql="token_peers = { postgres }",
               dovecot="token_peers = { www-data }"):
        good = token(machine)

        def flood():
            count, end = 0, time.monotonic() + 2
            while time.monotonic() < end:
                try:
                    one = Caller(Caller.ACCOUNT, "postgresql")
                    count += one.hear() != b""
                except (EOFError, OSError):
                    pass
            return count

        def ask():
            one = Caller(Caller.AUTHENTICATE, "dovecot", with_token=True)
            return one.hear()[0] == Caller.WANT and verdict(one.give(good))

        answered = as_uid(POSTGRES_ID, flood)
        check(100 <= answered <= 160, f"{answered} answers in two seconds")
        equal(len(machine.audit(service="postgresql")), answered, "records")
        equal(as_uid(33, ask), 1, "another service meanwhile")

        time.sleep(3)  # of its rate it has 60 again

        def hold():
            held = []
            while len(held) < 64:
                try:
                    one = Caller(Caller.AUTHENTICATE, "postgresql",
                                 with_token=True)
                    if one.hear()[0] != Caller.WANT:
                        break
                    held.append(one)
                except (EOFError, OSError):
                    break
            count = len(held)
            ended = time.monotonic()
            try:
                held[0].hear()
            except (EOFError, OSError):
                pass
            return [count, time.monotonic() - ended]

        count, seconds = as_uid(POSTGRES_ID, hold)
        equal(count, 32, "places of one account")
        check(5 < seconds < 15, f"held for {seconds} s")


@test("a login's handle is its account's, whoever has the name afterwards")
def token_login_recreated(machine):
    try:
        with taking(machine, "su", also='acr = "high"'):
            one = Caller(Caller.AUTHENTICATE, "su", with_token=True)
            equal(one.hear()[0], Caller.WANT, "what is asked for")
            done = one.give(token(machine))
            equal(verdict(done), 1, "the login")
            made = done[-32:].decode()
            machine.ctl("account", "remove", "kari", "--yes")
            machine.ctl("account", "add", "kari", "another-person")
            equal(verdict(Caller(Caller.ACCOUNT, "su", handle=made).hear()),
                  0, "the account phase of another kari")
            Caller(Caller.OPEN, "su", handle=made).hear()
            record = machine.audit(action="session-open", service="su")[-1]
            equal(record["reason"], "without-login", "whose login it is")
    finally:
        machine.ctl("account", "remove", "kari", "--yes", refused=True)
        machine.ensure_accounts()


@test("a token that is revoked after the login ends in the account phase")
def token_login_revoked_between(machine):
    with taking(machine, "su", also='acr = "high"'):
        one = Caller(Caller.AUTHENTICATE, "su", with_token=True)
        one.hear()
        done = one.give(token(machine, sid="okt-9"))
        equal(verdict(done), 1, "the login")
        made = done[-32:].decode()
        equal(verdict(Caller(Caller.ACCOUNT, "su", handle=made).hear()), 1,
              "before")
        machine.ctl("revoke", "--session", "okt-9", "--reason", "test")
        equal(verdict(Caller(Caller.ACCOUNT, "su", handle=made).hear()), 0,
              "after")
        denied(machine, "revoked", action="account", service="su")


def count_in_memory(process, text):
    """How often; what cannot be read is none of its own."""
    found = 0
    with open(f"/proc/{process}/maps", encoding="ascii") as maps, \
            open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            low, high = (int(one, 16) for one in span.split("-"))
            if "r" not in rights or "[v" in line:
                continue
            memory.seek(low)
            try:
                found += memory.read(high - low).count(text.encode())
            except OSError:
                pass
    return found


@test("a handle that was given out is nowhere in the broker's memory")
def token_login_handle_memory(machine):
    with taking(machine, "su"):
        made = handle(machine, "su")
        time.sleep(0.3)
        equal(count_in_memory(machine.broker.process.pid, made), 0, "copies")
