"""Cinder's pools as its scheduler knows them: what there is, what is free, what was promised to volumes.

A thin pool may promise more than it has, up to its over-subscription ratio. Drivers tell what they like: a capacity may
be `infinite` or `unknown`, what is provisioned may be missing; then it is no number here, and the health says so.
"""

from __future__ import annotations

from typing import Final

import msgspec

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import GIB, MINUTE, percent, scaled, word
from collectors.request import Rest
from collectors.rollup import Worst
from collectors.values import age, epoch, size

NEARLY_FULL: Final = 85.0
FULL: Final = 95.0
"""Percent used from which somebody should look, and from which volumes soon cannot grow; Ceph's own two marks."""

SILENT: Final = 10 * MINUTE
"""Seconds without a report (they come every minute) after which the numbers say little."""


class Capabilities(msgspec.Struct, gc=False):
    """What the driver reports; numbers may come as text."""

    total_capacity_gb: float | str | None = None
    free_capacity_gb: float | str | None = None
    provisioned_capacity_gb: float | str | None = None
    allocated_capacity_gb: float | str | None = None
    reserved_percentage: float | None = None
    max_over_subscription_ratio: float | str | None = None
    thin_provisioning_support: bool | None = None
    backend_state: str | None = None
    volume_backend_name: str | None = None
    storage_protocol: str | None = None
    vendor_name: str | None = None
    driver_version: str | None = None
    timestamp: str | None = None


class VolumePoolWire(Wire):
    """`GET /scheduler-stats/get_pools?detail=true`."""

    name: str
    capabilities: Capabilities | None = None


class VolumePool(Row, frozen=True):
    """One pool; sizes in bytes. `capacity` is the driver's word where it is no number."""

    id: str
    name: str
    service: str | None
    machine: str | None
    backend_state: str | None
    capacity: str | None
    total: int | None
    free: int | None
    used_percent: float | None
    allocated: int | None
    provisioned: int | None
    promised_percent: float | None
    over_subscription: float | None
    reserved_percent: float | None
    thin: bool | None
    volume_backend_name: str | None
    storage_protocol: str | None
    vendor: str | None
    driver_version: str | None
    reported_at: float | None


def _number(value: float | str | None) -> float | None:
    try:
        found = float(value) if value is not None else None
    except ValueError:
        return None
    return found if found is not None and abs(found) < float("inf") else None


def _gib(value: float | str | None) -> int | None:
    return scaled(_number(value), GIB)


def row(wire: VolumePoolWire, reading: Reading) -> VolumePool:
    """The name is `machine@backend#pool`; what may be promised is what is not reserved, times the ratio."""
    told = wire.capabilities or Capabilities()
    total, free, provisioned = (
        _gib(each) for each in (told.total_capacity_gb, told.free_capacity_gb, told.provisioned_capacity_gb)
    )
    reserved = told.reserved_percentage
    ratio = _number(told.max_over_subscription_ratio)
    usable = None if total is None else total * (1 - (reserved or 0.0) / 100)
    service = wire.name.partition("#")[0]
    return VolumePool(
        id=wire.name,
        name=wire.name,
        service=word(service),
        machine=word(service.partition("@")[0]),
        backend_state=word(told.backend_state),
        capacity=None if total is not None else word(str(told.total_capacity_gb or "unknown")),
        total=total,
        free=free,
        used_percent=None if free is None or total is None else percent(total - free, total),
        allocated=_gib(told.allocated_capacity_gb),
        provisioned=provisioned,
        promised_percent=None
        if usable is None
        else percent(provisioned, usable * ((ratio or 1.0) if told.thin_provisioning_support else 1.0)),
        over_subscription=ratio,
        reserved_percent=reserved,
        thin=told.thin_provisioning_support,
        volume_backend_name=word(told.volume_backend_name),
        storage_protocol=word(told.storage_protocol),
        vendor=word(told.vendor_name),
        driver_version=word(told.driver_version),
        reported_at=epoch(told.timestamp),
    )


def health(pool: VolumePool, now: float) -> Health:
    """Full or promised in full means that no volume can be made; numbers that nobody reports are none."""
    if pool.backend_state == "down":
        return critical("its back-end is down")
    silent = None if pool.reported_at is None else now - pool.reported_at
    if silent is not None and silent > SILENT:
        return unknown(f"last reported {age(silent)} ago")
    if pool.total is None or pool.free is None:
        if pool.capacity == "infinite":
            return ok("its driver knows no limit")
        return unknown("its driver does not tell how much there is")
    if pool.total == 0:
        return critical("its driver reports no capacity at all")
    used, left = pool.used_percent or 0.0, f"{size(pool.free)} of {size(pool.total)} free"
    if used >= FULL:
        return critical(f"{used:.0f} % full: {left}")
    if pool.promised_percent is not None and pool.promised_percent >= 100.0:
        return warning(f"takes no more volumes: {size(pool.provisioned or 0)} promised, all that it may")
    return warning(f"{used:.0f} % full: {left}") if used >= NEARLY_FULL else OK


KIND = Kind(
    name="volume-pools",
    title="Volume pools",
    aliases=("volume-pool", "storage-pools", "cinder-pools"),
    about="one row per pool of Cinder's back-ends: capacity, free, promised to volumes, reserved",
    system="block-storage",
    read=Rest("block-storage", "/scheduler-stats/get_pools", "pools", query=(("detail", "true"),), microversion="3.70"),
    wire=VolumePoolWire,
    row=row,
    fields=VolumePool,
    columns=(
        Column("name", "POOL", "name", 1, help="machine@backend#pool"),
        Column("used_percent", "USED", "percent", 1, help="of its capacity"),
        Column("free", "FREE", "bytes", 2),
        Column("total", "TOTAL", "bytes", 2),
        Column("allocated", "ALLOCATED", "bytes", 3, help="sizes of the volumes that this Cinder made in it"),
        Column("provisioned", "PROVISIONED", "bytes", 4, help="sizes of all volumes in it, as the driver counts them"),
        Column("promised_percent", "PROMISED", "percent", 3, help="provisioned, of what may be promised"),
        Column("over_subscription", "RATIO", "number", 5, help="how many times its capacity a thin pool may promise"),
        Column("reserved_percent", "RESERVED", "percent", 5, help="kept free by configuration"),
        Column("backend_state", "BACKEND", "status", 4, help="up or down, as the driver says"),
        Column("capacity", "CAPACITY", "text", 6, wide=True, help="the driver's word where it is no number"),
        Column("thin", "THIN", "flag", 6, wide=True, help="volumes take only what was written to them"),
        Column("storage_protocol", "PROTOCOL", "text", 6, wide=True),
        Column("volume_backend_name", "BACKEND NAME", "text", 6, wide=True, help="what volume types ask for"),
        Column("vendor", "VENDOR", "text", 6, wide=True),
        Column("driver_version", "DRIVER", "id", 6, wide=True),
        Column("reported_at", "REPORTED", "time", 5, help="when the driver last told", fresh=180.0),
        Column("service", "SERVICE", "ref", 6, wide=True),
        Column("machine", "MACHINE", "ref", 6, wide=True),
        Column("id", "ID", "id", 6, wide=True),
    ),
    sort=("name",),
    health=health,
    rollup=Worst("volume pools", "with room"),
    links=(
        Link("volumes", "host", "name", "volumes in it"),
        Link("volume-services", "host", "service", "the service that serves it"),
        Link("hosts", "name", "machine", "its host"),
    ),
    element="cinder-volume@{machine}",
    period=30.0,
    list_command="openstack volume backend pool list --long",
)
