"""Where routers and networks go: to the agent that has the fewest, and never twice to the same one. Pure.

Agents are equal in this: Neutron's own schedulers count as well (least routers, least networks), and what a router or a
network costs its agent is not in any of their answers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

Held = Mapping[str, Collection[str]]
"""Agent → what it has."""


class Move(msgspec.Struct, frozen=True):
    """One thing that goes from one agent to another."""

    item: str
    source: str
    target: str


def emptiest(held: Held, item: str = "") -> str | None:
    """The agent with the fewest, of those that have not `item` already; the first by its id of equals."""
    able = [(len(items), agent) for agent, items in held.items() if item not in items]
    return min(able)[1] if able else None


def placed(items: Collection[str], source: str, held: Held) -> list[Move]:
    """Each of `items` to the emptiest of the agents in `held` that has it not; those that none can take are missing."""
    now = {agent: set(has) for agent, has in held.items()}
    found = []
    for item in items:
        target = emptiest(now, item)
        if target is not None:
            now[target].add(item)
            found.append(Move(item, source, target))
    return found


def evened(held: Held, movable: Collection[str], most: int) -> list[Move]:
    """At most so many moves from the fullest agent to the emptiest, until they differ by one or nothing can move."""
    now = {agent: set(has) for agent, has in held.items()}
    found: list[Move] = []
    while len(found) < most and (move := _next(now, set(movable) - {each.item for each in found})) is not None:
        now[move.source].discard(move.item)
        now[move.target].add(move.item)
        found.append(move)
    return found


def _next(now: Mapping[str, set[str]], movable: Collection[str]) -> Move | None:
    """The move that helps most; None when the rest is even, or stuck."""
    by_count = sorted(now, key=lambda agent: (len(now[agent]), agent))
    for source in reversed(by_count):
        for target in by_count:
            if len(now[source]) - len(now[target]) < 2:
                break
            for item in sorted(now[source] - now[target]):
                if item in movable:
                    return Move(item, source, target)
    return None
