"""Typed lines on disk: one file per bar in the state folder, one line per entry, readable by nobody else.

A history that cannot be read or written is no reason to stop: it is a convenience.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from views.recall import MOST, Recall


def recall(path: Path) -> Recall:
    """The lines of `path`, and new ones written to it as they come."""
    lines: list[str] = []
    with suppress(OSError, UnicodeDecodeError):
        lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > 2 * MOST:
        with suppress(OSError):
            _write(path, lines[-MOST:])

    def keep(line: str) -> None:
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8", errors="replace") as file:
                file.write(line.replace("\n", " ") + "\n")

    return Recall(lines, keep)


def _write(path: Path, lines: list[str]) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(path)
