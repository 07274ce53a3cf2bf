"""Cinder's services: schedulers, backups and one cinder-volume per back-end, with their heartbeats.

A cinder-volume may be up while its back-end is not: then `backend_state` says down. Cinder gives services no id, so
binary and host together are the key.
"""

from __future__ import annotations

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.request import Rest
from collectors.rollup import Share
from collectors.values import age, epoch


class VolumeServiceWire(Wire):
    """`GET /os-services`; `backend_state` from 3.49 on."""

    binary: str = ""
    host: str = ""
    zone: str | None = None
    status: str | None = None
    state: str | None = None
    updated_at: str | None = None
    disabled_reason: str | None = None
    backend_state: str | None = None
    cluster: str | None = None
    replication_status: str | None = None
    active_backend_id: str | None = None
    frozen: bool | None = None


class VolumeService(Row, frozen=True):
    """One Cinder service."""

    id: str
    binary: str
    host: str
    machine: str
    status: str | None
    state: str | None
    backend_state: str | None
    updated_at: float | None
    zone: str | None
    cluster: str | None
    replication_status: str | None
    active_backend_id: str | None
    frozen: bool | None
    disabled_reason: str | None


def row(wire: VolumeServiceWire, reading: Reading) -> VolumeService:
    """`host` is `machine@backend` for a cinder-volume."""
    return VolumeService(
        id=f"{wire.binary}@{wire.host}" if wire.binary or wire.host else "",
        binary=word(wire.binary) or "",
        host=word(wire.host) or "",
        machine=word(wire.host.partition("@")[0]) or "",
        status=word(wire.status),
        state=word(wire.state),
        backend_state=word(wire.backend_state),
        updated_at=epoch(wire.updated_at),
        zone=word(wire.zone),
        cluster=word(wire.cluster),
        replication_status=word(wire.replication_status),
        active_backend_id=wire.active_backend_id or None,
        frozen=wire.frozen,
        disabled_reason=wire.disabled_reason or None,
    )


def health(service: VolumeService, now: float) -> Health:
    """Down is critical unless it was disabled on purpose; a back-end that is down takes its volumes with it."""
    disabled = f"disabled: {service.disabled_reason}" if service.disabled_reason else "disabled, no reason given"
    if service.state == "down":
        silent = None if service.updated_at is None else now - service.updated_at
        for_how_long = "never heard" if silent is None else f"no heartbeat for {age(silent)}"
        return warning(f"{for_how_long}; {disabled}") if service.status == "disabled" else critical(for_how_long)
    if service.state != "up":
        return unknown(f"state is {service.state or 'missing'}")
    if service.backend_state == "down":
        return critical("up, but its back-end is down")
    if service.status == "disabled":
        return ok(disabled) if service.disabled_reason else warning(disabled)
    if service.replication_status == "failed-over":
        return warning(f"failed over to {service.active_backend_id or 'its replica'}")
    if service.frozen:
        return ok("frozen: its volumes cannot be changed")
    return OK


KIND = Kind(
    name="volume-services",
    title="Volume services",
    aliases=("volume-service", "vs", "cinder-services"),
    about="one row per Cinder process: what it is, where, back-end, last heartbeat",
    system="block-storage",
    read=Rest("block-storage", "/os-services", "services", microversion="3.70"),
    wire=VolumeServiceWire,
    row=row,
    fields=VolumeService,
    name_field="host",
    columns=(
        Column("binary", "BINARY", "text", 1, help="cinder-volume, cinder-scheduler, cinder-backup"),
        Column("host", "HOST", "name", 1, help="machine@backend"),
        Column("status", "STATUS", "status", 2, help="enabled or disabled by an operator"),
        Column("state", "STATE", "status", 2, help="up or down by its heartbeat"),
        Column("backend_state", "BACKEND", "status", 3, help="up or down, as the driver says"),
        Column("updated_at", "HEARD", "time", 2, help="when it last reported", fresh=60.0),
        Column("zone", "ZONE", "text", 4),
        Column("cluster", "CLUSTER", "text", 5),
        Column("replication_status", "REPLICATION", "status", 6, wide=True),
        Column("active_backend_id", "ACTIVE BACKEND", "text", 6, wide=True),
        Column("frozen", "FROZEN", "flag", 6, wide=True),
        Column("machine", "MACHINE", "ref", 6, wide=True),
        Column("disabled_reason", "DISABLED REASON", "text", 6, wide=True),
        Column("id", "ID", "id", 6, wide=True),
    ),
    sort=("binary", "host"),
    health=health,
    rollup=Share("volume services", "up", by="binary", well="state=up"),
    links=(
        Link("hosts", "name", "machine", "its host"),
        Link("volume-pools", "service", "host", "its pools", when="binary=cinder-volume"),
    ),
    element="{binary}@{machine}",
    server_filters={"host": "host", "binary": "binary"},
    list_command="openstack volume service list --long",
    show_command="openstack volume service list --host {host} --service {binary}",
)
