"""The end of the journal: its last whole record, and what was left behind it. Read from the end, block by block."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

from runbooks.journal.record import LARGEST, JournalError, Line, Record, cut_off, line_of, reason

BLOCK: Final = 16 * 1024
"""Bytes that hold several usual records."""
HINT: Final = "run `nephoscope journal verify`; when you know what happened, move the file away and keep it"


class Tail(msgspec.Struct, frozen=True):
    """How the file ends."""

    last: Record | None
    """The last whole record; None when there is none."""
    torn: int
    """Bytes of writes that were cut off behind it, without line ends."""
    ended: bool
    """The file ends with a line end, or is empty."""


def tail(descriptor: int, size: int, path: Path) -> Tail:
    """The end of the file of `size` bytes. Raises `JournalError` when it was tampered with."""
    block = BLOCK
    while True:
        start = max(size - block, 0)
        data = _bytes(descriptor, start, size, path)
        begin = 0 if start == 0 else data.find(b"\n") + 1
        if start == 0 or begin:
            found = _walk(data[begin:].split(b"\n"), path)
            if found.last is not None or start == 0:
                return found
        if block > 4 * LARGEST:
            raise JournalError(str(path), f"its last {block >> 20} MiB hold no record", HINT)
        block *= 4


def _bytes(descriptor: int, start: int, size: int, path: Path) -> bytes:
    data = bytearray()
    try:
        while start + len(data) < size:
            more = os.pread(descriptor, size - start - len(data), start + len(data))
            if not more:
                break
            data += more
    except OSError as error:
        raise JournalError(str(path), f"its end cannot be read: {reason(error)}", "mend the disk") from error
    return bytes(data)


def _walk(lines: list[bytes], path: Path) -> Tail:
    """From the last line back to the first whole record."""
    unended = lines.pop()
    torn = 0
    if unended:
        last = line_of(unended)
        if isinstance(last, Line):  # only its end is missing
            return Tail(_whole(last, path), 0, False)
        torn = len(unended)
    for raw in reversed(lines):
        found = line_of(raw)
        if isinstance(found, Line):
            return Tail(_whole(found, path), torn, not unended)
        if not cut_off(raw):
            raise JournalError(str(path), f"its end holds a line that is no record ({found.why})", HINT)
        torn += len(raw)
    return Tail(None, torn, not unended)


def _whole(line: Line, path: Path) -> Record:
    if line.digest() != line.hash:
        raise JournalError(str(path), f"its last record (seq {line.seq}) was changed after it was written", HINT)
    return line.record()
