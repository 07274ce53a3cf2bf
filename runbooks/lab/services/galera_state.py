"""What to do next so that Galera's members become one cluster: decided from what each says and has on disk.

A member that answers tells its own view; one that does not has its position in grastate.dat (-1 while it ran) and,
after a crash, its last view in gvwstate.dat. All members with a view form their cluster again by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

VIEW_SECONDS = 45.0
"""Members whose last views fit each other have found each other by then; on a machine that gasped they may not fit."""
JOIN_SECONDS = 90.0
"""Who has not joined the Primary component by then has lost it on the way, and would wait for its state for ever."""
NOBODY = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its unit's state (`off` when its host is), what it says, what it has on disk."""

    state: str
    status: Mapping[str, str] = field(default_factory=dict)
    uuid: str = NOBODY
    seqno: int = -1
    safe: bool = False
    view: bool = False

    @property
    def primary(self) -> bool:
        """In the Primary component, and serving."""
        return self.status.get("wsrep_cluster_status") == "Primary" and self.status.get("wsrep_ready") == "ON"

    @property
    def synced(self) -> bool:
        """A full member."""
        return self.primary and self.status.get("wsrep_local_state_comment") == "Synced"

    @property
    def down(self) -> bool:
        """Neither running nor on the way."""
        return self.state in ("inactive", "failed", "unknown")


@dataclass(frozen=True, slots=True)
class Plan:
    """The next step: what, and on whom. `done`: they are one cluster."""

    verb: Literal["done", "wait", "start", "stop", "forget", "compare", "bootstrap", "promote"]
    members: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """True when nothing is left to do."""
        return self.verb == "done"


def plan(members: Mapping[str, Member], waited: float = 0.0) -> Plan:
    """The next step towards a cluster of all that are on, after `waited` seconds without any."""
    on = {name: member for name, member in members.items() if member.state != "off"}
    down = tuple(name for name, member in on.items() if member.down)
    if any(member.primary for member in on.values()):
        if down:
            return Plan("start", down)
        sizes = {member.status.get("wsrep_cluster_size") for member in on.values()}
        if all(member.synced for member in on.values()) and sizes == {str(len(on))}:
            return Plan("done")
        joining = tuple(name for name, member in on.items() if not member.primary)
        return Plan("stop", joining) if joining and waited >= JOIN_SECONDS else Plan("wait")
    if any(member.status for member in on.values()):
        return _without_quorum(on, down)
    return _all_silent(on, down, waited)


def _without_quorum(on: Mapping[str, Member], down: tuple[str, ...]) -> Plan:
    """Somebody runs, nobody is Primary: who still has a view may complete it; else the furthest goes ahead."""
    if down:
        return Plan("start", down) if all(on[name].view for name in down) else Plan("promote", (_furthest(on),))
    if all(member.status for member in on.values()):
        states = {member.status.get("wsrep_evs_state") for member in on.values()}
        return Plan("promote", (_furthest(on),)) if states == {"OPERATIONAL"} else Plan("wait")
    return Plan("wait")


def _furthest(on: Mapping[str, Member]) -> str:
    talking = [name for name, member in on.items() if member.status]
    return max(talking, key=lambda name: int(on[name].status.get("wsrep_last_committed") or -1))


def _all_silent(on: Mapping[str, Member], down: tuple[str, ...], waited: float) -> Plan:
    """Nobody runs to the end: a view on all brings them together, unless their views differ; else one must begin."""
    waiting = tuple(name for name in on if name not in down)
    if all(member.view for member in on.values()):
        if down:
            return Plan("start", down)
        return Plan("wait") if waited < VIEW_SECONDS else Plan("forget", waiting)
    if waiting:
        return Plan("stop", waiting)  # they look for a cluster that is not there
    safe = [name for name, member in on.items() if member.safe]
    if safe:
        return Plan("bootstrap", (safe[0],))
    if any(member.seqno < 0 for member in on.values()):
        return Plan("compare", tuple(on))
    return Plan("bootstrap", (max(on, key=lambda name: on[name].seqno),))


def parse_status(text: str) -> dict[str, str]:
    """`SHOW STATUS`, tab-separated."""
    return dict(line.split("\t", 1) for line in text.splitlines() if "\t" in line)


def parse_grastate(text: str) -> tuple[str, int, bool]:
    """History, position and whether it may begin, of grastate.dat."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and not line.startswith("#"):
            found[name.strip()] = value.strip()
    try:
        seqno = int(found.get("seqno", "-1"))
    except ValueError:
        seqno = -1
    return found.get("uuid", NOBODY), seqno, found.get("safe_to_bootstrap") == "1"


def parse_position(text: str) -> tuple[str, int]:
    """History and position of `galera_recovery`: `--wsrep_start_position=UUID:SEQNO`."""
    for word in text.split():
        if word.startswith("--wsrep_start_position="):
            uuid, _, number = word.partition("=")[2].partition(":")
            return uuid, max(int(number.split(",")[0]), 0)
    return NOBODY, 0
