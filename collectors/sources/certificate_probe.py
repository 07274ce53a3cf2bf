"""The certificate that is served on one address, whatever is wrong with it, and what a strict client would say.

The first handshake verifies nothing, because what is wrong is what one wants to see; the second one verifies as every
client does, and its complaint is the answer. Neither sends anything inside the connection.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from collectors.deadline import Deadline
from collectors.errors import SourceError
from collectors.sources.dial import dialled
from collectors.sources.x509 import described
from collectors.untrusted import clipped, neutral

Dial: TypeAlias = Callable[[str, int, Deadline, Deadline], socket.socket]
"""(address, port, limit, deadline) → a connection; raises OSError or `SourceError`."""


def looked_at(
    address: str, port: int, name: str, ca: Path | None, seconds: float, deadline: Deadline, dial: Dial = dialled
) -> dict[str, Any]:
    """What is served there to a client that asks for `name`; `error` alone when there is no handshake. Never raises.

    `dial` makes the connections, also by way of a host.
    """
    limit = Deadline(min(seconds, deadline.remaining()))

    def connect() -> socket.socket:
        made = dial(address, port, limit, deadline)
        made.settimeout(limit.remaining())
        return made

    try:
        chain, version = _chain(connect, name, deadline)
        found = described(chain[0])
    except ssl.SSLError as error:
        return {"error": f"no TLS handshake: {_reason(error)}"}
    except TimeoutError:
        return {"error": f"no TLS handshake within {seconds:g} s"}
    except SourceError as error:
        return {"error": clipped(neutral(f"{error.what}: {error.why}"), 160)}
    except OSError as error:
        return {"error": error.strerror or clipped(neutral(str(error)), 120)}
    except ValueError as error:
        return {"error": f"its certificate cannot be read: {clipped(neutral(str(error)), 120)}"}
    complaint, mismatch = _complaint(connect, name, ca, deadline)
    return found | {
        "chain": len(chain), "tls": version, "complaint": complaint, "mismatch": mismatch,
        "name_fits": not mismatch if complaint is None or mismatch else None,
    }  # fmt: skip


def _chain(connect: Callable[[], socket.socket], name: str, deadline: Deadline) -> tuple[list[bytes], str]:
    """The certificates as they were sent (DER), and the version of the protocol. Raises OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with connect() as sock:
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
    connect: Callable[[], socket.socket], name: str, ca: Path | None, deadline: Deadline
) -> tuple[str | None, bool]:
    """What a client that verifies says, None when it is content; and whether that is about the name."""
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
    except OSError as error:
        return f"our CA file {ca}: {error.strerror or error}", False
    try:
        with connect() as sock:
            key = deadline.guard_socket(sock)
            try:
                context.wrap_socket(sock, server_hostname=name).close()
            finally:
                deadline.release(key)
    except ssl.SSLCertVerificationError as error:
        return clipped(neutral(error.verify_message), 160), "match" in error.verify_message.lower()
    except SourceError as error:
        return f"not verified: {error.why}", False
    except (OSError, ssl.SSLError) as error:
        return f"not verified: {_reason(error)}", False
    return None, False


def _reason(error: OSError) -> str:
    reason = getattr(error, "reason", None) or error.strerror or str(error)
    return clipped(neutral(str(reason)).lower().replace("_", " "), 120)
