"""Routers: moved from one L3 agent to another, failed over to a standby, switched off and on.

A plain router is on one agent; moving it takes it from there and gives it to another. An HA router moves by itself, so
it is failed over instead: the active agent is relieved of it and given it back, by which keepalived elects a standby
and nothing is elected back. That is Neutron's own API; no namespace and no process is touched by hand.
"""

from __future__ import annotations

from typing import Any

from collectors.call import RestCall, path
from collectors.errors import SourceError, UsageError
from runbooks.expect import Expect
from runbooks.guards import some
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
from runbooks.operations.agent_moves import ROUTER_PAUSE
from runbooks.operations.agent_work import L3, agent_named, carried, give_router, is_able, take_router
from runbooks.spreading import emptiest


def _on(asked: Asked) -> list[Any]:
    """The agents that have it."""
    return asked.cloud.rows("router-agents", parent=asked.identity)


def _source(asked: Asked) -> Any | None:
    """The agent that it leaves; None when no agent has it. Raises `UsageError`."""
    having, word = _on(asked), asked.values["from"]
    if not word:
        return having[0] if len(having) == 1 else None
    found = [agent for agent in having if word in (agent.id, agent.host)]
    if not found:
        where = some([agent.host for agent in having]) if having else "on no agent"
        raise UsageError(f"it is not on “{word[:60]}”", f"it is {where}")
    return found[0]


def _suits(asked: Asked, agent: Any) -> bool:
    """The agent's mode can carry such a router."""
    return agent.mode == "dvr_snat" if asked.row.distributed else agent.mode in ("legacy", "dvr_snat", None)


def _target(asked: Asked) -> Any:
    """The agent that gets it: the one that is named, else the emptiest of the same zone. Raises `UsageError`."""
    having = {agent.id for agent in _on(asked)}
    if word := asked.values["to"]:
        return agent_named(asked.cloud, L3, word)
    source = _source(asked)
    able = [
        agent
        for agent in asked.cloud.rows("agents", agent_type=L3)
        if is_able(agent)
        and agent.id not in having
        and _suits(asked, agent)
        and (source is None or agent.availability_zone == source.availability_zone)
    ]
    chosen = emptiest({agent: tuple(items) for agent, items in carried(asked.cloud, able).items()})
    if chosen is None:
        raise UsageError("no other L3 agent of its zone is alive and enabled", "say one: to=HOST, or start one")
    return next(agent for agent in able if agent.id == chosen)


def _move(asked: Asked) -> Work:
    source, target = _source(asked), _target(asked)
    if source is not None and source.id == target.id:
        raise UsageError(f"it is on {target.host} already")
    given = give_router(asked.row, target)
    steps = (given,) if source is None else (take_router(asked.row, source), given)
    proof = [Expect("router-agents", target.id, "alive=true", parent=asked.identity)]
    if given.expect is not None:
        proof.append(given.expect)
    back = None
    if source is not None:
        back = Inverse("router.move", asked.identity, {"from": target.id, "to": source.id}, "moves it back")
    notes = []
    if source is not None and source.alive is False:
        notes.append(f"If {source.host} is up, its router still answers there: power it off, or clean it up.")
    return work(
        *steps,
        verify=tuple(proof),
        inverse=back,
        stops=f"it {ROUTER_PAUSE}" if source is not None else "nothing: no agent has it",
        notes=tuple(notes),
    )


def _failover(asked: Asked) -> Work:
    active = _active(asked)
    if len(active) != 1:
        raise UsageError(f"{len(active)} of its agents are active", "see router-agents")
    old = active[0]
    elsewhere = Expect("router-agents", where=f"ha_state=active host!={old.host}", parent=asked.identity)
    take, give = take_router(asked.row, old), give_router(asked.row, old)
    return work(
        Step(take.text + ": a standby takes over", take.call, take.command, elsewhere, 90.0),
        Step(
            give.text + ", as a standby",
            give.call,
            give.command,
            Expect("router-agents", old.id, "ha_state=standby", parent=asked.identity),
            120.0,
        ),
        verify=(elsewhere, Expect("router-agents", old.id, "ha_state=standby", parent=asked.identity)),
        stops="traffic through it for 1 to 10 s; connections through its NAT break unless conntrackd copies them",
        less=f"{len(_standbys(asked)) - 1} standbys while {old.host} is relieved of it",
        notes=("Nothing fails back by itself.",),
        inverse=Inverse("router.failover", asked.identity, words="fails over once more, to a standby of that moment"),
    )


def _switch(asked: Asked, up: bool) -> Work:
    state = "--enable" if up else "--disable"
    return work(
        Step(
            f"{state.removeprefix('--')} router {asked.name}",
            RestCall("network", "PUT", path("/routers/{}", asked.identity), {"router": {"admin_state_up": up}}),
            f"openstack router set {state} {asked.identity}",
            Expect("routers", asked.identity, f"admin_state_up={'true' if up else 'false'}"),
        ),
        stops="nothing" if up else "everything through it: gateway, floating IPs, traffic between its networks",
        notes=() if up else ("Its agents remove it and build it anew when it is enabled.",),
        inverse=Inverse("router.disable" if up else "router.enable", asked.identity),
    )


# -- guards -----------------------------------------------------------------------------------------------------------


INSTANCES = "router-instances"


def _active(asked: Asked) -> list[Any]:
    return [agent for agent in _on(asked) if agent.ha_state == "active"]


def _standbys(asked: Asked) -> list[Any]:
    return [agent for agent in _on(asked) if agent.ha_state == "standby" and is_able(agent)]


def _plain(asked: Asked) -> Verdict:
    if asked.row.ha is None:
        return is_unknown("Neutron does not say whether it is HA")
    if asked.row.ha:
        return is_closed("it is HA and moves by itself: router.failover, or agent.disable on its active agent")
    return is_open("it is on one agent only")


def _alive(asked: Asked) -> Verdict:
    """The agent that gets it is alive, enabled, and of a mode and zone that fit."""
    try:
        source, target = _source(asked), _target(asked)
    except UsageError as error:
        return is_closed(str(error))
    if not is_able(target):
        return is_closed(f"the L3 agent on {target.host} is dead or disabled")
    if not _suits(asked, target):
        return is_closed(f"the L3 agent on {target.host} is of mode {target.mode}, which cannot carry it")
    if source is not None and source.availability_zone != target.availability_zone:
        zones = f"{target.availability_zone}, not {source.availability_zone}"
        return is_closed(f"{target.host} is of zone {zones}: name an agent of its zone")
    return is_open(f"the L3 agent on {target.host} is alive and enabled")


def _one_active(asked: Asked) -> Verdict:
    active = _active(asked)
    if len(active) > 1:
        hosts = some([agent.host for agent in active])
        return is_closed(f"active on {hosts} at once: mend its HA network first, then see which one is right")
    if not active:
        return is_closed("no agent is active: nothing to fail over; see keepalived on its agents' hosts")
    return _also_on_hosts(asked, active[0].host)


def _also_on_hosts(asked: Asked, host: str) -> Verdict:
    """Neutron has what its agents told it last; where the hosts can be asked, its addresses must be there alone.

    Hosts that do not answer close nothing: that its agents report is what Neutron's own failover goes by.
    """
    if not asked.cloud.can_ask(INSTANCES):
        return is_open(f"active on {host}")
    try:
        found = asked.cloud.rows(INSTANCES, id=asked.identity)
    except SourceError as error:
        return is_open(f"active on {host}, as its agents told; its hosts were not asked: {error}")
    if not found or (found[0].silent and not found[0].active_hosts):
        return is_open(f"active on {host}, as its agents told; its hosts did not answer")
    seen = found[0].active_on or "none of its hosts"
    if seen == host:
        return is_open(f"active on {host}, and its addresses are there")
    return is_closed(f"its agents say {host}, but its addresses are on {seen}: wait, or namespace.resync there first")


def _standby(asked: Asked) -> Verdict:
    able = [agent.host for agent in _standbys(asked)]
    if not able:
        return is_closed("no standby is alive and enabled: start an L3 agent that has it first")
    return is_open(f"standby on {some(able)}, alive")


OPERATIONS = (
    Operation(
        name="router.move",
        kind="routers",
        title="move router {name} to another L3 agent",
        about="take it from its L3 agent and give it to another; or give one that has none",
        risk="R2",
        parameters=(
            Parameter("from", "host or id of the L3 agent that has it", "", pattern=r"[\w.:-]{0,100}"),
            Parameter(
                "to", "host or id of the L3 agent; empty: the one with the fewest", "", pattern=r"[\w.:-]{0,100}"
            ),
        ),
        reads=("agents",),
        guards=(
            Guard("not-ha", _plain, "it is no HA router: those move by themselves"),
            Guard("target-alive", _alive, "the other agent is alive, enabled, of its zone and mode"),
        ),
        work=_move,
    ),
    Operation(
        name="router.failover",
        kind="routers",
        title="fail HA router {name} over to a standby",
        about="relieve its active L3 agent, so that a standby takes over",
        risk="R2",
        rows="ha=true",
        reads=(INSTANCES,),
        guards=(
            Guard("one-active", _one_active, "exactly one of its agents is active, and its addresses are there"),
            Guard("standby", _standby, "a standby of it is alive and enabled"),
        ),
        work=_failover,
    ),
    Operation(
        name="router.disable",
        kind="routers",
        title="disable router {name}",
        about="have it forward nothing, until it is enabled again",
        risk="R2",
        closed=lambda row: "is disabled already" if row.admin_state_up is False else "",
        work=lambda asked: _switch(asked, False),
    ),
    Operation(
        name="router.enable",
        kind="routers",
        title="enable router {name}",
        about="have its agents build it again",
        risk="R1",
        closed=lambda row: "is enabled already" if row.admin_state_up else "",
        work=lambda asked: _switch(asked, True),
    ),
)
