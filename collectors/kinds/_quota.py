"""What the quotas of several services have in common; no kind itself.

A quota set is one object whose members are the rows. It is read for one project at a time: no service lists those of
all projects with what is used of them, and asking for each would cost a request per project and service.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, ok, warning
from collectors.kind import Column, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import percent, word

NEARLY: Final = 90.0
"""Percent used from which a project will soon be refused something."""


class QuotaWire(Wire):
    """A member of a quota set with its usage; Neutron says `used` where the others say `in_use`."""

    name: str
    limit: int | None = None
    in_use: int | None = None
    used: int | None = None
    reserved: int | None = None


class Quota(Row, frozen=True):
    """What a project may have of one thing; -1 is as much as it likes."""

    name: str
    limit: int | None
    used: int | None
    reserved: int | None
    used_percent: float | None
    project: str | None


def row(wire: QuotaWire, reading: Reading) -> Quota:
    """What is reserved is as good as used."""
    used = wire.used if wire.in_use is None else wire.in_use
    taken = None if used is None else used + (wire.reserved or 0)
    return Quota(
        name=wire.name,
        limit=wire.limit,
        used=used,
        reserved=wire.reserved,
        used_percent=percent(taken, wire.limit) if wire.limit is not None and wire.limit > 0 else None,
        project=word(reading.parent),
    )


def health(quota: Quota, now: float) -> Health:
    """Used up means that the project's next request is refused."""
    if quota.limit is None:
        return OK
    if quota.limit < 0:
        return ok("no limit")
    if quota.limit == 0:
        return warning("more used than allowed") if quota.used else ok("none allowed")
    if quota.used_percent is not None and quota.used_percent >= 100.0:
        return warning(f"used up: {quota.used} of {quota.limit}")
    if quota.used_percent is not None and quota.used_percent >= NEARLY:
        return warning(f"nearly used up: {quota.used} of {quota.limit}")
    return OK


SCOPE: Final = Scope("parent", parent="projects", parameter="project")
COLUMNS: Final = (
    Column("name", "RESOURCE", "name", 1),
    Column("used", "USED", "number", 1),
    Column("limit", "LIMIT", "number", 1, help="-1: no limit"),
    Column("used_percent", "OF LIMIT", "percent", 2, help="used and reserved"),
    Column("reserved", "RESERVED", "number", 3, help="by requests that are under way"),
    Column("project", "PROJECT", "ref", 6, wide=True),
)
LINKS: Final = (Link("projects", "id", "project", "its project"),)
