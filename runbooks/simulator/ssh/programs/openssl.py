"""`openssl x509` of a file or of standard input, and `openssl version`; `s_client` is in its own file.

The output options of x509 print in the order in which they are given, as OpenSSL 3 does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from runbooks.simulator.ssh import files, tls
from runbooks.simulator.ssh.program import Call, decode, program
from runbooks.simulator.ssh.programs.openssl_client import s_client

_NAMED = {
    "subjectAltName": x509.SubjectAlternativeName,
    "basicConstraints": x509.BasicConstraints,
    "extendedKeyUsage": x509.ExtendedKeyUsage,
    "keyUsage": x509.KeyUsage,
}
_SIMPLE: dict[str, Callable[[x509.Certificate], str]] = {
    "-subject": lambda found: f"subject={tls.name_text(found.subject)}",
    "-issuer": lambda found: f"issuer={tls.name_text(found.issuer)}",
    "-startdate": lambda found: f"notBefore={tls.moment(found.not_valid_before_utc)}",
    "-enddate": lambda found: f"notAfter={tls.moment(found.not_valid_after_utc)}",
    "-serial": lambda found: f"serial={tls.serial(found)}",
    "-text": lambda found: tls.text(found).rstrip("\n"),
}


@program("openssl")
def _openssl(call: Call) -> int:
    match call.args:
        case ["version", *_]:
            call.print("OpenSSL 3.0.15 3 Sep 2024 (Library: OpenSSL 3.0.15 3 Sep 2024)")
            return 0
        case ["x509", *words]:
            return _x509(call, words)
        case ["s_client", *words]:
            return s_client(call, words)
        case words:
            return call.fail(f"Invalid command '{' '.join(words)}'; type \"help\" for a list.")


def _x509(call: Call, words: list[str]) -> int:
    """Print what is asked of the certificate, then itself, but for `-noout`."""
    asked: list[tuple[str, str]] = []
    source, digest, quiet = "", "SHA1", False
    while words:
        word, words = words[0], words[1:]
        if word in ("-in", "-ext", "-checkend", "-inform", "-outform"):
            if not words:
                return call.fail(f"x509: Option {word} needs a value\nx509: Use -help for summary.")
            value, words = words[0], words[1:]
            source = value if word == "-in" else source
            asked += [(word, value)] if word in ("-ext", "-checkend") else []
        elif word == "-noout":
            quiet = True
        elif word in ("-sha256", "-sha1"):
            digest = word[1:].upper()
        elif word == "-dates":
            asked += [("-startdate", ""), ("-enddate", "")]
        elif word in _SIMPLE or word == "-fingerprint":
            asked.append((word, ""))
        else:
            return call.fail(f"x509: Unknown option: {word}\nx509: Use -help for summary.")
    content = _content(call, source)
    if content is None:
        return call.fail("Unable to load certificate")
    found = tls.certificates(content)
    if not found:
        call.fail(f"Could not read certificate from {source or '<stdin>'}")
        return call.fail("Unable to load certificate")
    status = 0
    for word, value in asked:
        status = _printed(call, found[0], word, value, digest) or status
    if not quiet:
        call.print(found[0].public_bytes(serialization.Encoding.PEM).decode(), end="")
    return status


def _content(call: Call, source: str) -> str | None:
    """What is read; None when the file cannot be read, which is said."""
    if not source:
        return decode(call.stdin)
    content = files.read(call.place, source)
    if isinstance(content, bytes):
        return decode(content)
    call.fail(f"Could not open file or uri for loading certificate from {source}")
    call.fail(f"40C7A8A4A77F0000:error:8000000D:system library:BIO_new_file:{content}:../crypto/bio/bss_file.c:67:")
    return None


def _printed(call: Call, found: x509.Certificate, word: str, value: str, digest: str) -> int:
    if word in _SIMPLE:
        call.print(_SIMPLE[word](found))
    elif word == "-fingerprint":
        raw = found.fingerprint(hashes.SHA256() if digest == "SHA256" else hashes.SHA1())
        call.print(f"{digest.lower() if digest == 'SHA256' else digest} Fingerprint="
                   + ":".join(f"{byte:02X}" for byte in raw))  # fmt: skip
    elif word == "-checkend":
        ends = found.not_valid_after_utc <= datetime.now(UTC) + timedelta(seconds=int(value) if value.isdigit() else 0)
        call.print(f"Certificate will {'' if ends else 'not '}expire")
        return int(ends)
    else:
        kinds = [_NAMED[name] for name in value.split(",") if name in _NAMED]
        shown = [one for one in found.extensions if isinstance(one.value, tuple(kinds))] if kinds else []
        call.print("".join(tls.extension(one) for one in shown) or "No extensions matched\n", end="")
    return 0
