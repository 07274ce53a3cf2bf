"""Keystone's groups: users that have roles together. Who is in one is read only for the one that is described."""

from __future__ import annotations

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import joined_name, word
from collectors.request import Rest
from collectors.rollup import Count


class GroupWire(Wire):
    """`GET /v3/groups`."""

    id: str
    name: str = ""
    domain_id: str | None = None
    description: str | None = None


class Group(Row, frozen=True):
    """One group."""

    id: str
    name: str
    domain: str | None
    domain_id: str | None
    description: str | None


def row(wire: GroupWire, reading: Reading) -> Group:
    """The domain's name is joined."""
    return Group(
        id=wire.id,
        name=wire.name,
        domain=joined_name(reading, "domains", wire.domain_id),
        domain_id=word(wire.domain_id),
        description=wire.description or None,
    )


def health(group: Group, now: float) -> Health:
    """A group is a name for users."""
    return OK


KIND = Kind(
    name="groups",
    title="Groups",
    aliases=("group",),
    about="one row per group of users that have roles together",
    system="identity",
    scope=Scope("cloud"),
    read=Rest("identity", "/groups", "groups"),
    wire=GroupWire,
    row=row,
    fields=Group,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("domain", "DOMAIN", "ref", 2, joined=True),
        Column("description", "DESCRIPTION", "text", 3),
        Column("domain_id", "DOMAIN ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 4),
    ),
    sort=("name",),
    health=health,
    rollup=Count("groups"),
    links=(
        Link("role-assignments", "group_id", "id", "its roles"),
        Link("domains", "id", "domain_id", "its domain"),
    ),
    joins=("domains",),
    server_filters={"name": "name", "domain_id": "domain_id"},
    period=60.0,
    list_command="openstack group list --long",
    show_command="openstack group show {id}",
    describe=Rest("identity", "/groups/{parent}/users", "users"),
)
