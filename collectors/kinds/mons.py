"""The monitors of Ceph: does each run, is it in the quorum, by its own word on its own host.

Without a quorum every client of the cluster waits, and `ceph -s`, the dashboard and Prometheus go on giving old healthy
answers for a while; the socket on each monitor's host does not.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.request import Ceph
from collectors.rollup import Quorum

_IN: Final = ("leader", "peon")


class MonWire(Wire):
    """What a monitor says on its host, beside what its peers and the cluster say of it."""

    name: str
    host: str | None = None
    rank: int | None = None
    address: str | None = None
    asked: bool = False
    runs: bool | None = None
    why: str | None = None
    state: str | None = None
    quorum: bool | None = None
    by_peers: bool | None = None
    by_cluster: bool | None = None
    quorum_age: int | None = None
    skew: float | None = None
    skew_health: str | None = None
    ceph_version: str | None = None
    disk: str | None = None


class Monitor(Row, frozen=True):
    """One monitor."""

    name: str
    host: str | None
    in_quorum: bool | None
    state: str | None
    runs: bool | None
    rank: int | None
    since: float | None
    skew: float | None
    skewed: bool
    version: str | None
    address: str | None
    asked: bool
    by_peers: bool | None
    disk: str | None
    trouble: str | None


def _in_quorum(wire: MonWire) -> bool | None:
    """Its own word first, then its peers', then the cluster's, which may be old."""
    if wire.runs is False:
        return False
    for word_of in (wire.quorum, wire.by_peers, wire.by_cluster):
        if word_of is not None:
            return word_of
    return None


def row(wire: MonWire, reading: Reading) -> Monitor:
    """`quorum_age` counts from the last election; the state of a monitor that does not run is its own."""
    age = wire.quorum_age
    return Monitor(
        name=word(wire.name) or "",
        host=word(wire.host),
        in_quorum=_in_quorum(wire),
        state=word("down" if wire.runs is False else wire.state),
        runs=wire.runs,
        rank=wire.rank,
        since=float(round(reading.now - age, -1)) if age else None,
        skew=None if wire.skew is None else round(wire.skew, 3),
        skewed=wire.skew_health not in (None, "HEALTH_OK"),
        version=word(short(wire.ceph_version)),
        address=wire.address.partition("/")[0] if wire.address else None,
        asked=wire.asked,
        by_peers=wire.by_peers,
        disk=wire.disk or None,
        trouble=wire.why or None,
    )


def short(version: str | None) -> str | None:
    """`16.2.15 pacific` of `ceph version 16.2.15 (618f…) pacific (stable)`."""
    words = (version or "").split()
    return f"{words[2]} {words[4]}" if len(words) > 4 and words[:2] == ["ceph", "version"] else version


def health(mon: Monitor, now: float) -> Health:
    """Out of the quorum is critical, whoever says so; in it, clock and disk are looked at."""
    if mon.runs is False:
        return critical(mon.trouble or "does not run")
    if mon.state is not None and mon.state not in _IN:
        return critical(f"{mon.state}: out of the quorum")
    if mon.in_quorum is False:
        why = f"; {mon.trouble}" if mon.trouble else ""
        return critical(f"out of the quorum{why}")
    if mon.in_quorum is None:
        return unknown(mon.trouble or "nobody says whether it is in the quorum")
    if mon.skewed:
        return warning(f"its clock is {abs(mon.skew or 0.0):g} s off the leader's")
    if mon.disk:
        return warning(f"its disk is nearly full: {mon.disk}")
    if mon.trouble:
        return ok(f"in the quorum, say the others; not asked itself: {mon.trouble}")
    return OK


KIND = Kind(
    name="mons",
    title="Ceph monitors",
    aliases=("mon", "ceph-mons"),
    about="one row per monitor: does it run, is it in the quorum, its clock",
    system="ceph",
    read=Ceph("mons"),
    wire=MonWire,
    row=row,
    fields=Monitor,
    key="name",
    columns=(
        Column("name", "MON", "name", 1),
        Column("in_quorum", "IN QUORUM", "flag", 1),
        Column("state", "STATE", "status", 2, help="by its own word: leader, peon, probing, electing"),
        Column("host", "HOST", "ref", 3),
        Column("since", "QUORUM SINCE", "time", 4, fresh=0.0, help="the last election"),
        Column("skew", "CLOCK OFF", "duration", 4, help="against the leader's"),
        Column("version", "VERSION", "text", 5),
        Column("rank", "RANK", "number", 6, wide=True),
        Column("address", "ADDRESS", "text", 6, wide=True),
        Column("runs", "RUNS", "flag", 6, wide=True),
        Column("disk", "DISK", "text", 7, wide=True),
        Column("by_peers", "SAY PEERS", "flag", 7, wide=True, help="the others in a quorum count it in"),
        Column("skewed", "SKEWED", "flag", 8, wide=True),
        Column("asked", "ASKED", "flag", 8, wide=True, help="on its own host"),
        Column("trouble", "TROUBLE", "text", 8, wide=True),
    ),
    sort=("name",),
    health=health,
    rollup=Quorum("mons", "in quorum", well="in_quorum=true"),
    links=(
        Link("units", "host", "host", "units on its host"),
        Link("hosts", "name", "host", "its host"),
    ),
    element="ceph-mon@{host}",
    period=10.0,
    deadline=20.0,
    list_command="ceph daemon mon.NAME mon_status",
    show_command="ceph daemon mon.{name} mon_status",
)
