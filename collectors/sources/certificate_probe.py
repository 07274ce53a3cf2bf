"""The certificate that is served on one address, whatever is wrong with it, and what a strict client would say.

The first handshake verifies nothing, because what is wrong is what one wants to see; the second one verifies as every
client does, and its complaint is the answer. Neither sends anything inside the connection.
"""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

from collectors.deadline import Deadline
from collectors.sources.dial import dialled
from collectors.untrusted import clipped, neutral


def looked_at(
    address: str, port: int, name: str, ca: Path | None, seconds: float, deadline: Deadline
) -> dict[str, Any]:
    """What is served there to a client that asks for `name`; `error` alone when there is no handshake. Never raises."""
    limit = Deadline(min(seconds, deadline.remaining()))
    try:
        chain, version = _chain(address, port, name, limit, deadline)
        found = _described(chain[0])
    except ssl.SSLError as error:
        return {"error": f"no TLS handshake: {_reason(error)}"}
    except TimeoutError:
        return {"error": f"no TLS handshake within {seconds:g} s"}
    except OSError as error:
        return {"error": error.strerror or clipped(neutral(str(error)), 120)}
    except ValueError as error:
        return {"error": f"its certificate cannot be read: {clipped(neutral(str(error)), 120)}"}
    complaint, mismatch = _complaint(address, port, name, ca, limit, deadline)
    return found | {
        "chain": len(chain), "tls": version, "complaint": complaint, "mismatch": mismatch,
        "name_fits": not mismatch if complaint is None or mismatch else None,
    }  # fmt: skip


def _connected(address: str, port: int, limit: Deadline, deadline: Deadline) -> socket.socket:
    sock = dialled(address, port, limit, deadline)
    sock.settimeout(limit.remaining())
    return sock


def _chain(address: str, port: int, name: str, limit: Deadline, deadline: Deadline) -> tuple[list[bytes], str]:
    """The certificates as they were sent (DER), and the version of the protocol. Raises OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with _connected(address, port, limit, deadline) as sock:
        key = deadline.guard_socket(sock)
        try:
            with context.wrap_socket(sock, server_hostname=name) as tls:
                own = tls.getpeercert(binary_form=True)
                if own is None:
                    raise ValueError("none was sent")
                sent: list[Any] = getattr(tls._sslobj, "get_unverified_chain", list)() or []  # type: ignore[attr-defined]
                further = [ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in sent[1:]]
                return [own, *further], tls.version() or ""
        finally:
            deadline.release(key)


def _complaint(
    address: str, port: int, name: str, ca: Path | None, limit: Deadline, deadline: Deadline
) -> tuple[str | None, bool]:
    """What a client that verifies says, None when it is content; and whether that is about the name."""
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
    except OSError as error:
        return f"our CA file {ca}: {error.strerror or error}", False
    try:
        with _connected(address, port, limit, deadline) as sock:
            key = deadline.guard_socket(sock)
            try:
                context.wrap_socket(sock, server_hostname=name).close()
            finally:
                deadline.release(key)
    except ssl.SSLCertVerificationError as error:
        return clipped(neutral(error.verify_message), 160), "match" in error.verify_message.lower()
    except (OSError, ssl.SSLError) as error:
        return f"not verified: {_reason(error)}", False
    return None, False


def _reason(error: OSError) -> str:
    reason = getattr(error, "reason", None) or error.strerror or str(error)
    return clipped(neutral(str(reason)).lower().replace("_", " "), 120)


def _described(der: bytes) -> dict[str, Any]:
    """Names and dates of a certificate. Raises ValueError."""
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(der)
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = [*alternative.get_values_for_type(x509.DNSName)]
        names += [str(address) for address in alternative.get_values_for_type(x509.IPAddress)]
    except x509.ExtensionNotFound:
        names = []
    subject, issuer = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
    return {
        "subject": subject,
        "issuer": issuer,
        "names": names,
        "not_before": certificate.not_valid_before_utc.timestamp(),
        "not_after": certificate.not_valid_after_utc.timestamp(),
        "serial": f"{certificate.serial_number:x}",
        "self_signed": certificate.subject == certificate.issuer,
    }
