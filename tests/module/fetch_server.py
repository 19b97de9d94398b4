"""Servers that the tests of portvakt-fetch call, well and badly behaved.

usage: fetch_server.py DIRECTORY, with the certificates of certificates.h.
Prints one line "NAME PORT NAME PORT ..." and serves until its input ends.
"""

import socket
import ssl
import struct
import sys
import threading
import time

CROWD = 64
CHUNK = b"x" * 65536


class Server:
    def __init__(self, name, context=None, on_accept=None):
        self.name = name
        self.context = context
        self.on_accept = on_accept
        self.connections = 0
        self.requests = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            threading.Thread(
                target=self.serve, args=(connection,), daemon=True
            ).start()

    def serve(self, connection):
        try:
            if self.on_accept:
                self.on_accept(connection)
                return
            if self.context:
                connection = self.context.wrap_socket(
                    connection, server_side=True
                )
            elif connection.recv(1, socket.MSG_PEEK) == b"\x16":
                # Somebody tries TLS here; it need not hold a line's end.
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return
            with connection.makefile("rwb") as stream:
                while self.serve_one(connection, stream):
                    pass
        except (OSError, ValueError, AttributeError):
            pass
        finally:
            connection.close()

    def serve_one(self, connection, stream):
        line = stream.readline()
        if not line:
            return False
        method, path, _ = line.decode("latin-1").split()
        headers = {}
        while (line := stream.readline().decode("latin-1").strip()):
            key, _, value = line.partition(":")
            headers[key.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
        self.requests += 1
        call = Call(self, connection, stream, method, path, headers, body)
        return call.answer()


class Call:
    def __init__(self, server, connection, stream, method, path, headers, body):
        self.server = server
        self.connection = connection
        self.stream = stream
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body

    def answer(self):
        """True when the connection stays open."""
        name, _, argument = self.path.strip("/").partition("/")
        act = getattr(self, "do_" + name.replace("-", "_"))
        return act(argument) is not False

    def send(self, data):
        self.stream.write(data)
        self.stream.flush()

    def reply(self, body, status="200 OK", extra="", kind="application/json"):
        if isinstance(body, str):
            body = body.encode("latin-1")
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{extra}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self.send(head.encode("latin-1") + body)

    def do_ok(self, _):
        self.reply("{}")

    def do_dated(self, argument):
        date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        extra = {"twice": date, "cached": "Age: 0\r\n"}
        if argument == "long":
            date = f"Date: {'x' * 500}\r\n"
        self.reply("{}", extra=date + extra.get(argument, ""))

    def do_connections(self, _):
        self.reply(str(self.server.connections))

    def do_echo(self, _):
        lines = [self.method] + [f"{k}: {v}" for k, v in self.headers.items()]
        self.reply("\n".join(lines) + "\n\n" + self.body.decode("latin-1"))

    def do_status(self, argument):
        self.reply("no", f"{argument} Whatever")

    def do_nul(self, _):
        self.reply(b"a\0b", kind="text/\x01odd\xff" + "y" * 500)

    def do_redirect(self, argument):
        status, port, scheme = argument.split("/")
        where = f"{scheme}://127.0.0.1:{port}/ok"
        self.reply("moved", f"{status} Found", f"Location: {where}\r\n")

    def do_announced(self, argument):
        self.reply(b"x" * int(argument))

    def do_chunked(self, argument):
        head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.send(head.encode())
        left = int(argument)
        while left > 0:
            part = CHUNK[: min(left, len(CHUNK))]
            self.send(b"%x\r\n%s\r\n" % (len(part), part))
            left -= len(part)
        self.send(b"0\r\n\r\n")

    def do_until_close(self, _):
        self.send(b"HTTP/1.0 200 OK\r\n\r\n")
        while True:
            self.send(CHUNK)

    def do_many_headers(self, _):
        self.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            self.send(b"X-Filler: " + b"y" * 1000 + b"\r\n")

    def do_many_interim(self, _):
        while True:
            self.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")

    def do_slow_header(self, _):
        for byte in b"HTTP/1.1 200 OK\r\n" * 100:
            self.send(bytes([byte]))
            time.sleep(0.05)
        return False

    def do_slow_body(self, _):
        self.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            self.send(b"x")
            time.sleep(0.05)
        return False

    def do_silence(self, _):
        self.stream.read(1)
        return False

    def do_truncate(self, _):
        self.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx")
        self.connection.shutdown(socket.SHUT_RDWR)
        return False

    def do_reset(self, _):
        reset(self.connection)
        return False

    def do_garbage(self, _):
        self.send(b"\x00\xff not HTTP at all \r\n\r\n" * 20)
        return False

    def do_crowd(self, _):
        """Answers when so many wait that only calls side by side get here."""
        crowd.wait(20)
        self.reply("{}")

    def do_requests(self, argument):
        self.reply(str(servers[argument].requests))


def reset(connection):
    connection.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    socket.socket.close(connection)


def be_silent(connection):
    connection.recv(1 << 20)
    time.sleep(60)


def context(directory, name, newest=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(f"{directory}/{name}.pem")
    if newest:
        made.set_ciphers("ALL:@SECLEVEL=0")
        made.minimum_version = ssl.TLSVersion.TLSv1
        made.maximum_version = newest
    return made


def main():
    directory = sys.argv[1]
    for server in [
        Server("good", context(directory, "good")),
        Server("second", context(directory, "good")),
        Server("wrong-name", context(directory, "wrong-name")),
        Server("expired", context(directory, "expired")),
        Server("other-ca", context(directory, "other-ca")),
        Server("old-tls", context(directory, "good", ssl.TLSVersion.TLSv1_1)),
        Server("plain"),
        Server("resetting", on_accept=reset),
        Server("silent", on_accept=be_silent),
    ]:
        servers[server.name] = server
    print(*(f"{s.name} {s.port}" for s in servers.values()), flush=True)
    sys.stdin.read()


servers = {}
crowd = threading.Barrier(CROWD)

if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore", DeprecationWarning)
    main()
