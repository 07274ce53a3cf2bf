"""Placement's resource providers: what the scheduler thinks there is to give, as a tree.

A hypervisor's provider has the hypervisor's id. Inventories and usages cost a request each, so they are read only for
the provider that is described.
"""

from __future__ import annotations

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.request import Rest
from collectors.rollup import Count


class ResourceProviderWire(Wire):
    """`GET /resource_providers`; parent and root from 1.14 on."""

    uuid: str
    name: str = ""
    generation: int | None = None
    parent_provider_uuid: str | None = None
    root_provider_uuid: str | None = None


class ResourceProvider(Row, frozen=True):
    """One resource provider."""

    id: str
    name: str
    generation: int | None
    parent: str | None
    root: str | None


def row(wire: ResourceProviderWire, reading: Reading) -> ResourceProvider:
    """Placement calls its ids uuids."""
    return ResourceProvider(
        id=wire.uuid,
        name=wire.name,
        generation=wire.generation,
        parent=wire.parent_provider_uuid,
        root=wire.root_provider_uuid,
    )


def health(provider: ResourceProvider, now: float) -> Health:
    """A provider is a record; whether it agrees with Nova is a runbook's question."""
    return OK


KIND = Kind(
    name="resource-providers",
    title="Resource providers",
    aliases=("resource-provider", "rp", "providers"),
    about="one row per provider of CPUs, memory or devices that Placement knows",
    system="placement",
    read=Rest("placement", "/resource_providers", "resource_providers", microversion="1.39"),
    wire=ResourceProviderWire,
    row=row,
    fields=ResourceProvider,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("generation", "GENERATION", "number", 3, help="rises with every change of its inventory"),
        Column("parent", "PARENT", "ref", 4, help="the provider that it is part of"),
        Column("root", "ROOT", "ref", 6, wide=True, help="the top of its tree"),
        Column("id", "ID", "id", 2),
    ),
    sort=("name",),
    health=health,
    rollup=Count("resource providers"),
    links=(
        Link("hypervisors", "id", "id", "its hypervisor"),
        Link("resource-providers", "parent", "id", "providers below it"),
    ),
    server_filters={"name": "name", "id": "uuid"},
    period=60.0,
    list_command="openstack resource provider list",
    show_command="openstack resource provider show {id}",
    describe=Rest("placement", "/resource_providers/{parent}/usages", "usages", microversion="1.39", single=True),
)
