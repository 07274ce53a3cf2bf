"""Reading the journal from its beginning: records, and lines that are none with their number. Nothing is changed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from runbooks.journal.record import LARGEST, JournalError, OddLine, Record, parsed, reason
from runbooks.journal.waiting import wait_for


def read(path: Path) -> Iterator[Record | OddLine]:
    """Everything in the journal, in its order; hashes are not looked at (`verify` does). No file holds nothing.

    Raises `JournalError` when it cannot be read.
    """
    for number, raw, ended in raw_lines(path):
        found = parsed(raw, number)
        if isinstance(found, OddLine) and not ended:
            # Whatever it holds: nobody was told that it was written.
            why = f"torn: {found.size} bytes without an end (a write that was cut off)"
            found = OddLine(number, found.size, why, True, found.text)
        yield found


def raw_lines(path: Path) -> Iterator[tuple[int, bytes, bool]]:
    """(number, bytes without the line end, whether it had one) of each line. Raises `JournalError`."""
    try:
        with open(path, "rb") as file:
            # What another console is writing at this moment is not half read.
            with suppress(JournalError):
                wait_for(file.fileno(), fcntl.LOCK_SH, path)
            size = os.fstat(file.fileno()).st_size
            fcntl.flock(file.fileno(), fcntl.LOCK_UN)
            number = 0
            while size > 0 and (raw := file.readline(min(size, LARGEST + 1))):
                number += 1
                size -= len(raw)
                ended = raw.endswith(b"\n")
                yield number, raw.removesuffix(b"\n"), ended or size > 0
    except FileNotFoundError:
        return
    except OSError as error:
        raise JournalError(str(path), f"cannot be read: {reason(error)}", "run as its owner") from error
