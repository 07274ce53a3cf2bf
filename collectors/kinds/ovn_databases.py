"""OVN's control plane: the members of the northbound and the southbound database as each sees itself, and northd.

Both databases are raft clusters: without a majority nothing can be written, and what is wired stays as it is. A member
that we cannot reach may still take part, which the leader knows. Of the northds one is active and the others wait; when
none is, what Neutron wants never reaches the hosts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Wire
from collectors.kinds._shared import MINUTE, listed, word
from collectors.request import Ovn
from collectors.rollup import Share
from collectors.values import age

NORTHD: Final = "ovn-northd"
MISSED: Final = 3
"""Election timers without a word from a member, after which it does not take part."""
BACKLOG: Final = 100
"""Entries of the log that a member may have yet to apply, or to get from the leader."""
BEHIND: Final = MINUTE
"""Seconds that northd may take for a change."""


class MemberWire(Wire):
    """One member's `cluster/status`, or one northd's `status`; `trouble` alone when it said nothing."""

    database: str
    host: str
    trouble: str | None = None
    answers: bool | None = None
    stranger: bool = False
    role: str | None = None
    status: str | None = None
    term: int | None = None
    leader: str | None = None
    members: int | None = None
    address: str | None = None
    server_id: str | None = None
    elected: float | None = None
    election_timer: float | None = None
    last_index: int | None = None
    leader_index: int | None = None
    uncommitted: int | None = None
    unapplied: int | None = None
    disconnections: int | None = None
    silent: float | None = None
    heard_last: float | None = None
    active: list[str] | None = None
    not_asked: list[str] | None = None
    nb_cfg: int | None = None
    sb_cfg: int | None = None
    hv_cfg: int | None = None
    counted: float | None = None


class OvnMember(Row, frozen=True):
    """One member of a database, or one northd."""

    id: str
    database: str
    host: str
    role: str | None
    status: str | None
    term: int | None
    leader: str | None
    members: int | None
    silent: float | None
    heard_last: float | None
    elected: float | None
    election_timer: float | None
    last_index: int | None
    behind: int | None
    uncommitted: int | None
    unapplied: int | None
    disconnections: int | None
    active: str | None
    not_asked: str | None
    nb_cfg: int | None
    sb_cfg: int | None
    hv_cfg: int | None
    counted: float | None
    answers: bool | None
    stranger: bool
    address: str | None
    server_id: str | None
    trouble: str | None


def row(wire: MemberWire, reading: Reading) -> OvnMember:
    """Flat; the time of the election becomes a moment."""
    behind = None
    if wire.last_index is not None and wire.leader_index is not None:
        behind = max(wire.leader_index - wire.last_index, 0)
    return OvnMember(
        id=f"{wire.database}@{wire.host}",
        database=word(wire.database) or "",
        host=word(wire.host) or "",
        role=word(wire.role),
        status=word(wire.status),
        term=wire.term,
        leader=word(wire.leader),
        members=wire.members,
        silent=wire.silent,
        heard_last=wire.heard_last,
        elected=None if wire.elected is None else reading.now - wire.elected,
        election_timer=wire.election_timer,
        last_index=wire.last_index,
        behind=behind,
        uncommitted=wire.uncommitted,
        unapplied=wire.unapplied,
        disconnections=wire.disconnections,
        active=word(listed(wire.active)),
        not_asked=word(listed(wire.not_asked)),
        nb_cfg=wire.nb_cfg,
        sb_cfg=wire.sb_cfg,
        hv_cfg=wire.hv_cfg,
        counted=wire.counted,
        answers=wire.answers if wire.trouble else True,
        stranger=wire.stranger,
        address=wire.address,
        server_id=word(wire.server_id),
        trouble=wire.trouble,
    )


def health(member: OvnMember, now: float) -> Health:
    """Out of its cluster is critical; one that only we cannot reach is unknown."""
    if member.stranger:
        return _stranger(member)
    if member.trouble is not None:
        return _untold(member)
    if member.database == NORTHD:
        return _northd(member, now)
    if member.role == "standalone":
        return OK
    if member.status != "cluster member":
        return critical(_outside(member))
    if member.leader in (None, "unknown"):
        return critical("it knows no leader: nothing can be written")
    found = list(_complaints(member))
    return found[0] if found else OK


def _untold(member: OvnMember) -> Health:
    """It said nothing: its host knows that it does not run, or the leader tells whether it still takes part."""
    if member.answers is False:
        return critical(member.trouble or "")
    if _lost(member):
        return critical(f"{member.trouble}; {member.leader} has not heard it for {age(member.silent or 0.0)}")
    heard = member.heard_last is not None and member.heard_last <= MISSED * (member.election_timer or 1.0)
    return unknown(f"{member.trouble}; {member.leader} hears it" if heard else member.trouble or "")


def _lost(member: OvnMember) -> bool:
    return member.silent is not None and member.silent > MISSED * (member.election_timer or 1.0)


def _stranger(member: OvnMember) -> Health:
    if _lost(member) or member.silent is None:
        since = "" if member.silent is None else f" for {age(member.silent)}"
        return critical(f"none of the site's hosts, and not heard{since}; it counts for the majority: cluster/kick it?")
    return warning(f"takes part, and is none of the site's hosts (hosts of OVN: see {member.leader})")


def _outside(member: OvnMember) -> str:
    status = member.status or "says nothing of its cluster"
    if status.startswith("disconnected"):
        return f"{status}: it has no majority, nothing can be read or written through it"
    return status


def _complaints(member: OvnMember) -> Iterator[Health]:
    if _lost(member):
        yield warning(f"{member.leader}, its leader, has not heard it for {age(member.silent or 0.0)}")
    if (member.unapplied or 0) > BACKLOG:
        yield warning(f"{member.unapplied:,} entries of the log are not applied yet")
    if (member.behind or 0) > BACKLOG:
        yield warning(f"{member.behind:,} entries behind its leader")
    if (member.uncommitted or 0) > BACKLOG:
        yield warning(f"{member.uncommitted:,} entries are not committed yet: are the other members slow?")


def _northd(member: OvnMember, now: float) -> Health:
    if member.role == "paused":
        return warning("paused: it would not take over")
    if not member.active:
        if member.not_asked:
            return unknown(f"waits; none that answers is active; not read: {member.not_asked}")
        return critical("none is active: no change reaches the hosts; does the southbound database have a leader?")
    late = None if member.counted is None else now - member.counted
    owing = member.nb_cfg is not None and member.sb_cfg is not None and member.sb_cfg < member.nb_cfg
    if owing and late is not None and late > BEHIND:
        what = f"nb_cfg {member.nb_cfg}, sb_cfg {member.sb_cfg}"
        return warning(f"has not taken over what was asked {age(late)} ago ({what})")
    return OK


KIND = Kind(
    name="ovn-databases",
    title="OVN databases",
    aliases=("ovn-database", "ovn-raft", "ovn-northds"),
    about="one row per member of OVN's databases and per northd: role, term, leader, what it has yet to apply",
    system="network",
    optional=True,
    read=Ovn("databases"),
    wire=MemberWire,
    row=row,
    fields=OvnMember,
    name_field="host",
    columns=(
        Column("database", "DATABASE", "text", 1, help="a database, or northd, which makes the one from the other"),
        Column("host", "HOST", "name", 1),
        Column("role", "ROLE", "status", 1, help="leader, follower, candidate; of northd active or standby"),
        Column("status", "STATUS", "status", 2, help="of a database: cluster member, or disconnected"),
        Column("term", "TERM", "number", 2, help="counts elections"),
        Column("leader", "LEADER", "ref", 3),
        Column("members", "MEMBERS", "number", 3, help="of the cluster, as it knows them"),
        Column("silent", "SILENT", "duration", 3, help="how long ago the leader heard it"),
        Column("behind", "BEHIND", "number", 4, help="entries of the log that the leader has and it has not"),
        Column("elected", "ELECTED", "time", 5, help="when a leader became one"),
        Column("unapplied", "UNAPPLIED", "number", 5, help="entries of the log"),
        Column("uncommitted", "UNCOMMITTED", "number", 5, help="entries of the log"),
        Column("disconnections", "CUT", "number", 5, help="connections to other members lost since its start"),
        Column("active", "ACTIVE NORTHD", "ref", 5, wide=True, help="of a northd: the host of the active one"),
        Column("nb_cfg", "NB CFG", "number", 6, wide=True, help="how often the configuration was counted up"),
        Column("sb_cfg", "SB CFG", "number", 6, wide=True, help="up to where northd has taken it over"),
        Column("hv_cfg", "HV CFG", "number", 6, wide=True, help="up to where all hosts have"),
        Column("counted", "COUNTED", "time", 6, wide=True, help="when it was counted up last"),
        Column(
            "election_timer", "TIMER", "duration", 6, wide=True, help="without a leader for that long they elect one"
        ),
        Column("last_index", "LOG", "number", 6, wide=True, help="last entry of its log"),
        Column("address", "ADDRESS", "text", 6, wide=True, help="where other members find it"),
        Column("server_id", "SERVER", "id", 6, wide=True),
        Column("heard_last", "HEARD LAST", "duration", 7, wide=True, help="as silent; of several, the one least heard"),
        Column("answers", "ANSWERS", "flag", 7, wide=True),
        Column("stranger", "STRANGER", "flag", 7, wide=True, help="none of the hosts that the site names"),
        Column("not_asked", "NOT ASKED", "text", 7, wide=True, help="hosts of northd that did not answer"),
        Column("trouble", "TROUBLE", "text", 7, wide=True, help="why it said nothing"),
        Column("id", "ID", "id", 7, wide=True),
    ),
    sort=("database", "host"),
    health=health,
    rollup=Share("OVN members", "up", by="database", critical=0.5),
    links=(
        Link("units", "host", "host", "units on its host"),
        Link("hosts", "name", "host", "its host"),
    ),
    runs=Runs(host="{host}"),
    element="{database}@{host}",
    deadline=15.0,
    list_command="ovn-appctl -t /var/run/ovn/ovnsb_db.ctl cluster/status OVN_Southbound",
)
