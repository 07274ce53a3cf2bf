"""How a log is read on its host: entry and arguments of commands.yaml, for each place that a log is in. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import msgspec

from collectors.logs.places import Has, Places


class How(msgspec.Struct, frozen=True):
    """From when, how many lines of each, and whether to go on as they are written."""

    since: int
    """Seconds since the epoch."""
    lines: int
    follow: bool = False

    @property
    def verb(self) -> str:
        """How the entries that do it begin."""
        return "follow" if self.follow else "log"


class Stream(msgspec.Struct, frozen=True):
    """One log of a host."""

    source: str
    """Where it is, in words: `journald`, `docker nova_api`, the file's path."""
    entry: str
    """The entry of commands.yaml with its arguments."""
    container: str = ""
    """The container that all its lines are of."""


def whole(how: How) -> Iterator[Stream]:
    """The whole journal of a host."""
    yield Stream("journald", f"{how.verb}-host since=@{how.since} lines={how.lines}")


def streams(where: Places, how: How) -> Iterator[Stream]:
    """What the services write: the journal of their units, their containers, their files."""
    if where.units:
        units = ",".join(f"{unit}.service" for unit in where.units)
        yield Stream("journald", f"{how.verb}-journal since=@{how.since} lines={how.lines} units={shlex.quote(units)}")
    for engine, name in where.containers:
        entry = f"{how.verb}-{engine} since={how.since} lines={how.lines} container={shlex.quote(name)}"
        yield Stream(f"{engine} {name}", entry, name)
    if where.files:
        folders = ", ".join(dict.fromkeys(path.rpartition("/")[0] for path in where.files))
        words = where.files[0] if len(where.files) == 1 else folders
        yield Stream(words, f"{how.verb}-tail lines={how.lines} files={shlex.quote(','.join(where.files))}")


def searched(here: Has, request: str, how: How) -> Iterator[Stream]:
    """Every log of a host, for lines with that request id."""
    word = shlex.quote(request)
    yield Stream("journald", f"search-journal since=@{how.since} lines={how.lines} request={word}")
    if here.files:
        files = shlex.quote(",".join(here.files[:200]))
        yield Stream("/var/log", f"search-files lines={how.lines} request={word} files={files}")
