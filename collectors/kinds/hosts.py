"""The machines of the site: load, memory, disks, when they booted and what they run, read over SSH.

All facts of a host come in one round trip. A host that cannot be read is still a row, with the reason: that is what
one wants to know first. Sizes are bytes, shares are whole percent, as df rounds them.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Scope, Wire
from collectors.kinds._shared import MINUTE, ago, listed, word
from collectors.request import HostCommands
from collectors.rollup import Share
from collectors.trend import Trend
from collectors.values import size

DISK_WARNING, DISK_CRITICAL = 85, 95
"""Percent used of a file system. Galera, RabbitMQ and Ceph stop some way before 100."""
MEMORY_WARNING, MEMORY_CRITICAL = 95, 99
"""Percent that is not available. Computes are meant to be nearly full."""
LOAD_WARNING = 2.0
"""Load of the last five minutes per processor."""
REBOOTED = 15 * MINUTE
"""A boot younger than this is worth a look: was it meant?"""


class DiskWire(msgspec.Struct, gc=False):
    """One file system, as df prints it, in bytes."""

    mount: str
    size: int
    available: int
    share: int


class HostWire(Wire):
    """The facts of one host; `trouble` alone when it could not be read."""

    host: str
    address: str = ""
    roles: str = ""
    trouble: str | None = None
    answers: bool | None = None
    load_1: float | None = None
    load_5: float | None = None
    load_15: float | None = None
    cpus: int | None = None
    memory_total: int | None = None
    memory_available: int | None = None
    swap_total: int | None = None
    swap_free: int | None = None
    disks: list[DiskWire] | None = None
    booted: float | None = None
    boot_id: str | None = None
    kernel: str | None = None
    os: str | None = None
    failed: dict[str, str] = msgspec.field(default_factory=dict)


class Host(Row, frozen=True):
    """One machine."""

    name: str
    address: str | None
    roles: str | None
    answers: bool | None
    load_1: float | None
    load_5: float | None
    load_15: float | None
    load_per_cpu: float | None
    cpus: int | None
    memory_used: int | None
    memory_total: int | None
    memory_available: int | None
    swap_used: int | None
    disk_used: int | None
    disk: str | None
    disk_available: int | None
    disks: str | None
    booted: float | None
    boot_id: str | None
    os: str | None
    kernel: str | None
    trouble: str | None
    not_read: str | None


def _used(total: int | None, free: int | None) -> int | None:
    """Whole percent of `total` that is not free."""
    return None if not total or free is None else round(100 * (total - free) / total)


def row(wire: HostWire, reading: Reading) -> Host:
    """Shares are computed; of the disks the fullest one stands for all."""
    fullest = max(wire.disks or (), key=lambda disk: disk.share, default=None)
    return Host(
        name=word(wire.host) or "",
        address=wire.address or None,
        roles=word(wire.roles),
        answers=wire.answers if wire.trouble else True,
        load_1=wire.load_1,
        load_5=wire.load_5,
        load_15=wire.load_15,
        load_per_cpu=None if wire.load_5 is None or not wire.cpus else round(wire.load_5 / wire.cpus, 2),
        cpus=wire.cpus,
        memory_used=_used(wire.memory_total, wire.memory_available),
        memory_total=wire.memory_total,
        memory_available=wire.memory_available,
        swap_used=_used(wire.swap_total, wire.swap_free),
        disk_used=fullest.share if fullest else None,
        disk=word(fullest.mount) if fullest else None,
        disk_available=fullest.available if fullest else None,
        disks=listed(f"{disk.mount} {disk.share}% of {size(disk.size)}" for disk in wire.disks or ()),
        booted=wire.booted,
        boot_id=wire.boot_id,
        os=word(wire.os),
        kernel=word(wire.kernel),
        trouble=wire.trouble,
        not_read=listed(f"{name}: {why}" for name, why in wire.failed.items()),
    )


def health(host: Host, now: float) -> Health:
    """No answer is critical; else the worst of disks, memory, load and a fresh boot, all of the same level told."""
    if host.trouble is not None:
        return critical(host.trouble) if host.answers is False else unknown(host.trouble)
    found = sorted(_complaints(host, now), key=lambda complaint: complaint.rank)
    if not found:
        return OK
    level = found[0].level
    return Health(level, "; ".join(complaint.reason for complaint in found if complaint.level == level))


def _complaints(host: Host, now: float) -> Iterator[Health]:
    if host.disk_used is not None and host.disk_used > DISK_WARNING:
        left = f", {size(host.disk_available)} left" if host.disk_available is not None else ""
        text = f"{host.disk} is {host.disk_used} % full{left}"
        yield critical(text) if host.disk_used > DISK_CRITICAL else warning(text)
    if host.memory_used is not None and host.memory_used >= MEMORY_WARNING:
        text = f"memory {host.memory_used} % used"
        yield critical(text) if host.memory_used >= MEMORY_CRITICAL else warning(text)
    if host.load_per_cpu is not None and host.load_per_cpu >= LOAD_WARNING:
        yield warning(f"load {host.load_5:g} on {host.cpus} processors")
    if host.booted is not None and 0 <= now - host.booted < REBOOTED:
        yield warning(f"rebooted {ago(now - host.booted)}")
    if host.not_read:
        yield unknown(f"not read: {host.not_read}")


KIND = Kind(
    name="hosts",
    title="Hosts",
    aliases=("host", "machines", "nodes"),
    about="one row per machine: load, memory, disks, boot, system and kernel",
    system="hosts",
    scope=Scope("host"),
    read=HostCommands(("clock", "load", "memory", "cpus", "boot-time", "boot-id", "kernel", "os", "disks")),
    wire=HostWire,
    row=row,
    fields=Host,
    key="name",
    columns=(
        Column("name", "HOST", "name", 1),
        Column("roles", "ROLES", "text", 3),
        Column("answers", "ANSWERS", "flag", 5, help="sshd there answers; what it said is the reason"),
        Column("load_1", "LOAD", "number", 2, help="of the last minute"),
        Column("load_per_cpu", "PER CPU", "number", 3, help="load of the last five minutes per processor"),
        Column("memory_used", "MEMORY", "percent", 2, help="share that is not available to new processes"),
        Column("disk_used", "DISK", "percent", 2, help="of the fullest file system"),
        Column("disk", "FULLEST", "text", 4, help="where the fullest file system is mounted"),
        Column("booted", "BOOTED", "time", 3, fresh=0.0),
        Column("kernel", "KERNEL", "text", 5),
        Column("os", "SYSTEM", "text", 5),
        Column("cpus", "CPUS", "number", 6),
        Column("memory_total", "RAM", "bytes", 6),
        Column("address", "ADDRESS", "text", 6),
        Column("disks", "DISKS", "text", 7, wide=True),
        Column("disk_available", "DISK LEFT", "bytes", 7, wide=True, help="on the fullest file system"),
        Column("memory_available", "AVAILABLE", "bytes", 7, wide=True),
        Column("swap_used", "SWAP", "percent", 7, wide=True),
        Column("load_5", "LOAD 5", "number", 7, wide=True),
        Column("load_15", "LOAD 15", "number", 7, wide=True),
        Column("boot_id", "BOOT ID", "id", 8, wide=True, help="another one after each boot"),
        Column("trouble", "TROUBLE", "text", 8, wide=True, help="why it could not be read"),
        Column("not_read", "NOT READ", "text", 8, wide=True, help="what of it could not be read"),
    ),
    trends=(
        Trend("load of the last minute", "load_1", ceiling=1.0, query="max(node_load1{instance=~@name})"),
        Trend(
            "memory used",
            "memory_used",
            ceiling=100.0,
            query=(
                "100 - 100 * max(node_memory_MemAvailable_bytes{instance=~@name})"
                " / max(node_memory_MemTotal_bytes{instance=~@name})"
            ),
        ),
        Trend(
            "use of the file system that is the fullest now",
            "disk_used",
            ceiling=100.0,
            query=(
                "100 - 100 * max(node_filesystem_avail_bytes{instance=~@name,mountpoint=$disk})"
                " / max(node_filesystem_size_bytes{instance=~@name,mountpoint=$disk})"
            ),
        ),
    ),
    sort=("name",),
    health=health,
    rollup=Share("hosts", "up", by="roles", well="answers=true", silent="critical"),
    links=(
        Link("units", "host", "name", "units on it"),
        Link("compute-services", "host", "name", "Nova services on it"),
        Link("agents", "host", "name", "network agents on it"),
        Link("interfaces", "host", "name", "its interfaces"),
        Link("bridges", "host", "name", "bridges on it"),
        Link("namespaces", "host", "name", "namespaces on it"),
        Link("firewall-rules", "host", "name", "its firewall"),
        Link("sockets", "host", "name", "who talks to it"),
        Link("disk-usages", "host", "name", "what fills its disk"),
        Link("servers", "host", "name", "servers on it"),
    ),
    runs=Runs(host="{name}"),
    element="{name}",
    server_filters={"name": "host"},
    period=15.0,
    show_command="ssh {name} uptime",
)
