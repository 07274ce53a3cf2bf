"""Health of everything that is watched, kept current: what header, overview and event line look at.

Fed with each swapped snapshot on the screen's own thread. It remembers what each kind said, so that a swap costs the
judging of one kind; it is asked for the overview at a moment, because silence becomes news by time alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from collectors.acknowledge import NOTHING, Known
from collectors.kind import AnyKind
from collectors.kind_health import Judge
from collectors.overview import Overview, overview
from collectors.snapshot import Snapshot
from collectors.transitions import MOST, Transition, transitions

SAME = 120.0
"""Seconds within which kinds of different pace notice the same thing."""


class Board:
    """The snapshots that count for the overview, and what changed between them."""

    def __init__(self, kinds: Sequence[AnyKind], since: float) -> None:
        self.kinds = list(kinds)
        self.since = since
        """When we began to look."""
        self.known: Known = NOTHING
        self.transitions: deque[Transition] = deque(maxlen=MOST)
        """Newest last."""
        self._snapshots: dict[str, Snapshot] = {}
        self._judge = Judge()

    def note(self, snapshot: Snapshot, now: float) -> None:
        """A newer snapshot of a whole kind. One that nobody watched so far (a list just opened) joins its system."""
        name = snapshot.kind.name
        before = self._snapshots.get(name)
        if before is not None:
            self.transitions.extend(t for t in transitions(before, snapshot, now) if not self._told(t))
        elif snapshot.kind.scope.per == "parent":
            return
        elif all(kind.name != name for kind in self.kinds):
            self.kinds.append(snapshot.kind)
        self._snapshots[name] = snapshot

    def _told(self, found: Transition) -> bool:
        """The same silence, noticed by another kind a moment ago: one host, one line."""
        return found.silence and any(
            t.silence and (t.system, t.text) == (found.system, found.text) and found.at - t.at < SAME
            for t in self.transitions
        )

    def snapshot(self, kind_name: str) -> Snapshot | None:
        """The last snapshot of a kind, as the overview knows it."""
        return self._snapshots.get(kind_name)

    @property
    def snapshots(self) -> list[Snapshot]:
        """Every list that was read whole, in the order of the overview."""
        return [found for kind in self.kinds if (found := self._snapshots.get(kind.name)) is not None]

    def overview(self, now: float) -> Overview:
        """The health of every system at `now`."""
        return overview(self.kinds, self._snapshots, now, self.known, self._judge.kind)
