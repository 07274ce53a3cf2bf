"""How full OSDs become when one gives its data away. Pure.

CRUSH puts the copies of a group on different hosts. With as many hosts as copies what leaves an OSD can only go to the
others of its host; with more hosts it goes to all of the others.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec


class Osd(msgspec.Struct, frozen=True):
    """One that is in: bytes that it has and holds."""

    id: str
    host: str
    size: int
    used: int
    up: bool = True


class Fullest(msgspec.Struct, frozen=True):
    """The OSD that would be the fullest, and how full."""

    id: str
    percent: float


def fullest(osds: Sequence[Osd], gone: Collection[str], copies: int, share: float = 1.0) -> Fullest | None:
    """Which of the others is how full after those of `gone` gave away `share` of their data.

    None when no other may take it: then nothing moves.
    """
    left = [osd for osd in osds if osd.id not in gone and osd.up]
    hosts = {osd.host for osd in osds}
    found: list[Fullest] = []
    if len(hosts) > copies:
        found += _spread(left, share * sum(osd.used for osd in osds if osd.id in gone))
    else:
        for host in {osd.host for osd in osds if osd.id in gone}:
            own = [osd for osd in left if osd.host == host]
            found += _spread(own, share * sum(osd.used for osd in osds if osd.id in gone and osd.host == host))
    return max(found, key=lambda each: each.percent, default=None)


def _spread(osds: Sequence[Osd], amount: float) -> list[Fullest]:
    """Each takes by its size."""
    total = sum(osd.size for osd in osds)
    return [Fullest(osd.id, 100 * (osd.used / osd.size + amount / total)) for osd in osds]
