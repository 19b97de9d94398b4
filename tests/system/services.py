"""The processes of the world, run in the foreground as our children."""

import array
import fcntl
import itertools
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

import world

START_DEADLINE_S = 15


def wait_for(condition, what, deadline_s=START_DEADLINE_S):
    """Returns the first true value of condition(), or raises TimeoutError."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {deadline_s} s")
        time.sleep(0.01)


class Listener:
    """Keeps what arrives at a datagram socket, one entry a datagram."""

    def __init__(self, path):
        self.received = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.socket.bind(path)
        os.chmod(path, 0o666)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            data, ancillary, _, _ = self.socket.recvmsg(
                1 << 20, socket.CMSG_SPACE(16))
            for level, kind, content in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    data += self.read_passed(content)
            self.received.append(data)

    @staticmethod
    def read_passed(content):
        """The journal takes large records as the descriptor of a file."""
        descriptors = array.array("i", content)
        data = b""
        for descriptor in descriptors:
            with os.fdopen(descriptor, "rb") as file:
                file.seek(0)
                data += file.read()
        return data


class Service:
    def __init__(self, name, command, log, user=0, group=0, ready=None,
                 environment=None):
        self.name = name
        self.command = command
        self.log = pathlib.Path(log)
        self.user = user
        self.group = group
        self.ready = ready
        self.environment = environment or {}
        self.process = None
        self.start_s = None
        self.inherited = [] # descriptors that become 3, 4, ...
        self.extra_groups = []

    def start(self):
        """Starts it and returns when it is ready; start_s says how long."""
        begun = time.monotonic()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, user=self.user, group=self.group,
                extra_groups=self.extra_groups, cwd="/", start_new_session=True,
                pass_fds=range(3, 3 + len(self.inherited)),
                preexec_fn=self.hand_over if self.inherited else None,
                env={"PATH": "/usr/sbin:/usr/bin", "LANG": "C.UTF-8",
                     **self.environment})
        if self.ready:
            self.wait_ready()
        self.start_s = time.monotonic() - begun

    def wait_ready(self):
        """What never becomes ready must not be what the next test meets."""
        try:
            wait_for(self.is_ready, f"{self.name} ready (see {self.log})")
        except TimeoutError as late:
            state = self.state()
            self.kill()
            raise TimeoutError(f"{late}; it was {state}") from late

    def state(self):
        """Where its threads are, for who must find out why it hangs."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        try:
            return ", ".join(sorted(
                (task / "comm").read_text().strip() + " in " +
                ((task / "wchan").read_text() or "?")
                for task in tasks.iterdir()))
        except OSError as error:
            return f"gone ({error})"

    def hand_over(self):
        """In the child: what it inherits stands where systemd puts it."""
        safe = [fcntl.fcntl(one, fcntl.F_DUPFD, 100)
                for one in self.inherited]
        for number, one in enumerate(safe, 3):
            os.dup2(one, number, inheritable=True)

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with "
                               f"{self.process.returncode}: see {self.log}")
        return self.ready()

    def running(self):
        return self.process is not None and self.process.poll() is None

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM, deadline_s=5):
        """Ends it and returns its exit status."""
        if not self.running():
            return None if not self.process else self.process.returncode
        self.send(signal.SIGCONT)
        self.send(number)
        try:
            return self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def kill(self):
        """As a crash would."""
        if self.running():
            self.process.kill()
            self.process.wait()

    def freeze(self):
        self.send(signal.SIGSTOP)

    def thaw(self):
        self.send(signal.SIGCONT)

    def size_kb(self):
        """Resident memory, or 0 when it does not run."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status")
        for line in status.read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0


def program(install_root, name):
    """Where the build installed a program of ours."""
    found = [path for path in pathlib.Path(install_root).rglob(name)
             if path.is_file() and os.access(path, os.X_OK)]
    if not found:
        raise FileNotFoundError(f"{name} is not in {install_root}")
    return "/" + str(found[0].relative_to(install_root))


class Notified:
    """The readiness protocol of sd_notify(3), one socket a service."""

    numbers = itertools.count(1)

    def __init__(self):
        self.path = f"/run/notify/{next(self.numbers)}"
        self.listener = Listener(self.path)
        self.environment = {"NOTIFY_SOCKET": self.path}

    def fresh(self):
        self.listener.received.clear()
        return self

    def ready(self):
        return any(b"READY=1" in data for data in self.listener.received)


class Broker(Service):
    """It makes its sockets itself, but the one of portvakt-api: who that is
    the broker learns from the owner of the file, which root has set."""

    directory = "/run/portvakt"
    # name of a socket that systemd would pass: its mode and its owner
    passed = {"service": (0o600, world.API_ID)}

    def __init__(self, install_root, log):
        self.notified = Notified()
        super().__init__(
            "portvaktd", ["/bin/sh", "-c", "LISTEN_PID=$$ exec " +
                          program(install_root, "portvaktd")], log,
            user=world.BROKER_ID, group=world.BROKER_ID,
            ready=self.notified.ready, environment={
                **self.notified.environment,
                "LISTEN_FDS": str(len(self.passed)),
                "LISTEN_FDNAMES": ":".join(self.passed)})
        self.sockets = []

    def start(self):
        self.notified.fresh()
        self.close()
        self.sockets = [
            self.listen(f"{self.directory}/{name}.sock", mode, owner)
            for name, (mode, owner) in self.passed.items()]
        self.inherited = [sock.fileno() for sock in self.sockets]
        super().start()

    def stop(self, *arguments, **options):
        status = super().stop(*arguments, **options)
        self.close()
        return status

    def close(self):
        for sock in self.sockets:
            path = sock.getsockname()
            sock.close()
            os.unlink(path)
        self.sockets = []

    @staticmethod
    def listen(path, mode, owner):
        if os.path.exists(path):
            os.unlink(path)
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(path)
        os.chmod(path, mode)
        os.chown(path, owner, 0)
        sock.listen(64)
        return sock

    def reload(self):
        """SIGHUP; returns when it says that it is done."""
        self.notified.fresh()
        self.send(signal.SIGHUP)
        wait_for(self.notified.ready, "the reload")


class ActivatedBroker(Broker):
    """The broker as systemd starts it: its sockets are made by root, in a
    directory where it cannot write."""

    passed = {"login": (0o666, 0), "admin": (0o600, 0), **Broker.passed}

    def start(self):
        os.chown(self.directory, 0, 0)
        super().start()

    def stop(self, *arguments, **options):
        status = super().stop(*arguments, **options)
        os.chown(self.directory, world.BROKER_ID, world.BROKER_ID)
        return status


def listens(path):
    """A socket has its name a moment before anybody can connect to it."""
    with socket.socket(socket.AF_UNIX) as one:
        return one.connect_ex(path) == 0


class Fetch(Service):
    socket_path = "/run/portvakt-fetch/fetch.sock"

    def __init__(self, install_root, log):
        super().__init__(
            "portvakt-fetch", [program(install_root, "portvakt-fetch")], log,
            user=world.FETCH_ID, group=world.FETCH_ID,
            ready=lambda: listens(self.socket_path))

    def start(self):
        # Left by one that was killed; systemd would have made it anew.
        if os.path.exists(self.socket_path):
            os.unlink(self.socket_path)
        super().start()


class Api(Service):
    socket_path = "/run/portvakt-api/api.sock"

    def __init__(self, install_root, log):
        super().__init__(
            "portvakt-api", [program(install_root, "portvakt-api")], log,
            user=world.API_ID, group=world.API_ID,
            ready=lambda: os.path.exists(self.socket_path))
        self.extra_groups = [world.VERIFY_ID]


SSHD_CONFIG = """\
Port 22
ListenAddress 0.0.0.0
HostKey /etc/ssh/host_key
PidFile none
UsePAM yes
KbdInteractiveAuthentication yes
PasswordAuthentication no
PubkeyAuthentication yes
AuthorizedKeysFile /etc/ssh/keys/%u
PermitRootLogin yes
LoginGraceTime 300
MaxStartups 100
UseDNS no
PrintMotd no
PrintLastLog no
LogLevel VERBOSE
"""


def port_open(port):
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def sshd(log):
    """Also makes the host key and a key pair for people to log in with."""
    for path in ("/etc/ssh/host_key", "/run/person_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                        "-f", path], check=True)
    world.write("/etc/ssh/sshd_config", SSHD_CONFIG)
    public = pathlib.Path("/etc/ssh/host_key.pub").read_text()
    world.write("/run/known_hosts", f"{world.HOST_NAME} {public}")
    return Service("sshd", ["/usr/sbin/sshd", "-D", "-e"], log,
                   ready=lambda: port_open(22))


def read_json_lines(path):
    """The records of a file of JSON lines; [] when there is none."""
    try:
        text = pathlib.Path(path).read_text()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.splitlines() if line]
