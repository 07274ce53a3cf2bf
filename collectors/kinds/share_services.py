"""Manila's services: schedulers, data movers and one manila-share per back-end, with their heartbeats."""

from __future__ import annotations

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.request import Rest
from collectors.rollup import Share
from collectors.values import age, epoch


class ShareServiceWire(Wire):
    """`GET /services`; `disabled_reason` from 2.83 on."""

    id: int | str
    binary: str = ""
    host: str = ""
    zone: str | None = None
    status: str | None = None
    state: str | None = None
    disabled_reason: str | None = None
    updated_at: str | None = None


class ShareService(Row, frozen=True):
    """One Manila service."""

    id: str
    binary: str
    host: str
    machine: str | None
    status: str | None
    state: str | None
    updated_at: float | None
    zone: str | None
    disabled_reason: str | None


def row(wire: ShareServiceWire, reading: Reading) -> ShareService:
    """`host` is `machine@backend` for a manila-share."""
    return ShareService(
        id=str(wire.id),
        binary=word(wire.binary) or "",
        host=word(wire.host) or "",
        machine=word(wire.host.partition("@")[0]),
        status=word(wire.status),
        state=word(wire.state),
        updated_at=epoch(wire.updated_at),
        zone=word(wire.zone),
        disabled_reason=wire.disabled_reason or None,
    )


def health(service: ShareService, now: float) -> Health:
    """Down (or stopped, as it says when it ends in order) is critical unless it was disabled on purpose.

    Before 2.83 Manila has no word for the reason.
    """
    disabled = f"disabled: {service.disabled_reason}" if service.disabled_reason else "disabled, no reason given"
    if service.state in ("down", "stopped"):
        silent = None if service.updated_at is None else now - service.updated_at
        why = "never heard" if silent is None else f"no heartbeat for {age(silent)}"
        if service.state == "stopped":
            why = "stopped"
        return warning(f"{why}; {disabled}") if service.status == "disabled" else critical(why)
    if service.state != "up":
        return unknown(f"state is {service.state or 'missing'}")
    if service.status == "disabled":
        return ok(disabled) if service.disabled_reason else warning(disabled)
    return OK


KIND = Kind(
    name="share-services",
    title="Share services",
    aliases=("share-service", "manila-services"),
    about="one row per Manila process: what it is, where, back-end, last heartbeat",
    system="shared-file-system",
    optional=True,
    read=Rest("shared-file-system", "/services", "services", microversion="2.83"),
    wire=ShareServiceWire,
    row=row,
    fields=ShareService,
    name_field="host",
    columns=(
        Column("binary", "BINARY", "text", 1, help="manila-share, manila-scheduler, manila-data"),
        Column("host", "HOST", "name", 1, help="machine@backend"),
        Column("status", "STATUS", "status", 2, help="enabled or disabled by an operator"),
        Column("state", "STATE", "status", 2, help="up or down by its heartbeat, stopped by its own word"),
        Column("updated_at", "HEARD", "time", 2, help="when it last reported", fresh=60.0),
        Column("zone", "ZONE", "text", 4),
        Column("machine", "MACHINE", "ref", 6, wide=True),
        Column("disabled_reason", "DISABLED REASON", "text", 6, wide=True),
        Column("id", "ID", "id", 6, wide=True),
    ),
    sort=("binary", "host"),
    health=health,
    rollup=Share("share services", "up", by="binary", well="state=up"),
    links=(Link("hosts", "name", "machine", "its host"),),
    element="{binary}@{machine}",
    server_filters={"host": "host", "binary": "binary"},
    period=30.0,
    list_command="openstack share service list",
)
