"""The monitors asked one by one on their own hosts: the only way to know whether they have a quorum.

Without one every client waits, and for some seconds the old healthy answer is still given; the dashboard waits as
well, and Prometheus repeats its last values for minutes. The socket on each monitor's host answers always.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from collectors.deadline import Deadline
from collectors.errors import NotUnderstood, SourceError, Unreachable
from collectors.site import Mon
from collectors.sources.ceph_commands import plain
from collectors.sources.entries import command
from collectors.sources.findings import problem_of
from collectors.sources.side_by_side import side_by_side
from collectors.untrusted import clipped, neutral

if TYPE_CHECKING:
    from collectors.sources.ssh import SshSource

PATIENCE: Final = 8.0
"""Seconds for one monitor's host."""
_NOT_THERE: Final = ("No such file or directory", "Connection refused")
"""What `ceph --admin-daemon` says of a socket behind which nobody is."""


class MonSays(msgspec.Struct, frozen=True):
    """What one monitor says of itself, or why it says nothing."""

    mon: Mon
    status: Mapping[str, Any] | None = None
    """`mon_status`: name, rank, state, quorum (ranks), monmap."""
    runs: bool | None = None
    """False: its host answers, and no monitor runs there. None: its host does not answer."""
    why: str = ""

    @property
    def in_quorum(self) -> bool:
        """It says itself that it is in a quorum."""
        return self.status is not None and self.status.get("rank") in (self.status.get("quorum") or ())


def asked(ssh: SshSource, mons: Sequence[Mon], deadline: Deadline) -> list[MonSays]:
    """Every monitor's own word, in the site's order; one that hangs costs only its own."""
    seconds = min(PATIENCE, deadline.remaining())

    def ask(mon: Mon) -> MonSays:
        return _one(ssh, mon, Deadline(seconds))

    found = {
        mon: said or MonSays(mon, why=f"its host did not answer within {seconds:.0f} s")
        for mon, said in side_by_side(list(mons), ask, seconds=seconds + 1.0, threads=len(mons))
    }
    return [found[mon] for mon in mons]


def _one(ssh: SshSource, mon: Mon, deadline: Deadline) -> MonSays:
    wanted = command(f"ceph-mon-status socket=/var/run/ceph/ceph-mon.{mon.name}.asok")
    try:
        replies, _ = ssh.replies(mon.host, [wanted], deadline)
    except SourceError as error:
        return MonSays(mon, runs=None, why=error.why)
    said = replies[0].err.decode("utf-8", "replace")
    if replies[0].status and any(words in said for words in _NOT_THERE):
        return MonSays(mon, runs=False, why=f"no monitor runs on {mon.host}")
    problem = problem_of(replies[0], ssh.hop(mon.host))
    if problem is not None:
        return MonSays(mon, runs=None, why=f"{problem.what}: {problem.why}")
    try:
        status = plain(replies[0].out, f"mon_status of {mon.name}")
    except NotUnderstood as error:
        return MonSays(mon, runs=True, why=error.why)
    if not isinstance(status, dict):
        return MonSays(mon, runs=True, why="its socket gives no mon_status")
    if status.get("name") != mon.name:
        other = clipped(neutral(str(status.get("name"))), 60)
        return MonSays(mon, runs=None, why=f"its socket is that of mon.{other}")
    return MonSays(mon, status, True)


def monmap(said: Sequence[MonSays]) -> Mapping[str, Any]:
    """The newest map that one of these monitors has; empty when none says."""
    maps = [each.status.get("monmap") or {} for each in said if each.status is not None]
    return max(maps, key=lambda found: found.get("epoch") or 0, default={})


def without_quorum(said: Sequence[MonSays]) -> SourceError | None:
    """The error that says that the monitors have no quorum; None when they have one, or when that is not known.

    Where the map is known, more than half of it must be known to be out; else all that the site names.
    """
    out = [each for each in said if each.runs is False or (each.status is not None and not each.in_quorum)]
    size = len(monmap(said).get("mons") or ())
    if any(each.in_quorum for each in said) or not out or len(out) * 2 <= (size or len(said)):
        return None
    words = ", ".join(f"{each.mon.name} {_state(each)}" for each in said)
    why = "the monitors have no quorum" if size else "none of the monitors that the site names is in a quorum"
    return Unreachable("ceph", f"{why}: {words}", "start the monitors that do not run")


def _state(said: MonSays) -> str:
    if said.status is not None:
        return str(said.status.get("state") or "says nothing")
    return "does not run" if said.runs is False else "unknown"
