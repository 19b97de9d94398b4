"""Everybody gets what the catalogue gives them, and nothing else: real logins
at the issuers that it names, and a service that looks at the groups of the
process that asks."""

import collections
import json
import os
import pathlib
import re

import issuers
import machine as machines
import provider
import services
import world
from suite import comment, equal, test

PEOPLE = world.TREE / "tests" / "vectors" / "catalogue.people"
UNITS = world.TREE / "packaging" / "units.conf"
CATALOGUE = world.TREE / "access"
STAND_IN_ID = 904
STAND_IN_DIRECTORY = "/run/stand-in"
ISSUERS_CONFIG = "/etc/portvakt/portvakt.conf.d/issuers.conf"
UNITS_CONFIG = "/etc/portvakt/units.conf"
TOGETHER = 8 # logins under way at once

# What a person runs: one question for each group.
ASK = """\
#!/usr/bin/python3
import socket, sys
for group in sys.argv[1:]:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect("%s/" + group)
        print("asked", group, sock.makefile().readline().strip())
""" % STAND_IN_DIRECTORY

# Who authorises for what, as the catalogue has it.
GIVERS = {
    "ko-infoflyt-sentral": "grete", "ko-infoflyt-region": "gunn",
    "ko-infoflyt-lokal": "gunn", "ko-partner-kripos": "grete",
    "ko-partner-pst": "grete", "ko-svarut-saksbehandler": "tore",
    "ko-svarut-leder": "tore", "ko-dvh-person": "tore",
}
# Of systems, which do not log in: test_catalogue.c decides about those.
SYSTEMS = {"ko-esas-politi", "ko-esas-domstol", "ko-esas-egen"}
NOBODY = "nina" # whom those try to authorise who may not


class Person:
    """One of catalogue.people."""

    def __init__(self, name):
        self.name = name
        self.evidence = {}
        self.authorised = []
        self.authorises = []
        self.expected = {} # group: "granted", or the word of what failed

    def take(self, key, words):
        if key == "authorised":
            self.authorised.append(tuple(words))
        elif key == "authorises":
            self.authorises.append(tuple(words))
        elif key == "granted":
            self.expected[words[0]] = "granted"
        elif key == "withheld":
            self.expected[words[0]] = words[1]
        else:
            self.evidence[key] = words

    def __getitem__(self, key):
        return self.evidence.get(key, [])

    @property
    def issuer(self):
        return self["issuer"][0]

    def may_log_in(self):
        """Systems do not; and nobody waits here until a login is old."""
        return self.issuer != "maskinporten" and not self["age"]

    def mandates(self):
        """As Ansattporten writes them, with the spelling of Altinn 3."""
        return [{"type": "ansattporten:altinn:resource",
                 "resource": "urn:altinn:resource:portvakt-test",
                 "authorized_parties": [{
                     "orgno": {"authority": "iso6523-actorid-upis",
                               "ID": organisation},
                     "resource": "urn:altinn:resource:portvakt-test",
                     "name": "Organisasjon", "actions": self["rights"],
                 }]} for organisation in self["on_behalf_of"]]

    def at_issuer(self):
        claims = {"units": self["units"]}
        if self["on_behalf_of"]:
            claims["authorization_details"] = self.mandates()
        return {"id": self.name, "sub": f"catalogue-{self.name}",
                "name": self.name.capitalize(), "roles": self["roles"],
                "acr": self["acr"][0], "claims": claims}


def read_people():
    people = {}
    for line in PEOPLE.read_text().splitlines():
        key, *words = line.split() or ["#"]
        if key == "person":
            person = people[words[0]] = Person(words[0])
        elif not key.startswith("#"):
            person.take(key, words)
    return people


def read_groups():
    """The groups that the catalogue ships, with what stands in each."""
    text = "".join(path.read_text() for path in CATALOGUE.glob("*.conf"))
    return dict(re.findall(r'^group "(\S+)" \{\n(.*?)^\}', text,
                           re.MULTILINE | re.DOTALL))


class StandIn(services.Service):
    def __init__(self, log, gids):
        world.directory(STAND_IN_DIRECTORY, 0o755, STAND_IN_ID, STAND_IN_ID)
        super().__init__(
            "stand-in", ["/usr/local/lib/stand-in", STAND_IN_DIRECTORY,
                         *(f"{group}={gid}" for group, gid in gids.items())],
            log, user=STAND_IN_ID, group=STAND_IN_ID,
            ready=lambda: all(os.path.exists(
                f"{STAND_IN_DIRECTORY}/{group}") for group in gids))

    def answers(self):
        """{(uid, group): "GRANTED" or "REFUSED"}, what it logged itself."""
        return {(one["uid"], one["group"]): one["answer"]
                for one in services.read_json_lines(self.log)}


class Catalogue:
    """The world with the catalogue's issuers, units and people in it."""

    def __init__(self, machine):
        self.machine = machine
        self.people = {name: person
                       for name, person in read_people().items()
                       if person.may_log_in()}
        groups = read_groups()
        self.gids = {group: int(re.search(r"gid = (\d+)", text)[1])
                     for group, text in groups.items()}
        self.restricted = {group for group, text in groups.items()
                           if "restricted = true" in text}
        self.issuers = issuers.Issuers(machine.provider,
                                       machine.log("issuers"))
        self.orders = collections.Counter()
        self.refused = {} # (person, group): why nobody could authorise
        world.write("/usr/local/lib/stand-in", (
            world.HERE / "stand_in.py").read_text(), 0o755)
        world.write("/usr/local/bin/ask-services", ASK, 0o755)
        self.stand_in = StandIn(machine.log("stand-in"), self.gids)

    def start(self):
        self.stand_in.start()
        self.issuers.service.start()
        self.configure(self.issuers.sections())
        for person in self.people.values():
            self.register(person)

    def stop(self):
        """Leaves the world as the other tests know it, however far the
        start came."""
        for person in self.people.values():
            self.machine.ctl("account", "remove", person.name, "--yes",
                             refused=True)
        for path in (ISSUERS_CONFIG, UNITS_CONFIG):
            pathlib.Path(path).unlink(missing_ok=True)
        self.machine.configure()
        self.restart()
        self.issuers.service.stop()
        self.stand_in.stop()

    def configure(self, sections):
        self.machine.configure(name='"staff"', units_claim='"units"',
                               acr_minimum='"idporten-loa-low"')
        # The other tests' own rules stand in the catalogue's place.
        for path in pathlib.Path(machines.ACCESS).iterdir():
            path.unlink()
        for path, text in ((ISSUERS_CONFIG, sections),
                           (UNITS_CONFIG, UNITS.read_text())):
            world.write(path, text, 0o640, group=world.BROKER_ID)
        self.restart()

    def restart(self):
        """The fetcher keeps to the hosts that it was told first."""
        self.machine.fetch.stop()
        self.machine.fetch.start()
        self.machine.restart_broker()

    def register(self, person):
        self.machine.ctl("account", "add", person.name,
                         f"catalogue-{person.name}", "--issuer",
                         person.issuer)
        issuer = self.issuers.issuers.get(person.issuer)
        if issuer:
            issuer.register(person.at_issuer())
        else:
            provider.control("person", person.at_issuer())

    def approve(self, person, code):
        issuer = self.issuers.issuers.get(person.issuer)
        if issuer:
            return issuer.approve(code, person.name, person["acr"][0])
        return provider.approve(code, person.name, acr=person["acr"][0])

    # Authorisations, given by those who may and tried by those who may not

    def authorise(self):
        for giver in self.people.values():
            if giver.authorises:
                one = self.machine.ssh(giver.name)
                code = one.code()
                one.wait("Enter")
                self.approve(giver, code)
                one.press_enter()
                one.shell()
                self.give_all(giver, one)
                self.try_all(giver, one)
                if giver.name == "gunn":
                    self.fill_unit(one)

    def give_all(self, giver, one):
        for person in self.people.values():
            for group, unit, kind in person.authorised:
                if GIVERS[group] == giver.name:
                    answer = self.give(one, person.name, group, unit, kind)
                    if "error" in answer:
                        self.refused[person.name, group] = answer["error"]

    def try_all(self, giver, one):
        for group, unit, word in giver.authorises:
            if word != "allowed":
                answer = self.give(one, NOBODY, group, unit, "case")
                equal(answer.get("error"), word,
                      f"{giver.name} authorises for {group} at {unit}")

    def fill_unit(self, one):
        """KSF 2/2005: four at a unit, and clerical staff apart from them; a
        fifth by agreement. Two are there already, and one clerical."""
        for name, kind, word, more in (
                ("nina", "case", None, ""), ("frida", "case", None, ""),
                ("finn", "case", "too-many", ""),
                ("finn", "clerical", "too-many", ""),
                ("finn", "case", None,
                 "--exception 'Avtale med politiet 12/26'"),
                ("gunn", "case", "self", "")):
            answer = self.give(one, name, "ko-infoflyt-lokal", "0321", kind,
                               more)
            equal(answer.get("error"), word, f"gunn authorises {name}, {kind}")

    def give(self, one, name, group, unit, kind, more=""):
        self.orders[group, unit] += 1
        command = (
            f"/usr/bin/portvaktctl --json authorise {name} {group} "
            f"--unit {unit} --order {self.orders[group, unit]} "
            f"--kind {kind} --basis 'Bestilling 4711' "
            f"--reason 'Trenger det i saken' {more} 2>/dev/null")
        return services.wait_for(lambda: self.answer(one, command), command)

    @staticmethod
    def answer(one, command):
        """None when the broker hung up, as it does on whoever asks more
        often than a person would."""
        output = one.command(command)
        try:
            answer = json.loads(output)
        except ValueError:
            raise AssertionError(f"{command}: {output}") from None
        return None if answer.get("error") == "broker-lost" else answer

    # Logins, several at once

    def ask(self, people):
        asked = []
        for person in people:
            one = self.machine.ssh(person.name, "ask-services",
                                   *self.gids)
            asked.append((person, one))
        for person, one in asked:
            code = one.code()
            one.wait("Enter")
            self.approve(person, code)
            one.press_enter()
        for person, one in asked:
            equal(one.end(), 0, f"{person.name}'s session:\n{one.screen()}")
            self.check(person, dict(re.findall(r"asked (\S+) (\S+)",
                                               one.screen())))

    def check(self, person, answers):
        equal(set(answers), set(self.gids), f"what {person.name} asked")
        granted = {group for group, answer in answers.items()
                   if answer == "GRANTED"}
        equal(granted, {group for group, word in person.expected.items()
                        if word == "granted"}, f"what {person.name} has")
        reasons = self.reasons(person)
        for group, word in person.expected.items():
            if word == "unit-not-established" and group in self.gids and \
                    (person.name, group) in self.refused:
                equal(self.refused[person.name, group], word,
                      f"why {person.name} was not authorised for {group}")
            else:
                equal(reasons[group], word, f"{person.name}, {group}")

    def reasons(self, person):
        """What explain says of each group."""
        told = self.machine.ctl("explain", person.name)
        return {one["group"]: "granted" if one["granted"]
                else one["condition"] for one in told["decisions"]}

    def check_hidden(self):
        """What a colleague sees of everybody: all but the restricted."""
        for name, person in self.people.items():
            done = self.machine.run(
                "setpriv", "--reuid", str(world.LOCAL_ID), "--regid",
                str(world.LOCAL_ID), "--clear-groups", "id", "-nG", name)
            seen = {group for group in done.stdout.split()
                    if group.startswith("ko-")}
            granted = {group for group, word in person.expected.items()
                       if word == "granted"}
            equal(seen, granted - self.restricted,
                  f"what a colleague sees of {name}")

    def check_log(self):
        """The service's own record: it was asked by them, and by nobody
        in their name."""
        uids = {name: self.machine.ctl("account", "show", name)[
            "account"]["uid"] for name in self.people}
        answers = self.stand_in.answers()
        equal(len(answers), len(self.people) * len(self.gids), "answers")
        for name, person in self.people.items():
            for group in self.gids:
                wanted = "GRANTED" if person.expected.get(
                    group) == "granted" else "REFUSED"
                equal(answers[uids[name], group], wanted,
                      f"the service's log of {name} and {group}")


@test("each service of the catalogue lets in whom it should, and no others")
def catalogue(machine):
    one = Catalogue(machine)
    try:
        one.start()
        one.authorise()
        people = list(one.people.values())
        for first in range(0, len(people), TOGETHER):
            one.ask(people[first:first + TOGETHER])
        one.check_hidden()
        one.check_log()
        granted = [group for (_, group), answer
                   in one.stand_in.answers().items() if answer == "GRANTED"]
        comment(f"{len(people)} people, {len(one.gids)} groups, "
                f"{len(granted)} granted")
        equal(set(one.gids) - set(granted), SYSTEMS, "groups that nobody got")
    finally:
        one.stop()
