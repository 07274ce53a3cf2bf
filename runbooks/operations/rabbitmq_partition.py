"""A partition of the broker that has healed: one side loses, and its nodes are started again as members of the other.

Since the cut each side has run on by itself, and neither takes the other's word. What the losing side took in since
is lost: so which one it is, is a choice. Proposed is the side with fewer members, then fewer clients and queues.
"""

from __future__ import annotations

from typing import Any

import msgspec

from collectors.errors import UsageError
from runbooks.broker import KIND, WELL, node_is
from runbooks.operation import Asked, Guard, Operation, Parameter, Verdict, Work, is_closed, is_open, work
from runbooks.operations.rabbitmq_nodes import start_step, stop_step


class Side(msgspec.Struct, frozen=True):
    """Nodes that still take each other's word."""

    nodes: tuple[str, ...]
    connections: int
    queues: int

    @property
    def words(self) -> str:
        """`rabbit@ctl01, rabbit@ctl02 (2 nodes, 62 connections, 276 queues)`."""
        many = f"{len(self.nodes)} node{'' if len(self.nodes) == 1 else 's'}"
        return f"{', '.join(self.nodes)} ({many}, {self.connections} connections, {self.queues} queues)"


def sides(rows: list[Any]) -> list[Side]:
    """Who is with whom, by what each node says of itself; the one that should lose first."""
    found: dict[frozenset[str], list[Any]] = {}
    names = {row.name for row in rows if row.running}
    for row in rows:
        if row.running:
            found.setdefault(frozenset(names - _parted(row)), []).append(row)
    told = [
        Side(
            tuple(sorted(row.name for row in each)),
            sum(row.sockets_used or 0 for row in each),
            max(row.sees_queues or 0 for row in each),
        )
        for each in found.values()
    ]
    return sorted(told, key=lambda side: (len(side.nodes), side.connections, side.queues, side.nodes))


def _parted(row: Any) -> set[str]:
    return set((row.partitions or "").split(", ")) - {""}


def chosen(rows: list[Any], loses: str) -> tuple[list[Side], list[Side]]:
    """(the sides that lose, those that stay); `loses` is a node of the losing side. Raises `UsageError`."""
    every = sides(rows)
    if len(every) < 2:
        raise UsageError("there are no two sides", "`nephoscope get rabbitmq-nodes`")
    if not loses:
        return every[:-1], every[-1:]
    losing = [side for side in every if loses in side.nodes]
    if not losing:
        told = "; ".join(side.words for side in every)
        raise UsageError(f"{loses[:60]} is on no side", f"loses=NODE: one of {told}")
    return losing, [side for side in every if side not in losing]


def _heal(asked: Asked) -> Work:
    rows = asked.cloud.rows(KIND)
    losing, staying = chosen(rows, asked.values["loses"])
    lost = [row for row in rows if any(row.name in side.nodes for side in losing)]
    stops = [stop_step(asked.cloud, row) for row in lost]
    starts = [start_step(asked.cloud, row, where="running=true partitions=") for row in lost]
    kept = ", ".join(name for side in staying for name in side.nodes)
    return work(
        *stops,
        *starts,
        verify=tuple(node_is(row.name, WELL) for row in rows),
        stops="the clients of " + ", ".join(row.name for row in lost) + " connect to the other side",
        less=f"until they are back, {kept} alone serve",
        notes=(
            f"Lost: what queues on {', '.join(row.name for row in lost)} took in since the cut, and queues made there.",
            "A node of several that lose is started only when all of them have stopped: else they find each other.",
        ),
    )


# -- guards -----------------------------------------------------------------------------------------------------------


def _explained(asked: Asked) -> Verdict:
    """Which side loses and which stays, with what each has."""
    try:
        losing, staying = chosen(asked.cloud.rows(KIND), asked.values["loses"])
    except UsageError as error:
        return is_closed(str(error))
    words = f"loses: {'; '.join(side.words for side in losing)}. Stays: {'; '.join(side.words for side in staying)}"
    if len(staying) > 1:
        return is_closed(f"{words}. More than one would stay: without loses=… all but one lose")
    how = "chosen" if asked.values["loses"] else "proposed: fewer members, clients, queues; else loses=NODE"
    return is_open(f"{words} ({how})")


def _everybody(asked: Asked) -> Verdict:
    """The network is mended: all nodes answer, and each says whom it is parted from."""
    rows = asked.cloud.rows(KIND)
    silent = [row.name for row in rows if row.answers is not True or not row.partitions_known]
    if silent:
        return is_closed(f"{', '.join(silent)} does not say how it stands: mend the network between the nodes first")
    return is_open(f"all {len(rows)} nodes answer")


OPERATIONS = (
    Operation(
        name="rabbitmq-node.heal-partition",
        kind=KIND,
        title="heal the partition that {name} is part of",
        about="start the nodes of the losing side anew, as members of the other side",
        risk="R3",
        account="ssh",
        scope="rabbitmq",
        reads=(KIND,),
        parameters=(
            Parameter("loses", "a node of the side that loses; empty: the one with fewer members, clients, queues", ""),
        ),
        closed=lambda row: "" if row.partitions else "is parted from nobody",
        guards=(
            Guard("everybody", _everybody, "all nodes answer: the network between them is mended"),
            Guard("sides", _explained, "which side loses and which stays, with what each has"),
        ),
        work=_heal,
        irreversible=True,
    ),
)
