"""Scrubs find a copy that differs, repairs make it anew: both take some seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runbooks.simulator.model.ceph import Ceph
    from runbooks.simulator.model.ceph.groups import Group

SECONDS = 5.0
ERRORS = 2
"""That one differing copy of an object counts for: its digest, and that it was found on a second look."""


def damage(group: Group, osd: int) -> None:
    """The copy of an object on `osd` is not what was written; nobody knows before a deep scrub."""
    group.damaged = osd


def scrub(ceph: Ceph, group: Group, *, deep: bool) -> None:
    """Compare the copies; only a deep scrub reads the data. Noticed by `settle` after some seconds."""
    end = ceph.now + SECONDS

    def done(at: float) -> None:
        group.scrubbed = at
        if not deep:
            return
        group.deep_scrubbed = at
        found = ERRORS if group.damaged is not None and group.damaged in group.acting else 0
        if found and not group.errors:
            ceph.say(at, f"osd.{group.acting[0]}", "ERR", f"{group.id} deep-scrub {found} errors")
        group.errors = found
        ceph.cloud.settle(at)

    if deep:
        group.scrub_until = end
    ceph.cloud.timers.at(end, done)


def repair(ceph: Ceph, group: Group) -> None:
    """Make the differing copy anew from the others, then look again."""
    end = ceph.now + SECONDS
    group.repair_until = group.scrub_until = end

    def done(at: float) -> None:
        fixed = int(group.damaged is not None)
        if fixed:
            words = f"{group.id} repair {group.errors or ERRORS} errors, {fixed} fixed"
            ceph.say(at, f"osd.{group.acting[0] if group.acting else '?'}", "ERR", words)
        group.damaged, group.errors = None, 0
        group.scrubbed = group.deep_scrubbed = at
        ceph.cloud.settle(at)

    ceph.cloud.timers.at(end, done)
