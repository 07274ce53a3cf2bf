"""Keystone's roles: what a user may be in a project, a domain or the system."""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.request import Rest
from collectors.rollup import Count


class RoleOptions(msgspec.Struct, gc=False):
    """What is set on a role."""

    immutable: bool | None = None


class RoleWire(Wire):
    """`GET /v3/roles`: the global roles."""

    id: str
    name: str = ""
    domain_id: str | None = None
    description: str | None = None
    options: RoleOptions | None = None


class Role(Row, frozen=True):
    """One role."""

    id: str
    name: str
    domain_id: str | None
    immutable: bool
    description: str | None


def row(wire: RoleWire, reading: Reading) -> Role:
    """The one option that matters becomes a flag."""
    return Role(
        id=wire.id,
        name=wire.name,
        domain_id=wire.domain_id,
        immutable=bool(wire.options and wire.options.immutable),
        description=wire.description or None,
    )


def health(role: Role, now: float) -> Health:
    """A role is a word."""
    return OK


KIND = Kind(
    name="roles",
    title="Roles",
    aliases=("role",),
    about="one row per role that Keystone knows",
    system="identity",
    scope=Scope("cloud"),
    read=Rest("identity", "/roles", "roles"),
    wire=RoleWire,
    row=row,
    fields=Role,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("immutable", "IMMUTABLE", "flag", 2, help="Keystone refuses to change or delete it"),
        Column("domain_id", "DOMAIN", "ref", 4),
        Column("description", "DESCRIPTION", "text", 3),
        Column("id", "ID", "id", 3),
    ),
    sort=("name",),
    health=health,
    rollup=Count("roles"),
    links=(Link("role-assignments", "role_id", "id", "who has it"),),
    server_filters={"name": "name"},
    period=60.0,
    list_command="openstack role list",
    show_command="openstack role show {id}",
)
