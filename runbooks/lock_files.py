"""The files of locks: what they say, how they are named, read and written whole.

`CLOUD+REGION+SCOPE.NUMBER.lock`, each part quoted; a long name is cut and told apart by its hash. Files that are none
of ours are passed over; a lock that cannot be understood keeps everybody out: nobody knows who works there.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from collectors.errors import BadConfiguration, Refused
from collectors.shapes import decoded
from collectors.values import age, iso
from runbooks.machine import Process

END: Final = ".lock"
LARGEST: Final = 65536
"""Bytes of a lock."""


class Lock(msgspec.Struct, frozen=True):
    """What the file of a lock says. Times are seconds since the epoch."""

    scope: str
    cloud: str
    region: str
    operation: str
    run: str
    user: str
    host: str
    pid: int
    since: float
    until: float
    token: str = ""
    """Tells this lock from every other."""
    process: Process | None = None
    """Which process exactly: pids are used again."""
    path: str = ""
    """Its file."""

    def left(self, now: float) -> str:
        """Why it counts for nothing any more, in words; empty while it holds."""
        if self.until <= now:
            return f"it was valid until {iso(int(self.until))}"
        if self.process is not None and self.process.gone:
            return f"its process {self.pid} is gone"
        return ""

    def words(self, now: float) -> str:
        """Who, what, since when, until when."""
        who = f"{self.user} on {self.host}" if self.host else self.user
        since = f"{iso(int(self.since))} ({age(now - self.since)})"
        left = f"; left behind: {self.left(now)}" if self.left(now) else ""
        return (
            f"{who} works on {self.scope}: {self.operation}, run {self.run}, since {since}, "
            f"at most until {iso(int(self.until))}{left}"
        )


class Locked(Refused):
    """Somebody else works on it. `lock` is theirs; None where its file cannot be understood."""

    def __init__(self, what: str, why: str, hint: str, lock: Lock | None = None) -> None:
        super().__init__(what, why, hint)
        self.lock = lock


def prefix_of(cloud: str, region: str, scope: str) -> str:
    """A safe name of the three, ending in a dot; a long one is cut and told apart by its hash."""
    name = "+".join(quote(part, safe="").replace(".", "%2E") for part in (cloud, region, scope))
    if len(name) > 180:
        name = f"{name[:100]}~{sha256(name.encode()).hexdigest()[:32]}"
    return f"{name}."


def files(folder: Path) -> Iterator[Path]:
    """What may be a lock by its name; nothing where the folder cannot be read."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        if name.endswith(END) and not name.startswith(".") and name[: -len(END)].rpartition(".")[2].isdecimal():
            yield folder / name


def numbered(folder: Path, prefix: str) -> list[tuple[Path, Lock]]:
    """The files of one scope with what they say, by number. Raises `Locked` when one cannot be understood."""
    found = []
    for path in files(folder):
        if path.name.startswith(prefix) and path.name[len(prefix) : -len(END)].isdecimal():
            lock = read(path)
            if lock is not None:
                found.append((path, lock))
            elif path.exists():
                why = f"{path} cannot be understood, so nobody knows who works on it"
                raise Locked(prefix, why, "look at it; remove it when nobody does")
    return sorted(found, key=lambda pair: number(pair[0]))


def number(path: Path) -> int:
    """Its number among those of its scope."""
    return int(path.name[: -len(END)].rpartition(".")[2])


def read(path: Path) -> Lock | None:
    """What a lock says; None when it is gone or is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        lock: Lock = decoded(os.read(descriptor, LARGEST), Lock)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    finally:
        os.close(descriptor)
    return msgspec.structs.replace(lock, path=str(path))


def spare(folder: Path, lock: Lock) -> Path:
    """The lock, whole, under a name that nobody looks at. Raises `BadConfiguration`."""
    path = folder / f".{secrets.token_hex(12)}.new"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o644)  # whatever the umask: others must see who it is
            file.write(msgspec.json.encode(lock) + b"\n")
    except OSError as error:
        path.unlink(missing_ok=True)
        raise unusable(folder, error) from error
    return path


def unusable(folder: Path, error: OSError) -> BadConfiguration:
    """No lock can be written in `folder`."""
    why = f"no lock can be made there: {(error.strerror or type(error).__name__).lower()}"
    return BadConfiguration(str(folder), why, "give all operators the right to write there, or set lock_dir")
