#!/usr/bin/python3
"""A service that stands in for the agency's: it listens on one socket for each
access group, and whoever connects is let in when the process that did so has
the group's gid. It asks the kernel, and nobody else.

	stand_in.py DIRECTORY GROUP=GID...
"""

import json
import os
import selectors
import socket
import struct
import sys
import time

SO_PEERGROUPS = 59
GROUPS_MAX = 256 # what Python can ask for; more is an error, and no answer


def peer_uid(connection):
    """Of the process that connected, as the kernel saw it then."""
    return struct.unpack("iII", connection.getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]


def peer_groups(connection):
    """Its gid and its supplementary groups."""
    gid = struct.unpack("iII", connection.getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[2]
    data = connection.getsockopt(socket.SOL_SOCKET, SO_PEERGROUPS,
                                 4 * GROUPS_MAX)
    return {gid, *struct.unpack(f"{len(data) // 4}I", data)}


def listen(directory, group):
    sock = socket.socket(socket.AF_UNIX)
    path = f"{directory}/{group}"
    sock.bind(path)
    os.chmod(path, 0o666)
    sock.listen(128)
    return sock


def serve(listener, group, gid):
    connection, _ = listener.accept()
    with connection:
        granted = gid in peer_groups(connection)
        word = "GRANTED" if granted else "REFUSED"
        print(json.dumps({"at": time.time(), "group": group,
                          "uid": peer_uid(connection), "answer": word}),
              flush=True)
        try:
            connection.sendall(word.encode() + b"\n")
        except OSError:
            pass # whoever asked has gone


def main():
    directory, *groups = sys.argv[1:]
    selector = selectors.DefaultSelector()
    for one in groups:
        group, gid = one.split("=")
        listener = listen(directory, group)
        selector.register(listener, selectors.EVENT_READ, (group, int(gid)))
    while True:
        for key, _ in selector.select():
            serve(key.fileobj, *key.data)


if __name__ == "__main__":
    main()
