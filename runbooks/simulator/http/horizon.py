"""Horizon behind HAProxy's TLS front on the public virtual address: a redirect to its login page, and a certificate.

The certificate is made from the model when a connection comes: signed by a CA of the cloud's own, for the address, for
90 days. A client that verifies is content when it is given that CA.
"""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from runbooks.simulator.listen import Listener, Running
from runbooks.simulator.model.cloud import Cloud
from runbooks.simulator.model.hosts import Answer

PORT = 8443
HOLDS = 90 * 86400.0
"""Seconds."""
_ANSWER = b"HTTP/1.1 302 Found\r\nLocation: /auth/login/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def listeners(cloud: Cloud) -> Iterator[Listener]:
    """One address: the public virtual one."""
    front = _Front(cloud)
    yield Listener(cloud.layout.vip, PORT, front.answer, front.start)


@lru_cache(maxsize=1)
def _keys() -> tuple[ec.EllipticCurvePrivateKey, ec.EllipticCurvePrivateKey]:
    """The CA's and the server's, new for each run."""
    return ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def _issuer(cloud: Cloud) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{cloud.layout.region} CA")])


def authority(cloud: Cloud) -> bytes:
    """The CA's certificate in PEM: ten years, from a year ago."""
    own = _keys()[0]
    made = _signed(_issuer(cloud), _issuer(cloud), own.public_key(), own, cloud.now() - 4 * HOLDS, 40 * HOLDS, None)
    return made.public_bytes(serialization.Encoding.PEM)


def certificate(cloud: Cloud) -> tuple[bytes, bytes]:
    """(certificate chain, key) in PEM, as the model has them now."""
    signer, own = _keys()
    made = cloud.now() - cloud.certificate_age
    issuer = _issuer(cloud)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"horizon.{cloud.layout.region.lower()}.example")])
    names = x509.SubjectAlternativeName(
        [x509.DNSName(f"horizon.{cloud.layout.region.lower()}.example"), x509.IPAddress(ip_address(cloud.layout.vip))]
    )
    leaf = _signed(subject, issuer, own.public_key(), signer, made, HOLDS, names)
    key = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return leaf.public_bytes(serialization.Encoding.PEM) + authority(cloud), key


def _signed(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, by: ec.EllipticCurvePrivateKey,
    made: float, holds: float, names: x509.SubjectAlternativeName | None,
) -> x509.Certificate:  # fmt: skip
    begin = datetime.datetime.fromtimestamp(made, datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(int(made))
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(seconds=holds))
        .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
    )
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    return builder.sign(by, hashes.SHA256())


class _Front:
    """The address, while some controller carries it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._context: ssl.SSLContext | None = None
        self._made = -1.0

    def answer(self) -> Answer:
        """As HAProxy's other addresses."""
        hosts = self.cloud.hosts.with_role("control")
        if any(host.alive("haproxy") and host.alive("keepalived") for host in hosts):
            return "answers"
        return "refuses" if any(host.up and host.reachable for host in hosts) else "unreachable"

    async def start(self, sock: socket.socket) -> Running:
        """Serve on `sock`; what the certificate is, is asked at each handshake."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = lambda tls, name, first: setattr(tls, "context", self._present())
        self._load(context)
        return _Served(await asyncio.start_server(_redirect, sock=sock, ssl=context))

    def _present(self) -> ssl.SSLContext:
        if self._context is None or self._made != self.cloud.certificate_age:
            self._made = self.cloud.certificate_age
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._load(self._context)
        return self._context

    def _load(self, context: ssl.SSLContext) -> None:
        chain, key = certificate(self.cloud)
        with tempfile.TemporaryDirectory() as folder:  # ssl takes files only
            path = Path(folder) / "pem"
            path.touch(0o600)
            path.write_bytes(key + chain)
            context.load_cert_chain(path)


class _Served:
    def __init__(self, server: asyncio.Server) -> None:
        self._server = server

    def cut(self) -> None:
        self._server.close()


async def _redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        if await reader.readline():
            writer.write(_ANSWER)
            await writer.drain()
    except (OSError, ssl.SSLError, ValueError):
        pass  # the client went away, or wrote too long a line
    finally:
        writer.close()
