"""What log readers print, as mappings with the fields of a log line: journald's JSON, files by tail, containers.

A stream arrives in pieces, so each of these is a small machine that is fed whole lines and remembers where it is.
"""

from __future__ import annotations

import re
from sys import intern
from typing import Any, Protocol

import msgspec

from collectors.logs.formats import Parts, parts
from collectors.shapes import decoded

_PRIORITIES = ("critical", "critical", "critical", "error", "warning", "info", "info", "debug")
"""syslog's number → our level."""
_HEADER = re.compile(rb"==> (/.+) <==")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.?\d*(?:Z|[+-]\d\d:\d\d)) ?")


_FIELDS = {
    "stamp": "__REALTIME_TIMESTAMP",
    "message": "MESSAGE",
    "priority": "PRIORITY",
    "unit": "_SYSTEMD_UNIT",
    "about": "UNIT",
    "identifier": "SYSLOG_IDENTIFIER",
}


class Lines(Protocol):
    """Fed lines without their newline; gives mappings with the fields of a log line, but for the host."""

    def feed(self, lines: list[bytes]) -> list[dict[str, Any]]:
        """What these lines say, in their order."""


class _Entry(msgspec.Struct, gc=False, rename=_FIELDS.get):
    """The fields of `journalctl -o json` that are asked for."""

    stamp: str | None = None
    message: str | list[int] | None = None
    priority: str | None = None
    unit: str | list[str] | None = None
    about: str | list[str] | None = None
    identifier: str | None = None


class Journal:
    """`journalctl -o json`: the journal's own time, and the level of the message where it has one."""

    def __init__(self, zone: float = 0.0) -> None:
        self._zone = zone

    def feed(self, lines: list[bytes]) -> list[dict[str, Any]]:
        """One mapping per entry; what is no JSON is kept as a message, but for `-- No entries --` and its like."""
        return [self._entry(line) for line in lines if line.strip() and not line.startswith(b"-- ")]

    def _entry(self, line: bytes) -> dict[str, Any]:
        try:
            entry = decoded(line, _Entry)
        except (msgspec.DecodeError, UnicodeDecodeError):
            text = line.decode("utf-8", "replace")
            return _fields(parts(text, self._zone), "", "journald")
        message = entry.message
        if isinstance(message, list):  # not UTF-8: journald sends the bytes
            message = bytes(byte & 0xFF for byte in message).decode("utf-8", "replace")
        elif message is None:
            message = "(journald leaves out this message: it is too large)"
        found = parts(message, self._zone)
        time = int(entry.stamp) / 1e6 if entry.stamp and entry.stamp.isdigit() else found.time
        level = found.level
        if not level and entry.priority and entry.priority.isdigit() and int(entry.priority) < len(_PRIORITIES):
            level = _PRIORITIES[int(entry.priority)]
        unit = entry.about or entry.unit or ""
        name = (unit[0] if isinstance(unit, list) else unit).removesuffix(".service")
        if name in ("", "init.scope"):
            name = entry.identifier or name
        text = found.message if found.logger else message
        return _fields(Parts(time, level, found.logger, found.request_id, text), name, "journald")


class Files:
    """`tail -v` of several files: a header says whose lines follow.

    A line without a time has that of the one before.
    """

    def __init__(self, zone: float = 0.0) -> None:
        self._zone = zone
        self._path = ""
        self._last: dict[str, tuple[float | None, str]] = {}

    def feed(self, lines: list[bytes]) -> list[dict[str, Any]]:
        """One mapping per line."""
        found: list[dict[str, Any]] = []
        for line in lines:
            if (header := _HEADER.fullmatch(line)) is not None:
                self._path = header[1].decode("utf-8", "replace")
            elif line.strip():
                found.append(self._line(line.decode("utf-8", "replace")))
        return found

    def _line(self, text: str) -> dict[str, Any]:
        said = parts(text, self._zone)
        time, level = said.time, said.level
        before = self._last.get(self._path, (None, ""))
        if time is None:
            time = before[0]
            level = level or (before[1] if text[:1].isspace() or text.startswith("Traceback") else "")
        self._last[self._path] = (time, level)
        name = self._path.rpartition("/")[2].partition(".log")[0]
        return _fields(Parts(time, level, said.logger, said.request_id, said.message), name, self._path)


class Found:
    """`grep -H`: every line has its file's name before it."""

    def __init__(self, zone: float = 0.0) -> None:
        self._files = Files(zone)

    def feed(self, lines: list[bytes]) -> list[dict[str, Any]]:
        """One mapping per line."""
        found: list[dict[str, Any]] = []
        for line in lines:
            path, colon, text = line.partition(b":")
            found += self._files.feed([b"==> " + path + b" <==", text] if colon else [line])
        return found


class Container:
    """`docker logs --timestamps`, `podman logs --timestamps`: the engine's time, then the line."""

    def __init__(self, zone: float = 0.0) -> None:
        self._zone = zone

    def feed(self, lines: list[bytes]) -> list[dict[str, Any]]:
        """One mapping per line; the name of the container is added by whoever asked for it."""
        found: list[dict[str, Any]] = []
        for line in lines:
            text = line.decode("utf-8", "replace")
            stamp = _STAMP.match(text)
            rest = text[stamp.end() :] if stamp else text
            if not rest.strip():
                continue
            said = parts(rest, self._zone)
            time = parts(stamp[0].strip() + " .", 0.0).time if stamp else said.time
            found.append(_fields(Parts(time, said.level, said.logger, said.request_id, said.message), "", ""))
        return found


def _fields(said: Parts, service: str, source: str) -> dict[str, Any]:
    return {
        "time": said.time,
        "level": said.level,
        "logger": said.logger,
        "request_id": said.request_id,
        "message": said.message,
        "service": intern(service),
        "source": intern(source),
    }


def zone(output: bytes) -> dict[str, Any]:
    """`date +%z`: how many seconds the host's clock is ahead of UTC."""
    found = re.fullmatch(r"([+-])(\d\d)(\d\d)", output.decode("ascii", "replace").strip())
    if found is None:
        raise ValueError(f"no time zone: {output[:40]!r}")
    seconds = int(found[2]) * 3600 + int(found[3]) * 60
    return {"zone": float(seconds if found[1] == "+" else -seconds)}


def files(output: bytes) -> list[dict[str, Any]]:
    """`find -printf '%T@ %s %p\\n'`: when each log file was last written, its size, its path."""
    found: list[dict[str, Any]] = []
    for line in output.decode("utf-8", "replace").split("\n"):
        if not line.strip():
            continue
        at, _, rest = line.partition(" ")
        size, _, path = rest.partition(" ")
        try:
            found.append({"path": path, "at": float(at), "size": int(size)})
        except ValueError:
            found.append({"raw": line[:200]})
    return found
