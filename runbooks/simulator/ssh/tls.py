"""Certificates as OpenSSL tells of them: names in its spelling, what `-text` prints, and why one is not believed.

Everything is read from the certificate that a simulated server hands out, as any client would read it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from ipaddress import ip_address

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID, NameOID

_SHORT = {NameOID.COMMON_NAME: "CN", NameOID.ORGANIZATION_NAME: "O", NameOID.COUNTRY_NAME: "C"}
LOCAL_ISSUER, EXPIRED, NOT_YET = 20, 10, 9
CODES = {
    0: "ok",
    NOT_YET: "certificate is not yet valid",
    EXPIRED: "certificate has expired",
    LOCAL_ISSUER: "unable to get local issuer certificate",
    21: "unable to verify the first certificate",
}
"""OpenSSL's numbers of what verification finds."""


def certificates(pem: str) -> list[x509.Certificate]:
    """Those in a text; none when there is none, or it is broken."""
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        return []


def name_text(name: x509.Name) -> str:
    """`CN = simulator-ca`."""
    return ", ".join(f"{_SHORT.get(one.oid, one.oid.dotted_string)} = {_plain(one.value)}" for one in name)


def _plain(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.hex()


def moment(at: datetime) -> str:
    """`Nov 20 22:40:00 2026 GMT`."""
    return f"{at:%b} {at.day:2} {at:%H:%M:%S %Y} GMT"


def code(certificate: x509.Certificate, trusted: str) -> int:
    """OpenSSL's verify code with these trusted certificates."""
    issuer = next((one for one in certificates(trusted) if one.subject == certificate.issuer), None)
    if issuer is None:
        return LOCAL_ISSUER
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return LOCAL_ISSUER
    return age(certificate)


def age(certificate: x509.Certificate) -> int:
    """The code for its time alone: they hold for real clients' real clocks, and so here."""
    now = datetime.now(UTC)
    if now < certificate.not_valid_before_utc:
        return NOT_YET
    return EXPIRED if now > certificate.not_valid_after_utc else 0


def untrusted(pem: str, trusted: str, name: str) -> str:
    """Why a client does not believe the server's first certificate, in OpenSSL's words; empty when it does."""
    (certificate, *_) = certificates(pem)
    if found := code(certificate, trusted):
        return CODES[found]
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    try:
        known = ip_address(name) in alternatives.get_values_for_type(x509.IPAddress)
    except ValueError:
        known = name in alternatives.get_values_for_type(x509.DNSName)
    if known:
        return ""
    return f"SSL: no alternative certificate subject name matches target host name '{name}'"


def serial(certificate: x509.Certificate) -> str:
    """Hexadecimal digits, in pairs."""
    text = f"{certificate.serial_number:X}"
    return text.zfill(len(text) + len(text) % 2)


def _colons(data: bytes, width: int, indent: str) -> str:
    """`04:1a:…` in lines of `width` bytes."""
    words = [f"{byte:02x}" for byte in data]
    lines = [":".join(words[at : at + width]) for at in range(0, len(words), width)]
    return "".join(f"{indent}{line}{':' if at + 1 < len(lines) else ''}\n" for at, line in enumerate(lines))


def text(certificate: x509.Certificate) -> str:
    """`openssl x509 -text` without the PEM at its end."""
    own = certificate.public_key()
    assert isinstance(own, ec.EllipticCurvePublicKey)
    point = own.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    number = re.sub(r"(..)(?=.)", r"\1:", serial(certificate).lower())
    return (
        "Certificate:\n    Data:\n        Version: 3 (0x2)\n        Serial Number:\n"
        f"            {number}\n        Signature Algorithm: ecdsa-with-SHA256\n"
        f"        Issuer: {name_text(certificate.issuer)}\n        Validity\n"
        f"            Not Before: {moment(certificate.not_valid_before_utc)}\n"
        f"            Not After : {moment(certificate.not_valid_after_utc)}\n"
        f"        Subject: {name_text(certificate.subject)}\n        Subject Public Key Info:\n"
        "            Public Key Algorithm: id-ecPublicKey\n                Public-Key: (256 bit)\n"
        f"                pub:\n{_colons(point, 15, ' ' * 20)}"
        "                ASN1 OID: prime256v1\n                NIST CURVE: P-256\n        X509v3 extensions:\n"
        + "".join(extension(one, " " * 12) for one in certificate.extensions)
        + "    Signature Algorithm: ecdsa-with-SHA256\n    Signature Value:\n"
        + _colons(certificate.signature, 18, " " * 8)
    )


_TITLES = {
    ExtensionOID.SUBJECT_KEY_IDENTIFIER: "X509v3 Subject Key Identifier",
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER: "X509v3 Authority Key Identifier",
    ExtensionOID.BASIC_CONSTRAINTS: "X509v3 Basic Constraints",
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME: "X509v3 Subject Alternative Name",
    ExtensionOID.EXTENDED_KEY_USAGE: "X509v3 Extended Key Usage",
    ExtensionOID.KEY_USAGE: "X509v3 Key Usage",
}


def _pairs(data: bytes) -> str:
    return ":".join(f"{byte:02X}" for byte in data)


def extension(one: x509.Extension[x509.ExtensionType], indent: str = "") -> str:
    """One extension: its title, and its value on the next line."""
    title = _TITLES.get(one.oid, one.oid.dotted_string)
    return f"{indent}{title}: {'critical' if one.critical else ''}\n{indent}    {_value(one.value)}\n"


def _value(value: x509.ExtensionType) -> str:
    match value:
        case x509.SubjectKeyIdentifier():
            return _pairs(value.digest)
        case x509.AuthorityKeyIdentifier():
            return _pairs(value.key_identifier or b"")
        case x509.BasicConstraints():
            length = f", pathlen:{value.path_length}" if value.path_length is not None else ""
            return f"CA:{str(value.ca).upper()}{length}"
        case x509.SubjectAlternativeName():
            return ", ".join(
                f"{'DNS' if isinstance(name, x509.DNSName) else 'IP Address'}:{name.value}" for name in value
            )
        case x509.ExtendedKeyUsage():
            return "TLS Web Server Authentication"
        case _:
            return "Digital Signature, Certificate Sign, CRL Sign"
