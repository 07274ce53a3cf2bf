"""What fills the file system where a broker has its data: a part of the answer of `broker-alarm.explain`.

The broker tells what is left; the rest only its host knows. Where it cannot be asked, what the queues have on disk is
told all the same. A file that was removed while a program has it open is in no folder, and fills the disk still.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec

from collectors.errors import BadConfiguration, NoSuchObject, SourceError, UsageError
from collectors.values import size
from runbooks.broker import unit_of
from runbooks.broker_fill import MATTERS, MOST, item, mend_queues, odd_limit, pressing, queues, share, told, until
from runbooks.cloud import Cloud
from runbooks.operation import Asked

_FOLDERS: Final[Mapping[str, str]] = {
    "systemd": "/var/lib/rabbitmq",
    "docker": "/var/lib/docker/volumes/rabbitmq/_data",
    "podman": "/var/lib/containers/storage/volumes/rabbitmq/_data",
}
"""What runs the broker → where its data is on the host: the packages' folder, Kolla's volume."""
_ADVICE: Final = (
    ("/mariadb/", "the database's own: never remove it by hand; binary logs expire by themselves"),
    ("/mysql", "the database's own: never remove it by hand; binary logs expire by themselves"),
    ("/kolla_logs/", "logs: does logrotate run, and does a service log at DEBUG?"),
    ("/log", "logs: does logrotate run, and does a service log at DEBUG?"),
    ("/docker/containers", "what containers wrote to their output: limit it (log-opts max-size)"),
    ("/overlay", "images; `docker system df` tells which are unused"),
)
"""What is in a path → what is known of it; the first that fits."""


class Found(msgspec.Struct):
    """What the host said."""

    folder: str = ""
    """Of the broker's data."""
    disk: Any = None
    """The row of the file system."""
    own: int = 0
    """Bytes of the broker's own that were found."""
    entries: list[Any] = []
    whole: int | None = None
    """Bytes of all that is on it, when it was gone through to the end."""
    looked: bool = False
    """It was gone through, if not to the end."""
    unseen: int = 0
    """Folders that could not be looked into."""
    trouble: str = ""


def disk(asked: Asked) -> Iterator[str]:
    """Which file system it is, what is left, what fills it, and what to do."""
    row = asked.row
    if row.used is None or row.limit is None:
        yield f"{row.node} does not say how much of its disk is left"
    else:
        beyond = "publishers are blocked" if row.alarm else "no alarm"
        yield f"{size(row.used)} left, {size(row.limit)} must be free: {beyond}"
    found = Found()
    yield from told("its disk", lambda: _looked(asked, found))
    fullest: list[Any] = []
    yield from told("queues with most on disk", lambda: queues(asked, fullest, lambda queue: queue.bytes_on_disk or 0))
    yield "what to do:"
    if pressing(row):
        used = found.disk.bytes if found.disk else sum(each.bytes_on_disk for each in fullest)
        yield from odd_limit(asked)
        yield from mend_queues(fullest, used, lambda queue: queue.bytes_on_disk or 0)
        yield from _mend(asked, found)
    yield from until(asked)


def folder_of(cloud: Cloud, host: str, node: str) -> str:
    """Where the broker has its data on its host. Raises `SourceError`."""
    engine = unit_of(cloud, host).engine
    if engine != "systemd":
        return _FOLDERS[engine]
    told: list[str] = []
    with suppress(SourceError):  # then the usual one must do
        told = [row.db_dir for row in cloud.rows("rabbitmq-nodes", name=node) if row.db_dir]
    return told[0] if told else _FOLDERS[engine]


def _looked(asked: Asked, found: Found) -> list[str]:
    """Fill `found`, and tell what it comes to. Raises `SourceError` when nothing of it can be read."""
    cloud, host = asked.cloud, asked.row.host
    if not cloud.can_ask("disk-usages"):
        raise BadConfiguration("ssh", "the site names no hosts to log in to", "add [site.NAME.hosts]")
    found.folder = folder_of(cloud, host, asked.row.node)
    rows = _rows(cloud, host, found.folder, found)
    found.disk = next((row for row in rows if row.what == "file-system"), None)
    if found.disk is None:
        raise NoSuchObject("disk-usages", f"{host} has no {found.folder}", "where has RabbitMQ its data there?")
    mount = found.disk.path
    found.own = next((row.bytes for row in rows if row.path == found.folder and row.what == "entry"), 0)
    about = f"{found.disk.device}, {found.disk.type}"
    first = f"{size(found.disk.bytes)} used on {host}, {mount} ({about}):"
    entries = [row for row in _rows(cloud, host, mount, found) if row.what == "entry"]
    found.entries = sorted((row for row in entries if row.own), key=lambda row: int(row.own), reverse=True)
    found.whole = next((row.bytes for row in entries if row.path == mount), None)
    if not entries and found.trouble:
        return [first, f"  what is on it could not be read: {found.trouble}"]
    found.looked, found.unseen = True, max((row.unseen or 0 for row in entries), default=0)
    own = f"{_short(found.folder, mount) if found.folder != mount else mount}: RabbitMQ's own"
    much = size(found.own) if found.own else "?" if found.trouble else "little"
    lines = [first, item(much, f"{share(found.own, found.disk.bytes)}{own}")]
    fills = found.own >= MATTERS * found.disk.bytes
    others = [row for row in found.entries if fills or not within(row.path, found.folder)]
    others = [row for row in others if row.own >= 0.01 * found.disk.bytes]
    lines += [
        item(size(row.own), f"{share(row.own, found.disk.bytes)}{_short(row.path, mount)}") for row in others[:MOST]
    ]
    if found.trouble:
        lines.append(f"  not all of it could be read: {found.trouble}")
    elif found.whole is None:
        lines.append("  it was not gone through to the end: 20 s were not enough, there may be more")
    elif found.unseen:
        lines.append(f"  {found.unseen} folders could not be looked into: du wants root there (sudo)")
    return lines


def _rows(cloud: Cloud, host: str, folder: str, found: Found) -> list[Any]:
    """What is told of a folder; what went wrong beside it is kept."""
    snapshot = cloud.snapshot("disk-usages", parent=f"{host}/{folder}")
    if snapshot.errors:
        found.trouble = str(snapshot.errors[0])
    return cloud.rows("disk-usages", parent=f"{host}/{folder}")


def _mend(asked: Asked, found: Found) -> Iterator[str]:
    """What makes room, by what is known of what fills it."""
    if not found.looked:
        yield f"  look at the file systems of {asked.row.host} by hand: `{_by_hand(asked.row.host, found.disk)}`"
        return
    used = found.disk.bytes
    mount = found.disk.path
    heavy = [row for row in found.entries if row.own >= MATTERS * used]
    for row in heavy:
        if within(row.path, found.folder):
            yield f"  {_short(row.path, mount)}: RabbitMQ's own, it goes as its queues are emptied"
            continue
        known = next((words for part, words in _ADVICE if part in row.path), "")
        yield f"  {_short(row.path, mount)}: {known or 'whose is it? move it away or remove it'}"
    all_seen = found.whole is not None and not found.unseen and not found.trouble
    removed = used - found.whole if all_seen and found.whole is not None else 0
    if removed >= MATTERS * used:
        command = f"ssh {shlex.quote(asked.row.host)} sudo lsof +L1"
        yield f"  {size(removed)} are in no folder: files that were removed and are still open; `{command}` names whose"
    if all_seen and found.own < MATTERS * used:
        yield "  it is not RabbitMQ that fills it: to purge queues makes no room"
    if asked.row.alarm:
        yield "  RabbitMQ looks every 10 s; with room, publishers go on by themselves"


def _short(path: str, mount: str) -> str:
    """A path as seen from where its file system is mounted."""
    return path.removeprefix(f"{mount.rstrip('/')}/") if path != mount else "many small files"


def _by_hand(host: str, disk: Any) -> str:
    where = shlex.quote(disk.path) if disk is not None else "/"
    return f"ssh {shlex.quote(host)} 'df -h; sudo du -axh --threshold=1G {where}'"


def within(path: str, folder: str) -> bool:
    """True for the folder and what is below it."""
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def looks(cloud: Cloud, host: str, node: str) -> str:
    """The command that somebody would look with by hand, on the file system where the data is."""
    folder = "/"
    with suppress(SourceError, UsageError):
        folder = folder_of(cloud, host, node)
        rows = cloud.rows("disk-usages", parent=f"{host}/{folder}", what="file-system")
        folder = rows[0].path if rows else folder
    return f"ssh {shlex.quote(host)} sudo du -axk --threshold=100M {shlex.quote(folder)}"
