"""The cloud as an operation sees it: kinds read now, who we are, and the one door through which anything is changed.

What several guards and targets of one plan look at is read once and kept while the plan is made; what proves something
is read fresh. Reads that are known to be needed are made side by side.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from collectors import registry
from collectors.call import Answer, Call
from collectors.connections import Connections
from collectors.errors import SourceError
from collectors.kind import Row
from collectors.one import merged, row_of, snapshot_of
from collectors.raw import of_its_own, raw_object
from collectors.site import Site
from collectors.snapshot import OddRow, Snapshot
from collectors.sources.base import Where
from collectors.write import write

if TYPE_CHECKING:
    from collectors.sources.version_probe import Answer as Probed

AT_ONCE = 8
"""Kinds that are read side by side for a plan."""
FEW = 64
"""Rows that are read one by one rather than with the whole list."""
_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")


Query: TypeAlias = tuple[tuple[str, str], ...]
"""Parameters that let the API look, as a kind's `server_filters` name them."""
Key: TypeAlias = tuple[str, str, str, Query]


class Identity(msgspec.Struct, frozen=True):
    """Who we are to the cloud: what the token says."""

    user: str = ""
    project: str = ""
    roles: tuple[str, ...] = ()
    error: str = ""
    """Why it is not known."""


class Cloud:
    """One site, read for operations. Thread-safe."""

    def __init__(self, connections: Connections, clock: Callable[[], float]) -> None:
        self.connections = connections
        self.clock = clock
        """Seconds since the epoch."""
        self._lock = threading.Lock()
        self._kept: dict[Key, Snapshot] = {}
        self._reading: dict[Key, threading.Lock] = {}
        self._identity: Identity | None = None

    @property
    def site(self) -> Site:
        """Where the systems are."""
        return self.connections.site

    @property
    def region(self) -> str:
        """The region that is asked; the cloud's own configuration may name it, so that is read first."""
        with suppress(SourceError):
            self.connections.system("openstack")
        return self.connections.region

    def forget(self) -> None:
        """Another plan is made: what was read before is no evidence."""
        with self._lock:
            self._kept.clear()
            self._reading.clear()
            self._identity = None

    # -- reading --------------------------------------------------------------------------------------------------

    def can_ask(self, kind_name: str) -> bool:
        """True when the site has the system of that kind."""
        return self.connections.can_ask(registry.kind(kind_name))

    def prefetch(self, kind_names: Iterable[str]) -> None:
        """Read these kinds side by side; how it went shows when they are asked for."""
        wanted = [name for name in dict.fromkeys(kind_names) if self.can_ask(name)]
        with ThreadPoolExecutor(AT_ONCE, "plan") as pool:
            list(pool.map(self._tried, wanted))

    def _tried(self, name: str) -> None:
        with suppress(SourceError):  # told when it is asked for
            self.snapshot(name)

    def snapshot(self, kind_name: str, *, target: str = "", parent: str = "", query: Query = ()) -> Snapshot:
        """A kind as it was read for this plan. Raises `SourceError` when nothing of it could be read."""
        key = (kind_name, target, parent, query)
        with self._lock:
            reading = self._reading.setdefault(key, threading.Lock())
        with reading:
            with self._lock:
                kept = self._kept.get(key)
            if kept is None:
                kept = self.fresh(kind_name, target=target, parent=parent, query=query)
                with self._lock:
                    self._kept[key] = kept
        return kept

    def fresh(
        self, kind_name: str, *, target: str = "", parent: str = "", query: Query = (), insist: bool = False
    ) -> Snapshot:
        """The same, read now; `insist` asks those that rest after failures too. Raises `SourceError` for nothing."""
        kind = registry.kind(kind_name)
        self.connections.forget()
        where = Where(parent=parent, targets=(target,) if target else (), query=query, insist=insist)
        found = snapshot_of(kind, self.connections, self.clock, where=where)
        if found.errors and not found.rows and len(found.errors) == len(found.targets):
            raise found.errors[0]
        return found

    def fresh_row(
        self, kind_name: str, identity: str, *, target: str = "", parent: str = "", insist: bool = False
    ) -> Snapshot:
        """One row, read now; an empty snapshot when it is not there. Raises `SourceError`."""
        self.connections.forget()
        where = Where(parent=parent, targets=(target,) if target else (), insist=insist)
        return row_of(registry.kind(kind_name), self.connections, self.clock, identity, where=where)

    def of(self, kind_name: str, identities: Sequence[str]) -> Snapshot:
        """The rows with these ids: each by its own address where there is one and they are few, else the whole list.

        Raises `SourceError`.
        """
        kind = registry.kind(kind_name)
        if not of_its_own(kind) or len(identities) > FEW:
            return self.snapshot(kind_name)
        with ThreadPoolExecutor(AT_ONCE, "plan-rows") as pool:
            return merged(kind, list(pool.map(lambda identity: self.fresh_row(kind_name, identity), identities)))

    def called(self, kind_name: str, names: Sequence[str]) -> Snapshot:
        """The rows with these ids or names, and perhaps others: looked for by the API where it can. Raises the same."""
        kind = registry.kind(kind_name)
        if kind.name_field == kind.key:
            return self.of(kind_name, names)
        by_name = kind.server_filters.get(kind.name_field)
        if not of_its_own(kind) or by_name is None or len(names) > FEW:
            return self.snapshot(kind_name)

        def one(name: str) -> Snapshot:
            found = self.fresh_row(kind_name, name) if _ID.fullmatch(name) else None
            return found if found is not None and found.rows else self.fresh(kind_name, query=((by_name, name),))

        with ThreadPoolExecutor(AT_ONCE, "plan-names") as pool:
            return merged(kind, list(pool.map(one, names)))

    def rows(
        self, kind_name: str, *, target: str = "", parent: str = "", query: Query = (), **equal: object
    ) -> list[Any]:
        """Rows (no odd ones) whose fields have these values. Raises `SourceError`."""
        found: Sequence[Row | OddRow] = self.snapshot(kind_name, target=target, parent=parent, query=query).rows
        return [
            row
            for row in found
            if not isinstance(row, OddRow) and all(getattr(row, name) == value for name, value in equal.items())
        ]

    def known_as(self, kind_name: str, identity: str) -> str:
        """What people call a row, if it was read for this plan; else nothing. Reads nothing."""
        with self._lock:
            kept = [snapshot for (name, *_), snapshot in self._kept.items() if name == kind_name]
        for snapshot in kept:
            at = snapshot.keys.get(identity)
            if at is not None and not isinstance(row := snapshot.rows[at], OddRow):
                name = str(snapshot.kind.name_of(row) or "")
                fields = {each: getattr(row, each) for each in row.__struct_fields__}
                element = snapshot.kind.element.format_map(fields)
                return element if name and name in element else name  # of a host, that it is nova-compute there
        return ""

    def raw(self, kind_name: str, identity: str) -> Any:
        """One object as its system gives it now. Raises `SourceError`, `NoSuchObject` when it is not there."""
        kind = registry.kind(kind_name)
        return raw_object(kind, self.connections, Where(), identity, self.clock())

    def probed(self, url: str, seconds: float = 8.0) -> Probed:
        """What a URL answers that is not in the catalogue yet. Raises `SourceError` when nobody can ask."""
        from collectors.deadline import working
        from collectors.sources.probe import probed

        with working(self.connections.deadline(seconds + 2.0)) as held:
            return probed(self.connections.operating(), url, seconds, held)

    # -- who, and writing -----------------------------------------------------------------------------------------

    def identity(self) -> Identity:
        """Who we are where operations write; why it is not known when Keystone does not say."""
        if self._identity is None:
            from collectors.deadline import working

            try:
                with working(self.connections.deadline(15.0)):
                    access = self.connections.operating().access()
                roles = tuple(str(role) for role in access.role_names or ())
                project = str(access.project_name or ("system" if access.system_scoped else ""))
                self._identity = Identity(str(access.username or ""), project, roles)
            except SourceError as error:
                self._identity = Identity(error=str(error))
        return self._identity

    def write(self, call: Call, seconds: float) -> Answer:
        """Carry out one call, once. Raises `SourceError`; `may_have_happened` says what that leaves open."""
        return write(self.connections, call, seconds)
