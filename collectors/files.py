"""Files of the operator: read whole, with complaints that name the file and the line and say what to try."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from collectors.errors import BadConfiguration

LARGEST: Final = 16 * 2**20
"""Bytes; no inventory or variable file is larger."""


def at(path: Path, line: int, why: str, hint: str) -> BadConfiguration:
    """`why` at `line` of `path` (0 when it is about the whole file); `hint` is the next step."""
    return BadConfiguration(f"{path}, line {line}" if line else str(path), why, hint)


def text_of(path: Path, what: str) -> str:
    """The text of a file, called `what` in words. Raises `BadConfiguration`."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise at(path, 0, f"there is no such {what}", _near(path)) from error
    except PermissionError as error:
        who = f"user {os.geteuid()}"
        raise at(path, 0, f"{who} may not read this {what}", f"run as its owner, or give {who} access") from error
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise at(path, 0, f"this {what} cannot be read: {reason}", "check the path") from error
    if len(data) > LARGEST:
        raise at(path, 0, f"larger than {LARGEST >> 20} MiB, so no {what}", "check the path")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise at(path, line, f"not UTF-8 text (byte {data[error.start]:#04x})", "save the file as UTF-8") from error


def _near(path: Path) -> str:
    """What stands where `path` should be."""
    if not path.parent.is_dir():
        return f"there is no folder {path.parent} either; check the path"
    try:
        names = sorted(entry.name for entry in path.parent.iterdir() if not entry.name.startswith("."))
    except OSError:
        return f"check the path; {path.parent} cannot be listed"
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return f"check the path; {path.parent} holds: {shown or 'nothing'}"
