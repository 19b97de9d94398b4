#!/usr/bin/python3
"""The system tests, inside enter.py:

	run.py --install-root DIR --logs DIR [pattern...]
"""

import argparse
import pathlib
import sys

import machine
import suite

import test_login
import test_refusal
import test_provider
import test_outage
import test_crash
import test_restricted
import test_rotation
import test_rules
import test_administration
import test_authorisation
import test_reload
import test_step_up
import test_trust
import test_api
import test_service
import test_token_login
import test_tokens
import test_api_tokens
import test_links
import test_clients
import test_dovecot
import test_postgresql
import test_web_servers
import test_person
import test_issuers
import test_limits
import test_catalogue
import test_secrecy  # of all the others, therefore last


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--install-root", required=True)
    parser.add_argument("--logs", required=True)
    parser.add_argument("patterns", nargs="*")
    arguments = parser.parse_args()
    under_test = machine.Machine(pathlib.Path(arguments.logs),
                                 pathlib.Path(arguments.install_root))
    under_test.build()
    under_test.start()
    for service in under_test.services():
        suite.comment(f"{service.name}: ready after "
                      f"{service.start_s * 1000:.0f} ms")
    failed = suite.run(under_test, arguments.patterns, arguments.logs)
    under_test.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
