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
    return MonSays(mon, status, True)


def without_quorum(said: Sequence[MonSays]) -> SourceError | None:
    """The error that says that the monitors have no quorum; None when they have one, or when that is not known."""
    if any(each.in_quorum for each in said) or not any(each.runs is not None for each in said):
        return None
    told = [
        f"{each.mon.name} {each.status.get('state') or 'says nothing'}"
        if each.status is not None
        else f"{each.mon.name} does not run"
        if each.runs is False
        else f"{each.mon.name} unknown"
        for each in said
    ]
    unknown = sum(1 for each in said if each.runs is None)
    if unknown * 2 > len(said):
        return None
    return Unreachable("ceph", f"the monitors have no quorum: {', '.join(told)}", "start the monitors that do not run")
