"""Where messages enter the bus: oslo.messaging has one topic exchange per project and a fanout one per topic.

What arrives and finds no binding is thrown away without a word. For a topic or direct exchange that is a loss; a
fanout that nobody listens to is the normal state of a notifier whose listeners are not deployed. Those of the broker
itself (`amq.…`, the default one without a name) are shown plainly. Statistics lag by five seconds.
"""

from __future__ import annotations

import msgspec

from collectors.health import OK, Health, ok, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import word
from collectors.request import Management
from collectors.rollup import Worst

DEFAULT = "(default)"
"""The exchange without a name: a message goes to the queue that its routing key names."""

_COLUMNS = (
    "name,vhost,type,durable,auto_delete,internal,policy,arguments,"
    "message_stats.publish_in,message_stats.publish_in_details.rate,"
    "message_stats.publish_out,message_stats.publish_out_details.rate"
)


class Rate(msgspec.Struct, gc=False):
    """Per second."""

    rate: float | None = None


class Stats(msgspec.Struct, gc=False):
    """What went in and out, since the broker counts and lately."""

    publish_in: int | None = None
    publish_in_details: Rate | None = None
    publish_out: int | None = None
    publish_out_details: Rate | None = None


class ExchangeWire(Wire):
    """`GET /api/exchanges`; one that was never used has no statistics."""

    name: str
    vhost: str = "/"
    type: str | None = None
    durable: bool | None = None
    auto_delete: bool | None = None
    internal: bool | None = None
    policy: str | None = None
    arguments: dict[str, object] | None = None
    message_stats: Stats | None = None


class Exchange(Row, frozen=True):
    """One exchange."""

    id: str
    name: str
    vhost: str
    type: str | None
    built_in: bool
    durable: bool | None
    auto_delete: bool | None
    internal: bool | None
    in_rate: float | None
    out_rate: float | None
    messages_in: int | None
    messages_out: int | None
    alternate: str | None
    policy: str | None


def shown(name: str) -> str:
    """An exchange's name as rows have it."""
    return name or DEFAULT


def row(wire: ExchangeWire, reading: Reading) -> Exchange:
    """Without statistics nothing went through: zeros, not gaps."""
    stats = wire.message_stats or Stats(0, None, 0, None)
    alternate = (wire.arguments or {}).get("alternate-exchange")
    return Exchange(
        id=f"{wire.vhost}/{wire.name}",
        name=word(shown(wire.name)) or DEFAULT,
        vhost=word(wire.vhost) or "/",
        type=word(wire.type),
        built_in=not wire.name or wire.name.startswith("amq."),
        durable=wire.durable,
        auto_delete=wire.auto_delete,
        internal=wire.internal,
        in_rate=_rate(stats.publish_in_details),
        out_rate=_rate(stats.publish_out_details),
        messages_in=stats.publish_in or 0,
        messages_out=stats.publish_out or 0,
        alternate=word(str(alternate)) if alternate is not None else None,
        policy=word(wire.policy),
    )


def _rate(found: Rate | None) -> float:
    return (found.rate if found is not None else None) or 0.0


def health(exchange: Exchange, now: float) -> Health:
    """Messages that arrive now and go nowhere are lost, unless an alternate exchange catches them."""
    if exchange.type is None:
        return unknown("the broker does not say its type")
    if exchange.built_in or not exchange.in_rate or exchange.out_rate:
        return OK
    if exchange.alternate:
        return ok(f"nothing is bound for what arrives; {exchange.alternate} catches it")
    if exchange.type == "fanout":
        return ok("messages arrive and nobody listens: they are thrown away")
    rate = f"{exchange.in_rate:.1f} messages/s arrive"
    return warning(f"{rate} and go nowhere: no queue is bound for their keys, they are thrown away")


KIND = Kind(
    name="exchanges",
    title="Exchanges",
    aliases=("exchange",),
    about="one row per exchange: type, durable, rates in and out",
    system="rabbitmq",
    read=Management("exchanges", (("columns", _COLUMNS),), page=500),
    wire=ExchangeWire,
    row=row,
    fields=Exchange,
    columns=(
        Column("name", "EXCHANGE", "name", 1),
        Column("type", "TYPE", "text", 1, help="topic, fanout, direct, headers"),
        Column("in_rate", "IN/S", "number", 2, help="messages per second"),
        Column("out_rate", "OUT/S", "number", 2, help="to queues; a fanout multiplies"),
        Column("durable", "DURABLE", "flag", 3, help="survives a restart of the broker"),
        Column("messages_in", "IN", "number", 4, help="since the broker counts"),
        Column("messages_out", "OUT", "number", 4),
        Column("built_in", "BUILT IN", "flag", 5, help="the broker's own"),
        Column("internal", "INTERNAL", "flag", 6, wide=True, help="clients cannot send to it"),
        Column("auto_delete", "AUTO DELETE", "flag", 6, wide=True, help="goes with its last binding"),
        Column("alternate", "ALTERNATE", "text", 7, wide=True, help="gets what finds no binding"),
        Column("policy", "POLICY", "text", 7, wide=True),
        Column("vhost", "VHOST", "text", 8, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("built_in", "name"),
    health=health,
    rollup=Worst("exchanges", "pass on", none="unknown"),
    detail=True,
    links=(
        Link("bindings", "source", "name", "its bindings"),
        Link("policies", "name", "policy", "its policy"),
    ),
    period=30.0,
    list_command="rabbitmqctl list_exchanges name type durable auto_delete internal",
)
