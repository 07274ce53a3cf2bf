"""Nova's services: conductors, schedulers and one nova-compute per hypervisor, with their heartbeats.

A service reports to the database every `report_interval` (10 s); Nova calls it down after `service_down_time` (60 s).
Computes report through the conductor, so a dead conductor or broker takes all computes with it.
"""

from __future__ import annotations

from sys import intern

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Runs, Wire
from collectors.request import Rest
from collectors.rollup import Share
from collectors.values import age, epoch


class ServiceWire(Wire):
    """`GET /os-services`; `id` is a UUID from 2.53 on, a number before."""

    id: str | int
    binary: str = ""
    host: str = ""
    zone: str | None = None
    status: str | None = None
    state: str | None = None
    updated_at: str | None = None
    disabled_reason: str | None = None
    forced_down: bool | None = None


class ComputeService(Row, frozen=True):
    """One nova service."""

    id: str
    binary: str
    host: str
    zone: str | None
    status: str | None
    state: str | None
    updated_at: float | None
    disabled_reason: str | None
    forced_down: bool | None


def row(wire: ServiceWire, reading: Reading) -> ComputeService:
    """Flat already, but for the time."""
    return ComputeService(
        id=str(wire.id),
        binary=intern(wire.binary),
        host=intern(wire.host),
        zone=wire.zone,
        status=wire.status,
        state=wire.state,
        updated_at=epoch(wire.updated_at),
        disabled_reason=wire.disabled_reason or None,
        forced_down=wire.forced_down,
    )


def health(service: ComputeService, now: float) -> Health:
    """Down is critical unless the service was disabled on purpose; disabled with a reason is ok and says so."""
    silent = None if service.updated_at is None else now - service.updated_at
    if service.forced_down:
        return critical("forced down by an operator")
    if service.state == "down":
        for_how_long = "never heard" if silent is None else f"no heartbeat for {age(silent)}"
        if service.status == "disabled":
            why = f"disabled: {service.disabled_reason}" if service.disabled_reason else "disabled"
            return warning(f"{for_how_long}; {why}")
        return critical(for_how_long)
    if service.state != "up":
        return Health("unknown", f"state is {service.state or 'missing'}")
    if service.status == "disabled":
        return (
            ok(f"disabled: {service.disabled_reason}")
            if service.disabled_reason
            else warning("disabled, no reason given")
        )
    return OK


KIND = Kind(
    name="compute-services",
    title="Compute services",
    aliases=("compute-service", "cs", "nova-services"),
    about="one row per Nova process: what it is, where, and when it was last heard",
    system="compute",
    read=Rest("compute", "/os-services", "services", microversion="2.96"),
    wire=ServiceWire,
    row=row,
    fields=ComputeService,
    name_field="host",
    columns=(
        Column("binary", "BINARY", "text", 1, help="nova-compute, nova-conductor, nova-scheduler"),
        Column("host", "HOST", "name", 1),
        Column("status", "STATUS", "status", 2, help="enabled or disabled by an operator"),
        Column("state", "STATE", "status", 2, help="up or down by its heartbeat"),
        Column("updated_at", "HEARD", "time", 2, help="when it last reported", fresh=60.0),
        Column("zone", "ZONE", "text", 4),
        Column("forced_down", "FORCED", "flag", 5, wide=True),
        Column("disabled_reason", "DISABLED REASON", "text", 6, wide=True),
        Column("id", "ID", "id", 6, wide=True),
    ),
    sort=("binary", "host"),
    health=health,
    rollup=Share("compute services", "up", by="binary", well="state=up"),
    links=(
        Link("servers", "host", "host", "servers on it", when="binary=nova-compute"),
        Link("hosts", "name", "host", "its host"),
    ),
    runs=Runs(host="{host}", unit="{binary}"),
    element="{binary}@{host}",
    server_filters={"host": "host", "binary": "binary"},
    list_command="openstack compute service list",
    show_command="openstack compute service list --host {host} --service {binary}",
)
