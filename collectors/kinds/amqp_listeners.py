"""The broker's nodes as their clients meet them: who lets us in over AMQP, how fast, which version.

The management API and AMQP are two doors of one node, and either may be shut alone: then services work and nothing is
seen of them, or everything is seen and no service works. What the API says of the node is joined to tell which it is.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.request import AmqpProbe
from collectors.rollup import Quorum

SLOW: Final = 1.0
"""Seconds for one round trip: services that make ten for one call feel it."""


class ListenerWire(Wire):
    """One probe; see `sources/amqp.py`."""

    host: str
    address: str | None = None
    port: int | None = None
    tls: bool | None = None
    answers: bool | None = None
    logged_in: bool | None = None
    version: str | None = None
    product: str | None = None
    platform: str | None = None
    cluster: str | None = None
    handshake: float | None = None
    round_trip: float | None = None
    blocked: str | None = None
    why: str | None = None


class Listener(Row, frozen=True):
    """One node's listener."""

    host: str
    node: str | None
    address: str | None
    port: int | None
    tls: bool | None
    answers: bool | None
    logged_in: bool | None
    round_trip: float | None
    handshake: float | None
    version: str | None
    product: str | None
    platform: str | None
    cluster: str | None
    blocked: str | None
    management: bool | None
    why: str | None


def row(wire: ListenerWire, reading: Reading) -> Listener:
    """The node of the same host says whether its management API answers."""
    nodes = reading.joins.get("rabbitmq-nodes", {}).values()
    node = next((each for each in nodes if each.host == wire.host), None)
    return Listener(
        host=word(wire.host) or "",
        node=node.name if node is not None else None,
        address=word(wire.address),
        port=wire.port,
        tls=wire.tls,
        answers=wire.answers,
        logged_in=wire.logged_in,
        round_trip=wire.round_trip,
        handshake=wire.handshake,
        version=word(wire.version),
        product=word(wire.product),
        platform=word(wire.platform),
        cluster=word(wire.cluster),
        blocked=wire.blocked,
        management=node.answers if node is not None else None,
        why=wire.why,
    )


def health(listener: Listener, now: float) -> Health:
    """Nobody gets in is critical; that it is only we, or only the other door, a warning or plainly said."""
    if listener.answers is None:
        return unknown("was not asked")
    if not listener.answers:
        why = listener.why or "no answer"
        if listener.management:
            return critical(f"no client gets in: {why}; its management API answers")
        return critical(f"no client gets in: {why}")
    if not listener.logged_in:
        return warning(f"answers, but refuses us: {listener.why or 'no reason given'}")
    if listener.blocked:
        return critical(f"takes no messages from us: {listener.blocked}")
    if listener.round_trip is not None and listener.round_trip >= SLOW:
        return warning(f"one round trip takes {listener.round_trip:.1f} s")
    if listener.management is False:
        # The node's own row tells of its dead API; here it matters that services are not touched by that.
        return ok("serves its clients, although its management API does not answer")
    return OK


KIND = Kind(
    name="amqp-listeners",
    title="AMQP listeners",
    aliases=("amqp-listener", "amqp-nodes"),
    about="one row per broker node as its clients meet it: answers, lets us in, version, round trip",
    system="rabbitmq",
    read=AmqpProbe(),
    wire=ListenerWire,
    row=row,
    fields=Listener,
    key="host",
    name_field="host",
    columns=(
        Column("host", "HOST", "name", 1),
        Column("answers", "ANSWERS", "flag", 1, help="its AMQP port"),
        Column("logged_in", "LETS US IN", "flag", 2, help="our account may connect"),
        Column("round_trip", "ROUND TRIP", "duration", 2, help="to open a channel"),
        Column("version", "VERSION", "text", 3, help="of the broker, as it greets"),
        Column("management", "API", "flag", 3, joined=True, help="its management API answers"),
        Column("address", "ADDRESS", "text", 4),
        Column("port", "PORT", "id", 5),
        Column("tls", "TLS", "flag", 5),
        Column("why", "WHY NOT", "text", 5, wide=True),
        Column("handshake", "HANDSHAKE", "duration", 6, wide=True, help="from the first byte to being logged in"),
        Column("blocked", "BLOCKED", "text", 6, wide=True, help="told only to those who send"),
        Column("node", "NODE", "ref", 6, wide=True, joined=True),
        Column("cluster", "CLUSTER", "text", 7, wide=True),
        Column("product", "PRODUCT", "text", 8, wide=True),
        Column("platform", "PLATFORM", "text", 8, wide=True),
    ),
    sort=("host",),
    health=health,
    rollup=Quorum("listeners", "let clients in", well="answers=true", felt="answers=true"),
    links=(
        Link("rabbitmq-nodes", "host", "host", "its node"),
        Link("connections", "node", "node", "connections to it"),
        Link("units", "host", "host", "units on its host"),
        Link("hosts", "name", "host", "its host"),
    ),
    element="rabbitmq@{host}",
    joins=("rabbitmq-nodes",),
    period=20.0,
    deadline=12.0,
)
