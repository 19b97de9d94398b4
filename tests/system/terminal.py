"""What a person does at a terminal, and what she sees there."""

import os
import re
import sys
import time

sys.path.append("/usr/lib/python3/dist-packages")
import pexpect

import world

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
CODE = r"\b([B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4})\b"
# What bash shows when it waits: kari@vakt01:~$
PROMPT = rf"[\w-]+@{world.HOST_NAME}:[^\r\n]*[$#] $"
TIMEOUT_S = 20

SSH_OPTIONS = ["-F", "none", "-o", "UserKnownHostsFile=/run/known_hosts",
               "-o", "StrictHostKeyChecking=yes", "-o", "LogLevel=INFO",
               "-o", "NumberOfPasswordPrompts=1"]


class Terminal:
    """One command on a pseudo-terminal of 100 columns."""

    def __init__(self, command, transcript, watcher=None, user=None,
                 environment=None):
        self.watcher = watcher
        self.held = command[0] == "ssh"
        settings = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "vt100",
            "LANG": "C.UTF-8", "HOME": "/home/root", "HISTFILE": "/dev/null",
            **(environment or {}),
        }
        self.child = pexpect.spawn(
            command[0], command[1:], encoding="utf-8", timeout=TIMEOUT_S,
            env=settings, dimensions=(50, 100), codec_errors="replace",
            preexec_fn=(lambda: become(user)) if user else None)
        self.child.delaybeforesend = None
        self.log = open(transcript, "a", encoding="utf-8")
        self.seen = ""
        self.child.logfile_read = self
        self.begun = time.monotonic()

    # The interface of a log file, for pexpect.
    def write(self, text):
        self.seen += text
        self.log.write(text)
        if self.watcher:
            self.watcher(text)

    def flush(self):
        self.log.flush()

    def screen(self):
        """Everything shown so far, without colours and carriage returns."""
        return ANSI.sub("", self.seen).replace("\r", "")

    def wait(self, pattern, timeout_s=TIMEOUT_S):
        """Waits for pattern and returns its match."""
        try:
            self.child.expect(pattern, timeout=timeout_s)
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            raise AssertionError(
                f"{type(error).__name__} instead of {pattern!r}; "
                f"on screen:\n{self.screen()}") from None
        return self.child.match

    def type(self, text):
        self.child.send(text + "\r")

    def press_enter(self):
        self.child.send("\r")

    def code(self):
        """The code that the person is shown."""
        return self.wait(CODE).group(1)

    def command(self, line, timeout_s=TIMEOUT_S):
        """Types a command at a shell's prompt and returns its output."""
        self.type(line)
        self.wait(PROMPT, timeout_s)
        output = ANSI.sub("", self.child.before).replace("\r", "")
        return output.partition("\n")[2].strip()

    def shell(self, timeout_s=TIMEOUT_S):
        """Waits for a shell to show its prompt."""
        self.wait(PROMPT, timeout_s)

    def reminded(self, timeout_s):
        """After Enter at sshd's prompt: whether the person is told that she
        has not approved yet. A shell's prompt stays for shell()."""
        try:
            return self.child.expect(
                ["ikke godkjent ennå", f"(?={PROMPT})", pexpect.EOF],
                timeout=timeout_s) == 0
        except pexpect.TIMEOUT:
            return False

    def end(self, timeout_s=TIMEOUT_S):
        """Waits for the end; returns the exit status."""
        try:
            self.child.expect(pexpect.EOF, timeout=timeout_s)
        except pexpect.TIMEOUT:
            raise AssertionError(
                f"still running after {timeout_s} s; on screen:\n"
                f"{self.screen()}") from None
        self.child.close()
        return self.child.exitstatus

    def close(self):
        self.child.close(force=True)
        self.log.close()


def become(user):
    """In a child: another user, with nothing of root's left."""
    uid, gid = user
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def ssh_command(user, *command, key=False, options=()):
    methods = (["-i", "/run/person_key", "-o",
                "PreferredAuthentications=publickey", "-o",
                "BatchMode=yes"] if key else
               ["-o", "PreferredAuthentications=keyboard-interactive"])
    return ["ssh", *SSH_OPTIONS, *methods, *options, "-l", user,
            world.HOST_NAME, *command]
