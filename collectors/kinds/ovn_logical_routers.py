"""OVN's logical routers: one for each of Neutron's, its addresses and NAT, and which chassis serves its gateway now.

A gateway port has candidates with priorities; the living one with the highest serves it. On none of them, nothing goes
in or out; on another than the first, one has failed over.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from collectors.health import OK, Health, critical, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import joined_name, listed, word
from collectors.request import Ovn
from collectors.rollup import Worst


class CandidateWire(msgspec.Struct, gc=False):
    """A chassis that may serve a gateway port."""

    host: str
    priority: int = 0
    known: bool = True


class GatewayWire(msgspec.Struct, gc=False):
    """A gateway port: who serves it, and who could, the first one first."""

    port: str = ""
    host: str | None = None
    candidates: list[CandidateWire] = msgspec.field(default_factory=list)


class RouterWire(Wire):
    """Logical_Router with its ports and NAT, and who serves its gateway ports."""

    id: str
    name: str | None = None
    router: str | None = None
    router_id: str | None = None
    enabled: bool | None = None
    fixed: str | None = None
    ports: int | None = None
    addresses: list[str] | None = None
    snat: int | None = None
    floating: int | None = None
    routes: int | None = None
    gateways: list[GatewayWire] | None = None


class LogicalRouter(Row, frozen=True):
    """One logical router."""

    id: str
    name: str
    router: str | None
    router_id: str | None
    enabled: bool | None
    gateway: str | None
    candidates: str | None
    unserved: str | None
    failed_over: str | None
    missing: str | None
    addresses: str | None
    ports: int | None
    snat: int | None
    floating: int | None
    routes: int | None


def _first(gateway: GatewayWire) -> str:
    return gateway.candidates[0].host if gateway.candidates else ""


def row(wire: RouterWire, reading: Reading) -> LogicalRouter:
    """What is odd about its gateway ports is found here, since a row holds only text."""
    gateways = wire.gateways or []
    serving = [gateway.host for gateway in gateways if gateway.host] or ([wire.fixed] if wire.fixed else [])
    candidates = [f"{each.host} {each.priority}" for gateway in gateways for each in gateway.candidates]
    return LogicalRouter(
        id=wire.id,
        name=wire.name or "",
        router=joined_name(reading, "routers", wire.router_id) or wire.router,
        router_id=word(wire.router_id),
        enabled=wire.enabled,
        gateway=word(listed(dict.fromkeys(serving))),
        candidates=word(listed(dict.fromkeys(candidates))),
        unserved=word(listed(gateway.port for gateway in gateways if not gateway.host)),
        failed_over=word(
            listed(dict.fromkeys(_first(g) for g in gateways if g.host and g.candidates and g.host != _first(g)))
        ),
        missing=word(listed(dict.fromkeys(c.host for g in gateways for c in g.candidates if not c.known))),
        addresses=listed(wire.addresses),
        ports=wire.ports,
        snat=wire.snat,
        floating=wire.floating,
        routes=wire.routes,
    )


def health(router: LogicalRouter, now: float) -> Health:
    """A gateway that nobody serves is critical: nothing goes in or out."""
    if router.enabled is False:
        return ok("administratively down: it forwards nothing")
    if router.unserved:
        return critical(f"no chassis serves its gateway: nothing goes in or out; candidates: {router.candidates}")
    found = list(_complaints(router))
    return found[0] if found else OK


def _complaints(router: LogicalRouter) -> Iterator[Health]:
    if router.failed_over:
        yield warning(f"its gateway is on {router.gateway}, not on {router.failed_over}, which comes first")
    if router.missing:
        yield warning(f"{router.missing} should be able to take its gateway over, and is no chassis")


KIND = Kind(
    name="ovn-logical-routers",
    title="OVN routers",
    aliases=("ovn-routers", "logical-routers"),
    about="one row per logical router of OVN: its router in Neutron, the chassis of its gateway, NAT, routes",
    system="network",
    optional=True,
    read=Ovn("logical-routers"),
    wire=RouterWire,
    row=row,
    fields=LogicalRouter,
    name_field="router",
    columns=(
        Column("router", "ROUTER", "name", 1, joined=True),
        Column("gateway", "GATEWAY ON", "ref", 1, help="the host whose chassis serves its gateway now"),
        Column("candidates", "CANDIDATES", "text", 2, help="hosts that may, each with its priority"),
        Column("addresses", "ADDRESSES", "text", 3),
        Column("snat", "SNAT", "number", 4, help="rules that hide inner addresses"),
        Column("floating", "FLOATING", "number", 3, help="floating addresses"),
        Column("routes", "ROUTES", "number", 5, help="static ones"),
        Column("ports", "PORTS", "number", 4),
        Column("enabled", "ENABLED", "flag", 6, wide=True),
        Column("unserved", "UNSERVED", "text", 6, wide=True, help="gateway ports that no chassis serves"),
        Column("failed_over", "NOT ON", "text", 6, wide=True, help="hosts that come first and do not serve it"),
        Column("missing", "NO CHASSIS", "text", 6, wide=True, help="candidates that are not there"),
        Column("name", "LOGICAL ROUTER", "text", 6),
        Column("router_id", "ROUTER ID", "ref", 6, wide=True),
        Column("id", "ID", "id", 6, wide=True),
    ),
    sort=("router",),
    health=health,
    rollup=Worst("OVN routers", "well", none="ok"),
    links=(
        Link("ovn-port-bindings", "of_id", "router_id", "its ports in OVN"),
        Link("routers", "id", "router_id", "its router in Neutron"),
        Link("floating-ips", "router_id", "router_id", "floating IPs through it"),
        Link("ovn-chassis", "host", "gateway", "the chassis of its gateway"),
        Link("hosts", "name", "gateway", "the host of its gateway"),
    ),
    joins=("routers",),
    period=30.0,
    deadline=30.0,
    list_command="ovn-nbctl lr-list",
    show_command="ovn-nbctl show {name}",
)
