"""HAProxy's `show stat` (also `;csv` of its statistics page) and `show info`.

The CSV's columns are found by the names in its first line: their number has grown with every version (1.5 has 62, 2.6
has 124), their names have not changed. Empty fields mean that there is no such value, never zero.
"""

from __future__ import annotations

import csv
from typing import Any, Final

_NUMBERS: Final = {
    **{name: name for name in ("scur", "smax", "slim", "stot", "qcur", "weight", "act", "bck")},
    "econ": "econ",
    "eresp": "eresp",
    "ereq": "ereq",
    "hrsp_5xx": "hrsp_5xx",
    "chkfail": "chkfail",
    "chkdown": "chkdown",
    "lastchg": "lastchg",
    "downtime": "downtime",
    "type": "type",
    "rate": "rate",
    "check_code": "check_code",
    "check_duration": "check_duration",
}
SILENT: Final = "accepts the question and does not answer"
"""What a HAProxy that hangs does: the kernel takes the connection for it."""
_WORDS: Final = ("status", "check_status", "last_chk", "check_desc", "addr", "mode", "tracked")
_TYPES: Final = {0: "frontend", 1: "backend", 2: "server", 3: "listener"}


def stat(output: bytes) -> list[dict[str, Any]]:
    """One mapping per frontend, backend, server and listener."""
    text = output.decode("utf-8", "replace").strip()
    if not text:
        raise ValueError(SILENT)
    if not text.startswith("# pxname,svname,"):
        raise ValueError(f"no statistics of HAProxy: {text[:60]!r}")
    lines = csv.reader(text[2:].splitlines())
    names = next(lines)
    return [_row(names, line) for line in lines if line]


def _row(names: list[str], line: list[str]) -> dict[str, Any]:
    said = dict(zip(names, line, strict=False))
    numbers = {key: _number(said.get(name, "")) for name, key in _NUMBERS.items()}
    kind = _TYPES.get(numbers.pop("type") or 0) if said.get("type") else None
    if not said.get("pxname") or not said.get("svname") or kind is None:
        return {"raw": ",".join(line)[:200]}
    words = {name: said.get(name) or None for name in _WORDS}
    return {"proxy": said["pxname"], "server": said["svname"], "type": kind, **words, **numbers}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.removeprefix("-").isdigit() else None


def info(output: bytes) -> dict[str, Any]:
    """Lines `Name: value`: version, uptime, connections and their limit."""
    said = dict(line.partition(": ")[::2] for line in output.decode("utf-8", "replace").splitlines())
    if said.get("Name") != "HAProxy":
        raise ValueError(f"no information of HAProxy: {output[:60]!r}")
    return {
        "version": said.get("Version") or None,
        "uptime": _number(said.get("Uptime_sec", "")),
        "scur": _number(said.get("CurrConns", "")),
        "slim": _number(said.get("Maxconn", "")),
        "stot": _number(said.get("CumConns", "")),
    }
