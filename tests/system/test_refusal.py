"""People who may not log in, do not, and both they and the audit are told
why."""

import re

import provider
from suite import check, contains, equal, lacks, test

REFERENCE = r"Referanse: ([0-9A-Z]{4}-[0-9A-Z]{4})"


def refused(machine, one, reason, sentence):
    """Waits for the end of a login that must be refused."""
    check(one.end() != 0, "the login was let in")
    screen = one.screen()
    contains(screen, sentence, "the reason on screen")
    contains(screen, REFERENCE, "the reference on screen")
    records = [record for record in machine.audit(action="login")
               if record["result"] != "allow"]
    equal([record["reason"] for record in records], [reason],
          "reason in the audit")
    reference = re.search(REFERENCE, screen).group(1)
    equal(records[0]["correlation"], reference, "reference in the audit")
    equal(machine.audit(result="allow"), [], "records that say allow")
    return records[0]


def attempt(machine, **options):
    one = machine.ssh("kari")
    machine.approve(one, **options)
    return one


@test("somebody else approves kari's login")
def other_person(machine):
    one = attempt(machine, person="ola")
    refused(machine, one, "other-person", "fra en annen person")


@test("the provider lowers kari's level")
def level_lowered(machine):
    one = attempt(machine, acr=provider.LOW)
    refused(machine, one, "acr-too-low", "svakere eID")


@test("the reason is legible in an ssh client")
def legible(machine):
    one = attempt(machine, acr=provider.LOW)
    check(one.end() != 0, "the login was let in")
    # OpenSSH spells in octal what comes after the last prompt.
    lacks(one.screen(), r"\\[23]\d\d", "octal on screen")


@test("kari refuses the login at the provider")
def denied(machine):
    one = machine.ssh("kari")
    code = one.code()
    one.wait("Trykk Enter")
    machine.provider.refuse(code)
    one.press_enter()
    record = refused(machine, one, "denied", "avvist i nettleseren")
    equal(record["result"], "deny", "result")


@test("a locked account is refused before anybody is asked")
def locked(machine):
    machine.ctl("account", "lock", "kari", "--reason", "permisjon")
    try:
        one = machine.ssh("kari")
        refused(machine, one, "account-locked", "sperret")
        equal(machine.requests("device"), [], "requests for a code")
    finally:
        machine.ctl("account", "unlock", "kari")


@test("an account locked while its person approves is refused")
def locked_meanwhile(machine):
    one = machine.ssh("kari")
    code = one.code()
    one.wait("Trykk Enter")
    machine.ctl("account", "lock", "kari", "--reason", "permisjon")
    try:
        machine.provider.approve(code)
        one.press_enter()
        refused(machine, one, "account-locked", "sperret")
    finally:
        machine.ctl("account", "unlock", "kari")


def expire(machine):
    one = machine.ssh("kari")
    code = one.code()
    one.wait("Trykk Enter")
    one.press_enter()
    one.wait("Trykk Enter|Ingen godkjente")
    return one, code


@test("nobody approves in time")
def expired(machine):
    machine.provider.settings(expires_in_s=3)
    one, code = expire(machine)
    refused(machine, one, "expired-code", "Ingen godkjente")
    answer = machine.provider.approve(code)
    contains(answer["said"], "gjelder ikke", "a late approval")


def refuse_at_token_endpoint(error, reason, sentence, result):
    @test(f"the token endpoint says {error}: {reason}")
    def refused_code(machine):
        machine.provider.fail("token", "error", error=error)
        one = machine.ssh("kari")
        one.wait("Trykk Enter")
        one.press_enter()
        record = refused(machine, one, reason, sentence)
        equal(record["result"], result, "result")
        contains(record["detail"], error, "detail")
        equal(len(machine.requests("token")), 1, "polls")
    refused_code.__name__ = f"token_{error}"


for _error, *_rest in (
        ("expired_token", "expired-code", "Ingen godkjente", "expired"),
        # what some say of a code that they have forgotten
        ("invalid_grant", "expired-code", "Ingen godkjente", "expired"),
        ("access_denied", "denied", "avvist i nettleseren", "deny"),
        ("invalid_client", "client-refused", "riktig satt opp",
         "misconfigured")):
    refuse_at_token_endpoint(_error, *_rest)


# The token is good but for one thing; the word that the audit must have.
FORGERIES = {
    "aud-wrong": "audience-wrong",
    "aud-missing": "claim-missing",
    "azp-wrong": "authorized-party-wrong",
    "iss-wrong": "issuer-wrong",
    "iss-slash": "issuer-wrong",
    "nonce-wrong": "nonce-wrong",
    "nonce-missing": "claim-missing",
    "sub-missing": "claim-missing",
    "expired": "expired",
    "not-yet": "not-yet-valid",
    "iat-ahead": "not-yet-valid",
    "acr-missing": "claim-missing",
    "acr-unknown": "acr-too-low",
    "exp-float": "claims-malformed",
    "roles-string": "claims-malformed",
    "pid-wrong": "person-number-bad",
    "pid-number": "claims-malformed",
    "organisation-wrong": "claims-malformed",
    "signature-bad": "signature-bad",
    "key-stranger": "signature-bad",
    "jwk-embedded": "signature-bad",
    "alg-none": "malformed",
    "alg-none-signed": "algorithm-refused",
    "alg-hs256": "algorithm-refused",
    "crit": "header-refused",
    "not-a-token": "malformed",
    "huge": "too-large",
}


def refuse_forgery(kind, reason):
    @test(f"a token with {kind} is refused: {reason}")
    def forged(machine):
        machine.provider.settings(forgery=kind)
        one = attempt(machine)
        sentence = {
            "acr-too-low": "svakere eID",
            "person-number-bad": "identitetsnummer",
        }.get(reason, "kunne ikke godtas")
        record = refused(machine, one, reason, sentence)
        equal(record["result"], "deny", "result")
    forged.__name__ = f"forged_{kind}"


for _kind, _reason in FORGERIES.items():
    refuse_forgery(_kind, _reason)


@test("a made-up person is refused where people are real")
def made_up_person(machine):
    machine.reconfigure(test=None)
    try:
        refused(machine, attempt(machine), "test-identity", "testperson")
    finally:
        machine.reconfigure()


@test("an unknown key: one refresh of the keys, then no")
def unknown_key(machine):
    # The broker limits how often a strange key makes it ask: it starts anew,
    # and has the keys before the strange one comes.
    machine.restart_broker()
    machine.log_in("kari")
    machine.begin("unknown_key")
    machine.provider.settings(forgery="kid-unknown")
    for fetched in (1, 1):
        machine.audit_mark = len(machine.audit_records())
        refused(machine, attempt(machine), "key-unknown",
                "kunne ikke godtas")
        equal(len(machine.requests("jwks")), fetched,
              "times the keys were fetched")
