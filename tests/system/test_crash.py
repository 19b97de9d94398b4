"""The broker is killed in the middle of each step: the register and the image
are whole, no account is lost, and the next login works."""

import os
import pathlib
import sqlite3
import subprocess
import time

import provider
import services
import world
from suite import check, contains, equal, lacks, test

STATE = pathlib.Path("/var/lib/portvakt")
IMAGES = ("directory", "directory.restricted")


def passwd(machine, name):
    return machine.run("getent", "passwd", name).stdout


def generation(image):
    return int.from_bytes((STATE / image).read_bytes()[16:24], "little")


def whole(machine, before):
    """After a kill: names resolve as before, and the broker comes back."""
    equal(passwd(machine, "kari"), before, "kari, with the broker killed")
    machine.broker.start()
    equal(passwd(machine, "kari"), before, "kari, with the broker back")
    services.wait_for(lambda: len({generation(one) for one in IMAGES}) == 1,
                      "two images of one generation")
    with sqlite3.connect(f"file:{STATE}/register.db?mode=ro",
                         uri=True) as db:
        equal(db.execute("pragma integrity_check").fetchone(), ("ok",),
              "the register")
    # One that is being published has a name of its own for a moment.
    services.wait_for(lambda: not left_behind(),
                      "the publication that cleans up")


def left_behind():
    return [path.name for path in STATE.iterdir()
            if path.name not in (*IMAGES, "person.keys", "strict-services")
            and not path.name.startswith("register.db")]


def killed_in_login(title, name, act):
    @test(f"killed {title}")
    def killed(machine):
        before = passwd(machine, "kari")
        one = act(machine)
        machine.broker.kill()
        one.close()
        whole(machine, before)
        machine.log_in("kari")
        equal(machine.groups_of("kari"), ["ko-drift", "ko-kompis"], "groups")
    killed.__name__ = f"killed_{name}"


def before_the_code(machine):
    machine.provider.fail("device", "hang", count=1)
    one = machine.ssh("kari")
    services.wait_for(lambda: machine.struck("device"), "the request")
    equal(machine.ctl("status")["logins"], 1, "logins under way")
    lacks(one.screen(), "Trykk Enter", "the screen")
    return one


def with_the_code(machine):
    one = machine.ssh("kari")
    one.wait("Trykk Enter")
    return one


def after_the_approval(machine):
    one = machine.ssh("kari")
    code = one.code()
    one.wait("Trykk Enter")
    machine.provider.approve(code)
    return one


def while_fetching_the_token(machine):
    one = machine.ssh("kari")
    code = one.code()
    one.wait("Trykk Enter")
    machine.provider.fail("token", "hang", count=1)
    machine.provider.approve(code)
    one.press_enter()
    services.wait_for(lambda: machine.struck("token"), "the poll")
    return one


killed_in_login("before the code has come", "before_code", before_the_code)
killed_in_login("while the person has the code", "with_code", with_the_code)
killed_in_login("right after the approval", "approved", after_the_approval)
killed_in_login("while the token is fetched", "token",
                while_fetching_the_token)


@test("killed while the answer is recorded and published, at many moments")
def killed_publishing(machine):
    before = passwd(machine, "kari")
    for delay_ms in (0, 2, 4, 6, 8, 12, 16, 24):
        one = machine.ssh("kari")
        code = one.code()
        one.wait("Trykk Enter")
        asked = len(machine.requests("token"))
        machine.provider.approve(code)
        one.press_enter()
        services.wait_for(lambda: any(
            entry["status"] == 200 for entry in
            machine.requests("token")[asked:]), "the token")
        time.sleep(delay_ms / 1000)
        machine.broker.kill()
        one.close()
        whole(machine, before)
    machine.log_in("kari")


@test("killed while accounts are added, at many moments: each is whole or not")
def killed_adding(machine):
    before = passwd(machine, "kari")
    confirmed = {}
    for number in range(12):
        name = f"prove{number:02}"
        begun = subprocess.Popen(
            ["portvaktctl", "--json", "account", "add", name,
             f"subject-{name}"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        time.sleep(number * 0.002)
        machine.broker.kill()
        output = begun.communicate(timeout=40)[0]
        if begun.returncode == 0:
            confirmed[name] = output
        whole(machine, before)
    accounts = {account["name"]: account for account in
                machine.ctl("account", "list")["accounts"]}
    uids = [account["uid"] for account in accounts.values()]
    equal(len(uids), len(set(uids)), "different uids")
    for name in confirmed:
        check(name in accounts, f"{name} was confirmed and is lost")
    for name, account in accounts.items():
        check(f":{account['uid']}:" in passwd(machine, name),
              f"{name} is in the register and not in the image")
        if name.startswith("prove"):
            machine.ctl("account", "remove", name, "--yes")


@test("a damaged image means none of ours, and a restart mends it")
def damaged_image(machine):
    before = passwd(machine, "kari")
    image = STATE / "directory"
    machine.broker.stop()
    good = image.read_bytes()
    for bad in (b"", good[:len(good) // 2], good[:64] + b"\xff" * 64 +
                good[128:], os.urandom(len(good))):
        fresh = image.with_name("directory.bad")
        fresh.write_bytes(bad)
        os.chmod(fresh, 0o644)
        os.chown(fresh, image.stat().st_uid, image.stat().st_gid)
        os.rename(fresh, image)
        equal(machine.run("getent", "passwd", "kari").returncode, 2,
              "getent with a damaged image")
        equal(machine.run("id", "-un", "root").stdout, "root\n", "root")
    machine.broker.start()
    # It publishes once it is ready, not before.
    services.wait_for(lambda: passwd(machine, "kari") == before, "kari", 5)


@test("the restricted image is the broker's alone, and check misses it")
def restricted_image(machine):
    image = STATE / "directory.restricted"
    equal(image.stat().st_mode & 0o7777, 0o600, "mode")
    equal(image.stat().st_uid, world.BROKER_ID, "owner")
    check(machine.run("cat", image, user=world.LOCAL_ID).returncode != 0,
          "somebody else reads it")
    image.unlink()
    done = machine.run("portvaktctl", "check")
    contains(" ".join(done.stdout.split()),
             "directory.restricted: No such file .*nobody is in a restricted",
             "what check finds")
    machine.restart_broker()
    lacks(" ".join(machine.run("portvaktctl", "check").stdout.split()),
          "nobody is in a restricted", "what check finds")


@test("a uid is never given out twice, also after removal")
def no_uid_twice(machine):
    person = {**provider.OLA, "id": "gjest", "sub": "gjest-1"}
    first = machine.add_account(person)["account"]["uid"]
    machine.ctl("account", "remove", "gjest", "--yes")
    equal(passwd(machine, "gjest"), "", "getent of a removed account")
    second = machine.add_account(person)["account"]["uid"]
    machine.ctl("account", "remove", "gjest", "--yes")
    check(first != second, f"uid {first} was given out twice")
