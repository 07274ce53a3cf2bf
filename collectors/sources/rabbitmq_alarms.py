"""What may block the broker, per node and resource: memory, disk, file descriptors.

A node says whether its alarm is on, not since when: that is read from the history that it keeps of the resource itself,
of the last hour, and only while an alarm is on. So are the connections that are held back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec

from collectors.deadline import Deadline
from collectors.errors import SourceError
from collectors.shapes import decoded
from collectors.sources.base import Page
from collectors.sources.rabbitmq_views import joined

if TYPE_CHECKING:
    from collectors.sources.rabbitmq import RabbitmqSource

HISTORY: Final = {"node_stats_age": "3600", "node_stats_incr": "60"}
"""The longest history that is kept in steps of a minute, seconds."""
_COLUMNS = "name,running,mem_used,mem_limit,mem_alarm,disk_free,disk_free_limit,disk_free_alarm,fd_used,fd_total,uptime"
_FIGURES: Final = {
    "memory": ("mem_used", "mem_limit", "mem_alarm"),
    "disk": ("disk_free", "disk_free_limit", "disk_free_alarm"),
    "file-descriptors": ("fd_used", "fd_total", ""),
}
"""Resource → what is used (of the disk: left), the limit, the alarm."""


class _Sample(msgspec.Struct, gc=False):
    sample: float
    timestamp: float
    """Milliseconds."""


class _Details(msgspec.Struct, gc=False):
    samples: list[_Sample] = []


class _Histories(msgspec.Struct, gc=False):
    mem_used_details: _Details | None = None
    disk_free_details: _Details | None = None


class _Client(msgspec.Struct, gc=False):
    state: str | None = None


def alarms(source: RabbitmqSource, deadline: Deadline) -> Iterator[Page]:
    """One page. Raises the first node's error when none answers."""
    for page in joined(source, "nodes", {"columns": _COLUMNS}, deadline):
        nodes: list[Mapping[str, Any]] = list(page.items)
        calls = page.calls
        raised = [node for node in nodes if node.get("mem_alarm") is True or node.get("disk_free_alarm") is True]
        held, asked = _held_back(source, deadline) if raised else ({"blocked": 0, "blocking": 0}, 0)
        histories = {str(node.get("name")): _history(source, node, deadline) for node in raised}
        items = [
            _item(node, resource, held, histories.get(str(node.get("name")))) for node in nodes for resource in _FIGURES
        ]
        yield Page(items=items, server_time=page.server_time, calls=calls + asked + len(histories))


def _item(
    node: Mapping[str, Any], resource: str, held: Mapping[str, int | None], history: _Histories | None
) -> dict[str, Any]:
    used, limit, alarm = _FIGURES[resource]
    on = node.get(alarm) if alarm else _exhausted(node.get(used), node.get(limit))
    return {
        "node": node.get("name"),
        "resource": resource,
        "running": node.get("running"),
        "trouble": node.get("trouble"),
        "used": node.get(used),
        "limit": node.get(limit),
        "alarm": on,
        "since": _since(resource, node.get(limit), history) if on is True and history is not None else None,
        **(held if on is True and alarm else {}),
    }


def _exhausted(used: object, limit: object) -> bool | None:
    if not isinstance(used, int) or not isinstance(limit, int) or limit <= 0:
        return None
    return used >= limit


def _since(resource: str, limit: object, history: _Histories) -> float | None:
    """When the resource went beyond its limit for good; None when the history holds no moment before that."""
    details = history.mem_used_details if resource == "memory" else history.disk_free_details
    if details is None or not isinstance(limit, int | float):
        return None
    since = None
    for found in sorted(details.samples, key=lambda sample: sample.timestamp, reverse=True):
        if not found.sample:  # before the node began to count
            return None
        beyond = found.sample > limit if resource == "memory" else found.sample < limit
        if not beyond:
            return since
        since = found.timestamp / 1000
    return None


def _history(source: RabbitmqSource, node: Mapping[str, Any], deadline: Deadline) -> _Histories | None:
    """What the node remembers of its memory and disk; None when nobody tells."""
    path = f"nodes/{quote(str(node.get('name')), safe='@')}"
    query = {"columns": "mem_used_details,disk_free_details", **HISTORY}
    try:
        (page,) = source.pages(path, query, 0, deadline)
        (found,) = decoded(page.raw or b"[]", list[_Histories])
    except (SourceError, msgspec.DecodeError, ValueError):
        return None
    history: _Histories = found
    return history


def _held_back(source: RabbitmqSource, deadline: Deadline) -> tuple[dict[str, int | None], int]:
    """(connections by state, calls): how many wait, and how many will as soon as they send."""
    try:
        clients = [
            client
            for page in source.pages("connections", {"columns": "state"}, 0, deadline)
            for client in decoded(page.raw or b"[]", list[_Client])
        ]
    except (SourceError, msgspec.DecodeError):
        return {"blocked": None, "blocking": None}, 1
    states = [client.state for client in clients]
    return {"blocked": states.count("blocked"), "blocking": states.count("blocking")}, 1
