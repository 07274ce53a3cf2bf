"""Journals made for tests: a clock that is told, no syslog, and the lines as bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from runbooks.journal import Journal

NOW = 1_800_000_000.0


def quiet(words: str) -> None:
    """Nobody is told."""


def journal(path: Path, clock: Callable[[], float] = lambda: NOW, told: Callable[[str], None] = quiet) -> Journal:
    """A journal that waits for no disk."""
    return Journal(path, clock, told, sync=lambda descriptor: None)


def filled(path: Path, count: int) -> list[bytes]:
    """A journal of `count` records; its lines with their ends."""
    own = journal(path)
    for number in range(count):
        own.append("about", f"run{number // 3}", {"target": f"cmp{number:02}", "step": "1.1", "text": "disable it"})
    return lines(path)


def lines(path: Path) -> list[bytes]:
    """The lines of a file, with their ends."""
    return path.read_bytes().splitlines(keepends=True)


def rewritten(path: Path, found: Sequence[bytes]) -> None:
    """The file with these lines instead."""
    path.write_bytes(b"".join(found))


def changed(line: bytes, **values: Any) -> bytes:
    """A line with other values, its hash as it was."""
    return json.dumps(json.loads(line) | values, separators=(",", ":")).encode() + b"\n"
