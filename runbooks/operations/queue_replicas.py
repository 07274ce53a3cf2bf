"""Which nodes have a replica of a quorum queue: one more, one fewer.

A quorum queue works while more than half of its replicas are online, and changing who has one is agreed upon in the
same way. A node that joined the cluster gets none by itself, and one that was forgotten is named for ever; both are put
right here. An even number of replicas bears no more losses than one fewer.
"""

from __future__ import annotations

from typing import Any

from collectors.errors import UsageError
from collectors.values import size
from runbooks.broker import KIND, ctl_step
from runbooks.expect import Expect
from runbooks.operation import Asked, Guard, Inverse, Operation, Parameter, Verdict, Work, is_closed, is_open, work
from runbooks.operations.pairs import has_part

NODE = Parameter("node", "the node, as RabbitMQ calls it: rabbit@ctl03", pattern=r"[A-Za-z0-9_-]+@[A-Za-z0-9_.-]+")


def _members(row: Any) -> set[str]:
    return {each for each in (row.members or "").split(", ") if each}


def _online(row: Any) -> set[str]:
    return _members(row) - {each for each in (row.not_online or "").split(", ") if each}


def _bears(count: int) -> str:
    """How many replicas may be lost."""
    lost = (count - 1) // 2
    return f"{count} replicas: {lost if lost else 'none'} may be lost"


def _way(asked: Asked) -> str:
    """The host of the queue's leader, or of a node that has a replica online. Raises `UsageError`, `SourceError`."""
    online = sorted(_online(asked.row), key=lambda name: name != asked.row.node)
    hosts = {row.name: row.host for row in asked.cloud.rows(KIND, running=True)}
    found = next((hosts[name] for name in online if name in hosts), None)
    if found is None:
        raise UsageError("no node that has a replica of it runs", "`nephoscope get rabbitmq-nodes`")
    return str(found)


def _grow(asked: Asked) -> Work:
    row, node = asked.row, asked.values["node"]
    count = len(_members(row))
    # What is not online yet has been added all the same; being in step is the proof.
    added = Expect("queues", asked.identity, has_part("members", node))
    return work(
        ctl_step(
            asked.cloud, _way(asked), f"add a replica of {row.name} on {node}", added, "rabbitmq-add-member",
            vhost=row.vhost, queue=row.name, node=node,
        ),
        verify=(Expect("queues", asked.identity, f"{added.where} not:{has_part('not_online', node)}"),),
        stops=f"nothing; {size(row.message_bytes or 0)} of messages are copied to {node}",
        less=f"{_bears(count + 1)}; {_bears(count)} now",
        inverse=Inverse("queue.shrink", asked.identity, {"node": node}, "removes that replica again"),
    )  # fmt: skip


def _shrink(asked: Asked) -> Work:
    row, node = asked.row, asked.values["node"]
    count = len(_members(row))
    return work(
        ctl_step(
            asked.cloud, _way(asked), f"remove the replica of {row.name} on {node}",
            Expect("queues", asked.identity, f"not:{has_part('members', node)}"), "rabbitmq-delete-member",
            vhost=row.vhost, queue=row.name, node=node,
        ),
        stops="its clients for a moment: another replica leads it then" if node == row.node else "nothing",
        less=f"{_bears(count - 1)}; {_bears(count)} now",
        inverse=Inverse("queue.grow", asked.identity, {"node": node}, "copies it there again")
        if node in _online(row)
        else None,
    )  # fmt: skip


# -- guards -----------------------------------------------------------------------------------------------------------


def agreed(row: Any) -> Verdict:
    """More than half of its replicas are online now, so that they can agree on the change. Pure."""
    count, online = len(_members(row)), len(_online(row))
    words = f"{online} of {count} replicas are online, a majority is {count // 2 + 1}"
    return is_open(words) if 2 * online > count else is_closed(f"{words}: start the missing nodes first")


def kept(row: Any, node: str) -> Verdict:
    """Of what is left without `node`, more than half is online. Pure."""
    left, online = _members(row) - {node}, _online(row) - {node}
    if not left:
        return is_closed("it is the last replica: queue.delete deletes the queue")
    words = f"without it {len(online)} of {len(left)} replicas are online"
    if 2 * len(online) > len(left):
        return is_open(words)
    return is_closed(f"{words}, and a majority would be {len(left) // 2 + 1}: the queue would stop")


def _agreed(asked: Asked) -> Verdict:
    return agreed(asked.row)


def _kept(asked: Asked) -> Verdict:
    return kept(asked.row, asked.values["node"])


def _able(asked: Asked) -> Verdict:
    """A node of the cluster that runs in the eyes of all, and has none yet."""
    node = asked.values["node"]
    if node in _members(asked.row):
        return is_closed(f"{node} has a replica already")
    found = asked.cloud.rows(KIND)
    running = [row.name for row in found if row.running]
    if node not in running:
        free = ", ".join(sorted(set(running) - _members(asked.row))) or "none of those that run"
        return is_closed(f"{node} is no running node of the cluster; without a replica and running: {free}")
    return is_open(f"{node} runs and has none yet")


def _has_one(asked: Asked) -> Verdict:
    node, there = asked.values["node"], _members(asked.row)
    return (
        is_open(f"{node} has one") if node in there else is_closed(f"{node} has none; {', '.join(sorted(there))} have")
    )


def _no_quorum(row: Any) -> str:
    return (
        ""
        if row.type == "quorum"
        else f"is a {row.type or 'queue without a type, no'} queue: only quorum queues have such replicas"
    )


AGREED = Guard("quorum-kept", _agreed, "more than half of its replicas are online, and can agree on the change")

OPERATIONS = (
    Operation(
        name="queue.grow",
        kind="queues",
        title="add a replica of {name} on {node}",
        about="one more copy of a quorum queue: after a node has joined or was replaced",
        risk="R2",
        account="rabbitmq",
        parameters=(NODE,),
        reads=(KIND,),
        closed=_no_quorum,
        guards=(Guard("sense", _able, "the node runs and has no replica of it"), AGREED),
        work=_grow,
    ),
    Operation(
        name="queue.shrink",
        kind="queues",
        title="remove the replica of {name} on {node}",
        about="one copy fewer of a quorum queue: of a node that is gone for good, or has too little disk",
        risk="R3",
        account="rabbitmq",
        parameters=(NODE,),
        reads=(KIND,),
        closed=_no_quorum,
        guards=(
            Guard("sense", _has_one, "the node has a replica of it"),
            AGREED,
            Guard("replicas", _kept, "more than half of the replicas that are left are online"),
        ),
        work=_shrink,
    ),
)
