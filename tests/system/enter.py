#!/usr/bin/python3
"""Runs a command in a private world: mount, network, process, host name and
IPC namespaces of its own. What starts in it dies with it, and nothing in it
can change the machine outside.

	enter.py [--forward PORT] -- command argument...

With --forward, 127.0.0.1:PORT outside leads to 127.0.0.1:PORT inside, for a
person's own browser.
"""

import argparse
import os
import signal
import socket
import sys
import threading

UNSHARE = ["unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--fork",
           "--kill-child", "--propagation", "private", "--mount-proc", "--"]


def outside(forward, command):
    environment = dict(os.environ)
    if forward:
        # A socket stays in the namespace that it was made in.
        try:
            listener = socket.create_server(("127.0.0.1", forward))
        except OSError:
            sys.exit(f"Port {forward} of this machine is taken: end what "
                     f"listens there (ss -ltnp shows it), and try again.")
        listener.set_inheritable(True)
        environment["PORTVAKT_FORWARD"] = f"{listener.fileno()}:{forward}"
    arguments = UNSHARE + [sys.executable, os.path.abspath(__file__),
                           "--inside", "--"] + command
    os.execvpe(arguments[0], arguments, environment)


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def forward_connections(listener, port):
    while True:
        outer, _ = listener.accept()
        try:
            inner = socket.create_connection(("127.0.0.1", port))
        except OSError:
            outer.close()
            continue
        for ends in ((outer, inner), (inner, outer)):
            threading.Thread(target=pump, args=ends, daemon=True).start()


def inside(command):
    """The first process of the new world: it reaps what others leave."""
    forward = os.environ.pop("PORTVAKT_FORWARD", None)
    child = os.fork()
    if child == 0:
        os.execvp(command[0], command)
    # Ctrl-C is for the command to answer.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if forward:
        descriptor, port = map(int, forward.split(":"))
        threading.Thread(
            target=forward_connections, daemon=True,
            args=(socket.socket(fileno=descriptor), port)).start()
    while True:
        pid, status = os.wait()
        if pid == child:
            os._exit(os.waitstatus_to_exitcode(status) & 0xff)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--forward", type=int)
    parser.add_argument("--inside", action="store_true")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    if arguments.inside:
        inside(arguments.command)
    else:
        outside(arguments.forward, arguments.command)


if __name__ == "__main__":
    main()
