"""The last snapshot of everything that is watched. The only shared mutable thing between readers and screens."""

from __future__ import annotations

import threading

import msgspec

from collectors.snapshot import Snapshot
from collectors.sources.base import EVERYWHERE, Where


class Subject(msgspec.Struct, frozen=True):
    """What is watched: a kind, or the part of it that `where` names."""

    kind_name: str
    where: Where = EVERYWHERE


class Store:
    """Subject → last snapshot; swaps are whole, the latest wins."""

    def __init__(self) -> None:
        self._snapshots: dict[Subject, Snapshot] = {}
        self._lock = threading.Lock()

    def get(self, subject: Subject) -> Snapshot | None:
        """The last snapshot, or None while nothing was read."""
        with self._lock:
            return self._snapshots.get(subject)

    def put(self, subject: Subject, snapshot: Snapshot) -> None:
        """Swap in a newer snapshot."""
        with self._lock:
            self._snapshots[subject] = snapshot

    def drop(self, subject: Subject) -> None:
        """Forget a subject that nobody looks at (a parent's rows)."""
        with self._lock:
            self._snapshots.pop(subject, None)

    def whole(self, kind_name: str) -> Snapshot | None:
        """The last snapshot of the whole kind, wherever it is joined or linked."""
        return self.get(Subject(kind_name))

    def all(self) -> dict[Subject, Snapshot]:
        """A copy of everything, for the overview."""
        with self._lock:
            return dict(self._snapshots)
