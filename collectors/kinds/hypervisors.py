"""Nova's hypervisors: what each compute node has and how much of it is used.

Read at microversion 2.87, the last one whose list carries usage: one paged request for all of them. Later ones leave
that to Placement, which is asked only for the hypervisor that is described (its provider has the same id).
"""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Wire
from collectors.kinds._shared import GIB, MIB, percent, scaled, word
from collectors.request import Rest
from collectors.rollup import Share
from collectors.trend import Trend
from collectors.values import size


class HypervisorService(msgspec.Struct, gc=False):
    """The nova-compute that runs it."""

    host: str | None = None
    disabled_reason: str | None = None


class HypervisorWire(Wire):
    """`GET /os-hypervisors/detail`; `id` is a UUID from 2.53 on, a number before."""

    id: str | int
    hypervisor_hostname: str = ""
    state: str | None = None
    status: str | None = None
    hypervisor_type: str | None = None
    hypervisor_version: int | None = None
    host_ip: str | None = None
    service: HypervisorService | None = None
    running_vms: int | None = None
    vcpus: int | None = None
    vcpus_used: int | None = None
    memory_mb: int | None = None
    memory_mb_used: int | None = None
    local_gb: int | None = None
    local_gb_used: int | None = None
    disk_available_least: int | None = None


class Hypervisor(Row, frozen=True):
    """One hypervisor; sizes in bytes."""

    id: str
    name: str
    state: str | None
    status: str | None
    running_vms: int | None
    vcpus: int | None
    vcpus_used: int | None
    memory: int | None
    memory_used: int | None
    memory_percent: float | None
    disk: int | None
    disk_used: int | None
    disk_available_least: int | None
    host_ip: str | None
    host: str | None
    hypervisor_type: str | None
    hypervisor_version: int | None
    disabled_reason: str | None


def row(wire: HypervisorWire, reading: Reading) -> Hypervisor:
    """Units become bytes."""
    service = wire.service or HypervisorService()
    return Hypervisor(
        id=str(wire.id),
        name=wire.hypervisor_hostname,
        state=word(wire.state),
        status=word(wire.status),
        running_vms=wire.running_vms,
        vcpus=wire.vcpus,
        vcpus_used=wire.vcpus_used,
        memory=scaled(wire.memory_mb, MIB),
        memory_used=scaled(wire.memory_mb_used, MIB),
        memory_percent=percent(wire.memory_mb_used, wire.memory_mb),
        disk=scaled(wire.local_gb, GIB),
        disk_used=scaled(wire.local_gb_used, GIB),
        disk_available_least=scaled(wire.disk_available_least, GIB),
        host_ip=wire.host_ip,
        host=word(service.host),
        hypervisor_type=word(wire.hypervisor_type),
        hypervisor_version=wire.hypervisor_version,
        disabled_reason=service.disabled_reason or None,
    )


def health(hypervisor: Hypervisor, now: float) -> Health:
    """Down is critical unless its service was disabled on purpose; sparse disks may promise more than there is."""
    disabled = f"disabled: {hypervisor.disabled_reason}" if hypervisor.disabled_reason else "disabled, no reason given"
    if hypervisor.state == "down":
        if hypervisor.status == "disabled":
            return warning(f"down; {disabled}")
        number = hypervisor.running_vms
        guests = f"; {number} server{'' if number == 1 else 's'} on it" if number else ""
        return critical(f"down: its nova-compute is not heard{guests}")
    if hypervisor.state != "up":
        return unknown(f"state is {hypervisor.state or 'missing'}")
    if hypervisor.status == "disabled":
        return ok(disabled) if hypervisor.disabled_reason else warning(disabled)
    if hypervisor.disk_available_least is not None and hypervisor.disk_available_least < 0:
        return warning(f"its disks are promised {size(-hypervisor.disk_available_least)} more than there is")
    return OK


KIND = Kind(
    name="hypervisors",
    title="Hypervisors",
    aliases=("hypervisor", "hv"),
    about="one row per compute node: state, servers, CPUs, memory and disk used",
    system="compute",
    read=Rest("compute", "/os-hypervisors/detail", "hypervisors", microversion="2.87", page=1000),
    wire=HypervisorWire,
    row=row,
    fields=Hypervisor,
    columns=(
        Column("name", "HYPERVISOR", "name", 1),
        Column("state", "STATE", "status", 2, help="up or down by its nova-compute"),
        Column("status", "STATUS", "status", 2, help="enabled or disabled by an operator"),
        Column("running_vms", "VMS", "number", 2, help="servers on it"),
        Column("vcpus_used", "VCPUS USED", "number", 3, help="virtual CPUs promised to servers"),
        Column("vcpus", "CPUS", "number", 4, help="physical CPU threads"),
        Column("memory_percent", "MEM", "percent", 3, help="memory promised, of what the host has"),
        Column("memory_used", "MEMORY USED", "bytes", 4),
        Column("memory", "MEMORY", "bytes", 4),
        Column("disk_used", "DISK USED", "bytes", 5, help="on the hypervisor itself, not on shared storage"),
        Column("disk", "DISK", "bytes", 5),
        Column("disk_available_least", "DISK LEAST", "bytes", 6, wide=True, help="free if every sparse disk fills up"),
        Column("host_ip", "ADDRESS", "text", 5),
        Column("host", "HOST", "ref", 6, wide=True, help="the host of its nova-compute"),
        Column("hypervisor_type", "TYPE", "text", 6, wide=True),
        Column("hypervisor_version", "VERSION", "id", 6, wide=True),
        Column("disabled_reason", "DISABLED REASON", "text", 6, wide=True),
        Column("id", "ID", "id", 6, wide=True),
    ),
    trends=(
        Trend("virtual CPUs used", "vcpus_used", query="max(openstack_nova_vcpus_used{hostname=$name})"),
        Trend(
            "memory promised to servers",
            "memory_percent",
            ceiling=100.0,
            query=(
                "100 * max(openstack_nova_memory_used_bytes{hostname=$name})"
                " / max(openstack_nova_memory_available_bytes{hostname=$name})"
            ),
        ),
        Trend("servers", "running_vms", query="max(openstack_nova_running_vms{hostname=$name})"),
    ),
    sort=("name",),
    health=health,
    rollup=Share("hypervisors", "up", well="state=up"),
    links=(
        Link("servers", "host", "host", "servers on it"),
        Link("compute-services", "host", "host", "its nova-compute"),
        Link("resource-providers", "id", "id", "what Placement says"),
        Link("hosts", "name", "host", "its host"),
    ),
    runs=Runs(host="{host}", unit="nova-compute"),
    element="nova-compute@{host}",
    period=30.0,
    deadline=60.0,
    list_command="openstack --os-compute-api-version 2.87 hypervisor list --long",
    show_command="openstack hypervisor show {id}",
    describe=Rest(
        "placement", "/resource_providers/{parent}/inventories", "inventories", microversion="1.39", single=True
    ),
)
