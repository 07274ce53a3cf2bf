"""What each project's servers took in the last 28 days: hours of servers, virtual CPUs, memory and disk.

One request for all projects, at the oldest microversion: from 2.40 on Nova pages by server and hands out a project in
parts. Nova adds up its records of servers, deleted ones included, which is work for its database; so it is read when
somebody looks, and seldom.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import HOUR, joined_name
from collectors.request import Rest
from collectors.rollup import Count
from collectors.values import epoch

DAYS: Final = 28


class UsageWire(Wire):
    """`GET /os-simple-tenant-usage`; totals are hours, memory is MiB, disk GiB, each times hours."""

    tenant_id: str
    total_hours: float | None = None
    total_vcpus_usage: float | None = None
    total_memory_mb_usage: float | None = None
    total_local_gb_usage: float | None = None
    start: str | None = None
    stop: str | None = None


class Usage(Row, frozen=True):
    """One project; averages are over the whole period."""

    id: str
    project: str | None
    server_hours: float | None
    vcpu_hours: float | None
    memory_gib_hours: float | None
    disk_gib_hours: float | None
    average_vcpus: float | None
    since: float | None
    until: float | None


def _rounded(value: float | None, unit: float = 1.0) -> float | None:
    return None if value is None else round(value / unit, 2)


def row(wire: UsageWire, reading: Reading) -> Usage:
    """Nova's period is the one that it says, not the one that was asked for."""
    since, until = epoch(wire.start), epoch(wire.stop)
    hours = (until - since) / HOUR if since is not None and until is not None and until > since else None
    return Usage(
        id=wire.tenant_id,
        project=joined_name(reading, "projects", wire.tenant_id),
        server_hours=_rounded(wire.total_hours),
        vcpu_hours=_rounded(wire.total_vcpus_usage),
        memory_gib_hours=_rounded(wire.total_memory_mb_usage, 1024.0),
        disk_gib_hours=_rounded(wire.total_local_gb_usage),
        average_vcpus=_rounded(wire.total_vcpus_usage, hours) if hours else None,
        since=since,
        until=until,
    )


def health(usage: Usage, now: float) -> Health:
    """Use is no fault."""
    return OK


KIND = Kind(
    name="usages",
    title="Usage by project",
    aliases=("usage", "project-usage"),
    about="one row per project with servers in the last 28 days: hours of CPUs, memory and disk",
    system="compute",
    read=Rest("compute", "/os-simple-tenant-usage", "tenant_usages", days=DAYS),
    wire=UsageWire,
    row=row,
    fields=Usage,
    name_field="project",
    columns=(
        Column("project", "PROJECT", "name", 1, joined=True),
        Column("server_hours", "SERVER HOURS", "number", 2),
        Column("vcpu_hours", "VCPU HOURS", "number", 2),
        Column("memory_gib_hours", "GIB HOURS", "number", 3, help="memory"),
        Column("disk_gib_hours", "DISK GIB HOURS", "number", 4, help="disks of flavors, volumes not counted"),
        Column("average_vcpus", "VCPUS", "number", 3, help="on average over the period"),
        Column("since", "SINCE", "time", 6, wide=True),
        Column("until", "UNTIL", "time", 6, wide=True),
        Column("id", "PROJECT ID", "ref", 4),
    ),
    sort=("project",),
    health=health,
    rollup=Count("projects"),
    links=(
        Link("projects", "id", "id", "its project"),
        Link("servers", "project_id", "id", "its servers"),
    ),
    joins=("projects",),
    period=300.0,
    deadline=120.0,
    list_command="openstack usage list",
    show_command="openstack usage show --project {id}",
)
