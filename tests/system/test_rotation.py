"""Keys come, change and go, an issuer is away, clocks jump, and everybody
presents tokens of keys that nobody has: what services here believe meanwhile,
by the library in portvakt(1), and how often the issuer is asked."""

import base64
import contextlib
import itertools
import json
import os
import pathlib
import ssl
import subprocess
import time
import urllib.parse
import urllib.request

import provider
import services
import test_api
import test_authorisation
import world
from suite import check, equal, test

AUDIENCE = test_api.AUDIENCE
DROP_IN = "/etc/portvakt/portvakt.conf.d/keys.conf"
REFRESH_S, KEEP_S = 5, 12
# A fetch, an image, and a machine that does other things too.
SLACK_S = 2.5

KEYS_MAX, JWKS_SIZE = 40, 65536


@contextlib.contextmanager
def keys(machine, refresh_s=REFRESH_S, keep_s=KEEP_S):
    """With keys that are fetched and forgotten as fast as may be."""
    pathlib.Path(DROP_IN).parent.mkdir(exist_ok=True)
    world.write(DROP_IN, f'verify {{ keys_refresh = "{refresh_s}s" '
                f'keys_keep = "{keep_s}s" }}\n', 0o640,
                group=world.BROKER_ID)
    try:
        machine.restart_broker()
        wait_for_word(token(machine), "good", 10)
        yield
    finally:
        os.unlink(DROP_IN)
        machine.provider.reset()
        machine.restart_broker()
        wait_for_word(token(machine), "good", 10)


def token(machine, previous=False, kid=None, at_s=0):
    """Of Kari, for this service, by the issuer's newest key; previous: by the
    one before; kid: as if by that. at_s: as if issued so much later."""
    now = int(time.time()) + at_s
    return provider.control("sign", {"previous": previous, "kid": kid,
                                     "claims": {
        "iss": machine.provider.issuer, "aud": AUDIENCE,
        "sub": provider.KARI["sub"], "iat": now, "exp": now + 600,
        "auth_time": now, "acr": provider.HIGH, "client_id": "saker-web",
        "scope": "openid", "jti": str(time.monotonic_ns())}})["token"]


def verify(text, *command):
    """"good", or why not, as the library says it."""
    done = subprocess.run(
        (*command, "portvakt", "verify", "--audience", AUDIENCE, "--json"),
        input=text, capture_output=True, text=True, check=False, timeout=20,
        user=4242, group=world.VERIFY_ID, extra_groups=[])
    answer = json.loads(done.stdout)
    return "good" if done.returncode == 0 else answer["reason"]


def wait_for_word(text, word, deadline_s):
    """Until it is verified so; how long that took."""
    begun = time.monotonic()
    services.wait_for(lambda: verify(text) == word, word, deadline_s)
    return time.monotonic() - begun


def has(text):
    with open("/run/portvakt/trust/image", "rb") as file:
        return text.encode() in file.read()


def fetches(name="jwks"):
    return provider.control("counts").get(name, 0)


@test("soft rotation: tokens of the old key go on, those of the new begin")
def soft(machine):
    with keys(machine):
        provider.control("rotate", {"how": "soft"})
        old, new = token(machine, previous=True), token(machine)
        equal(verify(new), "key-unknown", "a key that nobody fetched yet")
        wait_for_word(new, "good", REFRESH_S + SLACK_S)
        equal(verify(old), "good", "the old key, which is still published")


@test("hard rotation: the removed key is refused within the configured time")
def hard(machine):
    with keys(machine):
        provider.control("rotate", {"how": "hard"})
        old, new = token(machine, previous=True), token(machine)
        equal(verify(old), "good", "before the keys are fetched again")
        spent = wait_for_word(old, "key-unknown", REFRESH_S + 1)
        print(f"# a removed key was refused after {spent:.1f} s, "
              f"keys_refresh is {REFRESH_S} s")
        equal(verify(new), "good", "the new key")


def number(size):
    """As a modulus is written: of size bytes, not even, not small."""
    value = bytearray(os.urandom(size))
    value[0] |= 0x80
    value[-1] |= 1
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def published(machine):
    """What the issuer publishes by itself."""
    context = ssl.create_default_context(
        cafile=str(machine.provider.directory / "ca.pem"))
    with urllib.request.urlopen(f"{machine.provider.issuer}/jwks",
                                context=context, timeout=10) as answer:
        return json.load(answer)["keys"]


def crowd(own, count, size):
    """A set of so many keys and bytes; the issuer's own are the last."""
    others = [{"kty": "RSA", "use": "sig", "kid": f"other-{index}",
               "alg": "RS256", "e": "AQAB", "n": number(256)}
              for index in range(count - len(own))]
    whole = {"keys": [*others, *own]}
    room = size - len(json.dumps(whole)) - len(', "x5c": [""]')
    others[0]["x5c"] = ["A" * room]
    text = json.dumps(whole)
    equal(len(text), size, "bytes of the set")
    return whole


@test("a set of 40 keys and 64 KB is read to its last key")
def large_set(machine):
    with keys(machine):
        body = crowd(published(machine), KEYS_MAX, JWKS_SIZE)
        machine.provider.fail("jwks", "text", type="application/json",
                              body=json.dumps(body))
        services.wait_for(
            lambda: machine.ctl("status")["issuers"][0]["keys"] == KEYS_MAX,
            "40 keys", REFRESH_S + SLACK_S)
        # The image has all of them, within the time of a publication.
        services.wait_for(lambda: has("other-37"), "them in the image", 2)
        equal(verify(token(machine)), "good", "the last key of the set")
        equal(verify(token(machine, kid="other-7")), "signature-bad",
              "another one's kid")


def last_fetch(machine):
    """When the keys were handed out for the last time, by the wall clock."""
    return machine.provider.requests("jwks")[-1]["at_ms"] / 1000


@test("an issuer that is away: its keys go on within the bound, then none")
def away(machine):
    with keys(machine):
        one = token(machine)
        machine.provider.service.stop()
        gone = time.monotonic()
        try:
            services.wait_for(
                lambda: machine.ctl("status")["issuers"][0]["detail"] != "-"
                and verify(one) == "good" and
                time.monotonic() - gone > REFRESH_S, "its trouble", KEEP_S)
            wait_for_word(one, "no-keys", KEEP_S)
            spent = time.time() - last_fetch(machine)
            print(f"# keys were believed for {spent:.1f} s, keys_keep is "
                  f"{KEEP_S} s")
            check(KEEP_S - 1.5 <= spent <= KEEP_S + SLACK_S,
                  f"believed for {spent:.1f} s")
        finally:
            machine.provider.service.start()
        # A new provider has new keys: those before are removed ones.
        wait_for_word(token(machine), "good", REFRESH_S + SLACK_S)


@test("the bound holds without the broker, too")
def away_without_broker(machine):
    with keys(machine):
        one = token(machine)
        machine.broker.stop()
        try:
            equal(verify(one), "good", "just after")
            wait_for_word(one, "no-keys", KEEP_S + SLACK_S)
        finally:
            machine.broker.start()


@contextlib.contextmanager
def wall_clock(machine):
    """What to add to an environment, and the file that steps its clock."""
    directory = pathlib.Path("/run/clock")
    directory.mkdir(exist_ok=True)
    library, path = directory / "wall_clock.so", directory / "step"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library,
                    world.HERE / "wall_clock.c"], check=True)
    step(path, 0)
    yield {"LD_PRELOAD": str(library), "WALL_CLOCK": str(path)}, path


def step(path, seconds):
    """At once: nobody reads half of it."""
    new = path.with_suffix(".new")
    new.write_text(str(seconds))
    new.rename(path)


DAY_S = 24 * 3600


@test("a clock that is stepped: the age of keys is by the time since boot")
def clock(machine):
    test_api.prepare(machine)
    wait_for_word(token(machine), "good", 10)
    with wall_clock(machine) as (environment, path):
        command = ("env", *(f"{name}={value}"
                            for name, value in environment.items()))
        for days, word in ((30, "expired"), (-30, "not-yet-valid")):
            step(path, days * DAY_S)
            equal(verify(token(machine), *command), word,
                  f"a token of today, {days} days away")
            equal(verify(token(machine, at_s=days * DAY_S), *command),
                  "good", f"a token of that day, {days} days away")


@contextlib.contextmanager
def broker_with(machine, environment):
    before = dict(machine.broker.environment)
    machine.broker.environment.update(environment)
    try:
        machine.restart_broker()
        yield
    finally:
        machine.broker.environment.clear()
        machine.broker.environment.update(before)
        machine.restart_broker()


@test("the broker's clock is stepped under it: keys stay, none is fetched")
def clock_of_broker(machine):
    test_api.prepare(machine)
    with wall_clock(machine) as (environment, path), \
            broker_with(machine, environment):
        wait_for_word(token(machine), "good", 10)
        before = fetches()
        for days in (300, -300):
            step(path, days * DAY_S)
            found = machine.ctl("status")["issuers"][0]
            check(0 <= found["keys_age_s"] < 60, f"age of keys: {found}")
            # It publishes as ever, and the time of the keys with it.
            session = f"session-{days}"
            machine.ctl("revoke", "--session", session, "--reason", "a test")
            services.wait_for(lambda session=session: has(session),
                              "the revocation in the image", 1.0)
            equal(verify(token(machine)), "good", f"{days} days away")
        equal(fetches(), before, "fetches of keys")


def introspected(text):
    """What portvakt-api says, which has seen the token before."""
    answer = test_api.ask(
        "POST", "/introspect", urllib.parse.urlencode({"token": text}),
        Content_Type="application/x-www-form-urlencoded")
    if answer.status == 503:
        return "outage"
    equal(answer.status, 200, "status")
    return "good" if json.loads(answer.text)["active"] else "refused"


def wait_for_answer(text, word, deadline_s):
    begun = time.monotonic()
    services.wait_for(lambda: introspected(text) == word, word, deadline_s)
    return time.monotonic() - begun


@test("a removed key ends what portvakt-api remembers of its tokens")
def remembered(machine):
    test_api.prepare(machine)
    with keys(machine), test_api.api(machine):
        test_api.await_active(machine)
        one = token(machine)
        equal(introspected(one), "good", "before")
        provider.control("rotate", {"how": "hard"})
        wait_for_answer(one, "refused", REFRESH_S + SLACK_S)


@test("what portvakt-api remembers ends with its keys, without the broker")
def remembered_without_broker(machine):
    test_api.prepare(machine)
    with keys(machine), test_api.api(machine):
        test_api.await_active(machine)
        one = token(machine)
        equal(introspected(one), "good", "before")
        machine.broker.stop()
        try:
            equal(introspected(one), "good", "just after")
            wait_for_answer(one, "outage", KEEP_S + SLACK_S)
        finally:
            machine.broker.start()


@test("a storm of unknown keys makes the issuer be asked once")
def storm(machine):
    test_api.prepare(machine)
    machine.restart_broker()
    with test_api.api(machine):
        test_api.await_active(machine)
        # One rotation, so that the first of them is worth the question.
        provider.control("rotate", {"how": "hard"})
        good = token(machine)
        before = fetches()
        begun = time.monotonic()
        for index in itertools.count():
            one = token(machine, kid=f"nobody-{index}")
            equal(test_api.introspect(one), {"active": False}, "a bad token")
            if index >= 200 or time.monotonic() - begun > 20:
                break
        spent = time.monotonic() - begun
        asked = fetches() - before
        print(f"# {index + 1} unknown keys in {spent:.1f} s: the issuer was "
              f"asked {asked} times")
        equal(asked, 1, "fetches of keys in one interval")
        check(spent < 20, f"bad tokens took {spent:.1f} s")
        check(test_api.introspect(good)["active"],
              "the key that the storm made it fetch")


@test("a new key is asked for, and its token good, without waiting")
def asked_for(machine):
    test_api.prepare(machine)
    machine.restart_broker()
    with test_api.api(machine):
        test_api.await_active(machine)
        provider.control("rotate", {"how": "hard"})
        begun = time.monotonic()
        found = test_api.introspect(token(machine))
        check(found["active"], f"a token of the new key: {found}")
        check(time.monotonic() - begun < 2.5, "it took too long")
        equal(verify(token(machine)), "good", "by the library, from then on")


@test("an authorisation counts in tokens within a second, and so does its end")
def authorisation(machine):
    with test_authorisation.listing(machine):
        test_api.prepare(machine)
        wait_for_word(token(machine), "good", 10)

        def groups():
            now = int(time.time())
            one = provider.control("sign", {"claims": {
                "iss": machine.provider.issuer, "aud": AUDIENCE,
                "sub": provider.KARI["sub"], "iat": now, "exp": now + 60,
                "auth_time": now, "acr": provider.HIGH, "client_id": "x",
                "roles": ["kompis-saksbehandler", "flyt"]}})["token"]
            done = subprocess.run(
                ("portvakt", "verify", "--audience", AUDIENCE, "--json"),
                input=one, capture_output=True, text=True, check=False,
                timeout=20, user=4242, group=world.VERIFY_ID,
                extra_groups=[])
            return [group["name"]
                    for group in json.loads(done.stdout)["groups"]]

        check("ko-flyt" not in groups(), "before it is given")
        machine.ctl(*test_authorisation.authorise("kari", "0300"))
        services.wait_for(lambda: "ko-flyt" in groups(),
                          "what was given", 1.0)
        machine.ctl("withdraw", "kari", "ko-flyt", "--reason", "a test")
        services.wait_for(lambda: "ko-flyt" not in groups(),
                          "what was withdrawn to go", 1.0)
