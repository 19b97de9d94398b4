"""Dovecot as doc/examples/dovecot has it: people read their mail with a token
that portvakt-api is asked about."""

import contextlib
import imaplib
import os
import pathlib
import ssl
import time

import adapters
import provider
import services
import world
from suite import Skipped, check, equal, lacks, test, within

HOST = "post.example.no"
CLAIMS = {"aud": f"https://{HOST}", "scope": "openid post"}

# What this machine has of its own: no patience with who guesses is needed,
# and a home may be of an earlier account of that name, which had another uid.
LOCAL = """\
log_path = %s
mail_location = maildir:/run/mail/%%i
auth_verbose = yes
auth_failure_delay = 0
service anvil {
	unix_listener anvil-auth-penalty {
		mode = 0
	}
}
"""


class Mailbox:
    """What a mail program sees."""

    def __init__(self, ca_file, log):
        self.ca_file = ca_file
        self.log = log

    @contextlib.contextmanager
    def connection(self):
        context = ssl.create_default_context(cafile=self.ca_file)
        one = imaplib.IMAP4_SSL(HOST, ssl_context=context, timeout=20)
        try:
            yield one
        finally:
            one.shutdown()

    def log_in(self, user, token, mechanism="OAUTHBEARER"):
        """True, when the person comes to an inbox."""
        first = {
            "OAUTHBEARER": f"n,a={user},\1host={HOST}\1port=993\1"
                           f"auth=Bearer {token}\1\1",
            "XOAUTH2": f"user={user}\1auth=Bearer {token}\1\1",
        }[mechanism]
        # What follows a refusal is a challenge, to be answered with nothing.
        answers = iter([first.encode()])
        with self.connection() as one:
            try:
                one.authenticate(mechanism, lambda _: next(answers, b"\1"))
            except imaplib.IMAP4.error:
                return False
            equal(one.select("INBOX")[0], "OK", "the inbox")
            return True

    def said(self):
        return pathlib.Path(self.log).read_text()


def configure(machine, log):
    secret = adapters.write_secret("dovecot")
    adapters.copy("dovecot/portvakt-oauth2.conf.ext",
                  "/etc/dovecot/portvakt-oauth2.conf.ext", 0o600,
                  **{":SECRET@": f":{secret}@"})
    for name in ("05-portvakt.conf", "90-portvakt.conf"):
        adapters.copy(f"dovecot/{name}", f"/etc/dovecot/conf.d/{name}")
    world.write("/etc/dovecot/conf.d/99-local.conf", LOCAL % log)
    world.directory("/var/mail", 0o2775, 0, world.MAIL_ID)
    world.directory("/run/mail", 0o1777)
    return adapters.make_certificate(machine, HOST,
                                     "/etc/dovecot/private/dovecot.pem",
                                     "/etc/dovecot/private/dovecot.key")


@contextlib.contextmanager
def dovecot(machine):
    """Gives what a mail program sees, and the API."""
    if not os.path.exists("/usr/lib/dovecot/imap"):
        raise Skipped("dovecot-imapd is not installed")
    log = machine.log("dovecot")
    adapters.prepare(machine)
    ca_file = configure(machine, log)
    service = services.Service(
        "dovecot", ["/usr/sbin/dovecot", "-F"], machine.log("dovecot-start"),
        ready=lambda: services.port_open(993))
    with adapters.api(machine, "dovecot") as api:
        service.start()
        try:
            mailbox = Mailbox(ca_file, log)
            services.wait_for(lambda: mailbox.log_in(
                "kari", adapters.token(machine, **CLAIMS)), "a login", 10)
            yield mailbox, api
        finally:
            service.stop()


@test("Dovecot: a person's own token opens the mailbox, and no other does")
def mailbox_opens(machine):
    with dovecot(machine) as (mailbox, _):
        good = adapters.token(machine, **CLAIMS)
        check(mailbox.log_in("kari", good), "OAUTHBEARER")
        check(mailbox.log_in("kari", good, "XOAUTH2"), "XOAUTH2")
        ola = adapters.token(machine, provider.OLA, **CLAIMS)
        check(mailbox.log_in("ola", ola), "another person")
        refused = {
            **adapters.refused_twins(machine, **CLAIMS),
            "of somebody else": ola,
            "of nobody here": adapters.token(
                machine, sub="nobody", pid=None, **CLAIMS),
            "without the group": adapters.token(
                machine, roles=["driftsvakt"], **CLAIMS),
            "without the scope": adapters.token(
                machine, **{**CLAIMS, "scope": "openid"}),
        }
        for name, bad in refused.items():
            check(not mailbox.log_in("kari", bad), f"a token {name}")
        for name in ("expired", "of somebody else"):
            check(not mailbox.log_in("kari", refused[name], "XOAUTH2"),
                  f"a token {name} by XOAUTH2")
        for name in ("root", "lokal"):
            check(not mailbox.log_in(name, good), f"as {name}")
        lacks(mailbox.said(), r"pam\(|eyJ", "the log")


@test("Dovecot: a lock counts at once, and without an answer nobody is let in")
def mailbox_survives(machine):
    with dovecot(machine) as (mailbox, api):
        good = adapters.token(machine, **CLAIMS)
        machine.ctl("lock", "kari", "--reason", "a test")
        services.wait_for(lambda: not mailbox.log_in("kari", good),
                          "the lock", 1.0)
        machine.ctl("account", "unlock", "kari")
        services.wait_for(lambda: mailbox.log_in("kari", good), "its end",
                          2.0)
        api.fall_silent()
        begun = time.monotonic()
        check(not mailbox.log_in("kari", good), "a silent portvakt-api")
        within(6, begun, "the refusal")
        api.stop()
        check(not mailbox.log_in("kari", good), "no portvakt-api")
        api.start()
        check(mailbox.log_in("kari", good), "it again")
