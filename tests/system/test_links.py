"""libportvakt and pairwise subjects: what it asks portvakt-api, as which user,
and what it says when nobody answers."""

import json
import os
import signal
import subprocess
import time

import provider
import services
import world
from suite import check, equal, test
from test_api_tokens import AUDIENCE, person_token, serving
from test_person import add_by_number

OUTAGE = 3  # portvakt(1)
STRANGER = ("setpriv", "--reuid", str(world.LOCAL_ID), "--regid",
            str(world.LOCAL_ID), "--groups", str(world.VERIFY_ID))


def verify(token, *command):
    """The exit status, what it said, and how long that took."""
    begun = time.monotonic()
    done = subprocess.run(
        [*command, "portvakt", "verify", "--audience", AUDIENCE, "--json"],
        input=token, capture_output=True, text=True, timeout=20, check=False)
    took_s = time.monotonic() - begun
    return done.returncode, json.loads(done.stdout), took_s


def await_keys(token):
    services.wait_for(lambda: verify(token)[1]["reason"] != "no-keys",
                      "keys in the image", 10)


@test("links: the library asks the API for who is listed, and says outage "
      "when nobody answers")
def library_links(machine):
    machine.ctl("account", "remove", "kari", "--yes", refused=True)
    try:
        add_by_number(machine, "kari", provider.KARI["pid"])
        machine.log_in("ola").close()
        one = person_token(machine, sub="pairwise-kari")
        known = machine.provider.access_token(AUDIENCE, provider.OLA)
        await_keys(known)
        status, said, took_s = verify(one)
        equal((status, said["reason"]), (OUTAGE, "link-unavailable"),
              "without the API")
        check(took_s < 1.5, f"{took_s} s")
        equal(verify(known)[1]["account"], "ola", "who is known")
        with serving(machine) as api:
            equal(verify(one)[1]["account"], "kari", "with the API")
            status, said, _ = verify(one, *STRANGER)
            equal((status, said.get("account")), (0, None), "not listed")
            os.killpg(api.process.pid, signal.SIGSTOP)
            try:
                _, said, took_s = verify(one)
                equal(said["reason"], "link-unavailable", "a frozen API")
                check(0.9 < took_s < 2, f"{took_s} s")
                check(verify(known)[2] < 0.5, "who is known waits")
            finally:
                os.killpg(api.process.pid, signal.SIGCONT)
            equal(verify(one)[1]["account"], "kari", "and again")
    finally:
        machine.ctl("account", "remove", "kari", "--yes", refused=True)
        machine.ensure_accounts()
