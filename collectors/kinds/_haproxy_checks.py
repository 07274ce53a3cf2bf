"""What a check of HAProxy met, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_CHECKS: Final[Mapping[str, str]] = {
    "UNK": "not checked yet",
    "INI": "not checked yet",
    "SOCKERR": "HAProxy has no socket for the check",
    "L4OK": "connects",
    "L4TOUT": "no answer to the connection attempt",
    "L4CON": "the connection failed",
    "L6OK": "TLS works",
    "L6TOUT": "no answer during the TLS handshake",
    "L6RSP": "the TLS handshake failed",
    "L7OK": "the check passed",
    "L7OKC": "the check passed conditionally",
    "L7TOUT": "no answer to the check in time",
    "L7RSP": "the answer to the check is not understood",
    "L7STS": "the check was answered with an error",
    "PROCERR": "the check's program failed",
    "PROCTOUT": "the check's program took too long",
    "PROCOK": "the check's program passed",
}
"""`check_status` in words."""


def words(status: str | None, code: int | None, description: str | None, said: str | None) -> str | None:
    """`the connection failed: Connection refused`; None while nothing is checked. With `* ` a check is under way."""
    name = (status or "").removeprefix("* ")
    if not name:
        return None
    text = _CHECKS.get(name, description or name)
    if code and code >= 400:
        text += f" {code}"
    return f"{text}: {said}" if said and said != description else text
