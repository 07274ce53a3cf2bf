"""Certificates of the simulated cloud's HTTPS servers, made when a run begins: an authority, and what it signed.

They hold for real clients' real clocks. The authority's certificate goes to the state folder; keys never do.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = timedelta(days=730)
BEFORE = timedelta(days=10)
"""How long ago they were made, so that clocks that are a little behind do not matter."""
EXPIRED, MONTH = timedelta(days=40), timedelta(days=30)
"""How long ago one has ended that has expired, and for how long it held."""


class Authority:
    """A certificate authority of one run."""

    def __init__(self, name: str = "simulator-ca") -> None:
        self._now = datetime.now(UTC)
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._files: dict[str, bytes] = {}
        self._loaded: dict[str, bytes] = {}
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        mine = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = self._builder(self._name, self._key, self._now - BEFORE, self._now + VALID)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self._certificate = builder.add_extension(mine, critical=True).sign(self._key, hashes.SHA256())

    @property
    def pem(self) -> str:
        """Its certificate, for clients that verify."""
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def context(self, name: str, names: Iterable[str], *, expired: bool = False) -> ssl.SSLContext:
        """The TLS settings of the server `name`, with a new certificate for these names and addresses.

        There is one for each name: whoever serves with it serves the new certificate from the next connection on.
        """
        context = self._contexts.setdefault(name, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        begin, end = (-EXPIRED - MONTH, -EXPIRED) if expired else (-BEFORE, VALID)
        self._files[name] = self.signed(name, names, self._now + begin, self._now + end)
        self.reload(name)
        return context

    def serving(self, name: str) -> ssl.SSLContext:
        """The TLS settings of a server that has a certificate."""
        return self._contexts[name]

    def renew(self, name: str, names: Iterable[str]) -> None:
        """Put a new certificate into the server's file; it is served after `reload` only."""
        self._files[name] = self.signed(name, names, datetime.now(UTC), self._now + VALID)

    def reload(self, name: str) -> None:
        """Have the server read its file again."""
        load(self._contexts[name], self._files[name])
        self._loaded[name] = self._files[name]

    def file(self, name: str) -> str:
        """The certificate in the server's file, without its key."""
        return _without_key(self._files[name])

    def served(self, name: str) -> str:
        """The certificate that the server hands out, which may not be the one in its file."""
        return _without_key(self._loaded[name])

    def signed(self, name: str, names: Iterable[str], begin: datetime, end: datetime) -> bytes:
        """Key and certificate of a server as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        known = x509.SubjectAlternativeName([_general(each) for each in names])
        builder = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key, begin, end)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(known, critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        made = builder.sign(self._key, hashes.SHA256())
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return private + made.public_bytes(serialization.Encoding.PEM)

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, begin: datetime, end: datetime
    ) -> x509.CertificateBuilder:
        own, authority = key.public_key(), self._key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(own)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority), critical=False)
        )


def _without_key(pem: bytes) -> str:
    return "-----BEGIN CERT" + pem.decode().partition("-----BEGIN CERT")[2]


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def load(context: ssl.SSLContext, pem: bytes) -> None:
    """Have the context serve this key and certificate; OpenSSL takes them from a file only."""
    handle, path = tempfile.mkstemp(prefix="simulator-", suffix=".pem")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
        context.load_cert_chain(path)
    finally:
        Path(path).unlink()
