#!/usr/bin/python3
"""Gets a token for calling another service, from portvakt-api:

	token.py ISSUER TARGET              of this machine: maskinporten ks:fiks
	token.py ISSUER TARGET --exchange   in the name of the person whose token
	                                    is read: tokenx cluster:saker:arkiv

Status 0: the token. 1: refused, and asking again will not help. 2: nobody could
say, or it was called wrongly. Ask each time that a token is needed: portvakt-api
keeps them until shortly before they expire.
"""

import http.client
import json
import socket
import sys

SOCKET = "/run/portvakt-api/api.sock"


class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(SOCKET)


def ask(path, question):
    """The status and the answer, as Texas has them."""
    connection = Connection("localhost", timeout=15)
    try:
        connection.request("POST", path, json.dumps(question),
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")
    finally:
        connection.close()


def main():
    if len(sys.argv) < 3 or sys.argv[3:] not in ([], ["--exchange"]):
        print("Usage: token.py ISSUER TARGET [--exchange < token]",
              file=sys.stderr)
        return 2
    question = {"identity_provider": sys.argv[1], "target": sys.argv[2]}
    path = "/api/v1/token"
    if sys.argv[3:]:
        question["user_token"] = sys.stdin.read().strip()
        path = "/api/v1/token/exchange"
    try:
        status, answer = ask(path, question)
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(f"portvakt-api: {error}", file=sys.stderr)
        return 2
    if status != 200:
        print(f"portvakt-api: {status} {answer.get('error_description', '')}",
              file=sys.stderr)
        return 2 if status >= 500 else 1
    print(answer["access_token"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
