"""What the services notify of, as it happens: who did what to which server, port or volume, and what failed.

Only where the site says `notifications = true`, because hearing them takes a queue of our own at the broker. What came
before we began to listen is not here, and only the last thousand are kept.
"""

from __future__ import annotations

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.request import Notifications
from collectors.rollup import Count


class EventWire(Wire):
    """One event; see `collectors/notifications/`."""

    id: str
    at: float | None = None
    severity: str | None = None
    service: str | None = None
    event_type: str | None = None
    kind: str | None = None
    resource: str | None = None
    name: str | None = None
    project_id: str | None = None
    host: str | None = None
    request_id: str | None = None
    publisher: str | None = None
    detail: str | None = None
    versioned: bool | None = None


class EventRow(Row, frozen=True):
    """One event."""

    id: str
    at: float | None
    severity: str | None
    service: str | None
    event_type: str | None
    subject: str | None
    name: str | None
    resource: str | None
    host: str | None
    project_id: str | None
    request_id: str | None
    publisher: str | None
    detail: str | None
    versioned: bool | None


def row(wire: EventWire, reading: Reading) -> EventRow:
    """Empty texts become gaps."""
    return EventRow(
        id=wire.id,
        at=wire.at,
        severity=word(wire.severity),
        service=word(wire.service),
        event_type=word(wire.event_type),
        subject=word(wire.kind),
        name=wire.name or None,
        resource=wire.resource or None,
        host=word(wire.host),
        project_id=word(wire.project_id),
        request_id=wire.request_id or None,
        publisher=word(wire.publisher),
        detail=wire.detail or None,
        versioned=wire.versioned,
    )


def health(event: EventRow, now: float) -> Health:
    """As the service itself rates it."""
    what = f"{event.event_type or 'event'}{f': {event.detail}' if event.detail else ''}"
    match event.severity:
        case "critical" | "error":
            return critical(what)
        case "warning":
            return warning(what)
        case None:
            return unknown("does not say how grave it is")
        case _:
            return OK


_SUBJECTS = (
    Link("servers", "id", "resource", "the server", when="subject=servers"),
    Link("volumes", "id", "resource", "the volume", when="subject=volumes"),
    Link("ports", "id", "resource", "the port", when="subject=ports"),
    Link("networks", "id", "resource", "the network", when="subject=networks"),
    Link("subnets", "id", "resource", "the subnet", when="subject=subnets"),
    Link("routers", "id", "resource", "the router", when="subject=routers"),
    Link("floating-ips", "id", "resource", "the floating IP", when="subject=floating-ips"),
    Link("images", "id", "resource", "the image", when="subject=images"),
    Link("compute-services", "id", "resource", "the service", when="subject=compute-services"),
)

KIND = Kind(
    name="events",
    title="Events",
    aliases=("event", "notifications"),
    about="one row per notification of the services: when, what, of which object, by which request",
    system="rabbitmq",
    read=Notifications(),
    wire=EventWire,
    row=row,
    fields=EventRow,
    name_field="event_type",
    columns=(
        Column("at", "WHEN", "time", 1, help="by the clock of the service"),
        Column("event_type", "EVENT", "name", 1),
        Column("name", "OF", "text", 2, help="what people call the object"),
        Column("host", "HOST", "ref", 3),
        Column("detail", "DETAIL", "text", 3, help="the state that was reached, or what went wrong"),
        Column("service", "SERVICE", "text", 4),
        Column("severity", "SEVERITY", "status", 5),
        Column("subject", "KIND", "text", 5, help="which kind shows the object"),
        Column("resource", "OBJECT", "ref", 6, help="its id"),
        Column("request_id", "REQUEST", "ref", 6),
        Column("project_id", "PROJECT", "ref", 7, wide=True),
        Column("publisher", "PUBLISHER", "text", 8, wide=True),
        Column("versioned", "VERSIONED", "flag", 8, wide=True, help="in Nova's newer format"),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=(),
    health=health,
    rollup=Count("events"),
    links=(*_SUBJECTS, Link("hosts", "name", "host", "its host")),
    period=5.0,
)
