"""The guards of units: a cluster keeps its majority, and of services that stand in for each other one stops at a time.

What a unit is comes from its name (`unit_effects`). A unit that is inactive elsewhere is not counted as an instance:
systemd does not say which ones should run, and packages bring units that nobody uses.
"""

from __future__ import annotations

from typing import Any

from collectors.snapshot import OddRow, Snapshot
from runbooks.guards import satisfying, some
from runbooks.operation import Asked, Guard, Verdict, is_closed, is_open, is_unknown
from runbooks.unit_effects import Voters, effect, plain

RUNNING = ("active", "running", "reloading")
TROUBLED = ("failed", "activating", "deactivating", "restarting", "exited", "stopped", "dead", "paused", "created")
SETTLING = 10.0
"""Seconds after its start in which another instance is not yet counted on."""


def host_of(row: Any) -> str:
    """The machine of a row of any cluster's members."""
    return str(getattr(row, "host", None) or getattr(row, "member", ""))


def with_it(asked: Asked) -> set[str]:
    """The hosts on which this plan touches the same service; ids of units are `HOST/ENGINE/NAME`."""
    service = plain(asked.row.name)
    found = {asked.row.host}
    for identity in asked.also:
        host, _, rest = identity.partition("/")
        if plain(rest.partition("/")[2]) == service:
            found.add(host)
    return found


def majority(snapshot: Snapshot, well: str, gone: set[str]) -> Verdict:
    """Whether more than half of the rows still satisfy `well` without those of the hosts in `gone`. Pure."""
    left = [at for at in satisfying(snapshot, well) if host_of(snapshot.rows[at]) not in gone]
    members = len(snapshot.rows)
    need, name = members // 2 + 1, snapshot.kind.name
    words = f"{len(left)} of {members} {name} stay well without it, a majority is {need}"
    if not any(host_of(row) in gone for row in snapshot.rows if not isinstance(row, OddRow)):
        return is_unknown(f"none of the {name} is on {some(sorted(gone))}: whose member it is, nobody can tell")
    if len(left) >= need:
        return is_open(words)
    if snapshot.errors:
        return is_unknown(f"{words}; {snapshot.errors[0]}")
    return is_closed(words)


def _quorum(asked: Asked) -> Verdict:
    voters: Voters | None = effect(asked.row.name).voters
    if voters is None:
        return is_open("it is no member of a cluster that votes")
    return majority(asked.cloud.snapshot(voters.kind), voters.well, with_it(asked))


QUORUM_KEPT = Guard("quorum-kept", _quorum, "of a cluster's member: a majority of its cluster stays well without it")


def peers_verdict(asked: Asked, snapshot: Snapshot, unread: list[str]) -> Verdict:
    """Whether others of the service's name carry on; `unread` are hosts where others may be. Pure."""
    service = plain(asked.row.name)
    if len(with_it(asked)) > 1:
        return is_closed(f"{len(with_it(asked))} hosts at once: one after the other is safe")
    all_rows: list[Any] = [row for row in snapshot.rows if not isinstance(row, OddRow)]
    rows = [row for row in all_rows if row.host != asked.row.host and plain(row.name) == service]
    ill = [
        f"{row.name} on {row.host} ({row.detail if row.detail == 'unhealthy' else row.state})"
        for row in rows
        if row.state in TROUBLED or row.detail == "unhealthy"
    ]
    up = [row for row in rows if row.state in RUNNING]
    fresh = [row.host for row in up if row.since is not None and 0 <= asked.now - row.since < SETTLING]
    if ill:
        return is_closed(f"{some(ill)} is not well either: mend that first")
    if fresh:
        return is_closed(f"it has just been started on {some(fresh)}: wait {SETTLING:.0f} s until that one serves")
    if unread:
        return is_unknown(f"{some(unread)} could not be read: whether {service} runs there, nobody can tell")
    if up:
        return is_open(f"{service} runs on {some(sorted(row.host for row in up))} as well")
    return is_open(f"it is the only {service} that there is: the service is gone meanwhile")


def _others(asked: Asked) -> Verdict:
    if not effect(asked.row.name).shared:
        return is_open("no other host stands in for it")
    snapshot, hosts = asked.cloud.snapshot("units"), asked.cloud.site.hosts
    mine = set(hosts[asked.row.host].roles) if asked.row.host in hosts else set()
    unread = [
        read.target
        for read in snapshot.targets
        if read.error is not None
        and (not mine or read.target not in hosts or mine & set(hosts[read.target].roles))
        and read.target != asked.row.host
    ]
    return peers_verdict(asked, snapshot, unread)


ONE_AT_A_TIME = Guard("one-at-a-time", _others, "of services that stand in for each other: the others run and are well")


def _ceph(asked: Asked) -> Verdict:
    """An OSD may stop while all data has all of its copies."""
    if not plain(asked.row.name).startswith("ceph-osd"):
        return is_open("it holds no data of Ceph")
    lacking = {"OSD_DOWN", "PG_AVAILABILITY", "PG_DEGRADED", "PG_DAMAGED", "OSD_FULL", "OSD_HOST_DOWN"}
    snapshot = asked.cloud.snapshot("ceph-health-checks")
    if snapshot.errors:
        return is_unknown(str(snapshot.errors[0]))
    found = sorted({snapshot.id_at(at) for at in range(len(snapshot.rows))} & lacking)
    return (
        is_closed(f"Ceph says {some(found)}: mend that first") if found else is_open("all data has all of its copies")
    )


COPIES = Guard("safe-to-stop", _ceph, "of an OSD: Ceph misses no copy now")
