"""What L3 and DHCP agents carry is moved: all of it away from one (drain), or some of it until they carry alike.

Plain routers go one after another, each down from the moment it is taken until its new agent has set it up. Networks
are given to the new agent before the old one loses them. HA routers are not moved: keepalived has their standby take
over when the agent is disabled, so a drain makes sure that there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from collectors.errors import UsageError
from runbooks.expect import Expect
from runbooks.guards import one_at_a_time, some
from runbooks.operation import (
    Asked,
    Guard,
    Inverse,
    Operation,
    Parameter,
    Stage,
    Step,
    Verdict,
    Work,
    is_closed,
    is_open,
)
from runbooks.operations.agent_work import (
    L3,
    LISTS,
    burden,
    carried,
    give_network,
    give_router,
    is_able,
    peers,
    take_network,
    take_router,
    with_dhcp,
)
from runbooks.operations.agents import READS, switched, taken_over
from runbooks.spreading import Move, evened, placed

ROUTER_PAUSE = "forwards nothing for some seconds, up to a minute, and its connections through NAT break"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _movable(rows: dict[str, Any]) -> dict[str, Any]:
    """Plain routers (no HA) and networks."""
    return {item: row for item, row in rows.items() if not getattr(row, "ha", False)}


def _drain(asked: Asked) -> Work:
    agent, found, others = asked.row, burden(asked.cloud, asked.row), peers(asked.cloud, asked.row)
    down = [Stage((switched(agent, False, asked.values["reason"]),))] if agent.admin_state_up is not False else []
    if agent.agent_type == L3:
        stages = [*_routers_away(asked, others), *down]
    else:
        given, taken = _networks_away(asked, others)
        stages = [*given, *down, *taken]
    if not stages:
        raise UsageError("it is drained already: disabled, with nothing on it that moves")
    left = "ha=false" if agent.agent_type == L3 else ""
    notes = []
    if found.ha:
        told = some([str(row.name) for row in found.ha])
        notes.append(f"{_counted(len(found.ha), 'HA router')} ({told}) stay on its list: their standby takes over.")
    if agent.alive is False and agent.agent_type == L3 and found.alone:
        notes.append("If only the agent is dead, its routers still answer on its host: power it off, or clean them up.")
    return Work(
        tuple(stages),
        (
            Expect(LISTS[agent.agent_type], where=left, absent=True, parent=agent.id),
            Expect("agents", agent.id, "admin_state_up=false"),
            *taken_over(agent, found),
        ),
        Inverse("agent.enable", agent.id, {"description": agent.description or ""}, "enables it; moves nothing back"),
        stops=_stops(found, agent.agent_type),
        less=f"{_counted(len(others), agent.agent_type)} instead of {len(others) + 1} in its zone",
        notes=tuple(notes),
    )


def _stops(found: Any, agent_type: str) -> str:
    told = []
    if agent_type == L3 and found.alone:
        told.append(_pauses([str(row.name) for row in found.alone]))
    if found.ha:
        told.append("HA routers that are active there pause for seconds while they fail over")
    return "; ".join(told) or "nothing"


def _pauses(names: list[str]) -> str:
    return f"{names[0] if len(names) == 1 else f'each of {len(names)} routers'} {ROUTER_PAUSE}"


def _routers_away(asked: Asked, others: Sequence[Any]) -> list[Stage]:
    rows = _movable(carried(asked.cloud, [asked.row])[asked.identity])
    moves, pairs = _away(asked, others, rows), []
    agents = {agent.id: agent for agent in others}
    for move in moves:
        pairs += [take_router(rows[move.item], asked.row), give_router(rows[move.item], agents[move.target])]
    return [Stage(tuple(pairs), 1, f"move {_counted(len(moves), 'router')}, one after another")] if pairs else []


def _networks_away(asked: Asked, others: Sequence[Any]) -> tuple[list[Stage], list[Stage]]:
    """What is given to others, then what is taken from it.

    In between it is disabled: an enabled agent asks Neutron for networks that have too few agents whenever it resyncs.
    """
    rows = carried(asked.cloud, [asked.row])[asked.identity]
    held = carried(asked.cloud, others)
    needy = {item: row for item, row in rows.items() if not any(item in items for items in held.values())}
    agents, dhcp = {agent.id: agent for agent in others}, with_dhcp(asked.cloud)
    given = [
        give_network(rows[move.item], agents[move.target], move.item in dhcp) for move in _away(asked, others, needy)
    ]
    taken = [take_network(row, asked.row) for row in _by_name(rows)]
    return (
        [Stage(tuple(given), 1, f"give {_counted(len(given), 'network')} to other agents")] if given else [],
        [Stage(tuple(taken), 1, f"take {_counted(len(taken), 'network')} from it")] if taken else [],
    )


def _away(asked: Asked, others: Sequence[Any], rows: dict[str, Any]) -> list[Move]:
    return placed([row.id for row in _by_name(rows)], asked.identity, carried(asked.cloud, others))


def _by_name(rows: dict[str, Any]) -> list[Any]:
    return sorted(rows.values(), key=lambda row: (str(row.name), row.id))


# -- evening out ------------------------------------------------------------------------------------------------------


def _group(asked: Asked) -> list[Any]:
    return [asked.row, *peers(asked.cloud, asked.row)]


def _rebalance(asked: Asked) -> Work:
    agents = {agent.id: agent for agent in _group(asked)}
    held = carried(asked.cloud, list(agents.values()))
    rows = {item: row for items in held.values() for item, row in _movable(items).items()}
    moves = evened({agent: tuple(items) for agent, items in held.items()}, rows, int(asked.values["most"]))
    counts = ", ".join(f"{agents[agent].host} {len(items)}" for agent, items in held.items())
    if not moves:
        raise UsageError(f"nothing to even out: {counts}")
    kind, routers = LISTS[asked.row.agent_type], asked.row.agent_type == L3
    dhcp = set() if routers else with_dhcp(asked.cloud)
    steps: list[Step] = []
    for move in moves:
        row, source, target = rows[move.item], agents[move.source], agents[move.target]
        if routers:
            steps += [take_router(row, source), give_router(row, target)]
        else:
            steps += [give_network(row, target, move.item in dhcp), take_network(row, source)]
    noun = "router" if routers else "network"
    return Work(
        (Stage(tuple(steps), 1, f"move {_counted(len(moves), noun)}, one after another"),),
        tuple(Expect(kind, move.item, parent=move.target) for move in moves),
        stops=_pauses([str(rows[move.item].name) for move in moves]) if routers else "nothing",
        notes=(
            f"Now: {counts}.",
            f"A single one is taken back by {'router.move' if routers else 'network.move-dhcp'}.",
        ),
    )


# -- guards -----------------------------------------------------------------------------------------------------------


def _capacity(asked: Asked) -> Verdict:
    others = peers(asked.cloud, asked.row)
    if others:
        hosts = [agent.host for agent in others]
        return is_open(f"{some(hosts)} can take it, in zone {asked.row.availability_zone or 'none'}")
    if not carried(asked.cloud, [asked.row])[asked.identity]:
        return is_open("it carries nothing")
    zone = asked.row.availability_zone or "none"
    return is_closed(f"no other {asked.row.agent_type} in zone {zone} is alive and enabled: start or enable one first")


def _standby(asked: Asked) -> Verdict:
    found = burden(asked.cloud, asked.row)
    if found.stranded:
        names = some([str(row.name) for row in found.stranded])
        return is_closed(f"HA router {names} has no other agent that is alive: give it one first")
    return is_open("each HA router on it has another agent that is alive" if found.ha else "no HA router is on it")


def _single(asked: Asked) -> Verdict:
    """Agents that hand their work to each other do not end."""
    types = [row.agent_type for row in asked.cloud.rows("agents") if row.id in asked.also]
    if types.count(asked.row.agent_type) > 1:
        return is_closed(f"{types.count(asked.row.agent_type)} {asked.row.agent_type}s at once: one after another")
    return is_open("only this one of its type")


def _well(asked: Asked) -> Verdict:
    if not is_able(asked.row):
        return is_closed("it is dead or disabled: name one that is alive, or enable it")
    return is_open("it is alive and enabled")


SINGLE = Guard("single", _single, "only one agent of a type is worked on")
ROWS = "agent_type~^(L3|DHCP).agent$"

OPERATIONS = (
    Operation(
        name="agent.drain",
        kind="agents",
        title="drain the {agent_type} on {host}",
        about="move its routers or networks to other agents of its zone, and disable it",
        risk="R2",
        rows=ROWS,
        parameters=(Parameter("reason", "why; Neutron keeps it as its description", pattern=r".{1,255}"),),
        reads=READS,
        guards=(
            Guard("capacity", _capacity, "another agent of its type and zone is alive and enabled"),
            Guard("standby", _standby, "its HA routers have another agent that is alive"),
            one_at_a_time("agents", "alive=false", lambda row, target: bool(row.agent_type == target.agent_type)),
            SINGLE,
        ),
        work=_drain,
    ),
    Operation(
        name="agent.rebalance",
        kind="agents",
        title="even out what the {agent_type}s of zone {availability_zone} carry",
        about="move routers or networks until all agents of its type and zone carry alike",
        risk="R2",
        rows=ROWS,
        parameters=(Parameter("most", "how many moves at most", "10", pattern=r"[1-9]\d{0,2}"),),
        reads=READS,
        guards=(Guard("target-alive", _well, "the agent is alive and enabled"), SINGLE),
        work=_rebalance,
        scope="agents:{agent_type}",
    ),
)
