"""Rows of host kinds from what commands printed on real hosts, without any connection."""

from __future__ import annotations

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
    "services-in-trouble": "systemctl-show",
}
"""Entry of commands.yaml → recording of what it prints."""
HOP = Hop("ctl01", "10.77.0.11", 22, "root", "10.77.0.11", (), (), "", False)


def printed(host: str, name: str) -> bytes:
    """A recording without its first line (the command) and its last (the exit status)."""
    lines = (RECORDINGS / host / f"{name}.txt").read_bytes().splitlines(keepends=True)
    return b"".join(lines[1:-1])


def replies(host: str, kind: AnyKind, outputs: dict[str, bytes | tuple[int, bytes]]) -> list[Reply]:
    """One reply per entry of the kind: from `outputs`, else from the host's recording, else a missing command."""
    assert isinstance(kind.read, HostCommands)
    found = []
    for name in kind.read.entries:
        given = outputs.get(name)
        if given is None:
            given = printed(host, FILES[name]) if name in FILES else (127, b"")
        status, out = given if isinstance(given, tuple) else (0, given)
        found.append(Reply(command(name), status, out, b"sh: 1: not found" if status == 127 else b"", len(out)))
    return found


def findings(host: str, kind: AnyKind, **outputs: bytes | tuple[int, bytes]) -> Findings:
    """What the replies mean; keywords are entries with `_` for `-`."""
    return found_in(replies(host, kind, {name.replace("_", "-"): out for name, out in outputs.items()}), HOP)


def rows(kind: AnyKind, items: list[dict[str, Any]]) -> list[AnyRow]:
    """The rows of parsed items."""
    return rows_of(Page(items=items), kind, Reading("ctl01", NOW))
