"""Keystone's users: people and the services' own accounts, and when their passwords end."""

from __future__ import annotations

from collectors.health import OK, Health, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import DAY, ago, joined_name, word
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import age, epoch

SOON = 7 * DAY
"""Seconds before a password ends at which somebody should know."""


class UserWire(Wire):
    """`GET /v3/users`."""

    id: str
    name: str = ""
    domain_id: str | None = None
    enabled: bool | None = None
    default_project_id: str | None = None
    email: str | None = None
    description: str | None = None
    password_expires_at: str | None = None


class User(Row, frozen=True):
    """One user."""

    id: str
    name: str
    domain_id: str | None
    enabled: bool | None
    default_project: str | None
    default_project_id: str | None
    email: str | None
    description: str | None
    password_expires_at: float | None


def row(wire: UserWire, reading: Reading) -> User:
    """The name of the default project is joined."""
    return User(
        id=wire.id,
        name=wire.name,
        domain_id=word(wire.domain_id),
        enabled=wire.enabled,
        default_project=joined_name(reading, "projects", wire.default_project_id),
        default_project_id=word(wire.default_project_id),
        email=wire.email or None,
        description=wire.description or None,
        password_expires_at=epoch(wire.password_expires_at),
    )


def health(user: User, now: float) -> Health:
    """A password that ends takes a person or, for a service's account, a whole service with it."""
    if user.enabled is False:
        return ok("disabled")
    if user.password_expires_at is None:
        return OK
    left = user.password_expires_at - now
    if left <= 0:
        return warning(f"password expired {ago(-left)}")
    return warning(f"password expires in {age(max(left, 10.0))}") if left < SOON else OK


KIND = Kind(
    name="users",
    title="Users",
    aliases=("user",),
    about="one row per user: domain, enabled, when the password ends",
    system="identity",
    scope=Scope("cloud"),
    read=Rest("identity", "/users", "users"),
    wire=UserWire,
    row=row,
    fields=User,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("domain_id", "DOMAIN", "ref", 2),
        Column("enabled", "ENABLED", "flag", 2),
        Column("default_project", "PROJECT", "ref", 3, help="its default project", joined=True),
        Column("password_expires_at", "EXPIRES", "time", 4, wide=True, help="when its password ends"),
        Column("email", "EMAIL", "text", 5, wide=True),
        Column("description", "DESCRIPTION", "text", 5),
        Column("default_project_id", "PROJECT ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 4),
    ),
    sort=("name",),
    health=health,
    rollup=Count("users"),
    links=(
        Link("servers", "user_id", "id", "its servers"),
        Link("projects", "id", "default_project_id", "its default project"),
        Link("role-assignments", "user_id", "id", "its roles"),
        Link("application-credentials", "user", "id", "its application credentials"),
        Link("keypairs", "user", "id", "its keypairs"),
        Link("trusts", "trustor_id", "id", "whom it lets act for it"),
    ),
    joins=("projects",),
    server_filters={"name": "name", "domain_id": "domain_id"},
    period=60.0,
    list_command="openstack user list --long",
    show_command="openstack user show {id}",
)
