"""The rules of one security group: what is let in or out, and whom.

A rule may name another group: then it is for the ports that are in it. Where none is, it lets in nobody, which no list
of rules shows; so the ports of each named group are counted.
"""

from __future__ import annotations

from typing import Final

import msgspec

from collectors.health import OK, Health, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import joined_name, word
from collectors.kinds.security_groups import opening
from collectors.request import Each, Rest
from collectors.rollup import Count
from collectors.values import epoch

COUNTED: Final = 1000
"""Ports of a group that are counted at most."""


class Member(msgspec.Struct, gc=False):
    """A port of the group that the rule names."""

    id: str = ""


class SecurityGroupRuleWire(Wire):
    """`GET /v2.0/security-group-rules`, with the ports that are in the group that a rule names."""

    id: str
    security_group_id: str | None = None
    direction: str | None = None
    ethertype: str | None = None
    protocol: str | None = None
    port_range_min: int | None = None
    port_range_max: int | None = None
    remote_ip_prefix: str | None = None
    remote_group_id: str | None = None
    remote_address_group_id: str | None = None
    description: str | None = None
    created_at: str | None = None
    members: list[Member] | None = None
    members_refused: str | None = None


class SecurityGroupRule(Row, frozen=True):
    """One rule."""

    id: str
    opens: str
    direction: str | None
    ethertype: str | None
    remote: str | None
    remote_group: str | None
    remote_group_id: str | None
    members: int | None
    unread: str | None
    group: str
    description: str | None
    created_at: float | None


def row(wire: SecurityGroupRuleWire, reading: Reading) -> SecurityGroupRule:
    """Protocol and ports become one word; whom it is for is an address range or a group's name."""
    group = joined_name(reading, "security-groups", wire.remote_group_id) or word(wire.remote_group_id)
    return SecurityGroupRule(
        id=wire.id,
        opens=opening(wire.protocol, wire.port_range_min, wire.port_range_max),
        direction=word(wire.direction),
        ethertype=word(wire.ethertype),
        remote=word(wire.remote_ip_prefix or wire.remote_address_group_id or (None if group else "anywhere")),
        remote_group=group,
        remote_group_id=word(wire.remote_group_id),
        members=None if wire.members is None else len(wire.members),
        unread=wire.members_refused or None,
        group=reading.parent or wire.security_group_id or "",
        description=wire.description or None,
        created_at=epoch(wire.created_at),
    )


def health(rule: SecurityGroupRule, now: float) -> Health:
    """A rule for the members of another group that nobody is in does nothing."""
    if rule.unread:
        return unknown(f"who is in {rule.remote_group} cannot be read: {rule.unread}")
    if rule.members != 0:
        return OK
    if rule.remote_group_id == rule.group:
        return ok("for its own members, and nobody is in the group")
    way = "out to" if rule.direction == "egress" else "in"
    return warning(f"lets {way} the members of {rule.remote_group}, and no port is in it")


KIND = Kind(
    name="security-group-rules",
    title="Rules of a group",
    aliases=("security-group-rule", "sg-rules"),
    about="one row per rule of a security group: what it opens, for whom, how many ports that are",
    system="network",
    scope=Scope("parent", parent="security-groups", parameter="group"),
    read=Rest(
        "network",
        "/security-group-rules",
        "security_group_rules",
        query=(("security_group_id", "{parent}"),),
        each=Each(
            "/ports",
            "ports",
            "members",
            query=(("security_groups", "{remote_group_id}"), ("fields", "id"), ("limit", str(COUNTED))),
        ),
    ),
    wire=SecurityGroupRuleWire,
    row=row,
    fields=SecurityGroupRule,
    name_field="opens",
    columns=(
        Column("direction", "DIRECTION", "status", 1),
        Column("opens", "OPENS", "name", 1, help="protocol and ports"),
        Column("remote", "FOR", "text", 2, help="an address range, or anywhere"),
        Column("remote_group", "FOR GROUP", "ref", 2, joined=True, help="for the ports that are in this group"),
        Column("members", "PORTS IN IT", "number", 2, help=f"ports in that group; counted up to {COUNTED}"),
        Column("ethertype", "FAMILY", "text", 4),
        Column("description", "DESCRIPTION", "text", 5),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("unread", "NOT READ", "text", 6, wide=True, help="why its members could not be read"),
        Column("remote_group_id", "FOR GROUP ID", "ref", 6, wide=True),
        Column("group", "GROUP", "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("direction", "opens"),
    health=health,
    rollup=Count("rules"),
    links=(
        Link("security-groups", "id", "remote_group_id", "the group that it is for"),
        Link("security-groups", "id", "group", "its own group"),
    ),
    joins=("security-groups",),
    period=60.0,
    deadline=30.0,
    list_command="openstack security group rule list {group} --long",
    show_command="openstack security group rule show {id}",
)
