"""One record of the journal, its line and its hash. Pure.

The hash is SHA-256 over the record without `hash`, as JSON with sorted keys and no spaces, and holds the hash of the
record before: whoever changes, removes or moves a line breaks every later one. Any tool can check it:
`jq -cS 'del(.hash)'` of a line, without its line end, is what was hashed. The line itself has what is not printable as
`\\uXXXX`, because somebody will look at it in a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import msgspec

from collectors.errors import BadConfiguration
from collectors.redact import without_secrets
from collectors.shapes import decoded
from collectors.untrusted import escaped
from collectors.values import epoch, iso

LARGEST: Final = 16 * 2**20
"""Bytes of one line; no plan is larger."""
START: Final = b'{"seq":'
"""How every line begins."""


class JournalError(BadConfiguration):
    """The journal cannot be written or read, or was tampered with at its end: nothing may be done unrecorded."""


class Record(msgspec.Struct, frozen=True):
    """One thing that happened. Order is by `seq`; `at` is what the clock said, which may have jumped."""

    seq: int
    """From 1, without gaps."""
    at: float
    """Seconds since the epoch; in the file UTC, ISO 8601."""
    event: str
    run: str
    """Id of the run that it belongs to; empty for what belongs to none."""
    data: Mapping[str, Any]
    """JSON values, without secrets."""
    prev: str
    """Hash of the record before, empty for the first."""
    hash: str


class OddLine(msgspec.Struct, frozen=True):
    """A line that is no record."""

    line: int
    """Its number, from 1."""
    size: int
    """Bytes without the line end."""
    why: str
    torn: bool
    """It looks like a write that was cut off (killed, no space, no power)."""
    text: str = ""
    """How it begins."""


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """A record as it stands in the file."""

    seq: int
    at: str
    event: str
    run: str
    data: dict[str, Any]
    prev: str
    hash: str

    def record(self) -> Record:
        """The same in memory."""
        return Record(self.seq, epoch(self.at) or 0.0, self.event, self.run, self.data, self.prev, self.hash)

    def digest(self) -> str:
        """What `hash` must be."""
        return digest({"seq": self.seq, "at": self.at, "event": self.event, "run": self.run, "data": self.data,
                       "prev": self.prev})  # fmt: skip


def digest(body: Mapping[str, Any]) -> str:
    """SHA-256 over canonical JSON, in hex."""
    return sha256(msgspec.json.encode(body, order="deterministic")).hexdigest()


def sealed(seq: int, at: float, event: str, run: str, data: Mapping[str, Any], prev: str) -> tuple[Record, bytes]:
    """The record and its line. Raises `TypeError` for data that is no JSON."""
    when = iso(at)
    line = Line(seq, when, event, run, plain(data), prev, "")
    line.hash = line.digest()
    record = Record(seq, epoch(when) or 0.0, event, run, line.data, prev, line.hash)
    return record, escaped(msgspec.json.encode(line).decode()).encode() + b"\n"


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` as it comes back from the file: JSON values only, secrets gone, no text that UTF-8 cannot hold."""
    values = without_secrets(_sound(msgspec.to_builtins(dict(data), str_keys=True)))
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(values))
    return found


def _sound(found: Any) -> Any:
    """Names of files may hold bytes that are no text, and numbers may be larger than JSON readers take."""
    if isinstance(found, str):
        return found if found.isascii() else found.encode(errors="backslashreplace").decode()
    if isinstance(found, dict):
        return {_sound(key): _sound(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [_sound(value) for value in found]
    if isinstance(found, int) and not isinstance(found, bool) and not -(2**63) <= found < 2**63:
        return str(found)
    return found


def parsed(raw: bytes, number: int = 0) -> Record | OddLine:
    """The record of a line without its end; its hash is not looked at."""
    line = line_of(raw, number)
    return line if isinstance(line, OddLine) else line.record()


def line_of(raw: bytes, number: int = 0) -> Line | OddLine:
    """The line as it stands in the file."""
    try:
        found: Line = decoded(raw, Line)
    except msgspec.ValidationError as error:
        return OddLine(number, len(raw), f"JSON, but no record: {error}", False, _begin(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        torn = cut_off(raw)
        why = f"a write that was cut off after {len(raw)} bytes" if torn else "no JSON"
        return OddLine(number, len(raw), why, torn, _begin(raw))
    try:
        epoch(found.at)
    except ValueError:
        return OddLine(number, len(raw), f"its time is none: {found.at[:40]}", False, _begin(raw))
    return found


def cut_off(raw: bytes) -> bool:
    """Can `raw`, which is no record, be the beginning of one? A disk that lost power may leave zeros behind it."""
    text = raw.rstrip(b"\0")
    return bool(raw) and (text.startswith(START) or START.startswith(text))


def _begin(raw: bytes) -> str:
    return raw[:200].decode(errors="replace")


def reason(error: OSError) -> str:
    """Why the system refused, in its words."""
    return (error.strerror or type(error).__name__).lower()
