"""Locks: who works on what, told to every console that sees the folder.

A lock is a file for one cloud, region and scope, written whole and then linked to its name, so that making it is one
step of the file system: exactly one of two takers gets it, on a network file system, too. To get a lock nobody removes
or writes over another's file: one that was left behind (its time is over, or its process is gone) is outbid by the next
number (`….1.lock`, `….2.lock`), which again exactly one gets, and every one that holds counts. That works where people
may not remove each other's files, and leaves no moment without a lock.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from collectors.site import Site
from collectors.values import iso
from runbooks.lock_dir import made, shared
from runbooks.lock_files import END, Lock, Locked, files, number, numbered, prefix_of, read, spare, unusable
from runbooks.machine import me, real_user

__all__ = ["Held", "Lock", "Locked", "everything", "held", "shared", "take"]

TRIES: Final = 5
"""Looks at a scope that changes under our eyes."""


class Held:
    """A lock that is ours until it is released, or its time is over."""

    def __init__(self, path: Path, lock: Lock, prefix: str, clock: Callable[[], float]) -> None:
        self.path = path
        self.lock = lock
        self._prefix = prefix
        self._clock = clock
        self._seconds = lock.until - lock.since

    def renew(self, seconds: float | None = None) -> None:
        """Hold it for `seconds` more from now (default: as long as before). Raises `Locked` when it was lost."""
        now = self._clock()
        self._must_be_ours(now)
        lock = msgspec.structs.replace(self.lock, until=now + (self._seconds if seconds is None else seconds))
        whole = spare(self.path.parent, lock)
        try:
            os.rename(whole, self.path)
        except OSError as error:
            whole.unlink(missing_ok=True)
            raise unusable(self.path.parent, error) from error
        self.lock = lock
        # Whoever saw it as left behind before it was renewed has outbid it; one of us two sees the other, or both do.
        self._must_be_ours(now)

    def _must_be_ours(self, now: float) -> None:
        found = numbered(self.path.parent, self._prefix)
        mine = next((lock for path, lock in found if path == self.path), None)
        if mine is None or mine.token != self.lock.token:
            raise Locked(self.lock.scope, "our lock is gone: it was left behind too long", "look who works on it now")
        later = [lock for path, lock in found if number(path) > number(self.path)]
        if later:
            raise _taken(self.lock.scope, later[-1], self.path, now)

    def release(self) -> None:
        """Give it back; what is not ours (any more) stays."""
        with suppress(OSError):
            found = read(self.path)
            if found is not None and found.token == self.lock.token:
                self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def take(
    site: Site,
    region: str,
    scope: str,
    operation: str,
    run: str,
    seconds: float,
    clock: Callable[[], float],
    user: str = "",
) -> Held:
    """Lock `scope` of the site's cloud and `region` for `seconds`; `user` is who does it (default: who runs this).

    Raises `Locked` when somebody works on it, `BadConfiguration` when there is no folder for locks.
    """
    folder, prefix, now, own = made(site.lock_dir), prefix_of(site.cloud, region, scope), clock(), me()
    if folder != site.lock_dir:  # ours alone; what others hold in theirs counts all the same, as far as it can be seen
        _must_be_left(scope, numbered(site.lock_dir, prefix), now)
    lock = Lock(scope, site.cloud, region, operation, run, user or real_user(), own.host, own.pid, now, now + seconds,
                secrets.token_hex(8), own)  # fmt: skip
    whole = spare(folder, lock)
    try:
        for _ in range(TRIES):
            found = numbered(folder, prefix)
            _must_be_left(scope, found, now)
            path = folder / f"{prefix}{number(found[-1][0]) + 1 if found else 1}{END}"
            try:
                os.link(whole, path)
            except FileExistsError:
                continue  # somebody was faster: look who
            except OSError as error:
                raise unusable(folder, error) from error
            return _settled(path, lock, prefix, clock)
    finally:
        whole.unlink(missing_ok=True)
    raise Locked(scope, "others take and give back this lock all the time", "try again")


def _settled(path: Path, lock: Lock, prefix: str, clock: Callable[[], float]) -> Held:
    """It is ours if nobody else's holds: one may have been renewed, or made, while we looked. Raises `Locked`."""
    others = [(other, theirs) for other, theirs in numbered(path.parent, prefix) if other != path]
    try:
        _must_be_left(lock.scope, others, clock())
    except Locked:
        path.unlink(missing_ok=True)
        raise
    for other, _ in others:
        with suppress(OSError):  # perhaps somebody else's file, in a folder where that may not be removed
            other.unlink()
    return Held(path, lock, prefix, clock)


def held(folder: Path, cloud: str, region: str, now: float) -> list[Lock]:
    """The locks of one cloud and region that hold now, by scope; none where there is no folder."""
    return [lock for lock in everything(folder) if (lock.cloud, lock.region) == (cloud, region) and not lock.left(now)]


def everything(folder: Path) -> list[Lock]:
    """The latest lock of each cloud, region and scope, also those that were left behind, by their files' names.

    Where `folder` may only be read, this user's own are in another one; those are among them.
    """
    found: dict[tuple[str, Path], tuple[int, Lock]] = {}
    for place in dict.fromkeys((folder, made(folder, make=False))):
        for path in files(place):
            lock = read(path)
            key = (path.name[: -len(END)].rpartition(".")[0], place)
            if lock is not None and number(path) >= found.get(key, (0, lock))[0]:
                found[key] = (number(path), lock)
    return [lock for _, (_, lock) in sorted(found.items(), key=lambda pair: pair[0])]


def _must_be_left(scope: str, found: list[tuple[Path, Lock]], now: float) -> None:
    for path, lock in found:
        if not lock.left(now):
            raise _taken(scope, lock, path, now)


def _taken(scope: str, lock: Lock, path: Path, now: float) -> Locked:
    hint = f"wait, or ask {lock.user}; if nobody works on it any more, it ends by itself at {iso(int(lock.until))}"
    return Locked(scope, lock.words(now), f"{hint} (or remove {path})", lock)
