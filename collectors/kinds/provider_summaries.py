"""What each provider has left, as Placement counts it: capacity (with its ratio, less what is reserved) and used.

One request for all hosts: the summaries that come with allocation candidates for a MiB of memory. Providers that have
not even that left are not in the answer.
"""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import MIB, joined_name, percent, scaled
from collectors.request import Rest
from collectors.rollup import Count


class Counted(msgspec.Struct, gc=False):
    """One resource class of a provider."""

    capacity: int = 0
    used: int = 0


class SummaryWire(Wire):
    """One member of `provider_summaries`; its name is the provider's id."""

    name: str
    resources: dict[str, Counted] | None = None
    root_provider_uuid: str | None = None


class Summary(Row, frozen=True):
    """What one provider has left; memory in bytes."""

    id: str
    name: str | None
    vcpus: int | None
    vcpus_used: int | None
    memory: int | None
    memory_used: int | None
    memory_percent: float | None
    disk: int | None
    disk_used: int | None
    root: str | None


def row(wire: SummaryWire, reading: Reading) -> Summary:
    """The three classes that every flavor asks for."""
    found = wire.resources or {}
    vcpu, memory, disk = (found.get(name) for name in ("VCPU", "MEMORY_MB", "DISK_GB"))
    return Summary(
        id=wire.name,
        name=joined_name(reading, "hypervisors", wire.name),
        vcpus=vcpu.capacity if vcpu else None,
        vcpus_used=vcpu.used if vcpu else None,
        memory=scaled(memory.capacity, MIB) if memory else None,
        memory_used=scaled(memory.used, MIB) if memory else None,
        memory_percent=percent(memory.used, memory.capacity) if memory else None,
        disk=scaled(disk.capacity, 1 << 30) if disk else None,
        disk_used=scaled(disk.used, 1 << 30) if disk else None,
        root=wire.root_provider_uuid,
    )


def health(summary: Summary, now: float) -> Health:
    """A full host is no fault of its own."""
    return OK


KIND = Kind(
    name="provider-summaries",
    title="Provider summaries",
    aliases=("provider-summary",),
    about="one row per provider with memory left: what it may give, and what is given",
    system="placement",
    read=Rest(
        "placement",
        "/allocation_candidates",
        "provider_summaries",
        query=(("resources", "MEMORY_MB:1"),),
        microversion="1.39",
        members=True,
    ),
    wire=SummaryWire,
    row=row,
    fields=Summary,
    columns=(
        Column("name", "HYPERVISOR", "name", 1, joined=True),
        Column("vcpus_used", "VCPUS USED", "number", 2),
        Column("vcpus", "VCPUS", "number", 2, help="with its allocation ratio, less what is reserved"),
        Column("memory_percent", "MEM", "percent", 2),
        Column("memory_used", "MEMORY USED", "bytes", 3),
        Column("memory", "MEMORY", "bytes", 3),
        Column("disk_used", "DISK USED", "bytes", 4),
        Column("disk", "DISK", "bytes", 4),
        Column("root", "ROOT", "ref", 6, wide=True, help="the top of its tree"),
        Column("id", "ID", "id", 5),
    ),
    sort=("name",),
    health=health,
    rollup=Count("providers with room"),
    detail=True,
    links=(Link("hypervisors", "id", "id", "its hypervisor"), Link("resource-providers", "id", "id", "its provider")),
    joins=("hypervisors",),
    period=60.0,
    list_command="openstack allocation candidate list --resource MEMORY_MB=1",
)
