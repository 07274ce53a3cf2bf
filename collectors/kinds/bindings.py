"""Which messages go where: from an exchange, by routing key, to a queue or another exchange.

The binding is only the way; whether anybody reads at its end is the queue's to say, which is joined. A key whose queue
nobody listens to is a topic into the void: its messages wait there until somebody comes or memory is full. Fanout and
reply queues of a process that died are left out of that: they expire by themselves.
"""

from __future__ import annotations

from collectors.health import OK, Health, ok, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import pairs, word
from collectors.kinds.exchanges import shown
from collectors.kinds.queues import role_of
from collectors.request import Management
from collectors.rollup import Count
from collectors.values import count

_COLUMNS = "source,vhost,destination,destination_type,routing_key,arguments,properties_key"


class BindingWire(Wire):
    """`GET /api/bindings`; what the default exchange does by itself is listed as a binding too."""

    source: str
    destination: str
    vhost: str = "/"
    destination_type: str | None = None
    routing_key: str | None = None
    arguments: dict[str, object] | None = None
    properties_key: str | None = None


class Binding(Row, frozen=True):
    """One binding."""

    id: str
    source: str
    routing_key: str | None
    destination: str
    destination_type: str | None
    role: str | None
    consumers: int | None
    messages: int | None
    expires: bool | None
    arguments: str | None
    vhost: str


def row(wire: BindingWire, reading: Reading) -> Binding:
    """Consumers and waiting messages are the destination's, where that is a queue that has been read."""
    queue = None
    if wire.destination_type == "queue":
        queue = reading.joins.get("queues", {}).get(f"{wire.vhost}/{wire.destination}")
    properties = wire.properties_key if wire.properties_key is not None else wire.routing_key or ""
    return Binding(
        id=f"{wire.vhost}/{wire.source}/{wire.destination_type or ''}/{wire.destination}/{properties}",
        source=word(shown(wire.source)) or "",
        routing_key=word(wire.routing_key),
        destination=wire.destination,
        destination_type=word(wire.destination_type),
        role=role_of(wire.destination) if wire.destination_type == "queue" else None,
        consumers=queue.consumers if queue is not None else None,
        messages=queue.messages if queue is not None else None,
        expires=None if queue is None else bool(queue.expires is not None or queue.auto_delete),
        arguments=pairs(wire.arguments),
        vhost=word(wire.vhost) or "/",
    )


def health(binding: Binding, now: float) -> Health:
    """A binding cannot break; one whose queue nobody reads is a warning."""
    if binding.consumers != 0:
        return OK
    if binding.expires:
        return ok("nobody listens there; the queue expires by itself")
    waiting = binding.messages or 0
    more = f", {count(waiting)} wait" if waiting else ""
    if binding.role == "notifications" and not waiting:
        return OK
    return warning(f"nobody listens to {binding.destination}: messages with this key stay there{more}")


KIND = Kind(
    name="bindings",
    title="Bindings",
    aliases=("binding", "routes", "routing-keys"),
    about="one row per binding: from exchange by routing key to queue, and whether anybody reads there",
    system="rabbitmq",
    read=Management("bindings", (("columns", _COLUMNS),)),
    wire=BindingWire,
    row=row,
    fields=Binding,
    name_field="destination",
    columns=(
        Column("source", "FROM", "ref", 1, help="exchange; the default one serves every queue by its name"),
        Column("routing_key", "KEY", "text", 2),
        Column("destination", "TO", "name", 1),
        Column("consumers", "CONSUMERS", "number", 3, joined=True),
        Column("messages", "MESSAGES", "number", 4, joined=True),
        Column("role", "USED FOR", "text", 5, help="rpc, fanout, reply, notifications: by the queue's name"),
        Column("destination_type", "TO A", "text", 6, wide=True, help="queue or exchange"),
        Column("expires", "EXPIRES", "flag", 6, wide=True, joined=True, help="the queue goes when nobody uses it"),
        Column("arguments", "ARGUMENTS", "text", 7, wide=True),
        Column("vhost", "VHOST", "text", 8, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    sort=("source", "routing_key", "destination"),
    health=health,
    # Its queue colours the system already, and a busy cloud has a hundred thousand of these.
    rollup=Count("bindings"),
    links=(
        Link("consumers", "queue", "destination", "who listens there"),
        Link("queues", "name", "destination", "the queue", when="destination_type=queue"),
        Link("exchanges", "name", "source", "the exchange"),
    ),
    joins=("queues",),
    period=30.0,
    list_command="rabbitmqctl list_bindings",
)
