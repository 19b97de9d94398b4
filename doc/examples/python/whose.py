#!/usr/bin/python3
"""Asks portvakt-api about a token, with Python's own HTTP library:

	whose.py [--texas ISSUER] < token

Status 0: the answer, as JSON. 1: the token is not good. 2: nobody could say.
"""

import http.client
import json
import socket
import sys
import urllib.parse

SOCKET = "/run/portvakt-api/api.sock"


class Unanswered(Exception):
    """Nothing is known of the token: not a refusal, and never a yes."""


class Connection(http.client.HTTPConnection):
    """Keep one for many questions."""

    def __init__(self, path=SOCKET):
        super().__init__("localhost", timeout=3)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def exchange(self, path, form):
        self.request("POST", path, urllib.parse.urlencode(form), {
            "Content-Type": "application/x-www-form-urlencoded"})
        answer = self.getresponse()
        return answer.status, answer.read()


def ask(connection, path, form):
    kept = connection.sock is not None
    try:
        status, body = connection.exchange(path, form)
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        # The server ends what has been idle for 30 seconds.
        if kept and isinstance(error, ConnectionError):
            return ask(connection, path, form)
        raise Unanswered(error) from error
    if status != 200:
        # 403: this user is not in api.conf(5). 503: ask again later.
        raise Unanswered(f"status {status}")
    return json.loads(body)


def introspect(connection, token):
    """RFC 7662."""
    return ask(connection, "/introspect", {"token": token})


def introspect_texas(connection, token, issuer):
    """As services do that are written for Texas."""
    return ask(connection, "/api/v1/introspect",
               {"identity_provider": issuer, "token": token})


def main():
    connection = Connection()
    token = sys.stdin.read().strip()
    try:
        if sys.argv[1:2] == ["--texas"]:
            found = introspect_texas(connection, token, sys.argv[2])
        else:
            found = introspect(connection, token)
    except Unanswered as why:
        print(f"portvakt-api: {why}", file=sys.stderr)
        return 2
    if found.get("active") is not True:
        return 1
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
