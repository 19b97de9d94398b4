"""The private world of the system tests: the machine as it is, with Portvakt
installed over it and an /etc, /run, /var, /dev and /home of its own. To be
built inside enter.py only."""

import ctypes
import fcntl
import os
import pathlib
import shutil
import socket
import struct
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parent.parent
HOST_NAME = "vakt01"
IDP_NAME = "idp.portvakt.test"

BROKER_ID, FETCH_ID, SSHD_ID, LOCAL_ID = 901, 902, 903, 1000
VERIFY_ID = 904  # the group that may read the trust image
API_ID = 905
# Users that ask portvakt-api about tokens.
WEB_ID, DOVECOT_ID, DOVENULL_ID, SERVICE_ID = 33, 906, 907, 908
POSTGRES_ID = 909
MAIL_ID = 8
ROOT_PASSWORD = "knus-glasset-1"
LOCAL_PASSWORD = "lokal-passord-1"

PASSWD = f"""\
root:x:0:0:root:/home/root:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
portvakt:x:{BROKER_ID}:{BROKER_ID}:Portvakt broker:/nonexistent:/usr/sbin/nologin
portvakt-fetch:x:{FETCH_ID}:{FETCH_ID}:Portvakt fetcher:/nonexistent:/usr/sbin/nologin
portvakt-api:x:{API_ID}:{API_ID}:Portvakt token API:/nonexistent:/usr/sbin/nologin
sshd:x:{SSHD_ID}:65534::/run/sshd:/usr/sbin/nologin
www-data:x:{WEB_ID}:{WEB_ID}:www-data:/var/www:/usr/sbin/nologin
dovecot:x:{DOVECOT_ID}:{DOVECOT_ID}::/usr/lib/dovecot:/usr/sbin/nologin
dovenull:x:{DOVENULL_ID}:{DOVENULL_ID}::/nonexistent:/usr/sbin/nologin
kompis:x:{SERVICE_ID}:{SERVICE_ID}:A service:/nonexistent:/usr/sbin/nologin
postgres:x:{POSTGRES_ID}:{POSTGRES_ID}::/var/lib/postgresql:/bin/bash
lokal:x:{LOCAL_ID}:{LOCAL_ID}:Lokal bruker:/home/lokal:/bin/bash
"""

GROUP = f"""\
root:x:0:
tty:x:5:
shadow:x:42:
utmp:x:43:
nogroup:x:65534:
portvakt:x:{BROKER_ID}:
portvakt-fetch:x:{FETCH_ID}:
portvakt-api:x:{API_ID}:
portvakt-verify:x:{VERIFY_ID}:portvakt-api
www-data:x:{WEB_ID}:
dovecot:x:{DOVECOT_ID}:
dovenull:x:{DOVENULL_ID}:
kompis:x:{SERVICE_ID}:
postgres:x:{POSTGRES_ID}:
mail:x:{MAIL_ID}:
lokal:x:{LOCAL_ID}:
"""

NSSWITCH = """\
passwd: files portvakt
group:  files portvakt
shadow: files
hosts:  files
"""

HOSTS = f"""\
127.0.0.1 localhost {IDP_NAME}
127.0.1.1 {HOST_NAME}
127.0.0.1 annen.portvakt.test
127.0.0.1 kompis.example.no post.example.no db.example.no
"""

SUDOERS = """\
Defaults !lecture
root ALL=(ALL:ALL) ALL
%ko-drift ALL=(ALL:ALL) ALL
"""

_libc = ctypes.CDLL(None, use_errno=True)


def mount(source, target, kind=None, options="", flags=0):
    result = _libc.mount(
        str(source).encode(), str(target).encode(),
        kind.encode() if kind else None, flags,
        options.encode() if options else None)
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"mount {kind} on {target}: {os.strerror(code)}")


def loopback_up():
    """What `ip link set lo up` does, without the package."""
    SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(
            sock, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(sock, SIOCSIFFLAGS,
                    struct.pack("16sh14x", b"lo", flags | IFF_UP))


def password_hash(password):
    return subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=password, text=True,
        check=True, capture_output=True).stdout.strip()


def private_devices(scratch):
    """A /dev of our own, so that syslog and terminals stay in here."""
    dev = scratch / "dev"
    dev.mkdir()
    mount("tmpfs", dev, "tmpfs", "mode=0755")
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        (dev / name).touch()
        mount(f"/dev/{name}", dev / name, flags=4096)  # MS_BIND
    for name in ("pts", "shm"):
        (dev / name).mkdir()
    mount("devpts", dev / "pts", "devpts",
          "newinstance,ptmxmode=0666,mode=0620,gid=5")
    mount("tmpfs", dev / "shm", "tmpfs", "mode=1777")
    for link, target in (("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd"),
                         ("stdin", "/proc/self/fd/0"),
                         ("stdout", "/proc/self/fd/1"),
                         ("stderr", "/proc/self/fd/2")):
        (dev / link).symlink_to(target)
    mount(dev, "/dev", flags=4096 | 16384)  # MS_BIND | MS_REC


def overlay(scratch, path, *below):
    """What is written under path from now on is kept in memory."""
    upper, work = (scratch / f"{part}{path.replace('/', '-')}"
                   for part in ("upper", "work"))
    upper.mkdir()
    work.mkdir()
    lower = ":".join([*map(str, below), path])
    mount("overlay", path, "overlay",
          f"lowerdir={lower},upperdir={upper},workdir={work}")


def private_directories(scratch, install_root):
    """Portvakt's files appear over the machine's own; nothing that is
    written anywhere but in /tmp reaches a disk."""
    overlay(scratch, "/usr", install_root / "usr")
    overlay(scratch, "/etc", install_root / "etc")
    overlay(scratch, "/var")
    tree = os.open(TREE, os.O_PATH)
    for path in ("/run", "/home"):
        mount("tmpfs", path, "tmpfs", "mode=0755")
    # The clone may lie in somebody's home directory.
    if TREE.is_relative_to("/home"):
        TREE.mkdir(parents=True)
        mount(f"/proc/self/fd/{tree}", TREE, flags=4096 | 16384)
    os.close(tree)
    # A Portvakt that the machine itself has is none of this world.
    for path in ("/etc/portvakt", "/var/lib/portvakt", "/var/log/portvakt"):
        shutil.rmtree(path, ignore_errors=True)


def write(path, text, mode=0o644, owner=0, group=0):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.chown(path, owner, group)
    path.chmod(mode)


def directory(path, mode, owner=0, group=0):
    os.makedirs(path, exist_ok=True)
    os.chown(path, owner, group)
    os.chmod(path, mode)


def write_accounts():
    root, local = map(password_hash, (ROOT_PASSWORD, LOCAL_PASSWORD))
    write("/etc/passwd", PASSWD)
    write("/etc/group", GROUP)
    write("/etc/gshadow", "", 0o640, group=42)
    write("/etc/shadow",
          f"root:{root}:20000:0:99999:7:::\n"
          f"lokal:{local}:20000:0:99999:7:::\n", 0o640, group=42)
    write("/etc/nsswitch.conf", NSSWITCH)
    write("/etc/hosts", HOSTS)
    write("/etc/hostname", HOST_NAME + "\n")
    write("/etc/sudoers", SUDOERS, 0o440)
    write("/etc/default/locale", "LANG=C.UTF-8\n")


def write_pam():
    """The machine's own services, with our profile as an administrator turns
    it on. The package of cron need not be there."""
    if not os.path.exists("/etc/pam.d/cron"):
        shutil.copy(HERE / "pam.d" / "cron", "/etc/pam.d/cron")
    subprocess.run(
        ["pam-auth-update", "--force", "--package", "--enable", "mkhomedir"],
        check=True, stdin=subprocess.DEVNULL, env={
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "DEBIAN_FRONTEND": "noninteractive"})
    write("/etc/environment", "")
    write("/etc/inputrc", "set enable-bracketed-paste off\n")
    write("/etc/motd", "")
    shutil.rmtree("/etc/update-motd.d", ignore_errors=True)


def make_directories():
    directory("/run/portvakt", 0o755, BROKER_ID, BROKER_ID)
    directory("/run/portvakt/trust", 0o2750, BROKER_ID, VERIFY_ID)
    directory("/run/portvakt-fetch", 0o750, FETCH_ID, BROKER_ID)
    directory("/run/portvakt-api", 0o755, API_ID, API_ID)
    directory("/var/lib/portvakt", 0o755, BROKER_ID, BROKER_ID)
    directory("/var/log/portvakt", 0o750, BROKER_ID, BROKER_ID)
    directory("/run/sshd", 0o755)
    directory("/run/lock", 0o1777)
    directory("/run/systemd/journal", 0o755)
    directory("/home/root", 0o700)
    directory("/home/lokal", 0o700, LOCAL_ID, LOCAL_ID)
    write("/run/utmp", "", 0o664, group=43)
    for name in ("wtmp", "btmp", "lastlog"):
        write(f"/var/log/{name}", "", 0o660, group=43)


def build(scratch, install_root):
    """Turns the namespaces that this process is in into the world. scratch
    is an empty directory; it may be left behind, being empty outside."""
    # What a test makes may be looked at by people of any kind in there.
    os.umask(0o022)
    socket.sethostname(HOST_NAME)
    loopback_up()
    mount("tmpfs", scratch, "tmpfs", "mode=0755")
    private_devices(scratch)
    private_directories(scratch, install_root)
    write_accounts()
    write_pam()
    make_directories()
    subprocess.run(["ldconfig"], check=True)
