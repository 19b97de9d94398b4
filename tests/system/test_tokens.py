"""Tokens that issuers give this machine, and what they say of opaque ones:
asked at service.sock, got from the real provider through portvakt-fetch."""

import base64
import json
import pathlib
import subprocess
import time

import machine_issuers
import provider
import services
import world
from machine import AUDIT
from suite import check, contains, equal, test
from test_service import Asker

MANY = 50
FIKS, AFP = machine_issuers.SCOPES
ARKIV, JOURNAL = machine_issuers.TARGETS
PAUSE_S = 2  # TOKEN_PAUSE_S


def token(asker, **changes):
    return asker.ask("token", **{"client": "saker", "issuer": "maskinporten",
                                 "target": FIKS, **changes})


def exchange(asker, user_token, **changes):
    return asker.ask("exchange", **{
        "client": "saker", "issuer": "tokenx", "target": ARKIV,
        "user_token": user_token, **changes})


def introspect(asker, opaque, **changes):
    return asker.ask("introspect", **{"client": "saker", "issuer": "staff",
                                      "token": opaque, **changes})


def good(answer):
    check(answer["ok"], f"refused: {answer}")
    equal(answer["token_type"], "Bearer", "token_type")
    return answer["access_token"]


def refusal(answer):
    return {name: answer.get(name) for name in ("ok", "error", "status",
                                                "code")}


def refused(status, code):
    return {"ok": False, "error": "refused", "status": status, "code": code}


def failed(error):
    return {"ok": False, "error": error, "status": None, "code": None}


def claims(jwt):
    payload = jwt.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=="))


def grants(issuer, name="jwt-bearer"):
    return issuer.control("counts").get(f"token {name}", 0)


def verify(jwt, *arguments):
    return subprocess.run(("portvakt", "verify", *arguments), input=jwt,
                          capture_output=True, text=True, check=False,
                          timeout=20)


def assert_silent(machine, *secrets):
    """Neither what was got nor what signs for it is in what was written."""
    secrets += ("PRIVATE KEY",) + tuple(
        value for _, value in machine.provider.canaries())
    for path in (machine.log("broker"), machine.log("fetch"),
                 pathlib.Path(AUDIT)):
        text = path.read_text()
        for secret in secrets:
            check(secret not in text, f"a secret is in {path}")
    written = b"\n".join(machine.journal.received)
    for secret in secrets:
        check(secret.encode() not in written, "a secret is in the journal")


@test("tokens: any other issuer gives machines tokens for their credentials")
def token_of_credentials(machine):
    with machine_issuers.running(machine) as (_, tokenx), Asker() as asker:
        first = good(token(asker, issuer="tokenx", target="saker:les"))
        equal(good(token(asker, issuer="tokenx", target="saker:les")), first,
              "the token that is kept")
        equal(grants(tokenx, "client_credentials"), 1, "requests")
        equal(refusal(token(asker, issuer="tokenx", target="saker:skriv")),
              refused(400, "invalid_scope"), "what is not let out")
        equal(grants(tokenx, "client_credentials"), 1, "requests")
        assert_silent(machine, first)


@test("tokens: fifty who ask share one request, and the token is good")
def token_shared(machine):
    with machine_issuers.running(machine) as (maskinporten, _):
        with Asker() as asker:
            for number in range(1, MANY + 1):
                asker.send({"id": number, "ask": "token", "client": "saker",
                            "issuer": "maskinporten", "target": FIKS})
            answers = [asker.answer() for _ in range(MANY)]
            equal(sorted(answer["id"] for answer in answers),
                  list(range(1, MANY + 1)), "who was answered")
            tokens = {good(answer) for answer in answers}
            equal(len(tokens), 1, "tokens")
            equal(grants(maskinporten), 1, "requests")
            first = tokens.pop()
            check(all(100 < answer["expires_in"] <= 120
                      for answer in answers), "expires_in")
            found = claims(first)
            equal((found["iss"], found["scope"], found["aud"]),
                  (maskinporten.url, FIKS, "unspecified"), "its claims")
            # By the command of those who are shown it, with its keys.
            services.wait_for(lambda: verify(
                first, "--scope", FIKS, "--issuer",
                "maskinporten").returncode == 0, "a token that verifies")
            equal(verify(first, "--scope", AFP).returncode, 1,
                  "another scope")
            equal(good(token(asker)), first, "the token that is kept")
            equal(grants(maskinporten), 1, "requests")
            another = good(token(asker, skip_cache=True))
            check(another != first, "skip_cache gave the one that is kept")
            equal(good(token(asker)), another, "the newest is kept")
            equal(grants(maskinporten), 2, "requests")
        assert_silent(machine, first, another)


@test("tokens: resources and authorization_details reach the issuer")
def token_details(machine):
    details = [system_user(machine_issuers.CUSTOMER)]
    with machine_issuers.running(machine) as (maskinporten, _):
        with Asker() as asker:
            found = claims(good(token(asker, resource=["https://a.example"],
                                      authorization_details=details)))
            equal(found["aud"], "https://a.example", "aud")
            equal(found["authorization_details"][0]["type"],
                  "urn:altinn:systemuser", "authorization_details")
            # Another question, another token.
            equal(claims(good(token(asker)))["aud"], "unspecified", "aud")
            equal(grants(maskinporten), 2, "requests")
            said = machine.audit(action="token-out", result="allow")[-2]
            equal(said["resource"], "https://a.example", "recorded")
            equal(said["authorization"],
                  f"urn:altinn:systemuser={machine_issuers.CUSTOMER}",
                  "recorded")


def system_user(organisation):
    return {"type": "urn:altinn:systemuser", "systemuser_org": {
        "authority": "iso6523-actorid-upis", "ID": organisation}}


@test("tokens: whom they speak to, and for, is portvakt.conf's to say")
def token_breadth(machine):
    with machine_issuers.running(machine) as (maskinporten, _):
        with Asker() as asker:
            for members, code in (
                    ({"resource": ["https://lonn.example"]},
                     "invalid_target"),
                    ({"authorization_details":
                        [system_user("0192:911830868")]},
                     "invalid_authorization_details"),
                    ({"authorization_details":
                        [{"type": "urn:altinn:consent"}]},
                     "invalid_authorization_details")):
                answer = token(asker, **members)
                equal(answer["error"], "refused", "error")
                equal((answer["status"], answer["code"]), (400, code), "code")
            equal(grants(maskinporten), 0, "requests")


@test("tokens: what is refused is refused in the issuer's words, or in ours")
def token_refused(machine):
    person = machine.provider.access_token("portvakt")
    with machine_issuers.running(machine) as (maskinporten, tokenx):
        with Asker() as asker:
            # The issuer would give it: portvakt.conf does not let it out.
            answer = token(asker, target="ks:hemmelig")
            equal(refusal(answer), refused(400, "invalid_scope"), "a scope")
            answer = exchange(asker, person, target="cluster:saker:annet")
            equal(refusal(answer), refused(400, "invalid_target"),
                  "an audience")
            equal((grants(maskinporten), grants(tokenx, "token-exchange")),
                  (0, 0), "requests")
            # portvakt.conf lets it out: the issuer does not give it.
            answer = exchange(asker, person, target=JOURNAL)
            equal(refusal(answer), refused(400, "invalid_target"),
                  "the issuer's answer")
            contains(answer["text"], f"may not call {JOURNAL}", "its words")
            # A person's number in them is nobody's to read.
            maskinporten.fail("token", "status", status=403, body={
                "error": "access_denied", "error_description":
                f"MP-105: ikke for {provider.KARI['pid']}"})
            answer = token(asker, target=AFP)
            equal(refusal(answer), refused(403, "access_denied"), "status")
            equal(answer["text"], "MP-105: ikke for ***********", "words")
            equal(token(asker, issuer="x")["error"], "issuer-unknown", "x")
        assert_silent(machine, person)


@test("tokens: a person's token is exchanged, and kept for that person alone")
def token_exchanged(machine):
    kari = machine.provider.access_token("portvakt")
    ola = machine.provider.access_token("portvakt", provider.OLA)
    with machine_issuers.running(machine) as (_, tokenx):
        with Asker() as asker:
            answer = exchange(asker, kari)
            mine = good(answer)
            found = claims(mine)
            equal((found["iss"], found["aud"], found["client_id"],
                   found["idp"], found["sub"]),
                  (tokenx.url, ARKIV, "cluster:vakt:portvakt",
                   machine.provider.issuer, provider.KARI["sub"]), "claims")
            equal(good(exchange(asker, kari)), mine, "the one that is kept")
            equal(claims(good(exchange(asker, ola)))["sub"],
                  provider.OLA["sub"], "whose token it is")
            equal(grants(tokenx, "token-exchange"), 2, "requests")
            expired = machine.provider.access_token(
                "portvakt", exp=int(time.time()) - 60)
            equal(refusal(exchange(asker, expired)),
                  refused(400, "invalid_request"), "an expired one")
        assert_silent(machine, kari, ola, mine)


@test("tokens: in an outage those that are kept go on, the others do not")
def token_outage(machine):
    with machine_issuers.running(machine) as (maskinporten, _):
        with Asker() as asker:
            kept = good(token(asker))
            maskinporten.fail("*", "reset")
            begun = time.monotonic()
            equal(good(token(asker)), kept, "one that is kept")
            equal(refusal(token(asker, target=AFP)), failed("outage"),
                  "another")
            equal(refusal(token(asker, skip_cache=True)), failed("outage"),
                  "a new one")
            check(time.monotonic() - begun < 10, "it took too long")
            maskinporten.control("faults", [])
            time.sleep(PAUSE_S)
            good(token(asker, target=AFP))


@test("tokens: an issuer that is overloaded is left alone for a while")
def token_overload(machine):
    with machine_issuers.running(machine) as (maskinporten, _):
        with Asker() as asker:
            good(token(asker))
            before = maskinporten.control("counts")["token"]
            maskinporten.fail("token", "status", status=429)
            for _ in range(MANY):
                equal(refusal(token(asker, target=AFP)), failed("outage"),
                      "when it is overloaded")
            equal(maskinporten.control("counts")["token"] - before, 1,
                  "requests")
            maskinporten.control("faults", [])
            time.sleep(PAUSE_S)
            good(token(asker, target=AFP))


@test("tokens: another configuration forgets what came by the last one")
def token_reload(machine):
    with machine_issuers.running(machine) as (maskinporten, _):
        with Asker() as asker:
            first = good(token(asker))
            machine.ctl("reload")
            check(good(token(asker)) != first, "it is the same")
            equal(grants(maskinporten), 2, "requests")


@test("tokens: an issuer says whose an opaque token is, or that it is nobody's")
def token_introspected(machine):
    with machine_issuers.running(machine, introspection="true"):
        opaque = provider.control("opaque", {"claims": {
            "sub": provider.KARI["sub"], "scope": "openid profile",
            "aud": "https://saker.portvakt.test"}})["token"]
        with Asker() as asker:
            answer = introspect(asker, opaque)
            check(answer["ok"], f"refused: {answer}")
            found = answer["claims"]
            equal((found["active"], found["sub"]),
                  (True, provider.KARI["sub"]), "claims")
            for nobodys in ("kanari-ukjent-45", opaque + "x"):
                equal(introspect(asker, nobodys)["claims"]["active"], False,
                      "a token of nobody")
            provider.control("revoke", {"token": opaque})
            equal(introspect(asker, opaque)["claims"]["active"], False,
                  "a token that was revoked")
            # Whose section does not say introspection.
            equal(refusal(introspect(asker, opaque, issuer="tokenx")),
                  failed("misconfigured"), "another issuer")
            for status, word in ((401, "misconfigured"), (503, "outage")):
                machine.provider.fail("introspection", "status",
                                      status=status)
                equal(refusal(introspect(asker, opaque)), failed(word),
                      f"status {status}")
            machine.provider.fail("introspection", "text",
                                  body='{"active": "true"}',
                                  type="application/json")
            equal(refusal(introspect(asker, opaque)), failed("outage"),
                  "an answer that is none")
        assert_silent(machine, opaque, "kanari-ukjent-45")


@test("tokens: what the configuration lacks is said, with the remedy")
def token_misconfigured(machine):
    with machine_issuers.running(machine) as (maskinporten, _):
        # The key that the issuer has of us is another one.
        world.write(machine_issuers.DROP_IN, pathlib.Path(
            machine_issuers.DROP_IN).read_text().replace(
                "portvakt-rsa\"", "portvakt-other\""), 0o640,
            group=world.BROKER_ID)
        machine.ctl("reload")
        with Asker() as asker:
            answer = token(asker)
            equal(refusal(answer), refused(400, "invalid_grant"), "answer")
            contains(answer["text"], "MP-003", "words")
            equal(grants(maskinporten), 1, "requests")
