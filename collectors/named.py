"""Rows by a part of their name, over everything that was read: what the palette offers while somebody types.

A plain substring over the names, in slices, with a cap: a fuzzy matcher costs 4 to 10 µs a name and keystroke, which is
seconds for a cloud of servers, and nobody reads more than a screen of hits.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from operator import attrgetter
from typing import Final

import msgspec

from collectors.snapshot import OddRow, Snapshot

MOST: Final = 50
SLICE: Final = 8192
"""Rows between two yields of None."""


class Named(msgspec.Struct, frozen=True):
    """A row that was found."""

    kind: str
    id: str
    name: str


def named(snapshots: Iterable[Snapshot], needle: str, most: int = MOST) -> Generator[Named | None, None, None]:
    """Rows whose name or id holds `needle` (case ignored), at most `most`; None now and then, to let others work."""
    wanted = needle.strip().lower()
    if not wanted:
        return
    found = 0
    for snapshot in snapshots:
        kind = snapshot.kind
        name_of = attrgetter(kind.name_field)
        for start in range(0, len(snapshot.rows), SLICE):
            for index in range(start, min(start + SLICE, len(snapshot.rows))):
                row = snapshot.rows[index]
                name = row.name if isinstance(row, OddRow) else str(name_of(row) or "")
                if wanted not in name.lower():
                    continue
                yield Named(kind.name, snapshot.id_at(index), name)
                found += 1
                if found >= most:
                    return
            yield None
        if wanted in snapshot.keys and len(wanted) >= 8:
            index = snapshot.keys[wanted]
            row = snapshot.rows[index]
            name = row.name if isinstance(row, OddRow) else str(name_of(row) or "")
            yield Named(kind.name, wanted, name)
