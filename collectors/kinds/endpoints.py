"""Endpoints of the catalogue, each with what its URL really answers: status, versions, round trip.

An open port proves nothing: a worker that died behind its listener accepts connections and stays silent. So each URL is
asked for its version document, without our token. `public`, `internal` and `admin` are asked from where we are; one
that we do not use and cannot even connect to may simply be in a network that only the cloud's hosts reach.
"""

from __future__ import annotations

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Scope, Wire
from collectors.kinds._shared import word
from collectors.request import Catalog
from collectors.rollup import Worst

SLOW = 2.0
"""Seconds for a version document, which costs a service nothing, above which somebody should look."""


class EndpointWire(Wire):
    """What the probe found out; see `collectors/sources/probe.py`."""

    id: str
    url: str = ""
    interface: str | None = None
    region_id: str | None = None
    service_id: str | None = None
    service: str | None = None
    type: str | None = None
    enabled: bool | None = None
    ours: bool = False
    answer: str = ""
    detail: str = ""
    status: int | None = None
    round_trip: float | None = None
    version: str | None = None
    min_version: str | None = None
    max_version: str | None = None


class Endpoint(Row, frozen=True):
    """One endpoint and how it answered."""

    id: str
    name: str
    service: str | None
    type: str | None
    interface: str | None
    region_id: str | None
    url: str
    enabled: bool | None
    answer: str | None
    status: int | None
    round_trip: float | None
    version: str | None
    min_version: str | None
    max_version: str | None
    detail: str | None
    ours: bool
    service_id: str | None


def row(wire: EndpointWire, reading: Reading) -> Endpoint:
    """People call an endpoint by its service and interface."""
    named = wire.service or wire.type or wire.service_id or ""
    return Endpoint(
        id=wire.id,
        name=f"{named} {wire.interface or ''}".strip() or wire.id,
        service=word(wire.service),
        type=word(wire.type),
        interface=word(wire.interface),
        region_id=word(wire.region_id),
        url=wire.url,
        enabled=wire.enabled,
        answer=word(wire.answer),
        status=wire.status,
        round_trip=wire.round_trip,
        version=wire.version,
        min_version=wire.min_version,
        max_version=wire.max_version,
        detail=wire.detail or None,
        ours=wire.ours,
        service_id=wire.service_id,
    )


def health(endpoint: Endpoint, now: float) -> Health:
    """It answers with what a service would say, or it does not work, whatever its port says."""
    if endpoint.enabled is False:
        return ok("disabled: left out of the catalogue")
    why = endpoint.detail or endpoint.answer or "not probed"
    match endpoint.answer:
        case "answers":
            slow = endpoint.round_trip is not None and endpoint.round_trip > SLOW
            return warning(f"slow: {endpoint.round_trip:.1f} s") if slow else OK
        case "unreachable":
            return critical(why) if endpoint.ours else unknown(f"{why}; is {endpoint.interface} reachable from here?")
        case "error" if endpoint.status is not None and endpoint.status < 500:
            return warning(why)
        case None:
            return unknown(why)
        case _:
            return critical(why)


KIND = Kind(
    name="endpoints",
    title="Endpoints",
    aliases=("endpoint", "ep"),
    about="one row per URL of the catalogue, probed: does it answer, how fast, which versions",
    system="api",
    scope=Scope("cloud"),
    read=Catalog(),
    wire=EndpointWire,
    row=row,
    fields=Endpoint,
    columns=(
        Column("name", "ENDPOINT", "name", 1, help="service and interface"),
        Column("type", "TYPE", "text", 5, wide=True),
        Column("service", "SERVICE", "text", 6, wide=True),
        Column("interface", "INTERFACE", "text", 6, wide=True, help="public, internal or admin"),
        Column("region_id", "REGION", "ref", 5),
        Column("url", "URL", "url", 4),
        Column("answer", "ANSWER", "status", 2, help="answers, silent, refused, unreachable, tls, html, error"),
        Column("status", "HTTP", "text", 3, help="HTTP status of its version document"),
        Column("round_trip", "TIME", "duration", 3, help="seconds to connect, ask and be answered"),
        Column("version", "API", "text", 5, wide=True, help="the API version that its URL names, else the current one"),
        Column("min_version", "MIN", "text", 6, wide=True, help="oldest microversion"),
        Column("max_version", "MAX", "text", 3, help="newest microversion, or version"),
        Column("enabled", "ENABLED", "flag", 6, wide=True),
        Column("ours", "OURS", "flag", 6, wide=True, help="the interface that this console uses"),
        Column("detail", "DETAIL", "text", 6, wide=True),
        Column("service_id", "SERVICE ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 6, wide=True),
    ),
    sort=("name", "region_id"),
    health=health,
    rollup=Worst("endpoints", "answer"),
    links=(Link("services", "id", "service_id", "its service"),),
    period=30.0,
    list_command="openstack endpoint list",
    show_command="openstack endpoint show {id}",
)
