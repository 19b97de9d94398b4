"""The machine under test: the world with its services, accounts and people."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import time

import provider
import services
import terminal
import world

AUDIT = "/var/log/portvakt/audit.jsonl"
CONFIG = "/etc/portvakt/portvakt.conf"

ISSUER = {
    "client_id": '"portvakt"',
    "client_auth": '"private_key_jwt"',
    "client_key_file": '"/etc/portvakt/client.pem"',
    "client_key_id": '"portvakt-1"',
    "client_key_algorithm": '"ES256"',
    "scope": '"openid profile"',
    "algorithms": '{ "RS256" }',
    "acr": '{ "idporten-loa-low", "idporten-loa-substantial", '
           '"idporten-loa-high" }',
    "acr_minimum": '"idporten-loa-substantial"',
    "roles_claims": '{ "roles" }',
    "test": "true",
    "links_persons": "true",
    "ca_file": '"/etc/portvakt/ca.pem"',
    "clock_skew_s": "10",
}

ACCESS = "/etc/portvakt/access.d"
UNITS = "/etc/portvakt/units.conf"

# The catalogue's kompis.conf gives way to the one of this name.
RULES = {
    "kompis.conf": """\
service "kompis" {
	title = "KOMPIS"
	title_en = "KOMPIS"
}
group "ko-kompis" {
	gid = 1900100001
	title = "KOMPIS, saksbehandlere"
	title_en = "KOMPIS, caseworkers"
	basis = "a test"
}
grant "ko-kompis" {
	reason = "caseworkers keep the journal"
	roles_any = { "kompis-saksbehandler" }
	level = "substantial"
}
""",
    "drift.conf": """\
service "drift" {
	title = "Drift"
	title_en = "Operations"
}
group "ko-drift" {
	gid = 1900100002
	title = "Driftsvakt"
	title_en = "Operators on duty"
	basis = "a test"
}
grant "ko-drift" {
	reason = "who is on duty operates the machine"
	roles_any = { "driftsvakt" }
	level = "high"
}
""",
}

LOGIN = "login { timeout_s = %d }\n"
SERVICES = {"sshd": "held", "login": "terminal", "su": "terminal",
            "su-l": "terminal", "sudo": "terminal", "sudo-i": "terminal",
            "cron": "none"}


def services_text(needs):
    return "".join(
        f'pam "{name}" {{ dialogue = "{dialogue}" {needs.get(name, "")} }}\n'
        for name, dialogue in SERVICES.items())


def config_text(issuer_url, timeout_s=300, needs=None, **issuer):
    """None as a value leaves an option out. needs: by PAM service, what its
    section says of a login: {"sudo": 'acr = "high"'}."""
    options = {**ISSUER, **issuer}
    lines = "".join(f"\t{name} = {value}\n"
                    for name, value in options.items() if value is not None)
    return f'issuer "{issuer_url}" {{\n{lines}}}\n' + \
        LOGIN % timeout_s + services_text(needs or {})


class Machine:
    def __init__(self, directory, install_root, host=world.IDP_NAME,
                 watcher=None):
        self.directory = pathlib.Path(directory)
        self.install_root = pathlib.Path(install_root)
        self.watcher = watcher
        self.host = host
        self.terminals = []
        self.transcripts = 0
        self.test = "start"

    def log(self, name):
        return self.directory / f"{name}.log"

    # Building up

    def build(self):
        scratch = self.directory / "scratch"
        scratch.mkdir()
        world.build(scratch, self.install_root)
        self.journal = services.Listener("/run/systemd/journal/socket")
        self.syslog = services.Listener("/dev/log")
        self.provider = provider.Provider(self.directory / "idp",
                                          self.log("idp"), self.host)
        self.fetch = services.Fetch(self.install_root, self.log("fetch"))
        self.broker = services.Broker(self.install_root, self.log("broker"))
        self.sshd = services.sshd(self.log("sshd"))
        self.configure()

    def start(self):
        for service in self.services():
            service.start()
        self.ensure_accounts()

    def services(self):
        return (self.provider.service, self.fetch, self.broker, self.sshd)

    def stop(self):
        for service in reversed(self.services()):
            service.stop()

    def configure(self, **options):
        """Writes the configuration; issuer options as libconfuse has them."""
        group = world.BROKER_ID
        world.write(CONFIG, config_text(self.provider.issuer, **options),
                    0o640, group=group)
        self.write_rules(RULES)
        for name in ("ca.pem", "client.pem", "client-rsa.pem"):
            world.write(f"/etc/portvakt/{name}",
                        (self.provider.directory / name).read_text(),
                        0o644 if name == "ca.pem" else 0o640, group=group)
        for name in ("basic", "post"):
            world.write(f"/etc/portvakt/secret-{name}",
                        f"kanari-hemmelighet-{name}-"
                        f"{41 if name == 'basic' else 42}", 0o640,
                        group=group)

    @staticmethod
    def write_rules(rules):
        """rules: file name in access.d to text; what else is there goes."""
        os.makedirs(ACCESS, exist_ok=True)
        for path in pathlib.Path(ACCESS).iterdir():
            path.unlink()
        pathlib.Path(UNITS).unlink(missing_ok=True)
        for name, text in rules.items():
            world.write(f"{ACCESS}/{name}", text, 0o644)

    def reconfigure(self, **options):
        self.configure(**options)
        # Refused too when the issuer cannot be used, as some tests want it.
        answer = self.ctl("reload", refused=True)
        if "error" in answer:
            raise AssertionError(f"portvaktctl reload: {answer}")

    def restart_broker(self):
        self.broker.stop()
        self.broker.start()

    # Between tests

    def begin(self, test):
        self.test = test
        self.provider.reset()
        self.audit_mark = len(self.audit_records())
        self.request_mark = len(self.provider.requests())

    def end(self):
        for one in self.terminals:
            one.close()
        self.terminals.clear()

    def recover(self):
        """After a failure: everything as a test expects to find it."""
        self.end()
        for service in self.services():
            if service.running():
                service.thaw()
            else:
                service.start()
        self.configure()
        self.restart_broker()
        self.ensure_accounts()

    def ensure_accounts(self):
        for person in (provider.KARI, provider.OLA):
            known = self.ctl("account", "show", person["id"], refused=True)
            if known.get("error") == "not-found":
                self.add_account(person)
            elif known["account"]["locked"]:
                self.ctl("account", "unlock", person["id"])

    def add_account(self, person):
        """Without the home of who had the name before, with another uid."""
        shutil.rmtree(f"/home/{person['id']}", ignore_errors=True)
        return self.ctl("account", "add", person["id"], person["sub"],
                        "--gecos", person["name"])

    # What an administrator does

    def run(self, *command, timeout_s=20, check=False, **options):
        done = subprocess.run(command, capture_output=True, text=True,
                              timeout=timeout_s, check=check,
                              stdin=subprocess.DEVNULL, **options)
        if command[0] == "portvaktctl":
            with open(self.log("portvaktctl"), "a", encoding="utf-8") as log:
                log.write(done.stdout + done.stderr)
        return done

    def ctl(self, *arguments, refused=False):
        """Runs portvaktctl --json and returns its result."""
        done = self.run("portvaktctl", "--json", *arguments)
        if done.returncode != 0 and not refused:
            raise AssertionError(f"portvaktctl {' '.join(arguments)}: "
                                 f"{done.returncode} {done.stdout}"
                                 f"{done.stderr}")
        answer = json.loads(done.stdout)
        return answer.get("result", answer)

    @staticmethod
    def audit_records():
        return services.read_json_lines(AUDIT)

    def audit(self, **wanted):
        """The records of this test that have these fields."""
        records = self.audit_records()[self.audit_mark:]
        return [record for record in records if all(
            record.get(name) == value for name, value in wanted.items())]

    def requests(self, endpoint=None):
        """What this test made the provider be asked."""
        entries = self.provider.requests()[self.request_mark:]
        return [entry for entry in entries
                if endpoint in (None, entry.get("endpoint"))]

    def struck(self, endpoint):
        """The requests of this test that met a fault, answered or not."""
        return [entry for entry in self.requests()
                if entry.get("struck") == endpoint]

    def groups_of(self, user):
        names = self.run("id", "-nG", user, check=True).stdout.split()
        return sorted(name for name in names if name.startswith("ko-"))

    # What a person does

    def terminal(self, *command, **options):
        self.transcripts += 1
        transcript = self.directory / "screens" / \
            f"{self.transcripts:03}-{self.test}.txt"
        transcript.parent.mkdir(exist_ok=True)
        one = terminal.Terminal(list(command), transcript, self.watcher,
                                **options)
        self.terminals.append(one)
        return one

    def ssh(self, user, *command, **options):
        return self.terminal(*terminal.ssh_command(user, *command, **options))

    def approve(self, one, person="kari", **options):
        """Reads the code off a terminal and approves it, as person. sshd
        shows nothing while it waits, so that there a key is pressed."""
        code = one.code()
        if one.held:
            one.wait("Enter")
        answer = self.provider.approve(code, person, **options)
        if one.held:
            one.press_enter()
        return answer

    def log_in(self, user="kari", person=None, **options):
        """A whole login over ssh, to a shell."""
        one = self.ssh(user)
        self.approve(one, person or user, **options)
        one.shell()
        return one

    def as_local(self):
        """Somebody who is not root and not ours."""
        return {"user": (world.LOCAL_ID, world.LOCAL_ID),
                "environment": {"HOME": "/home/lokal"}}
