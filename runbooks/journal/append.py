"""Appending to the journal: under a lock, behind the real last line, on the disk before it returns.

Several consoles append to one file, so its end is read again each time while the lock is held; only the end, so that
its length does not matter. An append is whole or told as not written: what was written of one that failed is cut off
again, which is safe for our own bytes alone, since the lock keeps others out and nobody was told of them. Bytes that
somebody else left behind (killed in the middle of a write) stay: the next append ends that line and says so in a
record `torn`, and the chain goes on from the last whole record.
"""

from __future__ import annotations

import fcntl
import os
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from runbooks.journal.reading import read
from runbooks.journal.record import JournalError, Record, reason, sealed
from runbooks.journal.tail import Tail, tail
from runbooks.journal.waiting import wait_for


class _Mine(msgspec.Struct, frozen=True):
    """The last record that we wrote."""

    inode: int
    end: int
    """Where it ends in the file."""
    last: bytes
    """Its last bytes, which hold its hash."""
    record: Record


class Journal:
    """The journal at `path`; safe for threads and for several processes at once.

    `clock` gives seconds since the epoch. `told` hears each new head (default: syslog, where there is one), because a
    tail that was cut off can be seen only by somebody who knows the head from elsewhere. `sync` puts a file on disk.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float],
        told: Callable[[str], None] | None = None,
        *,
        sync: Callable[[int], None] = os.fsync,
    ) -> None:
        self.path = path
        self._clock = clock
        self._told = told if told is not None else to_syslog
        self._sync = sync
        self._mutex = threading.Lock()
        self._mine: _Mine | None = None

    def append(self, event: str, run: str, data: Mapping[str, Any]) -> Record:
        """Write one record and return it when it is on the disk. Raises `JournalError` when it is not written."""
        with self._mutex, _opened(self.path) as descriptor:
            record = self._append(descriptor, event, run, data)
        # Not under the lock: a log daemon that hangs must not stop the other consoles.
        with suppress(OSError):
            self._told(f"nephoscope journal seq={record.seq} head={record.hash}")
        return record

    def records(self) -> Iterator[Record]:
        """Every record, from the first; lines that are none are passed over. Raises `JournalError`."""
        return (found for found in read(self.path) if isinstance(found, Record))

    def _append(self, descriptor: int, event: str, run: str, data: Mapping[str, Any]) -> Record:
        size = os.fstat(descriptor).st_size
        self._still_there(descriptor, size)
        if self._mine is not None and self._mine.end == size:  # nobody else has written: it need not be read again
            end = Tail(self._mine.record, 0, True)
        else:
            end = tail(descriptor, size, self.path)
        now = self._clock()
        seq, prev = (end.last.seq, end.last.hash) if end.last is not None else (0, "")
        text = b"" if end.ended else b"\n"
        if end.torn:
            torn, line = sealed(seq + 1, now, "torn", "", {"bytes": end.torn}, prev)
            seq, prev, text = torn.seq, torn.hash, text + line
        record, line = sealed(seq + 1, now, event, run, data, prev)
        text += line
        try:
            _write(descriptor, text)
            self._sync(descriptor)
            if size == 0:
                _sync_folder(self.path.parent)
        except BaseException as error:
            with suppress(OSError):
                os.ftruncate(descriptor, size)
            if not isinstance(error, OSError):
                raise
            hint = "make room or mend the disk; nothing is done while nothing can be recorded"
            raise JournalError(str(self.path), f"not written: {reason(error)}", hint) from error
        self._mine = _Mine(os.fstat(descriptor).st_ino, size + len(text), line[-96:], record)
        return record

    def _still_there(self, descriptor: int, size: int) -> None:
        """What we wrote last must still be in its place: nobody but us may forget it."""
        if self._mine is None:
            return
        mine, now = self._mine, os.fstat(descriptor)
        same = now.st_ino == mine.inode and size >= mine.end
        if not same or os.pread(descriptor, len(mine.last), mine.end - len(mine.last)) != mine.last:
            why = "what we wrote last is not in it any more: it was changed or replaced meanwhile"
            hint = "keep the file as it is, run `nephoscope journal verify`, and find out who did it; then start again"
            raise JournalError(str(self.path), why, hint)


def to_syslog(words: str) -> None:
    """Tell the system's log, where there is one."""
    try:
        import syslog
    except ImportError:  # Python without it
        return
    if os.path.exists("/dev/log"):
        syslog.openlog("nephoscope", syslog.LOG_PID, syslog.LOG_USER)
        syslog.syslog(syslog.LOG_NOTICE, words)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """The file, ours alone. Raises `JournalError`."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    except OSError as error:
        raise JournalError(str(path), f"cannot be written: {reason(error)}", "check its owner and folder") from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise JournalError(str(path), "is no plain file", "move it away")
        if found.st_uid == os.geteuid() and found.st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
        wait_for(descriptor, fcntl.LOCK_EX, path)
        yield descriptor
    finally:
        os.close(descriptor)  # and with it the lock


def _write(descriptor: int, text: bytes) -> None:
    """All of it, however many pieces the system makes of it. Raises `OSError`."""
    left = memoryview(text)
    while left:
        left = left[os.write(descriptor, left) :]


def _sync_folder(folder: Path) -> None:
    """A new file is safe only when its name is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
