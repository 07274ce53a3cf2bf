"""One object as its system gives it now: what the raw view shows.

Raw JSON is not kept with the rows, so it is read again: a paged list's object by its own path, the others by reading
the (short) list once more and picking the one whose row has the id.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from collectors.connections import Connections
from collectors.deadline import working
from collectors.decode import rows_of
from collectors.errors import NoSuchObject
from collectors.kind import AnyKind, Reading, Scope
from collectors.request import Ceph, Request, Rest
from collectors.snapshot import AnyRow, OddRow
from collectors.sources.base import Page, Where

_NO_PATH_OF_ITS_OWN = (
    "/images",
    "/os-migrations",
    "/secrets",
    "/zones",
    "/nodes/detail",
    "/octavia/amphorae",
    "/attachments",
    "/clusters/detail",
    "/service_statuses",
    "",
)
"""Some services give one object without an envelope, or its list and it have other names; Nova has no address for one
migration, and what is below a container of Swift are its objects.
"""


def _by_path(request: Rest, identity: str) -> Rest:
    """The request for one object of a paged list."""
    from urllib.parse import quote

    path = f"{request.path.removesuffix('/detail')}/{quote(identity, safe='')}"
    key = request.key.removesuffix("s") if not request.key.endswith("ies") else request.key[:-3] + "y"
    return replace(request, path=path, key=key, single=True, page=0, query=(), since="")


def of_its_own(kind: AnyKind) -> bool:
    """True when one object of the kind can be read by its own address."""
    request = kind.read
    if isinstance(request, Ceph):
        return bool(request.one)
    return isinstance(request, Rest) and bool(request.page) and request.path not in _NO_PATH_OF_ITS_OWN


def one_by_path(
    kind: AnyKind, connections: Connections, where: Where, identity: str, clock: Callable[[], float], seconds: float
) -> tuple[AnyRow, float]:
    """The row with this id by its own address, and the service's clock. Raises `SourceError`, `NoSuchObject`."""
    request: Request
    if isinstance(kind.read, Ceph):
        request, where = Ceph(kind.read.one), replace(where, parent=identity)
    else:
        assert isinstance(kind.read, Rest)
        request = _by_path(kind.read, identity)
    source = connections.source(kind.read)
    with working(connections.deadline(seconds)) as held:
        target = source.targets(kind.scope, where)[0]
        for page in source.read(request, target, held, replace(where, since=None, query=())):
            now = page.server_time or clock()
            for row in rows_of(page, kind, Reading(target, now, where.parent)):
                return row, now
    raise NoSuchObject(kind.name, f"{identity} is no longer there", f"`nephoscope get {kind.name}`")


def _items(page: Page) -> list[Any]:
    found: list[Any] = msgspec.json.decode(page.raw) if page.raw is not None else list(page.items)
    return found


def raw_object(
    kind: AnyKind, connections: Connections, where: Where, identity: str, now: float, seconds: float = 20.0
) -> object:
    """The object with this id, undecoded. Raises `SourceError`, `NoSuchObject`."""
    source = connections.source(kind.read)
    request: Request = kind.read
    if isinstance(request, Rest) and of_its_own(kind):
        request = _by_path(request, identity)
    elif isinstance(request, Ceph) and of_its_own(kind):
        request, where = Ceph(request.one), replace(where, parent=identity)
    with working(connections.deadline(seconds)) as held:
        for target in source.targets(kind.scope, where):
            for page in source.read(request, target, held, replace(where, since=None, query=())):
                items = _items(page)
                if request is not kind.read:
                    return items[0] if items else None
                for item, row in zip(items, rows_of(page, kind, Reading(target, now, where.parent)), strict=True):
                    if (row.id if isinstance(row, OddRow) else kind.key_of(row)) == identity:
                        return item
    raise NoSuchObject(kind.name, f"{identity} is no longer there", f"`nephoscope get {kind.name}`")


def detail(kind: AnyKind, connections: Connections, identity: str, seconds: float = 20.0) -> list[Any]:
    """What the second, more expensive read of some kinds says about one row, undecoded. Raises `SourceError`."""
    if kind.describe is None:
        return []
    source = connections.source(kind.describe)
    found: list[Any] = []
    with working(connections.deadline(seconds)) as held:
        where = Where(parent=identity)
        for page in source.read(kind.describe, source.targets(Scope(), where)[0], held, where):
            found += [_told(item) for item in _items(page)]
    return found


def _told(item: Any) -> Any:
    """What was found; that nothing failed is not worth a line."""
    return (
        {name: value for name, value in item.items() if name != "failed" or value} if isinstance(item, dict) else item
    )
