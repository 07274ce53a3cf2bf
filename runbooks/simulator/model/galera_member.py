"""One member of a Galera cluster: its process, its view of the group, its own counters.

A view is who a member believes to be in its component and whether that component is the Primary one. Two members can
hold different views at the same moment; that is what a partition is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

UNIT = "mariadb"
LEADER = "mariadb_bootstrap"
"""A container beside the usual one, on its data, that was started to lead a new cluster."""
UNDEFINED = 18446744073709551615
"""How a conf_id or seqno of -1 is printed."""

Phase = Literal["down", "starting", "sst", "joining", "running", "inconsistent"]
"""`starting` and `sst` have no socket yet; `joining` (IST) has one but is not ready."""


@dataclass(frozen=True, slots=True)
class View:
    """One component as its members see it."""

    members: tuple[str, ...]
    primary: bool
    conf_id: int


EMPTY = View((), primary=False, conf_id=UNDEFINED)
"""Of a member that is in no group."""


def without_quorum(members: Sequence[str]) -> View:
    """The view of members who see each other but not the majority."""
    return View(tuple(members), primary=False, conf_id=UNDEFINED)


@dataclass(slots=True)
class Member:
    """One mariadbd. Counters are those since its start."""

    name: str
    phase: Phase = "running"
    view: View = EMPTY
    desync: bool = False
    """`SET GLOBAL wsrep_desync=ON`."""
    locked: bool = False
    """`FLUSH TABLES WITH READ LOCK`: it receives, but applies nothing."""
    cut: bool = False
    """Its group communication (4567) is dropped; clients still reach it."""
    started: float = 0.0
    """When the process started."""
    left: float = 0.0
    """When it last stopped following the group."""
    seqno: float = 0.0
    """What it has committed, while it does not follow the group."""
    replicated: float = 0.0
    """Write sets that it sent."""
    received: float = 0.0
    flushed: float = 0.0
    """Start or `FLUSH STATUS`: flow control is averaged since then."""
    paused: float = 0.0
    """Seconds of flow control since `flushed`."""
    flow_sent: int = 0
    proper: bool = False
    """It was stopped in good order: grastate.dat says where it stands."""
    safe: bool = False
    """`safe_to_bootstrap` of grastate.dat."""
    blank: bool = False
    """grastate.dat was removed: it knows nothing of its data, and needs all of it."""
    together: tuple[str, ...] = ()
    """gvwstate.dat: the last component that it was part of; gone after a proper stop."""
    leads: bool = False
    """It was started with --wsrep-new-cluster."""
    options: dict[str, str] = field(default_factory=dict)
    """What was SET GLOBAL: variable → value; parts of `wsrep_provider_options` by their dotted names."""

    def starts(self, now: float, *, leads: bool) -> None:
        """The process began; with `leads` it makes a new cluster instead of looking for one."""
        self.phase, self.leads = "starting", leads
        self.started = self.flushed = now
        self.proper = self.safe = False

    def stopped(self, now: float, seqno: float, *, proper: bool, last: bool) -> None:
        """The process ended; `seqno` is what it had committed, `last` that it was the last one of its component."""
        self.phase, self.view = "down", EMPTY
        self.left, self.seqno = now, seqno
        self.desync = self.locked = self.leads = False
        self.proper, self.safe = proper, last
        if proper:
            self.together = ()
        self.options.clear()
        self.replicated = self.received = self.paused = 0.0
        self.flow_sent = 0

    def forget(self) -> None:
        """grastate.dat is removed: at its next start it is given all data."""
        self.blank, self.seqno, self.proper, self.safe = True, 0.0, False, False
