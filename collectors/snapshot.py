"""All rows of one kind at one moment, with what is known about the reading itself.

A snapshot is a value: views and commands keep it, nothing changes it. Rows that could not be understood are in it as
`OddRow`s; targets that did not answer are in it with their error and with the rows they gave last time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

from collectors.errors import SourceError
from collectors.health import Health
from collectors.kind import AnyKind, Row


class OddRow(msgspec.Struct, frozen=True):
    """A row that arrived but could not be understood: shown, counted, `unknown`, exported with its reason."""

    id: str
    name: str
    reason: str
    target: str = ""
    raw: str = ""
    """The first 2,000 characters of what arrived, for the raw view."""


AnyRow: TypeAlias = Row | OddRow


class TargetRead(msgspec.Struct, frozen=True):
    """How one target (service, member or host) fared. Times are seconds since the epoch on our clock."""

    target: str
    at: float
    """When what we hold of it arrived; 0 when nothing ever did."""
    rows: int
    took: float = 0.0
    error: SourceError | None = None
    """Why the latest attempt failed; rows are then those of `at`."""
    skew: float = 0.0
    """The target's clock minus ours, from its own words (HTTP Date)."""
    calls: int = 1
    """Requests that this read cost."""


class Snapshot(msgspec.Struct, frozen=True):
    """Rows, their health at the time of reading, and how each target fared."""

    kind: AnyKind
    rows: Sequence[AnyRow]
    healths: Sequence[Health]
    targets: tuple[TargetRead, ...]
    at: float
    """When the oldest part that we show arrived (our clock, seconds since the epoch)."""
    full_at: float = 0.0
    """When the list was last read whole, not only by its changes."""
    complete: bool = True
    """False while pages still arrive, or when the read stopped early."""
    cloud: str = ""
    region: str = ""
    keys: Mapping[str, int] = msgspec.field(default_factory=dict)
    """Row id → index."""
    joined: frozenset[str] = frozenset()
    """The kinds whose rows were at hand to fill joined columns."""
    waiting: tuple[str, ...] = ()
    """Targets of a first read that have not answered yet, nor failed."""

    @property
    def errors(self) -> tuple[SourceError, ...]:
        """What the latest attempt could not read."""
        return tuple(t.error for t in self.targets if t.error is not None)

    @property
    def odd(self) -> int:
        """How many rows are odd."""
        return sum(1 for row in self.rows if isinstance(row, OddRow))

    def id_at(self, index: int) -> str:
        """The stable id of the row at `index`."""
        row = self.rows[index]
        return row.id if isinstance(row, OddRow) else self.kind.key_of(row)
