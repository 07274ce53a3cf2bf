"""Alarms of the broker: say what fills a node's memory or disk; move the limit that raised one, while the node runs.

An alarm on one node keeps every publisher of the cluster waiting. A higher watermark, or less disk that must stay free,
lets them go on while the cause is mended; it mends nothing by itself, and without room behind it the node dies.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from collectors.call import HostCall
from collectors.errors import SourceError, UsageError
from collectors.values import count, quantity, size
from runbooks.broker import ctl, spoken
from runbooks.expect import Expect
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Operation,
    Parameter,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
    is_unknown,
    work,
)

_ENTRIES = {"memory": "rabbitmq-memory-limit", "disk": "rabbitmq-disk-limit"}
MOST = 0.8
"""Of its host's memory, a watermark may be."""


def wanted(text: str) -> int:
    """Bytes of `2GiB`, `800MB` or a number. Raises `UsageError`."""
    found = quantity(text)
    if found is None or found < 1:
        raise UsageError(f"{text[:40]} is no amount of bytes", "limit=2GiB")
    return int(found)


def _call(asked: Asked, limit: int) -> tuple[HostCall, str]:
    return ctl(asked.cloud, asked.row.host, _ENTRIES[asked.row.resource], bytes=str(limit))


def _set(asked: Asked) -> Work:
    row, limit = asked.row, wanted(asked.values["limit"])
    if row.limit is None:
        raise UsageError("the node does not say what its limit is", "`nephoscope get broker-alarms`")
    if limit == row.limit:
        raise UsageError(f"its limit is {size(limit)} already")
    call, command = _call(asked, limit)
    word = "watermark" if row.resource == "memory" else "disk that must be free"
    return work(
        Step(
            f"set the {word} of {row.node} to {size(limit)} (now {size(row.limit)})",
            call,
            command,
            Expect("broker-alarms", asked.identity, f"limit>={limit} limit<={limit}"),
        ),
        stops="nothing; when the alarm clears, publishers on all nodes go on",
        notes=(
            "It lasts until the node starts again; then what is configured holds.",
            "What fills it stays: broker-alarm.explain says what it is, and what to do.",
        ),
        inverse=Inverse("broker-alarm.set-limit", asked.identity, {"limit": str(row.limit)}, "sets it as it was"),
    )


def _explain(asked: Asked) -> Work:
    """Reads; each part of the answer by itself, so that a host that cannot be asked closes nothing."""
    row = asked.row
    match row.resource:
        case "memory":
            from runbooks.broker_fill import memory as answered

            command = f"ssh {shlex.quote(row.host)} sudo rabbitmq-diagnostics memory_breakdown"
            with suppress(SourceError):
                command = spoken(asked.cloud, row.host, ("rabbitmq-diagnostics", "memory_breakdown"))
        case "disk":
            from runbooks.broker_disk import disk as answered
            from runbooks.broker_disk import looks

            command = looks(asked.cloud, row.host, row.node)
        case _:
            from runbooks.broker_fill import descriptors as answered

            command = "rabbitmqctl list_connections user peer_host client_properties"
    return work(
        Step(
            f"look at what the {row.resource.replace('-', ' ')} of {row.node} went into",
            None,
            command,
            Expect("broker-alarms", asked.identity, f"resource={row.resource}"),
            20.0,
        ),
        stops="nothing: it only looks",
        answer=tuple(answered(asked)),
    )


# -- guards -----------------------------------------------------------------------------------------------------------


def _most(rows: Iterable[Any], field: str) -> list[Any]:
    """The three with most of it."""
    having = [row for row in rows if getattr(row, field)]
    return sorted(having, key=lambda row: float(getattr(row, field)), reverse=True)[:3]


def _fills(asked: Asked) -> Verdict:
    """What fills memory or disk; it closes nothing."""
    queues = asked.cloud.rows("queues")
    field = "memory" if asked.row.resource == "memory" else "message_bytes"
    told = [
        f"{row.name} {size(getattr(row, field))} ({count(row.messages or 0)} messages, {row.consumers or 0} consumers)"
        for row in _most(queues, field)
    ]
    connections = [row for row in asked.cloud.rows("connections") if row.node == asked.row.node]
    if pending := _most(connections, "send_pend"):
        told.append(f"{pending[0].program or pending[0].id} has not taken {size(pending[0].send_pend)}")
    elif busy := _most(connections, "recv_rate"):
        told.append(f"{busy[0].program or busy[0].id} from {busy[0].peer_host} sends {size(busy[0].recv_rate)}/s")
    if asked.row.resource == "disk":
        told.append("beside the queues, logs fill a disk: look at the host's file systems")
    return is_open("largest: " + "; ".join(told) if told else "no queue holds anything: look at the host")


def _room(asked: Asked) -> Verdict:
    """The host has what the new limit promises."""
    row, limit = asked.row, wanted(asked.values["limit"])
    if row.resource == "disk":
        if row.used is not None and limit >= row.used:
            return is_closed(f"{size(row.used)} are left: with {size(limit)} that must be free it blocks publishers")
        return is_open(f"{size(row.used)} are left" if row.used is not None else "how much is left is not told")
    if row.used is not None and limit <= row.used:
        return is_closed(f"it uses {size(row.used)}: at {size(limit)} it would block publishers")
    if row.limit is not None and limit <= row.limit:
        return is_open("it is lower than now")
    try:
        hosts = asked.cloud.rows("hosts", target=row.host, name=row.host)
    except SourceError as error:
        return is_unknown(f"how much memory {row.host} has is not known: {error}")
    total = hosts[0].memory_total if hosts else None
    if total is None:
        return is_unknown(f"how much memory {row.host} has is not told")
    if limit > total * MOST:
        return is_closed(
            f"{row.host} has {size(total)}: more than {size(total * MOST)} and the kernel kills the broker"
        )
    return is_open(f"{row.host} has {size(total)}")


OPERATIONS = (
    Operation(
        name="broker-alarm.explain",
        kind="broker-alarms",
        title="explain what fills the {resource} of {node}",
        about="what its memory, disk or file descriptors went into, and what to do; it only looks",
        risk="R0",
        account="rabbitmq",
        reads=("queues", "connections", "rabbitmq-nodes"),
        closed=lambda row: "its node is not running" if row.running is False else "",
        work=_explain,
        roles=("admin", "reader", "member"),
    ),
    Operation(
        name="broker-alarm.set-limit",
        kind="broker-alarms",
        title="set the {resource} limit of {node} to {limit}",
        about="raise the memory watermark, or lower the disk that must be free, until the node restarts",
        risk="R2",
        account="ssh",
        scope="rabbitmq",
        rows="resource!=file-descriptors",
        reads=("queues", "connections"),
        parameters=(Parameter("limit", "bytes: 2GiB, 800MB; of memory the most, of disk the least that stays free"),),
        closed=lambda row: "its node is not running" if row.running is False else "",
        guards=(
            Guard("fills", _fills, "what fills it: the largest queues and connections"),
            Guard("room", _room, "the host has what the new limit promises"),
        ),
        work=_set,
    ),
)
