"""Rows of host kinds from what commands printed on real hosts, without any connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from collectors.decode import rows_of
from collectors.kind import AnyKind, Reading
from collectors.request import HostCommands
from collectors.snapshot import AnyRow
from collectors.sources.base import Page
from collectors.sources.batch import Reply
from collectors.sources.entries import command
from collectors.sources.findings import Findings, found_in
from collectors.sources.routes import Hop

NOW = 1_795_214_536.0
"""2026-11-20 22:42:16 UTC: about when the recordings were made."""
RECORDINGS = Path(__file__).parents[2] / "wire" / "hosts"
FILES = {
    "load": "loadavg",
    "os": "os-release",
    "disks": "df",
    "services": "systemctl-list-units-json",
    "service-states": "systemctl-show",
}
"""Entry of commands.yaml → recording of what it prints."""
HOP = Hop("ctl01", "10.77.0.11", 22, "root", "10.77.0.11", (), (), "", False)


def printed(host: str, name: str) -> bytes:
    """A recording without its first line (the command) and its last (the exit status)."""
    lines = (RECORDINGS / host / f"{name}.txt").read_bytes().splitlines(keepends=True)
    return b"".join(lines[1:-1])


def file_of(entry: str) -> str:
    """The recording of an entry: `ovs-flow-count bridge=br-int` is in `ovs-flow-count-br-int`."""
    name, *arguments = entry.split()
    return "-".join([FILES.get(name, name), *(word.partition("=")[2] for word in arguments)])


def recorded_reply(host: str, entry: str) -> tuple[int, bytes]:
    """(exit status, what was printed) of a recording; a missing command where there is none."""
    path = RECORDINGS / host / f"{file_of(entry)}.txt"
    if not path.exists():
        return 127, b""
    return int(path.read_text().splitlines()[-1].removeprefix("[exit ").removesuffix("]")), printed(host, path.stem)


def replies(host: str, entries: Sequence[str], outputs: Mapping[str, bytes | tuple[int, bytes]]) -> list[Reply]:
    """One reply per entry: from `outputs`, else from the host's recording. What failed was printed as an error."""
    found = []
    for name in entries:
        given = outputs.get(name, outputs.get(file_of(name)))
        if given is None:
            given = recorded_reply(host, name)
        status, text = given if isinstance(given, tuple) else (0, given)
        err = b"sh: 1: not found" if status == 127 else text if status else b""
        found.append(Reply(command(name), status, text, err, len(text)))
    return found


def findings(host: str, kind: AnyKind, **outputs: bytes | tuple[int, bytes]) -> Findings:
    """What the replies mean; keywords are entries with `_` for `-`."""
    assert isinstance(kind.read, HostCommands)
    given = {name.replace("_", "-"): out for name, out in outputs.items()}
    return found_in(replies(host, kind.read.entries, given), HOP)


def recorded_rows(
    host: str, kind: AnyKind, joins: Mapping[str, Mapping[str, Any]] | None = None, **outputs: bytes | tuple[int, bytes]
) -> list[AnyRow]:
    """The rows of a host's recordings, as the source hands them on."""
    found = findings(host, kind, **outputs)
    items = [{"host": host} | found.facts | row for row in found.rows]
    return rows_of(Page(items=items), kind, Reading(host, NOW, joins=joins or {}))


def rows(
    kind: AnyKind, items: list[dict[str, Any]], joins: Mapping[str, Mapping[str, Any]] | None = None
) -> list[AnyRow]:
    """The rows of parsed items."""
    return rows_of(Page(items=items), kind, Reading("ctl01", NOW, joins=joins or {}))
