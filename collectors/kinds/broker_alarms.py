"""What may block the message bus: memory, disk and file descriptors of each node, how near, and whom it holds back.

A memory or disk alarm on one node keeps every publisher of the cluster waiting: RPC calls time out although all
services run. A node without file descriptors takes no new connections, itself only. The broker does not tell since
when an alarm is on; `since` is when the node's own history of the last hour shows the resource beyond its limit.
"""

from __future__ import annotations

from typing import Final

from collectors.health import OK, Health, critical, unknown, warning
from collectors.kind import Column, Kind, Link, Reading, Row, Wire
from collectors.kinds._shared import percent, word
from collectors.request import BrokerAlarms
from collectors.rollup import Worst
from collectors.values import age, count, size

NEARLY: Final = 85
"""Percent of a limit that is near."""


class AlarmWire(Wire):
    """One resource of one node, from what the nodes say of each other; see `sources/rabbitmq_alarms.py`."""

    node: str
    resource: str
    running: bool | None = None
    trouble: str | None = None
    used: int | None = None
    limit: int | None = None
    alarm: bool | None = None
    since: float | None = None
    blocked: int | None = None
    blocking: int | None = None


class Alarm(Row, frozen=True):
    """One resource of one node."""

    id: str
    node: str
    host: str
    resource: str
    alarm: bool | None
    share: float | None
    figures: str | None
    used: int | None
    limit: int | None
    blocks: str
    since: float | None
    blocked: int | None
    blocking: int | None
    held: str | None
    running: bool | None


def _figures(resource: str, used: int | None, limit: int | None) -> str | None:
    if used is None or limit is None:
        return None
    match resource:
        case "memory":
            return f"{size(used)} of {size(limit)}"
        case "disk":
            return f"{size(used)} left of the {size(limit)} that must be free"
        case _:
            return f"{count(used)} of {count(limit)}"


def row(wire: AlarmWire, reading: Reading) -> Alarm:
    """Of the disk `used` is what is left; `share` is always how much of the way to the alarm is gone."""
    share = percent(wire.used, wire.limit)
    if wire.resource == "disk":
        share = percent(wire.limit, wire.used) if wire.used else None
    return Alarm(
        id=f"{wire.node}/{wire.resource}",
        node=word(wire.node) or "",
        host=word(wire.node.partition("@")[2].partition(".")[0]) or wire.node,
        resource=word(wire.resource) or "",
        alarm=wire.alarm,
        share=share,
        figures=_figures(wire.resource, wire.used, wire.limit),
        used=wire.used,
        limit=wire.limit,
        blocks="new connections to it" if wire.resource == "file-descriptors" else "publishers on all nodes",
        since=wire.since,
        blocked=wire.blocked,
        blocking=wire.blocking,
        held="blocked" if wire.blocked else None,
        running=wire.running,
    )


def health(alarm: Alarm, now: float) -> Health:
    """An alarm is critical and says whom it holds back; close to it is a warning."""
    if alarm.running is False:
        return unknown("the node is not running")
    if alarm.alarm is None and alarm.used is None and alarm.running and alarm.resource == "file-descriptors":
        return OK  # RabbitMQ 4 does not count them any more
    if alarm.alarm is None:
        return unknown("the node does not say")
    figures = f", {alarm.figures}" if alarm.figures else ""
    name = {"file-descriptors": "file descriptors"}.get(alarm.resource, alarm.resource)
    if alarm.alarm and alarm.resource == "file-descriptors":
        return critical(f"no {name} left{figures}: it takes no new connections")
    if alarm.alarm:
        when = f" for {age(now - alarm.since)}" if alarm.since is not None else ""
        held = f", {count(alarm.blocked)} wait now" if alarm.blocked else ""
        return critical(f"{name} alarm{when}{figures}: publishers are blocked on all nodes{held}")
    if alarm.resource == "disk" and (alarm.share or 0) >= NEARLY:
        return warning(f"disk close to its alarm{figures}")
    if (alarm.share or 0) >= NEARLY:
        return warning(f"{name} close to the limit{figures}")
    return OK


KIND = Kind(
    name="broker-alarms",
    title="Broker alarms",
    aliases=("broker-alarm", "alarms", "rabbitmq-alarms"),
    about="one row per node and resource that may block the bus: memory, disk, file descriptors",
    system="rabbitmq",
    read=BrokerAlarms(),
    wire=AlarmWire,
    row=row,
    fields=Alarm,
    columns=(
        Column("node", "NODE", "name", 1),
        Column("resource", "RESOURCE", "text", 1, help="memory, disk, file-descriptors"),
        Column("alarm", "ALARM", "flag", 1),
        Column("share", "TO LIMIT", "percent", 2, help="how much of the way to the alarm is gone"),
        Column("figures", "FIGURES", "text", 3, help="what is used, and the limit; of the disk what is left"),
        Column("used", "USED OR LEFT", "number", 6, wide=True, help="of the disk: bytes that are left"),
        Column("limit", "LIMIT", "number", 6, wide=True),
        Column("blocked", "BLOCKED", "number", 3, help="connections that wait because of it"),
        Column("since", "SINCE", "time", 3, help="beyond its limit, by the node's history of the last hour"),
        Column("blocks", "BLOCKS", "text", 5, help="what the alarm holds back"),
        Column("blocking", "BLOCKING", "number", 6, wide=True, help="connections that will wait when they send"),
        Column("held", "HOLDS BACK", "status", 7, wide=True, help="the state of the connections that wait"),
        Column("host", "HOST", "ref", 6, wide=True),
        Column("running", "RUNNING", "flag", 7, wide=True),
        Column("id", "ID", "id", 8, wide=True),
    ),
    name_field="node",
    sort=("node", "resource"),
    health=health,
    rollup=Worst("limits", "kept"),
    detail=True,
    links=(
        Link("connections", "state", "held", "connections that wait"),
        Link("broker-memory-parts", "node", "node", "what its memory holds", when="resource=memory"),
        Link("rabbitmq-nodes", "name", "node", "its node"),
        Link("units", "host", "host", "units on its host"),
        Link("hosts", "name", "host", "its host"),
    ),
    element="rabbitmq@{host}",
    deadline=14.0,
    list_command="rabbitmqctl status",
)
