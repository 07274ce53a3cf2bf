"""What the orchestrator of Ceph was ordered to run, and how much of it runs.

Clusters that cephadm or Rook deployed have one; others have no orders, and their daemons are seen as units.
"""

from __future__ import annotations

from typing import Any

from collectors.health import OK, Health, critical, ok, unknown, warning
from collectors.kind import Column, Kind, Reading, Row, Wire
from collectors.kinds._shared import listed, pairs, word
from collectors.request import Ceph
from collectors.rollup import Worst
from collectors.values import epoch

STALE = 1800.0
"""Seconds after which what the orchestrator knows is old: it looks at its hosts every ten minutes."""


class OrderStatus(Wire):
    """How far it has come."""

    running: int | None = None
    size: int | None = None
    last_refresh: str | None = None
    created: str | None = None


class OrderWire(Wire):
    """An element of `orch ls`, with those of its daemons that `orch ps` knows."""

    service_name: str
    service_type: str | None = None
    placement: dict[str, Any] | None = None
    unmanaged: bool | None = None
    status: OrderStatus | None = None
    daemons: list[dict[str, Any]] | None = None


class Order(Row, frozen=True):
    """One service that was ordered."""

    name: str
    type: str | None
    running: int | None
    ordered: int | None
    missing: str | None
    unmanaged: bool
    placement: str | None
    refreshed: float | None
    created: float | None


def row(wire: OrderWire, reading: Reading) -> Order:
    """A daemon's `status` is 1 while it runs, 0 when it is stopped, -1 in error."""
    status = wire.status or OrderStatus()
    daemons = wire.daemons or ()
    return Order(
        name=wire.service_name,
        type=word(wire.service_type),
        running=status.running,
        ordered=status.size,
        missing=listed(_who(each) for each in daemons if each.get("status") not in (1, None)),
        unmanaged=bool(wire.unmanaged),
        placement=pairs({key: _text(value) for key, value in (wire.placement or {}).items()}),
        refreshed=epoch(status.last_refresh),
        created=epoch(status.created),
    )


def _who(daemon: dict[str, Any]) -> str:
    name = f"{daemon.get('daemon_type')}.{daemon.get('daemon_id')}"
    state = daemon.get("status_desc") or daemon.get("status")
    return f"{name} on {daemon.get('hostname') or 'no host'} ({state})"


def _text(value: Any) -> str:
    return " ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def health(order: Order, now: float) -> Health:
    """None of what was ordered is critical, too few a warning; old news is unknown."""
    if order.ordered is None or order.running is None:
        return unknown("the orchestrator does not say how many run")
    if order.refreshed is not None and now - order.refreshed > STALE:
        return unknown(f"the orchestrator has not looked for {(now - order.refreshed) / 60:.0f} min")
    if order.running < order.ordered:
        text = f"{order.running} of {order.ordered} run" + (f": {order.missing}" if order.missing else "")
        return critical(text) if not order.running else warning(text)
    return ok("unmanaged: the orchestrator changes nothing of it") if order.unmanaged else OK


KIND = Kind(
    name="ceph-orders",
    title="Ceph orchestrator",
    aliases=("ceph-order", "orch", "cephadm"),
    about="one row per service that Ceph's orchestrator runs: how many were ordered, how many run",
    system="ceph",
    optional=True,
    read=Ceph("orders"),
    wire=OrderWire,
    row=row,
    fields=Order,
    key="name",
    columns=(
        Column("name", "SERVICE", "name", 1),
        Column("type", "TYPE", "text", 3),
        Column("running", "RUN", "number", 1),
        Column("ordered", "ORDERED", "number", 1),
        Column("missing", "DO NOT RUN", "text", 2, help="daemons, with their states"),
        Column("unmanaged", "UNMANAGED", "flag", 4),
        Column("placement", "PLACEMENT", "text", 5),
        Column("refreshed", "LOOKED AT", "time", 5, fresh=900.0, help="when the orchestrator last looked"),
        Column("created", "CREATED", "time", 6, wide=True),
    ),
    sort=("name",),
    health=health,
    rollup=Worst("services", "run", none="ok"),
    detail=True,
    element="ceph",
    period=60.0,
    deadline=15.0,
    list_command="ceph orch ls",
    show_command="ceph orch ps --service_name {name}",
)
