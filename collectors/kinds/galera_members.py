"""The members of the Galera cluster, each asked by itself: its view of the cluster, its queues, flow control.

What a member says is its own view. `cluster_size` alone cannot tell a minority from the rest, so the Primary component
decides; Donor/Desynced means three things (donor, desync, a global read lock); flow control is judged by what is active
now, because `flow_control_paused` is a mean since the last FLUSH STATUS.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Link, Runs, Scope
from collectors.kinds._galera_member import Member, MemberWire, row
from collectors.kinds._trends import GALERA
from collectors.request import Sql
from collectors.rollup import Quorum
from collectors.values import count

LONG_QUEUE: Final = 100
"""Write sets that wait to be applied; flow control begins at a few dozen, unless the member is desynced."""
NEARLY_FULL: Final = 90
"""Percent of `max_connections`."""


def health(member: Member, now: float) -> Health:
    """Out of the Primary component is critical; what slows it or the cluster is a warning, all of one level told."""
    if member.trouble is not None:
        return critical(member.trouble) if member.answers is False else unknown(member.trouble)
    if member.state is None and member.status is None:
        return unknown("says nothing about replication: is this a Galera member?")
    out = _outside(member)
    if out is not None:
        return out
    found = sorted(_complaints(member), key=lambda complaint: complaint.rank)
    if not found:
        return OK
    level = found[0].level
    return Health(level, "; ".join(complaint.reason for complaint in found if complaint.level == level))


def _outside(member: Member) -> Health | None:
    """Why it does not take part in the Primary component, or None."""
    if member.state == "Inconsistent":
        return critical("Inconsistent: voted out of the cluster, its data differs; it needs a full state transfer")
    if member.status == "Disconnected" or member.connected is False:
        return critical("Disconnected: it is in no cluster")
    if member.status is not None and member.status.lower() == "non-primary":
        sees = "only itself" if (member.size or 1) < 2 else f"{member.size} members"
        return critical(f"non-Primary: sees {sees} and refuses queries (error 1047)")
    if member.state is not None and member.state.startswith("Join"):
        return warning(f"{member.state}: it is catching up")
    if member.status != "Primary":
        return unknown(f"cluster status is {member.status or 'missing'}")
    if member.ready is False:
        return critical("not ready: refuses queries (error 1047)")
    return None


def _complaints(member: Member) -> Iterator[Health]:
    if member.reject_queries:
        yield critical(f"rejects all queries (wsrep_reject_queries={member.reject_queries})")
    if member.flow_requested:
        yield critical(f"holds up all writes: {member.recv_queue or 0} write sets wait to be applied (flow control)")
    elif member.flow_control:
        yield warning("writes are paused by flow control of another member")
    if member.state == "Donor/Desynced":
        if member.desync:
            yield warning(f"desynced on purpose (wsrep_desync=ON), {member.recv_queue or 0} write sets behind")
        else:
            yield warning("Donor/Desynced: gives a state transfer, or somebody holds a global read lock")
    elif (member.recv_queue or 0) > LONG_QUEUE and not member.flow_requested:
        yield warning(f"{count(member.recv_queue or 0)} write sets wait to be applied")
    if member.expected and member.size is not None and member.size < member.expected:
        yield warning(f"sees {member.size} of {member.expected} members")
    if member.connections_used is not None and member.connections_used >= NEARLY_FULL:
        yield warning(
            f"{count(member.threads_connected or 0)} of {count(member.max_connections or 0)} connections used"
        )
    if member.state not in ("Synced", "Donor/Desynced"):
        yield unknown(f"state is {member.state or 'missing'}")


KIND = Kind(
    name="galera-members",
    title="Galera members",
    aliases=("galera-member", "galera", "members"),
    about="one row per database member: state, component, queues, flow control",
    system="galera",
    scope=Scope("member"),
    read=Sql("member"),
    wire=MemberWire,
    row=row,
    fields=Member,
    key="member",
    name_field="member",
    columns=(
        Column("member", "MEMBER", "name", 1),
        Column("state", "STATE", "status", 1, help="its own: Synced, Donor/Desynced, Joining …"),
        Column("status", "COMPONENT", "status", 2, help="Primary, or non-Primary without a majority"),
        Column("size", "SIZE", "number", 2, help="members that it sees, itself included"),
        Column("recv_queue", "QUEUE", "number", 2, help="write sets received and not yet applied"),
        Column("flow_control", "PAUSED", "flag", 2, help="flow control holds writes up now"),
        Column("ready", "READY", "flag", 3, help="serves applications"),
        Column("threads_connected", "CLIENTS", "number", 4),
        Column("threads_running", "RUNNING", "number", 5, help="threads that do something at the moment"),
        Column("started", "UP SINCE", "time", 4, fresh=0.0),
        Column("version", "VERSION", "text", 5),
        Column("answers", "ANSWERS", "flag", 6, help="somebody on its port; what it said is the reason"),
        Column("address", "ADDRESS", "text", 6),
        Column("expected", "OF", "number", 6, wide=True, help="members that its configuration names"),
        Column("last_committed", "COMMITTED", "number", 6, wide=True, help="number of the last transaction"),
        Column("cached_from", "GCACHE FROM", "number", 7, wide=True, help="who misses only later ones joins by IST"),
        Column("conf_id", "VIEW", "number", 6, wide=True, help="how often the membership has changed"),
        Column("flow_requested", "ASKS TO PAUSE", "flag", 6, wide=True, help="it is the one that cannot keep up"),
        Column("flow_paused", "PAUSED MEAN", "percent", 6, wide=True, help="since its start or FLUSH STATUS"),
        Column("send_queue", "SEND QUEUE", "number", 7, wide=True),
        Column("desync", "DESYNC", "flag", 7, wide=True, help="wsrep_desync"),
        Column("connected", "CONNECTED", "flag", 7, wide=True, help="to the group"),
        Column("connections_used", "CLIENTS %", "percent", 7, wide=True, help="of max_connections"),
        Column("max_connections", "MAX CLIENTS", "number", 7, wide=True),
        Column("queries", "QUERIES", "number", 8, wide=True, help="since its start"),
        Column("slow_queries", "SLOW", "number", 8, wide=True, help="since its start"),
        Column("cert_failures", "CONFLICTS", "number", 8, wide=True, help="transactions that failed certification"),
        Column("bf_aborts", "ABORTS", "number", 8, wide=True, help="local transactions that replication aborted"),
        Column("read_only", "READ ONLY", "flag", 8, wide=True),
        Column("reject_queries", "REJECTS", "text", 8, wide=True),
        Column("sst_donor", "DONOR", "text", 8, wide=True, help="wsrep_sst_donor: whom it asks for its data"),
        Column("provider", "GALERA", "text", 8, wide=True),
        Column("cluster", "CLUSTER", "text", 8, wide=True),
        Column("incoming", "MEMBERS SEEN", "text", 8, wide=True),
        Column("trouble", "TROUBLE", "text", 8, wide=True, help="why it could not be read"),
    ),
    trends=GALERA,
    sort=("member",),
    health=health,
    rollup=Quorum("members", "Synced", well="state=Synced", felt="flow_requested=true"),
    links=(
        Link("db-processes", "member", "member", "its processes"),
        Link("galera-positions", "host", "member", "its position on disk"),
        Link("units", "host", "member", "units on it"),
        Link("hosts", "name", "member", "its host"),
    ),
    runs=Runs(host="{member}", unit="mariadb"),
    element="galera@{member}",
    deadline=8.0,
    list_command="mariadb -h ADDRESS -e \"SHOW GLOBAL STATUS LIKE 'wsrep_%'\"",
)
