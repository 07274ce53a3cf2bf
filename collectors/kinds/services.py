"""Keystone's services: what the catalogue says this cloud offers.

The project behind a service may have been retired upstream; such a service works on without fixes, and the row says so.
"""

from __future__ import annotations

from collectors.health import OK, Health, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.projects import purpose, retired
from collectors.request import Rest
from collectors.rollup import Count


class ServiceWire(Wire):
    """`GET /v3/services`; a service need not have a name."""

    id: str
    type: str | None = None
    name: str | None = None
    enabled: bool | None = None
    description: str | None = None


class Service(Row, frozen=True):
    """One service of the catalogue."""

    id: str
    name: str
    type: str | None
    enabled: bool | None
    purpose: str | None
    retired: str | None
    description: str | None


def row(wire: ServiceWire, reading: Reading) -> Service:
    """A nameless service is called by its type."""
    return Service(
        id=wire.id,
        name=wire.name or wire.type or wire.id,
        type=wire.type,
        enabled=wire.enabled,
        purpose=purpose(wire.type or ""),
        retired=retired(wire.type or ""),
        description=wire.description or None,
    )


def health(service: Service, now: float) -> Health:
    """Disabled services vanish from everybody's catalogue; Keystone keeps no reason for it."""
    if service.enabled is False:
        return warning("disabled: its endpoints are left out of the catalogue")
    return ok(service.retired) if service.retired else OK


KIND = Kind(
    name="services",
    title="Services",
    aliases=("service", "catalog", "catalogue"),
    about="one row per service of the catalogue: type, name, enabled",
    system="identity",
    scope=Scope("cloud"),
    read=Rest("identity", "/services", "services"),
    wire=ServiceWire,
    row=row,
    fields=Service,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("type", "TYPE", "text", 1),
        Column("enabled", "ENABLED", "flag", 2),
        Column("purpose", "WHAT", "text", 3, help="its project and what it is for"),
        Column("retired", "RETIRED", "text", 5, wide=True, help="when OpenStack gave the project up"),
        Column("description", "DESCRIPTION", "text", 5, help="what Keystone was told"),
        Column("id", "ID", "id", 6, wide=True),
    ),
    sort=("type", "name"),
    health=health,
    rollup=Count("services"),
    links=(Link("endpoints", "service_id", "id", "its endpoints"),),
    period=60.0,
    list_command="openstack service list --long",
    show_command="openstack service show {id}",
)
