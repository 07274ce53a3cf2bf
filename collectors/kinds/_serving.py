"""The agents that serve one network or one router: what Neutron lists below it, said once for both."""

from __future__ import annotations

from typing import Any

from collectors.kind import Column, Link, Row
from collectors.kinds._shared import word
from collectors.kinds.agents import AgentWire
from collectors.values import epoch


class ServingAgent(Row, frozen=True):
    """One agent that serves it."""

    id: str
    host: str
    alive: bool | None
    admin_state_up: bool | None
    availability_zone: str | None
    heartbeat_timestamp: float | None


def told(wire: AgentWire) -> dict[str, Any]:
    """The fields of a `ServingAgent`."""
    return {
        "id": wire.id,
        "host": word(wire.host) or "",
        "alive": wire.alive,
        "admin_state_up": wire.admin_state_up,
        "availability_zone": word(wire.availability_zone),
        "heartbeat_timestamp": epoch(wire.heartbeat_timestamp),
    }


def columns(of: str, state: tuple[Column, ...] = (), report: tuple[Column, ...] = ()) -> tuple[Column, ...]:
    """The columns below `of` (`network`); `state` stands before the agent's own, `report` after it."""
    first = len(state)  # what is more telling comes first where the screen is narrow
    return (
        Column("host", "HOST", "name", 1),
        *state,
        Column("alive", "ALIVE", "flag", 1 + first),
        Column("admin_state_up", "ADMIN UP", "flag", 2 + first),
        *report,
        Column("availability_zone", "ZONE", "text", 4),
        Column("heartbeat_timestamp", "HEARD", "time", 3, fresh=60.0),
        Column(of, of.upper(), "ref", 6, wide=True),
        Column("id", "ID", "id", 5),
    )


def links(of: str, served: str, words: str) -> tuple[Link, ...]:
    """The links below `of`; `served` is the kind of all that the agent serves, told as `words`."""
    return (
        Link("agents", "id", "id", "the agent"),
        Link(served, "agent", "id", words),
        Link(f"{of}s", "id", of, f"the {of}"),
        Link("namespaces", "host", "host", "namespaces on its host"),
    )
