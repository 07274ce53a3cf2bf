"""Where a stopped database member stands: grastate.dat, gvwstate.dat, and the position that it recovers from its logs.

grastate.dat has the last transaction only after a proper stop; while it runs and after a crash its `seqno` is -1.
gvwstate.dat is there while it is part of a component, and after a crash: who was in it together.
"""

from __future__ import annotations

import re
from typing import Any

_NO_UUID = "00000000-0000-0000-0000-000000000000"
_RECOVERED = re.compile(
    rb"(?:Recovered position:?|wsrep_start_position=)\s*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(-?\d+)"
)


def files(output: bytes) -> dict[str, Any]:
    """`grep -H "" FILE…`: lines `PATH:LINE` of those files that are there."""
    values: dict[str, str] = {}
    found: dict[str, Any] = {}
    members = 0
    for line in output.decode("utf-8", "replace").splitlines():
        path, colon, text = line.partition(":")
        if not colon or not path.startswith("/"):
            raise ValueError(f"no line of a file: {line[:60]!r}")
        if path.endswith("/gvwstate.dat"):
            members += text.startswith("member:")
            continue
        found["file"] = path
        name, colon, value = text.partition(":")
        if colon:
            values[name.strip()] = value.strip()
    if not found:
        return {"view": members} if members else {}
    seqno = values.get("seqno", "")
    if not re.fullmatch(r"-?\d+", seqno):
        raise ValueError(f"grastate.dat has no seqno: {values}")
    uuid = values.get("uuid", "")
    return found | {
        "uuid": None if uuid in ("", _NO_UUID) else uuid,
        "seqno": int(seqno),
        "safe": values.get("safe_to_bootstrap") == "1",
        "view": members,
    }


def process(output: bytes) -> dict[str, Any]:
    """`pgrep`: whether the server runs."""
    numbers = output.split()
    if not all(number.isdigit() for number in numbers):
        raise ValueError(f"no process numbers: {output[:60]!r}")
    return {"runs": bool(numbers)}


def recovered(output: bytes) -> dict[str, Any]:
    """`galera_recovery`, or mariadbd's own log; nothing where there was nothing to recover, which it says too."""
    said = _RECOVERED.search(output)
    if said is None and output.strip() and b"Position recovery skipped" not in output:
        raise ValueError(f"no recovered position: {output.strip()[-60:]!r}")
    return {"recovered_uuid": said[1].decode(), "recovered": int(said[2])} if said else {}
