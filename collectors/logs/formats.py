"""The text of one log line → when, how bad, who, which request, what. Pure; odd lines stay as they are.

oslo.log's form (all OpenStack services, in journald and in Kolla's files) is understood whole. Of MariaDB, RabbitMQ,
Open vSwitch, HAProxy, Apache, Keepalived and syslog the time and the level are found, and the rest is the message.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from sys import intern
from typing import Final

import msgspec

REQUEST: Final = re.compile(r"req-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""oslo.context's request id."""

_OSLO = re.compile(
    r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:?\d\d)? (?:\d+ )?"
    r"(CRITICAL|ERROR|WARNING|INFO|AUDIT|DEBUG|TRACE) ([\w.:@-]+) (?:\[([^\]]*)\] ?)?(.*)",
    re.DOTALL,
)
_ISO = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:[.,](\d+))?(?: ?(Z|[+-]\d\d:?\d\d))?[ |:]*")
_CLF = re.compile(r"\[(\d\d)/(\w{3})/(\d{4}):(\d\d:\d\d:\d\d)(?:\.(\d+))?(?: ([+-]\d{4}))?\]")
_CTIME = re.compile(r"\w{3} (\w{3}) +(\d+) (\d\d:\d\d:\d\d)(?:\.(\d+))? (\d{4})[: ]*")
_MONTHS = {
    name: n
    for n, name in enumerate(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1)
}
_LEVEL = re.compile(
    r"\[(?:\w+:)?(debug|info|note|notice|warning|warn|error|err|critical|crit|emerg|alert|fatal|system)\]"
    r"|\|(DBG|INFO|WARN|ERR|EMER)\||\blevel=\"?(debug|info|warn|warning|error|fatal)\b"
    r"|(?:^|[\s:])(DEBUG|INFO|WARNING|ERROR|CRITICAL)(?=[:\s])",
    re.IGNORECASE,
)
_WORDS = {
    "trace": "debug", "dbg": "debug", "debug": "debug", "audit": "info", "note": "info", "notice": "info",
    "info": "info", "system": "info", "warn": "warning", "warning": "warning", "err": "error", "error": "error",
    "crit": "critical", "critical": "critical", "fatal": "critical", "emer": "critical", "emerg": "critical",
    "alert": "critical",
}  # fmt: skip
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""Some services colour their log; nothing else of what a terminal would obey is taken out here."""
_SEARCHED: Final = 400
"""Characters of a line in which a time or a level is looked for."""


class Parts(msgspec.Struct, frozen=True, gc=False):
    """What one line says."""

    time: float | None
    level: str
    logger: str | None
    request_id: str | None
    message: str


def parts(text: str, zone: float = 0.0) -> Parts:
    """The parts of `text`; times without a zone are `zone` seconds ahead of UTC (the host's own clock)."""
    if "\x1b[" in text:
        text = _COLOUR.sub("", text)
    found = _OSLO.fullmatch(text)
    if found is not None:
        stamp, fraction, offset, level, logger, context, message = found.groups()
        return Parts(
            _moment(stamp, fraction, offset, zone),
            _WORDS[level.lower()],
            intern(logger),
            _request(context or "") or _request(message),
            message,
        )
    head = text[:_SEARCHED]
    time, message = _time(head, text, zone)
    said = _LEVEL.search(head)
    level = _WORDS[next(word for word in said.groups() if word).lower()] if said else ""
    return Parts(time, level, None, _request(text), message)


def _request(text: str) -> str | None:
    """The last request id: oslo.log writes the global one before the service's own."""
    if "req-" not in text:
        return None
    found = REQUEST.findall(text)
    return found[-1] if found else None


def _time(head: str, text: str, zone: float) -> tuple[float | None, str]:
    """(moment, the text behind it); the whole text where the time stands in its middle, or nowhere."""
    if (iso := _ISO.match(head)) is not None:
        return _moment(iso[1], iso[2], iso[3], zone), text[iso.end() :] or text
    if (ctime := _CTIME.match(head)) is not None and ctime[1] in _MONTHS:
        day = f"{ctime[5]}-{_MONTHS[ctime[1]]:02}-{int(ctime[2]):02} {ctime[3]}"
        return _moment(day, ctime[4], None, zone), text[ctime.end() :] or text
    if (clf := _CLF.search(head)) is not None and clf[2] in _MONTHS:
        return _moment(f"{clf[3]}-{_MONTHS[clf[2]]:02}-{clf[1]} {clf[4]}", clf[5], clf[6], zone), text
    return None, text


def _moment(stamp: str, fraction: str | None, offset: str | None, zone: float) -> float | None:
    try:
        seconds = datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
    if offset and offset != "Z":
        digits = offset[1:].replace(":", "")
        ahead = int(digits[:2]) * 3600 + int(digits[2:]) * 60
        seconds -= ahead if offset[0] == "+" else -ahead
    elif not offset:
        seconds -= zone
    return seconds + (float(f"0.{fraction}") if fraction else 0.0)
