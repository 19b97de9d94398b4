"""The key of a client, and what it proves with it: DPoP (RFC 9449) and a
certificate (RFC 8705)."""

import base64
import hashlib
import json
import pathlib
import subprocess
import tempfile
import time
import uuid


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encode_json(value):
    return encode(json.dumps(value).encode())


def digest(text):
    return encode(hashlib.sha256(text.encode()).digest())


def raw_signature(der):
    """Both numbers of an ECDSA signature, 32 bytes each (RFC 7518)."""
    numbers, at = b"", 2
    for _ in range(2):
        size = der[at + 1]
        numbers += der[at + 2:at + 2 + size].lstrip(b"\0").rjust(32, b"\0")
        at += 2 + size
    return numbers


class Key:
    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(dir="/run"))
        self.file = self.directory / "client.key"
        self.certificate = self.directory / "client.pem"
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                     self.file, "-out", self.certificate, "-subj",
                     "/CN=client", "-days", "2")
        point = self.openssl("pkey", "-in", self.file, "-pubout",
                             "-outform", "DER")[-64:]
        self.jwk = {"crv": "P-256", "kty": "EC", "x": encode(point[:32]),
                    "y": encode(point[32:])}

    @staticmethod
    def openssl(*arguments, **options):
        return subprocess.run(["openssl", *arguments], check=True,
                              capture_output=True, **options).stdout

    def thumbprint(self):
        """RFC 7638: cnf.jkt of a token for this key."""
        return digest(json.dumps(self.jwk, separators=(",", ":"),
                                 sort_keys=True))

    def certificate_thumbprint(self):
        """cnf.x5t#S256 of a token for its certificate."""
        der = self.openssl("x509", "-in", self.certificate, "-outform", "DER")
        return encode(hashlib.sha256(der).digest())

    def prove(self, token, method, url, **changes):
        """A proof for one request."""
        claims = {"htm": method, "htu": url, "iat": int(time.time()),
                  "jti": str(uuid.uuid4()), "ath": digest(token), **changes}
        head = encode_json({"typ": "dpop+jwt", "alg": "ES256",
                            "jwk": self.jwk})
        signed = f"{head}.{encode_json(claims)}"
        der = self.openssl("dgst", "-sha256", "-sign", self.file,
                           input=signed.encode())
        return f"{signed}.{encode(raw_signature(der))}"
