#!/usr/bin/python3
"""The demonstration, inside enter.py: its acts, told to a newcomer. What
stands behind a bar is what is really on the terminal."""

import argparse
import os
import pathlib
import re
import sys
import textwrap
import time

import machine
import provider
import terminal
import world

COLOUR = sys.stdout.isatty()
INTERACTIVE_HOST = "localhost"
PERSON_LIMIT_S = 300 # as login.timeout_s in machine.py

# A command of the world: what a person does in the browser.
APPROVE = f"""\
#!/usr/bin/python3
import sys
sys.path.insert(0, {str(world.HERE)!r})
import provider
if len(sys.argv) not in (2, 3):
    sys.exit("usage: approve CODE [person]")
try:
    print(provider.approve(*sys.argv[1:])["said"])
except (OSError, RuntimeError) as error:
    sys.exit(f"approve: {{error}}")
"""


def paint(code, text):
    return f"\x1b[{code}m{text}\x1b[0m" if COLOUR else text


def say(text):
    print(textwrap.fill(" ".join(text.split()), 78), flush=True)


def act(number, title):
    print("\n" + paint("1", f"{number}. {title}") + "\n", flush=True)


class Window:
    """Shows a terminal as it fills, one bar in front of every line."""

    def __init__(self):
        self.line = ""

    def __call__(self, text):
        self.line += terminal.ANSI.sub("", text).replace("\r", "")
        while "\n" in self.line:
            line, self.line = self.line.split("\n", 1)
            self.put(line)

    def put(self, line):
        print(paint("36", "   | ") + line, flush=True)

    def finish(self):
        """Shows an unfinished line; a shell's prompt waits for its command.
        """
        if self.line.strip() and not re.search(terminal.PROMPT, self.line):
            self.put(self.line)
            self.line = ""

    def clear(self):
        self.finish()
        self.line = ""


class Demonstration:
    def __init__(self, under_test, window, interactive):
        self.machine = under_test
        self.window = window
        self.interactive = interactive
        self.shown = []

    def step(self, what, result, seconds):
        self.window.finish()
        self.shown.append((what, result, seconds))

    def approve(self, one, code, person, acr, held):
        if self.interactive:
            level = "lavt" if acr == provider.LOW else "høyt"
            print(paint("33", f"   > Your turn: open {self.machine.provider.issuer}"
                        f"/device?user_code={code}\n   > and log in as "
                        f"{person.capitalize()}, security level {level}."),
                  flush=True)
            if held:
                self.press_enter_when_approved(one)
            return
        say(f"{person.capitalize()} types the code {code} in the browser and "
            f"approves.")
        self.machine.provider.approve(code, person, acr=acr)
        if held:
            one.press_enter()

    def press_enter_when_approved(self, one):
        """Whoever presses Enter too early is reminded, and asked again."""
        while True:
            input(paint("33", "   > Press Enter here afterwards. "))
            one.press_enter()
            if not one.reminded(PERSON_LIMIT_S):
                return
            one.wait("Enter.*: ")
            self.window.finish()

    def dialogue(self, one, person="kari", acr=provider.HIGH, held=True):
        """Up to and with the approval; returns the seconds until the code.
        sshd shows nothing while it waits: there, Enter is asked for."""
        begun = time.monotonic()
        code = one.code()
        until_code = time.monotonic() - begun
        # The rest of the text, with the prompt where there is one.
        one.wait("Enter.*: " if held else "slipper du inn")
        self.window.finish()
        self.approve(one, code, person, acr, held)
        return until_code

    def since_token(self):
        """Seconds since the provider has sent its last token: before that,
        a person or the next poll was waited for."""
        sent = [entry["at_ms"] for entry in
                self.machine.requests("token") if entry["status"] == 200]
        return time.time() - sent[-1] / 1000

    def command(self, text):
        self.window.clear()
        print(paint("36", "   | ") + paint("1", f"$ {text}"), flush=True)

    def ssh(self, user):
        self.command(f"ssh {user}@{world.HOST_NAME}")
        return self.machine.ssh(user)

    def run(self, *command):
        """A command at the machine, shown with its output."""
        self.command(command[-1] if command[0] == "sh"
                     else " ".join(command))
        begun = time.monotonic()
        done = self.machine.run(*command)
        spent = time.monotonic() - begun
        for line in (done.stdout + done.stderr).splitlines():
            self.window.put(line)
        return done, spent

    def log_in(self, what):
        one = self.ssh("kari")
        until_code = self.dialogue(one)
        one.shell()
        self.step(what, "let in", until_code + self.since_token())
        return one

    def refusal(self, what, **options):
        """A login of kari's that must be refused, and its audit record."""
        mark = len(self.machine.audit())
        one = self.ssh("kari")
        begun = time.monotonic()
        if options.pop("asked", True):
            until_code = self.dialogue(one, **options)
            status = one.end()
            spent = until_code + self.since_token()
        else:
            status = one.end()
            spent = time.monotonic() - begun
        if status == 0:
            raise RuntimeError(f"{what}: the login was let in")
        record = [record for record in self.machine.audit()[mark:]
                  if record["action"] == "login"][-1]
        self.window.finish()
        say("and the audit has:")
        self.window.put(" ".join(f"{name}={record[name]}" for name in (
            "action", "result", "reason", "account", "service", "acr",
            "correlation") if record.get(name)))
        print()
        self.step(what, f"refused: {record['reason']}", spent)


def first_act(demo):
    act(1, "Kari logs in")
    say("""Kari has no password on this machine and no line in /etc/passwd.
        She uses the ordinary ssh client. The broker asks the identity
        provider for a code, and her terminal shows it.""")
    one = demo.log_in("kari logs in with ssh")
    one.command("id")
    demo.window.finish()
    print()
    say("""Her uid comes from the broker's register. The ko- groups come from
        the roles in her token, by the rules in /etc/portvakt/access.d.""")
    return one


def second_act(demo, one):
    act(2, "sudo asks the same broker")
    say("""ko-drift may use sudo. There is no password to type here either:
        she approves anew.""")
    one.type("sudo id -un")
    until_code = demo.dialogue(one, held=False)
    one.wait(r"\nroot", PERSON_LIMIT_S)
    one.shell()
    demo.step("sudo in that session", "root",
              until_code + demo.since_token())
    one.close()


def third_act(demo):
    under_test = demo.machine
    act(3, "Refusals: each with its reason")
    say("Somebody else approves Kari's login:")
    demo.refusal("somebody else approves", person="ola")
    say("Kari approves with a login of a low level of assurance:")
    demo.refusal("the level of assurance is too low", acr=provider.LOW)
    say("The token that comes is for another service (audience):")
    under_test.provider.settings(forgery="aud-wrong")
    demo.refusal("a token for another audience")
    under_test.provider.settings(forgery=None)
    say("The account is locked; nobody is even asked:")
    demo.command("portvaktctl account lock kari --reason permisjon")
    under_test.ctl("account", "lock", "kari", "--reason", "permisjon")
    demo.refusal("a locked account", asked=False)
    under_test.ctl("account", "unlock", "kari")
    say("""Kari has lost the role kompis-saksbehandler. She still comes in,
        and the group is gone:""")
    under_test.provider.change("kari", roles=["driftsvakt"])
    one = demo.log_in("a role is gone: so is its group")
    groups = one.command("id -nG")
    if "ko-kompis" in groups:
        raise RuntimeError("the group is still there")
    demo.window.finish()
    one.close()


def fourth_act(demo):
    act(4, "Who may reach what, and why")
    say("""Rules are text, one file for each service, and each decision can be
        explained: what was missing, by which line, and what would do.""")
    for group in ("ko-kompis", "ko-infoflyt-region"):
        _, spent = demo.run("portvaktctl", "explain", "kari", group)
        demo.step(f"explain kari {group}", "withheld, with the reason", spent)
        print()
    say("""INFOFLYT stands in the shipped catalogue: nobody is in its groups
        without a personal authorisation, and only who is in one sees it.
        Kari is locked now, and what runs in her name ends:""")
    one = demo.log_in("kari once more")
    _, spent = demo.run("portvaktctl", "lock", "kari", "--reason",
                        "permisjon", "--end-sessions")
    one.end()
    demo.window.finish()
    demo.step("lock with --end-sessions", "her session is ended", spent)
    demo.machine.ctl("account", "unlock", "kari")


ORDERS = "https://orders.example.no"
API_CONFIG = f"""\
client "orders" {{
	user = "root"
	audiences = {{ "{ORDERS}" }}
	claims = {{ "username", "access_groups" }}
}}
"""


def fifth_act(demo):
    under_test = demo.machine
    act(5, "A service is shown a token")
    say(f"""Kari uses {ORDERS}, which runs on this machine. The service is
        shown the access token that the provider gave her browser, and asks
        in its own process: is it good for me, whose is it, and what may she
        reach?""")
    token = under_test.provider.access_token(ORDERS)
    world.write("/run/token", token, 0o600)
    verify = ("sh", "-c", f"portvakt verify --audience {ORDERS} "
                          "--group ko-kompis < /run/token")
    done, spent = demo.run(*verify)
    if done.returncode != 0:
        raise RuntimeError("portvakt verify refused the token")
    demo.step("a service verifies a token", "good, with its groups", spent)
    print()
    say("Another service, which is shown the same token:")
    done, spent = demo.run("sh", "-c", "portvakt verify --audience "
                           "https://other.example.no < /run/token")
    if done.returncode == 0:
        raise RuntimeError("a token for another service was good")
    demo.step("the same token at another service", "refused: audience-wrong",
              spent)
    print()
    say("""A service in any language asks over HTTP, on a Unix socket that
        knows its callers; api.conf says what each is shown:""")
    world.write("/etc/portvakt/api.conf", API_CONFIG, 0o644)
    api = machine.services.Api(under_test.install_root,
                               under_test.log("api"))
    api.start()
    curl = ("curl", "-s", "--unix-socket", api.socket_path,
            "--data-urlencode", "token@/run/token",
            "http://localhost/introspect")
    done, spent = demo.run(*curl)
    if '"active":true' not in done.stdout.replace(" ", ""):
        raise RuntimeError("portvakt-api refused the token")
    demo.step("portvakt-api introspects it (curl)", "active", spent)
    print()
    say("Her tokens are revoked, and no service takes them any more:")
    demo.run("portvaktctl", "revoke", "--subject", "kari", "--reason",
             "mistet-telefon")
    begun = time.monotonic()
    while demo.machine.run(*verify).returncode == 0:
        if time.monotonic() - begun > 1:
            raise RuntimeError("a revoked token is good")
    demo.step("revoked, until no service takes it", "refused: revoked",
              time.monotonic() - begun)
    demo.run(*verify)
    api.stop()


def sixth_act(demo):
    under_test = demo.machine
    act(6, "The broker is stopped")
    say("""Names are read from a file that the broker has published. So they
        still resolve, and nothing waits for anybody:""")
    demo.command(f"kill {under_test.broker.process.pid} # portvaktd")
    under_test.broker.stop()
    for command in (("id", "kari"), ("getent", "group", "ko-drift")):
        _, spent = demo.run(*command)
        demo.step(" ".join(command), "answered", spent)
    print()
    say("Local root logs in at a console as if nothing had happened:")
    demo.command("login")
    one = under_test.terminal("login")
    one.wait("login:")
    one.type("root")
    begun = time.monotonic()
    one.wait("Password:")
    one.type(world.ROOT_PASSWORD)
    one.shell()
    demo.step("local root logs in", "let in", time.monotonic() - begun)
    one.command("id -un")
    demo.window.clear()
    one.close()
    print()
    say("Kari is told at once:")
    one = demo.ssh("kari")
    begun = time.monotonic()
    if one.end() == 0:
        raise RuntimeError("kari was let in without a broker")
    demo.step("kari without a broker", "refused: outage",
              time.monotonic() - begun)
    under_test.broker.start()


def table(shown):
    print("\n" + paint("1", "What was shown") + "\n")
    width = max(len(what) for what, _, _ in shown)
    middle = max(len(result) for _, result, _ in shown)
    for what, result, seconds in shown:
        print(f"   {what:{width}}  {result:{middle}}  "
              f"{seconds * 1000:6.0f} ms")
    print("\n   Without the waiting for a person: from the command to the "
          "code on screen, and\n   from the provider's token to the end. The "
          "provider's own answers are in it, and\n   ssh's connection, key "
          "exchange and shell.")


def next_steps(under_test):
    print("\n" + paint("1", "Read on") + "\n")
    print("   README.md        \"A first login on a test machine\"\n"
          "   ARCHITECTURE.md  the processes, and who trusts whom\n"
          "   SECURITY.md      what could go wrong, and what stops it\n"
          f"   {under_test.directory}  every log and screen of this run;\n"
          "                    remove it when you like")


def look_around(under_test):
    print("\n" + paint("1", "The world stays until you leave this shell.")
          + f" Try:\n\n   portvaktctl status\n   tail {machine.AUDIT}\n"
          f"   ssh kari@{world.HOST_NAME}\n\n"
          "To approve a code that ssh shows: Ctrl-Z, approve THE-CODE, fg, "
          "and then Enter.\n", flush=True)
    world.write("/usr/local/bin/approve", APPROVE, 0o755)
    world.write("/etc/ssh/ssh_known_hosts",
                pathlib.Path("/run/known_hosts").read_text())
    environment = {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin",
                   "HOME": "/home/root",
                   "TERM": os.environ.get("TERM", "vt100"),
                   "LANG": "C.UTF-8"}
    # On a terminal of this world; the one outside has no name in here.
    size = os.get_terminal_size()
    terminal.pexpect.spawn(
        "/bin/bash", env=environment, cwd="/home/root", dimensions=(
            size.lines, size.columns)).interact(escape_character=None)


def demonstrate(under_test, window, arguments):
    under_test.build()
    under_test.start()
    under_test.begin("demo")
    if arguments.interactive:
        under_test.provider.settings(expires_in_s=PERSON_LIMIT_S)
        say("""You are Kari. Open the addresses in a browser on this machine;
            it will warn of a certificate that the demonstration has made for
            itself. From another machine: ssh -L 8443:localhost:8443.""")
    print()
    for service in under_test.services():
        print(f"   {service.name:15} started in "
              f"{service.start_s * 1000:4.0f} ms")
    demo = Demonstration(under_test, window, arguments.interactive)
    one = first_act(demo)
    second_act(demo, one)
    third_act(demo)
    fourth_act(demo)
    fifth_act(demo)
    sixth_act(demo)
    table(demo.shown)
    if arguments.keep and sys.stdin.isatty():
        look_around(under_test)
    elif arguments.keep:
        say("--keep needs a terminal, and this is none.")
    under_test.end()
    under_test.stop()
    next_steps(under_test)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--install-root", required=True)
    parser.add_argument("--logs", required=True)
    parser.add_argument("--interactive", action="store_true")
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    window = Window()
    host = INTERACTIVE_HOST if arguments.interactive else world.IDP_NAME
    under_test = machine.Machine(arguments.logs, arguments.install_root,
                                 host, window)
    try:
        demonstrate(under_test, window, arguments)
    except (KeyboardInterrupt, EOFError):
        return 130 # ./demo says that it has stopped
    except (AssertionError, OSError, RuntimeError) as error:
        print(f"\nThe demonstration did not go as it should: {error}\n"
              f"Every log and screen of it: {under_test.directory}",
              file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
