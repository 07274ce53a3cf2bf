"""Who may do what where: each role that a user or group has on a project, a domain or the whole system, by names."""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import word
from collectors.request import Rest
from collectors.rollup import Count


class Named(msgspec.Struct, gc=False):
    """A role, user, group, project or domain; without names where the service told none."""

    id: str
    name: str | None = None


class Place(msgspec.Struct, gc=False):
    """Where it holds: exactly one of them."""

    project: Named | None = None
    domain: Named | None = None
    system: dict[str, bool] | None = None
    inherited: str | None = msgspec.field(default=None, name="OS-INHERIT:inherited_to")


class RoleAssignmentWire(Wire):
    """`GET /v3/role_assignments?include_names=true`."""

    role: Named
    scope: Place
    user: Named | None = None
    group: Named | None = None


class RoleAssignment(Row, frozen=True):
    """One assignment; Keystone gives it no id, so its parts are the key."""

    id: str
    role: str
    user: str | None
    group: str | None
    project: str | None
    domain: str | None
    on_system: bool
    inherited: bool
    role_id: str
    user_id: str | None
    group_id: str | None
    project_id: str | None
    domain_id: str | None


def _name(found: Named | None) -> str | None:
    return None if found is None else word(found.name or found.id)


def _id(found: Named | None) -> str | None:
    return None if found is None else word(found.id)


def row(wire: RoleAssignmentWire, reading: Reading) -> RoleAssignment:
    """Raises `ValueError` for one that says neither who nor where: it would grant something to nobody knows whom."""
    who, place = wire.user or wire.group, wire.scope.project or wire.scope.domain
    if who is None:
        raise ValueError("no user and no group")
    if place is None and not wire.scope.system:
        raise ValueError("no project, domain or system")
    below = bool(wire.scope.inherited)
    return RoleAssignment(
        id=f"{wire.role.id}:{who.id}:{place.id if place else 'system'}{':below' if below else ''}",
        role=_name(wire.role) or "",
        user=_name(wire.user),
        group=_name(wire.group),
        project=_name(wire.scope.project),
        domain=_name(wire.scope.domain),
        on_system=place is None,
        inherited=below,
        role_id=wire.role.id,
        user_id=_id(wire.user),
        group_id=_id(wire.group),
        project_id=_id(wire.scope.project),
        domain_id=_id(wire.scope.domain),
    )


def health(assignment: RoleAssignment, now: float) -> Health:
    """Whether somebody should have a role is for people to say."""
    return OK


KIND = Kind(
    name="role-assignments",
    title="Role assignments",
    aliases=("role-assignment", "assignments", "grants"),
    about="one row per role that a user or group has on a project, a domain or the system",
    system="identity",
    scope=Scope("cloud"),
    read=Rest("identity", "/role_assignments", "role_assignments", query=(("include_names", "true"),)),
    wire=RoleAssignmentWire,
    row=row,
    fields=RoleAssignment,
    name_field="role",
    columns=(
        Column("role", "ROLE", "name", 1),
        Column("user", "USER", "ref", 1),
        Column("group", "GROUP", "ref", 2),
        Column("project", "PROJECT", "ref", 1),
        Column("domain", "DOMAIN", "ref", 2),
        Column("on_system", "SYSTEM", "flag", 2, help="it holds for the whole cloud"),
        Column("inherited", "BELOW", "flag", 4, help="it holds for the projects below, not for the place itself"),
        Column("user_id", "USER ID", "ref", 6, wide=True),
        Column("group_id", "GROUP ID", "ref", 6, wide=True),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("domain_id", "DOMAIN ID", "ref", 6, wide=True),
        Column("role_id", "ROLE ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 7, wide=True),
    ),
    sort=("user", "group", "project", "role"),
    health=health,
    rollup=Count("role assignments"),
    links=(
        Link("users", "id", "user_id", "its user"),
        Link("groups", "id", "group_id", "its group"),
        Link("projects", "id", "project_id", "its project"),
    ),
    server_filters={
        "user_id": "user.id",
        "group_id": "group.id",
        "project_id": "scope.project.id",
        "domain_id": "scope.domain.id",
        "role_id": "role.id",
    },
    period=60.0,
    deadline=60.0,
    list_command="openstack role assignment list --names",
)
