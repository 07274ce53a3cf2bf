"""Keystone's domains: the containers of users, groups and projects; one per LDAP directory or company."""

from __future__ import annotations

from collectors.health import OK, Health, ok
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import listed
from collectors.request import Rest
from collectors.rollup import Count


class DomainWire(Wire):
    """`GET /v3/domains`."""

    id: str
    name: str = ""
    enabled: bool | None = None
    description: str | None = None
    tags: list[str] | None = None


class Domain(Row, frozen=True):
    """One domain."""

    id: str
    name: str
    enabled: bool | None
    description: str | None
    tags: str | None


def row(wire: DomainWire, reading: Reading) -> Domain:
    """Tags become text."""
    return Domain(
        id=wire.id,
        name=wire.name,
        enabled=wire.enabled,
        description=wire.description or None,
        tags=listed(wire.tags),
    )


def health(domain: Domain, now: float) -> Health:
    """Domains are disabled on purpose, with all that is in them."""
    return ok("disabled: none of its users can log in") if domain.enabled is False else OK


KIND = Kind(
    name="domains",
    title="Domains",
    aliases=("domain",),
    about="one row per domain of users and projects: enabled, description",
    system="identity",
    scope=Scope("cloud"),
    read=Rest("identity", "/domains", "domains"),
    wire=DomainWire,
    row=row,
    fields=Domain,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("enabled", "ENABLED", "flag", 2),
        Column("description", "DESCRIPTION", "text", 3),
        Column("tags", "TAGS", "text", 5, wide=True),
        Column("id", "ID", "id", 4),
    ),
    sort=("name",),
    health=health,
    rollup=Count("domains"),
    links=(
        Link("projects", "domain_id", "id", "its projects"),
        Link("users", "domain_id", "id", "its users"),
        Link("groups", "domain_id", "id", "its groups"),
        Link("identity-providers", "domain_id", "id", "its identity providers"),
    ),
    server_filters={"name": "name"},
    period=60.0,
    list_command="openstack domain list",
    show_command="openstack domain show {id}",
)
