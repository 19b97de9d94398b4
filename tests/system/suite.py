"""Tests and what they say, as TAP."""

import re
import sys
import time
import traceback

TESTS = []


class Skipped(Exception):
    pass


def test(title):
    """Marks a function as a test; it is given the machine."""
    def mark(function):
        TESTS.append((title, function))
        return function
    return mark


def check(condition, complaint):
    if not condition:
        raise AssertionError(complaint)


def equal(found, wanted, what):
    check(found == wanted, f"{what}: {found!r}, not {wanted!r}")


def contains(text, pattern, what):
    check(re.search(pattern, text),
          f"{what}: no {pattern!r} in:\n{text}")


def lacks(text, pattern, what):
    check(not re.search(pattern, text), f"{what}: {pattern!r} in:\n{text}")


def within(seconds, begun, what):
    spent = time.monotonic() - begun
    check(spent <= seconds, f"{what} took {spent:.2f} s, over {seconds} s")


def comment(text):
    for line in text.splitlines():
        print(f"# {line}")


def run(machine, patterns, logs):
    """Runs the tests whose title or function has one of the patterns in it.
    Returns how many failed."""
    chosen = [(title, function) for title, function in TESTS
              if not patterns or any(
                  pattern in title or pattern in function.__name__
                  for pattern in patterns)]
    failed = 0
    for number, (title, function) in enumerate(chosen, 1):
        begun = time.monotonic()
        try:
            machine.begin(function.__name__)
            function(machine)
            machine.end()
            print(f"ok {number} - {title}")
        except Skipped as reason:
            print(f"ok {number} - {title} # SKIP {reason}")
        except Exception:
            failed += 1
            print(f"not ok {number} - {title}")
            comment(traceback.format_exc())
            comment(f"logs: {logs}")
            machine.recover()
        comment(f"{time.monotonic() - begun:.2f} s")
        sys.stdout.flush()
    return failed
