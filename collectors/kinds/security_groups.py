"""Neutron's security groups: how many rules, and what each group lets in from everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import joined_name, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch

ANYWHERE: Final = (None, "0.0.0.0/0", "::/0")


class Rule(msgspec.Struct, gc=False):
    """One rule."""

    direction: str | None = None
    protocol: str | None = None
    port_range_min: int | None = None
    port_range_max: int | None = None
    remote_ip_prefix: str | None = None
    remote_group_id: str | None = None
    remote_address_group_id: str | None = None


class SecurityGroupWire(Wire):
    """`GET /v2.0/security-groups`."""

    id: str
    name: str = ""
    description: str | None = None
    security_group_rules: list[Rule] | None = None
    stateful: bool | None = None
    shared: bool | None = None
    project_id: str | None = None
    tenant_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


class SecurityGroup(Row, frozen=True):
    """One security group."""

    id: str
    name: str
    rules: int
    open_to_all: str | None
    stateful: bool | None
    shared: bool | None
    project: str | None
    project_id: str | None
    description: str | None
    created_at: float | None
    updated_at: float | None


def opening(protocol: str | None, least: int | None, most: int | None) -> str:
    """`tcp/22`, `udp/1000-2000`, `icmp`, or `everything`."""
    if protocol is None:
        return "everything"
    if protocol.startswith(("icmp", "ipv6-icmp")) or least is None:
        return protocol
    last = most if most is not None else least
    return f"{protocol}/{least}" + (f"-{last}" if last != least else "")


def _open(rules: Iterable[Rule]) -> str | None:
    """What may come in from any address, each opening once."""
    found = (
        opening(rule.protocol, rule.port_range_min, rule.port_range_max)
        for rule in rules
        if rule.direction == "ingress"
        and not rule.remote_group_id
        and not rule.remote_address_group_id
        and rule.remote_ip_prefix in ANYWHERE
    )
    return ", ".join(dict.fromkeys(found)) or None


def row(wire: SecurityGroupWire, reading: Reading) -> SecurityGroup:
    """Rules become their number and what they open."""
    owner = wire.project_id or wire.tenant_id
    return SecurityGroup(
        id=wire.id,
        name=wire.name,
        rules=len(wire.security_group_rules or ()),
        open_to_all=_open(wire.security_group_rules or ()),
        stateful=wire.stateful,
        shared=wire.shared,
        project=joined_name(reading, "projects", owner),
        project_id=word(owner),
        description=wire.description or None,
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
    )


def health(group: SecurityGroup, now: float) -> Health:
    """What a tenant lets in is the tenant's decision."""
    return OK


KIND = Kind(
    name="security-groups",
    title="Security groups",
    aliases=("security-group", "sg"),
    about="one row per security group: rules, what is open to everybody",
    system="network",
    read=Rest("network", "/security-groups", "security_groups", page=1000),
    wire=SecurityGroupWire,
    row=row,
    fields=SecurityGroup,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("project", "PROJECT", "ref", 2, joined=True),
        Column("rules", "RULES", "number", 2),
        Column("open_to_all", "OPEN TO ALL", "text", 2, help="what comes in from any address"),
        Column("description", "DESCRIPTION", "text", 4),
        Column("stateful", "STATEFUL", "flag", 6, wide=True, help="answers are let through"),
        Column("shared", "SHARED", "flag", 6, wide=True),
        Column("updated_at", "CHANGED", "time", 6, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name", "project"),
    health=health,
    rollup=Count("security groups"),
    links=(
        Link("security-group-rules", "group", "id", "its rules, and who is in the groups that they name"),
        Link("projects", "id", "project_id", "its project"),
    ),
    joins=("projects",),
    server_filters={"name": "name", "project_id": "project_id"},
    period=60.0,
    deadline=60.0,
    list_command="openstack security group list",
    show_command="openstack security group show {id}",
)
