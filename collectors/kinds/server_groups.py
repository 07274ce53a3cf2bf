"""Nova's server groups: servers that are to keep together or apart, and whether they do.

The scheduler heeds a group when it places a server; evacuation, forced moves and the soft policies may leave the
members elsewhere, and nothing tells. Where they are is joined from the servers.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import joined_name, listed, word
from collectors.request import Rest
from collectors.rollup import Count


class Rules(msgspec.Struct, gc=False):
    """Of anti-affinity, from 2.64 on."""

    max_server_per_host: int | None = None


class ServerGroupWire(Wire):
    """`GET /os-server-groups?all_projects=True`; one `policy` from 2.64 on, `policies` before."""

    id: str
    name: str = ""
    policy: str | None = None
    policies: list[str] | None = None
    rules: Rules | None = None
    members: list[str] | None = None
    project_id: str | None = None
    user_id: str | None = None


class ServerGroup(Row, frozen=True):
    """One group."""

    id: str
    name: str
    policy: str | None
    members: int
    most_per_host: int | None
    hosts: str | None
    broken: str | None
    project: str | None
    project_id: str | None
    user_id: str | None
    servers: str | None


def _broken(policy: str, hosts: Counter[str], most: int) -> str | None:
    """What the places of the members have against the policy, in words."""
    if policy.endswith("anti-affinity"):
        crowded = sorted(host for host, count in hosts.items() if count > most)
        return listed(f"{hosts[host]} on {host}" for host in crowded)
    if policy.endswith("affinity") and len(hosts) > 1:
        return f"on {len(hosts)} hosts: {listed(sorted(hosts))}"
    return None


def row(wire: ServerGroupWire, reading: Reading) -> ServerGroup:
    """Hosts with more than one member carry their number."""
    policy = wire.policy or next(iter(wire.policies or ()), None)
    members = wire.members or []
    most = wire.rules.max_server_per_host if wire.rules else None
    servers = reading.joins.get("servers")
    hosts: Counter[str] | None = None
    if servers is not None:
        hosts = Counter(host for one in members if (host := getattr(servers.get(one), "host", None)))
    return ServerGroup(
        id=wire.id,
        name=wire.name,
        policy=word(policy),
        members=len(members),
        most_per_host=most,
        hosts=None
        if hosts is None
        else listed(host if count == 1 else f"{host} ({count})" for host, count in sorted(hosts.items())),
        broken=None if hosts is None else _broken(policy or "", hosts, most or 1),
        project=joined_name(reading, "projects", wire.project_id),
        project_id=word(wire.project_id),
        user_id=word(wire.user_id),
        servers=listed(members),
    )


def health(group: ServerGroup, now: float) -> Health:
    """A hard policy that does not hold is a promise broken; a soft one was only wished for."""
    if group.broken:
        words = f"{group.policy} does not hold: {group.broken}"
        return warning(words) if (group.policy or "").startswith("soft") else critical(words)
    if group.members > 1 and group.policy and group.hosts is None:
        return unknown("where its members are is not known")
    return OK


KIND = Kind(
    name="server-groups",
    title="Server groups",
    aliases=("server-group",),
    about="one row per group of servers that keep together or apart: policy, members, whether it holds",
    system="compute",
    read=Rest(
        "compute",
        "/os-server-groups",
        "server_groups",
        query=(("all_projects", "True"),),
        microversion="2.96",
        page=1000,
        turn="offset",
    ),
    wire=ServerGroupWire,
    row=row,
    fields=ServerGroup,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("policy", "POLICY", "text", 1),
        Column("members", "MEMBERS", "number", 2),
        Column("hosts", "HOSTS", "text", 2, help="where its members are", joined=True),
        Column("broken", "BROKEN", "text", 6, wide=True, help="what is against the policy", joined=True),
        Column("most_per_host", "MOST", "number", 6, wide=True, help="members that one host may have"),
        Column("project", "PROJECT", "ref", 3, joined=True),
        Column("servers", "SERVER IDS", "text", 6, wide=True),
        Column("user_id", "USER ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("server groups"),
    links=(
        Link("servers", "project_id", "project_id", "servers of its project"),
        Link("projects", "id", "project_id", "its project"),
    ),
    joins=("servers", "projects"),
    period=10.0,
    deadline=120.0,
    list_command="openstack server group list --all-projects --long",
    show_command="openstack server group show {id}",
)
