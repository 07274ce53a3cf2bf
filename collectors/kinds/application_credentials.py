"""Application credentials of one user: what programs log in with instead of a password; their secrets are never told.

Keystone lists them only user by user, so they are found through their user.
"""

from __future__ import annotations

from typing import Final

import msgspec

from collectors.health import OK, Health, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import DAY, ago, joined_name, listed, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import age, epoch

SOON: Final = 7 * DAY
"""Seconds before one ends at which its program's owner should know."""


class Role(msgspec.Struct, gc=False):
    """A role that it carries."""

    name: str | None = None


class ApplicationCredentialWire(Wire):
    """`GET /v3/users/ID/application_credentials`."""

    id: str
    name: str = ""
    description: str | None = None
    project_id: str | None = None
    user_id: str | None = None
    expires_at: str | None = None
    unrestricted: bool | None = None
    roles: list[Role] | None = None
    access_rules: list[msgspec.Raw] | None = None


class ApplicationCredential(Row, frozen=True):
    """One application credential."""

    id: str
    name: str
    roles: str | None
    expires_at: float | None
    unrestricted: bool | None
    access_rules: int
    project: str | None
    description: str | None
    project_id: str | None
    user: str | None


def row(wire: ApplicationCredentialWire, reading: Reading) -> ApplicationCredential:
    """The user is the one that was asked for."""
    return ApplicationCredential(
        id=wire.id,
        name=wire.name,
        roles=listed(role.name for role in wire.roles or () if role.name),
        expires_at=epoch(wire.expires_at),
        unrestricted=wire.unrestricted,
        access_rules=len(wire.access_rules or ()),
        project=joined_name(reading, "projects", wire.project_id),
        description=wire.description or None,
        project_id=word(wire.project_id),
        user=word(wire.user_id or reading.parent),
    )


def health(credential: ApplicationCredential, now: float) -> Health:
    """One that ends takes its program with it; an unrestricted one can make others, and outlive what it was for."""
    if credential.expires_at is not None:
        left = credential.expires_at - now
        if left <= 0:
            return warning(f"expired {ago(-left)}")
        if left < SOON:
            return warning(f"expires in {age(max(left, 10.0))}")
    return ok("unrestricted: it may make further credentials") if credential.unrestricted else OK


KIND = Kind(
    name="application-credentials",
    title="App credentials",
    aliases=("application-credential", "app-credentials", "appcreds"),
    about="one row per application credential of a user: roles, project, when it ends; never its secret",
    system="identity",
    scope=Scope("parent", parent="users", parameter="user"),
    read=Rest("identity", "/users/{parent}/application_credentials", "application_credentials"),
    wire=ApplicationCredentialWire,
    row=row,
    fields=ApplicationCredential,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("roles", "ROLES", "text", 2),
        Column("project", "PROJECT", "ref", 2, joined=True),
        Column("expires_at", "EXPIRES", "time", 3, wide=True),
        Column("unrestricted", "UNRESTRICTED", "flag", 4, help="may make further credentials and trusts"),
        Column("access_rules", "RULES", "number", 5, help="limits of what may be called; 0: everything"),
        Column("description", "DESCRIPTION", "text", 5),
        Column("project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("user", "USER", "ref", 6, wide=True),
        Column("id", "ID", "id", 4),
    ),
    sort=("name",),
    health=health,
    rollup=Count("application credentials"),
    links=(
        Link("users", "id", "user", "whose it is"),
        Link("projects", "id", "project_id", "its project"),
    ),
    joins=("projects",),
    period=60.0,
    list_command="openstack application credential list --user USER",
    show_command="openstack application credential show {id}",
)
