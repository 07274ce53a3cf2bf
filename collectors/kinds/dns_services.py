"""Designate's processes (central, producer, worker, mDNS) and their heartbeats."""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import MINUTE, word
from collectors.request import Rest
from collectors.rollup import Share
from collectors.values import age, epoch

SILENT: Final = MINUTE
"""Seconds without a heartbeat (they come every few) after which one is gone, whatever its last word was."""


class DnsServiceWire(Wire):
    """`GET /service_statuses`."""

    id: str
    service_name: str = ""
    hostname: str | None = None
    status: str | None = None
    heartbeated_at: str | None = None
    created_at: str | None = None


class DnsService(Row, frozen=True):
    """One process."""

    id: str
    service: str
    host: str | None
    status: str | None
    heartbeat_at: float | None
    created_at: float | None


def row(wire: DnsServiceWire, reading: Reading) -> DnsService:
    """Designate says `central`, its unit is `designate-central`."""
    return DnsService(
        id=wire.id,
        service=word(wire.service_name) or "",
        host=word(wire.hostname),
        status=word(wire.status),
        heartbeat_at=epoch(wire.heartbeated_at),
        created_at=epoch(wire.created_at),
    )


def health(service: DnsService, now: float) -> Health:
    """The stored status stays UP when a process dies, only its heartbeat tells; one that is stopped says so before."""
    silent = None if service.heartbeat_at is None else now - service.heartbeat_at
    if silent is not None and silent > SILENT:
        return critical(f"no heartbeat for {age(silent)}")
    match service.status:
        case "UP":
            return OK
        case "DOWN" | "STOPPED":
            return critical(service.status.lower())
        case "WARNING":
            return warning("it warns: see its log")
        case _:
            return unknown(f"status is {service.status or 'missing'}")


KIND = Kind(
    name="dns-services",
    title="DNS services",
    aliases=("dns-service", "designate-services"),
    about="one row per Designate process: what it is, where, last heartbeat",
    system="dns",
    optional=True,
    read=Rest("dns", "/service_statuses", "service_statuses", page=1000),
    wire=DnsServiceWire,
    row=row,
    fields=DnsService,
    name_field="host",
    columns=(
        Column("service", "SERVICE", "text", 1, help="central, producer, worker, mdns"),
        Column("host", "HOST", "name", 1),
        Column("status", "STATUS", "status", 1, help="what it last said of itself"),
        Column("heartbeat_at", "HEARD", "time", 2, fresh=30.0),
        Column("created_at", "CREATED", "time", 6, wide=True),
        Column("id", "ID", "id", 6, wide=True),
    ),
    sort=("service", "host"),
    health=health,
    rollup=Share("DNS services", "up", by="service"),
    links=(Link("hosts", "name", "host", "its host"),),
    element="designate-{service}@{host}",
    period=30.0,
    list_command="openstack dns service list",
    show_command="openstack dns service show {id}",
)
