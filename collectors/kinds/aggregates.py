"""Nova's host aggregates: groups of hosts, some of them availability zones, with metadata that the scheduler heeds.

What their hosts have and have promised is summed up from the hypervisors: the machines' own processors and memory. How
far the scheduler may promise more than that is each resource provider's own ratio, which costs a request per host.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from collectors.health import OK, Health, ok
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import listed, pairs, percent
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch


class AggregateWire(Wire):
    """`GET /os-aggregates`; `uuid` from 2.41 on."""

    id: str | int
    uuid: str | None = None
    name: str = ""
    availability_zone: str | None = None
    hosts: list[str] | None = None
    metadata: dict[str, str] | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Aggregate(Row, frozen=True):
    """One aggregate."""

    id: str
    name: str
    availability_zone: str | None
    host_count: int
    hosts: str | None
    metadata: str | None
    servers: int | None
    vcpus_used: int | None
    vcpus: int | None
    memory_used: int | None
    memory: int | None
    memory_percent: float | None
    created_at: float | None
    updated_at: float | None
    uuid: str | None


def _sum(hypervisors: Iterable[Any], name: str) -> int | None:
    """The sum of what is known; None when nothing is."""
    found = [value for each in hypervisors if (value := getattr(each, name, None)) is not None]
    return sum(found) if found else None


def row(wire: AggregateWire, reading: Reading) -> Aggregate:
    """Hosts and metadata become text; the zone, which has a column, is left out of the metadata."""
    metadata = {k: v for k, v in (wire.metadata or {}).items() if k != "availability_zone"}
    hosts = set(wire.hosts or ())
    ours = [each for each in reading.joins.get("hypervisors", {}).values() if (each.host or each.name) in hosts]
    memory_used, memory = _sum(ours, "memory_used"), _sum(ours, "memory")
    return Aggregate(
        id=str(wire.id),
        name=wire.name,
        availability_zone=wire.availability_zone,
        host_count=len(wire.hosts or ()),
        hosts=listed(wire.hosts),
        metadata=pairs(metadata),
        servers=_sum(ours, "running_vms"),
        vcpus_used=_sum(ours, "vcpus_used"),
        vcpus=_sum(ours, "vcpus"),
        memory_used=memory_used,
        memory=memory,
        memory_percent=percent(memory_used, memory),
        created_at=epoch(wire.created_at),
        updated_at=epoch(wire.updated_at),
        uuid=wire.uuid,
    )


def health(aggregate: Aggregate, now: float) -> Health:
    """An empty group is no fault, but servers that ask for its zone find no host."""
    return OK if aggregate.host_count else ok("no hosts in it")


KIND = Kind(
    name="aggregates",
    title="Host aggregates",
    aliases=("aggregate", "availability-zones"),
    about="one row per group of hosts: zone, hosts, what they have and have promised, metadata",
    system="compute",
    read=Rest("compute", "/os-aggregates", "aggregates", microversion="2.96"),
    wire=AggregateWire,
    row=row,
    fields=Aggregate,
    columns=(
        Column("name", "NAME", "name", 1),
        Column("availability_zone", "ZONE", "text", 2),
        Column("host_count", "COUNT", "number", 3, help="hosts in it"),
        Column("hosts", "HOSTS", "text", 3),
        Column("servers", "VMS", "number", 3, help="servers on them", joined=True),
        Column("memory_percent", "MEM", "percent", 3, help="memory promised, of what the hosts have", joined=True),
        Column("vcpus_used", "VCPUS USED", "number", 4, help="virtual CPUs promised to servers", joined=True),
        Column("vcpus", "CPUS", "number", 5, help="physical CPU threads of the hosts", joined=True),
        Column("memory_used", "MEMORY USED", "bytes", 6, wide=True, joined=True),
        Column("memory", "MEMORY", "bytes", 6, wide=True, joined=True),
        Column("metadata", "METADATA", "text", 4, help="properties that flavors and images are matched with"),
        Column("updated_at", "CHANGED", "time", 6, wide=True),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("uuid", "UUID", "id", 6, wide=True),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("aggregates"),
    links=(
        Link("compute-services", "zone", "availability_zone", "services in its zone"),
        Link("servers", "zone", "availability_zone", "servers in its zone"),
    ),
    joins=("hypervisors",),
    period=60.0,
    list_command="openstack aggregate list --long",
    show_command="openstack aggregate show {id}",
)
