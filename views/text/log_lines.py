"""Log lines as text: one line each, oldest first, made harmless."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.kind import Value
from collectors.logs.line import LINES, LogLine, health
from collectors.untrusted import neutral
from collectors.values import iso


def moment(at: float | None, *, day: bool = False) -> str:
    """`17:38:41.085`, in UTC as the services log it; blank where nobody knows."""
    if at is None:
        return ""
    form = "%Y-%m-%d %H:%M:%S.%f" if day else "%H:%M:%S.%f"
    return datetime.fromtimestamp(at, UTC).strftime(form)[:-3]


def printed(line: LogLine, hosts: int, services: int) -> str:
    """One line: time, host, service, level, message; `hosts` and `services` are the widths of theirs."""
    told = f"{line.logger}: {line.message}" if line.logger else line.message
    parts = (moment(line.time).ljust(12), neutral(line.host).ljust(hosts), neutral(line.service).ljust(services))
    return f"{'  '.join(parts)}  {line.level.ljust(8)}  {neutral(told)}\n"


def table(lines: Iterable[LogLine]) -> Iterator[str]:
    """Titles and lines."""
    found = list(lines)
    hosts = max([4, *(len(neutral(line.host)) for line in found)])
    services = max([7, *(len(neutral(line.service)) for line in found)])
    yield f"{'TIME (UTC)'.ljust(12)}  {'HOST'.ljust(hosts)}  {'SERVICE'.ljust(services)}  {'LEVEL'.ljust(8)}  MESSAGE\n"
    for line in found:
        yield printed(line, hosts, services)


def record(line: LogLine, number: int, cloud: str, region: str) -> Mapping[str, Value]:
    """One line with the keys of data formats."""
    judged = health(line, 0.0)
    found: dict[str, Any] = {
        "id": f"{line.host}/{number}",
        "health": judged.level,
        "reason": judged.reason,
        "cloud": cloud,
        "region": region,
    }
    for column in LINES.columns:
        if column.name != "id":
            found[column.name] = getattr(line, column.name)
    found["time"] = iso(line.time) if line.time is not None else None
    return found
